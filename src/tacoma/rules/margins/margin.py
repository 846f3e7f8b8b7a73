"""Margin schedules: how much equity a notional asks for, and when an account has too little."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import (
    ceil_div,
    greatest_common_divisor,
    mul_div_ceil,
    mul_div_floor,
)


@rule
def tier_index(
    notional_quanta: int, lower_quanta: NDArray[np.int64], first: int, count: int
) -> int:
    """
    Return which of a schedule's tiers a notional falls in, counted from 0.

    The schedule is the slice first .. first + count - 1 of a flat array of lower bounds in
    ascending order. A notional equal to a lower bound belongs to that (higher) tier; one below
    the first bound belongs to tier 0. Exact, no rounding.
    Domain: notional_quanta >= 0, count >= 1.
    Source: Hyperliquid docs, trading/margining, margin tiers (boundary checked on live numbers).
    """
    tier = 0
    while tier + 1 < count and lower_quanta[first + tier + 1] <= notional_quanta:
        tier += 1
    return tier


@rule
def maintenance_quanta(
    notional_quanta: int,
    lower_quanta: NDArray[np.int64],
    rate_numerator: NDArray[np.int64],
    rate_denominator: NDArray[np.int64],
    deduction_quanta: NDArray[np.int64],
    first: int,
    count: int,
) -> int:
    """
    Return the maintenance margin of one position in quanta, never below 0.

    notional * rate of its tier, rounded up, minus the deduction of its tier. The four arrays are
    flat; the schedule is their slice first .. first + count - 1. One tier with deduction 0 is a
    flat rate; numerator 1 and denominator 2 * maximum leverage is Hyperliquid's.
    Domain: 0 <= notional_quanta < 2**61, count >= 1, 0 <= numerator <= denominator,
    0 < denominator < 2**31.
    Source: Binance USD-M "Leverage and Margin" (notional * rate - cum); Hyperliquid docs,
    trading/margining.
    """
    tier = first + tier_index(notional_quanta, lower_quanta, first, count)
    required: int = mul_div_ceil(notional_quanta, rate_numerator[tier], rate_denominator[tier])
    required -= deduction_quanta[tier]
    return max(0, required)


@rule
def tier_deduction(
    previous_rate_numerator: int,
    previous_rate_denominator: int,
    rate_numerator: int,
    rate_denominator: int,
    lower_quanta: int,
    previous_deduction_quanta: int,
) -> int:
    """
    Return the deduction that makes a tier continue the one below it, in quanta.

    previous deduction + lower bound * (rate - previous rate), the last term rounded down, so that
    the maintenance margin is never less than the exact one. Exact whenever lower bounds are whole
    dollars and rates whole ppm.
    Domain: denominators > 0, 0 <= lower_quanta < 2**61; with d the least common denominator and n
    the difference of the rates over it, |n| * d < 2**63 (d < 2**31 and rates <= 1 suffice).
    Source: Binance USD-M "Leverage and Margin" (continuity of cum); Hyperliquid docs,
    trading/margining (deduction_n = deduction_(n-1) + lower_n * (rate_n - rate_(n-1))).
    """
    shared = greatest_common_divisor(previous_rate_denominator, rate_denominator)
    denominator = previous_rate_denominator // shared * rate_denominator
    difference = rate_numerator * (denominator // rate_denominator) - previous_rate_numerator * (
        denominator // previous_rate_denominator
    )
    if difference >= 0:
        return previous_deduction_quanta + mul_div_floor(lower_quanta, difference, denominator)
    return previous_deduction_quanta - mul_div_ceil(lower_quanta, -difference, denominator)


@rule
def initial_quanta(notional_quanta: int, leverage: int) -> int:
    """
    Return the initial margin of a notional at a leverage in quanta, rounded up.

    Domain: notional_quanta >= 0, leverage >= 1.
    Source: Hyperliquid docs, trading/margining (position size * mark price / leverage).
    """
    return ceil_div(notional_quanta, leverage)


@rule
def is_below_maintenance(equity_quanta: int, maintenance_quanta: int) -> bool:
    """
    Say whether equity is strictly less than the maintenance margin; equality is healthy.

    Source: Hyperliquid docs, trading/liquidations ("falls below the maintenance margin"); dYdX v4
    x/subaccounts (maintenance requirement > net collateral).
    """
    return equity_quanta < maintenance_quanta


@rule
def backstop_threshold_reached(
    equity_quanta: int, maintenance_quanta: int, numerator: int, denominator: int
) -> bool:
    """
    Say whether equity is strictly less than numerator / denominator of the maintenance margin.

    Exact: equity * denominator < numerator * maintenance holds for integers precisely when
    equity < ceil(numerator * maintenance / denominator), and the right side never overflows.
    Domain: |equity_quanta| < 2**62, 0 <= maintenance_quanta <= 2**60,
    0 <= numerator <= denominator, 0 < denominator < 2**31.
    Source: Hyperliquid docs, trading/liquidations (backstop below 2/3 of maintenance margin).
    """
    return equity_quanta < mul_div_ceil(maintenance_quanta, numerator, denominator)
