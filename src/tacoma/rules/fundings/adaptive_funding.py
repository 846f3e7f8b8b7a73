"""Funding that adapts: skew moves the rate itself, and a moderate skew keeps it."""

from tacoma.compile import rule
from tacoma.rules.numbers.fixed_point import bound_magnitude
from tacoma.rules.numbers.wide_product import mul_div_any_floor

HOLD = 0
INCREASE = 1
DECREASE = 2


@rule
def skew_factor(raised_difference: int, total_interest: int, unit: int) -> int:
    """
    Return |long - short| ** exponent / (long + short) over `unit`, rounded down.

    `raised_difference` is the difference after its exponent (`price_impact.power_of_imbalance`).
    Domain: 0 <= raised_difference < 2**62, 0 < total_interest < 2**62, result within int64.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol:1542
    (getNextFundingFactorPerSecond).
    """
    if raised_difference == 0:
        return 0
    return mul_div_any_floor(raised_difference, unit, total_interest)


@rule
def rate_change(
    saved_rate: int,
    skew_sign: int,
    skew_factor: int,
    stable_threshold: int,
    decrease_threshold: int,
) -> int:
    """
    Return how a saved rate moves: 1 with the skew, 2 toward zero, 0 not at all.

    A rate that already flows against the skew grows only above the stable threshold (strictly) and
    shrinks only below the decrease threshold (strictly); any other rate is drawn to the skew.
    Domain: skew_sign is -1, 0 or 1 (longs heavier).
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol:1542.
    """
    if (saved_rate > 0 and skew_sign > 0) or (saved_rate < 0 and skew_sign < 0):
        if skew_factor > stable_threshold:
            return INCREASE
        if skew_factor < decrease_threshold:
            return DECREASE
        return HOLD
    return INCREASE


@rule
def next_saved_rate(
    saved_rate: int,
    skew_sign: int,
    skew_factor: int,
    seconds: int,
    increase_per_second: int,
    decrease_per_second: int,
    stable_threshold: int,
    decrease_threshold: int,
    maximum: int,
    unit: int,
) -> int:
    """
    Return the rate to save, over `unit`, positive when longs pay, at most `maximum` in magnitude.

    Increase: rate + skew factor * increase (rounded down) * seconds, in the direction of the skew.
    Decrease: |rate| - decrease * seconds with the rate's sign, never beyond 1 smallest unit, so
    that the sign is not forgotten.
    Domain: all but `saved_rate` and `skew_sign` are >= 0; products with seconds within int64.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol:1542.
    """
    change = rate_change(saved_rate, skew_sign, skew_factor, stable_threshold, decrease_threshold)
    rate = saved_rate
    if change == INCREASE:
        increase = mul_div_any_floor(skew_factor, increase_per_second, unit) * seconds
        rate = saved_rate - increase if skew_sign < 0 else saved_rate + increase
    elif change == DECREASE:
        magnitude = max(1, abs(saved_rate) - decrease_per_second * seconds)
        rate = -magnitude if saved_rate < 0 else magnitude
    return bound_magnitude(rate, 0, maximum)


@rule
def charged_rate(saved_rate: int, minimum: int, maximum: int) -> int:
    """
    Return the rate that is charged: the saved one, its magnitude within minimum..maximum.

    Longs pay when it is positive; a saved rate of 0 is charged as +minimum.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol:1542.
    """
    return bound_magnitude(saved_rate, minimum, maximum)


@rule
def static_rate(skew_factor: int, factor: int, maximum: int, unit: int) -> int:
    """
    Return the rate of a market without adaptation: skew factor * factor, at most `maximum`.

    Rounded down; the heavier side pays it.
    Domain: all >= 0 and below 2**62.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol:1542.
    """
    return min(mul_div_any_floor(skew_factor, factor, unit), maximum)
