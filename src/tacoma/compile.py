"""
Compilation: the two decorators that turn a function into machine code, and where it is kept.

This is the only module that imports numba, and it does so at the first decorated kernel:
importing this module alone costs nothing, so a command can ask `cache_is_warm()` and announce a
compilation before it starts.

* `rule` for a pure function over integers. Compiled code calls its machine form; Python's own call
  runs the source, exact over unbounded integers.
* `kernel` for every inner function of the engine. It is compiled as part of whoever calls it and
  has no entrance for Python, which would take longer to compile than the function itself, and
  counts no references; `allocating_kernel` is for the few that create arrays.
* `entry` for the few functions that Python calls. Their machine code is kept on disk.

One set of options serves all functions and is never varied, because numba's own cache key knows
neither the options nor the functions that an entry calls in other files. The place of the cache
therefore carries a digest of everything that decides the machine code (see `source_digest`):
a changed source means another directory, never stale code.

The cache lives in `$TACOMA_CACHE_DIR`, else `$NUMBA_CACHE_DIR`, else `$XDG_CACHE_HOME/tacoma`,
else `~/.cache/tacoma`. Where that place cannot be written, a temporary directory takes its place
until the process ends: everything works, and compiles anew at each start.
With `NUMBA_DISABLE_JIT=1` both decorators return the Python function itself.
"""

import atexit
import functools
import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

KEPT_DIRECTORIES_MAX: Final = 3
COMPILED_PARTS: Final = ("*.py", "rules/**/*.py", "world/*.py", "systems/**/*.py")
STEP_LOOP: Final = "engine.advance"  # the one entry that takes long to compile
_DIRECTORY_NAME = re.compile(r"kernels-[0-9a-f]{32}")


# nogil lets threads of one process run independent worlds. No fastmath: floats must not depend on
# the compiler's taste. No parallel: runs are parallel, the inside of a run is not. Reference counts
# (_nrt) are stated for each, because numba hands a caller's setting down to those it calls.
RULE_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "_nrt": True}
ALLOCATING_OPTIONS: Final[dict[str, Any]] = RULE_OPTIONS | {
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
KERNEL_OPTIONS: Final[dict[str, Any]] = ALLOCATING_OPTIONS | {"_nrt": False}


class Rule:
    """
    A pure function over integers: exact when Python calls it, machine code when the engine does.

    Python's call runs the source as it stands, over unbounded integers (or fractions), and so do
    the rules that it calls: nothing can overflow. Compiled code that names the rule gets its
    machine form over int64, made at the first use. `machine` is that form for Python callers who
    want to compare the two.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Keep the source; compile nothing yet."""
        functools.update_wrapper(self, function)
        self._function = function

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - what the source takes and gives
        """Return the exact result."""
        return self._function(*arguments)

    @functools.cached_property
    def machine(self) -> Callable[..., Any]:
        """The compiled form; integers outside int64 are refused by its entrance."""
        import numba

        return cast("Callable[..., Any]", numba.njit(**RULE_OPTIONS)(self._function))

    @functools.cached_property
    def _numba_type_(self) -> Any:  # noqa: ANN401 - numba has no static types
        """What numba asks of a value that compiled code names: here, its machine form."""
        from numba.core import types

        return types.Dispatcher(self.machine)


class Model(Rule):
    """A pure function over floats: what is believed, never who owns what."""


def model(function: FunctionT) -> FunctionT:
    """Make a model: like a rule, but over floats; Python and compiled code may both call it."""
    return cast("FunctionT", Model(function))


def rule(function: FunctionT) -> FunctionT:
    """
    Make a rule: exact when called from Python, machine code when named by compiled code.

    Decorating costs microseconds and imports nothing. With `NUMBA_DISABLE_JIT=1` the engine is
    interpreted as a whole, rules included.
    """
    return cast("FunctionT", Rule(function))


def kernel(function: FunctionT) -> FunctionT:
    """
    Compile an inner function, as part of the entry that calls it; nothing is kept on disk.

    Decorating costs microseconds; the compilation happens at the first call from compiled code.
    A kernel creates no array: it is compiled without reference counts, whose atomic operations
    took more than half of a run's time. The entry holds every array for as long as it runs.
    """
    import numba

    return cast(
        "FunctionT",
        numba.njit(**KERNEL_OPTIONS)(function),
    )


def allocating_kernel(function: FunctionT) -> FunctionT:
    """Compile an inner function that creates arrays; otherwise like `kernel`."""
    import numba

    return cast(
        "FunctionT",
        numba.njit(**ALLOCATING_OPTIONS)(function),
    )


def entry(function: FunctionT) -> FunctionT:
    """
    Compile a function that Python calls, and keep its machine code in `cache_directory()`.

    Only for functions of this package: the digest of the directory covers no other sources.
    """
    import numba

    if not jit_enabled():
        return function
    # numba fixes the place when it decorates. Setting it for that moment only leaves the cache of
    # a caller's own functions where it was, and works when numba was imported before this module.
    config: Any = numba.config
    place_before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_directory())
    try:
        return cast("FunctionT", numba.njit(nogil=True, cache=True)(function))
    finally:
        config.CACHE_DIR = place_before


