"""The leveraged population: top-ups, panic, stop and take-profit orders.

Whoever has lost much of the distance to liquidation notices (the trigger index says who), and acts
after a log-normal reaction time: brings money, closes everything, or does nothing. Requests that
the gateway refuses are tried again a few times. Stop orders live inside the venue.
"""

import math

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.liquidations.takeover import price_bound_from_mark
from tacoma.systems.agents.gateway import gets_through
from tacoma.systems.margin import account_margin
from tacoma.systems.random import STREAM_ACTION, STREAM_REACTION, gaussian, uniform
from tacoma.systems.record import write
from tacoma.world.agents import DOWN, UP
from tacoma.world.codes import (
    LIQUIDATING,
    ORDER,
    PERPETUAL,
    REASON_PANIC,
    REASON_STOP,
    REASON_USER,
    RETAIL,
    TRANSFER,
)
from tacoma.world.limits import PRICE_QUANTA_MAX, STEPS_MAX

TRIES_MAX = 6
RETRY_STEPS = 20
NONE = -1
PROTECTION_PPM = 50_000  # market orders of users stop this far from the mark


@kernel
def schedule(crowd, account, at_step):
    """Put an account into the calendar; one that is in it already keeps its appointment."""
    last = crowd.calendar.shape[0] - 1
    if at_step >= last or crowd.accounts.is_listed[account] != 0:
        return
    crowd.accounts.is_listed[account] = 1
    crowd.accounts.following[account] = crowd.calendar[at_step]
    crowd.calendar[at_step] = account


@kernel
def notice(crowd, clock, accounts, triggers, step):
    """Let the accounts that crossed their alert slack decide when to act."""
    for place in range(triggers.counts.alert[0]):
        account = np.int64(triggers.alert[place])
        if accounts.kind[account] != RETAIL:
            continue
        draw = gaussian(clock.seed[0], STREAM_REACTION, accounts.key[account], step)
        wait = crowd.reaction_steps * math.exp(crowd.reaction_spread * draw)
        wait = min(wait, float(STEPS_MAX))  # never in this run
        crowd.accounts.tries[account] = 0
        schedule(crowd, account, step + 1 + np.int64(wait))
    triggers.counts.alert[0] = 0


@kernel
def close_everything(accounts, positions, markets, outbox, account, reason, step):
    """Write an order that closes each perpetual position of an account."""
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        lots = positions.lots[slot]
        market = np.int64(positions.market[slot])
        if lots != 0 and markets.kind[market] == PERPETUAL:
            limit = protected_price(markets, market, -lots)
            write(outbox, step + 1, ORDER, account, market, -lots, limit, reason, 1)


@kernel
def protected_price(markets, market, lots):
    """Worst price that a user's market order accepts, as venues protect them."""
    side = 1 if lots > 0 else -1
    bound = price_bound_from_mark(markets.mark[market], side, PROTECTION_PPM)
    return min(max(bound, 1), PRICE_QUANTA_MAX)


@kernel
def act(crowd, clock, components, accounts, positions, markets, tiers, outbox, account, step):
    """Do what the account decided: top up, close, or nothing."""
    equity, maintenance, notional = account_margin(markets, tiers, accounts, positions, account)
    if notional == 0 or accounts.status[account] == LIQUIDATING:
        return
    choice = uniform(clock.seed[0], STREAM_ACTION, accounts.key[account], 0)
    if choice >= crowd.top_up_share + crowd.close_share:
        return
    if not gets_through(
        components, clock, np.int64(accounts.venue[account]), accounts.key[account], step
    ):
        crowd.accounts.tries[account] += 1
        if crowd.accounts.tries[account] < TRIES_MAX:
            schedule(crowd, account, step + RETRY_STEPS)
        return
    if choice >= crowd.top_up_share:
        close_everything(accounts, positions, markets, outbox, account, REASON_PANIC, step)
        return
    whole = float(accounts.alert_slack[account]) / crowd.alert_part
    missing = np.int64(whole) - (equity - maintenance)
    amount = min(missing, accounts.wallet[account])
    if amount > 0:
        write(outbox, step + 1, TRANSFER, account, 0, amount, 0, 0, 0)


@kernel
def run_stops(crowd, positions, markets, outbox, step):
    """Send the stop and take-profit orders that the marks have reached, nearest first."""
    for market in range(markets.kind.shape[0]):
        mark = markets.mark[market]
        for way in (DOWN, UP):
            group = 2 * market + way
            cursor = crowd.groups.cursor[group]
            while cursor < crowd.groups.last[group]:
                price = crowd.stops.price[cursor]
                reached = mark <= price if way == DOWN else mark >= price
                if not reached:
                    break
                slot = np.int64(crowd.stops.slot[cursor])
                lots = positions.lots[slot]
                if lots != 0:
                    account = np.int64(positions.account[slot])
                    reason = REASON_STOP if (lots > 0) == (way == DOWN) else REASON_USER
                    limit = protected_price(markets, market, -lots)
                    write(outbox, step + 1, ORDER, account, market, -lots, limit, reason, 1)
                cursor += 1
            crowd.groups.cursor[group] = cursor


@kernel
def react(crowd, clock, components, accounts, positions, markets, tiers, triggers, outbox, step):
    """Notice, act on earlier decisions, and run stop orders."""
    notice(crowd, clock, accounts, triggers, step)
    account = np.int64(crowd.calendar[step])
    crowd.calendar[step] = NONE
    while account >= 0:
        following = np.int64(crowd.accounts.following[account])
        crowd.accounts.is_listed[account] = 0
        act(crowd, clock, components, accounts, positions, markets, tiers, outbox, account, step)
        account = following
    run_stops(crowd, positions, markets, outbox, step)
