"""Liquidations capped per window: what a window has left, and when one more is let through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations import window_cap

PPM = 10**6


@pytest.mark.parametrize(
    ("maker", "taker", "scale", "multiplier", "seconds", "cap"),
    [
        (7000, 3000, 1000, PPM, 10, 100),
        (7000, 3000, 1000, PPM // 4, 10, 20),
        (7000, 3000, 10**6, PPM // 4, 10, 25_000),
        (0, 0, 1000, PPM, 10, 0),
        (7000, 3000, 0, PPM, 10, 0),
        (7000, 3000, 1000, PPM, 0, 0),
    ],
)
def test_cap_table(maker, taker, scale, multiplier, seconds, cap):
    """Fees times scale times multiplier is rounded down per second before the window counts."""
    assert window_cap.window_cap(maker, taker, scale, multiplier, seconds, PPM) == cap


@pytest.mark.parametrize(
    ("now", "used"), [(0, 5), (9, 5), (10, 0), (12, 7), (13, 9), (22, 2), (23, 0)]
)
def test_window_is_open_at_its_start(now, used):
    """A liquidation counts for less than one window: exactly one window later it is forgotten."""
    times, amounts = [0, 12, 13], [5, 7, 2]
    seen = sum(time <= now for time in times)
    assert window_cap.used_in_window(times[:seen], amounts[:seen], now, 10) == used


@pytest.mark.parametrize(
    ("requested", "used", "first", "skew", "limit", "size"),
    [
        (150, 0, True, 0, 0, 100),
        (50, 0, True, 0, 0, 50),
        (150, 60, True, 0, 0, 40),
        (150, 100, True, 0, 0, 0),
        (150, 100, True, 59, 60_000, 100),
        (150, 100, True, -59, 60_000, 100),
        (150, 100, True, 60, 60_000, 0),
        (150, 100, False, 59, 60_000, 0),
        (150, 175, True, 0, 60_000, 100),
        (15, 175, True, 0, 60_000, 15),
        (150, 60, False, 59, 60_000, 40),
    ],
)
def test_liquidatable_table(requested, used, first, skew, limit, size):
    """A used-up window lets one more cap pass per block, only strictly below the premium limit."""
    arguments = (requested, 100, used, first, skew, 1000, limit, PPM)
    assert window_cap.liquidatable_now(*arguments) == size


def test_without_a_cap_nothing_limits():
    """A market whose cap is 0 is not configured: the whole request passes."""
    assert window_cap.liquidatable_now(150, 0, 70, False, 0, 0, 0, PPM) == 150


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_windows_cover_the_size(size, cap):
    """That many windows suffice, and one fewer does not."""
    windows = window_cap.windows_needed(size, cap)
    if cap == 0:
        assert windows == 0
    else:
        assert (windows - 1) * cap < size <= windows * cap or size == windows == 0
