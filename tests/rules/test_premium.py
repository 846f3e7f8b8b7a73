"""Premiums of the book over the oracle: outside the book, and of its middle."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.fundings import funding
from tacoma.rules.prices import premium

PPB = 10**9
PRICE = st.integers(0, 2**31 - 1)
ORACLE = st.integers(1, 2**31 - 1)


@pytest.mark.parametrize(
    ("bid", "ask", "oracle", "outside", "middle"),
    [
        (99, 101, 100, 0, 0),
        (99, 103, 100, 0, 10_000_000),
        (102, 99, 100, 10_000_000, 5_000_000),
        (102, 98, 100, 0, 0),
        (105, 101, 100, 50_000_000, 30_000_000),
        (99, 95, 100, -50_000_000, -30_000_000),
        (4, 5, 3, 333_333_333, 500_000_000),
        (1, 2, 3, -333_333_334, -500_000_000),
    ],
)
def test_table(bid, ask, oracle, outside, middle):
    """The core premium is zero inside the book, where the middle of the book still moves."""
    assert premium.impact_premium(bid, ask, oracle, PPB) == outside
    assert premium.middle_premium_ppb(bid, ask, oracle) == middle


@given(PRICE, PRICE, ORACLE, st.integers(1, 2**30))
def test_both_are_the_exact_ones_rounded_down(bid, ask, oracle, unit):
    """Each premium is the floor of its exact fraction, at every unit."""
    outside = max(bid - oracle, 0) - max(oracle - ask, 0)
    assert premium.impact_difference(bid, ask, oracle) == outside
    assert premium.impact_premium(bid, ask, oracle, unit) == floor(Fraction(outside * unit, oracle))
    middle = (Fraction(bid + ask, 2) - oracle) / oracle
    assert premium.middle_premium(bid, ask, oracle, unit) == floor(middle * unit)


@given(PRICE, PRICE, ORACLE)
def test_parts_per_billion(bid, ask, oracle):
    """At unit 1e9 the core premium is the one of the funding rules."""
    assert premium.impact_premium(bid, ask, oracle, PPB) == funding.premium_ppb(bid, ask, oracle)
    assert premium.middle_premium_ppb(bid, ask, oracle) == premium.middle_premium(
        bid, ask, oracle, PPB
    )
