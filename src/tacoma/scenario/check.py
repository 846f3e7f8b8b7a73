"""
What must hold between the fields of a scenario, once each field is right by itself.

Each check yields findings: the path of a field and what it must be. The message shows the value
as the author wrote it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction

from tacoma.bounds import (
    AMOUNT_QUANTA_MAX,
    LOT_QUANTA_MIN,
    OPEN_LOTS_MAX,
    PRICE_QUANTA_MAX,
    STEPS_MAX,
)
from tacoma.errors import Problem, listed
from tacoma.scenario.check_bounds import bound_findings
from tacoma.scenario.check_options import option_findings, share_findings
from tacoma.scenario.check_rules import Finding, rulebook_findings, source_findings, venue_findings
from tacoma.scenario.check_timeline import is_remembered, lag_bound, timeline_findings
from tacoma.scenario.paths import Raw, lookup
from tacoma.scenario.rulebook import DEFAULT, Rulebook
from tacoma.scenario.schema import Asset, Population, Scenario, Venue
from tacoma.scenario.types import Model
from tacoma.units import QUANTA_PER_USD, format_money, ratio_text

LOT_QUANTA_MAX = PRICE_QUANTA_MAX + 1
CLOCK_SECONDS_MAX = STEPS_MAX  # steps of a second are the shortest
STEP_MS_MAX = 60_000

CAPITAL_QUANTA_MAX = AMOUNT_QUANTA_MAX + 1  # of all makers together, a fourth of what 64 bits hold


def check(scenario: Scenario, table: Raw, file: str) -> list[Problem]:
    """Return the contradictions between the fields of a scenario; `table` is its raw form."""
    findings = list(_names(scenario))
    # With two things of one name, or an empty list, further findings would only confuse.
    if not findings:
        findings += _clock(scenario)
    if not findings:
        findings += [*_assets(scenario), *_sources(scenario), *_spot(scenario)]
    if not findings:
        findings += _shares(scenario)
        for venue in scenario.venues:
            findings += [*_venue(scenario, venue), *venue_findings(scenario, venue)]
            findings += option_findings(scenario, venue)
        findings += share_findings(scenario)
        findings += timeline_findings(scenario)
    if not findings:
        findings += bound_findings(scenario)
    return _problems(findings, table, file)


def check_rulebook(rules: Rulebook, table: Raw, file: str) -> list[Problem]:
    """Return the contradictions inside a rulebook, and its rules without a source."""
    return _problems([*rulebook_findings(rules), *source_findings(table)], table, file)


def unsourced(table: Raw, file: str) -> list[Problem]:
    """Return the rules of a rulebook's raw table that name no source."""
    return _problems(source_findings(table), table, file)


def _problems(findings: Iterable[Finding], table: Raw, file: str) -> list[Problem]:
    return [Problem(file, field, lookup(table, field), text) for field, text in findings]


# ------------------------------------------------------------------------------- names


def _names(scenario: Scenario) -> Iterator[Finding]:
    yield from _unique("assets", "symbol", scenario.assets)
    yield from _unique("sources", "name", scenario.sources)
    yield from _unique("spot.markets", "asset", scenario.spot.markets)
    yield from _unique("venues", "name", scenario.venues)
    yield from _unique("population.groups", "name", scenario.population.groups)
    for venue in scenario.venues:
        at = f"venues.{venue.name}"
        yield from _unique(f"{at}.markets", "asset", venue.markets)
        yield from _unique(f"{at}.spot_markets", "asset", venue.spot_markets, least=0)
        yield from _unique(f"{at}.insurance", "pool", venue.insurance, least=0)
        yield from _unique(f"{at}.backstop", "vault", venue.backstop, least=0)
        if venue.name == scenario.spot.name:
            yield f"{at}.name", "must differ from spot.name"
    for asset in scenario.assets:
        if asset.symbol in {"USD", DEFAULT}:
            yield f"assets.{asset.symbol}.symbol", "is a reserved word; choose another symbol"


