"""Sizing: the first slice of a liquidation, and the cost that leaves with closed lots."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import shared_file
from tacoma.rules.liquidations import sizing

THRESHOLD = 100_000 * 10**6


@pytest.mark.parametrize(
    ("lots", "notional", "slice_lots"),
    [
        (1000, THRESHOLD - 1, 1000),
        (1000, THRESHOLD, 1000),
        (1000, THRESHOLD + 1, 200),
        (9, THRESHOLD + 1, 1),
        (10, THRESHOLD + 1, 2),
        (4, THRESHOLD + 1, 1),
        (1, THRESHOLD + 1, 1),
        (0, THRESHOLD + 1, 0),
        (0, 0, 0),
    ],
)
def test_first_slice_table(lots, notional, slice_lots):
    """Only strictly above the threshold a fifth is closed first, rounded down, at least one."""
    assert sizing.first_slice_lots(lots, notional, THRESHOLD, 200_000) == slice_lots


@given(st.integers(1, 2**31 - 1), st.integers(0, 10**6))
def test_a_slice_is_part_of_the_position(lots, fraction_ppm):
    """A slice closes at least one lot and never more than there are."""
    assert 1 <= sizing.first_slice_lots(lots, 2, 1, fraction_ppm) <= lots


@given(st.integers(-(2**53) + 1, 2**53 - 1), st.integers(1, 2**31 - 1), st.data())
def test_closed_share_rounds_down_and_loses_nothing(entry, lots, data):
    """The share is the floor of the exact one; closing step by step leaves a cost of zero."""
    closed = data.draw(st.integers(0, lots))
    share = sizing.closed_share_quanta(entry, closed, lots)
    assert share == Fraction(entry * closed, lots) // 1
    if closed < lots:
        rest = entry - share
        assert sizing.closed_share_quanta(rest, lots - closed, lots - closed) == rest
    else:
        assert share == entry


@pytest.mark.parametrize(("closed", "lots"), [(3, 10), (-3, -10), (3, -10), (-3, 10)])
def test_closed_share_ignores_the_signs_of_lots(closed, lots):
    """Signed and absolute lots give the same share of a short's negative cost."""
    assert sizing.closed_share_quanta(-1001, closed, lots) == -301


def test_published_partial_close():
    """The published partial close leaves the entry price and realises the published profit."""
    cases = json.loads(shared_file("vectors/venue_hyperliquid_examples.json").read_text())["cases"]
    found = [case for case in cases if case["fn"] == "apply_fill"]
    assert found
    for case in found:
        inputs, out = case["in"], case["out"]
        scale = 10  # tenths make the sizes whole lots
        lots = int(Fraction(inputs["signed_size"]) * scale)
        closed = int(Fraction(inputs["size"]) * scale)
        cost = lots * int(inputs["entry"])
        share = sizing.closed_share_quanta(cost, closed, lots)
        gross = closed * int(inputs["price"]) - share
        assert gross == int(out["gross_pnl"]) * scale
        assert gross - int(inputs["fee"]) * scale == out["closed_pnl"] * scale
        assert Fraction(cost - share, lots - closed) == Fraction(out["entry"])
