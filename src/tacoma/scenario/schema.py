"""
A scenario: everything that a run depends on besides the version of Tacoma.

Field names are the keys of the TOML file. After loading, money is whole quanta (1e-6 USD),
durations are whole milliseconds, ratios and prices are exact fractions, and times of day stay
text that `Scenario.second_of` places on the clock.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from tacoma.bounds import ACCOUNTS_MAX, SEED_MAX
from tacoma.errors import UnitError
from tacoma.scenario.events import TimelineEvent
from tacoma.scenario.rulebook import Provenance, Rulebook
from tacoma.scenario.types import (
    TIME_OF_DAY,
    Delay,
    Duration,
    LeverageRange,
    Lot,
    Model,
    Money,
    Name,
    PositiveRate,
    PositiveRatio,
    PositiveShare,
    Rate,
    Ratio,
    Share,
    Utc,
    Volatility,
    example,
    second_of_day,
    whole,
    wrong,
)
from tacoma.units import QUANTA_PER_USD, parse_ratio, ratio_text

__all__ = [
    "Anchor",
    "Arbitrage",
    "Asset",
    "BackstopVault",
    "Clock",
    "Desks",
    "Engine",
    "InsurancePool",
    "Makers",
    "OptionMarket",
    "Options",
    "PerpMarket",
    "Population",
    "PopulationGroup",
    "Provenance",
    "Redemption",
    "Rulebook",
    "Scenario",
    "Source",
    "SpotMarket",
    "SpotVenue",
    "TimelineEvent",
    "Vaults",
    "Venue",
]

SECONDS_PER_DAY = 86_400
ACCOUNTS_MIN = 100
ANCHOR_REQUIREMENT = (
    "must be a pair [time of day, price in USD] with a price above 0; "
    'write it like ["20:50", 117034.61]'
)


class Anchor(NamedTuple):
    """A point that an asset's value path goes through: time of day UTC and price in USD."""

    time: str
    price: Fraction


def _anchor(value: object) -> Anchor:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise wrong(ANCHOR_REQUIREMENT)
    time, price = value
    if not isinstance(time, str) or TIME_OF_DAY.fullmatch(time) is None:
        raise wrong(ANCHOR_REQUIREMENT)
    try:
        parsed = parse_ratio(price)
    except UnitError:
        raise wrong(ANCHOR_REQUIREMENT) from None
    if parsed <= 0:
        raise wrong(ANCHOR_REQUIREMENT)
    return Anchor(time, parsed)


AnchorField = Annotated[
    Anchor,
    PlainValidator(_anchor),
    PlainSerializer(lambda anchor: [anchor.time, ratio_text(anchor.price)], when_used="json"),
    WithJsonSchema({"type": "array", "minItems": 2, "maxItems": 2}),
]


class Clock(Model):
    """When the run starts and ends, and the length of a step."""

    start: Utc
    end: Utc
    step: Duration


class Redemption(Model):
    """A collateral asset is worth `ratio` of its underlying (an asset, or USD)."""

    underlying: Name
    ratio: PositiveRatio


class Asset(Model):
    """
    What is traded: its lot and its value path.

    The value follows either its own anchors (with `volatility` and `loading`, the weight of the
    common factor, between them) or the redemption ratio of another asset.
    """

    symbol: Name
    lot: Lot
    volatility: Volatility
    loading: Ratio
    anchors: tuple[AnchorField, ...] = ()
    redemption: Redemption | None = None


class Source(Model):
    """One exchange's spot price, as a venue's index reads it."""

    name: Name
    noise: Rate
    lag: Delay = 0
    local_venue: Name | None = None
    local_share: Share = Fraction(0)


class SpotMarket(Model):
    """A spot book: depth within 1 % of the middle on each side on a calm day, in quanta."""

    asset: Name
    depth: Money
    half_spread: PositiveRate


class SpotVenue(Model):
    """The spot market between the venues."""

    name: Name
    gateway_availability: Share = Fraction(1)
    markets: tuple[SpotMarket, ...]


