"""Fills: what they close, what stays of the cost, and the profit they realise."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.positions import position_fill

LOTS = st.integers(-(10**6), 10**6)
PRICE = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("lots", "cost", "fill", "price", "closed", "cost_after", "realised"),
    [
        (0, 0, 2, 100, 0, 200, 0),  # opens
        (5, 500, 1, 160, 0, 660, 0),  # increases: average 110, not 130
        (4, 400, -1, 110, 1, 300, 10),  # reduces: average stays
        (-2, -200, 2, 90, -2, 0, 20),  # closes
        (2, 200, -3, 90, 2, -90, -20),  # flips: the rest at the fill's price
        (-2, -200, 5, 110, -2, 330, -20),
        (-2, -200, 0, 90, 0, -200, 0),  # a fill of nothing
        (3, 100, -1, 40, 1, 67, 7),  # the closed share of the cost is rounded down
        (-3, -100, 1, 30, -1, -66, 4),
    ],
)
def test_table(lots, cost, fill, price, closed, cost_after, realised):
    """Opening, increasing, reducing, closing and flipping, for longs and shorts."""
    assert position_fill.closed_lots(lots, fill) == closed
    assert position_fill.entry_after_fill_quanta(lots, cost, fill, price) == cost_after
    assert position_fill.realised_quanta(lots, cost, fill, price) == realised


@given(LOTS, st.integers(-(10**9), 10**9), LOTS, PRICE)
def test_no_quantum_appears_or_vanishes(lots, cost, fill, price):
    """Cash paid, cost carried and profit realised balance, whatever the fill does."""
    if lots == 0:
        cost = 0
    cost_after = position_fill.entry_after_fill_quanta(lots, cost, fill, price)
    realised = position_fill.realised_quanta(lots, cost, fill, price)
    assert cost_after == cost + fill * price + realised
    if lots + fill == 0:
        assert cost_after == 0


@given(LOTS.filter(bool), PRICE, LOTS, PRICE)
def test_a_partial_close_keeps_the_average_entry(lots, entry, fill, price):
    """Reducing changes the size, never the average entry price."""
    fill = fill if fill * lots < 0 and abs(fill) < abs(lots) else 0
    cost_after = position_fill.entry_after_fill_quanta(lots, lots * entry, fill, price)
    assert Fraction(cost_after, lots + fill) == entry


@given(LOTS, PRICE, PRICE)
def test_unrealised_is_what_closing_realises(lots, entry, mark):
    """Closing at the mark realises the unrealised profit."""
    cost = lots * entry
    closing = position_fill.realised_quanta(lots, cost, -lots, mark)
    assert position_fill.unrealised_quanta(lots, cost, mark) == closing
