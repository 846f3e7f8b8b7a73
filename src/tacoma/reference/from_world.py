"""The start: a world of arrays, as it was built from a scenario, turned into plain objects.

This is the one file of the reference that knows arrays, and it only reads them.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tacoma.reference.book import Book, Curve, Ladder, Quote
from tacoma.reference.conservation import all_money
from tacoma.reference.margin import equity_of
from tacoma.reference.rulebook import Rulebook
from tacoma.reference.state import (
    Account,
    Fund,
    Market,
    OptionTerms,
    Position,
    Schedule,
    Shock,
    Source,
    State,
    Status,
    Venue,
)
from tacoma.world import codes

if TYPE_CHECKING:
    from tacoma.world.layout import World

Columns = dict[str, list[Any]]

WORDS = {
    "index_kind": codes.INDEX_KINDS,
    "mark_kind": codes.MARK_KINDS,
    "liquidation_order": codes.LIQUIDATION_ORDERS,
    "bound_kind": codes.BOUND_KINDS,
    "market_sizing": codes.MARKET_SIZINGS,
    "capacity_kind": codes.CAPACITY_KINDS,
    "transfer_kind": codes.TRANSFER_KINDS,
    "takeover_sizing": codes.TAKEOVER_SIZINGS,
    "adl_trigger": codes.ADL_TRIGGERS,
    "adl_rank": codes.RANK_KINDS,
    "adl_price": codes.ADL_PRICE_KINDS,
    "adl_allocation": codes.ADL_ALLOCATIONS,
    "share_kind": codes.SHARE_KINDS,
    "settlement_order": codes.SETTLEMENT_ORDERS,
    "funding_kind": codes.FUNDING_KINDS,
    "premium_kind": codes.PREMIUM_KINDS,
    "funding_price": codes.FUNDING_PRICES,
}


def columns_of(table: Any) -> Columns:  # noqa: ANN401 - numpy's record arrays
    """Return a table's columns by name as lists of plain integers."""
    return {name: table[name].tolist() for name in table.dtype.names}


def from_world(world: World) -> State:
    """
    Return the state of a world whose books were just opened.

    Raises ValueError for a world that has lived already.
    """
    if int(world.clock.step[0]) != 0:
        raise ValueError("the reference begins with a world at its start: build and prepare it")
    venues = _venues(world)
    markets = _markets(world, venues)
    accounts = _accounts(world, venues)
    _positions(world, accounts, markets)
    _join(world, accounts, markets, venues)
    _makers(world, accounts, markets)
    for venue, number in zip(venues, world.rules.fees_account.tolist(), strict=True):
        venue.fees = accounts[number]
    funds = [Fund(accounts[number], []) for number in world.record.fund_account.tolist()]
    state = State(
        step=0,
        step_seconds=int(world.clock.step_seconds[0]),
        start_second_of_day=int(world.clock.start_second_of_day[0]),
        seed=int(world.clock.seed[0]),
        accounts=accounts,
        markets=markets,
        venues=venues,
        funds=funds,
        sources=_sources(world),
        gateways=world.components.availability_ppm.tolist(),
        waiting=[],
    )
    for fund in funds:
        fund.equities.append(equity_of(fund.account))
    state.total_quanta = all_money(state)
    return state


def _venues(world: World) -> list[Venue]:
    """Return the venues with their rules in words, and the stages of their waterfalls."""
    rules, state = columns_of(world.rules), columns_of(world.venues)
    weights, waterfall = world.oracles.source_weight.tolist(), world.waterfall.tolist()
    venues = []
    for row, stages in enumerate(waterfall):
        texts: dict[str, Any] = {name: words[rules[name][row]] for name, words in WORDS.items()}
        values = {field.name: rules[field.name][row] for field in fields(Rulebook)} | texts
        length = stages.index(codes.STAGE_NONE) if codes.STAGE_NONE in stages else len(stages)
        venues.append(
            Venue(
                number=row,
                rules=Rulebook(**values),
                stages=tuple(codes.STAGES[stage] for stage in stages[:length]),
                source_weights=weights[row],
                halted_until=state["halted_until"][row],
                halts=state["halts"][row],
                missing=state["missing"][row],
            )
        )
    return venues


def _venue(venues: list[Venue], row: int) -> Venue | None:
    """Return a venue, or None for the spot market, which is numbered after them."""
    return venues[row] if row < len(venues) else None


FLAGS = ("is_blocked", "is_pooled")
SAME_NAME = (
    "asset", "index", "mark", "previous_mark", "last_price", "best_bid", "best_ask", "middle",
    "margin_price", "weight_ppm", "redemption_ratio_ppb", "index_deviation_ppm", "basis_count",
    "basis_numerator", "basis_denominator", "local_numerator", "local_denominator",
    "average_numerator", "average_denominator", "premium_sum_ppb", "premium_count",
    "last_funding_ppb", "window_until", "window_lots", "loss_factor_ppm", "contingency_ppm",
)  # fmt: skip


def _markets(world: World, venues: list[Venue]) -> list[Market]:
    """Return the markets; whom and what they refer to comes later."""
    table, tiers = columns_of(world.markets), columns_of(world.tiers)
    shocks = columns_of(world.shocks)
    markets = []
    for row, kind in enumerate(table["kind"]):
        values = {name: table[name][row] for name in SAME_NAME}
        values |= {name: bool(table[name][row]) for name in FLAGS}
        count = table["shock_count"][row]
        grid = [
            Shock(
                *(shocks[name][row][place] for name in ("move_ppm", "volatility_ppm", "cover_ppm"))
            )
            for place in range(count)
        ]
        markets.append(
            Market(
                number=row,
                kind=codes.MARKET_KINDS[kind],
                venue=_venue(venues, table["venue"][row]),
                schedule=_schedule(table, tiers, row),
                book=_book(world, row),
                collateral_price_kind=codes.COLLATERAL_PRICE_KINDS[
                    table["collateral_price_kind"][row]
                ],
                is_fund_drawn=bool(table["fund_drawn"][row]),
                shocks=grid,
                gains=table["gains"][row][:count],
                **values,
            )
        )
    return markets


