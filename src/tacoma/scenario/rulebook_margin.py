"""Margin schedules of a rulebook: how much equity a position asks for, by kinds with names."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from tacoma.errors import UnitError
from tacoma.scenario.rulebook_types import DEFAULT, Table, Value, Weight
from tacoma.scenario.types import (
    Model,
    Money,
    PositiveRate,
    PositiveRatio,
    PositiveShare,
    Rate,
    example,
    rate_text,
    whole,
    wrong,
)
from tacoma.units import money_text, parse_money, parse_rate


class MarginTier(NamedTuple):
    """From this notional on, in quanta, the part above it is charged at this rate."""

    lower_quanta: int
    rate: Fraction


class LeverageTier(NamedTuple):
    """From this notional on, in quanta, this is the highest leverage."""

    lower_quanta: int
    leverage: int


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


class Schedule(NamedTuple):
    """
    One asset's maintenance margin, as the engine reads it.

    `form` says which numbers count. "tiers": brackets (lower quanta, rate numerator, denominator),
    continuous at their bounds unless `is_stepped`. "sides": a rate for longs and one for shorts.
    "size": the larger of the rate and 4/5 of it plus `premium` * sqrt(coins). "skew": `scalar`
    times the rate plus `premium` * coins / `skew_scale`. `fixed_quanta` is added per position.
    """

    form: Literal["tiers", "sides", "size", "skew"]
    tiers: tuple[tuple[int, int, int], ...] = ()
    is_stepped: bool = False
    long_rate: Fraction = Fraction(0)
    short_rate: Fraction = Fraction(0)
    premium: Fraction = Fraction(0)
    skew_scale: Fraction = Fraction(0)
    scalar: Fraction = Fraction(1)
    fixed_quanta: int = 0


def of_asset(table: Mapping[str, Value], asset: str) -> Value:
    """Return what a table says of an asset: its own entry, else the default one."""
    return table[asset] if asset in table else table[DEFAULT]


def _initial_tiers(
    tables: Mapping[str, tuple[MarginTier, ...]], asset: str, *, is_stepped: bool
) -> Schedule | None:
    """Return the initial margin that tiers state, None where they say nothing of an asset."""
    tiers = tables.get(asset, tables.get(DEFAULT))
    if not tiers:
        return None
    rows = tuple((t.lower_quanta, t.rate.numerator, t.rate.denominator) for t in tiers)
    return Schedule("tiers", rows, is_stepped=is_stepped)


def _flat(rate: Fraction) -> tuple[tuple[int, int, int], ...]:
    return ((0, rate.numerator, rate.denominator),)


class _BracketRates(Model):
    """What `RateTiers` and `BracketTiers` share: they differ in how a bracket's rate is applied."""

    is_stepped: ClassVar[bool]
    kind: str
    tiers: Table[tuple[_MarginTierField, ...]]
    initial: Table[tuple[_MarginTierField, ...]] = Field(default_factory=dict)

    def tier_table(self, asset: str) -> list[tuple[int, int, int]]:
        """Return (lower quanta, rate numerator, rate denominator) per bracket of an asset."""
        tiers = of_asset(self.tiers, asset)
        return [(t.lower_quanta, t.rate.numerator, t.rate.denominator) for t in tiers]

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset."""
        return Schedule("tiers", tuple(self.tier_table(asset)), is_stepped=self.is_stepped)

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset, where the rulebook has one."""
        return _initial_tiers(self.initial, asset, is_stepped=self.is_stepped)


class RateTiers(_BracketRates):
    """
    Maintenance margin by brackets of notional, given as rates.

    Each rate holds for the part of the notional inside its bracket (a deduction per bracket says
    the same). `initial` gives the initial margin in the same way, where it is published.
    """

    is_stepped: ClassVar[bool] = False
    kind: Literal["tiers"]


class BracketTiers(_BracketRates):
    """Maintenance margin by brackets: the whole position at the rate of the bracket it is in."""

    is_stepped: ClassVar[bool] = True
    kind: Literal["bracket_tiers"]


class LeverageTiers(Model):
    """Maintenance margin as `maintenance_factor` of 1 / maximum leverage, by brackets."""

    kind: Literal["maximum_leverage_tiers"]
    maintenance_factor: tuple[Weight, Weight]
    tiers: Table[tuple[_LeverageTierField, ...]]

    def tier_table(self, asset: str) -> list[tuple[int, int, int]]:
        """Return (lower quanta, rate numerator, rate denominator) per bracket of an asset."""
        factor = Fraction(*self.maintenance_factor)
        tiers = of_asset(self.tiers, asset)
        rates = [(tier.lower_quanta, factor / tier.leverage) for tier in tiers]
        return [(lower, rate.numerator, rate.denominator) for lower, rate in rates]

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset."""
        return Schedule("tiers", tuple(self.tier_table(asset)))

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin: 1 / maximum leverage."""
        rows = tuple((t.lower_quanta, 1, t.leverage) for t in of_asset(self.tiers, asset))
        return Schedule("tiers", rows)


class FlatMargin(Model):
    """One rate, whatever the size."""

    kind: Literal["flat"]
    maintenance: Table[PositiveRate]
    initial: Table[PositiveRate]

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset."""
        return Schedule("tiers", _flat(of_asset(self.maintenance, asset)))

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset."""
        return Schedule("tiers", _flat(of_asset(self.initial, asset)))


