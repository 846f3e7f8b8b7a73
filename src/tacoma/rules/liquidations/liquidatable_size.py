"""How much of a position one block may liquidate: limits in money, made a size in steps."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, clamp, mul_div_floor


@rule
def smallest_liquidatable_quanta(notional_quanta: int, minimum_quanta: int) -> int:
    """
    Return the least notional that a liquidation closes: the minimum, or the position if smaller.

    Domain: both >= 0.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go,
    GetMaxAndMinPositionNotionalLiquidatable.
    """
    return min(minimum_quanta, notional_quanta)


@rule
def largest_liquidatable_quanta(notional_quanta: int, minimum_quanta: int, portion_ppm: int) -> int:
    """
    Return the most notional that a liquidation closes: a portion, but never below the least.

    The portion is rounded down.
    Domain: 0 <= notional_quanta < 2**62, minimum_quanta >= 0, 0 <= portion_ppm <= 1e6.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go,
    GetMaxAndMinPositionNotionalLiquidatable.
    """
    portion = mul_div_floor(notional_quanta, portion_ppm, PPM)
    return max(smallest_liquidatable_quanta(notional_quanta, minimum_quanta), portion)


@rule
def remaining_limit(limit: int, used: int) -> int:
    """
    Return what is left of a limit per account and block; negative where it was overrun.

    Domain: 0 <= limit, used < 2**62.
    Source: dYdX v4-chain
    protocol/x/clob/keeper/liquidations.go, GetSubaccountMaxNotionalLiquidatable and
    GetSubaccountMaxInsuranceLost (both halt on an overrun).
    """
    return limit - used


@rule
def liquidatable_size(
    size: int, notional_quanta: int, allowed_quanta: int, allowed_size: int, step: int
) -> int:
    """
    Return how much of a position of `size` (its magnitude) is liquidated, in units of size.

    All of it where its notional is within what is allowed, or it is no larger than one step. Else
    the allowed notional as a size, rounded down to whole steps, at least one step and never more
    than the position.
    Domain: all >= 0, step > 0.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go, GetLiquidatablePositionSizeDelta.
    """
    if notional_quanta <= allowed_quanta or size <= step:
        return size
    return clamp(allowed_size - allowed_size % step, step, size)
