"""Funding rates within a clamp, and funding that accrues through an index."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.fundings import continuous_funding, funding, interest_clamped_funding

ANY = st.integers(-(10**10), 10**10)


@pytest.mark.parametrize(
    ("premium", "interest", "low", "high", "rate"),
    [
        (0, 100, -500, 500, 100),
        (600, 100, -500, 500, 100),
        (601, 100, -500, 500, 101),
        (-400, 100, -500, 500, 100),
        (-401, 100, -500, 500, 99),
        (1000, 100, -300, 500, 700),
        (-1000, 100, -300, 500, -500),
        (1000, 100, 0, 0, 1000),
    ],
)
def test_interval_rate_table(premium, interest, low, high, rate):
    """Within the clamp the interest rate counts; the two ends of the clamp may differ."""
    assert interest_clamped_funding.interval_rate(premium, interest, low, high) == rate


@pytest.mark.parametrize(
    ("rate", "numerator", "denominator", "scaled"),
    [(800, 1, 8, 100), (801, 1, 8, 100), (-801, 1, 8, -101), (300, 1, 2, 150), (5, 0, 1, 0)],
)
def test_scaled_rate_table(rate, numerator, denominator, scaled):
    """A share of a rate is rounded toward minus infinity."""
    assert interest_clamped_funding.scaled_rate(rate, numerator, denominator) == scaled


@pytest.mark.parametrize(("rate", "capped"), [(5, 4), (4, 4), (-4, -4), (-5, -4), (0, 0)])
def test_capped_rate_table(rate, capped):
    """The cap holds for both signs, its own value included."""
    assert interest_clamped_funding.capped_rate(rate, 4) == capped


@given(ANY, ANY, st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_parts_make_the_known_rates(premium, interest, clamp, cap):
    """Put together the three steps are the rates of the funding rules."""
    rate = interest_clamped_funding.interval_rate(premium, interest, -clamp, clamp)
    capped = interest_clamped_funding.capped_rate(rate, cap)
    assert capped == funding.rate_interest_clamped_ppb(premium, interest, clamp, cap)
    hourly = interest_clamped_funding.scaled_rate(rate, 1, 8)
    capped = interest_clamped_funding.capped_rate(hourly, cap)
    assert capped == funding.rate_interest_clamped_eighth_ppb(premium, interest, clamp, cap)


@given(ANY, st.integers(1, 10**6), st.integers(0, 10**7), st.integers(1, 2000))
def test_funding_amount_is_the_exact_one_rounded_down(rate, unit, spot, peg):
    """A settlement asset below its peg makes the same rate cost more of it."""
    amount = continuous_funding.funding_amount(rate, unit, spot, peg, 1000)
    assert amount == floor(Fraction(rate, unit) * spot / Fraction(peg, 1000))


@pytest.mark.parametrize(
    ("elapsed", "gap", "move"),
    [(0, 30, 0), (1, 30, 10), (30, 30, 300), (31, 30, 0), (31, 0, 310), (3600, 0, 36_000)],
)
def test_index_advance_table(elapsed, gap, move):
    """A pause longer than the gap moves nothing; a gap of 0 is no limit."""
    assert continuous_funding.index_advance(36_000, elapsed, 3600, gap) == move


@given(st.integers(-(2**30), 2**30), st.integers(-(2**30), 2**30))
def test_longs_pay_what_shorts_receive(lots, move):
    """Accrued funding of opposite positions cancels, and a long loses on a rising index."""
    gained = continuous_funding.accrued_funding(lots, move)
    assert gained + continuous_funding.accrued_funding(-lots, move) == 0
    assert gained == -lots * move


@pytest.mark.parametrize(
    ("weight", "is_liquid", "after"),
    [(0, True, 1), (1799, True, 1800), (1800, True, 1800), (1, False, 0), (0, False, 0)],
)
def test_weight_table(weight, is_liquid, after):
    """The weight of the own quotes climbs and falls by one step and stays within its range."""
    assert continuous_funding.weight_after_tick(weight, is_liquid, 1800, 1) == after


@given(ANY, ANY, st.integers(0, 1800))
def test_fair_basis_lies_between_its_sources(external, liquid, weight):
    """The blend is never outside the two, and equals one of them at the ends of the weight."""
    basis = continuous_funding.fair_basis(external, liquid, weight, 1800)
    assert min(external, liquid) <= basis <= max(external, liquid)
    assert continuous_funding.fair_basis(external, liquid, 0, 1800) == external
    assert continuous_funding.fair_basis(external, liquid, 1800, 1800) == liquid
