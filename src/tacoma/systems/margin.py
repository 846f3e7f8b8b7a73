"""What an account is worth and what it must keep: the exact check behind every liquidation."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.collateral import collateral_value_quanta
from tacoma.world.codes import PERPETUAL
from tacoma.world.schedule import position_maintenance


@kernel
def slot_maintenance(markets, tiers, positions, slot):
    """Maintenance of one perpetual position in quanta, rounded up."""
    market = np.int64(positions.market[slot])
    return position_maintenance(
        markets, tiers, market, positions.lots[slot], markets.margin_price[market]
    )


@kernel
def slot_value(markets, positions, slot):
    """What one slot adds to equity: unrealised profit, or weighted collateral (rounded down)."""
    market = np.int64(positions.market[slot])
    lots, price = positions.lots[slot], markets.margin_price[market]
    if markets.kind[market] == PERPETUAL:
        return lots * price - positions.entry[slot]
    return collateral_value_quanta(lots, price, markets.weight_ppm[market])


@kernel
def account_margin(markets, tiers, accounts, positions, account):
    """Equity, maintenance and gross perpetual notional of one account, in quanta."""
    equity = accounts.balance[account]
    maintenance, notional = np.int64(0), np.int64(0)
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        lots = positions.lots[slot]
        if lots == 0:
            continue
        equity += slot_value(markets, positions, slot)
        market = np.int64(positions.market[slot])
        if markets.kind[market] == PERPETUAL:
            maintenance += slot_maintenance(markets, tiers, positions, slot)
            notional += abs(lots) * markets.margin_price[market]
    return equity, maintenance, notional


@kernel
def has_positions(markets, accounts, positions, account):
    """Whether the account holds any perpetual position."""
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        if (
            positions.lots[slot] != 0
            and markets.kind[np.int64(positions.market[slot])] == PERPETUAL
        ):
            return True
    return False
