"""Liquidations capped per window of time: how much of a position may be closed now."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import ceil_div
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def window_cap(
    maker_fee: int, taker_fee: int, skew_scale: int, multiplier: int, window_seconds: int, unit: int
) -> int:
    """
    Return the size that may be liquidated in one window.

    (maker fee + taker fee) * skew scale * multiplier, each product rounded down, times the seconds
    of the window. Fees and multiplier are over `unit`.
    Domain: all >= 0 and below 2**62, results within int64.
    Source: synthetix-v3 23585f73, markets/perps-market/contracts/storage/
    PerpsMarketConfiguration.sol (maxLiquidationAmountInWindow).
    """
    per_second = mul_div_any_floor(skew_scale, maker_fee + taker_fee, unit)
    return mul_div_any_floor(per_second, multiplier, unit) * window_seconds


@rule
def used_in_window(
    times: NDArray[np.int64], amounts: NDArray[np.int64], now: int, window: int
) -> int:
    """
    Return what was liquidated within the window that ends now.

    A liquidation exactly one window ago counts no more. `times` ascends; it shares its unit with
    `now` and `window`.
    Source: synthetix-v3 23585f73, PerpsMarket.sol (currentLiquidationCapacity).
    """
    used = 0
    place = len(times) - 1
    while place >= 0 and times[place] > now - window:
        used += amounts[place]
        place -= 1
    return used


@rule
def liquidatable_now(
    requested: int,
    cap: int,
    used: int,
    is_first_of_block: bool,
    skew: int,
    skew_scale: int,
    premium_limit: int,
    unit: int,
) -> int:
    """
    Return how much of a requested size may be liquidated now.

    What the window has left; when nothing is left, one further cap, but only in a block (an
    instant) without a liquidation, and only while |skew| / skew scale (rounded down) is below the
    premium limit (strictly; a limit of 0 never allows it). A market without a cap (0) has no limit.
    Domain: requested, cap, used >= 0; skew_scale > 0 where there is a limit; skew ratio in int64.
    Source: synthetix-v3 23585f73, PerpsMarket.sol (maxLiquidatableAmount).
    """
    if cap == 0:
        return requested
    capacity = max(0, cap - used)
    if capacity != 0:
        return min(capacity, requested)
    if premium_limit != 0 and is_first_of_block:
        if mul_div_any_floor(abs(skew), unit, skew_scale) < premium_limit:
            return min(cap, requested)
    return 0


@rule
def windows_needed(size_abs: int, cap: int) -> int:
    """
    Return over how many windows a position would be liquidated, rounded up; 0 without a cap.

    Source: synthetix-v3 23585f73, PerpsMarketConfiguration.sol (numberOfLiquidationWindows),
    utils/MathUtil.sol (ceilDivide).
    """
    if cap == 0:
        return 0
    return ceil_div(size_abs, cap)
