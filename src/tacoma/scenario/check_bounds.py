"""
Whether a scenario's quantities stay within the stated maxima of `tacoma.bounds`.

Each check yields findings: the path of a field and what it must be. Fields that are wrong by
themselves are refused by their types; here are products and sums of several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from tacoma.bounds import (
    AMOUNT_QUANTA_MAX,
    DEPTH_GROWTH_MAX,
    DEPTH_QUANTA_MAX,
    EXPONENT_MAX,
    EXPONENT_MIN,
    LOT_UNITS_MAX,
    MARKETS_MAX,
    OPEN_LOTS_MAX,
    PRICE_QUANTA_MAX,
    REFILLS_MAX,
    SHOCK_FACTOR_MAX,
    SLOTS_MAX,
    SOURCES_MAX,
    SPREAD_OF_LOGS_MAX,
    TOTAL_QUANTA_MAX,
    VENUES_MAX,
)
from tacoma.scenario.check_timeline import event_path
from tacoma.scenario.events import ALL_VENUES, DepthEvent, SellEvent, SourceEvent, VolatilityEvent
from tacoma.scenario.schema import PerpMarket, Scenario, SpotMarket, Venue
from tacoma.units import format_money

Finding = tuple[str, str]

REACH = Fraction(1, 100)  # "depth" means within 1 %
RESPONSE_MAX = 20
TAIL_MIN, TAIL_MAX = Fraction(1, 10), Fraction(100)
WALLET_PART_MAX = 100
ENTRY_TRUNCATION = 2.5  # standard deviations, as the population draws entry prices
SLOTS_PER_ACCOUNT = 5  # three perpetuals, one collateral asset, one option
OTHERS_PER_VENUE = 8  # accounts with a slot in every market that no field counts


def bound_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield what would leave a stated maximum."""
    yield from _counts(scenario)
    yield from _makers(scenario)
    yield from _population(scenario)
    yield from _money(scenario)
    yield from _factors(scenario)
    for asset in scenario.assets:
        if asset.lot > LOT_UNITS_MAX:
            yield f"assets.{asset.symbol}.lot", f"must be at most {LOT_UNITS_MAX:_} units"
    for venue in scenario.venues:
        yield from _open_lots(scenario, venue)
        yield from _depths(scenario, f"venues.{venue.name}.markets", venue.markets)
        yield from _depths(scenario, f"venues.{venue.name}.spot_markets", venue.spot_markets)
    yield from _depths(scenario, "spot.markets", scenario.spot.markets)
    for i, event in enumerate(scenario.timeline):
        if isinstance(event, SellEvent):
            lots = event.amount / scenario.quanta_per_lot(event.asset)
            if lots > OPEN_LOTS_MAX:
                yield f"{event_path(scenario, i)}.amount", _lots(lots, event.asset)


def _lots(lots: Fraction, asset: str) -> str:
    return (
        f"is {int(lots):_} lots; it must be at most {OPEN_LOTS_MAX:_} lots: "
        f"change it, or choose a larger assets.{asset}.lot"
    )


# ------------------------------------------------------------------------------- counts


def _listed(venue: Venue) -> int:
    """Return how many markets a venue has, options among them."""
    return len(venue.markets) + len(venue.spot_markets) + len(venue.options)


