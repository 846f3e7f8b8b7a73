"""The scenario's timeline as input records: faults begin and end, everything else is a label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.world.codes import (
    FAULT,
    FAULT_DEPTH,
    FAULT_GATEWAY,
    FAULT_NEWS,
    FAULT_SELL,
    FAULT_SOURCE,
    FAULT_VOLATILITY,
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


def _changes(scenario: Scenario, directory: Directory, event: TimelineEvent) -> list[Record]:
    """Return what one event changes, and changes back."""
    begin = step_of(scenario, event.at)
    end = step_of(scenario, event.until) if event.until else begin
    if event.kind == "news":
        return [(begin, 0, FAULT_NEWS, 0, 0, 0)]
    if event.kind == "volatility":
        factor = int(event.factor * PPM)
        return [(begin, 0, FAULT_VOLATILITY, factor, 0, 0), (end, 0, FAULT_VOLATILITY, PPM, 0, 0)]
    if event.kind == "gateway":
        venue = directory.venues.index(event.venue)
        part = int(event.availability * PPM)
        return [(begin, venue, FAULT_GATEWAY, part, 0, 0), (end, venue, FAULT_GATEWAY, PPM, 0, 0)]
    if event.kind == "depth":
        factor = int(event.factor * PPM)
        return [
            (step, row, FAULT_DEPTH, part, 0, 0)
            for row in _books(directory, event)
            for step, part in ((begin, factor), (end, PPM))
        ]
    if event.kind == "sell":
        market = directory.markets[_book(directory, event.venue, event.asset)]
        return [(begin, market.row, FAULT_SELL, event.amount // market.price_quanta, 0, 0)]
    return _source_changes(scenario, directory, event, begin, end)


def _books(directory: Directory, event: DepthEvent) -> list[int]:
    """Return the rows of the books that a depth event concerns."""
    symbols = event.assets or (event.asset,)
    return [
        market.row
        for market in directory.markets
        if market.symbol in symbols and event.venue in (ALL_VENUES, market.venue_name)
    ]


def _book(directory: Directory, venue: str, symbol: str) -> int:
    """Return the venue's book in an asset: its perpetual, or else its spot market."""
    try:
        return directory.market(venue, symbol).row
    except KeyError:
        return directory.market(venue, symbol, SPOT).row


def _source_changes(
    scenario: Scenario, directory: Directory, event: TimelineEvent, begin: int, end: int
) -> list[Record]:
    """Return the changes of a source's behaviour, for each asset it concerns."""
    source = directory.sources.index(event.source)  # type: ignore[union-attr]
    mode = SOURCE_MODES.index(event.mode)  # type: ignore[union-attr]
    lag = (event.lag or 0) // scenario.step_ms  # type: ignore[union-attr]
    factor = int((event.factor or 1) * PPM)  # type: ignore[union-attr]
    changes = []
    for symbol in event.assets or directory.assets:  # type: ignore[union-attr]
        component = directory.assets.index(symbol) * len(directory.sources) + source
        changes.append((begin, component, FAULT_SOURCE, mode, lag, factor))
        changes.append((end, component, FAULT_SOURCE, SOURCE_LIVE, 0, PPM))
    return changes


def timeline_records(
    scenario: Scenario, directory: Directory, empty: Callable[[int], Journal]
) -> Journal:
    """Return the queue of all timeline records in order of step."""
    changes = [
        change for event in scenario.timeline for change in _changes(scenario, directory, event)
    ]
    changes.sort(key=lambda change: change[0])  # stable: the order of the file breaks ties
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
