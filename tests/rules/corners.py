"""
The corners of what the engine passes to each rule: the stated maxima of `tacoma.bounds`.

RANGES gives each argument's least and greatest value; LISTS builds the arguments of rules that
take arrays. Wider than some domains that a rule's other users need; a rule that the engine names
must hold over these.
"""

import itertools
import random

from tacoma.bounds import (
    AMOUNT_QUANTA_MAX,
    AVERAGE_SECONDS_MAX,
    EQUITY_QUANTA_MAX,
    GROSS_QUANTA_MAX,
    HEALTH_MAX,
    MARGIN_QUANTA_MAX,
    MARGIN_RATE_MAX,
    OPEN_LOTS_MAX,
    PREMIUM_PPB_MAX,
    PRICE_QUANTA_MAX,
    RATE_DENOMINATOR_MAX,
    SOURCES_MAX,
    STEPS_MAX,
    TOTAL_QUANTA_MAX,
)
from tacoma.world.schedule import COINS_E6_MAX

PPM, PPB = 10**6, 10**9
COMBINATIONS_MAX = 1_500

LOTS, SIDE = (0, OPEN_LOTS_MAX), (-1, 1)
SIGNED_LOTS = (-OPEN_LOTS_MAX, OPEN_LOTS_MAX)
PRICE, SOME_PRICE = (1, PRICE_QUANTA_MAX), (0, PRICE_QUANTA_MAX)
GAP = (-PRICE_QUANTA_MAX, PRICE_QUANTA_MAX)
GROSS, COST = (0, GROSS_QUANTA_MAX), (-GROSS_QUANTA_MAX, GROSS_QUANTA_MAX)
EQUITY, CAPITAL = (-EQUITY_QUANTA_MAX, EQUITY_QUANTA_MAX), (0, EQUITY_QUANTA_MAX)
MARGIN, SOME_MARGIN = (0, MARGIN_QUANTA_MAX), (1, MARGIN_QUANTA_MAX)
SHARE, RATE = (0, PPM), (-PPB, PPB)
CAP = (0, PPB)
FLAG = (0, 1)
DAY = 86_400
PREMIUM = (-PREMIUM_PPB_MAX, PREMIUM_PPB_MAX)
AVERAGE = (-(2**61) + 1, 2**61 - 1)
EXACTLY = {number: (number, number) for number in (0, 1, PPM, PPB)}
ONE = EXACTLY[PPM]
SIZING_TARGET = (1, HEALTH_MAX * PPM)
RATIO = (0, MARGIN_RATE_MAX * PPM)
SIZE_ROOT = (0, 2**31)

