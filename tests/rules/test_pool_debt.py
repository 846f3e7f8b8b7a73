"""What lenders owe the traders: the same with sums as with every position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.losses import pool_debt

POSITION = st.tuples(st.integers(-1000, 1000), st.integers(1, 10**6))


@given(st.lists(POSITION, max_size=10), st.integers(1, 10**6))
def test_sums_replace_the_loop(positions, price):
    """Skew and one correction give the sum of all open profits."""
    skew = sum(size for size, _ in positions)
    correction = sum(size * entry for size, entry in positions)
    profits = sum(size * (price - entry) for size, entry in positions)
    assert pool_debt.market_debt(skew, price, 0, correction, 1) == profits


@pytest.mark.parametrize(
    ("collateral", "debt", "reported"), [(1000, 2000, 3000), (1000, -1000, 0), (1000, -1001, 0)]
)
def test_reported_debt_table(collateral, debt, reported):
    """Lenders owe nothing where the traders have lost more than their collateral."""
    assert pool_debt.reported_debt(collateral, debt) == reported


def test_funding_counts_like_a_price():
    """Funding that the skew has earned is owed on top of its profit."""
    assert pool_debt.market_debt(-5, 100, 3, -600, 1) == 85
