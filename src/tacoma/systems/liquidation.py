"""Liquidation: who is below maintenance, and the venue's waterfall in the order of its rulebook.

Each stage runs over the whole batch of a venue before the next begins, in order of account.
"""

import numpy as np

from tacoma.compile import allocating_kernel, kernel
from tacoma.systems.margin import account_margin, has_positions
from tacoma.systems.random import STREAM_QUEUE, uniform
from tacoma.systems.record import note_liquidation
from tacoma.systems.trigger_index import evaluate, find_liquidatable
from tacoma.systems.waterfall.cancel import cancel, withdraw_quotes
from tacoma.systems.waterfall.convert import convert_collateral
from tacoma.systems.waterfall.deleverage import deleverage_venue
from tacoma.systems.waterfall.fund_state import watch_funds
from tacoma.systems.waterfall.insurance import pay_debt
from tacoma.systems.waterfall.market import close_in_market
from tacoma.systems.waterfall.settlement import is_halted
from tacoma.systems.waterfall.share import share_loss
from tacoma.systems.waterfall.share_equity import is_option, is_perpetual
from tacoma.systems.waterfall.takeover import take_over
from tacoma.world.codes import (
    ALERTED,
    EVENT_BAD_DEBT,
    EVENT_TRIGGER,
    EXEMPT,
    LIQUIDATING,
    STAGE_ADL,
    STAGE_CANCEL,
    STAGE_CONVERT,
    STAGE_INSURANCE,
    STAGE_MARKET,
    STAGE_NONE,
    STAGE_SHARE,
    STAGE_TAKEOVER,
    STAGES_MAX,
    WRITTEN_OFF,
)
from tacoma.world.layout import (
    VENUE_BAD_DEBT,
    VENUE_LIQUIDATED,
    VENUE_LIQUIDATED_ACCOUNTS,
    VENUE_LONG_LIQUIDATED,
)

ORDER_PSEUDO_RANDOM = 1


@kernel
def is_looking(rules, venues, venue, step):
    """Whether a venue looks for accounts to liquidate at this step."""
    return step % rules.liquidation_interval[venue] == 0 and not is_halted(venues, venue, step)


@kernel
def drop_recovered(
    markets, tiers, accounts, positions, rules, venues, triggers, flows, waiting, step
):
    """Let go of the first `waiting` of the batch who recovered before their venue looked at them.

    A venue that looks seldom, or was halted, finds at prices of now who is below maintenance.
    """
    kept = 0
    for place in range(triggers.counts.batch[0]):
        account = triggers.batch[place]
        venue = np.int64(accounts.venue[account])
        if place < waiting and accounts.since[account] == 0:
            if is_looking(rules, venues, venue, step):
                accounts.status[account] = ALERTED
                if not evaluate(
                    markets, tiers, accounts, positions, rules, triggers, flows, account
                ):
                    continue
                accounts.status[account] = LIQUIDATING
        triggers.batch[kept] = account
        kept += 1
    triggers.counts.batch[0] = kept


@kernel
def note_triggered(
    markets, tiers, accounts, positions, rules, venues, triggers, flows, events, step
):
    """Write down each account that its venue finds below maintenance now, and its positions."""
    for place in range(triggers.counts.batch[0]):
        account = np.int64(triggers.batch[place])
        venue = np.int64(accounts.venue[account])
        if accounts.since[account] != 0 or not is_looking(rules, venues, venue, step):
            continue
        equity, _, notional = account_margin(markets, tiers, accounts, positions, account)
        accounts.sliced[account] = 0
        accounts.refused[account] = 0
        accounts.since[account] = step
        if notional == 0:  # closed its positions itself and owes more than it has
            continue
        flows.venue[venue, VENUE_LIQUIDATED] += notional
        flows.venue[venue, VENUE_LIQUIDATED_ACCOUNTS] += 1
        for slot in range(
            np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
        ):
            if not is_perpetual(markets, positions, slot) and not is_option(
                markets, positions, slot
            ):
                continue
            market, lots = np.int64(positions.market[slot]), positions.lots[slot]
            price = markets.margin_price[market]
            if lots > 0:
                flows.venue[venue, VENUE_LONG_LIQUIDATED] += lots * price
            note_liquidation(events, step, account, market, EVENT_TRIGGER, lots, price, equity, -1)


@kernel
def run_account_stage(
    accounts, positions, markets, tiers, rules, venues, books, audit, flows, events, deleverage,
    stage, account, step,
):  # fmt: skip
    """Run one stage for one account of the batch."""
    if stage == STAGE_CANCEL:
        cancel(accounts, positions, books, account)
    elif stage == STAGE_MARKET:
        close_in_market(
            accounts, positions, markets, tiers, rules, venues, books, audit, flows, events,
            account, step,
        )  # fmt: skip
    elif stage == STAGE_CONVERT:
        convert_collateral(accounts, positions, markets, tiers, rules, audit, events, account, step)
    elif stage == STAGE_TAKEOVER:
        take_over(accounts, positions, markets, tiers, rules, audit, flows, events, account, step)
    elif stage == STAGE_INSURANCE:
        pay_debt(accounts, positions, markets, tiers, audit, flows, events, account, step)
    elif stage == STAGE_SHARE:
        share_loss(
            accounts,
            positions,
            markets,
            tiers,
            rules,
            audit,
            flows,
            events,
            deleverage,
            account,
            step,
        )


