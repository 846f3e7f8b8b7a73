"""Stage: loss sharing, the last resort: winners give up profit in proportion to it."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.sharing import allocate_pro_rata
from tacoma.systems.ledger import transfer
from tacoma.systems.margin import account_margin, has_positions, slot_value
from tacoma.systems.record import note_liquidation
from tacoma.systems.waterfall.share_equity import is_perpetual
from tacoma.world.codes import EXEMPT, STAGE_SHARE
from tacoma.world.layout import VENUE_SHARED

SHARE_PROFIT_PRO_RATA = 1


@kernel
def unrealised_profit(accounts, positions, markets, account):
    """Sum of the unrealised profit of an account's perpetual positions, in quanta."""
    profit = np.int64(0)
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        if is_perpetual(markets, positions, slot):
            profit += slot_value(markets, positions, slot)
    return profit


@kernel
def find_winners(accounts, positions, markets, deleverage, venue):
    """List the venue's accounts in profit; return (how many, their profit together)."""
    count, total = 0, np.int64(0)
    for account in range(accounts.status.shape[0]):
        if accounts.status[account] == EXEMPT or np.int64(accounts.venue[account]) != venue:
            continue
        profit = unrealised_profit(accounts, positions, markets, account)
        if profit > 0:
            deleverage.winners.account[count] = account
            deleverage.winners.weight[count] = profit
            total += profit
            count += 1
    return count, total


@kernel
def share_loss(
    accounts, positions, markets, tiers, rules, audit, flows, events, deleverage, account, step
):
    """Spread the debt of an account without positions over the winners, by largest remainder."""
    venue = np.int64(accounts.venue[account])
    equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
    debt = -equity
    if rules.share_kind[venue] != SHARE_PROFIT_PRO_RATA or debt <= 0:
        return
    if has_positions(markets, accounts, positions, account):
        return
    count, total = find_winners(accounts, positions, markets, deleverage, venue)
    shared = min(debt, total)
    if shared == 0:
        return
    allocate_pro_rata(shared, deleverage.winners.weight, count, deleverage.winners.share)
    for place in range(count):
        transfer(
            accounts,
            audit,
            np.int64(deleverage.winners.account[place]),
            account,
            deleverage.winners.share[place],
        )
    flows.venue[venue, VENUE_SHARED] += shared
    note_liquidation(events, step, account, 0, STAGE_SHARE, 0, 0, shared, -1)