def _schedule(table: Columns, tiers: Columns, row: int) -> Schedule:
    """Return a market's margin schedule with its own brackets."""
    first, count = table["tier_first"][row], table["tier_count"][row]
    brackets = ("lower_quanta", "rate_numerator", "rate_denominator", "deduction_quanta")
    numbers = (
        "long_rate_ppm", "short_rate_ppm", "premium_ppm", "coins_e6", "skew_lots", "scalar_ppm",
        "fixed_quanta",
    )  # fmt: skip
    values: dict[str, Any] = {name: tiers[name][first : first + count] for name in brackets}
    values |= {name: table[name][row] for name in numbers}
    return Schedule(form=codes.MARGIN_FORMS[table["margin_form"][row]], **values)


def _book(world: World, row: int) -> Book:
    """Return a market's book without its makers."""
    curve = columns_of(world.books.curve)
    return Book(
        curve=Curve(curve["offset_q20"], curve["weight_q20"]),
        quotes=[],
        replenish_q20=int(world.books.base.replenish_q20[row]),
        depth_factor_ppm=int(world.books.base.depth_factor_ppm[row]),
    )


def _makers(world: World, accounts: list[Account], markets: list[Market]) -> None:
    """Put every maker's first curve into the books."""
    quotes, levels = columns_of(world.books.quotes), columns_of(world.books.levels)
    depth = world.books.depth.tolist()
    for row, market in enumerate(markets):
        for place, number in enumerate(quotes["maker"][row]):
            bid, ask = (
                Ladder(
                    depth=depth[row][place][side],
                    consumed=levels["consumed"][row][place][side],
                    touched=levels["touched"][row][place][side],
                )
                for side in (codes.BID, codes.ASK)
            )
            market.book.quotes.append(
                Quote(
                    maker=accounts[number] if number >= 0 else None,
                    reference=quotes["reference"][row][place],
                    half_spread=quotes["half_spread"][row][place],
                    sides=(bid, ask),
                )
            )


def _accounts(world: World, venues: list[Venue]) -> list[Account]:
    """Return everybody, with empty hands."""
    table = columns_of(world.accounts)
    return [
        Account(
            number=row,
            kind=codes.ACCOUNT_KINDS[kind],
            venue=_venue(venues, table["venue"][row]),
            is_isolated=table["mode"][row] == codes.ISOLATED,
            status=Status.EXEMPT if table["status"][row] == codes.EXEMPT else Status.FREE,
            balance=table["balance"][row],
            wallet=table["wallet"][row],
            since=table["since"][row],
            wait_until=table["wait_until"][row],
            is_sliced=bool(table["sliced"][row]),
            is_refused=bool(table["refused"][row]),
        )
        for row, kind in enumerate(table["kind"])
    ]


def _positions(world: World, accounts: list[Account], markets: list[Market]) -> None:
    """Give everybody their positions, and every market the list of them, in order of account."""
    table = columns_of(world.positions)
    for row, number in enumerate(table["account"]):
        account, market = accounts[number], markets[table["market"][row]]
        position = Position(account, market, table["lots"][row], table["entry"][row])
        account.positions.append(position)
        market.positions.append(position)
        market.by_account.setdefault(number, position)
        account.may_hold_options = account.may_hold_options or market.kind == "option"


def _join(
    world: World, accounts: list[Account], markets: list[Market], venues: list[Venue]
) -> None:
    """Let markets refer to funds and to each other, and venues to their markets."""
    table = columns_of(world.markets)
    for row, market in enumerate(markets):
        fund, insurance = table["fund"][row], table["insurance_fund"][row]
        market.fund = accounts[fund] if fund >= 0 else None
        market.insurance_fund = accounts[insurance] if insurance >= 0 else None
        underlying, external = table["underlying_market"][row], table["external_market"][row]
        market.underlying = markets[underlying] if underlying >= 0 else None
        market.external = markets[external] if external >= 0 else None
        if market.kind == "option":
            market.option = _option(table, row, markets)
        market.listed = [other for other in markets if other.venue is market.venue]
        if market.venue is not None:
            venues[market.venue.number].markets.append(market)


def _option(table: Columns, row: int, markets: list[Market]) -> OptionTerms:
    """Return what an option is."""
    numbers = (
        "strike_quanta", "expiry_seconds", "volatility_ppm", "response_ppm", "first_underlying",
        "spot_rate_ppm", "value_rate_ppm", "short_quanta",
    )  # fmt: skip
    return OptionTerms(
        underlying=markets[table["underlying_perpetual"][row]],
        is_call=bool(table["is_call"][row]),
        is_settled=bool(table["is_settled"][row]),
        **{name: table[name][row] for name in numbers},
    )


def _sources(world: World) -> list[list[Source]]:
    """Return the price sources by asset."""
    heard, state = columns_of(world.oracles.heard), columns_of(world.components.sources)
    return [
        [
            Source(price, step, mode, lag, factor_ppm)
            for price, step, mode, lag, factor_ppm in zip(*rows, strict=True)
        ]
        for rows in zip(
            heard["price"], heard["heard"], state["mode"], state["lag"], state["factor_ppm"],
            strict=True,
        )
    ]  # fmt: skip
