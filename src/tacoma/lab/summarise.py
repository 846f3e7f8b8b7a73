"""The few numbers of a run: overall and per venue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tacoma.lab.clearing import clearing
from tacoma.lab.tables import equities
from tacoma.units import QUANTA_PER_USD
from tacoma.world.codes import ARBITRAGEUR, LIQUIDATING, PERPETUAL, SPOT, STAGES
from tacoma.world.layout import VENUE_COLUMNS

if TYPE_CHECKING:
    from tacoma.lab.drive import Driven
    from tacoma.scenario.schema import Scenario
    from tacoma.world.layout import Ints

Summary = dict[str, Any]


def _usd(quanta: int) -> float:
    return int(quanta) / QUANTA_PER_USD


def _peak(scenario: Scenario, liquidated: Ints) -> Summary:
    """Return the clock minute in which most was liquidated."""
    per_minute = minutes(scenario, liquidated)
    if not per_minute or max(per_minute.values()) == 0:
        return {"peak_minute_usd": 0.0, "peak_minute": None}
    minute = max(per_minute, key=lambda name: per_minute[name])
    return {"peak_minute_usd": _usd(per_minute[minute]), "peak_minute": minute}


def minutes(scenario: Scenario, per_step: Ints) -> dict[str, int]:
    """Add up a series by minute of the day; step t covers the second that ends at t."""
    start = scenario.clock.start
    first = start.hour * 3600 + start.minute * 60 + start.second
    seconds = first + (np.arange(1, len(per_step) + 1) * scenario.step_ms // 1000) - 1
    totals = np.bincount(seconds // 60 - first // 60, weights=None, minlength=1) * 0
    np.add.at(totals, seconds // 60 - first // 60, per_step)
    return {
        f"{(first // 60 + place) // 60 % 24:02d}:{(first // 60 + place) % 60:02d}": int(total)
        for place, total in enumerate(totals)
    }


def _bad_debt(driven: Driven, venue: int | None) -> int:
    """Negative equity at the end, each account counted once, funds included."""
    accounts = driven.built.world.accounts
    funds = [fund.account for fund in driven.built.directory.funds]
    counted = accounts.kind <= ARBITRAGEUR
    counted[funds] = True
    counted &= accounts.venue < driven.built.directory.margin_venues
    if venue is not None:
        counted &= accounts.venue == venue
    equity = equities(driven.built)
    return int(-np.minimum(equity[counted], 0).sum())


def _closed(driven: Driven, venue: int | None) -> int:
    """Add up what was closed of users' positions, by any stage; funds' own inventory left out."""
    accounts, rows = driven.built.world.accounts, driven.liquidations
    stages = [STAGES.index(name) for name in ("market", "takeover", "adl")]
    mine = np.isin(rows.stage, stages) & (accounts.kind[rows.account] <= ARBITRAGEUR)
    if venue is not None:
        mine &= accounts.venue[rows.account] == venue
    return int((np.abs(rows.lots[mine]) * rows.price[mine]).sum())


def _pending(driven: Driven, venue: int | None) -> int:
    """Count the accounts that are still below maintenance at the end."""
    accounts = driven.built.world.accounts
    waiting = accounts.status == LIQUIDATING
    if venue is not None:
        waiting &= accounts.venue == venue
    return int(waiting.sum())


def _halted_at(scenario: Scenario, driven: Driven, venue: int | None) -> str | None:
    """Return the time of day (UTC) of the first failed settlement, None without one."""
    rows = driven.liquidations[driven.liquidations.stage == STAGES.index("halt")]
    if venue is not None:
        rows = rows[driven.built.world.accounts.venue[rows.account] == venue]
    if not len(rows):
        return None
    seconds = int(rows.step.min()) * scenario.step_ms // 1000
    return f"{scenario.clock.start + timedelta(seconds=seconds):%H:%M:%S}"


def _venue(scenario: Scenario, driven: Driven, venue: int | None) -> Summary:
    """Return the totals of one venue, or of all."""
    world, directory = driven.built.world, driven.built.directory
    record = world.record.venue[1 : driven.steps + 1]
    series = record.sum(axis=1) if venue is None else record[:, venue]
    total = dict(zip(VENUE_COLUMNS, series.sum(axis=0).tolist(), strict=True))
    where = driven.liquidations
    triggered = where[where.stage == STAGES.index("trigger")]
    winners = driven.deleveragings
    if venue is not None:
        triggered = triggered[world.accounts.venue[triggered.account] == venue]
        winners = winners[world.accounts.venue[winners.winner] == venue]
    by = {
        kind: sum(
            int((rows.lots.astype(np.int64) * 0 + np.abs(rows.lots) * rows.price).sum())
            for fund in directory.funds
            if fund.kind == kind and venue in (None, fund.venue)
            for rows in [
                where[(where.fund == fund.account) & (where.stage == STAGES.index("takeover"))]
            ]
        )
        for kind in ("backstop", "insurance")
    }
    largest = np.abs(winners.lots) * winners.price
    summary: Summary = {
        "liquidated_usd": _usd(total["liquidated"]),
        "liquidated_accounts": len(np.unique(triggered.account)),
        "closed_usd": _usd(_closed(driven, venue)),
        "market_usd": _usd(total["market"]),
        "backstop_usd": _usd(by["backstop"]),
        "insurance_takeover_usd": _usd(by["insurance"]),
        "insurance_paid_usd": _usd(total["insurance_paid"]),
        "adl_usd": _usd(total["adl"]),
        "adl_accounts": len(np.unique(winners.winner)),
        "shared_usd": _usd(total["shared"]),
        "bad_debt_usd": _usd(_bad_debt(driven, venue)),
        "pending_accounts": _pending(driven, venue),
        "halts": int((world.venues.halts if venue is None else world.venues.halts[venue]).sum()),
        "halted_at": _halted_at(scenario, driven, venue),
        "long_share": total["long_liquidated"] / max(total["liquidated"], 1),
        "largest_adl_usd": _usd(largest.max()) if len(largest) else 0.0,
        "top_up_usd": _usd(total["top_up"]),
        **_peak(scenario, series[:, 0]),
        **_funds(driven, venue),
        **_lows(driven, venue),
        **(clearing(scenario, driven, venue) if venue is not None else {}),
    }
    return summary


def _funds(driven: Driven, venue: int | None) -> Summary:
    """Return what funds had at the start, and have at the end."""
    summary: Summary = {}
    record = driven.built.world.record.fund
    for kind in ("insurance", "backstop"):
        mine = [
            place
            for place, fund in enumerate(driven.built.directory.funds)
            if fund.kind == kind and venue in (None, fund.venue)
        ]
        start = sum(driven.built.directory.funds[place].capital_quanta for place in mine)
        summary[f"{kind}_start_usd"] = _usd(start)
        summary[f"{kind}_end_usd"] = _usd(record[driven.steps, mine, 0].sum())
        lowest = record[1 : driven.steps + 1][:, mine, 0].sum(axis=1).min() if mine else 0
        summary[f"{kind}_low_usd"] = _usd(lowest)
    mine = [
        place
        for place, fund in enumerate(driven.built.directory.funds)
        if venue in (None, fund.venue)
    ]
    together = record[1 : driven.steps + 1][:, mine, 0].sum(axis=1)
    summary["funds_low_usd"] = _usd(together.min()) if mine else 0.0
    return summary


def _lows(driven: Driven, venue: int | None) -> Summary:
    """Return the lowest mark of each perpetual and the lowest middle of each spot market."""
    directory, record = driven.built.directory, driven.built.world.record.market
    marks: dict[str, float] = {}
    spots: dict[str, float] = {}
    for market in directory.markets:
        if venue not in (None, market.venue):
            continue
        low = int(record[1 : driven.steps + 1, market.row, 0].min())
        price = low / float(directory.lots[market.asset]) / QUANTA_PER_USD
        if market.kind == PERPETUAL:
            marks[
                market.symbol if venue is not None else f"{market.venue_name}:{market.symbol}"
            ] = price
        elif market.kind == SPOT and venue is None:
            spots[market.symbol] = price
    return {"min_price": marks} | ({"min_spot": spots} if venue is None else {})


def summarise(scenario: Scenario, driven: Driven, seed: int) -> Summary:
    """Return the summary of a run, JSON-able, without its hash and times."""
    world, directory = driven.built.world, driven.built.directory
    state = world.audit.state
    liquidated = world.record.venue[1 : driven.steps + 1, :, 0].sum(axis=1)
    by_minute = minutes(scenario, liquidated)
    return {
        "scenario": scenario.name,
        "seed": seed,
        "steps": driven.steps,
        "accounts": scenario.accounts,
        "conserved": bool(state.failed_step[0] < 0 and state.checked[0] == driven.steps),
        **_venue(scenario, driven, None),
        "liquidated_by_minute_usd": [_usd(value) for value in by_minute.values()],
        "venues": {
            name: _venue(scenario, driven, row)
            for row, name in enumerate(directory.venues[: directory.margin_venues])
        },
    }
