"""Rewards of whoever liquidates: the ratio's part and the cost, between a minimum and a maximum."""

from tacoma.compile import rule
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def minimum_reward(cost: int, minimum: int, profit_ratio: int, unit: int) -> int:
    """
    Return the least reward: cost + minimum, or cost * (1 + profit ratio), whichever is more.

    The product is rounded down.
    Domain: all >= 0 and below 2**61, result within int64.
    Source: synthetix-v3 23585f73, markets/perps-market/contracts/storage/
    GlobalPerpsMarketConfiguration.sol (minimumKeeperRewardCap).
    """
    return max(cost + minimum, mul_div_any_floor(cost, unit + profit_ratio, unit))


@rule
def maximum_reward(available: int, maximum: int, scaling_ratio: int, unit: int) -> int:
    """
    Return the greatest reward: the maximum, or the account's value * scaling ratio if less.

    An account without value (it was flagged before) leaves the maximum alone.
    Domain: all >= 0 and below 2**62, result within int64.
    Source: synthetix-v3 23585f73, GlobalPerpsMarketConfiguration.sol (maximumKeeperRewardCap).
    """
    if available == 0:
        return maximum
    return min(maximum, mul_div_any_floor(available, scaling_ratio, unit))


@rule
def keeper_reward(
    reward: int,
    cost: int,
    available: int,
    minimum: int,
    profit_ratio: int,
    maximum: int,
    scaling_ratio: int,
    unit: int,
) -> int:
    """
    Return what a keeper is paid: reward + cost, at least the minimum, at most the maximum.

    Where the two bounds cross, the maximum decides.
    Domain: that of `minimum_reward` and `maximum_reward`.
    Source: synthetix-v3 23585f73, GlobalPerpsMarketConfiguration.sol (keeperReward).
    """
    low = minimum_reward(cost, minimum, profit_ratio, unit)
    high = maximum_reward(available, maximum, scaling_ratio, unit)
    return min(max(low, reward + cost), high)


@rule
def possible_liquidation_reward(flag_reward: int, window_reward: int, windows: int) -> int:
    """
    Return the rewards that a full liquidation would pay: the flag's, then one per further window.

    `flag_reward` and `window_reward` are `keeper_reward` of each act; no window adds nothing.
    Source: synthetix-v3 23585f73, PerpsAccount.sol (getPossibleLiquidationReward).
    """
    if windows == 0:
        return flag_reward
    return flag_reward + window_reward * (windows - 1)