def jit_enabled() -> bool:
    """Say whether the decorators compile (true unless `NUMBA_DISABLE_JIT` is set)."""
    import numba

    config: Any = numba.config
    return not config.DISABLE_JIT


def cache_is_warm() -> bool:
    """Say whether the step loop of exactly these sources has been compiled and kept."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return True  # nothing will be compiled
    return any(cache_directory().rglob(f"{STEP_LOOP}*.nbi"))


@functools.cache
def cache_directory() -> Path:
    """Return the directory of the machine code of exactly these sources; it exists."""
    name = f"kernels-{source_digest()}"
    base = _base_directory()
    if base is not None and _is_writable(base / name):
        _remove_old_directories(base, base / name)
        return base / name
    # A fresh private directory, not a predictable name: whoever could write into the cache could
    # run code as this user.
    temporary = Path(tempfile.mkdtemp(prefix="tacoma-"))
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return temporary


@functools.cache
def source_digest() -> str:
    """
    Return 32 hexadecimal digits over all that decides the machine code.

    That is: the name and content of every module that can hold compiled code or a constant of it,
    with the options above, and the versions of numba, llvmlite, numpy and Python. numba itself
    adds the processor to its key.
    """
    package = Path(__file__).parent
    digest = hashlib.sha256()
    modules = [path for part in COMPILED_PARTS for path in package.glob(part)]
    for path in sorted(modules):
        digest.update(f"{path.relative_to(package).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    versions = {name: importlib.metadata.version(name) for name in ("numba", "llvmlite", "numpy")}
    digest.update(repr((versions, platform.python_version())).encode())
    return digest.hexdigest()[:32]


def _base_directory() -> Path | None:
    """Return the directory under which caches live, or None where the user has no home."""
    for variable in ("TACOMA_CACHE_DIR", "NUMBA_CACHE_DIR"):
        if chosen := os.environ.get(variable):
            return Path(chosen).absolute()
    # The XDG rules say that a relative path is to be ignored.
    if (xdg := os.environ.get("XDG_CACHE_HOME")) and Path(xdg).is_absolute():
        return Path(xdg) / "tacoma"
    try:
        return Path.home() / ".cache" / "tacoma"
    except RuntimeError:
        return None


def _is_writable(directory: Path) -> bool:
    """Make the directory where missing and say whether files can be written into it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
        os.utime(directory)  # used now: the last to be removed
    except OSError:
        return False
    return True


def _remove_old_directories(base: Path, current: Path) -> None:
    """Keep the current and the most recently used others, as far as the file system allows."""
    try:
        others = [
            (path.stat().st_mtime_ns, path)
            for path in base.iterdir()
            if _DIRECTORY_NAME.fullmatch(path.name) and path != current
        ]
    except OSError:
        return
    for _, path in sorted(others, reverse=True)[KEPT_DIRECTORIES_MAX - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
