"""Fees that rise with time, the insurance's part of the margin, and the pace of liquidations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations import liquidation_fee_ramp as ramp

PPM = 10**6
RATES = st.integers(0, PPM)
MONEY = st.integers(1, 10**18)


@pytest.mark.parametrize(
    ("idle", "fee"),
    [
        (0, 20_000),
        (1_499, 20_000),
        (1_500, 21_500),
        (10_000, 30_000),
        (30_000, 50_000),
        (10**9, 50_000),
    ],
)
def test_fee_ramp_table(idle, fee):
    """Nothing within the grace, then a ppm for every slot since the start, up to the cap."""
    assert ramp.fee_after_idle_time(20_000, 50_000, idle, 1_500, 1) == fee


@pytest.mark.parametrize(
    ("base_fee", "ratio", "cap"), [(10_000, 50_000, 30_000), (20_000, 50_000, 50_000), (0, 1, 0)]
)
def test_cap_table(base_fee, ratio, cap):
    """The cap is three times the fee and never above the maintenance ratio."""
    assert ramp.largest_fee(base_fee, 3, ratio) == cap


@given(RATES, RATES)
def test_a_fee_leaves_a_fifth_of_the_margin(fee, ratio):
    """A relaxed account's liquidator never takes more than four fifths of its margin."""
    result = ramp.fee_within_margin(fee, ratio)
    assert result <= fee
    assert result <= ratio - ratio // 5


@pytest.mark.parametrize(
    ("shortage", "base", "ratio", "price", "quote_price", "fee"),
    [
        (20_000_000, 10**10, 50_000, 10**8, PPM, 19_000),
        (0, 10**10, 50_000, 10**8, PPM, 38_000),
        (0, 10**10, 10_000, 10**8, PPM, 0),
        (0, 10**10, 10**6, 10**8, PPM, 50_000),
        (10**9, 10**10, 50_000, 10**8, PPM, 0),
        (1, 10**10, 50_000, 0, PPM, 0),
        (1, 10**10, 50_000, 10**8, 0, 0),
        (1, 0, 50_000, 10**8, PPM, 0),
        (1, 10**10, 50_000, 1, 1, 0),
    ],
)
def test_insurance_fee_table(shortage, base, ratio, price, quote_price, fee):
    """95 % of what margin, liquidator's fee and shortage leave, at most the cap."""
    terms = (10_000, price, quote_price, PPM, 10**9, PPM, 50_000)
    assert ramp.insurance_fee_from_margin(shortage, base, ratio, *terms) == fee


@given(st.integers(0, 10**15), MONEY, RATES, RATES, st.integers(1, 10**12))
def test_fees_never_exceed_the_margin(shortage, base, ratio, liquidator_fee, price):
    """Both fees together stay within the margin ratio: closing cannot deepen the loss."""
    fee = ramp.insurance_fee_from_margin(
        shortage, base, ratio, liquidator_fee, price, PPM, PPM, 10**9, PPM, PPM
    )
    assert fee == 0 or fee + liquidator_fee <= ratio


@pytest.mark.parametrize(
    ("shortage", "tokens", "asset_weight", "debt_weight", "fee"),
    [
        (5_000_000, 10**9, 10**6, 1_100_000, 36_363),
        (10**8, 10**9, 10**6, 1_100_000, 0),
        (1_000_000, 10**9, 10**6, 1_100_000, 50_000),
        (1_000_000, 10**9, 1_100_000, 1_100_000, 0),
        (5_000_000, 0, 10**6, 1_100_000, 0),
    ],
)
def test_insurance_fee_from_weights_table(shortage, tokens, asset_weight, debt_weight, fee):
    """What the weights leave beyond the shortage, relative to the debt's weight, at most 5 %."""
    result = ramp.insurance_fee_from_weights(
        shortage, tokens, asset_weight, 1_010_000, debt_weight, PPM, PPM, 10**9, 10**8, 50_000
    )
    assert result == fee


@pytest.mark.parametrize(
    ("shortage", "freed", "elapsed", "duration", "share"),
    [
        (49_999_999, 0, 0, 150, 10_000),
        (50_000_000, 0, 0, 150, 1_000),
        (50_000_000, 0, 75, 150, 6_000),
        (50_000_000, 0, 135, 150, 10_000),
        (50_000_000, 0, 10**6, 150, 10_000),
        (50_000_000, 0, 0, 0, 10_000),
        (50_000_000, 50_000_000, 75, 150, 2_000),
        (50_000_000, 50_000_000, 0, 150, 0),
    ],
)
def test_share_table(shortage, freed, elapsed, duration, share):
    """A tenth at once and all after 135 of 150 slots; what was freed before counts."""
    terms = (1_000, 10_000, 50_000_000)
    assert ramp.share_liquidatable(shortage, freed, elapsed, duration, *terms) == share


@given(MONEY, st.integers(0, 10**18), st.integers(0, 300), st.integers(0, 300))
def test_the_pace_only_rises(shortage, freed, elapsed, later):
    """With time the share grows, and it is never more than the whole."""
    first, second = (
        ramp.share_liquidatable(shortage, freed, at, 150, 1_000, 10_000, 1)
        for at in (elapsed, elapsed + later)
    )
    assert 0 <= first <= second <= 10_000
