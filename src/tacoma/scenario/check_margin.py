"""
What must hold inside a margin schedule: no gap, no overlap, maintenance not above initial.

Each check yields findings: the path of a field below `margin`, and what it must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from tacoma.scenario.rulebook_margin import (
    BracketTiers,
    FlatMargin,
    HealthWeights,
    IsolatedOptionMargin,
    LeverageTiers,
    Margin,
    OpenInterestMargin,
    RateTiers,
    ScenarioGrid,
    SizePremiumMargin,
    SkewMargin,
    of_asset,
)
from tacoma.scenario.rulebook_types import DEFAULT
from tacoma.units import money_text

Finding = tuple[str, str]
FRACTION_MAX = 1000  # larger ones would leave 64 bits with the largest positions
Tiered = RateTiers | BracketTiers | LeverageTiers

EXTREMES_MAX = 14  # with 16 price steps, 127 scenarios
FACTOR_MAX = 10

# Tables of a schedule whose entries may be absent altogether.
OPTIONAL = {"lower", "upper"}


def margin_findings(margin: Margin) -> Iterator[Finding]:
    """Yield what is wrong inside a margin schedule."""
    if isinstance(margin, RateTiers | BracketTiers | LeverageTiers):
        yield from _tiered(margin)
    elif isinstance(margin, FlatMargin | SizePremiumMargin | IsolatedOptionMargin):
        yield from _initial_above(margin.maintenance, margin.initial)
    elif isinstance(margin, HealthWeights):
        yield from _weights(margin)
    elif isinstance(margin, OpenInterestMargin):
        yield from _open_interest(margin)
    elif isinstance(margin, ScenarioGrid):
        yield from _grid(margin)
    elif isinstance(margin, SkewMargin):
        for asset, minimum in margin.minimum.items():
            if minimum >= 1:
                yield f"minimum.{asset}", "must be below 100 %"
        for asset, fraction in margin.fraction.items():
            if fraction > FRACTION_MAX:
                yield f"fraction.{asset}", f"must be at most {FRACTION_MAX}"
    yield from _defaults(margin)


def asset_findings(margin: Margin, assets: list[str]) -> Iterator[Finding]:
    """Yield the tables that say nothing about one of a venue's assets."""
    for name, table in _tables(margin):
        if table and DEFAULT not in table and name not in OPTIONAL:
            for asset in assets:
                if asset not in table:
                    noun = "tiers" if name == "tiers" else "value"
                    yield name, f'has no {noun} for {asset} and no "default"'


def _tables(margin: Margin) -> Iterator[tuple[str, dict[str, object]]]:
    for name in type(margin).model_fields:
        value = getattr(margin, name)
        if isinstance(value, dict):
            yield name, value


def _defaults(margin: Margin) -> Iterator[Finding]:
    for name, table in _tables(margin):
        is_required = type(margin).model_fields[name].is_required()
        if not table and is_required and name != "tiers":
            yield name, 'must have a value; write it like default = "5 %"'


def _tiered(margin: Tiered) -> Iterator[Finding]:
    if not margin.tiers:
        yield "tiers", 'must have tiers; write it like default = [[0, "1 %"]]'
    for asset, tiers in margin.tiers.items():
        path = f"tiers.{asset}"
        if not tiers:
            yield path, "must have at least one tier, which starts at 0 USD"
            continue
        if tiers[0].lower_quanta != 0:
            yield f"{path}[0]", "must start at 0 USD, so that every position has a rate"
        rates = [Fraction(n, d) for _, n, d in margin.tier_table(asset)]
        if rates[-1] >= 1:
            yield f"{path}[{len(rates) - 1}]", "must give a maintenance rate below 100 %"
        for i in range(1, len(tiers)):
            lower = tiers[i - 1].lower_quanta
            if tiers[i].lower_quanta <= lower:
                yield f"{path}[{i}]", f"must start above the tier before it ({money_text(lower)})"
            if rates[i] <= rates[i - 1]:
                yield f"{path}[{i}]", _steeper(margin, asset, i)
    if not isinstance(margin, LeverageTiers):
        yield from _initial_tiers(margin)
    elif margin.maintenance_factor[0] > margin.maintenance_factor[1]:
        yield (
            "maintenance_factor",
            (
                "must be at most 1, as [numerator, denominator]: maintenance is a part of the "
                "initial margin; write it like [1, 2]"
            ),
        )


def _steeper(margin: Tiered, asset: str, i: int) -> str:
    if isinstance(margin, LeverageTiers):
        before = margin.tiers[asset][i - 1].leverage
        return f"must have a lower maximum leverage than the tier before it ({before})"
    rate = float(margin.tiers[asset][i - 1].rate * 100)
    return f"must have a higher rate than the tier before it ({rate:g} %)"


