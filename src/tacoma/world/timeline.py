"""The scenario's timeline as input records: faults begin and end, everything else is a label."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from tacoma.world.codes import (
    FAULT,
    FAULT_DEPTH,
    FAULT_GATEWAY,
    FAULT_NEWS,
    FAULT_SELL,
    FAULT_SOURCE,
    FAULT_VOLATILITY,
    OPTION,
    SOURCE_LIVE,
    SOURCE_MODES,
    SPOT,
)
from tacoma.world.limits import PPM

ALL_VENUES = "all"

if TYPE_CHECKING:
    from collections.abc import Callable

    from tacoma.scenario.events import DepthEvent
    from tacoma.scenario.schema import Scenario, TimelineEvent
    from tacoma.world.directory import Directory
    from tacoma.world.layout import Journal

Record = tuple[int, int, int, int, int, int]  # step, component, what, first, second, third


def step_of(scenario: Scenario, time: str) -> int:
    """Return the step at which a time of day is reached (at least 1)."""
    return max(1, scenario.second_of(time) * 1000 // scenario.step_ms)


class Span(NamedTuple):
    """A state that one event gives one component, from a step to before another."""

    what: int
    component: int
    begin: int
    end: int
    state: tuple[Fraction, int, int]  # a factor or availability; for a source also mode and lag


def _spans(scenario: Scenario, directory: Directory, event: TimelineEvent) -> list[Span]:
    """Return what one event does to which component, and for how long."""
    begin = step_of(scenario, event.at)
    end = step_of(scenario, event.until) if event.until else begin

    def span(what: int, component: int, part: Fraction, mode: int = 0, lag: int = 0) -> Span:
        return Span(what, component, begin, end, (part, mode, lag))

    if event.kind == "volatility":
        return [span(FAULT_VOLATILITY, 0, event.factor)]
    if event.kind == "gateway":
        venue = directory.venues.index(event.venue)
        return [span(FAULT_GATEWAY, venue, event.availability)]
    if event.kind == "depth":
        return [span(FAULT_DEPTH, row, event.factor) for row in _books(directory, event)]
    if event.kind == "source":
        source = directory.sources.index(event.source)
        mode, lag = SOURCE_MODES.index(event.mode), (event.lag or 0) // scenario.step_ms
        return [
            span(
                FAULT_SOURCE,
                directory.assets.index(symbol) * len(directory.sources) + source,
                event.factor or Fraction(1),
                mode,
                lag,
            )
            for symbol in event.assets or directory.assets
        ]
    return []


def _labels(scenario: Scenario, directory: Directory, event: TimelineEvent) -> list[Record]:
    """Return the record of an event that only marks a time: news, the begin of a sale."""
    begin = step_of(scenario, event.at)
    if event.kind == "news":
        return [(begin, 0, FAULT_NEWS, 0, 0, 0)]
    if event.kind == "sell":
        market = directory.market(event.venue, event.asset, SPOT)
        return [(begin, market.row, FAULT_SELL, event.amount // market.price_quanta, 0, 0)]
    return []


def _record_of(what: int, component: int, step: int, active: list[Span]) -> Record:
    """Return a component's state at a step at which some event begins or ends.

    Events that overlap multiply their factors; of a price source the last one listed decides.
    """
    if what == FAULT_SOURCE:
        part, mode, lag = active[-1].state if active else (Fraction(1), SOURCE_LIVE, 0)
        return (step, component, what, mode, lag, int(part * PPM))
    factor = math.prod((span.state[0] for span in active), start=Fraction(1))
    return (step, component, what, int(factor * PPM), 0, 0)


def _changes(scenario: Scenario, directory: Directory) -> list[Record]:
    """Return every change of every component, in order of step."""
    spans = [span for event in scenario.timeline for span in _spans(scenario, directory, event)]
    by_component: dict[tuple[int, int], list[Span]] = {}
    for span in spans:
        by_component.setdefault((span.what, span.component), []).append(span)
    changes = [
        record for event in scenario.timeline for record in _labels(scenario, directory, event)
    ]
    for (what, component), mine in by_component.items():
        for step in sorted({span.begin for span in mine} | {span.end for span in mine}):
            active = [span for span in mine if span.begin <= step < span.end]
            changes.append(_record_of(what, component, step, active))
    return sorted(changes, key=lambda change: change[0])  # stable


def _books(directory: Directory, event: DepthEvent) -> list[int]:
    """Return the rows of the books that a depth event concerns."""
    symbols = event.assets or (event.asset,)
    return [
        market.row
        for market in directory.markets
        if market.symbol in symbols
        and market.kind != OPTION
        and event.venue in (ALL_VENUES, market.venue_name)
    ]


def timeline_records(
    scenario: Scenario, directory: Directory, empty: Callable[[int], Journal]
) -> Journal:
    """Return the queue of all timeline records in order of step."""
    changes = _changes(scenario, directory)
    queue = empty(max(len(changes), 1))
    queue.length[0] = len(changes)
    for row, (step, component, what, first, second, third) in enumerate(changes):
        queue.rows.step[row] = step
        queue.rows.kind[row] = FAULT
        queue.rows.account[row] = component
        queue.rows.market[row] = what
        queue.rows.first[row] = first
        queue.rows.second[row] = second
        queue.rows.third[row] = third
    return queue
