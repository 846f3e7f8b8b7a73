"""Products wider than int64: quotients and comparisons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.numbers.wide_product import compare_products, mul_div_any_floor

NATURALS = st.one_of(st.integers(0, 4), st.integers(0, 2**62), st.integers(0, 10**60))
INTEGERS = st.one_of(st.integers(-4, 4), st.integers(-(2**62), 2**62), st.integers(-(10**60)))


@given(INTEGERS, NATURALS, NATURALS.map(lambda c: c + 1))
def test_quotient_is_the_floor_for_integers_of_any_size(a, b, c):
    """No cap and no width: the quotient is Python's own."""
    assert mul_div_any_floor(a, b, c) == a * b // c


@given(INTEGERS, NATURALS, INTEGERS, NATURALS)
def test_comparison_is_the_sign_of_the_difference(a, b, c, d):
    """The comparison is that of the products themselves."""
    assert compare_products(a, b, c, d) == (a * b > c * d) - (a * b < c * d)


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "order"),
    [
        (2**62, 2**62, 2**62, 2**62, 0),
        (2**62, 2**62, 2**62 - 1, 2**62 + 1, 1),
        (-(2**62), 2**62, 2**62, 2**62, -1),
        (-3, 4, -2, 6, 0),
        (-3, 4, -2, 7, 1),
        (5, 0, -5, 0, 0),
        (5, 0, -5, 1, 1),
        (0, 7, 0, 0, 0),
    ],
)
def test_comparison_table(a, b, c, d, order):
    """Equal products, zeros and signs."""
    assert compare_products(a, b, c, d) == order
