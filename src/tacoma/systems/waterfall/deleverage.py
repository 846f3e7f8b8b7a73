"""Stage: auto-deleveraging. The bankrupt's position is closed against the opposite side.

Matched in size, never more than anybody holds, best-ranked winner first, at the venue's price.
All demand of a step in one market side shares one queue, so liquidations come first and
deleveragings after them, as in the public fills.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.losses.adl import PRICE_BANKRUPTCY, PRICE_MARK, adl_price, take
from tacoma.systems.ledger import find_slot, trade
from tacoma.systems.margin import account_margin, maintenance_alone
from tacoma.systems.record import note_liquidation
from tacoma.systems.trigger_index import excess
from tacoma.systems.waterfall.adl_queue import build_queue
from tacoma.systems.waterfall.fund_state import is_drawn, owes_too_much
from tacoma.systems.waterfall.share_equity import (
    equity_share,
    position_bankruptcy_price,
)
from tacoma.world.codes import (
    BACKSTOP,
    EXEMPT,
    INSURANCE,
    PERPETUAL,
    STAGE_ADL,
)
from tacoma.world.layout import FLOW_ADL, VENUE_ADL

TRIGGER_NEGATIVE_EQUITY = 0
TRIGGER_TAKEOVER_REFUSED = 1
TRIGGER_NEVER = 2
TRIGGER_FUND_DRAWDOWN = 3
TRIGGER_POOL_PROFIT = 4


@kernel
def is_deleveraged(markets, tiers, rules, accounts, positions, account):
    """Whether the rulebook closes this account's positions by deleveraging now."""
    venue = np.int64(accounts.venue[account])
    trigger = rules.adl_trigger[venue]
    if trigger == TRIGGER_NEVER:
        return False
    equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, account)
    if maintenance <= 0:
        return False
    if accounts.kind[account] in (BACKSTOP, INSURANCE):
        if trigger == TRIGGER_FUND_DRAWDOWN:
            return equity < 0 or is_drawn(accounts, markets, positions, account)
        if trigger == TRIGGER_POOL_PROFIT:
            return owes_too_much(rules, markets, accounts, positions, venue, account, equity)
        return equity < 0
    if trigger in (TRIGGER_NEGATIVE_EQUITY, TRIGGER_POOL_PROFIT):
        return equity < 0
    too_little = equity < maintenance + excess(rules, accounts, account, maintenance)
    return too_little and accounts.refused[account] != 0


@kernel
def collect_bankrupt(markets, tiers, rules, accounts, positions, triggers, venue):
    """List the accounts to deleverage in the candidate scratch: the batch, then the funds."""
    count = 0
    for place in range(triggers.counts.batch[0]):
        account = np.int64(triggers.batch[place])
        if np.int64(accounts.venue[account]) == venue and is_deleveraged(
            markets, tiers, rules, accounts, positions, account
        ):
            triggers.candidate[count] = account
            count += 1
    fund_before = np.int64(-1)
    for market in range(
        rules.market_first[venue], rules.market_first[venue] + rules.market_count[venue]
    ):
        fund = markets.fund[market]
        seen = fund < 0 or fund == fund_before
        for place in range(count):
            seen = seen or triggers.candidate[place] == fund
        if not seen and is_deleveraged(markets, tiers, rules, accounts, positions, fund):
            triggers.candidate[count] = fund
            count += 1
        fund_before = fund
    return count


@kernel
def demanded_lots(accounts, positions, rules, triggers, count, market, bankrupt_long):
    """Lots of one side that the bankrupt hold in a market."""
    lots = np.int64(0)
    for place in range(count):
        account = np.int64(triggers.candidate[place])
        slot = find_slot(accounts, positions, rules, account, market)
        if slot >= 0 and positions.lots[slot] != 0 and (positions.lots[slot] > 0) == bankrupt_long:
            lots += abs(positions.lots[slot])
    return lots


@kernel
def note_deleverage(
    events, step, market, winner, bankrupt, lots, price, pnl, score, rank, leverage_ppm, held
):
    """Append one deleveraging to the events; lots carry the sign of the winner's position."""
    row = events.counts.deleveragings[0]
    events.deleveragings.step[row] = step
    events.deleveragings.market[row] = market
    events.deleveragings.winner[row] = winner
    events.deleveragings.bankrupt[row] = bankrupt
    events.deleveragings.lots[row] = lots
    events.deleveragings.price[row] = price
    events.deleveragings.pnl[row] = pnl
    events.deleveragings.score[row] = score
    events.deleveragings.rank[row] = rank
    events.deleveragings.leverage_ppm[row] = leverage_ppm
    events.deleveragings.held[row] = held
    events.counts.deleveragings[0] = row + 1


