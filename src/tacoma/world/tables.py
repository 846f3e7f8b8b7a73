"""Compiled helpers of the set-up: the rules applied to whole tables."""

import numpy as np

from tacoma.compile import entry
from tacoma.rules.margins.margin import tier_deduction
from tacoma.world.codes import OPTION
from tacoma.world.option_schedule import (
    option_maintenance,
    price_option,
    update_gains,
    update_short,
)
from tacoma.world.schedule import has_schedule, position_maintenance


@entry
def fill_deductions(tiers, markets):
    """Fill in the deduction of every tier, so that maintenance is continuous at its bounds."""
    for market in range(markets.tier_first.shape[0]):
        first = markets.tier_first[market]
        if markets.is_stepped[market] != 0:
            continue
        for tier in range(first + 1, first + markets.tier_count[market]):
            tiers.deduction_quanta[tier] = tier_deduction(
                tiers.rate_numerator[tier - 1], tiers.rate_denominator[tier - 1],
                tiers.rate_numerator[tier], tiers.rate_denominator[tier],
                tiers.lower_quanta[tier], tiers.deduction_quanta[tier - 1],
            )  # fmt: skip


@entry
def maintenance_table(tiers, markets, price, market, lots):
    """Maintenance of positions (n, k) in quanta at given prices per market; market -1 for none."""
    out = np.zeros(market.shape, np.int64)
    for account in range(market.shape[0]):
        for place in range(market.shape[1]):
            row = market[account, place]
            if row >= 0 and markets.kind[row] == OPTION:
                out[account, place] = option_maintenance(markets, row, lots[account, place])
            elif row >= 0 and lots[account, place] != 0 and has_schedule(markets, row):
                out[account, place] = position_maintenance(
                    markets, tiers, row, lots[account, place], price[row]
                )
    return out


@entry
def first_option_margins(markets, shocks):
    """Price every option, and compute what margins need, at the first prices."""
    for market in range(markets.kind.shape[0]):
        if markets.kind[market] == OPTION:
            price_option(markets, market, markets.expiry_seconds[market])
            update_short(markets, market)
    for market in range(markets.kind.shape[0]):
        update_gains(markets, shocks, market, markets.expiry_seconds[market])
