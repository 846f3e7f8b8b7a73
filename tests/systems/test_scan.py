"""The full check at the speed of memory finds whom the exact check of each account finds."""

import numpy as np
import pytest

from systems import worlds
from tacoma.scenario import from_dict
from tacoma.systems.scan import BRACKET, SKETCH, find_below, find_below_plainly
from tacoma.world.layout import table

MOVES = [1.0, 0.97, 0.9, 0.7, 0.3, 1.04, 1.5, 4.0]


def both(world):
    """Return who is below maintenance by the quick scan and by the plain one."""
    tables = world.accounts, world.positions, world.markets, world.tiers, world.rules
    scratch = table(SKETCH, len(world.markets)), table(BRACKET, len(world.tiers))
    quick, plain = (np.zeros(len(world.accounts), dtype=np.int32) for _ in range(2))
    found = find_below(*tables, *scratch, quick), find_below_plainly(*tables, plain)
    return quick[: found[0]].tolist(), plain[: found[1]].tolist()


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("name", ["flash-crash", "options-crash"])
def test_the_scan_is_exact(name, move):
    """Wherever prices go, floats and integers together find exactly those below maintenance."""
    import tacoma

    world = worlds.start(tacoma.load(name, accounts=1_000)).world
    prices = (world.markets.margin_price * move).astype(np.int64)
    world.markets.margin_price[:] = np.maximum(prices, 1)
    quick, plain = both(world)
    assert quick == plain
    assert bool(plain) == (move != 1.0)


@pytest.mark.parametrize("missing", [-1, 0, 1])
def test_the_last_quantum_decides(missing):
    """Accounts that have exactly their maintenance, one quantum more, or one less, are told apart.

    Their slack is far inside the error of a float, so the integers must have decided.
    """
    world = worlds.start(from_dict(worlds.table(300, timeline=[]))).world
    for account in range(100):
        adjust(world, account, -missing)
    quick, plain = both(world)
    assert quick == plain
    assert set(range(100)) & set(plain) == (set(range(100)) if missing > 0 else set())


def adjust(world, account, slack):
    """Give an account this much more than its maintenance, by bisection over the plain check."""
    low, high = -(10**15), 10**15
    start = int(world.accounts.balance[account])
    while high - low > 1:
        middle = (low + high) // 2
        world.accounts.balance[account] = start + middle
        low, high = (middle, high) if account in both(world)[1] else (low, middle)
    world.accounts.balance[account] = start + high + slack
