"""
A rulebook: one venue's rules as data, each kind of rule named by a word.

The words are closed sets; a venue with another rule adds a word here and its formula in
`tacoma.rules`. Numbers are exact: money in quanta, rates as fractions, durations in milliseconds.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, NamedTuple, TypeVar

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from tacoma.errors import UnitError
from tacoma.scenario.types import (
    Delay,
    Duration,
    Model,
    Name,
    PositiveRate,
    PositiveShare,
    Rate,
    example,
    rate_text,
    whole,
    wrong,
)
from tacoma.units import money_text, parse_money, parse_rate

STAGES = ("cancel", "market", "convert", "takeover", "adl", "share")
DEFAULT = "default"  # the name of the tiers of every asset that has none of its own

Stage = Literal["cancel", "market", "convert", "takeover", "insurance", "adl", "share"]
Weight = Annotated[int, whole(1, 1_000_000), example("integer", 3)]


class MarginTier(NamedTuple):
    """From this notional on, in quanta, the part above it is charged at this rate."""

    lower_quanta: int
    rate: Fraction


class LeverageTier(NamedTuple):
    """From this notional on, in quanta, this is the highest leverage."""

    lower_quanta: int
    leverage: int


Value = TypeVar("Value")


def _in_order(table: dict[str, Value]) -> dict[str, Value]:
    """Sort a table by name: the order of keys in a file must not change a run."""
    return dict(sorted(table.items()))


Table = Annotated[dict[Name, Value], AfterValidator(_in_order)]


class Provenance(Model):
    """Where numbers come from: field paths (* for any one name) and a source or a reason."""

    paths: tuple[str, ...]
    kind: Literal["fact", "assumption"] = "fact"
    source: str


class Units(Model):
    """The venue's own units of account."""

    quote: Name
    money_decimals: Annotated[int, whole(0, 18), example("integer", 6)]


class AccountModes(Model):
    """The margin modes that accounts can have."""

    modes: tuple[Literal["cross", "isolated"], ...]


class CollateralRule(Model):
    """How much of a collateral asset's value counts as margin, and which price values it."""

    weight: PositiveShare
    price: Literal["own_book", "index", "redemption"]


class WeightedMedianIndex(Model):
    """Index price: the weighted median of the sources."""

    kind: Literal["weighted_median"]
    interval: Duration
    stale_after: Duration
    weights: Table[Weight]


class WeightedMeanCappedIndex(Model):
    """Index price: the weighted mean of the sources, each kept within `cap` of their median."""

    kind: Literal["weighted_mean_capped"]
    interval: Duration
    stale_after: Duration
    cap: PositiveRate
    cap_majors: PositiveRate
    majors: tuple[Name, ...] = ()
    weights: Table[Weight]


class BinanceMark(Model):
    """Mark price: the median of index with funding, index with average basis, and last price."""

    kind: Literal["binance"]
    interval: Duration
    basis_time: Duration


class HyperliquidMark(Model):
    """Mark price: a median of oracle with average basis, the own book, and external perpetuals."""

    kind: Literal["hyperliquid"]
    interval: Duration
    basis_time: Duration
    local_time: Duration
    external_venues: tuple[Name, ...] = ()


class Prices(Model):
    """The prices that margin, funding and liquidation read."""

    index: Annotated[WeightedMedianIndex | WeightedMeanCappedIndex, Field(discriminator="kind")]
    mark: Annotated[BinanceMark | HyperliquidMark, Field(discriminator="kind")]


