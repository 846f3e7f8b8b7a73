"""Rewards of keepers: between the bounds, and the upper bound decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.rules.liquidations import keeper_reward

PPM = 10**6
MONEY = st.integers(0, 10**12)
RATIO = st.integers(0, PPM)


@pytest.mark.parametrize(
    ("reward", "minimum", "maximum", "paid"),
    [
        (0, 1, 10**6, 8932),
        (0, 10_000, 10**6, 18_888),
        (0, 1, 100, 100),
        (5000, 1, 10**6, 13_888),
        (5000, 8000, 10**6, 16_888),
        (5000, 1000, 3000, 3000),
    ],
)
def test_clamps_table(reward, minimum, maximum, paid):
    """Reward and cost, at least cost plus minimum or half a percent, at most the maximum."""
    arguments = (reward, 8888, 0, minimum, 5000, maximum, 0, PPM)
    assert keeper_reward.keeper_reward(*arguments) == paid


@pytest.mark.parametrize(("available", "maximum"), [(0, 500), (1000, 5), (10**6, 500), (1, 0)])
def test_maximum_scales_with_the_account(available, maximum):
    """A share of the account's value caps the reward; an account without value does not."""
    assert keeper_reward.maximum_reward(available, 500, 5000, PPM) == maximum


@given(MONEY, MONEY, MONEY, MONEY, RATIO, MONEY, RATIO)
def test_reward_is_within_its_bounds(reward, cost, available, minimum, ratio, maximum, scaling):
    """No reward exceeds the maximum, and below the minimum it falls only where they cross."""
    paid = keeper_reward.keeper_reward(
        reward, cost, available, minimum, ratio, maximum, scaling, PPM
    )
    high = keeper_reward.maximum_reward(available, maximum, scaling, PPM)
    assert paid <= high
    assert paid >= min(high, keeper_reward.minimum_reward(cost, minimum, ratio, PPM))


@pytest.mark.parametrize(("windows", "total"), [(0, 70), (1, 70), (2, 73), (5, 82)])
def test_further_windows_add_their_rewards(windows, total):
    """The flag pays once, each window after the first pays again."""
    assert keeper_reward.possible_liquidation_reward(70, 3, windows) == total
