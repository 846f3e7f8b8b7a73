"""Agents at the start of a run: their state and the parameters of the scenario."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tacoma.world import agents as state
from tacoma.world.codes import PERPETUAL, SPOT
from tacoma.world.layout import table
from tacoma.world.limits import LAG_SECONDS_MAX, PPM
from tacoma.world.market_table import depth_lots
from tacoma.world.paths import step_sigma
from tacoma.world.streams import row_key
from tacoma.world.timeline import step_of

if TYPE_CHECKING:
    from tacoma.scenario.schema import Asset, Scenario
    from tacoma.world.directory import Directory, Market
    from tacoma.world.institutions import Institutions
    from tacoma.world.layout import Floats, Ints, Journal, Table, World

POOL_DEPTH = 1.0 - 1.0 / math.sqrt(1.01)  # part of a pool's reserve bought before it rises 1 %
LINK_FACTOR = 6.0  # a perpetual's impact follows spot this much faster than spot's fades


def _spot_rows(directory: Directory) -> Ints:
    """Return each asset's row on the reference spot market, or -1."""
    rows = np.full(len(directory.assets), -1, dtype=np.int64)
    for market in directory.of_venue(directory.margin_venues):
        rows[market.asset] = market.row
    return rows


def _value(scenario: Scenario, directory: Directory, price: Floats) -> state.Value:
    assets = table(state.ASSET_LINKS, len(directory.assets))
    assets.spot_market = _spot_rows(directory)
    assets.underlying = -1
    for row, asset in enumerate(scenario.assets):
        if asset.redemption is not None and asset.redemption.underlying != "USD":
            assets.underlying[row] = directory.assets.index(asset.redemption.underlying)
    return state.Value(price, assets)