class PerpMarket(Model):
    """A perpetual: open interest in quanta, the leveraged part of each side, and its book."""

    asset: Name
    open_interest: Money
    long_share: PositiveShare
    short_share: PositiveShare
    depth: Money
    half_spread: PositiveRate


class OptionMarket(Model):
    """
    A European option on a venue's perpetual, settled in money.

    The strike is a ratio of the underlying's first price, the expiry a time from the start of the
    clock, open interest the notional of the underlying on each side, in quanta.
    """

    asset: Name
    kind: Literal["call", "put"]
    strike: PositiveRatio
    expiry: Duration
    volatility: Volatility
    open_interest: Money


class InsurancePool(Model):
    """The capital of one insurance fund of the rulebook, in quanta."""

    pool: Name
    capital: Money


class BackstopVault(Model):
    """A vault that takes over positions of some assets, and its capital in quanta."""

    vault: Name
    capital: Money
    assets: tuple[Name, ...]


class Venue(Model):
    """A venue: its rules, its markets and its funds."""

    name: Name
    rulebook: str
    account_share: PositiveShare
    markets: tuple[PerpMarket, ...]
    spot_markets: tuple[SpotMarket, ...] = ()
    options: tuple[OptionMarket, ...] = ()
    insurance: tuple[InsurancePool, ...] = ()
    backstop: tuple[BackstopVault, ...] = ()
    rules: Rulebook


class PopulationGroup(Model):
    """A group of leveraged accounts: its share of accounts and interest, its leverages."""

    name: Name
    accounts: Share
    interest: Share
    leverage: LeverageRange


class Population(Model):
    """The leveraged accounts: sizes, habits and reactions."""

    size_tail: PositiveRatio
    largest_share: PositiveShare
    isolated_share: Share
    hedged_share: Share
    positions: tuple[Share, ...]
    entry_spread: Ratio
    short_entry_premium: Ratio
    collateral_share: Share
    collateral_part: Share
    option_share: Share = Fraction(0)
    wallet_share: Share
    wallet_part: Ratio
    stop_share: Share
    stop_distances: tuple[PositiveShare, ...]
    profit_share: Share
    profit_distances: tuple[PositiveShare, ...]
    alert_slack: Share
    reaction_time: Duration
    reaction_spread: Ratio
    top_up_share: Share
    close_share: Share
    groups: tuple[PopulationGroup, ...]


class Desks(Model):
    """Large holders with little leverage, per venue and side."""

    count: Annotated[int, whole(1, 10_000), example("integer", 24)]
    leverage: LeverageRange


class Makers(Model):
    """Market makers of one market: capital, the shape of their quotes, and how they withdraw."""

    count: Annotated[int, whole(1, 64), example("integer", 3)]
    shares: tuple[PositiveShare, ...]
    capital: PositiveRatio
    inventory_multiple: PositiveRatio
    depth_exponent: PositiveRatio
    reach: PositiveShare
    replenish_time: Duration
    requote: PositiveRate
    information_share: Share
    resilience_time: Duration
    volatility_time: Duration
    volatility_response: Ratio
    withdraw_time: Duration
    return_time: Duration
    smallest_depth: Share
    widest_spread: PositiveRate
    hedge_loss_withdrawal: Share


class Arbitrage(Model):
    """Desks that trade the gap between a venue and spot; capital in quanta per desk and place."""

    desks: Annotated[int, whole(0, 64), example("integer", 2)]
    capital: Money
    cost: Rate
    speed: PositiveShare
    limit: PositiveRatio


class Investors(Model):
    """Investors who buy below value and sell above it, slowly and with limited capital."""

    capital: Money
    threshold: PositiveRate
    full_gap: PositiveRate
    speed: PositiveShare


class Options(Model):
    """
    How options are valued.

    `volatility_response` is by how much implied volatility rises (1 is 100 percentage points) per
    1.00 that the logarithm of the underlying's mark lies below that of its first price.
    """

    volatility_response: Ratio = Fraction(1)


class Vaults(Model):
    """How funds and vaults work their inventory into the book."""

    unwind_time: Duration
    participation: PositiveShare


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong("must be true or false")
    return value


