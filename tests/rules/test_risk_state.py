"""How an account stands, which of two is riskier, and which changes it may make."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tacoma.rules.margins import risk_state
from tacoma.rules.margins.risk_state import (
    NEWLY_UNDERCOLLATERALIZED,
    STILL_UNDERCOLLATERALIZED,
    SUCCESS,
)

EQUITY = st.integers(-(10**40), 10**40) | st.integers(-3, 3)
MARGIN = st.integers(0, 10**40) | st.integers(0, 3)


@pytest.mark.parametrize(
    ("equity", "margin", "liquidatable", "covered"),
    [
        (0, 0, False, True),
        (-1, 0, False, False),
        (1, 0, False, True),
        (0, 1, True, False),
        (1, 1, False, True),
        (2, 1, False, True),
        (-5, 1, True, False),
    ],
)
def test_standing_table(equity, margin, liquidatable, covered):
    """Equality is healthy; an account that needs no margin cannot be liquidated."""
    assert risk_state.is_liquidatable(equity, margin) is liquidatable
    assert risk_state.is_initially_collateralized(equity, margin) is covered


@given(EQUITY, MARGIN, EQUITY, MARGIN)
def test_comparison_is_that_of_the_ratios_and_antisymmetric(equity, margin, other, other_margin):
    """The smaller ratio is the riskier account, and swapping the accounts swaps the answer."""
    order = risk_state.compare_risk(equity, margin, other, other_margin)
    assert order == -risk_state.compare_risk(other, other_margin, equity, margin)
    assume(margin > 0 and other_margin > 0)
    ratio, other_ratio = Fraction(equity, margin), Fraction(other, other_margin)
    if ratio != other_ratio:
        assert order == (1 if ratio < other_ratio else -1)
    else:
        assert order == (margin > other_margin) - (margin < other_margin)


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ((1, 0), (1, 1), -1),
        ((1, 1), (1, 0), 1),
        ((0, 0), (2, 1), -1),
        ((5, 0), (7, 0), 1),
        ((5, 0), (5, 0), 0),
        ((-5, 0), (-7, 0), -1),
    ],
)
def test_comparison_without_margin(first, second, order):
    """Without a ratio the larger maintenance decides, then the smaller equity."""
    assert risk_state.compare_risk(*first, *second) == order


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ((10, 20, 10), (10, 30, 10), SUCCESS),
        ((10, 20, 10), (9, 30, 10), STILL_UNDERCOLLATERALIZED),
        ((20, 20, 10), (9, 30, 10), NEWLY_UNDERCOLLATERALIZED),
        ((10, 20, 10), (5, 30, 5), SUCCESS),
        ((10, 20, 10), (4, 30, 5), STILL_UNDERCOLLATERALIZED),
        ((10, 20, 10), (15, 30, 11), STILL_UNDERCOLLATERALIZED),
        ((-10, 20, 10), (-5, 30, 5), SUCCESS),
        ((-10, 20, 10), (-6, 30, 5), STILL_UNDERCOLLATERALIZED),
        ((-2, 0, 0), (-1, 0, 0), SUCCESS),
        ((-1, 0, 0), (-1, 0, 0), STILL_UNDERCOLLATERALIZED),
        ((-2, 1, 1), (-1, 0, 0), STILL_UNDERCOLLATERALIZED),
        ((0, 0, 0), (-1, 0, 0), NEWLY_UNDERCOLLATERALIZED),
        ((-5, 1, 1), (0, 0, 0), SUCCESS),
        ((-5, 1, 1), (1, 1, 1), SUCCESS),
    ],
)
def test_transition_table(old, new, outcome):
    """Covering the initial margin is always allowed, getting riskier below it never is."""
    assert risk_state.transition(*old, *new) == outcome


@given(EQUITY, MARGIN, MARGIN, EQUITY, MARGIN, MARGIN)
def test_an_allowed_change_below_initial_margin_is_no_riskier(
    equity, initial, maintenance, new_equity, new_initial, new_maintenance
):
    """Whoever ends below the initial margin ends with no more maintenance and no less a ratio."""
    assume(new_equity < new_initial)
    old, new = (equity, initial, maintenance), (new_equity, new_initial, new_maintenance)
    if risk_state.transition(*old, *new) == SUCCESS:
        assert new_maintenance <= maintenance
        assert risk_state.compare_risk(new_equity, new_maintenance, equity, maintenance) <= 0
    else:
        assert (risk_state.transition(*old, *new) == NEWLY_UNDERCOLLATERALIZED) == (
            equity >= initial
        )
