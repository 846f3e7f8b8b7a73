"""The engine's state beside the reference's after a step: the first thing that differs, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tacoma.reference.events import Deleveraging, Liquidation, Move
from tacoma.reference.state import PERPETUAL, SPOT, Status
from tacoma.world import layout
from tacoma.world.codes import (
    ACCOUNT_KINDS,
    ALERTED,
    ASK,
    BID,
    CALM,
    EXEMPT,
    LIQUIDATING,
    MARKET_KINDS,
    MOVES,
    STAGES,
)

if TYPE_CHECKING:
    from tacoma.reference.book import Quote
    from tacoma.reference.state import Market, State
    from tacoma.world.build import Built
    from tacoma.world.layout import Table

Values = list[Any]
Name = Callable[[int], str]


class Pair(NamedTuple):
    """One column on both sides, and what a person calls its row."""

    name: Name
    engine: Values
    reference: Values


class Found(NamedTuple):
    """The first difference of a step: what it is, and its value on both sides."""

    what: str
    engine: object
    reference: object


# Whether an account watches its margin is its owner's business, which the reference leaves out.
STATUS = {
    CALM: Status.FREE,
    ALERTED: Status.FREE,
    LIQUIDATING: Status.LIQUIDATING,
    EXEMPT: Status.EXEMPT,
}
SIDES = {BID: "bid", ASK: "ask"}
MARKET_FLOWS = {
    "traded": layout.FLOW_TRADED,
    "forced": layout.FLOW_FORCED,
    "stop": layout.FLOW_STOP,
    "panic": layout.FLOW_PANIC,
    "takeover": layout.FLOW_TAKEOVER,
    "adl": layout.FLOW_ADL,
    "trades": layout.FLOW_TRADES,
    "net_lots": layout.FLOW_NET_LOTS,
}
VENUE_FLOWS = {
    "liquidated": layout.VENUE_LIQUIDATED,
    "liquidated_accounts": layout.VENUE_LIQUIDATED_ACCOUNTS,
    "market": layout.VENUE_MARKET,
    "takeover": layout.VENUE_TAKEOVER,
    "adl": layout.VENUE_ADL,
    "insurance_paid": layout.VENUE_INSURANCE_PAID,
    "shared": layout.VENUE_SHARED,
    "bad_debt": layout.VENUE_BAD_DEBT,
    "top_up": layout.VENUE_TOP_UP,
    "long_liquidated": layout.VENUE_LONG_LIQUIDATED,
}
PRICE_COLUMNS = (
    "index", "mark", "previous_mark", "margin_price", "weight_ppm", "is_blocked", "basis_count",
    "basis_numerator", "basis_denominator", "local_numerator", "local_denominator",
    "average_numerator", "average_denominator", "premium_sum_ppb", "premium_count",
    "last_funding_ppb",
)  # fmt: skip
TOP_COLUMNS = ("last_price", "best_bid", "best_ask", "middle")  # follow from what happened


def account_name(built: Built, number: int) -> str:
    """Return an account as a person would name it: account 17 (retail, binance)."""
    if not 0 <= number < len(built.world.accounts):
        return f"account {number}"
    row = built.world.accounts[number]
    venue = built.directory.venues[int(row.venue)]
    return f"account {number} ({ACCOUNT_KINDS[int(row.kind)]}, {venue})"


def market_name(built: Built, number: int) -> str:
    """Return a market as a person would name it: binance BTC perpetual."""
    market = built.directory.markets[number]
    name = f"{market.venue_name} {market.symbol} {MARKET_KINDS[market.kind]}"
    return f"{name} {number}" if MARKET_KINDS[market.kind] == "option" else name


def find_difference(built: Built, state: State) -> Found | None:
    """Compare everything; return the first difference, prices first, then events, then the rest."""
    for part in PARTS:
        for pair in part(built, state):
            if pair.engine != pair.reference:
                return _first(pair)
    return None


def _first(pair: Pair) -> Found:
    """Return the first row in which two columns differ."""
    rows = zip(pair.engine, pair.reference, strict=False)
    for place, (engine, reference) in enumerate(rows):
        if engine != reference:
            name, fields = pair.name(place), getattr(engine, "_fields", ())
            for field in fields:  # of events: the first field that differs
                mine, other = getattr(engine, field), getattr(reference, field)
                if mine != other:
                    return Found(f"{name}, {field}", mine, other)
            return Found(name, engine, reference)
    shorter = min(len(pair.engine), len(pair.reference))
    longer = [*pair.engine[shorter:], *pair.reference[shorter:]]
    both = [longer[0], None] if len(pair.engine) > shorter else [None, longer[0]]
    return Found(pair.name(shorter), *both)


def _named(name: Callable[[Built, int], str], built: Built, text: str) -> Name:
    """Return how to name a row of one table's column."""
    return lambda row: f"{name(built, row)} {text}"