RANGES = {
    "adaptive_funding.next_saved_rate": [
        RATE, SIDE, SHARE, EXACTLY[1], CAP, CAP, SHARE, SHARE, CAP, ONE,
    ],
    "adl.adl_price": [(0, 2), SOME_PRICE, PRICE, PRICE],
    "adl.ratio_ppm_capped": [GROSS, EQUITY],
    "adl.score_profit_times_leverage": [COST, GROSS, GROSS, EQUITY],
    "adl.score_price_gain_times_leverage": [PRICE, GROSS, LOTS, GROSS, EQUITY, SIDE],
    "adl.take": [LOTS, LOTS],
    "adl_random.first_position": [(0, STEPS_MAX), (0, 2**15), (1, 2**31 - 1)],
    "adl_risk.score_effective_leverage": [GROSS, EQUITY],
    "adl_risk.score_pool_profit": [COST],
    "adl_risk.weight_by_leverage": [GROSS, EQUITY, EXACTLY[1]],
    "arithmetic.clamp": [EQUITY, (-PPB, 0), (0, PPB)],
    "arithmetic.mul_div_floor": [EQUITY, (0, 2 * PPM), ONE],
    "arithmetic.mul_div_ceil": [EQUITY, (0, 2 * PPM), ONE],
    "arithmetic.mul_div_wide_floor": [CAPITAL, MARGIN, SOME_MARGIN],
    "collateral.collateral_value_quanta": [SIGNED_LOTS, PRICE, SHARE],
    "collateral.redemption_price": [SOME_PRICE, (0, 2**52)],
    "constant_product.depth_bought": [(1, 2**39), (10_000, 10_000)],
    "constant_product.depth_sold": [(1, 2**39), (10_000, 10_000)],
    "constant_product.spot_price": [(1, 2**39), (0, 2**62), EXACTLY[1]],
    "fillable_price.fillable_price": [
        SIGNED_LOTS, PRICE, EQUITY, SOME_MARGIN, MARGIN, ONE, SHARE,
    ],
    "fund_drawdown.is_deleveraging": [
        EQUITY, EQUITY, EQUITY, EQUITY, EXACTLY[0], (-PPM, 0), FLAG,
    ],
    "funding.payment_paid_quanta": [LOTS, PRICE, RATE],
    "funding.payment_received_quanta": [LOTS, PRICE, RATE],
    "funding.premium_ppb": [PRICE, PRICE, PRICE],
    "funding.rate_interest_clamped_eighth_ppb": [PREMIUM, CAP, CAP, CAP],
    "funding.rate_interest_clamped_ppb": [PREMIUM, CAP, CAP, CAP],
    "isolated_option_margin.short_call_maintenance": [
        (-PRICE_QUANTA_MAX, 0), PRICE, (-PPM, -PPM), SHARE, ONE,
    ],
    "isolated_option_margin.short_put_maintenance": [
        (-PRICE_QUANTA_MAX, 0), PRICE, (-PPM, -PPM), SHARE, SHARE, ONE,
    ],
    "isolated_pool.is_transfer_covered": [EQUITY, GROSS, EQUITY, FLAG],
    "liquidation_share.share_steps_to_heal": [
        EQUITY, MARGIN, (1, 1000), (0, 100), (100, 100), (0, 2**21), ONE, FLAG,
    ],
    "margin.backstop_threshold_reached": [EQUITY, MARGIN, (1, PPM), (1, PPM)],
    "mark.ema_push": [
        AVERAGE, (0, AVERAGE_SECONDS_MAX * PPM), GAP, (0, 1000), (0, PPB - PPM),
    ],
    "mark.ema_value": [AVERAGE, (0, 2**31)],
    "mark.index_with_banded_basis": [SOME_PRICE, GAP, SHARE],
    "mark.index_with_funding": [SOME_PRICE, RATE, (0, DAY), (DAY, 2**30)],
    "mark.median_with_last": [SOME_PRICE, RATE, (0, DAY), (DAY, 2**30), GAP, PRICE],
    "mark.median_with_perpetuals": [SOME_PRICE, GAP, *[SOME_PRICE] * 5, FLAG],
    "oracle_guard.is_price_off_average": [PRICE, PRICE, ONE, SHARE, EXACTLY[0]],
    "oracle_takeover.takeover_quote_quanta": [SIGNED_LOTS, PRICE, SHARE],
    "premium.middle_premium_ppb": [PRICE, PRICE, PRICE],
    "size_premium.size_premium_ratio": [SIZE_ROOT, SHARE, SHARE, ONE],
    "size_premium.size_root": [(0, COINS_E6_MAX), ONE],
    "sizing.closed_share_quanta": [EQUITY, LOTS, (1, OPEN_LOTS_MAX)],
    "sizing.discount_ppm": [(0, STEPS_MAX), (1, 2**31), SHARE, SHARE],
    "sizing.first_slice_lots": [LOTS, GROSS, (-1, TOTAL_QUANTA_MAX), SHARE],
    "sizing.lots_above_notional": [LOTS, PRICE, (0, AMOUNT_QUANTA_MAX)],
    "sizing.lots_to_health": [LOTS, EQUITY, MARGIN, MARGIN, CAPITAL, SIZING_TARGET],
    "skew_margin.initial_ratio": [LOTS, (1, 2**62 - 1), (0, 1000 * PPM), SHARE, ONE],
    "skew_margin.maintenance_ratio": [(0, 2**62), SHARE, ONE],
    "takeover.bankruptcy_price": [SIGNED_LOTS, COST, EQUITY],
    "takeover.price_bound_from_mark": [PRICE, SIDE, SHARE],
    "velocity_funding.rate_after": [RATE, RATE, ONE, ONE],
    "velocity_funding.velocity": [SIGNED_LOTS, (1, 2**62 - 1), CAP, ONE],
    "wide_product.mul_div_any_floor": [(-MARGIN_QUANTA_MAX, 0), ONE, SOME_MARGIN],
    "window_cap.liquidatable_now": [
        LOTS, LOTS, LOTS, EXACTLY[0], EXACTLY[0], EXACTLY[1], EXACTLY[0], ONE,
    ],
}  # fmt: skip

# What an argument must be beside the others for the engine to pass it.
TOGETHER = {
    "fillable_price.fillable_price": lambda lots, *_: lots != 0,
    "margin.backstop_threshold_reached": lambda equity, maintenance, part, whole: part <= whole,
    "mark.index_with_funding": lambda index, rate, left, interval: left <= interval,
    "sizing.closed_share_quanta": lambda entry, closed, lots: closed <= lots,
    "sizing.discount_ppm": lambda elapsed, total, start, end: start <= end,
    "wide_product.mul_div_any_floor": lambda paid, unit, whole: -paid <= whole,
}


