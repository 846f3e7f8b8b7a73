"""Sharing by weight: exact to the last unit, fair to within one."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses import sharing

AMOUNT = st.integers(0, 2**62 - 1)
WEIGHTS = st.lists(st.one_of(st.integers(0, 5), st.integers(0, 2**56)), max_size=40)


def allocate(amount, weights):
    """Return (allocated, shares); the arrays are longer than the count, the rest untouched."""
    out = np.full(len(weights) + 1, -7, dtype=np.int64)
    padded = np.array([*weights, 99], dtype=np.int64)
    allocated = int(sharing.allocate_pro_rata(amount, padded, len(weights), out))
    assert out[-1] == -7
    return allocated, [int(share) for share in out[:-1]]


@given(AMOUNT, AMOUNT, st.integers(1, 2**62 - 1))
def test_share_is_the_exact_one_rounded_down(amount, weight, total):
    """Even where the product needs 124 bits, a share is the floor of the exact fraction."""
    weight = min(weight, total)
    assert sharing.pro_rata_share(amount, weight, total) == amount * weight // total


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (10, [1, 1], [5, 5]),
        (10, [1, 1, 1], [4, 3, 3]),
        (11, [1, 1, 1], [4, 4, 3]),
        (10, [1, 2, 3], [2, 3, 5]),
        (1, [1, 1, 1], [1, 0, 0]),
        (1, [0, 1, 2], [0, 0, 1]),
        (7, [0, 5, 0], [0, 7, 0]),
        (0, [3, 4], [0, 0]),
        (100, [333, 333, 334], [33, 33, 34]),
        (2**62 - 1, [1, 1], [2**61, 2**61 - 1]),
    ],
)
def test_allocation_table(amount, weights, shares):
    """The rest goes to the largest remainders, the lower position first among equals."""
    assert allocate(amount, weights) == (amount, shares)


@pytest.mark.parametrize("weights", [[], [0], [0, 0, 0]])
def test_no_weight_receives_nothing(weights):
    """Without any weight nothing is allocated, and the result says so."""
    assert allocate(10, weights) == (0, [0] * len(weights))


@given(AMOUNT, WEIGHTS)
def test_allocation_is_the_largest_remainder_method(amount, weights):
    """Shares equal those of a plain sort by remainder over unbounded integers."""
    total = sum(weights)
    if total == 0:
        return
    expected = [amount * weight // total for weight in weights]
    remainder = [amount * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-remainder[place], place))
    for place in order[: amount - sum(expected)]:
        expected[place] += 1
    assert allocate(amount, weights) == (amount, expected)


@given(AMOUNT, WEIGHTS)
def test_no_dust_is_lost_and_nobody_is_off_by_a_unit(amount, weights):
    """Shares sum to the amount; each is within one unit of its exact share; zero stays zero."""
    allocated, shares = allocate(amount, weights)
    total = sum(weights)
    assert sum(shares) == allocated == (amount if total > 0 else 0)
    for share, weight in zip(shares, weights, strict=True):
        if total > 0:
            assert abs(share - Fraction(amount * weight, total)) < 1
        if weight == 0:
            assert share == 0


@given(WEIGHTS, st.data())
def test_nobody_loses_more_than_it_owns(weights, data):
    """When the amount does not exceed the total weight, no share exceeds its weight."""
    amount = data.draw(st.integers(0, sum(weights)))
    _, shares = allocate(amount, weights)
    assert all(share <= weight for share, weight in zip(shares, weights, strict=True))


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.data())
def test_threshold_is_the_least_that_leaves_enough_seats(remainders, data):
    """At most `seats` exceed the threshold, and one lower would let in more."""
    seats = data.draw(st.integers(0, len(remainders)))
    values = np.array(remainders, dtype=np.int64)
    threshold = sharing.remainder_threshold(values, len(remainders), 20, seats)
    assert sum(value > threshold for value in remainders) <= seats
    assert threshold == 0 or sum(value > threshold - 1 for value in remainders) > seats
