"""The door: every input record (quote, order, transfer, source price, fault) enters here.

Agents, a timeline, a replayed journal and a live feed all fill the same queue; what was consumed,
in its order, is the journal. Records that make no sense (an unknown slot, more lots than a
reduce-only order may close, a price beyond the limits) change nothing: a venue rejects them.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.book import best_price, walk
from tacoma.systems.ledger import find_slot, withdraw_from_wallet
from tacoma.systems.record import note_move, write
from tacoma.systems.waterfall.settlement import is_halted
from tacoma.world.codes import (
    ALERTED,
    ASK,
    BID,
    CALM,
    CANCEL,
    FAULT,
    FAULT_DEPTH,
    FAULT_GATEWAY,
    FAULT_SOURCE,
    LIMIT,
    LIQUIDATING,
    MOVE_TOP_UP,
    OPTION,
    ORDER,
    PARAMETER,
    QUOTE,
    SOURCE,
    SOURCE_DEAD,
    SPOT,
    TRANSFER,
    WRITTEN_OFF,
)
from tacoma.world.layout import VENUE_TOP_UP
from tacoma.world.limits import (
    LAG_SECONDS_MAX,
    LOTS_MAX,
    MONEY_QUANTA_MAX,
    PPM,
    PRICE_QUANTA_MAX,
    RESTING_MAX,
    SHOCK_FACTOR_MAX,
)

FACTOR_MAX = SHOCK_FACTOR_MAX * PPM  # of a depth or of a lying source


@kernel
def accept_quote(books, market, account, reference, half_spread, bid_lots, ask_lots, step):
    """Replace a maker's standing curve.

    Quotes never trade on arrival: one that would cross another maker's widens until it does not.
    """
    for maker in range(books.quotes.shape[1]):
        if books.quotes.maker[market, maker] == account:
            books.quotes.reference[market, maker] = 0  # its own old curve is gone
    bid = best_price(books, market, BID, step)
    ask = best_price(books, market, ASK, step)
    if bid > 0:
        half_spread = max(half_spread, bid - reference + 1)
    if ask > 0:
        half_spread = max(half_spread, reference - ask + 1)
    for maker in range(books.quotes.shape[1]):
        if books.quotes.maker[market, maker] == account:
            books.quotes.reference[market, maker] = reference
            books.quotes.half_spread[market, maker] = half_spread
            books.depth[market, maker, BID] = bid_lots
            books.depth[market, maker, ASK] = ask_lots


@kernel
def accept_limit(books, market, account, lots, price):
    """Rest an explicit order; a full list refuses it."""
    for row in range(RESTING_MAX):
        if row == books.base.rest_count[market]:
            books.base.rest_count[market] += 1
        if books.rests.lots[market, row] == 0:
            books.rests.price[market, row] = price
            books.rests.lots[market, row] = lots
            books.rests.account[market, row] = account
            return True
    return False


@kernel
def cancel_resting(books, market, account):
    """Withdraw an account's resting orders in one market; return how many."""
    cancelled = 0
    for row in range(books.base.rest_count[market]):
        if books.rests.account[market, row] == account and books.rests.lots[market, row] != 0:
            books.rests.lots[market, row] = 0
            cancelled += 1
    return cancelled


@kernel
def accept_order(
    accounts, positions, markets, rules, books, audit, flows, account, market, lots, limit,
    reason, reduce_only, step,
):  # fmt: skip
    """Send an order into the book; reduce-only orders shrink to what they can close."""
    slot = find_slot(accounts, positions, rules, account, market)
    in_liquidation = accounts.status[account] == LIQUIDATING and accounts.since[account] != 0
    if slot < 0 or lots == 0 or in_liquidation:
        return
    if reduce_only != 0:
        held = positions.lots[slot]
        if held == 0 or (held > 0) == (lots > 0):
            return
        lots = min(lots, -held) if lots > 0 else max(lots, -held)
    walk(accounts, positions, markets, rules, books, audit, flows, slot, lots, limit, reason, step)


@kernel
def accept_fault(books, components, account, what, first, second, third):
    """Change the state of a component; systems ask the component, never the fault."""
    if what == FAULT_GATEWAY:
        components.availability_ppm[account] = first
    elif what == FAULT_DEPTH:
        books.base.depth_factor_ppm[account] = first
    elif what == FAULT_SOURCE:
        sources = components.sources.shape[1]
        asset, source = account // sources, account % sources
        components.sources.mode[asset, source] = first
        components.sources.lag[asset, source] = second
        components.sources.factor_ppm[asset, source] = third


@kernel
def accept_transfer(accounts, audit, flows, events, account, quanta, step):
    """Move the owner's money between wallet and balance; a withdrawal needs a positive balance."""
    if quanta < 0:
        moved = min(-quanta, max(accounts.balance[account], 0))
        transferred = withdraw_from_wallet(accounts, audit, account, -moved)
    else:
        transferred = withdraw_from_wallet(accounts, audit, account, quanta)
    if transferred > 0 and accounts.status[account] == ALERTED:
        accounts.status[account] = CALM  # may notice again
    if transferred != 0:
        venue = np.int64(accounts.venue[account])
        if venue < flows.venue.shape[0]:  # else an account on the spot market
            flows.venue[venue, VENUE_TOP_UP] += max(transferred, 0)
        note_move(events, step, account, MOVE_TOP_UP, transferred)