def _initial_tiers(margin: RateTiers | BracketTiers) -> Iterator[Finding]:
    """Yield the brackets of the initial margin that ask for less than maintenance does."""
    for asset, tiers in margin.initial.items():
        path = f"initial.{asset}"
        if not tiers or tiers[0].lower_quanta != 0:
            yield path, "must have tiers, the first of which starts at 0 USD"
            continue
        if asset not in margin.tiers and DEFAULT not in margin.tiers:
            yield path, "has no maintenance tiers of the same name"
            continue
        maintenance = of_asset(margin.tiers, asset)
        for i, tier in enumerate(tiers):
            if i and tier.lower_quanta <= tiers[i - 1].lower_quanta:
                yield f"{path}[{i}]", "must start above the tier before it"
            end = tiers[i + 1].lower_quanta if i + 1 < len(tiers) else None
            rates = [m.rate for m in maintenance if end is None or m.lower_quanta < end]
            if rates and tier.rate < rates[-1]:
                yield f"{path}[{i}]", _above(tier.rate, rates[-1])


def _above(initial: Fraction, maintenance: Fraction) -> str:
    return (
        f"asks for less ({float(initial * 100):g} %) than the maintenance margin "
        f"({float(maintenance * 100):g} %): raise it, or lower maintenance"
    )


def _initial_above(
    maintenance: dict[str, Fraction], initial: dict[str, Fraction]
) -> Iterator[Finding]:
    for asset in sorted(maintenance.keys() | initial.keys()):
        kept = maintenance.get(asset, maintenance.get(DEFAULT))
        asked = initial.get(asset, initial.get(DEFAULT))
        if kept is not None and asked is not None and kept > asked:
            name = "maintenance" if asset in maintenance else "initial"
            yield (
                f"{name}.{asset}",
                (
                    f"gives a maintenance rate ({float(kept * 100):g} %) above the initial one "
                    f"({float(asked * 100):g} %): lower maintenance, or raise initial"
                ),
            )


def _weights(margin: HealthWeights) -> Iterator[Finding]:
    for asset, weight in margin.asset_maintenance.items():
        if weight >= 1:
            yield f"asset_maintenance.{asset}", "must be below 1: a long needs some margin"
    for asset, weight in margin.liability_maintenance.items():
        if not 1 < weight < 2:
            yield f"liability_maintenance.{asset}", "must be above 1 and below 2"
    for name, kept, initial in _pairs(margin.asset_maintenance, margin.asset_initial):
        if initial > kept:
            yield (
                f"asset_initial.{name}",
                f"must not be above the maintenance weight ({float(kept):g})",
            )
    for name, kept, initial in _pairs(margin.liability_maintenance, margin.liability_initial):
        if initial < kept:
            yield (
                f"liability_initial.{name}",
                f"must not be below the maintenance weight ({float(kept):g})",
            )


def _pairs(
    maintenance: dict[str, Fraction], initial: dict[str, Fraction]
) -> Iterator[tuple[str, Fraction, Fraction]]:
    """Yield what both tables say of each name in either, with the name of the initial entry."""
    for asset in sorted(maintenance.keys() | initial.keys()):
        kept = maintenance.get(asset, maintenance.get(DEFAULT))
        asked = initial.get(asset, initial.get(DEFAULT))
        if kept is not None and asked is not None:
            yield (asset if asset in initial else DEFAULT), kept, asked


def _open_interest(margin: OpenInterestMargin) -> Iterator[Finding]:
    for asset in margin.initial:
        factor = margin.maintenance_factor.get(asset, margin.maintenance_factor.get(DEFAULT))
        if factor is not None and margin.initial[asset] * factor >= 1:
            yield f"initial.{asset}", "must give a maintenance rate below 100 %"
    for asset in sorted(margin.lower.keys() | margin.upper.keys()):
        low, high = margin.lower.get(asset), margin.upper.get(asset)
        if low is None or high is None:
            name = "lower" if low is None else "upper"
            yield f"{name}.{asset}", "is missing: lower and upper bounds come in pairs"
        elif high <= low:
            yield f"upper.{asset}", f"must be above lower.{asset} ({money_text(low)})"


def _grid(margin: ScenarioGrid) -> Iterator[Finding]:
    if len(margin.extremes) > EXTREMES_MAX:
        yield "extremes", f"must have at most {EXTREMES_MAX} moves"
    if margin.maintenance_factor > FACTOR_MAX:
        yield "maintenance_factor", f"must be at most {FACTOR_MAX}"
    if margin.maintenance_factor > margin.initial_factor:
        yield (
            "maintenance_factor",
            f"must not be above initial_factor ({float(margin.initial_factor):g})",
        )
    for asset in margin.price_range:
        if margin.rate(asset, margin.maintenance_factor) >= 1:
            yield f"price_range.{asset}", "must give a maintenance rate below 100 %"
