"""Fill prices between the premiums before and after the order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.prices import skew_fill_price

WEI = 10**18


@pytest.mark.parametrize(
    ("skew", "size", "price", "scale", "fill"),
    [
        (0, 100, 1200, 1_000_000, 1200.06),
        (0, -2, 30_000, 100, 29_700),
        (0, 20, 2000, 1000, 2020),
        (10, 0, 1000, 100, 1100),
        (10, -20, 1000, 100, 1000),
        (-10, 10, 1000, 100, 950),
        (10, 5, 1000, 0, 1000),
    ],
)
def test_fill_price_table(skew, size, price, scale, fill):
    """By hand: the mean premium of the skew before and after, none without a scale."""
    arguments = [value * WEI for value in (skew, size, price, scale)]
    expected = round(fill * 100) * WEI // 100
    assert skew_fill_price.fill_price(*arguments, WEI) == expected


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(1, 10**9))
def test_a_round_trip_costs_nothing_but_rounding(skew, size, price):
    """Into a skew and out again fills at one price: the premium itself is no fee."""
    scale, unit = 10**7, 10**9
    there = skew_fill_price.fill_price(skew, size, price, scale, unit)
    back = skew_fill_price.fill_price(skew + size, -size, price, scale, unit)
    assert there == back


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), st.integers(1, 10**9))
def test_buying_raises_the_fill(skew, size, price):
    """A buyer fills at or above the premium that he finds."""
    scale, unit = 10**7, 10**9
    found = skew_fill_price.price_with_premium(skew, price, scale, unit)
    assert skew_fill_price.fill_price(skew, size, price, scale, unit) >= found
