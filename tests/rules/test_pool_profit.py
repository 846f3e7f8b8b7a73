"""Traders' profit against the pool that owes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses import pool_profit

UNIT = 10**6
VALUE = st.integers(0, 2**53)


@pytest.mark.parametrize(
    ("price", "is_long", "profit"),
    [(25, True, 500), (20, True, 0), (15, True, -500), (15, False, 500)],
)
def test_open_profit_table(price, is_long, profit):
    """Tokens owned against the size that they cost; a short owes them instead."""
    assert pool_profit.open_profit(2000, 100, price, is_long) == profit


@pytest.mark.parametrize(
    ("profit", "pool", "ratio", "enabled"),
    [
        (0, 5000, 0, False),
        (500, 5000, 100_000, False),
        (501, 5000, 100_200, True),
        (-501, 5000, -100_200, False),
        (1, 3, 333_333, True),
        (-1, 3, -333_333, False),
        (100, 0, 0, False),
    ],
)
def test_deleveraging_flag_table(profit, pool, ratio, enabled):
    """Exactly the limit does not enable deleveraging; a loss and an empty pool never do."""
    factor = pool_profit.profit_to_pool(profit, pool, UNIT)
    assert factor == ratio
    assert pool_profit.deleveraging_enabled(factor, 100_000) == enabled


@pytest.mark.parametrize(
    ("profit", "limited"), [(-700, -700), (0, 0), (499, 499), (500, 500), (501, 500)]
)
def test_limited_profit_table(profit, limited):
    """A pool of 1000 that may owe half pays 500; losses are never limited."""
    assert pool_profit.limited_profit(profit, 1000, UNIT // 2, UNIT) == limited


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=8), VALUE, st.integers(0, UNIT))
def test_shares_of_a_limited_profit_fit_the_limit(profits, pool, limit):
    """All positions of a side together get no more than the side's limit."""
    side = sum(profits)
    limited = pool_profit.limited_profit(side, pool, limit, UNIT)
    if limited > 0:
        shares = [pool_profit.position_share_of_limit(p, side, limited) for p in profits]
        assert sum(shares) <= limited
        assert all(share <= profit for share, profit in zip(shares, profits, strict=True))


@pytest.mark.parametrize(
    ("profit", "side", "limited", "share"),
    [
        (450, 450, 50, 50),
        (10, 30, 20, 6),
        (-10, 30, 20, -10),
        (10, 30, 30, 10),
        (10, 30, 0, 10),
        (10, -30, -30, 10),
    ],
)
def test_position_share_table(profit, side, limited, share):
    """A limit cuts every profit alike; where the side has no profit to limit, none is cut."""
    assert pool_profit.position_share_of_limit(profit, side, limited) == share


@pytest.mark.parametrize(
    ("reserved", "pool", "factor", "usage"),
    [(200, 5000, UNIT // 2, 80_000), (0, 0, 0, 0), (1, 3, UNIT, 333_333), (10, 5, UNIT, 2 * UNIT)],
)
def test_usage_table(reserved, pool, factor, usage):
    """Reserved over what may be reserved, rounded down; an idle market uses nothing."""
    assert pool_profit.usage(reserved, pool, factor, UNIT) == usage
