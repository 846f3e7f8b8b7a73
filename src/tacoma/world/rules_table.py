"""A rulebook as integers: what the compiled venues read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tacoma.world.codes import (
    ADL_PRICE_KINDS,
    ADL_TRIGGERS,
    BOUND_KINDS,
    CAPACITY_KINDS,
    FUNDING_KINDS,
    FUNDING_PRICES,
    INDEX_KINDS,
    MARK_KINDS,
    RANK_KINDS,
    SHARE_KINDS,
    STAGE_NONE,
    STAGES,
    STAGES_MAX,
)
from tacoma.world.layout import RULES, TIERS, Table, table
from tacoma.world.limits import BASIS_SAMPLES, MONEY_QUANTA_MAX, PPB, PPM

if TYPE_CHECKING:
    from fractions import Fraction

    from tacoma.scenario.rulebook import Rulebook
    from tacoma.scenario.schema import Scenario
    from tacoma.world.directory import Directory
    from tacoma.world.layout import Ints


def ppm(share: Fraction) -> int:
    """Return a share in parts per million, rounded down."""
    return int(share * PPM)


def ppb(share: Fraction) -> int:
    """Return a share in parts per billion, rounded down."""
    return int(share * PPB)


def decay_ppb(interval_ms: int, period_ms: int) -> int:
    """Return exp(-interval / period) in ppb, rounded to the nearest."""
    return round(math.exp(-interval_ms / period_ms) * PPB)


def _venue_rules(rules: Rulebook, step_ms: int) -> dict[str, int]:
    """Return the scalar rules of one venue, intervals in steps."""

    def steps(duration_ms: int) -> int:
        return max(1, duration_ms // step_ms)

    mark, waterfall, funding = rules.prices.mark, rules.waterfall, rules.funding
    basis_ms = getattr(mark, "basis_time", mark.interval)
    local_ms = getattr(mark, "local_time", basis_ms)
    market, takeover, adl = waterfall.market, waterfall.takeover, waterfall.adl
    threshold = takeover.threshold if takeover else (0, 1)
    sliced = market.first_slice_above if market else None
    return {
        "index_kind": INDEX_KINDS.index(rules.prices.index.kind),
        "index_interval": steps(rules.prices.index.interval),
        "index_stale_steps": steps(rules.prices.index.stale_after),
        "mark_kind": MARK_KINDS.index(mark.kind),
        "mark_interval": steps(mark.interval),
        "basis_interval": steps(max(1, basis_ms // BASIS_SAMPLES)),
        "basis_decay_ppb": decay_ppb(mark.interval, basis_ms),
        "local_decay_ppb": decay_ppb(mark.interval, local_ms),
        "liquidation_interval": steps(rules.liquidation.interval),
        "liquidation_fee_ppm": ppm(rules.liquidation.fee),
        "bound_kind": BOUND_KINDS.index(market.bound) if market else 0,
        "bound_deviation_ppm": ppm(market.deviation) if market and market.deviation else 0,
        "slice_above_quanta": MONEY_QUANTA_MAX if sliced is None else sliced,
        "slice_ppm": ppm(market.first_slice) if market else PPM,
        "cooldown_steps": -(-market.cooldown // step_ms) if market else 0,
        "takeover_interval": steps(takeover.interval) if takeover else 1,
        "takeover_numerator": threshold[0],
        "takeover_denominator": threshold[1],
        "capacity_kind": CAPACITY_KINDS.index(takeover.capacity) if takeover else 0,
        "adl_trigger": ADL_TRIGGERS.index(adl.trigger if adl else "never"),
        "adl_interval": steps(adl.interval) if adl else 1,
        "adl_rank": RANK_KINDS.index(adl.rank) if adl else 0,
        "adl_price": ADL_PRICE_KINDS.index(adl.price) if adl else 0,
        "share_kind": SHARE_KINDS.index(waterfall.share.kind) if waterfall.share else 0,
        "funding_kind": FUNDING_KINDS.index(funding.kind),
        "funding_interval_steps": steps(funding.interval),
        "funding_interest_ppb": ppb(funding.interest),
        "funding_clamp_ppb": ppb(funding.clamp),
        "funding_cap_ppb": ppb(funding.cap),
        "funding_price": FUNDING_PRICES.index(funding.price),
    }


def build_rules(
    scenario: Scenario, directory: Directory, fees_account: list[int]
) -> tuple[Table, Ints, Ints]:
    """Return the rules of all venues, their waterfall stages, and their weights of sources."""
    count = len(scenario.venues)
    rules = table(RULES, count)
    weight = np.zeros((count, len(directory.sources)), dtype=np.int64)
    stages = np.full((count, STAGES_MAX), STAGE_NONE, dtype=np.int64)
    for row, venue in enumerate(scenario.venues):
        markets = directory.of_venue(row)
        columns = _venue_rules(venue.rules, scenario.step_ms) | {
            "market_first": markets[0].row,
            "market_count": len(markets),
            "fees_account": fees_account[row],
        }
        for name, value in columns.items():
            rules[name][row] = value
        for source, share in venue.rules.prices.index.weights.items():
            weight[row, directory.sources.index(source)] = int(share)
        for place, stage in enumerate(venue.rules.waterfall.order):
            stages[row, place] = STAGES.index(stage)
    return rules, stages, weight


def build_tiers(scenario: Scenario, directory: Directory) -> tuple[Table, Ints, Ints, Ints]:
    """Return the tiers of all markets, first and count per market, steepest rate in ppm."""
    lower: list[int] = []
    numerator: list[int] = []
    denominator: list[int] = []
    first, count, steepest = [], [], []
    for market in directory.markets:
        rows: list[tuple[int, int, int]] = []
        if market.kind == 0:
            rows = list(scenario.venues[market.venue].rules.margin.schedule(market.symbol).tiers)
        first.append(len(lower))
        count.append(len(rows))
        steepest.append(max((-(-num * PPM // den) for _, num, den in rows), default=0))
        for bound, num, den in rows:
            lower.append(bound)
            numerator.append(num)
            denominator.append(den)
    tiers = table(TIERS, len(lower))
    tiers["lower_quanta"] = lower
    tiers["rate_numerator"] = numerator
    tiers["rate_denominator"] = denominator
    whole = [np.array(values, dtype=np.int64) for values in (first, count, steepest)]
    return tiers, whole[0], whole[1], whole[2]
