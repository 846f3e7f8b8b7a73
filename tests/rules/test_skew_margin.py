"""Margin by share of the skew scale: by hand, and growing faster than the size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.margins import skew_margin

PPM = 10**6


@pytest.mark.parametrize(
    ("size", "scale", "fraction", "minimum", "ratio"),
    [
        (2, 100, 2 * PPM, 10_000, 50_000),
        (20, 1000, 2 * PPM, 10_000, 50_000),
        (0, 100, 2 * PPM, 10_000, 0),
        (2, 0, 2 * PPM, 10_000, 10_000),
        (100, 100, PPM, 0, PPM),
        (1, 3, PPM, 0, 333_333),
        (1, 3, PPM // 2, 0, 166_666),
    ],
)
def test_initial_ratio_table(size, scale, fraction, minimum, ratio):
    """Share times fraction plus minimum, in ppm, rounded down; no position has no ratio."""
    assert skew_margin.initial_ratio(size, scale, fraction, minimum, PPM) == ratio


def test_account_by_hand():
    """Two positions at 5 %, half of it to maintain, with a fixed part that is not halved."""
    ratio = skew_margin.initial_ratio(2, 100, 2 * PPM, 10_000, PPM)
    maintain = skew_margin.maintenance_ratio(ratio, PPM // 2, PPM)
    assert skew_margin.required_margin(60_000, ratio, 1000, PPM) == 4000
    assert skew_margin.required_margin(60_000, maintain, 1000, PPM) == 2500


@pytest.mark.parametrize(
    ("available", "eligible"), [(1049, True), (1050, False), (1051, False), (-1, True)]
)
def test_reward_moves_the_threshold(available, eligible):
    """An account must hold margin and reward; having exactly both is healthy."""
    assert skew_margin.is_eligible_for_liquidation(available, 1000, 50) == eligible


def test_withdrawable_margin_may_be_negative():
    """What exceeds initial margin and reward may leave; a lack of it shows as negative."""
    assert skew_margin.withdrawable_margin(99_000, 6500, 5000) == 87_500
    assert skew_margin.withdrawable_margin(10_000, 6500, 5000) == -1500


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**4))
def test_merging_positions_never_asks_for_less(one, other, price):
    """Margin is superadditive in size: splitting over accounts is what it cannot prevent."""

    def margin(size):
        ratio = skew_margin.initial_ratio(size, 10**6, PPM, 0, PPM)
        return skew_margin.required_margin(size * price, ratio, 0, PPM)

    assert margin(one + other) >= margin(one) + margin(other) - 2