def corners(low, high):
    """Return the ends of a range and what lies beside them, and -1, 0 and 1."""
    near = {low, low + 1, high - 1, high, -1, 0, 1}
    return sorted(value for value in near if low <= value <= high)


def combinations(name):
    """Return the corner arguments of a rule: all, or, of too many, the ends and a fixed draw."""
    values = [corners(*limits) for limits in RANGES[name]]
    count = 1
    for choices in values:
        count *= len(choices)
    if count <= COMBINATIONS_MAX:
        found = list(itertools.product(*values))
    else:
        draw = random.Random(name)
        found = list(itertools.product(*({limits[0], limits[1]} for limits in RANGES[name])))
        found += [tuple(map(draw.choice, values)) for _ in range(COMBINATIONS_MAX)]
    allowed = TOGETHER.get(name, lambda *_: True)
    return [list(arguments) for arguments in found if allowed(*arguments)]


# ------------------------------------------------------------------------------- arrays


def sources(*, deviation):
    """Yield what the index rules get: all sources at the ends of price and weight."""
    for count in (0, 1, 2, SOURCES_MAX - 1, SOURCES_MAX):
        for low in (1, PRICE_QUANTA_MAX):
            prices = [low if place % 2 else PRICE_QUANTA_MAX for place in range(count)]
            for weight in (1, PPM):
                middle = [0] if deviation == 0 else [PPM, 1]
                for part in middle:
                    own = [part] if deviation else []
                    yield [prices, [weight] * count, count, *own, [0] * SOURCES_MAX]


def tiers():
    """Yield a notional and schedules whose bounds and rates are the largest."""
    for notional in corners(*GROSS):
        for lower in ([0], [0, 1], [0, AMOUNT_QUANTA_MAX]):
            for numerator in (1, RATE_DENOMINATOR_MAX):
                for deduction in (0, AMOUNT_QUANTA_MAX):
                    size = len(lower)
                    yield [
                        notional, lower, [numerator] * size, [RATE_DENOMINATOR_MAX] * size,
                        [0, deduction][:size], 0, size,
                    ]  # fmt: skip


def two_tiers():
    """Yield a notional and schedules, without their rates."""
    for notional, lower, *_, first, count in tiers():
        yield [notional, lower, first, count]


def deductions():
    """Yield neighbouring tiers at the ends of their rates and bounds."""
    whole = RATE_DENOMINATOR_MAX
    rates = [(1, whole), (whole - 1, whole), (1, 1), (1, 2)]
    for before, after in itertools.product(rates, rates):
        for lower in corners(1, AMOUNT_QUANTA_MAX):
            for deduction in corners(0, AMOUNT_QUANTA_MAX):
                yield [*before, *after, lower, deduction]


def allocations(*, capped):
    """Yield weights whose sum, and an amount that, is as large as anything shared out."""
    for count in (1, 2, 7):
        for most in (TOTAL_QUANTA_MAX, count):
            even = [most // count] * count
            one = [most - count + 1, *[1] * (count - 1)]
            for weights, amount in itertools.product((even, one), (0, 1, TOTAL_QUANTA_MAX)):
                if capped:
                    lots = min(amount, OPEN_LOTS_MAX)
                    yield [lots, weights, [OPEN_LOTS_MAX // count] * count, count, [0] * count]
                else:
                    yield [min(amount, sum(weights)), weights, count, [0] * count]


def skewed():
    """Yield what a skewed schedule charges: notionals are cut off where the margin would be."""
    for rate in corners(1, MARGIN_RATE_MAX * PPM):
        most = (MARGIN_QUANTA_MAX // rate + 1) * PPM if rate > PPM else GROSS_QUANTA_MAX
        for notional in corners(0, min(most, GROSS_QUANTA_MAX)):
            for fixed in corners(0, AMOUNT_QUANTA_MAX):
                yield [notional, rate, fixed, PPM]


LISTS = {
    "adl_allocation.allocate_capped": lambda: allocations(capped=True),
    "index.weighted_mean_capped": lambda: sources(deviation=1),
    "index.weighted_mean_or_median": lambda: sources(deviation=1),
    "index.weighted_median": lambda: sources(deviation=0),
    "margin.maintenance_quanta": tiers,
    "margin.tier_deduction": deductions,
    "sharing.allocate_pro_rata": lambda: allocations(capped=False),
    "sizing.two_tiers_lower_quanta": two_tiers,
    "skew_margin.required_margin": skewed,
}
