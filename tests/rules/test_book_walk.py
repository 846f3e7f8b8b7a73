"""Walking a book by size and by budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.prices import book_walk

PRICES, SIZES = [101, 102, 110], [125, 400, 50]


@pytest.mark.parametrize(
    ("lots", "filled", "cost"),
    [
        (0, 0, 0),
        (125, 125, 12_625),
        (300, 300, 30_475),
        (575, 575, 58_925),
        (576, 575, 58_925),
    ],
)
def test_size_table(lots, filled, cost):
    """An order takes level after level, and no more than the book holds."""
    assert book_walk.walked_lots(SIZES, 0, 3, lots) == filled
    assert book_walk.walked_quanta(PRICES, SIZES, 0, 3, lots) == cost


def test_an_empty_side_gives_nothing():
    """Without levels nothing is filled and nothing paid."""
    assert book_walk.walked_lots([], 0, 0, 5) == 0
    assert book_walk.walked_quanta([], [], 0, 0, 5) == 0
    assert book_walk.affordable_lots([], [], 0, 0, 5, 1) == 0


@pytest.mark.parametrize(
    ("budget", "step", "lots"),
    [
        (0, 1, 0),
        (12_624, 1, 124),
        (12_625, 1, 125),
        (20_000, 1, 197),  # 72 of the second level for 7,375
        (20_000, 10, 195),
        (10**9, 1, 575),
    ],
)
def test_budget_table(budget, step, lots):
    """A budget buys whole levels, then as many steps of the next as it covers."""
    assert book_walk.affordable_lots(PRICES, SIZES, 0, 3, budget, step) == lots


@given(
    st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 1000)), max_size=6),
    st.integers(0, 10**6),
)
def test_a_budget_is_kept_and_used(levels, budget):
    """What a budget buys costs no more than it, and one lot more would cost more."""
    prices, sizes = [price for price, _ in levels], [size for _, size in levels]
    book = (0, len(levels))
    lots = book_walk.affordable_lots(prices, sizes, *book, budget, 1)
    assert book_walk.walked_quanta(prices, sizes, *book, lots) <= budget
    if book_walk.walked_lots(sizes, *book, lots + 1) == lots + 1:
        assert book_walk.walked_quanta(prices, sizes, *book, lots + 1) > budget
