"""
The engine's second as plain Python, so that a test can put a defect into it.

Worlds are built by the compiled package, as plain arrays, and passed to the copy.
"""

import contextlib
import importlib
import sys
from types import SimpleNamespace

import numba

PIECES = "simulation.stepping"


@contextlib.contextmanager
def _set_aside():
    """Take the package and the pieces out of `sys.modules` for the duration of the block."""

    def names():
        return [n for n in sys.modules if n in ("tacoma", PIECES) or n.startswith("tacoma.")]

    kept = {name: sys.modules.pop(name) for name in names()}
    found = {}
    try:
        yield found
    finally:
        for name in names():
            found[name] = sys.modules.pop(name)
        sys.modules.update(kept)


def interpreted_pieces():
    """Return (the pieces of `stepping`, {name: module of the package}), uncompiled."""
    before = numba.config.DISABLE_JIT
    with _set_aside() as modules:
        numba.config.DISABLE_JIT = 1
        try:
            pieces = importlib.import_module(PIECES)
        finally:
            numba.config.DISABLE_JIT = before
    names = ("prepare", "enter", "settle", "leave", "measure")
    return SimpleNamespace(**{name: getattr(pieces, name) for name in names}), modules