class OpenInterestMargin(Model):
    """
    Initial margin grows with a market's open interest between `lower` and `upper`, up to 100 %.

    Maintenance is `maintenance_factor` of the base initial rate, whatever the open interest.
    """

    kind: Literal["open_interest_scaled"]
    initial: Table[PositiveRate]
    maintenance_factor: Table[PositiveShare]
    lower: Table[Money] = Field(default_factory=dict)
    upper: Table[Money] = Field(default_factory=dict)

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset."""
        rate = of_asset(self.initial, asset) * of_asset(self.maintenance_factor, asset)
        return Schedule("tiers", _flat(rate))

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset at low open interest."""
        return Schedule("tiers", _flat(of_asset(self.initial, asset)))


class SizePremiumMargin(Model):
    """The larger of a rate and 4/5 of it plus `premium` times the square root of the coins."""

    kind: Literal["size_premium"]
    maintenance: Table[PositiveRate]
    initial: Table[PositiveRate]
    premium: Table[Rate]

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset."""
        rate = of_asset(self.maintenance, asset)
        premium = of_asset(self.premium, asset)
        return Schedule("size", long_rate=rate, short_rate=rate, premium=premium)

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset."""
        rate, premium = of_asset(self.initial, asset), of_asset(self.premium, asset)
        return Schedule("size", long_rate=rate, short_rate=rate, premium=premium)


class SkewMargin(Model):
    """
    Initial rate: |coins| / `skew_scale` * `fraction` + `minimum`.

    Maintenance is `maintenance_scalar` of it; `fixed` money is added per position.
    """

    kind: Literal["skew_linear"]
    fraction: Table[PositiveRatio]
    minimum: Table[PositiveRate]
    maintenance_scalar: Table[PositiveShare]
    skew_scale: Table[PositiveRatio]
    fixed: Money

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset."""
        rate = of_asset(self.minimum, asset)
        return Schedule(
            "skew",
            long_rate=rate,
            short_rate=rate,
            premium=of_asset(self.fraction, asset),
            skew_scale=of_asset(self.skew_scale, asset),
            scalar=of_asset(self.maintenance_scalar, asset),
            fixed_quanta=self.fixed,
        )

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset."""
        return self.schedule(asset)._replace(scalar=Fraction(1))


class HealthWeights(Model):
    """
    Assets count less than their value and liabilities more: weights instead of rates.

    A long asks for 1 - asset weight of its notional, a short for liability weight - 1.
    """

    kind: Literal["health_weights"]
    asset_maintenance: Table[PositiveShare]
    asset_initial: Table[PositiveShare]
    liability_maintenance: Table[PositiveRatio]
    liability_initial: Table[PositiveRatio]

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset."""
        return Schedule(
            "sides",
            long_rate=1 - of_asset(self.asset_maintenance, asset),
            short_rate=of_asset(self.liability_maintenance, asset) - 1,
        )

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset."""
        return Schedule(
            "sides",
            long_rate=1 - of_asset(self.asset_initial, asset),
            short_rate=of_asset(self.liability_initial, asset) - 1,
        )


class OptionParameters(Model):
    """Standard margin of short options, as parts of the underlying's price (and of the mark)."""

    initial: PositiveRate
    initial_least: PositiveRate
    maintenance_call: PositiveRate
    maintenance_put: PositiveRate
    maintenance_put_mark: Rate


class IsolatedOptionMargin(Model):
    """Perpetuals at flat rates; each short option by its own formula or the largest loss."""

    kind: Literal["isolated_or_max_loss"]
    maintenance: Table[PositiveRate]
    initial: Table[PositiveRate]
    options: OptionParameters

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset's perpetual."""
        return Schedule("tiers", _flat(of_asset(self.maintenance, asset)))

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset."""
        return Schedule("tiers", _flat(of_asset(self.initial, asset)))


class ScenarioGrid(Model):
    """
    Portfolio margin: the worst loss over a grid of price and volatility moves.

    Prices move by up to `price_range` in `price_steps` equal steps either way, with volatility up,
    unchanged and down; `extremes` are further moves of which `extreme_share` of the loss counts.
    `contingency` is added on the notional of perpetuals. Initial and maintenance margin are
    factors of the result.
    """

    kind: Literal["scenario_grid"]
    price_range: Table[PositiveRate]
    price_steps: Annotated[int, whole(1, 16), example("integer", 4)]
    volatility_up: PositiveRate
    volatility_down: Rate
    extremes: tuple[Rate, ...] = ()
    extreme_share: PositiveShare = Fraction(1)
    contingency: Rate
    maintenance_factor: PositiveRatio
    initial_factor: PositiveRatio

    def schedule(self, asset: str) -> Schedule:
        """Return the maintenance margin of an asset's perpetual held alone."""
        return Schedule("tiers", _flat(self.rate(asset, self.maintenance_factor)))

    def initial_schedule(self, asset: str) -> Schedule | None:
        """Return the initial margin of an asset's perpetual held alone."""
        return Schedule("tiers", _flat(self.rate(asset, self.initial_factor)))

    def rate(self, asset: str, factor: Fraction) -> Fraction:
        """Return the margin rate of a perpetual held alone: its worst move, and contingency."""
        moves = [of_asset(self.price_range, asset)]
        moves += [extreme * self.extreme_share for extreme in self.extremes]
        return max(moves) * factor + self.contingency


Margin = Annotated[
    RateTiers
    | BracketTiers
    | LeverageTiers
    | FlatMargin
    | OpenInterestMargin
    | SizePremiumMargin
    | SkewMargin
    | HealthWeights
    | IsolatedOptionMargin
    | ScenarioGrid,
    Field(discriminator="kind"),
]