def _publishers(scenario: Scenario, directory: Directory) -> state.Publishers:
    said = table(state.SAID, len(directory.assets), len(directory.sources))
    said.step = -LAG_SECONDS_MAX
    said.local_market = -1
    for column, source in enumerate(scenario.sources):
        for row, symbol in enumerate(directory.assets):
            said.key[row, column] = row_key(f"source/{source.name}/{symbol}", 0)
        for market in directory.markets:
            if market.venue_name == source.local_venue and market.kind == PERPETUAL:
                said.local_market[market.asset, column] = market.row
    start = np.array([int(scenario.quanta_per_lot(symbol)) for symbol in directory.assets])
    sources = table(state.SOURCE_VIEW, len(scenario.sources))
    sources["noise"] = [float(source.noise) for source in scenario.sources]
    sources["lag"] = [source.lag // scenario.step_ms for source in scenario.sources]
    sources["local_share"] = [float(source.local_share) for source in scenario.sources]
    history = np.repeat(start[:, None], LAG_SECONDS_MAX, axis=1).astype(np.int64)
    return state.Publishers(said, history, sources)


def _per_step(scenario: Scenario, duration_ms: int) -> float:
    """Return the part that an exponential process with this time covers in one step."""
    return 1.0 - math.exp(-scenario.step_ms / duration_ms)


def _calm_sigma(scenario: Scenario, asset: Asset) -> float:
    """Return calm volatility per step, that of what the asset redeems for included."""
    own = step_sigma(scenario, asset)
    if asset.redemption is None or asset.redemption.underlying == "USD":
        return own
    return math.hypot(own, step_sigma(scenario, scenario.asset(asset.redemption.underlying)))


def _pools(directory: Directory) -> Table:
    """Return the reserves that give each market its calm depth within 1 %, at its first price."""
    pools = table(state.POOLS, len(directory.markets))
    for market in directory.markets:
        pools.price[market.row] = market.price_quanta
        pools.base_lots[market.row] = max(1, round(depth_lots(market) / POOL_DEPTH))
    return pools


def _makers(scenario: Scenario, directory: Directory) -> state.Makers:
    settings, count = scenario.makers, len(directory.markets)
    spot = _spot_rows(directory)
    markets = table(state.MAKER_MARKETS, count)
    for market in directory.markets:
        sigma = _calm_sigma(scenario, scenario.assets[market.asset])
        markets.calm_sigma[market.row] = sigma
        markets.variance[market.row] = sigma * sigma
        markets.half_spread[market.row] = float(market.half_spread)
        markets.depth_lots[market.row] = float(depth_lots(market))
        markets.spot_market[market.row] = spot[market.asset]
    resilience = _per_step(scenario, settings.resilience_time)
    return state.Makers(
        markets=markets,
        quoted=table(state.QUOTED, count, settings.count),
        pools=_pools(directory),
        share=np.array([float(share) for share in settings.shares]),
        adl_seen=np.zeros(1, dtype=np.int64),
        information_share=float(settings.information_share) if scenario.engine.feedback else 0.0,
        resilience=resilience,
        link=min(1.0, LINK_FACTOR * resilience),
        volatility_decay=_per_step(scenario, settings.volatility_time),
        volatility_response=float(settings.volatility_response),
        withdraw_rate=_per_step(scenario, settings.withdraw_time),
        return_rate=_per_step(scenario, settings.return_time),
        smallest_depth=float(settings.smallest_depth),
        widest_spread=float(settings.widest_spread),
        depth_exponent=float(settings.depth_exponent),
        requote=float(settings.requote),
        inventory_multiple=float(settings.inventory_multiple),
        hedge_loss_withdrawal=float(settings.hedge_loss_withdrawal),
    )


def _pairs(directory: Directory) -> list[tuple[Market, Market]]:
    """Return all pairs of markets in one asset: venue with venue, venue with spot."""
    pairs = []
    for first in directory.markets:
        for second in directory.markets[first.row + 1 :]:
            spot = second.venue == directory.margin_venues
            both = second.kind == PERPETUAL or spot
            if first.kind == PERPETUAL and both and first.asset == second.asset:
                pairs.append((first, second))
    return pairs


def _arbitrage(scenario: Scenario, directory: Directory, found: Institutions) -> state.Arbitrage:
    settings = scenario.arbitrage
    rows: list[tuple[int, int, int, int, int]] = []
    for desk in found.arbitrageurs:
        for first, second in _pairs(directory):
            interest: float = sum(
                float(market.entry.open_interest)  # type: ignore[union-attr,misc]
                for market in directory.of_venue(first.venue)
                if market.kind == PERPETUAL
            )
            part = float(first.entry.open_interest) / interest  # type: ignore[union-attr]
            money = part * float(settings.limit) * settings.capital
            rows.append(
                (first.row, second.row, desk[first.venue], desk[second.venue],
                 int(money / first.price_quanta))
            )  # fmt: skip
    pairs = table(state.PAIRS, len(rows))
    for place, row in enumerate(rows):
        pairs[place] = row
    return state.Arbitrage(pairs, cost=float(settings.cost), speed=float(settings.speed))


def _investors(scenario: Scenario, directory: Directory, found: Institutions) -> state.Investors:
    settings = scenario.investors
    lots = np.zeros(len(directory.assets), dtype=np.int64)
    markets = directory.of_venue(directory.margin_venues)
    depth = sum(market.depth for market in markets)
    for market in markets:
        lots[market.asset] = settings.capital * market.depth // depth // market.price_quanta
    return state.Investors(
        account=found.investor,
        lots_max=lots,
        threshold=float(settings.threshold),
        full_gap=float(settings.full_gap),
        speed=float(settings.speed),
    )


def _stops(world: World, stop_price: Ints) -> tuple[Table, Table]:
    """Return conditional orders grouped by (market, direction), nearest first, and group bounds."""
    slots = np.flatnonzero(stop_price)
    market = world.positions.market[slots].astype(np.int64)
    way = np.where(stop_price[slots] < world.markets.mark[market], state.DOWN, state.UP)
    nearness = np.where(way == state.DOWN, -stop_price[slots], stop_price[slots])
    order = np.lexsort((slots, nearness, 2 * market + way))
    stops = table(state.STOPS, len(slots))
    stops.slot, stops.price = slots[order], stop_price[slots][order]
    groups = table(state.STOP_GROUPS, 2 * len(world.markets))
    counts = np.bincount(2 * market + way, minlength=len(groups))
    groups.last = np.cumsum(counts)
    groups.cursor = groups.last - counts
    return stops, groups


def _crowd(scenario: Scenario, world: World, stop_price: Ints) -> state.Crowd:
    people = scenario.population
    stops, groups = _stops(world, stop_price)
    accounts = table(state.CROWD_ACCOUNTS, len(world.accounts))
    accounts.following = -2  # nobody is in the calendar
    return state.Crowd(
        calendar=np.full(scenario.steps + 2, -1, dtype=np.int32),
        accounts=accounts,
        stops=stops,
        groups=groups,
        reaction_steps=people.reaction_time / scenario.step_ms,
        reaction_spread=float(people.reaction_spread),
        top_up_share=float(people.top_up_share),
        close_share=float(people.close_share),
        alert_part=float(people.alert_slack),
    )


def _keepers(scenario: Scenario, directory: Directory, found: Institutions) -> state.Keepers:
    events = [event for event in scenario.timeline if event.kind == "sell"]
    sales = table(state.SALES, len(events))
    for row, event in enumerate(events):
        market = directory.market(event.venue, event.asset, kind=SPOT)
        begin, end = step_of(scenario, event.at), step_of(scenario, event.until)
        lots = event.amount // market.price_quanta
        sales[row] = (found.sellers[row], market.row, lots, begin, end)
    return state.Keepers(
        fund_account=np.array([fund.account for fund in found.funds], dtype=np.int64),
        sales=sales,
        unwind_ppm=max(1, scenario.step_ms * PPM // scenario.vaults.unwind_time),
        participation_ppm=int(scenario.vaults.participation * PPM),
    )


def build_agents(
    scenario: Scenario,
    directory: Directory,
    found: Institutions,
    world: World,
    stop_price: Ints,
    value: Floats,
    outbox: Journal,
) -> state.Agents:
    """Return everybody who decides, at the start; `stop_price` covers the first slots."""
    padded = np.zeros(len(world.positions.lots), dtype=np.int64)
    padded[: len(stop_price)] = stop_price
    return state.Agents(
        value=_value(scenario, directory, value),
        publishers=_publishers(scenario, directory),
        makers=_makers(scenario, directory),
        arbitrage=_arbitrage(scenario, directory, found),
        investors=_investors(scenario, directory, found),
        crowd=_crowd(scenario, world, padded),
        keepers=_keepers(scenario, directory, found),
        outbox=outbox,
    )
