"""
From a seed to what enters from outside: orders, transfers, prices, faults, and plain nonsense.

A record is a dictionary of the journal's columns. `edge` marks a transfer whose amount is set when
its step comes, so that the account's equity is its maintenance margin and `edge` quanta more at
the prices of that moment.
"""

from simulation.dice import Dice
from tacoma.world.codes import (
    CANCEL,
    DESK,
    FAULT,
    FAULT_DEPTH,
    FAULT_GATEWAY,
    FAULT_SOURCE,
    LIMIT,
    OPTION,
    ORDER,
    PARAMETER,
    QUOTE,
    REASON_USER,
    SOURCE,
    SPOT,
    TRANSFER,
)

LARGEST = 2**31 - 1
ODD = (0, 1, -1, 2, LARGEST, -LARGEST, 2**31, -(2**31), 2**62, -(2**62), 2**63 - 1, -(2**63), 10**6)
ODD_SHORT = (-1, -(2**31), 2**31 - 1, 4_000)
ODD_MARKET = (-1, -(2**15), 2**15 - 1, 300)
FEW, MANY = 4, 25


class Floor:
    """What records can name in one world."""

    def __init__(self, built):
        """Look up who is a customer, and which markets trade."""
        world = built.world
        self.accounts, self.sources = len(world.accounts), world.components.sources.shape
        self.venues = len(world.components.availability_ppm)
        kinds = world.accounts.kind.tolist()
        self.customers = [a for a, kind in enumerate(kinds) if kind <= DESK] or [0]
        self.markets = [m.row for m in built.directory.markets if m.kind != OPTION]
        self.all_markets = len(built.directory.markets)
        self.price = [m.price_quanta for m in built.directory.markets]
        self.collateral = [
            m.row for m in built.directory.markets
            if m.kind == SPOT and m.venue < built.directory.margin_venues
        ]  # fmt: skip
        self.open = [max(int(lots), 10) for lots in world.markets.open_lots]
        owners, slots = world.positions.account.tolist(), world.positions.market.tolist()
        self.slots = {}
        for owner, market in zip(owners, slots, strict=True):
            self.slots.setdefault(owner, []).append(market)

    def trader(self, dice):
        """Return somebody and a market in which they have a slot, most often a customer."""
        account = dice.one(*self.customers) if dice.chance(0.9) else dice.randrange(self.accounts)
        markets = [m for m in self.slots.get(account, ()) if m in self.markets]
        return account, dice.one(*(markets or self.markets))

    def some_price(self, dice, market):
        """Return a price around the market's first one, at times far away."""
        return max(1, min(LARGEST, int(self.price[market] * dice.one(
            1, 0.999, 1.001, 0.97, 1.03, 0.5, 2, 0.01, 50
        ))))  # fmt: skip

    def some_lots(self, dice, market):
        """Return a signed size: a little, a part of the open interest, half of it, or more."""
        part = dice.one(0.0001, 0.01, 0.1, 0.5, 0.5, 2)
        return dice.one(1, -1) * max(1, min(LARGEST, int(self.open[market] * part)))


def _order(dice, floor):
    account, market = floor.trader(dice)
    limit = 0 if dice.chance(0.5) else floor.some_price(dice, market)
    return {
        "kind": ORDER, "account": account, "market": market,
        "first": floor.some_lots(dice, market), "second": limit, "third": REASON_USER,
        "fourth": dice.one(0, 0, 1),
    }  # fmt: skip


def _limit(dice, floor):
    account, market = floor.trader(dice)
    return {
        "kind": LIMIT, "account": account, "market": market,
        "first": floor.some_lots(dice, market), "second": floor.some_price(dice, market),
    }  # fmt: skip


def _cancel(dice, floor):
    account, market = floor.trader(dice)
    return {"kind": CANCEL, "account": account, "market": market}


def _transfer(dice, floor):
    account, _ = floor.trader(dice)
    size = dice.one(10**6, 10**9, 10**11, 10**13, 2**62 - 1)
    return {"kind": TRANSFER, "account": account, "market": 0, "first": dice.one(1, -1) * size}


