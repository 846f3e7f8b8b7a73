"""Health: weights and prices to the account's disadvantage, and what it takes to reach zero."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.margins.health_weights import (
    WITHOUT_BOUND,
    asset_price,
    balance_given_for_health_zero,
    balance_health,
    balance_taken_for_health_zero,
    liability_price,
    profit_health,
    scaled_asset_weight_ppm,
    scaled_liability_weight_ppm,
    unsettled_health,
    unsettled_health_with_orders,
    weighted_asset_price_ppm,
    weighted_liability_price_ppm,
)
from tacoma.rules.numbers.arithmetic import PPM

AMOUNT = st.integers(-(10**12), 10**12)
WEIGHTED = st.integers(10_000, 10**8)


@pytest.mark.parametrize(
    ("oracle", "stable", "asset_initial", "liability_initial"),
    [(100, 90, 90, 100), (100, 110, 100, 110), (100, 100, 100, 100)],
)
def test_prices(oracle, stable, asset_initial, liability_initial):
    """Initial health takes the worse of two prices, the other kinds always the oracle's."""
    assert asset_price(oracle, stable, True) == asset_initial
    assert liability_price(oracle, stable, True) == liability_initial
    assert asset_price(oracle, stable, False) == oracle
    assert liability_price(oracle, stable, False) == oracle


@pytest.mark.parametrize(
    ("balance", "expected"),
    [(0, 0), (40, 72), (-40, -88), (1, 1), (-1, -3)],
)
def test_balance_health(balance, expected):
    """At a price of 2 and weights of 0.9 and 1.1, assets count 1.8 and debts 2.2, rounded down."""
    asset = weighted_asset_price_ppm(2 * PPM, 900_000)
    liability = weighted_liability_price_ppm(2 * PPM, 1_100_000)
    assert (asset, liability) == (1_800_000, 2_200_000)
    assert balance_health(balance, asset, liability) == expected


@pytest.mark.parametrize(
    ("deposits", "expected"),
    [(0, 800_000), (1_000, 800_000), (1_001, 799_200), (2_000, 400_000)],
)
def test_crowded_asset_weight(deposits, expected):
    """Above the start of scaling the weighted total of all deposits stays constant."""
    assert scaled_asset_weight_ppm(800_000, deposits, 1_000) == expected


@pytest.mark.parametrize(
    ("borrows", "start", "expected"),
    [
        (1_000, 1_000, 1_200_000),
        (1_001, 1_000, 1_201_200),
        (3_000, 1_000, 3_600_000),
        (1, 0, WITHOUT_BOUND),
        (0, 0, 1_200_000),
    ],
)
def test_crowded_liability_weight(borrows, start, expected):
    """Above the start of scaling debts weigh more; with a start of 0 no debt is allowed at all."""
    assert scaled_liability_weight_ppm(1_200_000, borrows, start) == expected


def test_kinds_of_health_of_the_source():
    """A long of 30 at 1 with a stable price of 0.5 has the three healths that its test prints."""
    spot, lots, quote = 5_000_000, 30, -30_000_000
    kinds = {
        "initial": (500_000, 600_000),
        "end": (1_000_000, 600_000),
        "maintenance": (1_000_000, 800_000),
    }
    healths = {
        kind: spot + unsettled_health(lots, quote, price, price, weight, 2 * PPM - weight)
        for kind, (price, weight) in kinds.items()
    }
    assert healths == {"initial": -16_000_000, "end": -7_000_000, "maintenance": -1_000_000}


@pytest.mark.parametrize(
    ("lots", "bids", "asks", "expected"),
    [
        (10, 0, 0, 10 * 50),
        (10, 4, 0, 14 * 50 - 4 * 100),
        (10, 0, 4, 10 * 50),  # fewer lots at full price is better: nothing filled is the worse case
        (-10, 0, 4, -14 * 150 + 4 * 100),
        (2, 3, 9, min(5 * 50 - 3 * 100, -7 * 150 + 9 * 100)),
    ],
)
def test_orders_count_at_their_worst(lots, bids, asks, expected):
    """Of all bids filled and all asks filled, the lower health counts."""
    weights = (500_000, 1_500_000)
    health = unsettled_health_with_orders(lots, bids, asks, 0, 100, 100, *weights)
    assert health == expected


@pytest.mark.parametrize(
    ("unsettled", "overall", "expected"),
    [(10, 0, 0), (11, 500_000, 5), (-11, 0, -11), (-11, 500_000, -11), (0, PPM, 0)],
)
def test_profit_health(unsettled, overall, expected):
    """A profit counts by the market's weight, a loss always in full."""
    assert profit_health(unsettled, overall) == expected


@pytest.mark.parametrize(
    ("health", "balance", "asset", "liability", "expected"),
    [
        (36, 40, 1_800_000, 2_200_000, 20),  # the source's comments compute these
        (39, 5, 1_800_000, 2_200_000, 5 + 13),
        (27, 10, 1_800_000, 2_200_000, 10 + 4),
        (0, 40, 1_800_000, 2_200_000, 0),
        (-1, 40, 1_800_000, 2_200_000, 0),
        (5, 7, 0, PPM, 12),  # worthless assets go first and cost nothing
        (5, 0, PPM, 0, WITHOUT_BOUND),
    ],
)
def test_taken(health, balance, asset, liability, expected):
    """Health is used up first by what is owned, then by new debt."""
    assert balance_taken_for_health_zero(health, balance, asset, liability) == expected


@pytest.mark.parametrize(
    ("health", "balance", "asset", "liability", "expected"),
    [
        (-3, -15, PPM, 2_200_000, 2),
        (-10, -2, PPM, 2 * PPM, 2 + 6),
        (0, -2, PPM, PPM, 0),
        (-5, 3, 500_000, PPM, 10),
        (-5, -3, 0, PPM, WITHOUT_BOUND),
    ],
)
def test_given(health, balance, asset, liability, expected):
    """A gain repays debt first, then counts as an asset; nothing is needed at zero health."""
    assert balance_given_for_health_zero(health, balance, asset, liability) == expected


@given(st.integers(1, 10**12), AMOUNT, WEIGHTED, WEIGHTED)
def test_taking_never_costs_more_than_the_health(health, balance, one, other):
    """After the loss that `taken` allows, health has fallen by at most what there was."""
    asset, liability = sorted((one, other))
    taken = balance_taken_for_health_zero(health, balance, asset, liability)
    before = balance_health(balance, asset, liability)
    after = balance_health(balance - taken, asset, liability)
    assert before - after <= health + 1  # one quantum: `before` was itself rounded down
    if balance - taken - 2 * PPM < 0:
        further = balance_health(balance - taken - PPM, asset, liability)
        assert before - further >= health - 1


@given(st.integers(-(10**12), -1), AMOUNT, WEIGHTED, WEIGHTED)
def test_giving_reaches_zero(health, balance, one, other):
    """After the gain that `given` asks for, health has risen by at least what was missing."""
    asset, liability = sorted((one, other))
    given_amount = balance_given_for_health_zero(health, balance, asset, liability)
    before = balance_health(balance, asset, liability)
    after = balance_health(balance + given_amount, asset, liability)
    assert after - before >= -health - 1  # one quantum of rounding at the change of sign
