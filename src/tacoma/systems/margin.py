"""What an account is worth and what it must keep: the exact check behind every liquidation.

An account with a slot in an option goes another way than the rest: a short option asks for the
margin of one, or the venue margins the whole account as a portfolio.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.positions.collateral import collateral_value_quanta
from tacoma.world.codes import OPTION, PERPETUAL, SPOT
from tacoma.world.limits import MARGIN_QUANTA_MAX
from tacoma.world.option_schedule import option_maintenance
from tacoma.world.schedule import margin_at_rate, position_maintenance


@kernel
def slot_maintenance(markets, tiers, positions, slot):
    """Maintenance of one perpetual position in quanta, rounded up."""
    market = np.int64(positions.market[slot])
    return position_maintenance(
        markets, tiers, market, positions.lots[slot], markets.margin_price[market]
    )


@kernel
def slot_value(markets, positions, slot):
    """What one slot adds to equity: unrealised profit, or weighted collateral (rounded down).

    An option adds what it is worth, negative when short: its weight is 1.
    """
    market = np.int64(positions.market[slot])
    lots, price = positions.lots[slot], markets.margin_price[market]
    if markets.kind[market] == PERPETUAL:
        return lots * price - positions.entry[slot]
    return collateral_value_quanta(lots, price, markets.weight_ppm[market])


@kernel
def slot_requirement(markets, tiers, positions, slot):
    """Maintenance of one perpetual or option held alone, in quanta, rounded up."""
    market = np.int64(positions.market[slot])
    if markets.kind[market] == OPTION:
        return option_maintenance(markets, market, positions.lots[slot])
    return slot_maintenance(markets, tiers, positions, slot)


@kernel
def is_gridded(markets, positions, slot):
    """Whether the slot holds something that its venue margins as part of a portfolio."""
    return positions.lots[slot] != 0 and markets.shock_count[np.int64(positions.market[slot])] > 0


@kernel
def worst_loss(markets, positions, first, last, asset):
    """Largest loss of an account's positions in one underlying over its venue's scenarios."""
    worst, shocks = np.int64(0), np.int64(0)
    for slot in range(first, last):
        market = np.int64(positions.market[slot])
        if markets.asset[market] == asset:
            shocks = max(shocks, markets.shock_count[market])
    for shock in range(shocks):
        gain = np.int64(0)
        for slot in range(first, last):
            market = np.int64(positions.market[slot])
            if markets.asset[market] == asset and is_gridded(markets, positions, slot):
                gain += positions.lots[slot] * markets.gains[market, shock]
        worst = max(worst, -gain)
    return worst


@kernel
def portfolio_maintenance(markets, positions, first, last):
    """Maintenance of what an account holds by its venue's grid, in quanta; rounded up twice.

    Per underlying the worst loss over the scenarios times the rulebook's factor, and the
    contingency on the notional of each perpetual. Underlyings do not offset each other.
    """
    maintenance = np.int64(0)
    for slot in range(first, last):
        if not is_gridded(markets, positions, slot):
            continue
        market = np.int64(positions.market[slot])
        if markets.kind[market] == PERPETUAL:
            notional = abs(positions.lots[slot]) * markets.margin_price[market]
            asked = margin_at_rate(notional, markets.contingency_ppm[market])
            maintenance = min(maintenance + asked, MARGIN_QUANTA_MAX)
        asset, is_first = markets.asset[market], True
        for other in range(first, slot):
            same = markets.asset[np.int64(positions.market[other])] == asset
            is_first = is_first and not (same and is_gridded(markets, positions, other))
        if is_first:
            worst = worst_loss(markets, positions, first, last, asset)
            asked = margin_at_rate(worst, markets.loss_factor_ppm[market])
            maintenance = min(maintenance + asked, MARGIN_QUANTA_MAX)
    return maintenance


@kernel
def margin_with_options(markets, tiers, accounts, positions, account):
    """Equity, maintenance and gross notional of an account that has slots in options."""
    equity = accounts.balance[account]
    first = np.int64(accounts.slot_first[account])
    last = np.int64(accounts.slot_last[account])
    maintenance, notional = np.int64(0), np.int64(0)
    for slot in range(first, last):
        lots, market = positions.lots[slot], np.int64(positions.market[slot])
        if lots == 0:
            continue
        equity += slot_value(markets, positions, slot)
        if markets.kind[market] == SPOT:
            continue
        notional += abs(lots) * markets.margin_price[market]
        if markets.shock_count[market] == 0:
            asked = slot_requirement(markets, tiers, positions, slot)
            maintenance = min(maintenance + asked, MARGIN_QUANTA_MAX)
    maintenance += portfolio_maintenance(markets, positions, first, last)
    return equity, min(maintenance, MARGIN_QUANTA_MAX), notional


@kernel
def maintenance_alone(markets, tiers, accounts, positions, account, maintenance):
    """What an account's equity divides by: the sum of its positions' maintenance, each held alone.

    Without options that is `maintenance` itself. As a portfolio an account may ask for less, and
    parts by that would exceed the whole. At least 1.
    """
    if accounts.has_options[account] == 0:
        return maintenance
    alone = np.int64(0)
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        if positions.lots[slot] != 0 and markets.kind[np.int64(positions.market[slot])] != SPOT:
            asked = slot_requirement(markets, tiers, positions, slot)
            alone = min(alone + asked, MARGIN_QUANTA_MAX)
    return max(alone, 1)


@kernel
def account_margin(markets, tiers, accounts, positions, account):
    """Equity, maintenance and gross notional of one account, in quanta.

    Notional is that of perpetuals, and of options at their own price.
    """
    if accounts.has_options[account] != 0:
        return margin_with_options(markets, tiers, accounts, positions, account)
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
            asked = slot_maintenance(markets, tiers, positions, slot)
            maintenance = min(maintenance + asked, MARGIN_QUANTA_MAX)
            notional += abs(lots) * markets.margin_price[market]
    return equity, maintenance, notional


@kernel
def has_positions(markets, accounts, positions, account):
    """Whether the account holds any perpetual or option."""
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        if positions.lots[slot] != 0 and markets.kind[np.int64(positions.market[slot])] != SPOT:
            return True
    return False
