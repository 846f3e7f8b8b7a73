"""
A rulebook: one venue's rules as data, each kind of rule named by a word.

The words are closed sets; a venue with another rule adds a word and its formula in `tacoma.rules`.
Numbers are exact: money in quanta, rates as fractions, durations in milliseconds. The parts are
in `rulebook_prices`, `rulebook_margin` and `rulebook_waterfall`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from tacoma.scenario.rulebook_margin import LeverageTiers, Margin, RateTiers
from tacoma.scenario.rulebook_prices import Prices
from tacoma.scenario.rulebook_types import DEFAULT, Table
from tacoma.scenario.rulebook_waterfall import (
    STAGES,
    InsuranceRule,
    MarketStage,
    SettlementRule,
    TakeoverStage,
    Waterfall,
)
from tacoma.scenario.types import (
    Duration,
    Model,
    Name,
    PositiveRate,
    PositiveShare,
    Rate,
    example,
    whole,
    wrong,
)

__all__ = [
    "DEFAULT",
    "STAGES",
    "LeverageTiers",
    "MarketStage",
    "RateTiers",
    "Rulebook",
    "TakeoverStage",
    "Waterfall",
]


def _source(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong("must name the source, or give the reason")
    return value


class Provenance(Model):
    """Where numbers come from: field paths (* for any one name) and a source or a reason."""

    paths: tuple[str, ...]
    kind: Literal["fact", "assumption"] = "fact"
    source: Annotated[str, PlainValidator(_source), example("string", "a document's title")]


class Units(Model):
    """The venue's own units of account."""

    quote: Name
    money_decimals: Annotated[int, whole(0, 18), example("integer", 6)]


class AccountModes(Model):
    """The margin modes that accounts can have."""

    modes: tuple[Literal["cross", "isolated", "portfolio"], ...]


class CollateralRule(Model):
    """How much of a collateral asset's value counts as margin, and which price values it."""

    weight: PositiveShare
    price: Literal["own_book", "index", "redemption"]


class LiquidationRule(Model):
    """
    When an account is liquidated, at which price, how often that is looked at, and the fee.

    With `blocked_above`, positions of a market are not liquidated while its mark is that far from
    its average over `average_time`.
    """

    comparison: Literal["equity < maintenance", "equity <= maintenance"]
    price: Literal["mark"]
    interval: Duration
    fee: Rate
    order: Literal["account", "pseudo_random"] = "account"
    blocked_above: PositiveRate | None = None
    average_time: Duration | None = None


class FundingRule(Model):
    """
    What longs pay shorts, how often, and the bounds on it.

    The premium is that of the best prices over the index ("impact": 0 inside the book) or of their
    middle, averaged over the interval. "interest_clamped": the premium, pulled to the interest by
    at most `clamp`; "interest_clamped_eighth": an eighth of that, for rates of 8 hours paid every
    hour; "premium": the mean premium times interval / `period` plus interest; "deadband": the
    part of the premium beyond +-`clamp`; "velocity": the rate moves by `clamp` an interval times
    the skew over its scale; "adaptive_skew": by `clamp` an interval times the skew above
    `stable_threshold`, back by `decrease` below `decrease_threshold`; "none". Always within
    +-`cap`.
    """

    kind: Literal[
        "interest_clamped",
        "interest_clamped_eighth",
        "premium",
        "deadband",
        "velocity",
        "adaptive_skew",
        "none",
    ]
    interval: Duration
    interest: Rate
    clamp: Rate
    cap: Rate
    price: Literal["mark", "index"]
    premium: Literal["impact", "middle"] = "impact"
    period: Duration | None = None
    decrease: Rate = Fraction(0)
    stable_threshold: Rate = Fraction(0)
    decrease_threshold: Rate = Fraction(0)


class LiquidityRule(Model):
    """
    What users trade against: "order_book" for makers' quotes, "constant_product" for a pool.

    A pool (x * y = k) quotes around the price that its inventory implies and takes `fee`.
    """

    kind: Literal["order_book", "constant_product"] = "order_book"
    fee: Rate = Fraction(0)


class Rulebook(Model):
    """All rules of one venue."""

    name: Name
    title: str
    as_of: str = ""
    notes: tuple[str, ...] = ()
    units: Units
    account: AccountModes
    collateral: Table[CollateralRule] = Field(default_factory=dict)
    prices: Prices
    margin: Margin
    liquidity: LiquidityRule = LiquidityRule()
    liquidation: LiquidationRule
    waterfall: Waterfall
    insurance: InsuranceRule = InsuranceRule()
    settlement: SettlementRule = SettlementRule()
    funding: FundingRule
    provenance: tuple[Provenance, ...] = ()
