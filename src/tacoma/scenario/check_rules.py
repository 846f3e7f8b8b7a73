"""
What must hold between the rules of one venue, and between them and the scenario.

Each check yields findings: the path of a field and what it must be.
"""

from __future__ import annotations

from collections.abc import Iterator

from tacoma.errors import listed
from tacoma.scenario.check_margin import asset_findings, margin_findings
from tacoma.scenario.check_rule_bounds import rule_bound_findings, skew_findings
from tacoma.scenario.check_waterfall import waterfall_findings
from tacoma.scenario.paths import Raw, leaves, matches
from tacoma.scenario.rulebook import Rulebook
from tacoma.scenario.rulebook_waterfall import TakeoverStage
from tacoma.scenario.schema import Redemption, Scenario, Venue

Finding = tuple[str, str]

# What identifies or describes a rulebook is no claim about a venue.
NOT_CLAIMS = {"provenance", "name", "title", "as_of", "notes"}


def rulebook_findings(rules: Rulebook) -> Iterator[Finding]:
    """Yield what is wrong inside a rulebook, with paths from its top."""
    if not rules.account.modes:
        yield "account.modes", 'must name a margin mode; write it like ["cross", "isolated"]'
    if not rules.prices.index.weights:
        yield "prices.index.weights", "must name at least one source; write it like okx = 2"
    for field, requirement in margin_findings(rules.margin):
        yield f"margin.{field}", requirement
    yield from waterfall_findings(rules)
    yield from rule_bound_findings(rules)


def source_findings(table: Raw) -> Iterator[Finding]:
    """Yield the rules of a rulebook's file that no [[provenance]] entry covers."""
    patterns = []
    for entry in table.get("provenance") or ():
        paths = entry.get("paths") if isinstance(entry, dict) else None
        patterns += [path for path in paths or () if isinstance(path, str)]
    claims = {key: value for key, value in table.items() if key not in NOT_CLAIMS}
    for path, _ in leaves(claims):
        if not any(matches(pattern, path) for pattern in patterns):
            yield (
                path,
                (
                    "has no source; cover it with a [[provenance]] entry: "
                    f'paths = ["{path}"], kind = "fact" or "assumption", source = "..."'
                ),
            )


# ------------------------------------------------------------------- rules and scenario


def venue_findings(scenario: Scenario, venue: Venue) -> Iterator[Finding]:
    """Yield what is wrong between a venue's rules and the rest of the scenario."""
    at = f"venues.{venue.name}"
    for field, requirement in rulebook_findings(venue.rules):
        yield f"{at}.rules.{field}", requirement
    for field, requirement in _prices(scenario, venue):
        yield f"{at}.rules.{field}", requirement
    for field, requirement in _durations(scenario, venue.rules):
        yield f"{at}.rules.{field}", requirement
    for field, requirement in _collateral(scenario, venue):
        yield f"{at}.rules.{field}", requirement
    assets = [market.asset for market in venue.markets]
    for field, requirement in asset_findings(venue.rules.margin, assets):
        yield f"{at}.rules.margin.{field}", requirement
    for field, requirement in skew_findings(scenario, venue.rules, assets):
        yield f"{at}.rules.{field}", requirement
    takeover = venue.rules.waterfall.takeover
    if takeover is not None and "takeover" in venue.rules.waterfall.order:
        yield from _takeover(venue, takeover, assets)
    yield from _capital(venue, assets)


def _durations(scenario: Scenario, rules: Rulebook) -> Iterator[Finding]:
    """Yield rule durations above a step that are no whole number of steps.

    A shorter one happens once a step, as often as there is a chance to.
    """
    waterfall, mark = rules.waterfall, rules.prices.mark
    durations = {
        "prices.index.interval": rules.prices.index.interval,
        "prices.index.stale_after": rules.prices.index.stale_after,
        "prices.mark.interval": mark.interval,
        "liquidation.interval": rules.liquidation.interval,
        "funding.interval": rules.funding.interval,
    }
    if waterfall.market is not None:
        durations["waterfall.market.cooldown"] = waterfall.market.cooldown
    for stage, fields in (("takeover", ("interval", "window")), ("adl", ("interval", "window"))):
        for name in fields:
            duration = getattr(getattr(waterfall, stage), name, None)
            if duration is not None:
                durations[f"waterfall.{stage}.{name}"] = duration
    step_ms = scenario.step_ms
    for field, duration_ms in durations.items():
        if duration_ms > step_ms and duration_ms % step_ms != 0:
            yield field, f"must be a whole number of steps of {step_ms // 1000} s"


