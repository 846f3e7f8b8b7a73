"""Fixed-point products: exact before they round, however wide, and rounded as named."""

from fractions import Fraction
from math import floor, trunc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.numbers import fixed_point

WIDE = st.integers(-(2**200), 2**200)
UNIT = st.sampled_from([1, 10**6, 10**9, 10**18, 10**30])


@given(WIDE, WIDE, UNIT)
def test_products_round_toward_zero(a, b, unit):
    """A product of signed numbers loses magnitude only, never gains it."""
    assert fixed_point.multiply_truncated(a, b, unit) == trunc(Fraction(a * b, unit))


@given(WIDE, WIDE.filter(bool), UNIT)
def test_ratios_round_toward_zero(a, b, unit):
    """A ratio of signed numbers loses magnitude only, never gains it."""
    assert fixed_point.divide_truncated(a, b, unit) == trunc(Fraction(a * unit, b))


@given(st.integers(0, 2**100), st.integers(0, 2**100))
def test_half_up_is_nearest(a, b):
    """The rounded product is within half a unit, and a half goes up."""
    exact = Fraction(a * b, 10**18)
    assert fixed_point.multiply_half_up(a, b, 10**18) == floor(exact + Fraction(1, 2))


@pytest.mark.parametrize(
    ("value", "low", "high", "bounded"),
    [
        (5, 2, 7, 5),
        (10, 2, 7, 7),
        (1, 2, 7, 2),
        (-5, 2, 7, -5),
        (-10, 2, 7, -7),
        (-1, 2, 7, -2),
        (0, 2, 7, 2),
        (0, 0, 7, 0),
        (1, 7, 2, 2),
        (-1, 7, 2, -2),
    ],
)
def test_magnitude_is_bounded_and_sign_kept(value, low, high, bounded):
    """A bound moves the magnitude alone; zero counts as positive, and the upper bound decides."""
    assert fixed_point.bound_magnitude(value, low, high) == bounded