def _tier(value: object, example: str) -> tuple[int, object]:
    """Return the lower bound in quanta (a bare number is USD) and the unread second part."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise wrong(f"must be a pair [from this notional, ...]; write it like {example}")
    lower = value[0]
    if isinstance(lower, int) and not isinstance(lower, bool):
        lower = f"{lower} USD"
    try:
        lower_quanta = parse_money(lower)
    except UnitError as error:
        raise wrong(f"starts with a notional that {error.requirement}") from None
    if lower_quanta < 0:
        raise wrong(f"starts below 0 USD; write it like {example}")
    return lower_quanta, value[1]


def _margin_tier(value: object) -> MarginTier:
    lower_quanta, rate = _tier(value, '[50_000, "0.5 %"]')
    try:
        parsed = parse_rate(rate)
    except UnitError as error:
        raise wrong(f"ends with a maintenance rate that {error.requirement}") from None
    if not 0 < parsed < 1:
        raise wrong("ends with a maintenance rate that must be more than 0 % and below 100 %")
    return MarginTier(lower_quanta, parsed)


def _leverage_tier(value: object) -> LeverageTier:
    lower_quanta, leverage = _tier(value, "[150_000_000, 20]")
    if isinstance(leverage, bool) or not isinstance(leverage, int) or not 1 <= leverage <= 1000:
        raise wrong("ends with a leverage that must be a whole number from 1 to 1000")
    return LeverageTier(lower_quanta, leverage)


_TIER_SCHEMA = WithJsonSchema({"type": "array", "minItems": 2, "maxItems": 2})
_MarginTierField = Annotated[
    MarginTier,
    PlainValidator(_margin_tier),
    PlainSerializer(
        lambda tier: [money_text(tier.lower_quanta), rate_text(tier.rate)], when_used="json"
    ),
    _TIER_SCHEMA,
]
_LeverageTierField = Annotated[
    LeverageTier,
    PlainValidator(_leverage_tier),
    PlainSerializer(lambda t: [money_text(t.lower_quanta), t.leverage], when_used="json"),
    _TIER_SCHEMA,
]


class RateTiers(Model):
    """Maintenance margin by brackets of notional, given as rates."""

    kind: Literal["tiers"]
    tiers: Table[tuple[_MarginTierField, ...]]

    def tier_table(self, asset: str) -> list[tuple[int, int, int]]:
        """Return (lower quanta, rate numerator, rate denominator) per bracket of an asset."""
        tiers = self.tiers[asset] if asset in self.tiers else self.tiers[DEFAULT]
        return [(t.lower_quanta, t.rate.numerator, t.rate.denominator) for t in tiers]


class LeverageTiers(Model):
    """Maintenance margin as `maintenance_factor` of 1 / maximum leverage, by brackets."""

    kind: Literal["maximum_leverage_tiers"]
    maintenance_factor: tuple[Weight, Weight]
    tiers: Table[tuple[_LeverageTierField, ...]]

    def tier_table(self, asset: str) -> list[tuple[int, int, int]]:
        """Return (lower quanta, rate numerator, rate denominator) per bracket of an asset."""
        factor = Fraction(*self.maintenance_factor)
        tiers = self.tiers[asset] if asset in self.tiers else self.tiers[DEFAULT]
        rates = [(tier.lower_quanta, factor / tier.leverage) for tier in tiers]
        return [(lower, rate.numerator, rate.denominator) for lower, rate in rates]


Margin = Annotated[RateTiers | LeverageTiers, Field(discriminator="kind")]


class LiquidationRule(Model):
    """When an account is liquidated, at which price, how often that is looked at, and the fee."""

    comparison: Literal["equity < maintenance"]
    price: Literal["mark"]
    interval: Duration
    fee: Rate


def _money_or_none(value: object) -> int | None:
    if value == "none":
        return None
    try:
        quanta = parse_money(value)
    except UnitError as error:
        raise wrong(f'{error.requirement}, or "none"') from None
    if quanta <= 0:
        raise wrong('must be more than 0 USD; write it like "100_000 USD", or "none"')
    return quanta


def _threshold(value: object) -> tuple[int, int]:
    if (
        not isinstance(value, (list, tuple))
        or len(value) != 2
        or any(isinstance(part, bool) or not isinstance(part, int) for part in value)
        or not 0 < value[0] <= value[1] <= 1_000_000
    ):
        raise wrong(
            "must be [numerator, denominator] of a part of the maintenance margin, "
            "more than 0 and at most 1; write it like [2, 3]"
        )
    return value[0], value[1]


class MarketStage(Model):
    """Liquidation by orders into the book: the price bound, and slices for large positions."""

    bound: Literal["bankruptcy", "mark_deviation"]
    deviation: PositiveRate | None = None
    first_slice_above: Annotated[
        int | None,
        PlainValidator(_money_or_none),
        PlainSerializer(lambda q: "none" if q is None else money_text(q), when_used="json"),
        WithJsonSchema({"type": "string", "examples": ["100_000 USD", "none"]}),
    ] = None
    first_slice: PositiveShare
    cooldown: Delay


class TakeoverStage(Model):
    """A fund or vault takes over what the book did not: who, from where on, and on what terms."""

    by: Literal["insurance", "backstop"]
    interval: Duration
    threshold: Annotated[
        tuple[int, int],
        PlainValidator(_threshold),
        PlainSerializer(list, when_used="json"),
        WithJsonSchema({"type": "array", "items": {"type": "integer"}}),
    ]
    transfer: Literal["at_bankruptcy_price", "positions_and_margin"]
    capacity: Literal["fund_not_negative", "unlimited"]


class AdlStage(Model):
    """Auto-deleveraging: when, against whom, at which price."""

    trigger: Literal["takeover_refused", "negative_equity"]
    interval: Duration
    rank: Literal["profit_times_leverage", "hyperliquid"]
    price: Literal["bankruptcy", "previous_mark"]
    allocation: Literal["greedy"]


class ShareStage(Model):
    """What happens to a loss that nobody has covered."""

    kind: Literal["none", "profit_pro_rata"]


class Waterfall(Model):
    """Who pays, in which order; the stages cancel and convert need no table."""

    order: tuple[Stage, ...]
    market: MarketStage | None = None
    takeover: TakeoverStage | None = None
    adl: AdlStage | None = None
    share: ShareStage | None = None


class InsuranceRule(Model):
    """Which markets share which insurance fund."""

    pools: Table[tuple[Name, ...]] = Field(default_factory=dict)


class FundingRule(Model):
    """What longs pay shorts, how often, and the bounds on it."""

    kind: Literal["binance", "hyperliquid"]
    interval: Duration
    interest: Rate
    clamp: Rate
    cap: Rate
    price: Literal["mark", "index"]


class Rulebook(Model):
    """All rules of one venue."""

    name: Name
    title: str
    as_of: str = ""
    units: Units
    account: AccountModes
    collateral: Table[CollateralRule] = Field(default_factory=dict)
    prices: Prices
    margin: Margin
    liquidation: LiquidationRule
    waterfall: Waterfall
    insurance: InsuranceRule = InsuranceRule()
    funding: FundingRule
    provenance: tuple[Provenance, ...] = ()