def _prices(scenario: Scenario, venue: Venue) -> Iterator[Finding]:
    sources = [source.name for source in scenario.sources]
    for source in venue.rules.prices.index.weights:
        if source not in sources:
            yield f"prices.index.weights.{source}", _known("a source", sources)
    mark = venue.rules.prices.mark
    if mark.kind == "median_with_perpetuals":
        others = [other.name for other in scenario.venues if other.name != venue.name]
        for i, name in enumerate(mark.external_venues):
            if name not in others:
                yield f"prices.mark.external_venues[{i}]", _known("another venue", others)


def _collateral(scenario: Scenario, venue: Venue) -> Iterator[Finding]:
    assets = {asset.symbol: asset for asset in scenario.assets}
    books = {market.asset for market in venue.spot_markets}
    for symbol, rule in venue.rules.collateral.items():
        if symbol not in assets:
            yield f"collateral.{symbol}", _known("an asset", list(assets))
        elif rule.price == "own_book" and symbol not in books:
            yield (
                f"collateral.{symbol}.price",
                (
                    f"needs a book of the venue itself; add {symbol} to "
                    f"venues.{venue.name}.spot_markets, or use index or redemption"
                ),
            )
        elif rule.price == "redemption":
            yield from _redeemed(venue, symbol, assets[symbol].redemption)


def _redeemed(venue: Venue, symbol: str, redemption: Redemption | None) -> Iterator[Finding]:
    """Yield what keeps a venue from pricing collateral by redemption."""
    at = f"collateral.{symbol}.price"
    if redemption is None:
        yield at, f"needs assets.{symbol}.redemption; add it, or use own_book or index"
        return
    listed_assets = [market.asset for market in venue.markets]
    if redemption.underlying != "USD" and redemption.underlying not in listed_assets:
        yield (
            at,
            (
                f"needs the venue's index of {redemption.underlying}; add that market to "
                f"venues.{venue.name}.markets, or use own_book or index"
            ),
        )


def _takeover(venue: Venue, takeover: TakeoverStage, assets: list[str]) -> Iterator[Finding]:
    if takeover.by == "insurance":
        yield from _insurance(venue, assets)
    else:
        yield from _backstop(venue, assets)


def _insurance(venue: Venue, assets: list[str]) -> Iterator[Finding]:
    at = f"venues.{venue.name}"
    for asset in assets:
        owner = venue.rules.insurance.pool_of(asset)
        if owner is None:
            yield (
                f"{at}.rules.insurance.pools",
                f"must cover every market, since insurance takes over; add {asset} to a pool",
            )


def _capital(venue: Venue, assets: list[str]) -> Iterator[Finding]:
    """Yield the pools that need capital and have none, and capital for pools that there are not."""
    at, order = f"venues.{venue.name}", venue.rules.waterfall.order
    takeover = venue.rules.waterfall.takeover if "takeover" in order else None
    capital = {entry.pool for entry in venue.insurance}
    without: dict[str, list[str]] = {}
    if "insurance" in order or (takeover is not None and takeover.by == "insurance"):
        for asset in assets:
            owner = venue.rules.insurance.pool_of(asset)
            if owner is not None and owner not in capital:
                without.setdefault(owner, []).append(asset)
    for owner, covered in without.items():
        yield (
            f"{at}.insurance",
            (
                f"must give the capital of pool {owner}, which covers {listed(covered, 'and')}; "
                f'add {{ pool = "{owner}", capital = "100 M USD" }}'
            ),
        )
    pools = list(venue.rules.insurance.pools)
    for entry in venue.insurance:
        if entry.pool not in pools:
            yield f"{at}.insurance.{entry.pool}.pool", _known("a pool of the rulebook", pools)


def _backstop(venue: Venue, assets: list[str]) -> Iterator[Finding]:
    at = f"venues.{venue.name}.backstop"
    vault_of: dict[str, str] = {}
    for entry in venue.backstop:
        for i, asset in enumerate(entry.assets):
            path = f"{at}.{entry.vault}.assets[{i}]"
            if asset not in assets:
                yield path, _known("an asset with a market on this venue", assets)
            if asset in vault_of:
                yield path, f"must be in one vault only; it is in {vault_of[asset]} too"
            vault_of[asset] = entry.vault
    missing = [asset for asset in assets if asset not in vault_of]
    if missing:
        yield at, f"must cover every market, since a vault takes over; add {listed(missing, 'and')}"


def _known(noun: str, names: list[str]) -> str:
    return f"must be {noun}: {listed(names)}" if names else f"must be {noun}, but there is none"
