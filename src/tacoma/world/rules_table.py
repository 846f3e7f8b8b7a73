"""A rulebook as integers: what the compiled venues read."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from tacoma.scenario.rulebook_margin import Schedule
from tacoma.world import codes
from tacoma.world.codes import PERPETUAL, STAGE_NONE, STAGES, STAGES_MAX
from tacoma.world.layout import RULES, TIERS, Table, table
from tacoma.world.limits import BASIS_SAMPLES, MONEY_QUANTA_MAX, PPB, PPM

if TYPE_CHECKING:
    from tacoma.scenario.rulebook import Rulebook
    from tacoma.scenario.schema import Scenario
    from tacoma.world.directory import Directory, Market
    from tacoma.world.layout import Ints


SCHEDULE_COLUMNS = (
    "tier_first", "tier_count", "is_stepped", "steepest_rate_ppm", "margin_form", "long_rate_ppm",
    "short_rate_ppm", "premium_ppm", "coins_e6", "skew_lots", "scalar_ppm", "fixed_quanta",
)  # fmt: skip


def ppm(share: Fraction) -> int:
    """Return a share in parts per million, rounded down."""
    return int(share * PPM)


def ppb(share: Fraction) -> int:
    """Return a share in parts per billion, rounded down."""
    return int(share * PPB)


def decay_ppb(interval_ms: int, period_ms: int) -> int:
    """Return exp(-interval / period) in ppb, rounded to the nearest."""
    return round(math.exp(-interval_ms / period_ms) * PPB)


def _steps(duration_ms: int | None, step_ms: int) -> int:
    """Return a duration in steps, at least one; without a duration, one."""
    return max(1, (duration_ms or 0) // step_ms)


def _prices(rules: Rulebook, step_ms: int) -> dict[str, int]:
    """Return the rules of index and mark."""
    index, mark = rules.prices.index, rules.prices.mark
    basis_ms = getattr(mark, "basis_time", mark.interval)
    return {
        "index_kind": codes.INDEX_KINDS.index(index.kind),
        "index_interval": _steps(index.interval, step_ms),
        "index_stale_steps": _steps(index.stale_after, step_ms),
        "mark_kind": codes.MARK_KINDS.index(mark.kind),
        "mark_interval": _steps(mark.interval, step_ms),
        "basis_interval": _steps(basis_ms // BASIS_SAMPLES, step_ms),
        "basis_decay_ppb": decay_ppb(mark.interval, basis_ms),
        "local_decay_ppb": decay_ppb(mark.interval, getattr(mark, "local_time", basis_ms)),
        "basis_band_ppm": ppm(getattr(mark, "band", Fraction(0))),
    }


def _liquidation(rules: Rulebook, step_ms: int) -> dict[str, int]:
    """Return when accounts are liquidated, and the stage of orders into the book."""
    liquidation, market = rules.liquidation, rules.waterfall.market
    columns = {
        "liquidation_interval": _steps(liquidation.interval, step_ms),
        "liquidation_fee_ppm": ppm(liquidation.fee),
        "blocked_ppm": ppm(liquidation.blocked_above or Fraction(0)),
        "average_decay_ppb": decay_ppb(
            rules.prices.mark.interval, liquidation.average_time or rules.prices.mark.interval
        ),
        "liquidation_order": codes.LIQUIDATION_ORDERS.index(liquidation.order),
        "margin_excess": int(liquidation.comparison == "equity <= maintenance"),
        "settlement_order": codes.SETTLEMENT_ORDERS.index(rules.settlement.order),
        "halt_steps": _steps(rules.settlement.halt, step_ms),
        "liquidity_kind": codes.LIQUIDITY_KINDS.index(rules.liquidity.kind),
        "liquidity_fee_ppm": ppm(rules.liquidity.fee),
        "slice_above_quanta": MONEY_QUANTA_MAX,
        "slice_ppm": PPM,
    }
    if market is not None:
        columns |= {
            "bound_kind": codes.BOUND_KINDS.index(market.bound),
            "bound_deviation_ppm": ppm(market.deviation or Fraction(0)),
            "bound_spread_ppm": ppm(market.spread_to_maintenance or Fraction(0)),
            "market_sizing": codes.MARKET_SIZINGS.index(market.sizing),
            "health_ppm": ppm(market.health),
            "slice_ppm": ppm(market.first_slice),
            "cooldown_steps": -(-market.cooldown // step_ms),
        }
        if market.first_slice_above is not None:
            columns["slice_above_quanta"] = market.first_slice_above
    return columns


def _takeover(rules: Rulebook, step_ms: int) -> dict[str, int]:
    """Return the stage in which somebody takes positions over."""
    takeover = rules.waterfall.takeover
    if takeover is None:
        return {"takeover_interval": 1, "takeover_denominator": 1, "portion_ppm": PPM}
    return {
        "takeover_interval": _steps(takeover.interval, step_ms),
        "takeover_numerator": takeover.threshold[0],
        "takeover_denominator": takeover.threshold[1],
        "capacity_kind": codes.CAPACITY_KINDS.index(takeover.capacity),
        "transfer_kind": codes.TRANSFER_KINDS.index(takeover.transfer),
        "takeover_fee_ppm": ppm(takeover.fee),
        "insurance_share_ppm": ppm(takeover.insurance_share),
        "discount_start_ppm": ppm(takeover.discount_start),
        "discount_end_ppm": ppm(takeover.discount_end),
        "auction_steps": _steps(takeover.auction_time, step_ms),
        "takeover_sizing": codes.TAKEOVER_SIZINGS.index(takeover.sizing),
        "portion_ppm": ppm(takeover.portion),
        "target_ppm": ppm(takeover.target),
        "window_steps": _steps(takeover.window, step_ms),
    }


def _losses(rules: Rulebook, step_ms: int) -> dict[str, int]:
    """Return the stages of deleveraging and loss sharing, and funding."""
    adl, share, funding = rules.waterfall.adl, rules.waterfall.share, rules.funding
    columns = {
        "adl_trigger": codes.ADL_TRIGGERS.index(adl.trigger if adl else "never"),
        "adl_interval": _steps(adl.interval if adl else None, step_ms),
        "share_kind": codes.SHARE_KINDS.index(share.kind) if share else 0,
        "funding_kind": codes.FUNDING_KINDS.index(funding.kind),
        "funding_interval_steps": _steps(funding.interval, step_ms),
        "funding_interest_ppb": ppb(funding.interest),
        "funding_clamp_ppb": ppb(funding.clamp),
        "funding_cap_ppb": ppb(funding.cap),
        "premium_kind": codes.PREMIUM_KINDS.index(funding.premium),
        "premium_period_steps": _steps(funding.period or funding.interval, step_ms),
        "funding_decrease_ppb": ppb(funding.decrease),
        "stable_threshold_ppm": ppm(funding.stable_threshold),
        "decrease_threshold_ppm": ppm(funding.decrease_threshold),
        "funding_price": codes.FUNDING_PRICES.index(funding.price),
    }
    if adl is not None:
        columns |= {
            "adl_rank": codes.RANK_KINDS.index(adl.rank),
            "adl_price": codes.ADL_PRICE_KINDS.index(adl.price),
            "adl_allocation": codes.ADL_ALLOCATIONS.index(adl.allocation),
            "adl_cap_ppm": ppm(adl.cap),
            "drawdown_ppm": ppm(adl.drawdown or Fraction(0)),
            "drawdown_steps": _steps(adl.window, step_ms),
        }
    return columns


def _venue_rules(rules: Rulebook, step_ms: int) -> dict[str, int]:
    """Return the scalar rules of one venue, intervals in steps."""
    return (
        _prices(rules, step_ms)
        | _liquidation(rules, step_ms)
        | _takeover(rules, step_ms)
        | _losses(rules, step_ms)
    )


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


def ceil_ppm(share: Fraction) -> int:
    """Return a share in parts per million, rounded up."""
    return -(-share.numerator * PPM // share.denominator)


def _schedule(scenario: Scenario, market: Market, *, is_initial: bool) -> Schedule:
    """Return the margin schedule of a market; without an initial one it is empty."""
    if market.kind != PERPETUAL:
        return Schedule("tiers")
    margin = scenario.venues[market.venue].rules.margin
    if is_initial:
        return margin.initial_schedule(market.symbol) or Schedule("tiers")
    return margin.schedule(market.symbol)


def build_tiers(
    scenario: Scenario, directory: Directory, *, is_initial: bool = False
) -> tuple[Table, dict[str, Ints]]:
    """Return the tiers of all markets, and what each market's margin schedule says.

    Of the maintenance margin, or of the initial one: a market whose rulebook states none of it has
    no tiers.
    """
    lower: list[int] = []
    numerator: list[int] = []
    denominator: list[int] = []
    columns: dict[str, list[int]] = {name: [] for name in SCHEDULE_COLUMNS}
    for market in directory.markets:
        schedule = _schedule(scenario, market, is_initial=is_initial)
        coins = scenario.asset(market.symbol).lot
        row = {
            "tier_first": len(lower),
            "tier_count": len(schedule.tiers),
            "is_stepped": int(schedule.is_stepped),
            "steepest_rate_ppm": max(
                (-(-num * PPM // den) for _, num, den in schedule.tiers), default=0
            ),
            "margin_form": codes.MARGIN_FORMS.index(schedule.form),
            "long_rate_ppm": ceil_ppm(schedule.long_rate),
            "short_rate_ppm": ceil_ppm(schedule.short_rate),
            "premium_ppm": ppm(schedule.premium),
            "coins_e6": int(coins * 10**6),
            "skew_lots": max(1, int(schedule.skew_scale / coins)) if schedule.form == "skew" else 0,
            "scalar_ppm": ppm(schedule.scalar),
            "fixed_quanta": schedule.fixed_quanta,
        }
        for name, value in row.items():
            columns[name].append(value)
        for bound, num, den in schedule.tiers:
            lower.append(bound)
            numerator.append(num)
            denominator.append(den)
    tiers = table(TIERS, len(lower))
    tiers["lower_quanta"] = lower
    tiers["rate_numerator"] = numerator
    tiers["rate_denominator"] = denominator
    return tiers, {name: np.array(value, dtype=np.int64) for name, value in columns.items()}
