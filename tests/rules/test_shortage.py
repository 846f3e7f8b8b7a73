"""What must change hands to cover a shortage: enough, not too much, and at a fair rate."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tacoma.rules.liquidations import shortage

FEE = QUOTE = 10**6
BASE = 10**9
ALL = 2**64 - 1
PRICES = st.integers(1, 10**12)
MULTIPLIERS = st.integers(900_000, 1_100_000)


@pytest.mark.parametrize(
    ("missing", "ratio", "fee", "insurance", "price", "base"),
    [
        (10_000_000, 100_000, 0, 0, 100_000_000, BASE),
        (10_000_000, 100_000, 10_000, 10_000, 100_000_000, 1_250_000_000),
        (0, 100_000, 0, 0, 100_000_000, 0),
        (1, 10_000, 10_000, 0, 100_000_000, ALL),
        (1, 10_001, 10_000, 1, 100_000_000, ALL),
        (1, 100_000, 0, 0, 0, ALL),
    ],
)
def test_base_to_cover_table(missing, ratio, fee, insurance, price, base):
    """A tenth of notional margin needs ten times the shortage; margin that fees eat never does."""
    terms = (missing, ratio, fee, insurance, FEE, price, QUOTE, QUOTE, BASE, ALL)
    assert shortage.base_to_cover_shortage(*terms) == base


@given(
    st.integers(0, 10**15),
    st.integers(10_000, 10**6),
    st.integers(0, 9_999),
    st.integers(10**4, 10**12),
)
def test_closing_the_base_covers_all_but_a_unit(missing, ratio, fee, price):
    """The margin freed by the size is the shortage, less at most one size unit's worth."""
    base = shortage.base_to_cover_shortage(
        missing, ratio, fee, 0, FEE, price, QUOTE, QUOTE, BASE, ALL
    )
    freed_each = price * (ratio - fee) // FEE
    assume(freed_each > 0)
    assert base * freed_each <= missing * BASE < (base + 1) * freed_each


@pytest.mark.parametrize(
    ("asset_weight", "debt_weight", "debt_multiplier", "tokens"),
    [
        (8000, 12000, 10**6, 250_000_000),
        (10000, 10000, 10**6, ALL),
        (10000, 10000, 750_000, ALL),
        (12000, 11000, 10**6, ALL),
    ],
)
def test_debt_to_cover_table(asset_weight, debt_weight, debt_multiplier, tokens):
    """Where the asset weighs as much as the debt, repaying frees nothing."""
    result = shortage.debt_to_cover_shortage(
        *(10_000_000, asset_weight, 10**6, debt_weight, debt_multiplier, 10**4),
        *(100_000_000, 0, FEE, BASE, ALL),
    )
    assert result == tokens


@given(st.integers(1, 10**15), MULTIPLIERS, PRICES, MULTIPLIERS, PRICES)
def test_there_and_back_never_gains(asset, asset_multiplier, asset_price, debt_multiplier, price):
    """The debt that an asset repays is rounded up, so that it pays for no less of the asset."""
    terms = (asset_multiplier, 10**6, asset_price, debt_multiplier, 10**9, price)
    debt = shortage.debt_paid_by_asset(asset, *terms)
    exact = Fraction(asset * 10**9 * asset_price * debt_multiplier) / (
        price * asset_multiplier * 10**6
    )
    assert exact <= debt < exact + 1
    assert shortage.asset_for_debt(debt, *terms) >= asset


def test_an_asset_transfer_is_never_nothing():
    """Even a debt too small for one step of the asset takes one."""
    assert shortage.asset_for_debt(1, 10**6, 1, 10**6, 10**6, 10**9, 1) == 1


@pytest.mark.parametrize(
    ("amount", "whole", "result"),
    [
        (100, 100, 100),
        (999_901, 1_999_900, 1_999_900),
        (999_900, 1_999_900, 999_900),
        (2_999_899, 1_999_900, 1_999_900),
        (2_999_900, 1_999_900, 2_999_900),
    ],
)
def test_dust_table(amount, whole, result):
    """A rest worth less than a dollar goes along, on either side of the whole; a dollar stays."""
    assert shortage.whole_if_dust_remains(amount, whole, QUOTE, QUOTE, 1, 1, 10**6) == result


def test_the_scales_of_dust_act_after_rounding():
    """A rest of 1.9 rounds to 1 before it is scaled up."""
    assert shortage.whole_if_dust_remains(0, 19, 1, 10, 10, 1, 11) == 19
    assert shortage.whole_if_dust_remains(0, 19, 1, 10, 10, 1, 10) == 0


@given(st.integers(1, 10**15), MULTIPLIERS, PRICES, MULTIPLIERS, PRICES)
def test_a_transfer_at_the_worst_price_is_within_bounds(debt, am, asset_price, dm, debt_price):
    """Selling the asset that just pays for a debt satisfies the worst price up to rounding."""
    worst = shortage.worst_exchange_price(asset_price, am, debt_price, dm, QUOTE)
    asset = shortage.asset_for_debt(debt, am, 10**6, asset_price, dm, 10**6, debt_price)
    assume(asset > 1)
    price = shortage.exchange_price(debt, 10**6, asset, 10**6, QUOTE)
    assert price >= worst - 1
