"""Funding with velocity: the skew is the rate's speed, not the rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.fundings import velocity_funding

PPM = 10**6


@pytest.mark.parametrize(
    ("skew", "scale", "velocity"),
    [
        (-40, 10_000, -12_000),
        (12, 10_000, 3600),
        (0, 10_000, 0),
        (20_000, 10_000, 3 * PPM),
        (-20_000, 10_000, -3 * PPM),
        (5, 0, 0),
        (1, 3, 999_999),
        (-1, 3, -999_999),
    ],
)
def test_velocity_table(skew, scale, velocity):
    """Skew over scale within -1..1, times the maximum of 3 a day; nothing without a scale."""
    assert velocity_funding.velocity(skew, scale, 3 * PPM, PPM) == velocity


def test_a_day_by_hand():
    """From 0 to 0.6 % in a day: 20 long at 2000 pay the mean, 0.3 %, which is 120."""
    rate = velocity_funding.rate_after(0, 6000, PPM, PPM)
    assert rate == 6000
    per_size = velocity_funding.funding_per_size(0, rate, PPM, 2000 * PPM, PPM)
    assert velocity_funding.accrued(20 * PPM, 0, per_size, PPM) == -120 * PPM
    assert velocity_funding.accrued(-20 * PPM, 0, per_size, PPM) == 120 * PPM


@given(st.integers(-(10**6), 10**6), st.integers(0, 10**7), st.integers(1, 10**9))
def test_a_rate_that_crosses_zero_evenly_pays_nothing(rate, days, price):
    """On the way from r to -r as much is received as is paid."""
    assert velocity_funding.funding_per_size(rate, -rate, days, price, PPM) == 0


@given(st.integers(-(10**9), 10**9), st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_what_longs_pay_shorts_receive(size, then, now):
    """Funding of opposite positions cancels exactly."""
    long = velocity_funding.accrued(size, then, now, PPM)
    assert long + velocity_funding.accrued(-size, then, now, PPM) == 0
