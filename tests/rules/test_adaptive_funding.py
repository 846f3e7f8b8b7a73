"""Adaptive funding: when the rate moves, where to, and within which bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.fundings import adaptive_funding

UNIT = 10**9
STABLE, DECREASE = 50, 30
RATE = st.integers(-(10**9), 10**9)
FACTOR = st.integers(0, UNIT)
HOLD_, UP, DOWN = adaptive_funding.HOLD, adaptive_funding.INCREASE, adaptive_funding.DECREASE


@pytest.mark.parametrize(
    ("rate", "side", "factor", "change"),
    [
        (7, 1, 51, UP),
        (7, 1, 50, HOLD_),
        (7, 1, 30, HOLD_),
        (7, 1, 29, DOWN),
        (7, -1, 29, UP),
        (7, 0, 0, UP),
        (-7, -1, 51, UP),
        (-7, -1, 40, HOLD_),
        (-7, -1, 0, DOWN),
        (-7, 1, 0, UP),
        (0, 1, 10, UP),
        (0, 0, 0, UP),
    ],
)
def test_thresholds_table(rate, side, factor, change):
    """Both thresholds hold at equality; a rate that flows with the skew is always drawn to it."""
    assert adaptive_funding.rate_change(rate, side, factor, STABLE, DECREASE) == change


def step(rate, side, factor, seconds, maximum=10**9):
    return adaptive_funding.next_saved_rate(
        *(rate, side, factor, seconds, 100, 2),
        *(UNIT // 20, 3 * UNIT // 100, maximum, UNIT),
    )


@pytest.mark.parametrize(
    ("rate", "side", "percent", "seconds", "result"),
    [
        (0, 1, 6, 600, 3600),
        (3600, 1, 6, 600, 7200),
        (7200, 1, 4, 600, 7200),
        (7200, 1, 2, 600, 6000),
        (7200, 1, 2, 3600, 1),
        (7200, 1, 2, 10**6, 1),
        (-7200, -1, 2, 10**6, -1),
        (6000, -1, 6, 600, 2400),
        (2400, -1, 6, 600, -1200),
        (-1200, -1, 6, 600, -4800),
        (500, 0, 0, 600, 500),
    ],
)
def test_next_rate_table(rate, side, percent, seconds, result):
    """By hand: 100 per second times the skew up, 2 per second down, through zero only by skew."""
    assert step(rate, side, percent * UNIT // 100, seconds) == result


@given(RATE, st.integers(-1, 1), FACTOR, st.integers(0, 10**6), st.integers(0, 10**9))
def test_saved_rate_stays_below_its_maximum(rate, side, factor, seconds, maximum):
    """Whatever moves it, the magnitude of the saved rate is at most the maximum."""
    assert abs(step(rate, side, factor, seconds, maximum)) <= maximum


@given(RATE, st.integers(-1, 1), FACTOR, st.integers(0, 10**6))
def test_longs_and_shorts_are_mirrors(rate, side, factor, seconds):
    """Mirrored skew and rate give the mirrored next rate."""
    assert step(-rate, -side, factor, seconds) == -step(rate, side, factor, seconds)


@pytest.mark.parametrize(
    ("saved", "charged"), [(0, 10), (5, 10), (-5, -10), (50, 50), (-500, -100)]
)
def test_charged_rate_table(saved, charged):
    """The charged rate has the saved one's sign and a magnitude within the bounds."""
    assert adaptive_funding.charged_rate(saved, 10, 100) == charged


@pytest.mark.parametrize(
    ("difference", "total", "factor"),
    [(0, 0, 0), (0, 5, 0), (12, 200, 60_000_000), (1, 3, 333_333_333)],
)
def test_skew_factor_table(difference, total, factor):
    """The difference over the total, rounded down; a market without a difference has none."""
    assert adaptive_funding.skew_factor(difference, total, UNIT) == factor


def test_static_rate_is_capped():
    """Without adaptation the rate is skew times factor, up to the maximum."""
    assert adaptive_funding.static_rate(UNIT // 10, 50, 100, UNIT) == 5
    assert adaptive_funding.static_rate(UNIT // 10, 5000, 100, UNIT) == 100
