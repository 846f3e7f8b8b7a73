"""How many lots of a position one liquidation order closes: the rulebook's sizing."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.liquidations.sizing import (
    first_slice_lots,
    lots_above_notional,
    lots_to_health,
    two_tiers_lower_quanta,
)
from tacoma.systems.margin import slot_maintenance
from tacoma.systems.trigger_index import excess

SIZING_SLICES = 0
SIZING_CLIPS = 1
SIZING_TWO_TIERS = 2


@kernel
def lots_ordered(markets, tiers, rules, accounts, positions, slot, equity, maintenance):
    """Lots that the next order closes, unsigned."""
    account, market = np.int64(positions.account[slot]), np.int64(positions.market[slot])
    venue = np.int64(accounts.venue[account])
    held, price = abs(positions.lots[slot]), markets.margin_price[market]
    sizing = rules.market_sizing[venue]
    if sizing == SIZING_SLICES:
        if accounts.sliced[account] != 0:
            return held
        return first_slice_lots(
            held, held * price, rules.slice_above_quanta[venue], rules.slice_ppm[venue]
        )
    if sizing == SIZING_CLIPS:
        return first_slice_lots(held, held * price, -1, rules.slice_ppm[venue])
    if sizing == SIZING_TWO_TIERS:
        if markets.tier_count[market] == 0:
            return held
        bound = two_tiers_lower_quanta(
            held * price, tiers.lower_quanta, markets.tier_first[market],
            markets.tier_count[market],
        )  # fmt: skip
        return lots_above_notional(held, price, bound)
    own = slot_maintenance(markets, tiers, positions, slot)
    equity -= excess(rules, accounts, account, maintenance)
    return lots_to_health(held, equity, maintenance, own, 0, rules.health_ppm[venue])
