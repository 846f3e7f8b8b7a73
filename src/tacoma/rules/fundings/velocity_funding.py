"""Funding with velocity: the skew moves the rate, the rate is paid on the path it took."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import clamp
from tacoma.rules.numbers.fixed_point import divide_truncated, multiply_truncated


@rule
def velocity(skew: int, skew_scale: int, maximum_velocity: int, unit: int) -> int:
    """
    Return by how much the rate changes per day, over `unit`: skew / scale * maximum velocity.

    The ratio is within -1..1; both steps are rounded toward zero; 0 without a scale.
    Domain: all below 2**62 in magnitude, skew_scale, maximum_velocity >= 0, ratio within int64.
    Source: synthetix-v3 23585f73, markets/perps-market/contracts/storage/PerpsMarket.sol
    (currentFundingVelocity).
    """
    if skew_scale == 0:
        return 0
    ratio = clamp(divide_truncated(skew, skew_scale, unit), -unit, unit)
    return multiply_truncated(ratio, maximum_velocity, unit)


@rule
def rate_after(rate: int, velocity: int, elapsed_days: int, unit: int) -> int:
    """
    Return the rate after some time at a velocity, rounded toward zero; days are over `unit` too.

    Domain: all below 2**62 in magnitude, result within int64.
    Source: synthetix-v3 23585f73, PerpsMarket.sol (currentFundingRate).
    """
    return rate + multiply_truncated(velocity, elapsed_days, unit)


@rule
def funding_per_size(
    rate_before: int, rate_after: int, elapsed_days: int, price: int, unit: int
) -> int:
    """
    Return what one unit of long size receives (positive) or pays (negative) over some time.

    -(mean of the two rates) * days * price, each step rounded toward zero.
    Domain: all below 2**62 in magnitude, results within int64.
    Source: synthetix-v3 23585f73, PerpsMarket.sol (unrecordedFunding).
    """
    mean = -divide_truncated(rate_before + rate_after, 2 * unit, unit)
    return multiply_truncated(multiply_truncated(mean, elapsed_days, unit), price, unit)


@rule
def accrued(size: int, funding_then: int, funding_now: int, unit: int) -> int:
    """
    Return what a signed size received since the accumulated funding was `funding_then`.

    Rounded toward zero.
    Domain: all below 2**61 in magnitude, result within int64.
    Source: synthetix-v3 23585f73, Position.sol (getPnl).
    """
    return multiply_truncated(size, funding_now - funding_then, unit)
