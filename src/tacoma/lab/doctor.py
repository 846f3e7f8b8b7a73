"""
What of this machine decides whether runs work, and how fast: versions, compiler, cache, memory.

It reports and changes nothing, apart from making the cache directory.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

PYTHON_MIN = (3, 11)
MEMORY_BYTES_MIN = 3 * 1024**3  # a run of 1.6 million accounts with its controls takes 2.4 GB
DISK_BYTES_MIN = 512 * 1024**2
GIB = 1024**3
RUNS = Path("runs")


class Finding(NamedTuple):
    """One thing that was looked at: its value, whether it is fine, and what to do if not."""

    name: str
    value: str
    fine: bool = True
    advice: str = ""


def examine(runs: Path = RUNS) -> list[Finding]:
    """Return what was found; results are expected to be written below `runs`."""
    return [
        *_versions(),
        _compiler(),
        _cache(),
        _processors(),
        _memory(),
        _output(runs),
    ]


def _versions() -> Iterator[Finding]:
    """Yield Tacoma, Python, and each library that a run needs."""
    yield Finding("tacoma", importlib.metadata.version("tacoma"))
    wanted = ".".join(map(str, PYTHON_MIN))
    fine = sys.version_info >= PYTHON_MIN
    where = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Finding("python", where, fine, "" if fine else f"install Python {wanted} or newer")
    for requirement in importlib.metadata.requires("tacoma") or ():
        match = re.match(r"[A-Za-z0-9_.-]+", requirement)
        if match is None or "extra ==" in requirement:
            continue
        try:
            yield Finding(match[0], importlib.metadata.version(match[0]))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(match[0], "missing", fine=False, advice=f"install {requirement}")


def _compiler() -> Finding:
    """Return whether the engine is compiled, or interpreted a thousand times slower."""
    from tacoma.compile import jit_enabled

    try:
        enabled = jit_enabled()
    except ImportError as error:
        return Finding("compiler", f"numba cannot be loaded ({error})", False, "install it again")
    if enabled:
        return Finding("compiler", "on")
    return Finding("compiler", "off", False, "unset NUMBA_DISABLE_JIT, or a run takes days")


def _cache() -> Finding:
    """Return where machine code is kept, and whether the next run has to compile."""
    from tacoma.compile import cache_directory, cache_is_warm

    place = cache_directory()
    if place.is_relative_to(tempfile.gettempdir()) and not _is_chosen(place):
        advice = "every start compiles anew; set TACOMA_CACHE_DIR to a directory that you can write"
        return Finding("cache", "its place cannot be written", False, advice)
    state = "warm" if cache_is_warm() else "cold: the next run compiles, about a minute"
    return Finding("cache", f"{place}, {state}")


def _is_chosen(place: Path) -> bool:
    """Tell a cache that a user put below the temporary directory from the emergency one."""
    return not place.name.startswith("tacoma-")


def _processors() -> Finding:
    """Return how many processors this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Finding("processors", f"{usable} usable of {os.cpu_count()}")


def _memory() -> Finding:
    """Return the memory that a run could still take."""
    free = free_memory_bytes()
    if free is None:
        return Finding("memory", "unknown")
    fine = free >= MEMORY_BYTES_MIN
    advice = "" if fine else "run fewer accounts (--accounts 100_000), or free some"
    return Finding("memory", f"{free / GIB:.1f} GiB free", fine, advice)


def free_memory_bytes() -> int | None:
    """Return the free memory of the machine, or of the container if that is less."""
    found = []
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        if match := re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE):
            found.append(int(match[1]) * 1024)
    except OSError:
        pass
    group = Path("/sys/fs/cgroup")
    try:
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        used = (group / "memory.current").read_text(encoding="ascii").strip()
        if limit.isdigit():
            found.append(max(int(limit) - int(used), 0))
    except (OSError, ValueError):
        pass
    return min(found, default=None)


def _output(runs: Path) -> Finding:
    """Return whether results can be written, and the free space there."""
    place = runs.absolute()
    while not place.exists():
        place = place.parent
    advice = "write elsewhere with --out"
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        return Finding("output", f"{place} cannot be written", False, advice)
    free = shutil.disk_usage(place).free
    fine = free >= DISK_BYTES_MIN
    return Finding("output", f"{free / GIB:.1f} GiB free", fine, "" if fine else advice)
