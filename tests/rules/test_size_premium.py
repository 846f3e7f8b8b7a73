"""Margin that grows with the root of size: where it starts, and how the relaxed ratio meets it."""

from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.margins import size_premium

UNIT = 10**9
RATIO = 10**4
SIZES = st.integers(0, 10**24)
FACTORS = st.integers(0, 10**6)


def ratio_at(size, factor, ratio):
    return size_premium.size_premium_ratio(size_premium.size_root(size, UNIT), factor, ratio, RATIO)


@pytest.mark.parametrize(
    ("size", "unit", "root"),
    [
        (0, UNIT, 1),
        (UNIT, UNIT, 100_000),
        (4 * UNIT, UNIT, 200_000),
        (10**6, 10**6, 100_000),
        (1, 1, 100_000),
        (10**12, 10**12, 100_000),
        (999, 10**12, 1),
        (2 * UNIT, UNIT, 141_421),
    ],
)
def test_root_table(size, unit, root):
    """The root of whole units has five decimals, whatever the unit; dust has root 1e-5."""
    assert size_premium.size_root(size, unit) == root


@pytest.mark.parametrize(
    ("size", "factor", "ratio", "expected"),
    [
        (UNIT, 0, 1000, 1000),
        (10**6 * UNIT, 50, 1000, 1300),  # 800 + 1000 * 0.5
        (16 * 10**4 * UNIT, 50, 1000, 1000),  # the premium is just a fifth
        (162_409 * UNIT, 50, 1000, 1001),
        (10**4 * UNIT, 1000, 500, 1400),
    ],
)
def test_ratio_table(size, factor, ratio, expected):
    """The premium replaces a fifth of the ratio and counts only beyond it."""
    assert ratio_at(size, factor, ratio) == expected


@pytest.mark.parametrize(
    ("size", "stage_ratio", "expected"),
    [
        (UNIT // 10, 100, 100),
        (UNIT, 100, 100),
        (10 * UNIT, 100, 104),
        (3000 * UNIT, 100, 221),
        (10**6 * UNIT, 100, 1300),
    ],
)
def test_relaxed_ratio_table(size, stage_ratio, expected):
    """Published numbers of high leverage mode: 10 % ordinary, 1 % relaxed, factor 50."""
    sized = size_premium.size_premium_unbounded(size_premium.size_root(size, UNIT), 50, 1000, RATIO)
    assert size_premium.relaxed_ratio_by_size(1000, sized, stage_ratio) == expected


@given(SIZES, SIZES, FACTORS, st.integers(0, 10**4))
def test_a_larger_position_never_asks_for_less(size, more, factor, ratio):
    """The ratio rises with size and is never below the market's."""
    assert ratio <= ratio_at(size, factor, ratio) <= ratio_at(size + more, factor, ratio)


@given(SIZES, SIZES, FACTORS, st.integers(0, 10**4))
def test_a_larger_deposit_never_weighs_more(size, more, factor, weight):
    """The weight falls with size, is never above the market's and never below 0."""
    first, second = (
        size_premium.size_discount_weight(size_premium.size_root(one, UNIT), factor, weight, RATIO)
        for one in (size, size + more)
    )
    assert 0 <= second <= first <= weight


@given(st.integers(0, 10**4), st.integers(0, 2 * 10**4), st.integers(0, 10**4))
def test_the_relaxed_ratio_stays_between(ordinary, sized, relaxed):
    """It runs from the relaxed to the ordinary ratio, and is the sized one beyond that."""
    relaxed = min(relaxed, ordinary)
    sized = max(sized, ordinary - ordinary // 5)
    result = size_premium.relaxed_ratio_by_size(ordinary, sized, relaxed)
    if sized > ordinary:
        assert result == sized
    else:
        assert relaxed <= result <= max(ordinary, relaxed + 1)


@given(st.integers(0, 10**30), st.integers(0, 18))
def test_the_root_is_exact_beyond_the_machine(size, digits):
    """Over unbounded integers the root is that of the size in 1e-9 units."""
    unit = 10**digits
    fine = size * 10**9 // unit
    assert size_premium.size_root(size, unit) == isqrt(10 * fine + 1)