def _prices(built: Built, state: State) -> Iterator[Pair]:
    """Pair what the rules of index, mark, collateral and funding keep of each market."""
    table = built.world.markets
    for column in PRICE_COLUMNS:
        mine = [getattr(market, column) for market in state.markets]
        yield Pair(_named(market_name, built, column), table[column].tolist(), mine)
    yield Pair(
        _named(market_name, built, "basis_sum"),
        table.basis_sum.tolist(),
        [sum(market.basis_samples) for market in state.markets],
    )
    options = [market for market in state.markets if market.option is not None]
    for column in ("is_settled", "short_quanta"):
        yield Pair(
            _row_names(built, options, column),
            [int(table[column][market.number]) for market in options],
            [getattr(market.option, column) for market in options],
        )
    gridded = [market for market in state.markets if market.shocks]
    yield Pair(
        _row_names(built, gridded, "gains by scenario"),
        [table.gains[market.number][: len(market.shocks)].tolist() for market in gridded],
        [market.gains for market in gridded],
    )


def _row_names(built: Built, markets: list[Market], text: str) -> Name:
    """Return how to name a row of some of the markets."""
    return lambda row: f"{market_name(built, markets[row].number)} {text}"


def _events(built: Built, state: State) -> Iterator[Pair]:
    """Pair the events of the step, in order, with every field."""
    events, counts = built.world.events, built.world.events.counts
    tables: tuple[tuple[Table, str, Any, Values, dict[str, Any]], ...] = (
        (events.liquidations, "liquidations", Liquidation, [*state.events.liquidations],
         {"stage": STAGES}),
        (events.deleveragings, "deleveragings", Deleveraging, [*state.events.deleveragings], {}),
        (events.moves, "moves", Move, [*state.events.moves], {"kind": MOVES}),
    )  # fmt: skip
    for table, plural, form, mine, words in tables:
        rows = table[: int(counts[plural][0])]
        columns = [
            [words[name][code] for code in rows[name].tolist()]
            if name in words
            else rows[name].tolist()
            for name in form._fields
        ]
        engine = [form(*values) for values in zip(*columns, strict=True)]

        def name(row: int, engine: Values = engine, mine: Values = mine, text: str = plural) -> str:
            event = (engine if row < len(engine) else mine)[row]
            account = getattr(event, "account", getattr(event, "winner", -1))
            return f"event {row + 1} of the step's {text}, of {account_name(built, account)}"

        yield Pair(name, engine, mine)


