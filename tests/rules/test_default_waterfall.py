"""The default waterfall: layers in order, exact sums, cover n."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses.default_waterfall import (
    assessment_cap_quanta,
    consume_layers,
    cover_n_quanta,
    haircut_gains,
    skin_in_the_game_quanta,
)

AMOUNTS = st.lists(st.integers(-(10**9), 10**12), max_size=8)


@pytest.mark.parametrize(
    ("loss", "capacities", "expected", "left"),
    [
        (0, [5, 5], [0, 0], 0),
        (5, [5, 5], [5, 0], 0),
        (6, [5, 5], [5, 1], 0),
        (12, [5, 0, 5], [5, 0, 5], 2),
        (3, [-4, 5], [0, 3], 0),
        (-3, [5], [0], 0),
        (7, [], [], 7),
    ],
)
def test_layers(loss, capacities, expected, left):
    """A layer is used up before the next one is touched."""
    out = [-1] * len(capacities)
    assert consume_layers(loss, capacities, len(capacities), out) == left
    assert out == expected


@given(st.integers(0, 10**13), AMOUNTS)
def test_nothing_is_lost_or_made(loss, capacities):
    """Parts and rest sum to the loss, and a rest means that every layer is exhausted."""
    out = [0] * len(capacities)
    left = consume_layers(loss, capacities, len(capacities), out)
    assert sum(out) + left == loss
    if left > 0:
        assert out == [max(0, capacity) for capacity in capacities]


def test_a_whole_waterfall():
    """A default of 100 with margin 40, contribution 10, own capital 5, survivors' fund 30."""
    out = [0] * 5
    assert consume_layers(100, [40, 10, 5, 30, 60], 5, out) == 0
    assert out == [40, 10, 5, 30, 15]


@pytest.mark.parametrize(("capital", "expected"), [(100, 25), (101, 26), (0, 0)])
def test_skin_in_the_game(capital, expected):
    """A quarter of the required capital, rounded up."""
    assert skin_in_the_game_quanta(capital, 250_000) == expected


@pytest.mark.parametrize(
    ("contribution", "multiple", "called", "expected"),
    [(100, 2_000_000, 0, 200), (100, 2_000_000, 150, 50), (100, 1_000_000, 150, 0)],
)
def test_assessments(contribution, multiple, called, expected):
    """Calls are capped by a multiple of the contribution, earlier calls counted."""
    assert assessment_cap_quanta(contribution, multiple, called) == expected


@pytest.mark.parametrize(
    ("loss", "gains", "expected", "left"),
    [
        (10, [30, -50, 10], [8, 0, 2], 0),  # 7.5 and 2.5: the first of equal remainders
        (100, [30, -50, 10], [30, 0, 10], 60),
        (0, [30], [0], 0),
        (-5, [30], [0], 0),
        (5, [-1, 0], [0, 0], 5),
    ],
)
def test_haircut(loss, gains, expected, left):
    """Winners share a loss in proportion to their gains, and never pay more than them."""
    out = [-1] * len(gains)
    assert haircut_gains(loss, gains, len(gains), out) == left
    assert out == expected


@given(AMOUNTS, st.integers(0, 10))
def test_cover_n(losses, n):
    """Cover n is the sum of the n largest losses, ties and gains included."""
    expected = sum(sorted((max(0, loss) for loss in losses), reverse=True)[:n])
    assert cover_n_quanta(losses, len(losses), n) == expected


def test_cover_n_with_ties():
    """Equal losses are each counted once."""
    assert cover_n_quanta([7, 7, 7, 3], 4, 2) == 14
    assert cover_n_quanta([7, 7, 7, 3], 4, 9) == 24
