"""Stage: turn an account's collateral assets into money, at their collateral price and weight.

The fund that stands behind the venue buys them; it then carries the risk of their price.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.positions.collateral import collateral_value_quanta
from tacoma.systems.ledger import find_slot, trade, transfer
from tacoma.systems.margin import account_margin
from tacoma.systems.record import note_liquidation
from tacoma.systems.trigger_index import excess
from tacoma.world.codes import SPOT, STAGE_CONVERT


@kernel
def convert_collateral(accounts, positions, markets, tiers, rules, audit, events, account, step):
    """Sell every collateral asset of an account in need to its fund."""
    equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, account)
    needed = maintenance + excess(rules, accounts, account, maintenance)
    if equity >= needed and accounts.balance[account] >= 0:
        return
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        market = np.int64(positions.market[slot])
        lots = positions.lots[slot]
        fund = markets.fund[market]
        if lots <= 0 or markets.kind[market] != SPOT or fund < 0:
            continue
        price = markets.margin_price[market]
        value = collateral_value_quanta(lots, price, markets.weight_ppm[market])
        target = find_slot(accounts, positions, rules, fund, market)
        trade(accounts, positions, markets, audit, target, slot, lots, 0)
        transfer(accounts, audit, fund, account, value)
        note_liquidation(events, step, account, market, STAGE_CONVERT, lots, price, equity, fund)
