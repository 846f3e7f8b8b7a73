"""The waterfall of a rulebook: what happens to an account in need, stage by stage."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from tacoma.errors import UnitError
from tacoma.scenario.rulebook_types import Table
from tacoma.scenario.types import (
    Delay,
    Duration,
    Model,
    Name,
    PositiveRate,
    PositiveRatio,
    PositiveShare,
    Rate,
    Share,
    example,
    name_or,
    wrong,
)
from tacoma.units import money_text, parse_money

STAGES = ("cancel", "market", "convert", "takeover", "insurance", "adl", "share")

Stage = Literal["cancel", "market", "convert", "takeover", "insurance", "adl", "share"]

EVERY_OTHER = "*"
PoolMember = Annotated[str, PlainValidator(name_or(EVERY_OTHER)), example("string", "BTC")]


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
    """
    Liquidation by orders into the book: the price bound, and how much at a time.

    `sizing`: "slices" sends `first_slice` of positions above `first_slice_above` first, waits for
    `cooldown`, then sends the rest; "clips" sends `first_slice` each time, waiting in between;
    "two_tiers" sends what brings the position two margin tiers lower; "to_health" sends no more
    than brings the account back to `health` times its maintenance margin.
    """

    bound: Literal["bankruptcy", "mark_deviation", "fillable", "none"]
    deviation: PositiveRate | None = None
    spread_to_maintenance: PositiveRate | None = None
    sizing: Literal["slices", "clips", "two_tiers", "to_health"] = "slices"
    health: PositiveRatio = Fraction(1)
    first_slice_above: Annotated[
        int | None,
        PlainValidator(_money_or_none),
        PlainSerializer(lambda q: "none" if q is None else money_text(q), when_used="json"),
        WithJsonSchema({"type": "string", "examples": ["100_000 USD", "none"]}),
    ] = None
    first_slice: PositiveShare
    cooldown: Delay


class TakeoverStage(Model):
    """
    A fund, vault, pool or liquidator takes over positions: who, from where on, on what terms.

    `transfer`: "at_bankruptcy_price" moves a position with its share of the equity, which is also
    the price that leaves the ratio of equity to maintenance unchanged; "positions_and_margin"
    moves everything; "at_mark_less_fee" moves positions at the mark and charges `fee`, of which
    `insurance_share` goes to the insurance fund; "auction" moves positions with a part of the
    equity that grows from `discount_start` to `discount_end` over `auction_time`, once that part
    is worth `fee` of the notional to the buyer.
    `sizing`: "all"; "portion" moves `portion` at a time; "share_steps" the smallest multiple of
    `portion` of every position that brings maintenance below `target` of equity; "to_health" what
    brings equity back to `target` times maintenance; "window_cap" at most `portion` of the
    market's open interest per `window`.
    """

    by: Literal["insurance", "backstop"]
    interval: Duration
    threshold: Annotated[
        tuple[int, int],
        PlainValidator(_threshold),
        PlainSerializer(list, when_used="json"),
        WithJsonSchema({"type": "array", "items": {"type": "integer"}}),
    ]
    transfer: Literal["at_bankruptcy_price", "positions_and_margin", "at_mark_less_fee", "auction"]
    capacity: Literal["fund_not_negative", "fund_covers_maintenance", "unlimited"]
    fee: Rate = Fraction(0)
    insurance_share: Share = Fraction(0)
    discount_start: Share = Fraction(0)
    discount_end: Share = Fraction(1)
    auction_time: Duration | None = None
    sizing: Literal["all", "portion", "share_steps", "to_health", "window_cap"] = "all"
    portion: PositiveShare = Fraction(1)
    target: PositiveRatio = Fraction(1)
    window: Duration | None = None


class AdlStage(Model):
    """
    Auto-deleveraging: when, against whom, at which price.

    `trigger`: "takeover_refused"; "negative_equity"; "fund_drawdown", when the insurance fund has
    lost `drawdown` of its peak of the last `window` (and when it is empty); "pool_profit", when
    the profit of one side exceeds `drawdown` of the pool that pays it.
    `rank`: the order of the queue; "pseudo_random" starts at a place drawn from the step and wraps
    around. `allocation`: "greedy" along the queue; "pro_rata" by size; "capped_pro_rata" takes at
    most `cap` of a position; "risk_weighted" by notional times leverage.
    """

    trigger: Literal["takeover_refused", "negative_equity", "fund_drawdown", "pool_profit"]
    interval: Duration
    rank: Literal[
        "profit_times_leverage",
        "price_gain_times_leverage",
        "leverage",
        "profit",
        "pseudo_random",
    ]
    price: Literal["bankruptcy", "previous_mark", "mark"]
    allocation: Literal["greedy", "pro_rata", "capped_pro_rata", "risk_weighted"]
    cap: PositiveShare = Fraction(1)
    drawdown: PositiveRate | None = None
    window: Duration | None = None


class ShareStage(Model):
    """
    What happens to a loss that nobody has covered.

    "profit_pro_rata": winners pay from unrealised profit; "open_interest": both sides pay by
    notional, as through funding; "deposits": by cash balance; "equity": by account value, as a
    haircut on withdrawals; "token_print": holders of the venue's token pay through dilution.
    """

    kind: Literal["none", "profit_pro_rata", "open_interest", "deposits", "equity", "token_print"]


class Waterfall(Model):
    """Who pays, in which order; the stages cancel, convert and insurance need no table."""

    order: tuple[Stage, ...]
    market: MarketStage | None = None
    takeover: TakeoverStage | None = None
    adl: AdlStage | None = None
    share: ShareStage | None = None


class InsuranceLayer(Model):
    """A part of a pool's capital that is used up before the next one."""

    name: Name
    share: PositiveShare


class InsuranceRule(Model):
    """Which markets share which insurance fund ("*": all others), and the layers of a fund."""

    pools: Table[tuple[PoolMember, ...]] = Field(default_factory=dict)
    layers: tuple[InsuranceLayer, ...] = ()

    def pool_of(self, asset: str) -> str | None:
        """Return the pool that covers an asset: the one that names it, else that of all others."""
        for wanted in (asset, EVERY_OTHER):
            for pool, members in self.pools.items():
                if wanted in members:
                    return pool
        return None


class SettlementRule(Model):
    """
    How a liquidation settles between collateral pools.

    Positions of `isolated_pools` have a collateral pool of their own. With "insurance_first" the
    fund pays a deficit into the pool before the counterparty's money leaves it; with
    "collateral_first" the money leaves first, and a pool that cannot pay halts the venue for
    `halt`.
    """

    order: Literal["insurance_first", "collateral_first"] = "insurance_first"
    isolated_pools: tuple[Name, ...] = ()
    halt: Duration | None = None
