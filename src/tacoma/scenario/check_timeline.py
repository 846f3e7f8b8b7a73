"""What must hold for the events of a scenario: they fit the clock and name things that exist."""

from __future__ import annotations

from collections.abc import Iterator

from tacoma.errors import listed
from tacoma.scenario.check_rules import Finding
from tacoma.scenario.events import (
    ALL_VENUES,
    DepthEvent,
    GatewayEvent,
    SellEvent,
    SourceEvent,
    TimelineEvent,
)
from tacoma.scenario.schema import Scenario

LAG_STEPS_MAX = 599  # what a source remembers; world/limits.py has room for one more


def timeline_findings(scenario: Scenario) -> Iterator[Finding]:
    """Yield what is wrong with the events of the timeline."""
    for i, event in enumerate(scenario.timeline):
        at = event_path(scenario, i)
        yield from _times(scenario, event, at)
        if isinstance(event, (GatewayEvent, SellEvent)):
            yield from _place(scenario, event, at)
        if isinstance(event, DepthEvent):
            yield from _books(scenario, event, at)
        if isinstance(event, SourceEvent):
            yield from _source(scenario, event, at)


def event_path(scenario: Scenario, i: int) -> str:
    """Return the path of an event: by its kind where no other event has it, else by number."""
    kinds = [event.kind for event in scenario.timeline]
    return f"timeline.{kinds[i]}" if kinds.count(kinds[i]) == 1 else f"timeline[{i}]"


def _times(scenario: Scenario, event: TimelineEvent, at: str) -> Iterator[Finding]:
    start, end = scenario.clock.start, scenario.clock.end
    span = f"within the clock, {start:%H:%M:%S} to {end:%H:%M:%S} UTC"
    first = scenario.second_of(event.at)
    if first >= scenario.duration_s:
        yield f"{at}.at", f"must be {span}"
        return
    if event.until is None:
        return
    last = scenario.second_of(event.until)
    if event.until == event.at or last <= first:
        yield f"{at}.until", f"must be later than at ({event.at})"
    elif last > scenario.duration_s:
        yield f"{at}.until", f"must be {span}"


def _books(scenario: Scenario, event: DepthEvent, at: str) -> Iterator[Finding]:
    """Yield what is wrong with the books that a depth event names."""
    assets = _assets_by_venue(scenario)
    if event.asset is None and not event.assets:
        yield f"{at}.asset", 'is missing: name one asset, or several as assets = ["ADA", "DOT"]'
    elif event.asset is not None and event.assets:
        yield f"{at}.asset", "must not be given beside assets"
    elif event.venue != ALL_VENUES and event.venue not in assets:
        yield f"{at}.venue", f'must be a venue or "{ALL_VENUES}": {listed(list(assets))}'
    else:
        somewhere = list(dict.fromkeys(name for names in assets.values() for name in names))
        known = somewhere if event.venue == ALL_VENUES else assets[event.venue]
        where = "a market" if event.venue == ALL_VENUES else f"a market on {event.venue}"
        if event.asset is not None and event.asset not in known:
            yield f"{at}.asset", f"must be an asset with {where}: {listed(known)}"
        for i, asset in enumerate(event.assets):
            if asset not in known:
                yield f"{at}.assets[{i}]", f"must be an asset with {where}: {listed(known)}"


def _place(scenario: Scenario, event: GatewayEvent | SellEvent, at: str) -> Iterator[Finding]:
    books = {
        venue.name: [market.asset for market in venue.spot_markets] for venue in scenario.venues
    }
    books[scenario.spot.name] = [market.asset for market in scenario.spot.markets]
    if event.venue not in books:
        yield f"{at}.venue", f"must be a venue: {listed(list(books))}"
    elif isinstance(event, SellEvent) and event.asset not in books[event.venue]:
        known = listed(books[event.venue])
        yield f"{at}.asset", f"must be an asset with a spot book on {event.venue}: {known}"


def _assets_by_venue(scenario: Scenario) -> dict[str, list[str]]:
    """Return the assets with a book on each venue, the spot market among them."""
    found = {
        venue.name: [
            *(market.asset for market in venue.markets),
            *(market.asset for market in venue.spot_markets),
        ]
        for venue in scenario.venues
    }
    found[scenario.spot.name] = [market.asset for market in scenario.spot.markets]
    return found


def is_remembered(scenario: Scenario, lag_ms: int, least_steps: int = 0) -> bool:
    """Say whether a source can look back this far (a lag counts in whole steps, rounded down)."""
    return least_steps <= lag_ms // scenario.step_ms <= LAG_STEPS_MAX


def lag_bound(scenario: Scenario, least_steps: int = 0) -> str:
    """Return the requirement on a lag in words."""
    step_s = scenario.step_ms // 1000
    least = f"at least {least_steps * step_s} s and " if least_steps else ""
    return f"must be {least}at most {LAG_STEPS_MAX * step_s} s"


def _source(scenario: Scenario, event: SourceEvent, at: str) -> Iterator[Finding]:
    sources = [source.name for source in scenario.sources]
    if event.source not in sources:
        yield f"{at}.source", f"must be a source: {listed(sources)}"
    known = [asset.symbol for asset in scenario.assets]
    for i, asset in enumerate(event.assets):
        if asset not in known:
            yield f"{at}.assets[{i}]", f"must be an asset: {listed(known)}"
    if (event.lag is not None and event.lag > 0) != (event.mode == "lagging"):
        need = 'must be more than 0 s; write it like lag = "30 s"'
        yield f"{at}.lag", need if event.mode == "lagging" else "belongs to mode lagging alone"
    elif event.lag is not None and not is_remembered(scenario, event.lag, 1):
        yield f"{at}.lag", lag_bound(scenario, 1)
    if (event.factor is not None) != (event.mode == "lying"):
        need = "is missing: what a lying source's price is multiplied with; write it like 0.9"
        yield f"{at}.factor", need if event.mode == "lying" else "belongs to mode lying alone"
