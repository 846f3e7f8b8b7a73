"""Margin by leverage: schedules of 1 / (2 * maximum leverage), and what an account may take out."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.margins.margin import tier_deduction
from tacoma.rules.numbers.arithmetic import mul_div_ceil, mul_div_floor


@rule
def write_leverage_schedule(
    lower_quanta: NDArray[np.int64],
    max_leverage: NDArray[np.int64],
    first: int,
    count: int,
    rate_numerator: NDArray[np.int64],
    rate_denominator: NDArray[np.int64],
    deduction_quanta: NDArray[np.int64],
) -> int:
    """
    Write the rates and deductions of a leverage schedule, and return its last deduction in quanta.

    The schedule is the slice first .. first + count - 1 of flat arrays, as in
    `margin.maintenance_quanta`. A tier's rate is 1 / (2 * maximum leverage); the first tier has no
    deduction, each other the one that continues the tier below it, rounded down.
    Domain: count >= 1, 1 <= max_leverage <= 2**15, 0 <= lower_quanta < 2**53, ascending.
    Source: Hyperliquid docs, trading/margining and margin tiers (maintenance is half of the initial
    margin at the maximum leverage of the tier).
    """
    for place in range(first, first + count):
        rate_numerator[place] = 1
        rate_denominator[place] = 2 * max_leverage[place]
        if place == first:
            deduction_quanta[place] = 0
        else:
            deduction_quanta[place] = tier_deduction(
                1,
                rate_denominator[place - 1],
                1,
                rate_denominator[place],
                lower_quanta[place],
                deduction_quanta[place - 1],
            )
    last: int = deduction_quanta[first + count - 1]
    return last


@rule
def transfer_requirement_quanta(
    initial_quanta: int, notional_quanta: int, floor_numerator: int, floor_denominator: int
) -> int:
    """
    Return the equity that has to stay behind when margin is moved out, in quanta.

    The larger of the initial margin and a fraction of the notional (1/10 at Hyperliquid), the
    latter rounded up. Over an account it takes the sums, not the sum of each position's maximum.
    Domain: 0 <= initial_quanta, notional_quanta < 2**53, 0 <= floor_numerator <=
    floor_denominator, 0 < floor_denominator < 2**31.
    Source: Hyperliquid docs, trading/margining (unrealized profit and loss; transfers leave at
    least 10 % of the total notional).
    """
    floor = mul_div_ceil(notional_quanta, floor_numerator, floor_denominator)
    return max(initial_quanta, floor)


@rule
def removable_quanta(value_quanta: int, requirement_quanta: int, is_strict: bool) -> int:
    """
    Return how much margin may be taken out, in quanta: what exceeds the requirement.

    Never below 0; nothing where margin may not be removed at all (a strictly isolated position).
    Domain: |value_quanta|, requirement_quanta < 2**62.
    Source: Hyperliquid docs, trading/margining (isolated margin; strict isolated).
    """
    if is_strict:
        return 0
    return max(0, value_quanta - requirement_quanta)


@rule
def backstop_quanta(maintenance_quanta: int, numerator: int, denominator: int) -> int:
    """
    Return the equity below which a backstop takes over, in quanta, rounded up.

    maintenance * numerator / denominator (2/3 at Hyperliquid). Equity is strictly less than this
    precisely when `margin.backstop_threshold_reached` says so.
    Domain: 0 <= maintenance_quanta < 2**53, 0 <= numerator <= denominator,
    0 < denominator < 2**31.
    Source: Hyperliquid docs, trading/liquidations (backstop below 2/3 of maintenance margin).
    """
    return mul_div_ceil(maintenance_quanta, numerator, denominator)


@rule
def used_share(
    cross_maintenance_quanta: int, isolated_quanta: int, balance_quanta: int, unit: int
) -> int:
    """
    Return how much of a collateral token its accounts use, in 1 / unit, rounded down.

    Cross maintenance margin / (balance - margin of isolated positions). A token that carries no
    position uses 0, whatever its balance. -1 where something is used and nothing is left to carry
    it: the share then has no value. An account's share is the largest over its tokens.
    Domain: 0 <= cross, isolated, |balance| < 2**53, unit > 0, unit * (balance - isolated) < 2**63,
    result within int64.
    Source: Hyperliquid docs, trading/account abstraction modes (unified account ratio).
    """
    if cross_maintenance_quanta == 0 and isolated_quanta == 0:
        return 0
    available = balance_quanta - isolated_quanta
    if available <= 0:
        return -1
    return mul_div_floor(cross_maintenance_quanta, unit, available)
