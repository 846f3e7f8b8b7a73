"""Take-over prices: where an account ends with nothing, and how far an order may reach."""

import json
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.liquidations import takeover

MONEY = st.integers(-(2**53) + 1, 2**53 - 1)
LOTS = st.integers(-(2**31) + 1, 2**31 - 1)


@pytest.mark.parametrize(
    ("lots", "entry", "balance", "price"),
    [
        (10, 1000, 100, 90),
        (10, 1000, 99, 91),
        (10, 1000, 91, 91),
        (10, 1000, 101, 90),
        (-10, -1000, 100, 110),
        (-10, -1000, 99, 109),
        (-10, -1000, 109, 110),
        (10, 1000, 1000, 0),
        (10, 1000, 5000, 0),
        (10, 1000, -50, 105),
        (-10, -1000, -1000, 0),
        (-10, -1000, -2000, 0),
        (0, 0, 100, 0),
        (-1, -1000, 2**52, 2**52 + 1000),
    ],
)
def test_bankruptcy_price_table(lots, entry, balance, price):
    """A long's price rounds up, a short's down, and neither falls below zero."""
    assert takeover.bankruptcy_price(lots, entry, balance) == price


@given(LOTS, MONEY, MONEY)
def test_closing_at_the_bankruptcy_price_leaves_only_dust(lots, entry, balance):
    """At a positive price the account ends at or above zero by less than one quantum per lot."""
    price = takeover.bankruptcy_price(lots, entry, balance)
    assume(price > 0)
    left = lots * price - entry + balance
    assert 0 <= left < abs(lots)
    one_worse = price - 1 if lots > 0 else price + 1
    assert lots * one_worse - entry + balance < 0


@given(LOTS, MONEY, MONEY)
def test_a_price_of_zero_means_that_no_positive_price_is_needed_or_helps(lots, entry, balance):
    """Zero is a long that cannot go bankrupt or a short that is bankrupt at every price."""
    assume(takeover.bankruptcy_price(lots, entry, balance) == 0)
    assume(lots != 0)
    at_one = lots - entry + balance
    assert balance - entry >= 0 if lots > 0 else at_one < 0


@pytest.mark.parametrize(
    ("mark", "side", "deviation_ppm", "bound"),
    [
        (100, -1, 50_000, 95),
        (101, -1, 50_000, 95),
        (100, 1, 50_000, 105),
        (101, 1, 50_000, 107),
        (100, -1, 0, 100),
        (100, 1, 0, 100),
        (100, -1, 1_000_000, 0),
        (100, -1, 2_000_000, 0),
        (100, 1, 2_000_000, 300),
    ],
)
def test_price_bound_table(mark, side, deviation_ppm, bound):
    """A sale's bound rounds down and ends at zero; a purchase's rounds up."""
    assert takeover.price_bound_from_mark(mark, side, deviation_ppm) == bound


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**30 - 1))
def test_price_bound_is_the_exact_one_rounded_outward(mark, deviation_ppm):
    """The order always may trade at the exact bound."""
    low = mark * (1 - Fraction(deviation_ppm, 10**6))
    high = mark * (1 + Fraction(deviation_ppm, 10**6))
    assert takeover.price_bound_from_mark(mark, -1, deviation_ppm) == max(0, floor(low))
    assert takeover.price_bound_from_mark(mark, 1, deviation_ppm) == ceil(high)


def test_published_linear_bankruptcy_price():
    """The published long goes bankrupt at the published price."""
    cases = json.loads(shared_file("vectors/venue_cex.json").read_text())["cases"]
    found = [case for case in cases if case["fn"] == "linear_bankruptcy_price"]
    assert found
    for case in found:
        inputs = case["in"]
        lots = inputs["side"] * inputs["size"]
        balance = inputs["position_margin"] + inputs["wallet_balance"]
        price = takeover.bankruptcy_price(lots, lots * inputs["entry"], balance)
        assert price == case["out"]["price"]
