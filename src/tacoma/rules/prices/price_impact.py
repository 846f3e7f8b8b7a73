"""
Price impact by the imbalance of open interest: who adds to it pays, who reduces it is paid.

A pool that trades at an oracle's price charges factor * imbalance**exponent, before minus after.
Values are over a unit (10**30 at the source, 10**6 for quanta); prices are value per token, so
value / price is tokens, whatever the scale.
"""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import ceil_div, floor_div, trunc_div
from tacoma.rules.numbers.fixed_point import multiply_truncated
from tacoma.rules.numbers.fixed_point_power import power
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def power_of_imbalance(
    imbalance: int,
    exponent: int,
    unit: int,
    power_unit: int,
    roots: NDArray[np.int64],
    mantissa_bits: int,
) -> int:
    """
    Return imbalance ** exponent, all over `unit`.

    Below one unit it is 0; an exponent of exactly one returns the imbalance itself. Otherwise both
    are cut to `power_unit` (a divisor of `unit`) for the power, and the result is scaled back.
    Domain: imbalance, exponent >= 0; that of `fixed_point_power.power` at `power_unit`; result
    below 2**62.
    Source: gmx-synthetics a5c0c883, contracts/utils/Precision.sol (applyExponentFactor).
    """
    if imbalance < unit:
        return 0
    if exponent == unit:
        return imbalance
    ratio = unit // power_unit
    return ratio * power(imbalance // ratio, exponent // ratio, power_unit, roots, mantissa_bits)


@rule
def impact_of_imbalance(
    imbalance: int,
    factor: int,
    factor_unit: int,
    exponent: int,
    unit: int,
    power_unit: int,
    roots: NDArray[np.int64],
    mantissa_bits: int,
) -> int:
    """
    Return factor * imbalance ** exponent over `unit`, rounded down.

    `factor` is over `factor_unit` (finer than `unit` where factors such as 10**-8 must survive).
    Domain: that of `power_of_imbalance`; 0 <= factor, factor_unit < 2**62, result within int64.
    Source: gmx-synthetics a5c0c883, contracts/pricing/PricingUtils.sol (applyImpactFactor).
    """
    raised = power_of_imbalance(imbalance, exponent, unit, power_unit, roots, mantissa_bits)
    return mul_div_any_floor(raised, factor, factor_unit)


@rule
def keeps_side(long_before: int, short_before: int, long_after: int, short_after: int) -> bool:
    """
    Say whether the heavier side stays the heavier one; balance counts as the short side.

    Source: gmx-synthetics a5c0c883, contracts/pricing/PositionPricingUtils.sol
    (isSameSideRebalance).
    """
    return (long_before <= short_before) == (long_after <= short_after)


@rule
def same_side_impact(impact_before: int, impact_after: int, is_improved: bool) -> int:
    """
    Return the impact of a trade that leaves the heavier side heavier: positive when it improves.

    Both impacts are taken with one factor: the positive one if the imbalance falls (strictly),
    the negative one otherwise.
    Source: gmx-synthetics a5c0c883, contracts/pricing/PricingUtils.sol
    (getPriceImpactUsdForSameSideRebalance).
    """
    difference = abs(impact_before - impact_after)
    return difference if is_improved else -difference


@rule
def crossover_impact(positive_impact_before: int, negative_impact_after: int) -> int:
    """
    Return the impact of a trade that makes the other side the heavier one.

    What it removes counts at the positive factor, what it creates at the negative one.
    Source: gmx-synthetics a5c0c883, contracts/pricing/PricingUtils.sol
    (getPriceImpactUsdForCrossoverRebalance).
    """
    return positive_impact_before - negative_impact_after


@rule
def price_impact(
    long_interest: int,
    short_interest: int,
    long_delta: int,
    short_delta: int,
    positive_factor: int,
    negative_factor: int,
    factor_unit: int,
    exponent: int,
    unit: int,
    power_unit: int,
    roots: NDArray[np.int64],
    mantissa_bits: int,
) -> int:
    """
    Return what a change of open interest earns (positive) or costs (negative), over `unit`.

    The positive factor counts at most as the negative one: else opening and closing would pay.
    Domain: that of `impact_of_imbalance` for both imbalances; interests stay >= 0.
    Source: gmx-synthetics a5c0c883, contracts/pricing/PositionPricingUtils.sol
    (_getPriceImpactUsd), contracts/market/MarketUtils.sol (getAdjustedPositionImpactFactors).
    """
    positive = min(positive_factor, negative_factor)
    long_after = long_interest + long_delta
    short_after = short_interest + short_delta
    before = abs(long_interest - short_interest)
    after = abs(long_after - short_after)
    same_side = keeps_side(long_interest, short_interest, long_after, short_after)
    is_improved = after < before
    factor_before = negative_factor if same_side and not is_improved else positive
    factor_after = positive if same_side and is_improved else negative_factor
    impact_before = impact_of_imbalance(
        before, factor_before, factor_unit, exponent, unit, power_unit, roots, mantissa_bits
    )
    impact_after = impact_of_imbalance(
        after, factor_after, factor_unit, exponent, unit, power_unit, roots, mantissa_bits
    )
    if same_side:
        return same_side_impact(impact_before, impact_after, is_improved)
    return crossover_impact(impact_before, impact_after)


@rule
def worse_impact(impact: int, virtual_impact: int) -> int:
    """
    Return the worse of a market's own impact and that of an inventory shared by many markets.

    A positive impact is never replaced.
    Source: gmx-synthetics a5c0c883, contracts/pricing/PositionPricingUtils.sol (getPriceImpactUsd).
    """
    if impact >= 0:
        return impact
    return min(impact, virtual_impact)


@rule
def limited_gain(impact: int, size: int, limit: int, unit: int) -> int:
    """
    Return an impact whose gain is at most size * limit (rounded down); a cost is not limited.

    Domain: 0 <= size, limit < 2**62, their product over `unit` within int64.
    Source: gmx-synthetics a5c0c883, contracts/market/MarketUtils.sol
    (capPositiveImpactUsdByMaxPositionImpact).
    """
    if impact <= 0:
        return impact
    return min(impact, mul_div_any_floor(size, limit, unit))


@rule
def limited_cost(impact: int, size: int, limit: int, unit: int) -> int:
    """
    Return an impact as a liquidation counts it: a gain as 0, a cost as at most size * limit.

    Domain: 0 <= size, limit < 2**62, their product over `unit` within int64.
    Source: gmx-synthetics a5c0c883, contracts/position/PositionUtils.sol (isPositionLiquidatable).
    """
    if impact >= 0:
        return 0
    return max(impact, -mul_div_any_floor(size, limit, unit))


@rule
def impact_in_tokens(impact: int, price: int) -> int:
    """
    Return an impact in tokens: a gain rounded down, a cost rounded away from zero.

    Domain: price > 0.
    Source: gmx-synthetics a5c0c883, contracts/position/PositionUtils.sol
    (getExecutionPriceForIncrease).
    """
    if impact > 0:
        return impact // price
    return floor_div(impact, price)


@rule
def opened_tokens(size: int, price: int, impact_tokens: int, is_long: bool) -> int:
    """
    Return for how many tokens a size opens, its impact included; negative where it eats the size.

    size / price, rounded down for a long and up for a short; an impact in tokens is added to a
    long and taken from a short.
    Domain: price > 0.
    Source: gmx-synthetics a5c0c883, contracts/position/PositionUtils.sol
    (getExecutionPriceForIncrease).
    """
    if is_long:
        return floor_div(size, price) + impact_tokens
    return ceil_div(size, price) - impact_tokens


@rule
def opening_price(size: int, price: int, impact: int, is_long: bool) -> int:
    """
    Return the price at which a size opens, rounded down; without a size, the price itself.

    Domain: price > 0, size >= 0; `opened_tokens` of a positive size is positive.
    Source: gmx-synthetics a5c0c883, contracts/order/BaseOrderUtils.sol
    (getExecutionPriceForIncrease).
    """
    if size == 0:
        return price
    return size // opened_tokens(size, price, impact_in_tokens(impact, price), is_long)


@rule
def closing_price(
    size: int, price: int, impact: int, is_long: bool, position_size: int, position_tokens: int
) -> int:
    """
    Return the price at which part of a position closes; negative where the impact exceeds it.

    price +- (position size * impact / position tokens) / size, both divisions toward zero: the
    price at which the profit of the part differs by the impact. A gain raises a long's price.
    Domain: |impact|, position_size, position_tokens < 2**62, impact * position size / tokens within
    int64.
    Source: gmx-synthetics a5c0c883, contracts/order/BaseOrderUtils.sol
    (getExecutionPriceForDecrease).
    """
    if size == 0 or position_tokens == 0:
        return price
    signed = impact if is_long else -impact
    per_size = multiply_truncated(signed, position_size, position_tokens)
    return price + trunc_div(per_size, size)
