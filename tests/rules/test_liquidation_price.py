"""The price at which equity meets a multiple of the margin, against fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations import liquidation_price
from tacoma.rules.margins import leverage_margin, margin

LEVERAGES = (50, 25, 10, 5)


def schedule(lower, leverage):
    count = len(lower)
    rates = ([0] * count, [0] * count, [0] * count)
    leverage_margin.write_leverage_schedule(lower, leverage, 0, count, *rates)
    return (lower, *rates, 0, count)


ONE_TIER = schedule([0], [10])
TWO_TIERS = schedule([0, 1000], [10, 5])


@pytest.mark.parametrize(
    ("lots", "mark", "equity", "other", "tiers", "price", "backstop"),
    [
        (10, 100, 200, 0, ONE_TIER, 85, 83),  # 84.2, 82.8: up for a long
        (-10, 100, 200, 0, ONE_TIER, 114, 116),  # 114.3, 116.1: down for a short
        (10, 120, 250, 0, TWO_TIERS, 100, 99),  # the root on the bound, 98.3
        (10, 100, 300, 10, ONE_TIER, 75, 74),
        (10, 100, 1_000_000, 0, ONE_TIER, 0, 0),  # no price is low enough
        (1, 40, 130, 100, ONE_TIER, 11, 0),  # 10.5, but the backstop's root is negative
        (1, 40, 40, 0, ONE_TIER, 0, 0),  # worth its own cost: solvent at a price of zero
        (-1, 40, -45, 0, ONE_TIER, 0, 0),  # under water at every price
        (0, 40, 100, 0, ONE_TIER, 0, 0),
    ],
)
def test_table(lots, mark, equity, other, tiers, price, backstop):
    """Liquidation and backstop prices of longs and shorts, and 0 where there is none."""
    account = (lots, mark, equity, other, *tiers)
    assert liquidation_price.price_at_margin(*account, 1, 1, 1) == price
    assert liquidation_price.price_at_margin(*account, 2, 3, 1) == backstop


@pytest.mark.parametrize(
    ("lots", "equity", "tier"),
    [
        (10, 249, 1),  # root above 1000
        (10, 250, 1),  # root at 1000
        (10, 251, 0),  # root below 1000
        (-10, -150, 1),  # root at 1000: equity 50 there
        (-10, -151, 0),
        (-10, -149, 1),
        (10, 2000, -1),
        (-10, -1201, -1),
        (0, 250, -1),
    ],
)
def test_tier_table(lots, equity, tier):
    """A root on a bound belongs to the higher tier; no root, no tier."""
    assert liquidation_price.root_tier(lots, 120, equity, 0, *TWO_TIERS, 1, 1) == tier


def test_a_rate_as_large_as_the_price_has_no_long_root():
    """A long whose requirement grows as fast as its value is never healed by a price."""
    tiers = ([0], [1], [1], [0], 0, 1)
    assert liquidation_price.price_at_margin(1, 100, 50, 0, *tiers, 1, 1, 1) == 0


@given(
    st.integers(-(10**6), 10**6).filter(bool),
    st.integers(0, 10**6),
    st.integers(-(10**12), 10**12),
    st.integers(0, 10**12),
    st.lists(st.integers(1, 10**9), max_size=3, unique=True),
    st.sampled_from([(1, 1), (2, 3), (1, 2)]),
)
def test_it_is_the_last_price_that_holds_the_margin(lots, mark, equity, other, bounds, factor):
    """At the price the account still holds the multiple; one quantum further it does not."""
    lower = [0, *sorted(100 * bound for bound in bounds)]
    tiers = schedule(lower, LEVERAGES[: len(lower)])

    def surplus(price):
        notional = abs(lots) * price
        place = margin.tier_index(notional, lower, 0, len(lower))
        required = other + Fraction(notional * tiers[1][place], tiers[2][place]) - tiers[3][place]
        return equity + lots * (price - mark) - Fraction(*factor) * required

    price = liquidation_price.price_at_margin(lots, mark, equity, other, *tiers, *factor, 1)
    if lots > 0:
        assert surplus(price) >= 0
        assert price == 0 or surplus(price - 1) < 0
    else:
        assert surplus(price + 1) < 0
        assert price == 0 or surplus(price) >= 0


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**9))
def test_a_finer_unit_gives_the_exact_root(lots, mark, equity):
    """With the slope as the unit nothing is rounded: equity and margin are equal at the price."""
    slope = liquidation_price.root_slope(-lots, 1, 20, 1, 1)
    price = liquidation_price.price_at_margin(-lots, mark, equity, 0, *ONE_TIER, 1, 1, -slope)
    root = Fraction(price, -slope)
    assert equity - lots * (root - mark) == lots * root / 20
