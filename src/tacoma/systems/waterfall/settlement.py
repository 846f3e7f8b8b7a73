"""Settlement between collateral pools: whether a liquidation's payments can be made in their order.

Isolated positions of a pooled market have a collateral pool of their own. When a liquidation leaves
a debt, the insurance fund owes it to the pool, and the counterparty's collateral leaves the pool.
If the money leaves first, the pool must be able to pay it out of what the others in it own; a pool
that is not stops the venue, as the chain of dYdX stopped on 10 October 2025.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.losses.isolated_pool import is_transfer_covered
from tacoma.systems.margin import account_margin
from tacoma.systems.record import note_liquidation
from tacoma.world.codes import EVENT_HALT, ISOLATED
from tacoma.world.limits import BALANCE_QUANTA_MAX

ORDER_INSURANCE_FIRST = 0


@kernel
def is_halted(venues, venue, step):
    """Whether nothing is liquidated, traded or funded on a venue at this step."""
    return step < venues.halted_until[venue]


@kernel
def pool_of_others(accounts, positions, markets, tiers, market, except_account):
    """Sum of what all other isolated accounts in a market own, in quanta; debts do not count.

    Cut off at BALANCE_QUANTA_MAX, which covers any debt that can be settled.
    """
    pool = np.int64(0)
    for place in range(markets.slot_first[market], markets.slot_last[market]):
        account = np.int64(positions.account[np.int64(positions.by_market[place])])
        if account == except_account or accounts.mode[account] != ISOLATED:
            continue
        equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
        pool = min(pool + max(equity, 0), BALANCE_QUANTA_MAX)
    return pool


@kernel
def settle(accounts, positions, markets, tiers, rules, venues, events, slot, collateral, step):
    """Check that a liquidation which left a debt can be settled; if not, halt the venue.

    `collateral` is what the counterparty's account takes out of the pool. A venue that has halted
    once restarts with the order mended.
    """
    account, market = np.int64(positions.account[slot]), np.int64(positions.market[slot])
    venue = np.int64(accounts.venue[account])
    if markets.is_pooled[market] == 0 or accounts.mode[account] != ISOLATED:
        return
    equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
    if equity >= 0:
        return
    first = rules.settlement_order[venue] == ORDER_INSURANCE_FIRST or venues.halts[venue] > 0
    others = pool_of_others(accounts, positions, markets, tiers, market, account)
    pool = others + equity + collateral
    if is_transfer_covered(pool, collateral, equity, first):
        return
    venues.halted_until[venue] = step + rules.halt_steps[venue]
    venues.halts[venue] += 1
    venues.missing[venue] = collateral - pool
    note_liquidation(events, step, account, market, EVENT_HALT, 0, 0, pool - collateral, -1)
