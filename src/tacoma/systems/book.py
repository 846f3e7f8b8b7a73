"""Ladder books: makers' standing depth curves and explicit resting orders; walking them.

A maker's curve is one quote: reference price, half spread, lots within 1 % on each side. Level l
lies at reference -+ (half spread + offset) and holds its weight of the depth; what was consumed
fills again linearly. Offsets and weights are binary fractions (q20: units of 2**-20), because a
shift is many times cheaper than a division and this is the innermost loop.

A trade takes the best price first (ties: the lower maker, resting orders last); each fill has a
counterparty whose position changes.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.numbers.arithmetic import mul_div_floor
from tacoma.systems.ledger import find_slot, may_trade, room_to_open, trade
from tacoma.world.codes import (
    ASK,
    BID,
    REASON_LIQUIDATION,
    REASON_PANIC,
    REASON_STOP,
)
from tacoma.world.layout import (
    FLOW_FORCED,
    FLOW_NET_LOTS,
    FLOW_PANIC,
    FLOW_STOP,
    FLOW_TRADED,
    FLOW_TRADES,
)
from tacoma.world.limits import (
    LOTS_MAX,
    PPM,
    PRICE_QUANTA_MAX,
    Q20_BITS,
    TOTAL_QUANTA_MAX,
)


@kernel
def level_price(books, market, maker, side, level):
    """Price of a maker's level in quanta per lot; bids round down, asks round up; 0 when none.

    An ask may lie beyond the largest price: nobody trades there, and no top or depth shows it.
    (A comparison here, in the innermost loop, made a run a quarter slower.)
    """
    reference = books.quotes.reference[market, maker]
    away = -((-reference * books.curve.offset_q20[level]) >> Q20_BITS)
    if side == BID:
        return max(reference - away - books.quotes.half_spread[market, maker], 0)
    return reference + away + books.quotes.half_spread[market, maker]


@kernel
def level_lots(books, market, maker, side, level, step):
    """Lots on a maker's level now: its share of the depth less what was consumed, refilled."""
    depth = books.depth[market, maker, side]
    if depth <= 0:
        return np.int64(0)
    full = (depth * books.curve.weight_q20[level]) >> Q20_BITS
    consumed = books.levels.consumed[market, maker, side, level]
    if consumed > 0:
        waited = step - books.levels.touched[market, maker, side, level]
        refill = -((-full * books.base.replenish_q20[market]) >> Q20_BITS) * waited
        consumed = max(consumed - refill, 0)
    return max(full - consumed, 0)


@kernel
def consume(books, market, maker, side, level, lots, step):
    """Take lots from a maker's level."""
    depth = books.depth[market, maker, side]
    full = (depth * books.curve.weight_q20[level]) >> Q20_BITS
    left = level_lots(books, market, maker, side, level, step) - lots
    books.levels.consumed[market, maker, side, level] = full - left
    books.levels.touched[market, maker, side, level] = step


@kernel
def best_maker(books, market, side, cursor, taker, step):
    """Find the maker with the best price at its cursor; move cursors past empty levels."""
    best, best_price = -1, np.int64(0)
    levels = books.curve.shape[0]
    for maker in range(books.quotes.shape[1]):
        account = books.quotes.maker[market, maker]
        if account < 0 or account == taker or books.quotes.reference[market, maker] <= 0:
            continue
        while (
            cursor[maker] < levels
            and level_lots(books, market, maker, side, cursor[maker], step) == 0
        ):
            cursor[maker] += 1
        if cursor[maker] == levels:
            continue
        price = level_price(books, market, maker, side, cursor[maker])
        if price <= 0:
            continue
        better = price > best_price if side == BID else price < best_price
        if best < 0 or better:
            best, best_price = maker, price
    return best, best_price


@kernel
def best_resting(books, market, side, taker):
    """Find the best explicit order on a side, not the taker's own; earlier orders first."""
    best, best_price = -1, np.int64(0)
    for row in range(books.base.rest_count[market]):
        lots = books.rests.lots[market, row]
        if lots == 0 or (lots > 0) != (side == BID) or books.rests.account[market, row] == taker:
            continue
        price = books.rests.price[market, row]
        better = price > best_price if side == BID else price < best_price
        if best < 0 or better:
            best, best_price = row, price
    return best, best_price


@kernel
def first_level(books, market, maker, side, step):
    """The nearest level of a maker that holds lots, or the number of levels."""
    level = 0
    levels = books.curve.shape[0]
    while level < levels and level_lots(books, market, maker, side, level, step) == 0:
        level += 1
    return level


@kernel
def best_price(books, market, side, step):
    """Best price on a side in quanta per lot, or 0 when the side is empty."""
    best = np.int64(0)
    for maker in range(books.quotes.shape[1]):
        if books.quotes.maker[market, maker] < 0 or books.quotes.reference[market, maker] <= 0:
            continue
        level = first_level(books, market, maker, side, step)
        if level == books.curve.shape[0]:
            continue
        price = level_price(books, market, maker, side, level)
        if price > 0 and (best == 0 or (price > best if side == BID else price < best)):
            best = price
    if books.base.rest_count[market] > 0:
        row, rest = best_resting(books, market, side, -1)
        if row >= 0 and (best == 0 or (rest > best if side == BID else rest < best)):
            best = rest
    return best


