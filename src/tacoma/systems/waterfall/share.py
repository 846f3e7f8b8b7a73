"""Stage: loss sharing, the last resort: who pays what nobody has covered, and in which ratio."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.losses.sharing import allocate_pro_rata
from tacoma.systems.ledger import transfer, withdraw_from_wallet
from tacoma.systems.margin import account_margin, has_positions, slot_value
from tacoma.systems.record import note_liquidation
from tacoma.systems.waterfall.share_equity import is_perpetual
from tacoma.world.codes import EXEMPT, STAGE_SHARE
from tacoma.world.layout import VENUE_SHARED
from tacoma.world.limits import TOTAL_QUANTA_MAX

SHARE_NONE = 0
SHARE_PROFIT_PRO_RATA = 1
SHARE_OPEN_INTEREST = 2
SHARE_DEPOSITS = 3
SHARE_TOKEN_PRINT = 5


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
def share_weight(accounts, positions, markets, tiers, kind, account):
    """What an account's part of a shared loss is proportional to, and can be at most, in quanta."""
    if kind == SHARE_PROFIT_PRO_RATA:
        return max(unrealised_profit(accounts, positions, markets, account), 0)
    equity, _, notional = account_margin(markets, tiers, accounts, positions, account)
    if kind == SHARE_OPEN_INTEREST:
        return notional
    if kind == SHARE_DEPOSITS:
        return max(accounts.balance[account], 0)
    return max(equity, 0)


@kernel
def find_payers(accounts, positions, markets, tiers, deleverage, venue, kind, payee):
    """List the venue's accounts that share losses; return (how many, their weight together).

    The weight of all is cut off at TOTAL_QUANTA_MAX: whoever comes after that weighs nothing.
    """
    count, total = 0, np.int64(0)
    for account in range(accounts.status.shape[0]):
        if accounts.status[account] == EXEMPT or np.int64(accounts.venue[account]) != venue:
            continue
        weight = share_weight(accounts, positions, markets, tiers, kind, account)
        weight = min(weight, TOTAL_QUANTA_MAX - total)
        if weight > 0 and account != payee:
            deleverage.winners.account[count] = account
            deleverage.winners.weight[count] = weight
            total += weight
            count += 1
    return count, total


@kernel
def share_loss(
    accounts, positions, markets, tiers, rules, audit, flows, events, deleverage, account, step
):
    """Spread the debt of an account without positions by the rulebook's weight, to the quantum.

    Nobody pays more than the own weight: profits, deposits or equity are what can be taken. Where
    the weight is open interest, payment is through funding and can exceed what an account has.
    """
    venue = np.int64(accounts.venue[account])
    equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
    debt, kind = -equity, rules.share_kind[venue]
    if kind == SHARE_NONE or debt <= 0:
        return
    if has_positions(markets, accounts, positions, account):
        return
    if kind == SHARE_TOKEN_PRINT:
        shared = withdraw_from_wallet(accounts, audit, rules.fees_account[venue], debt)
        transfer(accounts, audit, rules.fees_account[venue], account, shared)
    else:
        count, total = find_payers(
            accounts, positions, markets, tiers, deleverage, venue, kind, account
        )
        shared = min(debt, total)
        allocate_pro_rata(shared, deleverage.winners.weight, count, deleverage.winners.share)
        for place in range(count):
            payer = np.int64(deleverage.winners.account[place])
            transfer(accounts, audit, payer, account, deleverage.winners.share[place])
    if shared > 0:
        flows.venue[venue, VENUE_SHARED] += shared
        note_liquidation(events, step, account, 0, STAGE_SHARE, 0, 0, shared, -1)