@kernel
def inside(value, low, high):
    """Whether low <= value <= high."""
    return low <= value <= high


@kernel
def is_sound_fault(world, component, what, first, second, third):
    """Whether a fault names a component that exists and a state that it can have."""
    if what == FAULT_GATEWAY:
        known = inside(component, 0, world.components.availability_ppm.shape[0] - 1)
        return known and inside(first, 0, PPM)
    if what == FAULT_DEPTH:
        return inside(component, 0, world.markets.shape[0] - 1) and inside(first, 0, FACTOR_MAX)
    if what == FAULT_SOURCE:
        known = inside(component, 0, world.components.sources.size - 1)
        lag = inside(second, 0, LAG_SECONDS_MAX - 1)
        return known and lag and inside(first, 0, SOURCE_DEAD) and inside(third, 0, FACTOR_MAX)
    return True


@kernel
def is_sound(world, kind, account, market, first, second, third, fourth):
    """Whether a record names things that exist and quantities inside the stated limits.

    A record from outside may hold anything; whatever is not sound is rejected at the door, and
    the arrays behind it are safe.
    """
    if kind == FAULT:
        return is_sound_fault(world, account, market, first, second, third)
    if kind == SOURCE:
        heard = world.oracles.heard
        known = inside(account, 0, heard.shape[0] - 1) and inside(market, 0, heard.shape[1] - 1)
        return known and inside(first, 1, PRICE_QUANTA_MAX)
    if not inside(market, 0, world.markets.shape[0] - 1):
        return False
    # Options are valued, not traded, and count for what they are worth.
    if world.markets.kind[market] == OPTION and kind not in (TRANSFER, CANCEL):
        return False
    if kind == PARAMETER:
        on_venue = world.markets.venue[market] < world.venues.shape[0]
        return on_venue and world.markets.kind[market] == SPOT and inside(first, 0, PPM)
    if not inside(account, 0, world.accounts.shape[0] - 1):
        return False
    if kind == TRANSFER:
        return inside(first, -MONEY_QUANTA_MAX, MONEY_QUANTA_MAX)
    if kind == CANCEL:
        return True
    if find_slot(world.accounts, world.positions, world.rules, account, market) < 0:
        return False
    if kind == QUOTE:
        price = inside(first, 1, PRICE_QUANTA_MAX) and inside(second, 0, PRICE_QUANTA_MAX)
        return price and inside(third, 0, LOTS_MAX) and inside(fourth, 0, LOTS_MAX)
    lots = first != 0 and inside(first, -LOTS_MAX, LOTS_MAX)
    return lots and inside(second, 1 if kind == LIMIT else 0, PRICE_QUANTA_MAX)


@kernel
def accept(world, inputs, row, step):
    """Apply one record, if it is sound."""
    kind = np.int64(inputs.rows.kind[row])
    account, market = np.int64(inputs.rows.account[row]), np.int64(inputs.rows.market[row])
    first, second = inputs.rows.first[row], inputs.rows.second[row]
    third, fourth = inputs.rows.third[row], inputs.rows.fourth[row]
    if not is_sound(world, kind, account, market, first, second, third, fourth):
        return
    if kind in (ORDER, QUOTE, LIMIT) and world.accounts.since[account] == WRITTEN_OFF:
        return
    if kind in (ORDER, TRANSFER, LIMIT):
        venue = np.int64(world.accounts.venue[account])
        if venue < world.venues.shape[0] and is_halted(world.venues, venue, step):
            return
    if kind == QUOTE:
        accept_quote(world.books, market, account, first, second, third, fourth, step)
    elif kind == SOURCE:
        world.oracles.heard.price[account, market] = first
        world.oracles.heard.heard[account, market] = step
    elif kind == ORDER:
        accept_order(
            world.accounts, world.positions, world.markets, world.rules, world.books, world.audit,
            world.flows, account, market, first, second, third, fourth, step,
        )  # fmt: skip
    elif kind == TRANSFER:
        accept_transfer(
            world.accounts, world.audit, world.flows, world.events, account, first, step
        )
    elif kind == FAULT:
        accept_fault(world.books, world.components, account, market, first, second, third)
    elif kind == LIMIT:
        accept_limit(world.books, market, account, first, second)
    elif kind == CANCEL:
        cancel_resting(world.books, market, account)
    elif kind == PARAMETER:
        world.markets.weight_ppm[market] = first
        world.triggers.venues.everyone[np.int64(world.markets.venue[market])] = 1


@kernel
def consume_inputs(world, inputs, cursor, queue, journal, step):
    """Apply every record up to this step, in order, and write it to the journal."""
    row = cursor[queue]
    while row < inputs.length[0] and inputs.rows.step[row] <= step:
        accept(world, inputs, row, step)
        write(
            journal, step, inputs.rows.kind[row], inputs.rows.account[row], inputs.rows.market[row],
            inputs.rows.first[row], inputs.rows.second[row], inputs.rows.third[row],
            inputs.rows.fourth[row],
        )  # fmt: skip
        row += 1
    cursor[queue] = row
