"""A market's margin schedule applied to one position: the rulebook's words meet the rules."""

import numpy as np

from tacoma.bounds import MARGIN_QUANTA_MAX, MARGIN_RATE_MAX
from tacoma.compile import kernel
from tacoma.rules.margins.margin import maintenance_quanta
from tacoma.rules.margins.size_premium import size_premium_ratio, size_root
from tacoma.rules.margins.skew_margin import initial_ratio, maintenance_ratio, required_margin
from tacoma.rules.numbers.arithmetic import mul_div_ceil
from tacoma.world.limits import PPM

FORM_TIERS = 0
FORM_SIDES = 1
FORM_SIZE = 2
FORM_SKEW = 3

RATE_MAX_PPM = MARGIN_RATE_MAX * PPM  # no position asks for more than ten times its notional
COINS_E6_MAX = 2**47  # a larger size has the rate of this one


@kernel
def rate_ppm(markets, market, lots):
    """Maintenance rate of a position in ppm, for schedules that are no tiers."""
    base = markets.long_rate_ppm[market] if lots > 0 else markets.short_rate_ppm[market]
    form = markets.margin_form[market]
    if form == FORM_SIDES:
        return base
    premium = markets.premium_ppm[market]
    if form == FORM_SIZE:
        a_lot = max(markets.coins_e6[market], 1)
        coins_e6 = min(abs(lots), COINS_E6_MAX // a_lot) * a_lot
        return min(size_premium_ratio(size_root(coins_e6, PPM), premium, base, PPM), RATE_MAX_PPM)
    initial = initial_ratio(abs(lots), markets.skew_lots[market], premium, base, PPM)
    return min(maintenance_ratio(initial, markets.scalar_ppm[market], PPM), RATE_MAX_PPM)


@kernel
def within_margin(notional, rate):
    """A notional, or the least whose margin at this rate (ppm) passes MARGIN_QUANTA_MAX."""
    if rate <= PPM:
        return notional
    return min(notional, (MARGIN_QUANTA_MAX // rate + 1) * PPM)


@kernel
def margin_at_rate(notional, rate):
    """Notional times a rate in ppm, rounded up, at most MARGIN_QUANTA_MAX."""
    return min(mul_div_ceil(within_margin(notional, rate), rate, PPM), MARGIN_QUANTA_MAX)


@kernel
def has_schedule(markets, market):
    """Whether a market's rulebook states this margin at all."""
    return markets.margin_form[market] != FORM_TIERS or markets.tier_count[market] > 0


@kernel
def position_maintenance(markets, tiers, market, lots, price):
    """Maintenance of one perpetual position at a price in quanta, rounded as its schedule does.

    At most MARGIN_QUANTA_MAX, which no equity reaches.
    """
    notional = abs(lots) * price
    fixed = markets.fixed_quanta[market]
    form = markets.margin_form[market]
    if form == FORM_TIERS:
        asked = maintenance_quanta(
            notional, tiers.lower_quanta, tiers.rate_numerator, tiers.rate_denominator,
            tiers.deduction_quanta, markets.tier_first[market], markets.tier_count[market],
        )  # fmt: skip
        return min(fixed + asked, MARGIN_QUANTA_MAX)
    rate = rate_ppm(markets, market, lots)
    if form == FORM_SKEW:
        asked = required_margin(within_margin(notional, rate), rate, fixed, PPM)
        return min(asked, MARGIN_QUANTA_MAX)
    return min(fixed + margin_at_rate(notional, rate), MARGIN_QUANTA_MAX)


@kernel
def steepest_ppm(markets, market, lots):
    """Fastest growth of a position's maintenance with its notional, in ppm, between jumps."""
    if markets.margin_form[market] == FORM_TIERS:
        return markets.steepest_rate_ppm[market]
    return rate_ppm(markets, market, lots)


@kernel
def next_jump_quanta(markets, tiers, market, notional):
    """Notional at which a stepped schedule asks for a higher rate of the whole; -1 for none."""
    if markets.is_stepped[market] == 0:
        return np.int64(-1)
    first = markets.tier_first[market]
    for tier in range(first, first + markets.tier_count[market]):
        if tiers.lower_quanta[tier] > notional:
            return tiers.lower_quanta[tier]
    return np.int64(-1)