def _unique(path: str, key: str, entries: tuple[Model, ...], least: int = 1) -> Iterator[Finding]:
    if len(entries) < least:
        yield path, "must have at least one entry"
    counts = Counter(getattr(entry, key) for entry in entries)
    for name, count in counts.items():
        if count > 1:
            yield f"{path}.*.{key}", f'must be different names, but "{name}" is there {count} times'


# ------------------------------------------------------------------------------- clock


def _clock(scenario: Scenario) -> Iterator[Finding]:
    step_ms = scenario.step_ms
    if step_ms % 1000 != 0 or step_ms > STEP_MS_MAX:
        yield "clock.step", 'must be a whole number of seconds from 1 to 60; write it like "1 s"'
    elif not 0 < scenario.duration_s <= CLOCK_SECONDS_MAX:
        yield "clock.end", "must be after clock.start, by at most 72 hours"
    elif scenario.duration_s * 1000 % step_ms != 0:
        yield "clock.step", "must divide the time from clock.start to clock.end"


# ------------------------------------------------------------------------------- assets


def _assets(scenario: Scenario) -> Iterator[Finding]:
    anchored = {asset.symbol for asset in scenario.assets if asset.anchors}
    for asset in scenario.assets:
        at = f"assets.{asset.symbol}"
        if asset.redemption is None:
            findings = list(_anchors(scenario, asset, f"{at}.anchors"))
            yield from findings
            if not findings:
                yield from _lot(scenario, asset)
        elif asset.anchors:
            yield f"{at}.anchors", "must be absent, since redemption gives the price"
        elif asset.redemption.underlying not in {*anchored, "USD"}:
            yield f"{at}.redemption.underlying", "must be USD or an asset that has anchors"
        else:
            yield from _lot(scenario, asset)


def _anchors(scenario: Scenario, asset: Asset, at: str) -> Iterator[Finding]:
    example = f'[["{_start(scenario)}", 100.0], ["{_end(scenario)}", 98.5]]'
    if not asset.anchors:
        yield at, f"is missing (or give a redemption); write it like anchors = {example}"
        return
    if len(asset.anchors) < 2:
        yield at, f"must have an anchor at both ends of the clock; write it like {example}"
        return
    seconds = [scenario.second_of(anchor.time) for anchor in asset.anchors]
    span = f"{_start(scenario)} to {_end(scenario)}"
    outside = [i for i, second in enumerate(seconds) if second > scenario.duration_s]
    for i in outside:
        yield f"{at}[{i}]", f"must be within the clock, {span}"
    if outside:
        return
    for i in range(1, len(seconds)):
        if seconds[i] <= seconds[i - 1]:
            before = asset.anchors[i - 1].time
            yield f"{at}[{i}]", f"must be later than the anchor before it ({before})"
    if seconds[0] != 0:
        yield f"{at}[0]", f'must be at the start of the clock, "{_start(scenario)}"'
    if seconds[-1] != scenario.duration_s:
        yield f"{at}[{len(seconds) - 1}]", f'must be at the end of the clock, "{_end(scenario)}"'


def _start(scenario: Scenario) -> str:
    return f"{scenario.clock.start:%H:%M:%S}".removesuffix(":00")


def _end(scenario: Scenario) -> str:
    start = scenario.clock.start
    second = start.hour * 3600 + start.minute * 60 + start.second + scenario.duration_s
    hours, rest = divmod(second, 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}".removesuffix(":00")


def _lot(scenario: Scenario, asset: Asset) -> Iterator[Finding]:
    prices = [anchor.price for anchor in asset.anchors] or [scenario.first_price(asset.symbol)]
    if asset.redemption is not None and asset.redemption.underlying != "USD":
        underlying = scenario.asset(asset.redemption.underlying)
        prices = [anchor.price * asset.redemption.ratio for anchor in underlying.anchors]
    least = min(prices) * asset.lot * QUANTA_PER_USD
    most = max(prices) * asset.lot * QUANTA_PER_USD
    if least >= LOT_QUANTA_MIN and most < LOT_QUANTA_MAX:
        return
    wrong, size = (least, "larger") if least < LOT_QUANTA_MIN else (most, "smaller")
    span = f"from {format_money(LOT_QUANTA_MIN)} to {format_money(LOT_QUANTA_MAX)}"
    yield (
        f"assets.{asset.symbol}.lot",
        f"makes a lot worth {format_money(int(wrong))}; it must be {span}: choose a {size} lot",
    )