def _edge(dice, floor):
    account = dice.one(*floor.customers)
    return {
        "kind": TRANSFER, "account": account, "market": 0, "first": 0,
        "edge": dice.one(-1, 0, 0, 1),
    }  # fmt: skip


def _quote(dice, floor):
    account, market = floor.trader(dice)
    return {
        "kind": QUOTE, "account": account, "market": market,
        "first": floor.some_price(dice, market), "second": dice.one(0, 1, 100, LARGEST),
        "third": dice.one(0, 1, 10**6), "fourth": dice.one(0, 1, 10**6),
    }  # fmt: skip


def _source(dice, floor):
    assets, sources = floor.sources
    asset = dice.randrange(assets)
    market = next((m for m in floor.markets if m < len(floor.price)), 0)
    return {
        "kind": SOURCE, "account": asset, "market": dice.randrange(sources),
        "first": floor.some_price(dice, market),
    }  # fmt: skip


def _parameter(dice, floor):
    if not floor.collateral:
        return _order(dice, floor)
    weight = dice.one(0, 10**6, 500_000, 999_999)
    return {
        "kind": PARAMETER, "account": 0, "market": dice.one(*floor.collateral), "first": weight,
    }  # fmt: skip


def _fault(dice, floor):
    what = dice.one(FAULT_GATEWAY, FAULT_DEPTH, FAULT_DEPTH, FAULT_SOURCE, FAULT_SOURCE)
    row = {"kind": FAULT, "market": what, "first": 0}
    if what == FAULT_GATEWAY:
        return row | {"account": dice.randrange(floor.venues), "first": dice.one(0, 400_000, 10**6)}
    if what == FAULT_DEPTH:
        factor = dice.one(0, 0, 1, 40_000, 10**6, 10**9)
        return row | {"account": dice.randrange(floor.all_markets), "first": factor}
    assets, sources = floor.sources
    return row | {
        "account": dice.randrange(assets * sources), "first": dice.randint(0, 4),
        "second": dice.one(0, 1, 10, 599), "third": dice.one(0, 1, 10**4, 10**6, 5 * 10**7, 10**9),
    }  # fmt: skip


def _nonsense(dice, floor):
    """Return a record with some field that no sound one has; it may happen to be sound."""
    row = dice.one(_order, _limit, _cancel, _transfer, _quote, _source, _parameter, _fault)(
        dice, floor
    )
    for _ in range(dice.randint(1, 3)):
        field = dice.one("account", "market", "first", "second", "third", "fourth", "kind")
        if field == "kind":
            row[field] = dice.one(0, 9, -1, 127, -128, QUOTE, ORDER, SOURCE, LIMIT)
        elif field == "account":
            row[field] = dice.one(*ODD_SHORT, floor.accounts, floor.accounts - 1, 0)
        elif field == "market":
            row[field] = dice.one(*ODD_MARKET, floor.all_markets, floor.all_markets - 1, 0)
        else:
            row[field] = dice.one(*ODD)
    return row


MAKERS = (
    (_order, 6), (_limit, 4), (_cancel, 1), (_transfer, 3), (_edge, 4), (_quote, 1), (_source, 1),
    (_parameter, 1), (_fault, 3), (_nonsense, 5),
)  # fmt: skip


def drawn_records(seed, built, steps):
    """Return the extra records of a seed, in order of step."""
    dice, floor = Dice("orders", seed), Floor(built)
    kinds = [make for make, weight in MAKERS for _ in range(weight)]
    if dice.chance(0.15):
        return []
    if dice.chance(0.3):  # a world of one kind of trouble
        kinds = [dice.one(*kinds)]
    rows = []
    for _ in range(dice.randint(1, dice.one(FEW, MANY))):
        row = {"step": dice.randint(1, steps), "account": 0, "market": 0}
        row |= {"first": 0, "second": 0, "third": 0, "fourth": 0}
        rows.append(row | dice.one(*kinds)(dice, floor))
    return sorted(rows, key=lambda row: row["step"])
