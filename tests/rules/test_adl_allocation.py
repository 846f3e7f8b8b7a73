"""Deleveraging many at once: exact sums, caps, proportion, and the order of a queue."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses.adl_allocation import allocate_capped, allocate_in_order

HOLDERS = st.lists(
    st.tuples(st.integers(0, 50), st.one_of(st.integers(0, 8), st.integers(0, 10**6))), max_size=9
)


def capped(lots, weights, caps):
    out = [-1] * len(weights)
    return allocate_capped(lots, weights, caps, len(weights), out), out


@pytest.mark.parametrize(
    ("lots", "weights", "caps", "expected"),
    [
        (10, [1, 1], [100, 100], [5, 5]),
        (10, [3, 1, 1], [2, 100, 100], [2, 4, 4]),
        (10, [1, 1, 1], [100, 100, 100], [4, 3, 3]),  # the lower position first among equals
        (10, [1, 0], [3, 100], [3, 0]),  # no weight, no share
        (100, [1, 2], [3, 4], [3, 4]),  # more than all hold
        (0, [1, 2], [3, 4], [0, 0]),
        (5, [0, 0], [3, 4], [0, 0]),
        (12, [8, 4, 2, 1], [3, 3, 3, 9], [3, 3, 3, 3]),  # three rounds of overflow
        (10, [], [], []),
        (7, [1, 1], [0, 9], [0, 7]),
        (9, [2**40, 1], [4, 5], [4, 5]),
    ],
)
def test_hand_computed(lots, weights, caps, expected):
    """Whoever is full gives all it has, and the others share what is left by weight."""
    assert capped(lots, weights, caps) == (sum(expected), expected)


@given(st.integers(0, 10**6), HOLDERS)
def test_the_sum_is_exact_and_caps_hold(lots, holders):
    """All lots are given, as far as holders with weight have them; nobody exceeds its cap."""
    weights, caps = [list(column) for column in zip(*holders, strict=True)] or ([], [])
    total, out = capped(lots, weights, caps)
    available = sum(cap for weight, cap in holders if weight > 0)
    assert total == sum(out) == min(lots, available)
    for given_lots, weight, cap in zip(out, weights, caps, strict=True):
        assert 0 <= given_lots <= cap
        assert weight > 0 or given_lots == 0


@given(st.integers(1, 10**6), HOLDERS)
def test_whoever_is_not_full_gives_in_proportion(lots, holders):
    """Below their caps, shares per weight differ by no more than a lot; full ones have no more."""
    weights, caps = [list(column) for column in zip(*holders, strict=True)] or ([], [])
    _, out = capped(lots, weights, caps)
    open_holders = [
        (given_lots, weight)
        for given_lots, weight, cap in zip(out, weights, caps, strict=True)
        if weight > 0 and given_lots < cap
    ]
    for one_lots, one_weight in open_holders:
        for other_lots, other_weight in open_holders:
            exact = Fraction(one_lots + 1, one_weight)
            assert Fraction(other_lots - 1, other_weight) <= exact
    for given_lots, weight, cap in zip(out, weights, caps, strict=True):
        if weight > 0 and given_lots == cap:
            for other_lots, other_weight in open_holders:
                assert Fraction(cap - 1, weight) <= Fraction(other_lots + 1, other_weight)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), max_size=9))
def test_by_size_is_plain_pro_rata(lots, caps):
    """With sizes as weights nobody is capped before all are: shares are exact to a lot."""
    _, out = capped(lots, caps, caps)
    for given_lots, cap in zip(out, caps, strict=True):
        exact = min(Fraction(cap), Fraction(lots * cap, max(1, sum(caps))))
        assert abs(given_lots - exact) < 1


@pytest.mark.parametrize(
    ("lots", "caps", "expected"),
    [(10, [4, 4, 4], [4, 4, 2]), (3, [4, 4], [3, 0]), (9, [4, 4], [4, 4]), (0, [4], [0])],
)
def test_queue(lots, caps, expected):
    """Along a queue each gives all it has, the last in part."""
    out = [-1] * len(caps)
    assert allocate_in_order(lots, caps, len(caps), out) == sum(expected)
    assert out == expected
