"""Margin by leverage: schedules, transfers, backstop and the share of collateral in use."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.margins import leverage_margin, margin

MONEY = st.integers(0, 2**53 - 1)


def schedule(lower, leverage):
    """Return the three arrays that the rule writes."""
    count = len(lower)
    numerator, denominator, deduction = [0] * count, [0] * count, [0] * count
    last = leverage_margin.write_leverage_schedule(
        lower, leverage, 0, count, numerator, denominator, deduction
    )
    assert last == deduction[-1]
    return numerator, denominator, deduction


@pytest.mark.parametrize(
    ("lower", "leverage", "rates", "deductions"),
    [
        ([0], [10], [20], [0]),
        ([0, 1000], [10, 5], [20, 10], [0, 50]),
        ([0, 150_000_000], [40, 20], [80, 40], [0, 1_875_000]),
        ([0, 10_000, 50_000], [40, 25, 10], [80, 50, 20], [0, 75, 1575]),
        ([0, 7], [3, 2], [6, 4], [0, 0]),
    ],
)
def test_schedule_table(lower, leverage, rates, deductions):
    """Rates are halves of the initial margin; deductions continue the tier below, rounded down."""
    assert schedule(lower, leverage) == ([1] * len(lower), rates, deductions)


def test_a_schedule_is_written_into_its_slice_only():
    """What lies before and behind the slice in the flat arrays stays as it was."""
    numerator, denominator, deduction = [9] * 4, [9] * 4, [9] * 4
    leverage_margin.write_leverage_schedule(
        [5, 0, 1000, 5], [7, 10, 5, 7], 1, 2, numerator, denominator, deduction
    )
    assert (numerator, denominator, deduction) == ([9, 1, 1, 9], [9, 20, 10, 9], [9, 0, 50, 9])


@given(st.integers(1, 10**6), st.permutations([50, 25, 10, 5, 3]))
def test_margin_is_continuous_at_the_bounds(step, leverages):
    """Where nothing rounds, a notional on a bound has the margin of both tiers that meet there."""
    leverage = sorted(leverages, reverse=True)
    lower = [600 * step * place for place in range(len(leverage))]
    numerator, denominator, deduction = schedule(lower, leverage)
    for tier in range(1, len(lower)):
        below = Fraction(lower[tier], denominator[tier - 1]) - deduction[tier - 1]
        quanta = margin.maintenance_quanta(
            lower[tier], lower, numerator, denominator, deduction, 0, len(lower)
        )
        assert below == quanta


@pytest.mark.parametrize(
    ("initial", "notional", "required"), [(40, 200, 40), (30, 600, 60), (10, 200, 20), (1, 11, 2)]
)
def test_transfer_table(initial, notional, required):
    """A transfer leaves the initial margin or a tenth of the notional, whichever is more."""
    assert leverage_margin.transfer_requirement_quanta(initial, notional, 1, 10) == required


@pytest.mark.parametrize(
    ("value", "required", "is_strict", "removable"),
    [(80, 40, False, 40), (80, 40, True, 0), (40, 40, False, 0), (-5, 40, False, 0)],
)
def test_removable_table(value, required, is_strict, removable):
    """Only what exceeds the requirement may go, and nothing from a strictly isolated position."""
    assert leverage_margin.removable_quanta(value, required, is_strict) == removable


@given(st.integers(-(2**53), 2**53), MONEY, st.integers(0, 50), st.integers(1, 50))
def test_backstop_threshold_and_its_question_agree(equity, maintenance, numerator, denominator):
    """Equity is below the threshold precisely when the backstop says that it is reached."""
    numerator = min(numerator, denominator)
    threshold = leverage_margin.backstop_quanta(maintenance, numerator, denominator)
    assert threshold == ceil(Fraction(maintenance * numerator, denominator))
    assert (equity < threshold) == margin.backstop_threshold_reached(
        equity, maintenance, numerator, denominator
    )


@pytest.mark.parametrize(
    ("cross", "isolated", "balance", "share"),
    [
        (50, 15, 115, 500),
        (10, 0, 30, 333),
        (0, 0, 0, 0),
        (0, 0, -50, 0),
        (10, 0, 0, -1),
        (0, 20, 10, -1),
        (0, 20, 20, -1),
        (0, 20, 21, 0),
    ],
)
def test_used_share_table(cross, isolated, balance, share):
    """A token in use without balance has no share (-1); one that is not in use has none of it."""
    assert leverage_margin.used_share(cross, isolated, balance, 1000) == share


@given(MONEY, MONEY, MONEY)
def test_used_share_is_the_exact_one_rounded_down(cross, isolated, free):
    """The share is the floor of the exact ratio."""
    share = leverage_margin.used_share(cross, isolated, isolated + free + 1, 10**9)
    assert share == floor(Fraction(cross * 10**9, free + 1))
