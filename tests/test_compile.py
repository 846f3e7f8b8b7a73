"""The two decorators, and the directory in which machine code is kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tacoma import compile as compilation


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """No variable of the caller decides where the cache is, and nothing is remembered."""
    for variable in ("TACOMA_CACHE_DIR", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    compilation.cache_directory.cache_clear()
    yield monkeypatch
    compilation.cache_directory.cache_clear()


def run_python(code: str, **variables: str) -> str:
    """Run code in a new process and return what it prints."""
    environment = {**os.environ, **variables}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize(
    ("variables", "base"),
    [
        ({}, "home/.cache/tacoma"),
        ({"XDG_CACHE_HOME": "{tmp}/xdg"}, "xdg/tacoma"),
        ({"XDG_CACHE_HOME": "relative"}, "home/.cache/tacoma"),
        ({"NUMBA_CACHE_DIR": "{tmp}/n", "XDG_CACHE_HOME": "{tmp}/xdg"}, "n"),
        ({"TACOMA_CACHE_DIR": "{tmp}/t", "NUMBA_CACHE_DIR": "{tmp}/n"}, "t"),
    ],
)
def test_place_of_the_cache(fresh, tmp_path, variables, base):
    """The nearest variable decides the place; the digest of the sources is always part of it."""
    for name, value in variables.items():
        fresh.setenv(name, value.format(tmp=tmp_path))
    directory = compilation.cache_directory()
    assert directory == tmp_path / base / f"kernels-{compilation.source_digest()}"
    assert directory.is_dir()
    assert not compilation.cache_is_warm()
    (directory / "tables.fill_deductions-9.nbi").touch()
    assert not compilation.cache_is_warm()
    (directory / "engine.advance-115.nbi").touch()
    assert compilation.cache_is_warm()


def test_unwritable_place_gives_a_private_temporary_one(fresh, tmp_path):
    """Where nothing can be written, the cache is a new directory that only this user can read."""
    (tmp_path / "file").touch()
    fresh.setenv("TACOMA_CACHE_DIR", str(tmp_path / "file"))
    directory = compilation.cache_directory()
    assert tmp_path not in directory.parents
    assert directory.stat().st_mode & 0o077 == 0
    directory.rmdir()


def test_three_newest_directories_are_kept(fresh, tmp_path):
    """Of the caches of older sources the two last used stay; nothing else is ever removed."""
    fresh.setenv("TACOMA_CACHE_DIR", str(tmp_path))
    old = [tmp_path / f"kernels-{digit * 32}" for digit in "abcd"]
    for age, directory in enumerate(old):
        directory.mkdir()
        (directory / "tables.fill_deductions-9.nbi").touch()
        os.utime(directory, (1_000_000 - age, 1_000_000 - age))
    foreign = tmp_path / "kernels-of-somebody-else"
    foreign.mkdir()
    current = compilation.cache_directory()
    assert set(tmp_path.iterdir()) == {current, foreign, *old[:2]}


def test_asking_for_the_cache_does_not_import_numba():
    """A command can ask whether a compilation lies ahead without paying for numba's start."""
    code = "import sys, tacoma.compile as c; c.cache_is_warm(); print('numba' in sys.modules)"
    assert run_python(code).strip() == "False"


PROGRAM = """
import sys
from tacoma import compile as c
import numba
import {module} as m
print(m.double_plus_one(20), type(m.double_plus_one).__name__, c.jit_enabled())
print(numba.config.CACHE_DIR == "")
if c.jit_enabled():
    print(sum(m.double_plus_one.stats.cache_hits.values()), len(m.double.signatures))
"""
MODULE = """
from tacoma.compile import entry, kernel

@kernel
def double(x):
    return 2 * x

@entry
def double_plus_one(x):
    return double(x) + 1
"""


def test_entry_is_compiled_once_and_then_loaded(tmp_path):
    """A second process loads the entry from the cache and compiles none of its kernels."""
    (tmp_path / "cached_module.py").write_text(MODULE, encoding="utf-8")
    code = PROGRAM.format(module="cached_module")
    environment = {
        "TACOMA_CACHE_DIR": str(tmp_path / "cache"),
        "NUMBA_CACHE_DIR": "",
        "NUMBA_DISABLE_JIT": "0",
        "PYTHONPATH": str(tmp_path),
    }
    compiled = ["41", "CPUDispatcher", "True", "True"]
    assert run_python(code, **environment).split() == [*compiled, "0", "1"]
    assert run_python(code, **environment).split() == [*compiled, "1", "0"]


def test_without_compilation_the_decorators_return_the_function(tmp_path):
    """With NUMBA_DISABLE_JIT=1 the same source runs as plain Python."""
    (tmp_path / "plain_module.py").write_text(MODULE, encoding="utf-8")
    environment = {
        "TACOMA_CACHE_DIR": str(tmp_path / "cache"),
        "NUMBA_CACHE_DIR": "",
        "NUMBA_DISABLE_JIT": "1",
        "PYTHONPATH": str(tmp_path),
    }
    output = run_python(PROGRAM.format(module="plain_module"), **environment).split()
    assert output == ["41", "function", "False", "True"]


def test_digest_follows_the_sources(monkeypatch, tmp_path):
    """Another content or another name of any source file of the package is another digest."""
    package = tmp_path / "package"
    (package / "rules").mkdir(parents=True)
    monkeypatch.setattr(compilation, "__file__", str(package / "compile.py"))
    digest = compilation.source_digest.__wrapped__
    seen = {digest()}
    inner = package / "rules" / "margin.py"
    for content in ("x = 1", "x = 2"):
        inner.write_text(content, encoding="utf-8")
        seen.add(digest())
    inner.rename(Path(inner).with_name("tiers.py"))
    seen.add(digest())
    assert len(seen) == 4
