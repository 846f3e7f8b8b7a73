"""Compiled helpers of the set-up: the rules applied to whole tables."""

import numpy as np

from tacoma.compile import entry
from tacoma.rules.margin import maintenance_quanta, tier_deduction


@entry
def fill_deductions(tiers, tier_first, tier_count):
    """Fill in the deduction of every tier, so that maintenance is continuous at its bounds."""
    for market in range(tier_first.shape[0]):
        first = tier_first[market]
        for tier in range(first + 1, first + tier_count[market]):
            tiers.deduction_quanta[tier] = tier_deduction(
                tiers.rate_numerator[tier - 1], tiers.rate_denominator[tier - 1],
                tiers.rate_numerator[tier], tiers.rate_denominator[tier],
                tiers.lower_quanta[tier], tiers.deduction_quanta[tier - 1],
            )  # fmt: skip


@entry
def maintenance_table(tiers, tier_first, tier_count, price, market, lots):
    """Maintenance of positions (n, k) in quanta at given prices per market; market -1 for none."""
    out = np.zeros(market.shape, np.int64)
    for account in range(market.shape[0]):
        for place in range(market.shape[1]):
            row = market[account, place]
            if row < 0 or lots[account, place] == 0:
                continue
            out[account, place] = maintenance_quanta(
                abs(lots[account, place]) * price[row], tiers.lower_quanta, tiers.rate_numerator,
                tiers.rate_denominator, tiers.deduction_quanta, tier_first[row], tier_count[row],
            )  # fmt: skip
    return out
