"""Integer arithmetic rounds as named and does not overflow where a plain product would."""

from fractions import Fraction
from math import ceil, floor, gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.numbers import arithmetic

NATURAL = st.integers(0, 2**63 - 1)
SIGNED = st.integers(-(2**62), 2**62)
DIVISOR = st.integers(1, 2**62 - 1)


@pytest.mark.parametrize(
    ("a", "b", "down", "up"),
    [
        (0, 3, 0, 0),
        (6, 3, 2, 2),
        (7, 3, 2, 3),
        (-7, 3, -3, -2),
        (7, -3, -3, -2),
        (-7, -3, 2, 3),
        (-6, 3, -2, -2),
    ],
)
def test_division_rounds_down_and_up_for_both_signs(a, b, down, up):
    """Floor goes to minus infinity and ceiling to plus infinity, not toward zero."""
    assert arithmetic.floor_div(a, b) == down
    assert arithmetic.ceil_div(a, b) == up


@given(SIGNED, st.integers(1, 2**40), st.data())
def test_mul_div_is_the_exact_quotient_rounded(a, c, data):
    """Without forming the product, floor and ceiling equal those of the exact fraction."""
    b = data.draw(st.integers(0, min((2**63 - 1) // c, 2**62 * c // max(abs(a), 1))))
    exact = Fraction(a * b, c)
    assert arithmetic.mul_div_floor(a, b, c) == floor(exact)
    assert arithmetic.mul_div_ceil(a, b, c) == ceil(exact)


@given(NATURAL, NATURAL, DIVISOR)
def test_wide_products_divide_exactly(a, b, c):
    """A product of 126 bits gives the exact quotient up to the cap, and the exact remainder."""
    assert arithmetic.mul_div_wide_floor(a, b, c) == min(a * b // c, 2**62)
    assert arithmetic.mul_mod_wide(a, b, c) == a * b % c


@given(NATURAL, NATURAL, DIVISOR, st.integers(0, 2**62))
def test_wide_quotient_stops_at_the_cap(a, b, c, cap):
    """The cap is returned precisely when the exact quotient reaches it."""
    assert arithmetic.mul_div_wide_capped(a, b, c, cap) == min(a * b // c, cap)


@pytest.mark.parametrize(
    ("a", "b", "c"),
    [
        (2**63 - 1, 2**62 - 2, 2**62 - 1),
        (2**62, 2**62 - 2, 2**62 - 1),
        (2**61, 2**61, 2**61),
        (2**32, 2**31, 3),
        (2**32 - 1, 2**31, 1),
        (2**62 - 1, 1, 1),
        (0, 2**63 - 1, 1),
        (2**63 - 1, 0, 1),
    ],
)
def test_wide_products_at_the_edge(a, b, c):
    """The largest operands and those around the plain product's limit are exact too."""
    assert arithmetic.mul_div_wide_floor(a, b, c) == min(a * b // c, 2**62)
    assert arithmetic.mul_mod_wide(a, b, c) == a * b % c


@given(SIGNED, SIGNED, SIGNED)
def test_median_is_the_middle_in_any_order(a, b, c):
    """The median of three does not depend on their order."""
    expected = sorted([a, b, c])[1]
    assert {arithmetic.median3(*order) for order in ((a, b, c), (b, c, a), (c, b, a))} == {expected}


@given(SIGNED, SIGNED, SIGNED)
def test_clamp_sign_and_absolute_follow_their_definition(x, one_end, other_end):
    """Clamping stays between the ends; sign times absolute value is the number."""
    low, high = sorted([one_end, other_end])
    assert arithmetic.clamp(x, low, high) == min(max(x, low), high)
    assert arithmetic.sign(x) * arithmetic.absolute(x) == x
    assert arithmetic.absolute(x) == abs(x)


@given(st.integers(1, 2**62), st.integers(0, 2**62))
def test_greatest_common_divisor(a, b):
    """Euclid's algorithm agrees with the standard library."""
    assert arithmetic.greatest_common_divisor(a, b) == gcd(a, b)
