"""
The engine as plain Python, beside the compiled one.

Kernels have no entrance for Python once compiled, so the tests of single systems import a second
copy of the package with compilation off. The copy stays out of `sys.modules`; worlds are built by
the compiled package (they are plain arrays) and passed to it.
"""

import contextlib
import importlib
import sys
from types import SimpleNamespace

import numba
import numpy as np

MODULES = {
    "engine": "engine",
    "audit": "systems.audit",
    "book": "systems.book",
    "funding": "systems.funding",
    "intake": "systems.intake",
    "ledger": "systems.ledger",
    "liquidation": "systems.liquidation",
    "margin": "systems.margin",
    "mark": "systems.mark",
    "option_prices": "systems.option_prices",
    "option_schedule": "world.option_schedule",
    "oracle": "systems.oracle",
    "schedule": "world.schedule",
    "trigger_index": "systems.trigger_index",
    "pools": "systems.agents.pools",
    "adl_queue": "systems.waterfall.adl_queue",
    "convert": "systems.waterfall.convert",
    "deleverage": "systems.waterfall.deleverage",
    "fund_state": "systems.waterfall.fund_state",
    "insurance": "systems.waterfall.insurance",
    "market": "systems.waterfall.market",
    "market_size": "systems.waterfall.market_size",
    "settlement": "systems.waterfall.settlement",
    "share": "systems.waterfall.share",
    "share_equity": "systems.waterfall.share_equity",
    "takeover": "systems.waterfall.takeover",
    "takeover_size": "systems.waterfall.takeover_size",
    "crowd": "systems.agents.crowd",
    "gateway": "systems.agents.gateway",
}


@contextlib.contextmanager
def _package_set_aside():
    """Take the package out of `sys.modules` for the duration of the block."""

    def names():
        return [n for n in sys.modules if n == "tacoma" or n.startswith("tacoma.")]

    kept = {name: sys.modules.pop(name) for name in names()}
    try:
        yield
    finally:
        for name in names():
            del sys.modules[name]
        sys.modules.update(kept)


def interpreted_package():
    """Return the engine and its systems, uncompiled, as attributes of one namespace."""
    before = numba.config.DISABLE_JIT
    with _package_set_aside():
        numba.config.DISABLE_JIT = 1
        try:
            found = {k: importlib.import_module(f"tacoma.{v}") for k, v in MODULES.items()}
        finally:
            numba.config.DISABLE_JIT = before
    return SimpleNamespace(**found)


def advance(package, built, steps, *, agents=True, cursor=None, journal=None):
    """Run an interpreted world for some steps; return the engine's code."""
    from tacoma.world.build import empty_journal

    until = int(built.world.clock.step[0]) + steps
    if cursor is None:
        cursor = np.zeros(2, dtype=np.int64)
    if journal is None:
        journal = empty_journal(built.reserve + (1 << 18))
    with np.errstate(over="ignore"):  # random numbers wrap around on purpose
        return package.engine.advance(
            built.world, built.agents, built.inputs, cursor, journal, until, built.reserve, agents
        )