def _counts(scenario: Scenario) -> Iterator[Finding]:
    """Yield counts that the types of the engine's tables cannot hold."""
    for name, count, most in (
        ("venues", len(scenario.venues), VENUES_MAX),
        ("sources", len(scenario.sources), SOURCES_MAX),
        ("spot.markets", len(scenario.spot.markets), MARKETS_MAX),
    ):
        if count > most:
            yield name, f"has {count:_} entries; at most {most:_} are possible"
    markets = sum(map(_listed, scenario.venues)) + len(scenario.spot.markets)
    if markets > MARKETS_MAX:
        largest = max(scenario.venues, key=_listed)
        yield (
            f"venues.{largest.name}.markets",
            (
                f"makes {markets:_} markets and options of all venues; at most {MARKETS_MAX:_} are "
                "possible: remove some"
            ),
        )
    dense = 0
    for venue in scenario.venues:
        funds = len(venue.insurance) + len(venue.backstop)
        others = scenario.makers.count + scenario.arbitrage.desks + funds + OTHERS_PER_VENUE
        dense += _listed(venue) * (2 * scenario.desks.count + others + len(scenario.timeline))
    own = SLOTS_PER_ACCOUNT * scenario.accounts
    if own + dense > SLOTS_MAX:
        yield (
            "accounts" if own > dense else "desks.count",
            (
                f"may need {own + dense:_} places for positions; at most {SLOTS_MAX:_} are "
                "possible: lower it"
            ),
        )


def _open_lots(scenario: Scenario, venue: Venue) -> Iterator[Finding]:
    """Yield a venue on which more lots are open than one account may hold in all its markets."""
    total = Fraction(0)
    for market in venue.markets:
        total += market.open_interest / scenario.quanta_per_lot(market.asset)
    for option in venue.options:
        total += option.open_interest / scenario.quanta_per_lot(option.asset)
    if total > OPEN_LOTS_MAX:
        sizes = {
            market.asset: market.open_interest / scenario.quanta_per_lot(market.asset)
            for market in venue.markets
        }
        asset = max(sizes, key=lambda symbol: sizes[symbol])
        yield (
            f"venues.{venue.name}.markets",
            (
                f"have {int(total):_} lots open together; at most {OPEN_LOTS_MAX:_} are possible: "
                f"lower open_interest, or choose larger lots, first assets.{asset}.lot"
            ),
        )


# ------------------------------------------------------------------------------- books


def _depths(
    scenario: Scenario, at: str, markets: tuple[PerpMarket, ...] | tuple[SpotMarket, ...]
) -> Iterator[Finding]:
    """Yield books that are too deep in money or in lots."""
    for market in markets:
        field = f"{at}.{market.asset}.depth"
        lots = market.depth / scenario.quanta_per_lot(market.asset)
        if market.depth > DEPTH_QUANTA_MAX:
            yield field, f"must be at most {format_money(DEPTH_QUANTA_MAX)}"
        elif lots > OPEN_LOTS_MAX:
            yield field, _lots(lots, market.asset)


