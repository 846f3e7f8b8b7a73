"""Stage: a backstop vault or the insurance fund takes positions over with what stands behind them.

The position moves at the mark and its share of the account's equity, positive or negative, moves
with it. That equals a sale at the bankruptcy price, to the unit, without its rounding.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.margin import backstop_threshold_reached
from tacoma.systems.ledger import find_slot, trade, transfer
from tacoma.systems.margin import account_margin, has_positions
from tacoma.systems.record import note_liquidation, note_move
from tacoma.systems.waterfall.share_equity import equity_share, is_perpetual
from tacoma.world.codes import INSURANCE, MOVE_INSURANCE, SPOT, STAGE_TAKEOVER
from tacoma.world.layout import FLOW_TAKEOVER, VENUE_INSURANCE_PAID, VENUE_TAKEOVER

CAPACITY_FUND_NOT_NEGATIVE = 1


@kernel
def fund_accepts(accounts, positions, markets, tiers, rules, venue, fund, share):
    """Whether the fund may take a position with this share of equity."""
    if rules.capacity_kind[venue] != CAPACITY_FUND_NOT_NEGATIVE:
        return True
    equity, _, _ = account_margin(markets, tiers, accounts, positions, fund)
    return equity > 0 and equity + share >= 0


@kernel
def take_slot(accounts, positions, markets, rules, audit, flows, events, slot, fund, share, step):
    """Move one position and its share of the equity to the fund."""
    account, market = np.int64(positions.account[slot]), np.int64(positions.market[slot])
    venue = np.int64(accounts.venue[account])
    lots, mark = positions.lots[slot], markets.margin_price[market]
    target = find_slot(accounts, positions, rules, fund, market)
    buyer, seller = (target, slot) if lots > 0 else (slot, target)
    trade(accounts, positions, markets, audit, buyer, seller, abs(lots), mark)
    transfer(accounts, audit, account, fund, share)
    flows.market[market, FLOW_TAKEOVER] += abs(lots) * mark
    flows.venue[venue, VENUE_TAKEOVER] += abs(lots) * mark
    if share < 0 and accounts.kind[fund] == INSURANCE:
        flows.venue[venue, VENUE_INSURANCE_PAID] -= share
        note_move(events, step, fund, MOVE_INSURANCE, -share)
    note_liquidation(events, step, account, market, STAGE_TAKEOVER, lots, mark, share, fund)


@kernel
def surrender_collateral(accounts, positions, markets, rules, audit, account, fund):
    """Hand over collateral that no earlier stage converted: its value is part of the equity."""
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        lots = positions.lots[slot]
        if lots > 0 and markets.kind[np.int64(positions.market[slot])] == SPOT:
            market = np.int64(positions.market[slot])
            target = find_slot(accounts, positions, rules, fund, market)
            trade(accounts, positions, markets, audit, target, slot, lots, 0)


@kernel
def take_over(accounts, positions, markets, tiers, rules, audit, flows, events, account, step):
    """Take over what an account holds, if its equity is low enough and the fund may."""
    venue = np.int64(accounts.venue[account])
    if step % rules.takeover_interval[venue] != 0:
        return
    equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, account)
    if maintenance <= 0 or not backstop_threshold_reached(
        equity, maintenance, rules.takeover_numerator[venue], rules.takeover_denominator[venue]
    ):
        return
    last_fund = np.int64(-1)
    accounts.refused[account] = 0
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        if not is_perpetual(markets, positions, slot):
            continue
        fund = markets.fund[np.int64(positions.market[slot])]
        share = equity_share(markets, tiers, positions, slot, equity, maintenance)
        if fund < 0 or not fund_accepts(
            accounts, positions, markets, tiers, rules, venue, fund, share
        ):
            accounts.refused[account] = 1
            continue
        take_slot(
            accounts, positions, markets, rules, audit, flows, events, slot, fund, share, step
        )
        last_fund = fund
    if last_fund >= 0 and not has_positions(markets, accounts, positions, account):
        surrender_collateral(accounts, positions, markets, rules, audit, account, last_fund)
        transfer(accounts, audit, account, last_fund, accounts.balance[account])
