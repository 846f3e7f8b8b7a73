"""
What must hold between the rules of one venue, and between them and the scenario.

Each check yields findings: the path of a field and what it must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from tacoma.errors import listed
from tacoma.scenario.rulebook import (
    DEFAULT,
    LeverageTiers,
    MarketStage,
    RateTiers,
    Rulebook,
    TakeoverStage,
    Waterfall,
)
from tacoma.scenario.schema import Redemption, Scenario, Venue
from tacoma.units import money_text

Finding = tuple[str, str]


def rulebook_findings(rules: Rulebook) -> Iterator[Finding]:
    """Yield what is wrong inside a rulebook, with paths from its top."""
    if not rules.account.modes:
        yield "account.modes", 'must name a margin mode; write it like ["cross", "isolated"]'
    if not rules.prices.index.weights:
        yield "prices.index.weights", "must name at least one source; write it like okx = 2"
    yield from _margin(rules.margin)
    yield from _waterfall(rules.waterfall)
    yield from _pools(rules)


def _margin(margin: RateTiers | LeverageTiers) -> Iterator[Finding]:
    if not margin.tiers:
        yield "margin.tiers", 'must have tiers; write it like default = [[0, "1 %"]]'
    for asset, tiers in margin.tiers.items():
        path = f"margin.tiers.{asset}"
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


def _steeper(margin: RateTiers | LeverageTiers, asset: str, i: int) -> str:
    if isinstance(margin, LeverageTiers):
        before = margin.tiers[asset][i - 1].leverage
        return f"must have a lower maximum leverage than the tier before it ({before})"
    rate = float(margin.tiers[asset][i - 1].rate * 100)
    return f"must have a higher rate than the tier before it ({rate:g} %)"


def _waterfall(waterfall: Waterfall) -> Iterator[Finding]:
    order = waterfall.order
    for i, stage in enumerate(order):
        if stage in order[:i]:
            yield f"waterfall.order[{i}]", "must not repeat a stage"
        if stage in {"market", "takeover", "adl", "share"} and getattr(waterfall, stage) is None:
            yield f"waterfall.{stage}", f"is missing: waterfall.order has the stage {stage}"
    if waterfall.market is not None:
        yield from _market_stage(waterfall.market)
    refused = waterfall.adl is not None and waterfall.adl.trigger == "takeover_refused"
    if "adl" in order and refused and "takeover" not in order:
        yield (
            "waterfall.adl.trigger",
            "needs the stage takeover in waterfall.order; add it, or use negative_equity",
        )


def _market_stage(market: MarketStage) -> Iterator[Finding]:
    if market.bound == "mark_deviation" and market.deviation is None:
        yield (
            "waterfall.market.deviation",
            'is missing: bound is mark_deviation; write it like deviation = "10 %"',
        )
    if market.bound == "bankruptcy" and market.deviation is not None:
        yield "waterfall.market.deviation", "has no meaning with bound = bankruptcy; remove it"


def _pools(rules: Rulebook) -> Iterator[Finding]:
    pool_of: dict[str, str] = {}
    for pool, assets in rules.insurance.pools.items():
        for i, asset in enumerate(assets):
            if asset in pool_of:
                path = f"insurance.pools.{pool}[{i}]"
                yield path, f"must be in one pool only; it is in {pool_of[asset]} too"
            pool_of[asset] = pool


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
    tiers = venue.rules.margin.tiers
    if tiers and DEFAULT not in tiers:
        for asset in assets:
            if asset not in tiers:
                yield f"{at}.rules.margin.tiers", f'has no tiers for {asset} and no "default"'
    takeover = venue.rules.waterfall.takeover
    if takeover is not None and "takeover" in venue.rules.waterfall.order:
        yield from _takeover(venue, takeover, assets)


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
    if waterfall.takeover is not None:
        durations["waterfall.takeover.interval"] = waterfall.takeover.interval
    if waterfall.adl is not None:
        durations["waterfall.adl.interval"] = waterfall.adl.interval
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
    if mark.kind == "hyperliquid":
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
    pools = venue.rules.insurance.pools
    capital = {entry.pool for entry in venue.insurance}
    for asset in assets:
        owners = [pool for pool, members in pools.items() if asset in members]
        if not owners:
            yield (
                f"{at}.rules.insurance.pools",
                f"must cover every market, since insurance takes over; add {asset} to a pool",
            )
        elif owners[0] not in capital:
            yield (
                f"{at}.insurance",
                (
                    f"must give the capital of pool {owners[0]}, which covers {asset}; "
                    f'add {{ pool = "{owners[0]}", capital = "100 M USD" }}'
                ),
            )
    for entry in venue.insurance:
        if entry.pool not in pools:
            yield f"{at}.insurance.{entry.pool}.pool", _known("a pool of the rulebook", list(pools))


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