def _makers(scenario: Scenario) -> Iterator[Finding]:
    """Yield shapes of quotes whose far levels hold more than the engine can count."""
    makers = scenario.makers
    exponent = float(makers.depth_exponent)
    if not EXPONENT_MIN <= exponent <= EXPONENT_MAX:
        yield "makers.depth_exponent", f"must be from {EXPONENT_MIN} to {EXPONENT_MAX}"
    elif float(makers.reach / REACH) ** exponent > DEPTH_GROWTH_MAX:
        yield (
            "makers.depth_exponent",
            (
                f"makes the depth within makers.reach more than {DEPTH_GROWTH_MAX:_} times that "
                "within 1 %: lower either"
            ),
        )
    if makers.replenish_time * REFILLS_MAX < scenario.step_ms:
        least = -(-scenario.step_ms // REFILLS_MAX)
        yield "makers.replenish_time", f"must be at least {least} ms, a step over {REFILLS_MAX}"
    if makers.volatility_response > RESPONSE_MAX:
        yield "makers.volatility_response", f"must be at most {RESPONSE_MAX}"
    if scenario.arbitrage.limit * scenario.arbitrage.capital > AMOUNT_QUANTA_MAX:
        yield (
            "arbitrage.limit",
            (
                f"times arbitrage.capital must be below {format_money(AMOUNT_QUANTA_MAX + 1)}: "
                "lower either"
            ),
        )


# ------------------------------------------------------------------------------- population


def _population(scenario: Scenario) -> Iterator[Finding]:
    """Yield habits whose draws could leave the range of numbers."""
    people = scenario.population
    if not TAIL_MIN <= people.size_tail <= TAIL_MAX:
        yield "population.size_tail", "must be from 0.1 to 100; write it like 0.9"
    if people.wallet_part > WALLET_PART_MAX:
        yield "population.wallet_part", f"must be at most {WALLET_PART_MAX}, of an account's equity"
    for name in ("reaction_spread", "entry_spread", "short_entry_premium"):
        if getattr(people, name) > SPREAD_OF_LOGS_MAX:
            yield f"population.{name}", f"must be at most {SPREAD_OF_LOGS_MAX}"
            return
    most = math.exp(
        ENTRY_TRUNCATION * float(people.entry_spread) + float(people.short_entry_premium)
    )
    for asset in scenario.assets:
        price = float(scenario.quanta_per_lot(asset.symbol)) * most
        if price > PRICE_QUANTA_MAX:
            yield (
                "population.entry_spread",
                (
                    f"with short_entry_premium lets lots of {asset.symbol} have been opened at "
                    f"{format_money(int(price))}; at most {format_money(PRICE_QUANTA_MAX)} is "
                    f"possible: lower it, or choose a smaller assets.{asset.symbol}.lot"
                ),
            )
            return


def _money(scenario: Scenario) -> Iterator[Finding]:
    """Yield leverages so low that equity, were it all one account's, could not be counted."""
    part = 1 + scenario.population.wallet_part
    for venue in scenario.venues:
        interest = sum(market.open_interest for market in venue.markets)
        places = [
            *(
                (f"population.groups.{group.name}.leverage", group.leverage[0], part)
                for group in scenario.population.groups
            ),
            ("desks.leverage", scenario.desks.leverage[0], Fraction(1)),
        ]
        for field, leverage, times in places:
            if interest * times / leverage > TOTAL_QUANTA_MAX:
                yield (
                    field,
                    (
                        f"makes the equity behind {venue.name} more than "
                        f"{format_money(TOTAL_QUANTA_MAX)}: raise the lowest leverage"
                    ),
                )


# ------------------------------------------------------------------------------- timeline


def _factors(scenario: Scenario) -> Iterator[Finding]:
    """Yield factors of events, and products of overlapping ones, that are too large."""
    requirement = f"must be at most {SHOCK_FACTOR_MAX:_}"
    large = False
    for i, event in enumerate(scenario.timeline):
        kinds = (DepthEvent, VolatilityEvent, SourceEvent)
        if isinstance(event, kinds) and event.factor is not None:
            if event.factor > SHOCK_FACTOR_MAX:
                large = True
                yield f"{event_path(scenario, i)}.factor", requirement
    if large:
        return
    for i, event in enumerate(scenario.timeline):
        if not isinstance(event, (DepthEvent, VolatilityEvent)):
            continue
        begin, product = scenario.second_of(event.at), Fraction(1)
        for other in scenario.timeline:
            if isinstance(other, (DepthEvent, VolatilityEvent)) and _meet(event, other):
                until = scenario.second_of(other.until)
                if scenario.second_of(other.at) <= begin < until:
                    product *= other.factor
        if product > SHOCK_FACTOR_MAX:
            yield (
                f"{event_path(scenario, i)}.factor",
                f"{requirement} together with the events that it overlaps",
            )


def _meet(event: DepthEvent | VolatilityEvent, other: DepthEvent | VolatilityEvent) -> bool:
    """Say whether two events act on the same book, or both on volatility."""
    if isinstance(event, DepthEvent) and isinstance(other, DepthEvent):
        places = {event.venue, other.venue}
        assets = {*event.assets, event.asset} & {*other.assets, other.asset} - {None}
        return bool(assets) and (len(places) == 1 or ALL_VENUES in places)
    return isinstance(event, VolatilityEvent) and isinstance(other, VolatilityEvent)
