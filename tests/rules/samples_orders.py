"""Random arguments of fills, of books that are walked, and of margin for open orders."""

from rules.rule_samples import LOTS, NOTIONAL, PRICE, draw, natural, position, positive, signed


def fill(r: draw) -> list:
    """Draw lots with their cost, and a fill that may increase, reduce, close or flip them."""
    lots, cost = signed(r, LOTS), signed(r, NOTIONAL)
    traded, price = position(r)
    if lots:
        price = min(price, NOTIONAL // abs(lots))
    size = r.choice([traded, min(traded, abs(lots)), min(LOTS, abs(lots))])
    price = min(price, NOTIONAL // size) if size else price
    return [lots, cost, r.choice([-1, 1]) * size, price]


def levels(r: draw) -> list:
    count = r.randrange(0, 9)
    prices = [positive(r, PRICE) for _ in range(count + 1)]
    return [prices, [natural(r, 2**24) for _ in range(count + 1)], r.randrange(2), count]


def cancels(r: draw) -> list:
    count = r.randrange(0, 9)
    return [
        signed(r, 40),
        [r.choice([-1, 1]) for _ in range(count)],
        [natural(r, 20) for _ in range(count)],
        [natural(r, 5) for _ in range(count)],
        count,
        [7] * count,
    ]


def open_margin(r: draw) -> list:
    lots, price = position(r)
    return [
        *(r.choice([-1, 1]) * lots, price),
        *sorted([natural(r, 2**31 - 1), positive(r, 2**31 - 1)]),
    ]


def side(r: draw) -> int:
    return r.choice([-1, 1])


ARGUMENTS = {
    "book_walk.affordable_lots": lambda r: [*levels(r), natural(r, 2**60), positive(r, 1000)],
    "book_walk.walked_lots": lambda r: [*levels(r)[1:], natural(r, 2**28)],
    "book_walk.walked_quanta": lambda r: [*levels(r), natural(r, 2**28)],
    "order_cancel.mark_orders_to_cancel": cancels,
    "order_margin.is_beyond_band": lambda r: [side(r), *(natural(r, 9) for _ in range(3))],
    "order_margin.is_order_accepted": lambda r: [signed(r, 9), natural(r, 9), natural(r, 9)],
    "order_margin.open_lots": lambda r: [signed(r, 2**61), side(r), natural(r, 2**61)],
    "order_margin.open_margin_quanta": open_margin,
    "order_margin.order_room_lots": lambda r: [
        *(natural(r, 2**60), signed(r, 2**60), side(r), natural(r, 2**60)),
    ],
    "order_margin.worst_open_lots": lambda r: [
        *(signed(r, 2**61), natural(r, 2**61), natural(r, 2**61), r.randrange(2)),
    ],
    "position_fill.closed_lots": lambda r: [signed(r, 2**61), signed(r, 2**61)],
    "position_fill.entry_after_fill_quanta": fill,
    "position_fill.realised_quanta": fill,
    "position_fill.unrealised_quanta": lambda r: [*position(r)[:1], signed(r, NOTIONAL), 2**20],
}