# ------------------------------------------------------------------------------- markets


def _sources(scenario: Scenario) -> Iterator[Finding]:
    venues = [venue.name for venue in scenario.venues]
    for source in scenario.sources:
        at = f"sources.{source.name}"
        if source.local_venue is not None and source.local_venue not in venues:
            yield f"{at}.local_venue", f"must be a venue: {listed(venues)}"
        if source.local_venue is None and source.local_share != 0:
            yield f"{at}.local_share", "needs local_venue, the venue whose gap it shows"
        if not is_remembered(scenario, source.lag):
            yield f"{at}.lag", lag_bound(scenario)


def _spot(scenario: Scenario) -> Iterator[Finding]:
    known = [asset.symbol for asset in scenario.assets]
    for market in scenario.spot.markets:
        if market.asset not in known:
            yield f"spot.markets.{market.asset}.asset", f"must be an asset: {listed(known)}"


def _venue(scenario: Scenario, venue: Venue) -> Iterator[Finding]:
    at = f"venues.{venue.name}"
    known = [asset.symbol for asset in scenario.assets]
    spot = {market.asset for market in scenario.spot.markets}
    for book in venue.spot_markets:
        if book.asset not in known:
            yield f"{at}.spot_markets.{book.asset}.asset", f"must be an asset: {listed(known)}"
    for market in venue.markets:
        path = f"{at}.markets.{market.asset}"
        if market.asset not in known:
            yield f"{path}.asset", f"must be an asset: {listed(known)}"
            continue
        if market.asset not in spot:
            yield (
                f"{path}.asset",
                f"needs a spot market, which the index reads; add {market.asset} to spot.markets",
            )
        lots = market.open_interest / scenario.quanta_per_lot(market.asset)
        if not 1 <= lots <= OPEN_LOTS_MAX:
            yield (
                f"{path}.open_interest",
                (
                    f"is {int(lots):_} lots; it must be from 1 to {OPEN_LOTS_MAX:_} lots: "
                    f"change it or assets.{market.asset}.lot"
                ),
            )


# ------------------------------------------------------------------------------- shares


def _shares(scenario: Scenario) -> Iterator[Finding]:
    yield from _sum("venues.*.account_share", [v.account_share for v in scenario.venues])
    yield from _population(scenario.population)
    makers = scenario.makers
    if len(makers.shares) != makers.count:
        yield "makers.shares", f"must have makers.count ({makers.count}) entries, one per maker"
    yield from _sum("makers.shares", makers.shares)
    depth = sum(market.depth for venue in scenario.venues for market in venue.markets)
    depth += sum(market.depth for market in scenario.spot.markets)
    if depth * makers.inventory_multiple * makers.capital >= CAPITAL_QUANTA_MAX:
        yield "makers.capital", "gives makers 1e12 USD or more: lower it, or inventory_multiple"


def _population(population: Population) -> Iterator[Finding]:
    groups = population.groups
    yield from _sum("population.groups.*.accounts", [group.accounts for group in groups])
    yield from _sum("population.groups.*.interest", [group.interest for group in groups])
    yield from _sum("population.positions", population.positions)
    if population.top_up_share + population.close_share > 1:
        yield (
            "population.close_share",
            "must be at most 1 together with population.top_up_share",
        )
    if population.stop_share > 0 and not population.stop_distances:
        yield "population.stop_distances", 'must not be empty; write it like ["5 %", "10 %"]'


def _sum(path: str, shares: Iterable[Fraction]) -> Iterator[Finding]:
    total = sum(shares, Fraction(0))
    if total != 1:
        shown = ratio_text(total)
        yield path, f"must sum to 1, but sum to {shown}: change one of them"