@kernel
def close_against_queue(
    accounts,
    positions,
    markets,
    audit,
    flows,
    events,
    deleverage,
    slot,
    price,
    cursor,
    length,
    step,
):
    """Close one position against the queue from the cursor on; return the new cursor."""
    account, market = np.int64(positions.account[slot]), np.int64(positions.market[slot])
    bankrupt_long = positions.lots[slot] > 0
    while cursor < length and positions.lots[slot] != 0:
        winner_slot = np.int64(deleverage.queue.slot[cursor])
        held = positions.lots[winner_slot]
        if held == 0:
            cursor += 1
            continue
        left = min(abs(held), deleverage.queue.limit[cursor])
        if left == 0:
            cursor += 1
            continue
        lots = take(abs(positions.lots[slot]), left)
        deleverage.queue.limit[cursor] -= lots
        winner = np.int64(positions.account[winner_slot])
        before = accounts.balance[winner]
        buyer, seller = (winner_slot, slot) if bankrupt_long else (slot, winner_slot)
        trade(accounts, positions, markets, audit, buyer, seller, lots, price)
        note_deleverage(
            events, step, market, winner, account, lots if held > 0 else -lots, price,
            accounts.balance[winner] - before, deleverage.queue.score[cursor], cursor,
            deleverage.queue.leverage_ppm[cursor], held,
        )  # fmt: skip
        flows.market[market, FLOW_ADL] += lots * price
        flows.venue[np.int64(accounts.venue[account]), VENUE_ADL] += lots * price
        if positions.lots[winner_slot] == 0 or deleverage.queue.limit[cursor] == 0:
            cursor += 1
    return cursor


@kernel
def deleverage_side(
    accounts, positions, markets, tiers, rules, triggers, audit, flows, events, deleverage,
    count, market, bankrupt_long, step,
):  # fmt: skip
    """Deleverage all demand of one market side."""
    needed = demanded_lots(accounts, positions, rules, triggers, count, market, bankrupt_long)
    if needed == 0:
        return
    length = build_queue(
        markets, tiers, rules, accounts, positions, deleverage, market, not bankrupt_long, needed,
        step,
    )  # fmt: skip
    venue, cursor = markets.venue[market], 0
    for place in range(count):
        account = np.int64(triggers.candidate[place])
        slot = find_slot(accounts, positions, rules, account, market)
        if slot < 0 or positions.lots[slot] == 0 or (positions.lots[slot] > 0) != bankrupt_long:
            continue
        equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, account)
        alone = maintenance_alone(markets, tiers, accounts, positions, account, maintenance)
        share = equity_share(markets, tiers, positions, slot, equity, alone)
        kind = rules.adl_price[venue]
        is_fund = accounts.kind[account] in (BACKSTOP, INSURANCE)
        if kind == PRICE_BANKRUPTCY and equity > 0 and is_fund:
            kind = PRICE_MARK  # a fund that can still pay gives nothing away
        price = adl_price(
            kind, position_bankruptcy_price(markets, positions, slot, share),
            markets.previous_mark[market], markets.mark[market],
        )  # fmt: skip
        held = positions.lots[slot]
        cursor = close_against_queue(
            accounts, positions, markets, audit, flows, events, deleverage, slot, price, cursor,
            length, step,
        )  # fmt: skip
        closed = held - positions.lots[slot]
        if closed != 0:
            note_liquidation(events, step, account, market, STAGE_ADL, closed, price, share, -1)


@kernel
def deleverage_venue(
    accounts, positions, markets, tiers, rules, triggers, audit, flows, events, deleverage,
    venue, step,
):  # fmt: skip
    """Run the stage for one venue."""
    if step % rules.adl_interval[venue] != 0:
        return
    count = collect_bankrupt(markets, tiers, rules, accounts, positions, triggers, venue)
    if count == 0:
        return
    first = rules.market_first[venue]
    for market in range(first, first + rules.market_count[venue]):
        if markets.kind[market] != PERPETUAL:
            continue
        for bankrupt_long in (True, False):
            deleverage_side(
                accounts, positions, markets, tiers, rules, triggers, audit, flows, events,
                deleverage, count, market, bankrupt_long, step,
            )  # fmt: skip
    for place in range(count):
        account = np.int64(triggers.candidate[place])
        if accounts.status[account] != EXEMPT:
            accounts.refused[account] = 0
