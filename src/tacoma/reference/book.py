"""A market's book: makers' standing curves and explicit resting orders; best prices, and trades.

A maker's curve is a reference price, a half spread, and on each side lots within 1 %. Its levels
follow: level l lies at the reference -+ (half spread + offset) and holds its weight of those lots.
What is taken from a level comes back in a line. Offsets and weights are in units of 2**-20.

An order takes the best price first; among equal prices the first maker, then the others, then
resting orders by their place. Nobody trades with themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from typing import TYPE_CHECKING

from tacoma.reference.ledger import may_trade, room_to_open, trade
from tacoma.world.codes import ASK, BID, REASON_LIQUIDATION, REASON_PANIC, REASON_STOP
from tacoma.world.limits import PRICE_QUANTA_MAX, Q20_BITS, RESTING_MAX, TOTAL_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Account, Market, Position


@dataclass(frozen=True, slots=True)
class Curve:
    """The form that all makers' curves share: per level, in units of 2**-20."""

    offset_q20: list[int]
    weight_q20: list[int]


@dataclass(slots=True)
class Ladder:
    """One side of a maker's curve: lots within 1 %, and what was taken from each level when."""

    depth: int
    consumed: list[int]
    touched: list[int]  # step of the last trade


@dataclass(slots=True)
class Quote:
    """One maker's standing curve; without a reference price there is none."""

    maker: Account | None
    reference: int
    half_spread: int
    sides: tuple[Ladder, Ladder]  # bid, ask


@dataclass(slots=True)
class Rest:
    """An explicit resting order: signed lots at a price."""

    account: Account
    lots: int
    price: int


@dataclass(slots=True)
class Book:
    """One market's book."""

    curve: Curve
    quotes: list[Quote]
    replenish_q20: int  # part of a level that comes back in one step
    depth_factor_ppm: int  # a fault that makers look at
    rests: list[Rest | None] = field(default_factory=lambda: [None] * RESTING_MAX)


@dataclass(slots=True)
class Offer:
    """What one level of a maker's curve or one resting order offers: lots at a price."""

    price: int
    lots: int
    account: Account
    quote: Quote | None = None  # from this curve and level,
    level: int = 0
    rest: int = -1  # or from the order at this place


def level_size(book: Book, ladder: Ladder, level: int) -> int:
    """Return the lots of a level when nothing is taken, rounded down."""
    return max(ladder.depth, 0) * book.curve.weight_q20[level] >> Q20_BITS


def level_lots(book: Book, ladder: Ladder, level: int, step: int) -> int:
    """Return the lots that stand on a level now; what comes back is rounded up."""
    size = level_size(book, ladder, level)
    missing = ladder.consumed[level]
    if missing > 0:
        per_step = -(-size * book.replenish_q20 >> Q20_BITS)
        missing = max(missing - per_step * (step - ladder.touched[level]), 0)
    return max(size - missing, 0)


def level_price(book: Book, quote: Quote, side: int, level: int) -> int:
    """Return a level's price: bids rounded down and never below 0, asks rounded up."""
    away = -(-quote.reference * book.curve.offset_q20[level] >> Q20_BITS)
    if side == BID:
        return max(quote.reference - away - quote.half_spread, 0)
    return quote.reference + away + quote.half_spread


def offers_of_maker(book: Book, quote: Quote, side: int, step: int) -> Iterator[Offer]:
    """Give the levels of a maker's curve on which something stands, nearest first."""
    if quote.maker is None or quote.reference <= 0:
        return
    for level in range(len(book.curve.weight_q20)):
        lots = level_lots(book, quote.sides[side], level, step)
        price = level_price(book, quote, side, level)
        if lots > 0 and price > 0:
            yield Offer(price, lots, quote.maker, quote, level)


def offers(book: Book, side: int, step: int, taker: Account | None = None) -> Iterator[Offer]:
    """Give everything that stands on a side, best price first, but nothing of the taker's."""

    def rank(offer: Offer) -> int:
        return -offer.price if side == BID else offer.price

    resting = [
        Offer(rest.price, abs(rest.lots), rest.account, rest=place)
        for place, rest in enumerate(book.rests)
        if rest is not None and (rest.lots > 0) == (side == BID) and rest.account is not taker
    ]
    curves = [
        offers_of_maker(book, quote, side, step)
        for quote in book.quotes
        if taker is None or quote.maker is not taker
    ]
    return merge(*curves, sorted(resting, key=rank), key=rank)  # in this order where equal