@kernel
def update_tops(markets, books, step):
    """Look up best prices and middle of every market, for all who read them in this step.

    The middle is the mean of the best prices, rounded down; with a side empty, the last trade.
    """
    for market in range(markets.shape[0]):
        bid = best_price(books, market, BID, step)
        ask = best_price(books, market, ASK, step)
        ask = ask if ask <= PRICE_QUANTA_MAX else 0
        markets.best_bid[market], markets.best_ask[market] = bid, ask
        if bid > 0 and ask > 0:
            markets.middle[market] = (bid + ask) // 2
        else:
            markets.middle[market] = markets.last_price[market]


@kernel
def depth_within(books, market, side, middle, reach_ppm, step):
    """Money resting within reach of the middle on one side, in quanta, resting orders included.

    Cut off at TOTAL_QUANTA_MAX.
    """
    total = np.int64(0)
    if middle <= 0:
        return total
    bound = mul_div_floor(middle, PPM - reach_ppm if side == BID else PPM + reach_ppm, PPM)
    bound = min(bound, PRICE_QUANTA_MAX)
    for maker in range(books.quotes.shape[1]):
        if books.quotes.maker[market, maker] < 0:
            continue
        for level in range(books.curve.shape[0]):
            price = level_price(books, market, maker, side, level)
            if price <= 0 or (price < bound if side == BID else price > bound):
                break
            lots = min(level_lots(books, market, maker, side, level, step), LOTS_MAX)
            total += min(lots * price, TOTAL_QUANTA_MAX - total)
    for row in range(books.base.rest_count[market]):
        lots, price = books.rests.lots[market, row], books.rests.price[market, row]
        inside = price >= bound if side == BID else price <= bound
        if lots != 0 and (lots > 0) == (side == BID) and inside:
            total += min(abs(lots) * price, TOTAL_QUANTA_MAX - total)
    return total


@kernel
def count_trade(markets, flows, market, lots, price, side, reason):
    """Add one fill to the step's flows; what is traded in a step is cut off at TOTAL_QUANTA_MAX."""
    quanta = min(lots * price, TOTAL_QUANTA_MAX - flows.market[market, FLOW_TRADED])
    markets.last_price[market] = price
    flows.market[market, FLOW_TRADED] += quanta
    flows.market[market, FLOW_TRADES] += 1
    flows.market[market, FLOW_NET_LOTS] += lots if side == ASK else -lots
    if reason == REASON_LIQUIDATION:
        flows.market[market, FLOW_FORCED] += quanta
    elif reason == REASON_STOP:
        flows.market[market, FLOW_STOP] += quanta
    elif reason == REASON_PANIC:
        flows.market[market, FLOW_PANIC] += quanta


@kernel
def walk(
    accounts, positions, markets, rules, books, audit, flows, slot, lots, limit, reason, step
):  # fmt: skip
    """Send an immediate-or-cancel order: signed lots, limit price (0: none).

    Returns (lots filled, money exchanged), both non-negative. The slot is the taker's. Only the
    part of an order that closes is filled beyond the lots that may be open on the venue, and nobody
    trades whose balance has left its bounds.
    """
    market = np.int64(positions.market[slot])
    taker = np.int64(positions.account[slot])
    side = BID if lots < 0 else ASK
    held, wanted, money = positions.lots[slot], abs(lots), np.int64(0)
    closing = min(wanted, abs(held)) if (held > 0) != (lots > 0) else np.int64(0)
    if closing < wanted:
        wanted = min(wanted, closing + room_to_open(markets, market))
    if not may_trade(accounts, taker):
        wanted = np.int64(0)
    left = wanted
    cursor = books.cursor
    cursor[:] = 0
    while left > 0:
        maker, price = best_maker(books, market, side, cursor, taker, step)
        row, rest = best_resting(books, market, side, taker)
        resting = row >= 0 and (maker < 0 or (rest > price if side == BID else rest < price))
        if resting:
            price = rest
        elif maker < 0:
            break
        if limit > 0 and (price < limit if side == BID else price > limit):
            break
        if price > PRICE_QUANTA_MAX:
            break
        other = books.rests.account[market, row] if resting else books.quotes.maker[market, maker]
        if not may_trade(accounts, other):
            break
        if resting:
            take = min(left, abs(books.rests.lots[market, row]))
            books.rests.lots[market, row] += take if side == ASK else -take
        else:
            level = cursor[maker]
            take = min(left, level_lots(books, market, maker, side, level, step))
            consume(books, market, maker, side, level, take, step)
        counterparty = find_slot(accounts, positions, rules, other, market)
        buyer, seller = (counterparty, slot) if side == BID else (slot, counterparty)
        trade(accounts, positions, markets, audit, buyer, seller, take, price)
        count_trade(markets, flows, market, take, price, side, reason)
        left -= take
        money += take * price
    return wanted - left, money
