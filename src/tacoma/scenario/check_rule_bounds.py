"""
Whether a rulebook's numbers stay within the stated maxima of `tacoma.bounds`.

Each check yields findings: the path of a field of the rulebook, and what it must be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from tacoma.bounds import (
    AMOUNT_QUANTA_MAX,
    AVERAGE_SECONDS_MAX,
    MARGIN_RATE_MAX,
    RATE_DENOMINATOR_MAX,
)
from tacoma.scenario.rulebook import Rulebook
from tacoma.scenario.rulebook_margin import (
    BracketTiers,
    FlatMargin,
    HealthWeights,
    IsolatedOptionMargin,
    LeverageTiers,
    OpenInterestMargin,
    RateTiers,
    ScenarioGrid,
    Schedule,
    SkewMargin,
)
from tacoma.scenario.rulebook_types import DEFAULT
from tacoma.scenario.schema import Scenario
from tacoma.units import format_money

Finding = tuple[str, str]

INITIAL_RATE_MAX = 4  # of schedules by tiers
SKEW_LOTS_MAX = 2**62
Tiered = RateTiers | BracketTiers | LeverageTiers


def rule_bound_findings(rules: Rulebook) -> Iterator[Finding]:
    """Yield what of a rulebook would leave a stated maximum, with paths from its top."""
    yield from _averages(rules)
    market = rules.waterfall.market
    if market is not None and (market.first_slice_above or 0) > AMOUNT_QUANTA_MAX:
        yield "waterfall.market.first_slice_above", _below_amount()
    margin = rules.margin
    if isinstance(margin, HealthWeights):
        for asset, weight in margin.liability_initial.items():
            if weight > 1 + MARGIN_RATE_MAX:
                yield f"margin.liability_initial.{asset}", f"must be at most {1 + MARGIN_RATE_MAX}"
    yield from dict.fromkeys(_schedules(rules))  # a field of several assets once


def skew_findings(scenario: Scenario, rules: Rulebook, assets: list[str]) -> Iterator[Finding]:
    """Yield skew scales that are too many lots of an asset."""
    if not isinstance(rules.margin, SkewMargin):
        return
    for asset in assets:
        name = asset if asset in rules.margin.skew_scale else DEFAULT
        scale = rules.margin.skew_scale.get(name)
        if scale is not None and scale / scenario.asset(asset).lot >= SKEW_LOTS_MAX:
            yield (
                f"margin.skew_scale.{name}",
                f"must be fewer than 2**62 lots of {asset}: lower it, or choose a larger lot",
            )


def _below_amount() -> str:
    return f"must be below {format_money(AMOUNT_QUANTA_MAX + 1)}"


def _averages(rules: Rulebook) -> Iterator[Finding]:
    """Yield averages of prices over so long a time that their sums could not be held."""
    mark = rules.prices.mark
    averages = {}
    if mark.kind in ("median_with_perpetuals", "banded_basis"):
        averages["prices.mark.basis_time"] = mark.basis_time
    if mark.kind == "median_with_perpetuals":
        averages["prices.mark.local_time"] = mark.local_time
    if rules.liquidation.average_time is not None:
        averages["liquidation.average_time"] = rules.liquidation.average_time
    for field, period_ms in averages.items():
        if period_ms + mark.interval > AVERAGE_SECONDS_MAX * 1000:
            yield (
                field,
                f"must be at most {AVERAGE_SECONDS_MAX} s together with prices.mark.interval",
            )


# ------------------------------------------------------------------------------- margin


def _schedules(rules: Rulebook) -> Iterator[Finding]:
    """Yield tiers whose bounds or rates no 64 bits can hold."""
    margin = rules.margin
    if isinstance(margin, RateTiers | BracketTiers | LeverageTiers):
        names = list(margin.tiers)
    elif isinstance(margin, FlatMargin | IsolatedOptionMargin):
        names = list(margin.maintenance)
    elif isinstance(margin, OpenInterestMargin):
        names = list(margin.initial)
    elif isinstance(margin, ScenarioGrid):
        names = list(margin.price_range)
    else:
        return
    for name in names:
        try:
            schedules = (margin.schedule(name), margin.initial_schedule(name))
        except KeyError:  # no entry and no default: another finding says so
            continue
        for schedule, table in zip(schedules, _tables(margin), strict=True):
            if schedule is not None:
                path = f"margin.{table}"
                written = getattr(margin, table)
                if isinstance(written, dict):
                    path += f".{name if name in written else DEFAULT}"
                yield from _tiers(schedule, path, is_listed=_is_listed(margin, table))


def _tables(margin: object) -> tuple[str, str]:
    """Return the fields that maintenance and initial margin are computed from."""
    if isinstance(margin, LeverageTiers):
        return "tiers", "tiers"
    if isinstance(margin, RateTiers | BracketTiers):
        return "tiers", "initial"
    if isinstance(margin, OpenInterestMargin):
        return "maintenance_factor", "initial"
    if isinstance(margin, ScenarioGrid):
        return "price_range", "initial_factor"
    return "maintenance", "initial"


def _is_listed(margin: object, table: str) -> bool:
    """Say whether a field holds a list of tiers, whose numbers belong into the path."""
    return isinstance(margin, RateTiers | BracketTiers | LeverageTiers) and table != ""


def _tiers(schedule: Schedule, path: str, *, is_listed: bool) -> Iterator[Finding]:
    """Yield what is too large, or too finely divided, in one schedule."""
    before = 1
    for i, (lower, numerator, denominator) in enumerate(schedule.tiers):
        at = f"{path}[{i}]" if is_listed else path
        if lower > AMOUNT_QUANTA_MAX:
            yield at, f"must start {_below_amount().removeprefix('must be ')}"
        elif math.lcm(before, denominator) > RATE_DENOMINATOR_MAX:
            yield (
                at,
                (
                    f"has a rate of 1/{denominator} parts, which is too fine: rates, and the steps "
                    f"between neighbours, must be parts of at most {RATE_DENOMINATOR_MAX:_}: "
                    "round it to a part per million"
                ),
            )
            return
        elif Fraction(numerator, denominator) > INITIAL_RATE_MAX:
            yield at, f"must give a rate of at most {INITIAL_RATE_MAX * 100} %"
        before = denominator