@kernel
def run_venue(
    accounts, positions, markets, tiers, rules, venues, waterfall, triggers, books, audit, flows,
    events, deleverage, venue, step,
):  # fmt: skip
    """Run a venue's stages in the rulebook's order over its part of the batch."""
    for place in range(STAGES_MAX):
        stage = waterfall[venue, place]
        if stage == STAGE_NONE or is_halted(venues, venue, step):
            break
        if stage == STAGE_ADL:
            deleverage_venue(
                accounts, positions, markets, tiers, rules, triggers, audit, flows, events,
                deleverage, venue, step,
            )  # fmt: skip
            continue
        for member in range(triggers.counts.batch[0]):
            account = np.int64(triggers.batch[member])
            if np.int64(accounts.venue[account]) == venue and not is_halted(venues, venue, step):
                run_account_stage(
                    accounts, positions, markets, tiers, rules, venues, books, audit, flows,
                    events, deleverage, stage, account, step,
                )  # fmt: skip


@kernel
def release(
    markets, tiers, accounts, positions, rules, venues, triggers, books, flows, events, step
):
    """Let go of whoever is healthy again or has nothing left; keep the rest in the batch.

    Debts wait until their venue's stages have run: for its interval, or for its restart.
    """
    kept = 0
    for place in range(triggers.counts.batch[0]):
        account = np.int64(triggers.batch[place])
        venue = np.int64(accounts.venue[account])
        if is_halted(venues, venue, step):
            triggers.batch[kept] = account
            kept += 1
            continue
        if has_positions(markets, accounts, positions, account):
            accounts.status[account] = ALERTED
            if evaluate(markets, tiers, accounts, positions, rules, triggers, flows, account):
                accounts.status[account] = LIQUIDATING
                triggers.batch[kept] = account
                kept += 1
            else:
                accounts.since[account] = 0
            continue
        equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
        debt = -equity
        if debt > 0 and not is_looking(rules, venues, venue, step):
            triggers.batch[kept] = account
            kept += 1
            continue
        accounts.status[account] = ALERTED
        accounts.since[account] = 0
        if debt <= 0 and evaluate(
            markets, tiers, accounts, positions, rules, triggers, flows, account
        ):
            accounts.status[account] = LIQUIDATING
            triggers.batch[kept] = account
            kept += 1
        if debt > 0:
            accounts.status[account] = EXEMPT  # written off, once
            accounts.since[account] = WRITTEN_OFF
            withdraw_quotes(accounts, positions, books, account)
            flows.venue[venue, VENUE_BAD_DEBT] += debt
            market = np.int64(positions.market[np.int64(accounts.slot_first[account])])
            note_liquidation(events, step, account, market, EVENT_BAD_DEBT, 0, 0, -debt, -1)
    triggers.counts.batch[0] = kept


@kernel
def order_batch(rules, accounts, triggers, step):
    """Put the batch in order: by account, or from a pseudo-random place on, as venues do it.

    Late members come after earlier ones; sorting makes the order independent of history. A venue
    that starts somewhere in its list and wraps around gets the same sorted list, rotated.
    """
    count = triggers.counts.batch[0]
    triggers.batch[:count].sort()
    for venue in range(rules.liquidation_order.shape[0]):
        if rules.liquidation_order[venue] != ORDER_PSEUDO_RANDOM:
            continue
        length = 0
        for place in range(count):
            if np.int64(accounts.venue[triggers.batch[place]]) == venue:
                triggers.candidate[length] = triggers.batch[place]
                length += 1
        if length < 2:
            continue
        following = int(uniform(np.uint64(step), STREAM_QUEUE, venue, 0) * float(length))
        for place in range(count):
            if np.int64(accounts.venue[triggers.batch[place]]) == venue:
                triggers.batch[place] = triggers.candidate[following % length]
                following += 1


@allocating_kernel
def liquidate(
    accounts, positions, markets, tiers, rules, venues, peaks, record, waterfall, triggers, books,
    audit, flows, events, deleverage, step,
):  # fmt: skip
    """Find who is below maintenance and run every venue's waterfall once."""
    waiting = find_liquidatable(
        markets, tiers, accounts, positions, rules, triggers, flows, audit, step
    )
    drop_recovered(
        markets, tiers, accounts, positions, rules, venues, triggers, flows, waiting, step
    )
    note_triggered(
        markets, tiers, accounts, positions, rules, venues, triggers, flows, events, step
    )
    order_batch(rules, accounts, triggers, step)
    watch_funds(accounts, positions, markets, tiers, rules, record, peaks, step)
    for venue in range(waterfall.shape[0]):
        if is_looking(rules, venues, venue, step):
            run_venue(
                accounts, positions, markets, tiers, rules, venues, waterfall, triggers, books,
                audit, flows, events, deleverage, venue, step,
            )  # fmt: skip
    release(
        markets, tiers, accounts, positions, rules, venues, triggers, books, flows, events, step
    )