def _accounts(built: Built, state: State) -> Iterator[Pair]:
    """Pair what everybody has, and how their venue deals with them."""
    table = built.world.accounts
    pairs: tuple[tuple[str, Values, Values], ...] = (
        ("balance", table.balance.tolist(), [one.balance for one in state.accounts]),
        ("wallet", table.wallet.tolist(), [one.wallet for one in state.accounts]),
        ("status", [STATUS[code] for code in table.status.tolist()],
         [one.status for one in state.accounts]),
        ("since", table.since.tolist(), [one.since for one in state.accounts]),
        ("wait_until", table.wait_until.tolist(), [one.wait_until for one in state.accounts]),
        ("sliced", table.sliced.tolist(), [one.is_sliced for one in state.accounts]),
        ("refused", table.refused.tolist(), [one.is_refused for one in state.accounts]),
    )  # fmt: skip
    for text, engine, mine in pairs:
        yield Pair(_named(account_name, built, text), engine, mine)
    triggers = built.world.triggers
    yield Pair(
        lambda row: f"place {row + 1} among those in liquidation",
        triggers.batch[: int(triggers.counts.batch[0])].tolist(),
        [account.number for account in state.waiting],
    )


def _positions(built: Built, state: State) -> Iterator[Pair]:
    """Pair what everybody holds in each market, and what it cost."""
    table = built.world.positions
    mine = [position for account in state.accounts for position in account.positions]

    def named(text: str) -> Name:
        def name(row: int) -> str:
            account = account_name(built, int(table.account[row]))
            return f"{account} {text} in {market_name(built, int(table.market[row]))}"

        return name

    yield Pair(named("lots"), table.lots.tolist(), [position.lots for position in mine])
    yield Pair(named("entry"), table.entry.tolist(), [position.entry for position in mine])


def _rest_of_markets(built: Built, state: State) -> Iterator[Pair]:
    """Pair tops of books, open interest, windows, funds and what was traded."""
    table, markets = built.world.markets, state.markets
    for column in TOP_COLUMNS:
        mine = [getattr(market, column) for market in markets]
        yield Pair(_named(market_name, built, column), table[column].tolist(), mine)
    owed = [market for market in markets if market.kind != SPOT]
    yield Pair(
        _row_names(built, owed, "open_lots"),
        [int(table.open_lots[market.number]) for market in owed],
        [market.open_lots() for market in owed],
    )
    yield Pair(
        _named(market_name, built, "customer_lots"),
        table.customer_lots.tolist(),
        [_customer_lots(market) for market in markets],
    )
    yield Pair(
        _named(market_name, built, "fund_drawn"),
        table.fund_drawn.tolist(),
        [market.is_fund_drawn for market in markets],
    )
    perpetuals = [market for market in markets if market.kind == PERPETUAL]
    for column in ("window_until", "window_lots"):
        yield Pair(
            _row_names(built, perpetuals, column),
            [int(table[column][market.number]) for market in perpetuals],
            [getattr(market, column) for market in perpetuals],
        )
    for column, place in MARKET_FLOWS.items():
        yield Pair(
            _named(market_name, built, f"{column} in this step"),
            built.world.flows.market[:, place].tolist(),
            [getattr(market.flow, column) for market in markets],
        )


def _customer_lots(market: Market) -> int:
    """Return what the crowd and the desks hold together, in lots."""
    return sum(
        position.lots
        for position in market.positions
        if position.account.kind in ("retail", "desk")
    )


def _venues(built: Built, state: State) -> Iterator[Pair]:
    """Pair halts, funds and what each venue's liquidations moved."""
    world, names = built.world, built.directory.venues

    def of_venue(text: str) -> Name:
        return lambda row: f"{names[row]} {text}"

    for column in ("halted_until", "halts", "missing"):
        mine = [getattr(venue, column) for venue in state.venues]
        yield Pair(of_venue(column), world.venues[column].tolist(), mine)
    for column, place in VENUE_FLOWS.items():
        mine = [getattr(venue.flow, column) for venue in state.venues]
        yield Pair(of_venue(f"{column} in this step"), world.flows.venue[:, place].tolist(), mine)

    def of_fund(text: str) -> Name:
        return lambda row: f"fund {account_name(built, state.funds[row].account.number)} {text}"

    written = world.record.fund[state.step].tolist()
    funds = state.funds
    yield Pair(of_fund("equity"), [row[0] for row in written], [one.equities[-1] for one in funds])
    yield Pair(of_fund("notional"), [row[1] for row in written], [one.notional for one in funds])
    yield Pair(of_fund("peak"), world.peaks.equity.tolist(), [one.peak for one in funds])
    yield Pair(of_fund("peak's step"), world.peaks.step.tolist(), [one.peak_step for one in funds])


