"""
Traders' profit against the pool that owes it: the ratio, the flag that it sets, the cap, usage.

Value is size in money; tokens times price is value, whatever the scale.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.fixed_point import divide_truncated
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def open_profit(size: int, tokens: int, price: int, is_long: bool) -> int:
    """
    Return the profit of a position (or of all of one side): tokens are owned or owed for a size.

    Exact. Domain: tokens * price within int64.
    Source: gmx-synthetics a5c0c883, contracts/position/PositionUtils.sol (getPositionPnlUsd).
    """
    profit = tokens * price - size
    return profit if is_long else -profit


@rule
def profit_to_pool(profit: int, pool_value: int, unit: int) -> int:
    """
    Return profit / pool value over `unit`, rounded toward zero; 0 for an empty pool.

    Domain: 0 <= pool_value < 2**62, |profit| < 2**62, result within int64.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol (getPnlToPoolFactor).
    """
    if pool_value == 0:
        return 0
    return divide_truncated(profit, pool_value, unit)


@rule
def deleveraging_enabled(profit_to_pool: int, limit: int) -> bool:
    """
    Say whether profits exceed what the pool may owe before it deleverages; equality does not.

    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol:3216 (isPnlFactorExceeded),
    contracts/adl/AdlUtils.sol (updateAdlState).
    """
    return profit_to_pool > 0 and profit_to_pool > limit


@rule
def limited_profit(profit: int, pool_value: int, limit: int, unit: int) -> int:
    """
    Return a side's profit as far as the pool pays it: at most pool value * limit, rounded down.

    A loss is not limited.
    Domain: 0 <= pool_value, limit < 2**62, their product over `unit` within int64.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol (getCappedPnl).
    """
    if profit < 0:
        return profit
    return min(profit, mul_div_any_floor(pool_value, limit, unit))


@rule
def position_share_of_limit(profit: int, side_profit: int, limited_side_profit: int) -> int:
    """
    Return a position's profit after its side's limit: pro rata, rounded down; a loss unchanged.

    Domain: profit <= side_profit < 2**62 where the limit applies.
    Source: gmx-synthetics a5c0c883, contracts/position/PositionUtils.sol (getPositionPnlUsd).
    """
    if profit <= 0 or limited_side_profit == side_profit:
        return profit
    if limited_side_profit <= 0 or side_profit <= 0:
        return profit
    return mul_div_any_floor(profit, limited_side_profit, side_profit)


@rule
def usage(reserved: int, pool_value: int, reserve_factor: int, unit: int) -> int:
    """
    Return how much of the reserve that a pool may pledge is pledged, over `unit`, rounded down.

    reserved / (pool value * reserve factor), the product rounded down. Nothing reserved is 0.
    Domain: all >= 0 and below 2**62, results within int64; the product is positive where something
    is reserved.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol (getUsageFactor).
    """
    if reserved == 0:
        return 0
    return mul_div_any_floor(reserved, unit, mul_div_any_floor(pool_value, reserve_factor, unit))
