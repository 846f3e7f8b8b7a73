"""
What holds the house together, checked on the text of the sources.

Each check is a function from one `Source` to its faults; the first half of this file defines them,
the tests run each over the whole repository, and the last tests feed each a violation, so that a
check that has gone blind is noticed.
"""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "src/tacoma"

# Imports go only to the same group or to an earlier one.
LAYERS = (
    {"errors", "units", "bounds", "compile"},
    {"rules"},
    {"conform"},
    {"scenario"},
    {"world"},
    {"reference"},
    {"systems"},
    {"engine"},
    {"store"},
    {"report"},
    {"lab"},
    {"cli", "__main__"},
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
DETERMINISTIC = ("rules", "world", "reference", "systems", "engine")

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
LINE_CHARACTERS_MAX = 100

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: its path in the repository and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def in_package(self) -> bool:
        return self.path.startswith(f"{PACKAGE}/")

    @property
    def module(self) -> tuple[str, ...]:
        """`src/tacoma/store/digest.py` is ("store", "digest"), a package's __init__ its name."""
        parts = Path(self.path).relative_to(PACKAGE).with_suffix("").parts
        return parts[:-1] if parts[-1] == "__init__" else parts

    @property
    def layer(self) -> str:
        return self.module[0] if self.in_package and self.module else ""

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def fault(self, node: ast.AST | int, message: str) -> str:
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return f"{self.path}:{line}: {message}"


Check = Callable[[Source], Iterator[str]]


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for such an expression, and nothing for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (prefix := dotted(node.value)):
        return f"{prefix}.{node.attr}"
    return ""


def imported(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """Every name that the file imports, absolute: `from tacoma import units` is tacoma.units."""
    package = ("tacoma", *source.module) if source.in_package else ()
    if package and not source.path.endswith("/__init__.py"):
        package = package[:-1]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            prefix = ".".join((*start, *filter(None, [node.module])))
            for alias in node.names:
                yield node, f"{prefix}.{alias.name}"


def layers_run_down(source: Source) -> Iterator[str]:
    if not source.layer:  # the public API in tacoma/__init__.py may reach everywhere, lazily
        return
    if source.layer not in RANK:
        yield source.fault(1, f"{source.layer} has no place in LAYERS of tests/test_tidy.py")
        return
    for node, name in imported(source):
        if name != "tacoma" and not name.startswith("tacoma."):
            continue
        target = name.split(".")[1] if "." in name else ""
        if target == "__version__":
            continue
        if target not in RANK:
            yield source.fault(node, f"import from the module's own file, not {name}")
        elif RANK[target] > RANK[source.layer]:
            yield source.fault(node, f"{source.layer} must not import {target}, a layer above it")


BANNED_IMPORTS = {"time", "random", "uuid", "secrets"}
BANNED_NAMES = re.compile(
    r"(datetime\.)*(datetime|date)\.(now|utcnow|today)"
    r"|os\.(environ|environb|getenv|urandom)(\..*)?"
)
BANNED_BUILTINS = {"hash": "differs between processes", "id": "is an address"}
SEEDED = {"Generator", "Philox", "SeedSequence"}


def no_hidden_input(source: Source) -> Iterator[str]:
    if source.layer not in DETERMINISTIC:
        return
    for node, name in imported(source):
        parts = name.split(".")
        if parts[0] in BANNED_IMPORTS or BANNED_NAMES.fullmatch(name):
            yield source.fault(node, f"{name} makes a run depend on more than its seed")
        if parts[:2] == ["numpy", "random"] and parts[2:] and parts[2] not in SEEDED:
            yield source.fault(node, f"{name} is not Generator(Philox(key))")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            name = dotted(node)
            if BANNED_NAMES.fullmatch(name):
                yield source.fault(node, f"{name} makes a run depend on more than its seed")
            found = re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", name)
            if found and found[1] not in SEEDED:
                yield source.fault(node, f"{name} is not Generator(Philox(key))")
        elif isinstance(node, ast.Call):
            name = dotted(node.func)
            if name.split(".")[-1] in {"Philox", "SeedSequence"}:
                if not node.args and not node.keywords:
                    yield source.fault(node, f"{name}() draws its seed from the machine")
            elif name in BANNED_BUILTINS:
                yield source.fault(node, f"{name}() {BANNED_BUILTINS[name]}")


# What consumes its first argument in order; sorted, len, min, max and sum of a set are fine.
ORDERED_CONSUMERS = {"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "array", "join"}
ORDERED_CONSUMERS |= {"fromiter", "asarray", "dict", "chain", "extend"}


def no_set_iteration(source: Source) -> Iterator[str]:
    if source.layer not in DETERMINISTIC:
        return
    set_names: set[str] = set()

    def is_set(node: ast.expr) -> bool:
        if isinstance(node, ast.Call):
            return dotted(node.func) in {"set", "frozenset"}
        if isinstance(node, ast.BinOp):  # a union, for one
            return is_set(node.left) or is_set(node.right)
        return isinstance(node, ast.Set | ast.SetComp) or dotted(node) in set_names

    for node in ast.walk(source.tree):
        if isinstance(node, ast.Assign) and is_set(node.value):
            set_names.update(filter(None, map(dotted, node.targets)))
        elif isinstance(node, ast.AnnAssign) and node.value and is_set(node.value):
            set_names.add(dotted(node.target))
    for node in ast.walk(source.tree):
        consumed: list[ast.expr] = []
        if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            consumed = [node.iter]
        elif isinstance(node, ast.Starred):
            consumed = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            consumed = node.args if name in ORDERED_CONSUMERS else []
        for expression in consumed:
            if is_set(expression):
                yield source.fault(expression, "a set has no order; sort it before iterating")


def no_fastmath(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        keys = node.keys if isinstance(node, ast.Dict) else []
        named = isinstance(node, ast.keyword) and node.arg == "fastmath"
        if named or any(isinstance(key, ast.Constant) and key.value == "fastmath" for key in keys):
            line = node.value if isinstance(node, ast.keyword) else node
            yield source.fault(line, "fastmath lets the compiler decide the last digit")


def short_functions(source: Source) -> Iterator[str]:
    for node in source.functions():
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
        if lines > FUNCTION_LINES_MAX:
            yield source.fault(
                node,
                f"{node.name} has {lines} lines without its docstring; "
                f"split it, the limit is {FUNCTION_LINES_MAX}",
            )


def short_files(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > FILE_LINES_MAX:
        yield source.fault(lines, f"{lines} lines; one idea per file, at most {FILE_LINES_MAX}")


def short_lines(source: Source) -> Iterator[str]:
    for number, line in enumerate(source.text.splitlines(), start=1):
        if len(line) > LINE_CHARACTERS_MAX and "://" not in line:
            yield source.fault(number, f"{len(line)} characters, at most {LINE_CHARACTERS_MAX}")


VENUES = re.compile(
    r"(binance|bybit|okx|bitmex|deribit|hyperliquid|dydx|drift_|gmx|synthetix|mango|vertex|curie"
    r"|paradex|derive_|lyra|lighter_|aave|uniswap)",
    re.IGNORECASE,
)


def no_venue_in_code(source: Source) -> Iterator[str]:
    """One interpreter reads every rulebook: what code is called by says what it does."""
    if source.layer not in ("rules", "scenario", "world", "reference", "systems", "engine"):
        return
    for node in ast.walk(source.tree):
        names = [getattr(node, field, None) for field in ("id", "attr", "name", "arg")]
        for name in names:
            if isinstance(name, str) and VENUES.search(name):
                yield source.fault(node, f"{name} is named after a venue")


def rules_name_their_source(source: Source) -> Iterator[str]:
    if source.layer != "rules" or source.module[1:2] == ("numbers",):  # no venue's rule
        return
    for node in source.tree.body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            docstring = ast.get_docstring(node) or ""
            if not any(line.strip().startswith("Source:") for line in docstring.splitlines()):
                yield source.fault(node, f"{node.name} needs a docstring line `Source: ...`")


def numba_has_one_door(source: Source) -> Iterator[str]:
    if not source.in_package or source.module == ("compile",):
        return
    for node, name in imported(source):
        if name.split(".")[0] in {"numba", "llvmlite"}:
            yield source.fault(node, f"{name} is for tacoma/compile.py; use kernel and entry")


def modules_have_docstrings(source: Source) -> Iterator[str]:
    if source.in_package and not Path(source.path).name.startswith("_private"):
        if not (ast.get_docstring(source.tree) or "").strip():
            yield source.fault(1, "a module starts with a docstring that says what it is for")


# Written so that this file does not itself contain what it looks for.
MACHINE_PATHS = re.compile(
    r"(?<![\w./~$}\-])/(?:(?:work|tmp|root)\b(?!-)|(?:home|opt|Users|mnt)/)"
    r"|[A-Z]:\\{1,2}Users|file:/{3}"
)
REGISTRY_HOSTS = re.compile(
    r"\b(?:[pP]y[pP]i\.(?:org|io|python\.org)|python[h]osted\.org|registry\.npm[j]s\.org"
    r"|art[i]factory|dev[p]i)\b|--(?:extra-)?index-[u]rl|--find-[l]inks"
)


def no_places(path: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, kind in (MACHINE_PATHS, "machine's path"), (REGISTRY_HOSTS, "registry's name"):
            if found := pattern.search(line):
                yield f"{path}:{number}: {found[0]!r} is one {kind}; a reader has another"


CHECKS: tuple[Check, ...] = (
    layers_run_down,
    no_hidden_input,
    no_set_iteration,
    no_fastmath,
    short_functions,
    short_files,
    short_lines,
    no_venue_in_code,
    rules_name_their_source,
    numba_has_one_door,
    modules_have_docstrings,
)


def python_sources() -> list[Source]:
    paths = sorted(p for top in ("src", "tests", "bench") for p in (ROOT / top).rglob("*.py"))
    return [Source(p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in paths]


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Every text file that is, or would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git repository: there is no list of tracked files")
    for name in sorted(filter(None, listing.stdout.split("\0"))):
        path = ROOT / name
        if path.is_file():
            content = path.read_bytes()
            if b"\0" not in content:
                yield name, content.decode("utf-8", errors="replace")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_sources_are_tidy(check):
    """No Python file of the repository breaks this rule of the house."""
    faults = [fault for source in python_sources() for fault in check(source)]
    assert not faults, "\n" + "\n".join(faults)


def test_no_file_names_a_place_of_one_machine():
    """Tracked text holds no machine's paths and no registry's host: it is the same everywhere."""
    faults = [fault for name, text in tracked_texts() for fault in no_places(name, text)]
    assert not faults, "\n" + "\n".join(faults)


def test_lock_names_versions_and_hashes_only():
    """The lock holds no address, and every requirement in it has a version and a hash."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    requirements = text.replace("\\\n", " ").strip().splitlines()
    assert requirements
    assert [r for r in requirements if "==" not in r or "--hash=sha256:" not in r] == []


def test_checks_see_the_repository():
    """The checks look at the package and at themselves, not at an empty list."""
    paths = {source.path for source in python_sources()}
    assert {"src/tacoma/__init__.py", "src/tacoma/compile.py", "tests/test_tidy.py"} <= paths


RULES, ENGINE, LAB = f"{PACKAGE}/rules/x.py", f"{PACKAGE}/engine.py", f"{PACKAGE}/lab/x.py"
LONG_BODY = "\n".join(["    x = 1"] * FUNCTION_LINES_MAX)


@pytest.mark.parametrize(
    ("check", "path", "text", "line"),
    [
        (layers_run_down, RULES, "import os\nfrom tacoma.world import state", 2),
        (layers_run_down, RULES, "from tacoma import world", 1),
        (layers_run_down, RULES, "import tacoma.cli", 1),
        (layers_run_down, RULES, "from ..engine import advance", 1),
        (layers_run_down, RULES, "from .. import lab", 1),
        (layers_run_down, f"{PACKAGE}/rules/__init__.py", "from ..engine import advance", 1),
        (layers_run_down, RULES, "def f():\n    from tacoma.lab import run", 2),
        (layers_run_down, LAB, "from tacoma import run", 1),
        (layers_run_down, f"{PACKAGE}/elsewhere.py", "", 1),
        (no_hidden_input, RULES, "import time", 1),
        (no_hidden_input, RULES, "from time import monotonic", 1),
        (no_hidden_input, ENGINE, "import random", 1),
        (no_hidden_input, ENGINE, "import uuid", 1),
        (no_hidden_input, ENGINE, "from os import environ", 1),
        (no_hidden_input, ENGINE, "import os\nx = os.environ['X']", 2),
        (no_hidden_input, ENGINE, "import os\nx = os.environ.get('X')", 2),
        (no_hidden_input, ENGINE, "x = datetime.now()", 1),
        (no_hidden_input, ENGINE, "x = datetime.datetime.utcnow()", 1),
        (no_hidden_input, ENGINE, "x = np.random.normal()", 1),
        (no_hidden_input, ENGINE, "x = np.random.default_rng()", 1),
        (no_hidden_input, ENGINE, "x = np.random.Generator(np.random.Philox())", 1),
        (no_hidden_input, ENGINE, "from numpy.random import default_rng", 1),
        (no_hidden_input, ENGINE, "x = hash('name')", 1),
        (no_set_iteration, RULES, "for x in {1, 2}:\n    pass", 1),
        (no_set_iteration, RULES, "x = [y for y in set(z)]", 1),
        (no_set_iteration, RULES, "x = list(frozenset(z))", 1),
        (no_set_iteration, RULES, "s = {1, 2}\nfor x in s:\n    pass", 2),
        (no_set_iteration, RULES, "x = ','.join({y for y in z})", 1),
        (no_set_iteration, RULES, "x = [*set(z)]", 1),
        (no_set_iteration, RULES, "for x in {1} | {2}:\n    pass", 1),
        (no_fastmath, "bench/x.py", "f = njit(fastmath=True)(g)", 1),
        (no_fastmath, "bench/x.py", "o = {'nogil': True, 'fastmath': False}", 1),
        (short_functions, "tests/x.py", f"def f():\n{LONG_BODY}", 1),
        (short_functions, "tests/x.py", f"class A:\n  def f():\n{LONG_BODY}", 2),
        (short_files, "tests/x.py", "x = 1\n" * (FILE_LINES_MAX + 1), FILE_LINES_MAX + 1),
        (short_lines, "tests/x.py", "\n# " + "x" * (LINE_CHARACTERS_MAX - 1), 2),
        (no_venue_in_code, RULES, "def mark_binance():\n    pass", 1),
        (rules_name_their_source, RULES, '\ndef f():\n    """Text."""', 2),
        (rules_name_their_source, RULES, "def f():\n    pass", 1),
        (numba_has_one_door, ENGINE, "import numba", 1),
        (numba_has_one_door, ENGINE, "def f():\n    from numba.core import types", 2),
        (modules_have_docstrings, ENGINE, "x = 1", 1),
    ],
)
def test_check_catches(check, path, text, line):
    """Each check reports this violation, at its file and line."""
    faults = list(check(Source(path, text)))
    assert faults
    assert faults[0].startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("check", "path", "text"),
    [
        (
            layers_run_down,
            ENGINE,
            "from tacoma.rules.margins.margin import f\nfrom tacoma import units",
        ),
        (layers_run_down, RULES, "from .tiers import f\nfrom . import tiers\nfrom .. import units"),
        (
            layers_run_down,
            f"{PACKAGE}/rules/__init__.py",
            "from .tiers import f\nfrom ..units import g",
        ),
        (layers_run_down, f"{PACKAGE}/__init__.py", "from tacoma.cli import main"),
        (layers_run_down, LAB, "from tacoma import __version__\nimport tacomatic"),
        (layers_run_down, "tests/x.py", "from tacoma import run"),
        (no_hidden_input, ENGINE, "x = np.random.Generator(np.random.Philox(key=seed))"),
        (no_hidden_input, ENGINE, "from datetime import datetime\nx = datetime(2025, 10, 10)"),
        (no_hidden_input, LAB, "import time\nx = time.monotonic()"),
        (no_set_iteration, RULES, "for x in sorted({1, 2}):\n    y = x in {3, 4}"),
        (no_set_iteration, LAB, "for x in {1, 2}:\n    pass"),
        (no_fastmath, ENGINE, "# no fastmath=True\nx = 'fastmath'"),
        (short_functions, "tests/x.py", f'def f():\n    """One\n\n    two."""\n{LONG_BODY[10:]}'),
        (short_lines, "tests/x.py", "x" * LINE_CHARACTERS_MAX),
        (rules_name_their_source, RULES, 'def f():\n    """Text.\n\n    Source: a venue.\n    """'),
        (rules_name_their_source, RULES, "def _f():\n    pass"),
        (numba_has_one_door, f"{PACKAGE}/compile.py", "import numba"),
        (modules_have_docstrings, ENGINE, '"""The story of one second."""'),
    ],
)
def test_check_allows(check, path, text):
    """What the house allows is not reported."""
    assert list(check(Source(path, text))) == []


SLASH = "/"


@pytest.mark.parametrize(
    ("text", "is_fault"),
    [
        (f"see {SLASH}tmp{SLASH}x", True),
        (f"cd {SLASH}work", True),
        (f'"{SLASH}root"', True),
        (f"`{SLASH}home{SLASH}me{SLASH}x`", True),
        (f"file:{SLASH}{SLASH}{SLASH}x", True),
        ("https:/" + "/py" + "pi.org/simple", True),
        ("--index" + "-url x", True),
        ("https:/" + "/example.org/home/page and/or networks/work", False),
        ("#!/usr/bin/env bash", False),
        ("runs/demo/report.html, ../shared/data, ~/.cache/tacoma", False),
    ],
)
def test_places_are_recognised(text, is_fault):
    """A machine's path or a registry's host is found; an address or a relative path is not."""
    assert bool(list(no_places("x.md", text))) is is_fault