def _books(built: Built, state: State) -> Iterator[Pair]:
    """Pair makers' curves, and what was taken from each of their levels."""
    books = built.world.books
    quotes = [(market, quote) for market in state.markets for quote in market.book.quotes]

    def of_quote(text: str) -> Name:
        return lambda row: f"{_curve_name(built, *quotes[row])} {text}"

    for column in ("reference", "half_spread"):
        mine = [getattr(quote, column) for _, quote in quotes]
        yield Pair(of_quote(column), books.quotes[column].ravel().tolist(), mine)
    for side in (BID, ASK):
        mine = [quote.sides[side].depth for _, quote in quotes]
        yield Pair(
            of_quote(f"depth of the {SIDES[side]}"), books.depth[..., side].ravel().tolist(), mine
        )

    sides = [(market, quote, side) for market, quote in quotes for side in (BID, ASK)]
    levels = books.levels.shape[-1]

    def of_level(text: str) -> Name:
        def name(row: int) -> str:
            market, quote, side = sides[row // levels]
            curve = _curve_name(built, market, quote)
            return f"{curve} level {row % levels} of the {SIDES[side]} {text}"

        return name

    for column in ("consumed", "touched"):
        mine = [value for _, quote, side in sides for value in getattr(quote.sides[side], column)]
        yield Pair(of_level(column), books.levels[column].ravel().tolist(), mine)


def _curve_name(built: Built, market: Market, quote: Quote) -> str:
    """Return a maker's curve as a person would name it."""
    owner = account_name(built, quote.maker.number) if quote.maker is not None else "nobody"
    return f"{market_name(built, market.number)}, curve of {owner},"


def _resting_orders(built: Built, state: State) -> Iterator[Pair]:
    """Pair explicit resting orders: signed lots, price and account by place."""
    rests = built.world.books.rests
    engine = [
        row if row[0] != 0 else None
        for row in zip(
            rests.lots.ravel().tolist(),
            rests.price.ravel().tolist(),
            rests.account.ravel().tolist(),
            strict=True,
        )
    ]
    mine = [
        (rest.lots, rest.price, rest.account.number) if rest is not None else None
        for market in state.markets
        for rest in market.book.rests
    ]
    places = rests.shape[-1]
    yield Pair(
        lambda row: (
            f"{market_name(built, row // places)} resting order {row % places}"
            " (lots, price, account)"
        ),
        engine,
        mine,
    )


def _components(built: Built, state: State) -> Iterator[Pair]:
    """Pair what sources said, and the state that faults gave to components."""
    world, directory = built.world, built.directory
    sources = [source for of_asset in state.sources for source in of_asset]

    def of_source(text: str) -> Name:
        width = max(len(directory.sources), 1)
        return lambda row: (
            f"source {directory.sources[row % width]} of {directory.assets[row // width]} {text}"
        )

    for table, columns in (
        (world.oracles.heard, ("price", "heard")),
        (world.components.sources, ("mode", "lag", "factor_ppm")),
    ):
        for column in columns:
            mine = [getattr(source, column) for source in sources]
            yield Pair(of_source(column), table[column].ravel().tolist(), mine)
    yield Pair(
        lambda row: f"{directory.venues[row]} gateway availability in ppm",
        world.components.availability_ppm.tolist(),
        state.gateways,
    )
    yield Pair(
        _named(market_name, built, "depth_factor_ppm"),
        world.books.base.depth_factor_ppm.tolist(),
        [market.book.depth_factor_ppm for market in state.markets],
    )


PARTS = (
    _prices,
    _events,
    _accounts,
    _positions,
    _rest_of_markets,
    _venues,
    _books,
    _resting_orders,
    _components,
)
