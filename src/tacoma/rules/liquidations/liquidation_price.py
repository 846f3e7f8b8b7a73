"""The price of one market at which an account's equity meets a multiple of its margin."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, mul_div_ceil, mul_div_floor


@rule
def root_slope(
    lots: int,
    rate_numerator: int,
    rate_denominator: int,
    factor_numerator: int,
    factor_denominator: int,
) -> int:
    """
    Return how fast equity gains on the requirement per quantum of price, times both denominators.

    (lots - |lots| * rate * factor) * rate denominator * factor denominator. Exact.
    Domain: result within int64.
    Source: Hyperliquid docs, trading/liquidations (denominator of the
    liquidation price, 1 - l * side).
    """
    own = lots * factor_denominator * rate_denominator
    return own - factor_numerator * absolute(lots) * rate_numerator


@rule
def root_tier(
    lots: int,
    mark: int,
    equity_quanta: int,
    other_maintenance_quanta: int,
    lower_quanta: NDArray[np.int64],
    rate_numerator: NDArray[np.int64],
    rate_denominator: NDArray[np.int64],
    deduction_quanta: NDArray[np.int64],
    first: int,
    count: int,
    factor_numerator: int,
    factor_denominator: int,
) -> int:
    """
    Return the tier in which equity meets factor * margin, counted from 0, or -1 where in none.

    Equity less requirement moves one way with the price, so the tier is the last whose lower bound
    the root has reached; a root on a bound belongs to the higher tier. -1 where equity already
    exceeds the requirement at a price of 0 (a long) or falls short of it there (a short), and for
    no lots.
    Domain: as `price_at_margin`.
    Source: as `price_at_margin`; the rule about bounds: Hyperliquid docs, margin tiers.
    """
    found = -1
    if lots == 0:
        return found
    equity_at_zero = equity_quanta - lots * mark
    for tier in range(count):
        place = first + tier
        bound = lower_quanta[place] if tier > 0 else 0
        required = mul_div_ceil(bound, rate_numerator[place], rate_denominator[place])
        if tier > 0:
            required -= deduction_quanta[place]
        required += other_maintenance_quanta
        equity = equity_at_zero + bound if lots > 0 else equity_at_zero - bound
        surplus = equity * factor_denominator - required * factor_numerator
        if lots > 0 and surplus > 0:
            break
        if lots < 0 and surplus < 0:
            break
        found = tier
    return found


@rule
def price_at_margin(
    lots: int,
    mark: int,
    equity_quanta: int,
    other_maintenance_quanta: int,
    lower_quanta: NDArray[np.int64],
    rate_numerator: NDArray[np.int64],
    rate_denominator: NDArray[np.int64],
    deduction_quanta: NDArray[np.int64],
    first: int,
    count: int,
    factor_numerator: int,
    factor_denominator: int,
    unit: int,
) -> int:
    """
    Return the price of a market at which equity meets factor * margin, in 1 / unit quanta per lot.

    Solves equity + lots * (x - mark) = factor * (other maintenance + |lots| * x * rate -
    deduction), with the rate and deduction of the tier that |lots| * x falls in; all other prices
    stand still. Factor 1 gives the liquidation price, 2/3 Hyperliquid's backstop price. For an
    isolated position, equity is its own margin value and the other maintenance is 0. The schedule
    is the slice first .. first + count - 1, as in `margin.maintenance_quanta`.
    Rounding: up for a long, down for a short, to the last price at which the account still holds
    the margin. 0 where no positive price does it: there is no liquidation price.
    Domain: |lots| < 2**31; |equity|, |lots| * mark, maintenance, bounds, deductions < 2**53;
    0 <= rates <= 1/2; 0 <= factor <= 1 with a denominator up to 64; 1 <= unit <= 16;
    |lots| * rate denominator**2 * factor denominator * unit < 2**61.
    Source: Hyperliquid docs, trading/liquidations (computing the liquidation price) and margin
    tiers; with one tier the cross liquidation price of Binance USD-M and Bybit.
    """
    tier = root_tier(
        lots,
        mark,
        equity_quanta,
        other_maintenance_quanta,
        lower_quanta,
        rate_numerator,
        rate_denominator,
        deduction_quanta,
        first,
        count,
        factor_numerator,
        factor_denominator,
    )
    if tier < 0:
        return 0
    place = first + tier
    slope = root_slope(
        lots, rate_numerator[place], rate_denominator[place], factor_numerator, factor_denominator
    )
    missing = factor_numerator * (other_maintenance_quanta - deduction_quanta[place])
    missing -= factor_denominator * (equity_quanta - lots * mark)
    scale = rate_denominator[place] * unit
    if lots > 0:
        if slope <= 0:
            return 0
        return max(0, mul_div_ceil(missing, scale, slope))
    return max(0, mul_div_floor(-missing, scale, -slope))