Flag = Annotated[bool, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]


class Engine(Model):
    """
    How a run is computed.

    `audit_interval` is the number of steps between full audits (0: chosen by the engine),
    `conservation` the check of money and positions after every step; without `feedback` forced
    flow leaves prices alone.
    """

    audit_interval: Annotated[int, whole(0, 1_000_000), example("integer", 600)] = 0
    conservation: Flag = True
    feedback: Flag = True


Entry = TypeVar("Entry", bound=Model)


def _named(entries: tuple[Entry, ...], key: str, name: str) -> Entry:
    for entry in entries:
        if getattr(entry, key) == name:
            return entry
    raise KeyError(name)


JsonValue = Any  # JSON has no useful static type


def _sorted(value: JsonValue) -> JsonValue:
    """Return JSON values with the keys of every table in order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return value


class Scenario(Model):
    """A whole scenario; make one with `tacoma.load`."""

    name: Name
    title: str
    description: str = ""
    seed: Annotated[int, whole(0, SEED_MAX), example("integer", 20251010)]
    accounts: Annotated[int, whole(ACCOUNTS_MIN, ACCOUNTS_MAX), example("integer", 100_000)]
    clock: Clock
    assets: tuple[Asset, ...]
    sources: tuple[Source, ...]
    spot: SpotVenue
    venues: tuple[Venue, ...]
    population: Population
    desks: Desks
    makers: Makers
    arbitrage: Arbitrage
    investors: Investors
    vaults: Vaults
    options: Options | None = None
    timeline: tuple[TimelineEvent, ...] = ()
    engine: Engine = Engine()
    provenance: tuple[Provenance, ...] = ()

    @property
    def step_ms(self) -> int:
        """The length of a step in milliseconds."""
        return self.clock.step

    @property
    def duration_s(self) -> int:
        """The seconds from the start of the clock to its end."""
        return int((self.clock.end - self.clock.start).total_seconds())

    @property
    def steps(self) -> int:
        """The number of steps of a run."""
        return self.duration_s * 1000 // self.clock.step

    def second_of(self, time: str) -> int:
        """
        Return the seconds from the start of the clock to a time of day.

        A time before that of the start belongs to the next day; hours above 23 count on from the
        first midnight, so "25:30" is "01:30" of the second day.
        """
        start = self.clock.start
        second = second_of_day(time) - (start.hour * 3600 + start.minute * 60 + start.second)
        return second + SECONDS_PER_DAY if second < 0 else second

    @property
    def volatility_response(self) -> Fraction:
        """By how much implied volatility rises with the fall of the underlying's log price."""
        return (self.options or Options()).volatility_response

    def asset(self, symbol: str) -> Asset:
        """Return the asset of this symbol; KeyError if there is none."""
        return _named(self.assets, "symbol", symbol)

    def venue(self, name: str) -> Venue:
        """Return the venue of this name; KeyError if there is none."""
        return _named(self.venues, "name", name)

    def source(self, name: str) -> Source:
        """Return the source of this name; KeyError if there is none."""
        return _named(self.sources, "name", name)

    def first_price(self, symbol: str) -> Fraction:
        """Return an asset's price in USD at the start of the clock; USD itself is 1."""
        if symbol == "USD":
            return Fraction(1)
        asset = self.asset(symbol)
        if asset.redemption is not None:
            return asset.redemption.ratio * self.first_price(asset.redemption.underlying)
        return asset.anchors[0].price

    def quanta_per_lot(self, symbol: str) -> Fraction:
        """Return the exact price of one lot in quanta at the start of the clock."""
        return self.first_price(symbol) * self.asset(symbol).lot * QUANTA_PER_USD

    def strike_quanta(self, option: OptionMarket) -> int:
        """Return an option's strike in quanta per lot of the underlying, rounded down."""
        return int(option.strike * self.quanta_per_lot(option.asset))

    def resolved(self) -> dict[str, Any]:
        """Return all of it as JSON values, which `load_resolved` turns into an equal scenario."""
        resolved: dict[str, Any] = _sorted(self.model_dump(mode="json", exclude_none=True))
        return resolved
