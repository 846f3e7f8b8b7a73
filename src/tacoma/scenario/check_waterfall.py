"""
What must hold between the stages of a waterfall, and between them and the insurance pools.

Each check yields findings: the path of a field of a rulebook, and what it must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from tacoma.bounds import HEALTH_MAX
from tacoma.scenario.rulebook import Rulebook
from tacoma.scenario.rulebook_waterfall import (
    EVERY_OTHER,
    AdlStage,
    MarketStage,
    TakeoverStage,
)

Finding = tuple[str, str]

# A field of a stage, and the words of another field of it without which it has no meaning.
ONLY_WITH = (
    ("market", "health", "sizing", ("to_health",)),
    ("market", "first_slice", "sizing", ("slices", "clips")),
    ("market", "first_slice_above", "sizing", ("slices",)),
    ("takeover", "fee", "transfer", ("auction", "at_mark_less_fee")),
    ("takeover", "insurance_share", "transfer", ("at_mark_less_fee",)),
    ("takeover", "discount_start", "transfer", ("auction",)),
    ("takeover", "discount_end", "transfer", ("auction",)),
    ("takeover", "auction_time", "transfer", ("auction",)),
    ("takeover", "portion", "sizing", ("portion", "share_steps", "window_cap")),
    ("takeover", "target", "sizing", ("share_steps", "to_health")),
    ("takeover", "window", "sizing", ("window_cap",)),
    ("adl", "drawdown", "trigger", ("fund_drawdown", "pool_profit")),
    ("adl", "window", "trigger", ("fund_drawdown",)),
    ("adl", "cap", "allocation", ("capped_pro_rata",)),
)
EVERYTHING = {"first_slice": Fraction(1)}  # what says nothing where the field has no default
STEPS_MAX = 1000  # of share_steps
WITH_TABLE = {"market", "takeover", "adl", "share"}


def waterfall_findings(rules: Rulebook) -> Iterator[Finding]:
    """Yield what is wrong with the stages of a rulebook, its pools and its settlement."""
    waterfall, order = rules.waterfall, rules.waterfall.order
    for i, stage in enumerate(order):
        if stage in order[:i]:
            yield f"waterfall.order[{i}]", "must not repeat a stage"
        if stage in WITH_TABLE and getattr(waterfall, stage) is None:
            yield f"waterfall.{stage}", f"is missing: waterfall.order has the stage {stage}"
    yield from _meaningless(rules)
    if not order:
        yield "waterfall.order", 'must name at least one stage; write it like ["cancel", "market"]'
    for field, factor in (
        ("market.health", waterfall.market.health if waterfall.market else 0),
        ("takeover.target", waterfall.takeover.target if waterfall.takeover else 0),
    ):
        if factor > HEALTH_MAX:
            yield f"waterfall.{field}", f"must be at most {HEALTH_MAX}"
    if waterfall.market is not None:
        yield from _market(waterfall.market)
    if waterfall.takeover is not None:
        yield from _takeover(waterfall.takeover)
    if waterfall.adl is not None and "adl" in order:
        yield from _adl(waterfall.adl, order)
    if (rules.liquidation.blocked_above is None) != (rules.liquidation.average_time is None):
        yield (
            "liquidation.average_time",
            'comes together with blocked_above; write it like average_time = "5 min"',
        )
    yield from _accounts(rules)
    yield from _pools(rules)
    yield from _settlement(rules)


def _meaningless(rules: Rulebook) -> Iterator[Finding]:
    """Yield the fields that say something which the words beside them make no use of."""
    for stage, field, other, words in ONLY_WITH:
        table = getattr(rules.waterfall, stage)
        if table is None or getattr(table, other) in words:
            continue
        default = EVERYTHING.get(field, type(table).model_fields[field].default)
        if getattr(table, field) != default:
            yield (
                f"waterfall.{stage}.{field}",
                f"has no meaning with {other} = {getattr(table, other)}; remove it",
            )


def _market(market: MarketStage) -> Iterator[Finding]:
    at = "waterfall.market"
    for bound, field, text in (
        ("mark_deviation", "deviation", '"10 %"'),
        ("fillable", "spread_to_maintenance", '"10 %"'),
    ):
        value = getattr(market, field)
        if market.bound == bound and value is None:
            yield f"{at}.{field}", f"is missing: bound is {bound}; write it like {field} = {text}"
        if market.bound != bound and value is not None:
            yield f"{at}.{field}", f"has no meaning with bound = {market.bound}; remove it"
    if market.sizing == "to_health" and market.health < 1:
        yield f"{at}.health", "must be at least 1: equity ends at this many times maintenance"


def _takeover(takeover: TakeoverStage) -> Iterator[Finding]:
    at = "waterfall.takeover"
    if takeover.transfer == "auction":
        if takeover.auction_time is None:
            yield (
                f"{at}.auction_time",
                'is missing: transfer is auction; write it like auction_time = "10 min"',
            )
        if takeover.discount_end <= takeover.discount_start:
            yield f"{at}.discount_end", "must be above discount_start: the discount grows"
    partial = takeover.sizing != "all"
    if partial and takeover.transfer in {"positions_and_margin", "auction"}:
        yield f"{at}.sizing", f'must be "all": transfer {takeover.transfer} moves everything'
    if takeover.sizing == "window_cap" and takeover.window is None:
        yield f"{at}.window", 'is missing: sizing is window_cap; write it like window = "30 s"'
    if takeover.sizing == "share_steps" and not _is_one_of_many(takeover.portion):
        yield (
            f"{at}.portion",
            (
                f"must be one of at most {STEPS_MAX} equal parts of the whole; "
                'write it like portion = "20 %"'
            ),
        )
    if takeover.sizing == "share_steps" and takeover.target > 1:
        yield f"{at}.target", "must be at most 1: maintenance ends below this part of equity"
    if takeover.sizing == "to_health" and takeover.target < 1:
        yield f"{at}.target", "must be at least 1: equity ends at this many times maintenance"


def _is_one_of_many(portion: Fraction) -> bool:
    """Say whether a whole number of equal portions makes up everything, to the ppm."""
    return (
        portion.numerator == 1
        and portion.denominator <= STEPS_MAX
        and not (10**6 % portion.denominator)
    )


def _adl(adl: AdlStage, order: tuple[str, ...]) -> Iterator[Finding]:
    at = "waterfall.adl"
    if adl.trigger == "takeover_refused" and "takeover" not in order:
        yield (
            f"{at}.trigger",
            "needs the stage takeover in waterfall.order; add it, or use negative_equity",
        )
    if adl.trigger in {"fund_drawdown", "pool_profit"} and adl.drawdown is None:
        yield (
            f"{at}.drawdown",
            f'is missing: trigger is {adl.trigger}; write it like drawdown = "30 %"',
        )
    if adl.trigger == "fund_drawdown" and adl.window is None:
        yield f"{at}.window", 'is missing: trigger is fund_drawdown; write it like window = "8 h"'


def _accounts(rules: Rulebook) -> Iterator[Finding]:
    """Yield the stages that name an account which the rulebook does not have."""
    order = rules.waterfall.order
    if rules.insurance.pools:
        return
    takeover = rules.waterfall.takeover if "takeover" in order else None
    remedy = 'insurance.pools is empty; add a pool, as in pools = { fund = ["*"] }, or'
    if takeover is not None and takeover.by == "insurance":
        yield "waterfall.takeover.by", f"names no account: {remedy} use backstop"
    adl = rules.waterfall.adl if "adl" in order else None
    if adl is not None and adl.trigger in {"fund_drawdown", "pool_profit"} and takeover is None:
        yield "waterfall.adl.trigger", f"names no account: {remedy} use negative_equity"
    if "insurance" in order and takeover is None:
        place = order.index("insurance")
        yield f"waterfall.order[{place}]", f"names no account: {remedy} remove the stage"


def _pools(rules: Rulebook) -> Iterator[Finding]:
    pool_of: dict[str, str] = {}
    for pool, assets in rules.insurance.pools.items():
        for i, asset in enumerate(assets):
            if asset in pool_of:
                path = f"insurance.pools.{pool}[{i}]"
                noun = "the others (*)" if asset == EVERY_OTHER else "it"
                yield path, f"must be in one pool only; {noun} is in {pool_of[asset]} too"
            pool_of[asset] = pool
    shares = [layer.share for layer in rules.insurance.layers]
    if shares and sum(shares) != 1:
        yield "insurance.layers", f"must have shares that add up to 100 %, not {sum(shares)}"


def _settlement(rules: Rulebook) -> Iterator[Finding]:
    settlement = rules.settlement
    if settlement.order == "collateral_first" and settlement.halt is None:
        yield (
            "settlement.halt",
            'is missing: with collateral_first a pool can fail; write it like halt = "8 h"',
        )