def best_price(book: Book, side: int, step: int) -> int:
    """Return the best price on a side, 0 when the side is empty."""
    best = next(offers(book, side, step), None)
    return best.price if best is not None else 0


def take(book: Book, side: int, offer: Offer, lots: int, step: int) -> None:
    """Take lots away from an offer."""
    if offer.quote is not None:
        ladder = offer.quote.sides[side]
        left = offer.lots - lots
        ladder.consumed[offer.level] = level_size(book, ladder, offer.level) - left
        ladder.touched[offer.level] = step
        return
    rest = book.rests[offer.rest]
    assert rest is not None
    rest.lots += lots if side == ASK else -lots
    if rest.lots == 0:
        book.rests[offer.rest] = None


def send_order(
    position: Position, lots: int, limit: int, reason: int, step: int
) -> tuple[int, int]:
    """
    Send an immediate-or-cancel order of signed lots; `limit` is the worst price, 0 for none.

    Returns (lots filled, money exchanged), both non-negative. What closes is always filled; what
    opens only as far as the stated maximum of open lots allows.
    """
    market = position.market
    side = BID if lots < 0 else ASK
    closing = min(abs(lots), abs(position.lots)) if position.lots * lots < 0 else 0
    wanted = min(abs(lots), closing + room_to_open(market)) if may_trade(position.account) else 0
    left, money = wanted, 0
    for offer in offers(market.book, side, step, taker=position.account):
        if left == 0 or (limit > 0 and is_worse(offer.price, limit, side)):
            break
        if offer.price > PRICE_QUANTA_MAX or not may_trade(offer.account):
            break
        filled = min(left, offer.lots)
        take(market.book, side, offer, filled, step)
        other = offer.account.position_in(market)
        assert other is not None
        buyer, seller = (other, position) if side == BID else (position, other)
        trade(buyer, seller, filled, offer.price)
        count_trade(market, filled, offer.price, side, reason)
        left -= filled
        money += filled * offer.price
    return wanted - left, money


def is_worse(price: int, limit: int, side: int) -> bool:
    """Say whether a price is worse for the taker than a limit."""
    return price < limit if side == BID else price > limit


def count_trade(market: Market, lots: int, price: int, side: int, reason: int) -> None:
    """Note the last price, and add a fill to what the step traded, up to the stated maximum."""
    market.last_price = price
    flow = market.flow
    quanta = min(lots * price, TOTAL_QUANTA_MAX - flow.traded)
    flow.traded += quanta
    flow.trades += 1
    flow.net_lots += lots if side == ASK else -lots
    if reason == REASON_LIQUIDATION:
        flow.forced += quanta
    elif reason == REASON_STOP:
        flow.stop += quanta
    elif reason == REASON_PANIC:
        flow.panic += quanta


def accept_quote(
    market: Market, account: Account, reference: int, half_spread: int, lots: tuple[int, int],
    step: int,
) -> None:  # fmt: skip
    """
    Replace a maker's curve; `lots` are those within 1 % on the bid and on the ask.

    A curve never trades on arrival: it widens until it crosses nobody, resting orders included.
    """
    own = [quote for quote in market.book.quotes if quote.maker is account]
    for quote in own:
        quote.reference = 0
    bid = best_price(market.book, BID, step)
    ask = best_price(market.book, ASK, step)
    if bid > 0:
        half_spread = max(half_spread, bid - reference + 1)
    if ask > 0:
        half_spread = max(half_spread, reference - ask + 1)
    for quote in own:
        quote.reference, quote.half_spread = reference, half_spread
        quote.sides[BID].depth, quote.sides[ASK].depth = lots


def rest_order(market: Market, account: Account, lots: int, price: int) -> None:
    """Rest an order at the first free place; a full list refuses it."""
    rests = market.book.rests
    if None in rests:
        rests[rests.index(None)] = Rest(account, lots, price)


def cancel_orders(market: Market, account: Account) -> None:
    """Withdraw an account's resting orders in one market."""
    rests = market.book.rests
    market.book.rests = [
        None if rest is not None and rest.account is account else rest for rest in rests
    ]


def withdraw_quotes(market: Market, account: Account) -> None:
    """Withdraw a maker's curves in one market."""
    for quote in market.book.quotes:
        if quote.maker is account:
            quote.reference = 0
