"""Collateral: what it counts for and what a wrapped asset redeems for."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.positions import collateral


@pytest.mark.parametrize(
    ("lots", "price", "weight_ppm", "value"),
    [
        (10, 100, 1_000_000, 1000),
        (10, 100, 950_000, 950),
        (1, 1, 999_999, 0),
        (-1, 1, 999_999, -1),
        (-10, 100, 1_100_000, -1100),
        (10, 100, 0, 0),
        (0, 100, 950_000, 0),
    ],
)
def test_collateral_value_table(lots, price, weight_ppm, value):
    """Collateral rounds down, so a debt rounds away from zero."""
    assert collateral.collateral_value_quanta(lots, price, weight_ppm) == value


@given(st.integers(-(2**31) + 1, 2**31 - 1), st.integers(0, 2**30 - 1), st.data())
def test_collateral_value_is_the_exact_one_rounded_down(lots, weight_ppm, data):
    """The value is the floor of the exact fraction."""
    price = data.draw(st.integers(0, min(2**31 - 1, (2**53 - 1) // max(1, abs(lots)))))
    exact = Fraction(lots * price * weight_ppm, 10**6)
    assert collateral.collateral_value_quanta(lots, price, weight_ppm) == floor(exact)


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**33 - 1))
def test_redemption_price_is_the_exact_one_rounded_down(underlying, ratio_ppb):
    """The redemption price is the floor of underlying times ratio."""
    exact = Fraction(underlying * ratio_ppb, 10**9)
    assert collateral.redemption_price(underlying, ratio_ppb) == floor(exact)


def test_kinds_of_price_are_distinct():
    """The three kinds of collateral price have their own numbers."""
    kinds = (collateral.PRICE_OWN_BOOK, collateral.PRICE_INDEX, collateral.PRICE_REDEMPTION)
    assert kinds == (0, 1, 2)
