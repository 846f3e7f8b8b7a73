"""
Liquidation against a pool of a position with its own collateral token: when, and who is paid.

The whole position closes at the oracle's price. A loss and all costs come out of the collateral; a
profit is paid by the pool on top of the untouched collateral. What costs exceed is the pool's loss.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import ceil_div, floor_div
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def remaining_collateral(collateral_value: int, profit: int, counted_impact: int, fees: int) -> int:
    """
    Return the value that a position has left if it closed now; may be negative. Exact.

    `profit` is signed and already limited to what the pool pays; `counted_impact` is at most 0
    (`price_impact.limited_cost`).
    Source: gmx-synthetics a5c0c883, contracts/position/PositionUtils.sol:316
    (isPositionLiquidatable).
    """
    return collateral_value + profit + counted_impact - fees


@rule
def is_undercollateralised(
    remaining: int, size: int, minimum_value: int, minimum_factor: int, unit: int
) -> bool:
    """
    Say whether a position is to be closed: its remaining collateral is too little.

    Less than a fixed minimum (strictly), zero or less, or less than size * minimum factor
    (strictly, the product rounded down).
    Domain: 0 <= size, minimum_factor < 2**62, their product over `unit` within int64.
    Source: gmx-synthetics a5c0c883, contracts/position/PositionUtils.sol:316
    (isPositionLiquidatable).
    """
    if remaining < minimum_value or remaining <= 0:
        return True
    return remaining < mul_div_any_floor(size, minimum_factor, unit)


@rule
def collateral_returned(collateral_tokens: int, cost: int, collateral_price: int) -> int:
    """
    Return the collateral tokens that go back to the owner after a cost, never below 0.

    The tokens that pay the cost are rounded up, in favour of the pool.
    Domain: collateral_tokens, cost >= 0, collateral_price > 0.
    Source: gmx-synthetics a5c0c883, contracts/position/DecreasePositionCollateralUtils.sol
    (payForCost).
    """
    return max(0, collateral_tokens - ceil_div(cost, collateral_price))


@rule
def uncovered_cost(collateral_tokens: int, cost: int, collateral_price: int) -> int:
    """
    Return the part of a cost that the collateral does not pay, in value: the pool's loss.

    0 where the tokens suffice after rounding up, else cost - tokens * price. Exact.
    Domain: collateral_tokens, cost >= 0, collateral_price > 0, tokens * price within int64.
    Source: gmx-synthetics a5c0c883, contracts/position/DecreasePositionCollateralUtils.sol
    (payForCost).
    """
    if ceil_div(cost, collateral_price) <= collateral_tokens:
        return 0
    return cost - collateral_tokens * collateral_price


@rule
def profit_tokens(profit: int, token_price: int) -> int:
    """
    Return the tokens that the pool pays for a profit, rounded down; none for a loss.

    Domain: token_price > 0.
    Source: gmx-synthetics a5c0c883, contracts/position/DecreasePositionCollateralUtils.sol.
    """
    if profit <= 0:
        return 0
    return floor_div(profit, token_price)
