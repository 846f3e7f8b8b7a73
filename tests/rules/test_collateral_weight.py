"""Weights by stage, by size and by the account's own choice; prices on the safe side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.positions import collateral_weight

UNIT = 10**4
AMOUNTS = st.integers(0, 10**20)


@pytest.mark.parametrize(("stage", "ratio"), [(0, 1500), (1, 4500), (2, 7501)])
def test_stage_table(stage, ratio):
    """A fill stands half way between opening and keeping, rounded down."""
    assert collateral_weight.ratio_at_stage(stage, 1500, 7501) == ratio


@pytest.mark.parametrize(
    ("amount", "start", "weight"),
    [(499, 500, 9000), (500, 500, 9000), (501, 500, 8982), (1000, 500, 4500), (10**9, 0, 9000)],
)
def test_scaled_weight_table(amount, start, weight):
    """Above its start the weight shrinks in proportion; a start of 0 means never."""
    assert collateral_weight.weight_scaled_above(9000, amount, start) == weight


@given(AMOUNTS, AMOUNTS, st.integers(1, 10**12))
def test_scaled_weight_caps_what_counts(amount, more, start):
    """However much there is, weight * amount stays at weight * start."""
    amount = start + amount
    first = collateral_weight.weight_scaled_above(UNIT, amount, start)
    assert first * amount <= UNIT * start
    assert collateral_weight.weight_scaled_above(UNIT, amount + more, start) <= first


@pytest.mark.parametrize(
    ("custom", "asset", "debt"),
    [(0, 8000, 12000), (1000, 8000, 12000), (5000, 5000, 15000), (20000, 0, 30000)],
)
def test_custom_ratio_table(custom, asset, debt):
    """An account's own ratio only ever makes its assets count less and its debts more."""
    assert collateral_weight.asset_weight_with_custom(8000, custom, UNIT) == asset
    assert collateral_weight.debt_weight_with_custom(12000, custom, UNIT) == debt


@given(st.integers(), st.integers())
def test_strict_prices_lean_to_the_safe_side(price, average):
    """Strictly, an asset takes the lower and a debt the higher price; else both the price."""
    assert collateral_weight.price_for_asset(price, average, True) == min(price, average)
    assert collateral_weight.price_for_debt(price, average, True) == max(price, average)
    assert collateral_weight.price_for_asset(price, average, False) == price
    assert collateral_weight.price_for_debt(price, average, False) == price
