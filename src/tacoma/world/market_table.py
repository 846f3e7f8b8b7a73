"""The tables of markets, books and sources at the start of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tacoma.world import layout
from tacoma.world.codes import COLLATERAL_PRICE_KINDS, OPTION, PERPETUAL, SPOT
from tacoma.world.directory import depth_shares
from tacoma.world.limits import (
    BASIS_SAMPLES,
    LEVELS,
    PPB,
    PPM,
    Q20_BITS,
    QUANTA_PER_USD,
    RESTING_MAX,
)
from tacoma.world.numeric import power
from tacoma.world.rules_table import ppm
from tacoma.world.streams import name_key

if TYPE_CHECKING:
    from tacoma.scenario.schema import Scenario
    from tacoma.world.directory import Directory, Market
    from tacoma.world.institutions import Institutions
    from tacoma.world.layout import Ints

NEAREST_LEVEL = 0.00005  # offset of the second level of a maker's curve
Q20 = 1 << Q20_BITS
DEPTH_REACH = 0.01  # "depth" means within 1 %


def _fund_of(directory: Directory, market: Market, kind: str) -> int:
    """Return the account of a kind (insurance, backstop) that serves a market, or -1."""
    own = [fund for fund in directory.funds if (fund.venue, fund.kind) == (market.venue, kind)]
    for fund in own:
        if market.symbol in fund.assets:
            return fund.account
    return own[0].account if own and market.kind != PERPETUAL else -1


def _funds(scenario: Scenario, directory: Directory, market: Market) -> tuple[int, int]:
    """Return who takes over positions in a market, and who pays debts in it; -1 for nobody."""
    if market.venue == directory.margin_venues:
        return -1, -1
    vault = _fund_of(directory, market, "backstop")
    insurance = _fund_of(directory, market, "insurance")
    takeover = scenario.venues[market.venue].rules.waterfall.takeover
    chosen, other = (
        (vault, insurance) if takeover and takeover.by == "backstop" else (insurance, vault)
    )
    return (chosen if chosen >= 0 else other), (insurance if insurance >= 0 else vault)


def _collateral(scenario: Scenario, directory: Directory, market: Market) -> dict[str, int]:
    """Return how a spot market of a margin venue counts as collateral."""
    none = {
        "weight_ppm": 0,
        "collateral_price_kind": 0,
        "redemption_ratio_ppb": 0,
        "underlying_market": -1,
    }
    if market.kind != SPOT or market.venue == directory.margin_venues:
        return none
    rule = scenario.venues[market.venue].rules.collateral.get(market.symbol)
    redemption = scenario.asset(market.symbol).redemption
    if rule is None:
        return none
    ratio, underlying = 0, -1
    if redemption is not None and redemption.underlying == "USD":
        lot = scenario.asset(market.symbol).lot
        ratio = int(redemption.ratio * lot * QUANTA_PER_USD)  # quanta per lot, not a ratio
    elif redemption is not None:
        lots = scenario.asset(market.symbol).lot / scenario.asset(redemption.underlying).lot
        ratio = int(redemption.ratio * lots * PPB)
        venue = directory.venues[market.venue]
        underlying = _perpetual_row(directory, venue, redemption.underlying)
    return {
        "weight_ppm": ppm(rule.weight),
        "collateral_price_kind": COLLATERAL_PRICE_KINDS.index(rule.price),
        "redemption_ratio_ppb": ratio,
        "underlying_market": underlying,
    }


def _perpetual_row(directory: Directory, venue: str, symbol: str) -> int:
    """Return the row of a venue's perpetual, or -1; only redemption pricing needs one."""
    for market in directory.markets:
        if (market.venue_name, market.symbol, market.kind) == (venue, symbol, PERPETUAL):
            return market.row
    return -1


def _index_deviation(scenario: Scenario, directory: Directory, market: Market) -> int:
    """Return the cap on a source's deviation in ppm, where the index rule has one."""
    if market.venue == directory.margin_venues:
        return 0
    index = scenario.venues[market.venue].rules.prices.index
    if index.kind == "weighted_mean_or_median":
        return ppm(index.deviation)
    if index.kind != "weighted_mean_capped":
        return 0
    return ppm(index.cap_majors if market.symbol in index.majors else index.cap)


def _is_pooled(scenario: Scenario, directory: Directory, market: Market) -> bool:
    """Say whether a market's isolated positions have a collateral pool of their own."""
    if market.venue == directory.margin_venues or market.kind != PERPETUAL:
        return False
    return market.symbol in scenario.venues[market.venue].rules.settlement.isolated_pools


def _external_market(scenario: Scenario, directory: Directory, market: Market) -> int:
    """Return another venue's perpetual that the mark reads, or -1."""
    if market.kind != PERPETUAL:
        return -1
    mark = scenario.venues[market.venue].rules.prices.mark
    for venue in getattr(mark, "external_venues", ()):
        row = _perpetual_row(directory, venue, market.symbol)
        if row >= 0:
            return row
    return -1


def build_markets(
    scenario: Scenario, directory: Directory, schedules: dict[str, Ints], slots: Ints
) -> layout.Table:
    """Return the market table with every price at its start; `slots` counts them per market."""
    markets = layout.table(layout.MARKETS, len(directory.markets))
    for name in (
        "mark",
        "previous_mark",
        "index",
        "last_price",
        "margin_price",
        "best_bid",
        "best_ask",
        "middle",
    ):
        markets[name] = [market.price_quanta for market in directory.markets]
    for name, values in schedules.items():
        markets[name] = values
    markets.slot_last = np.cumsum(slots)
    markets.slot_first = markets.slot_last - slots
    for market in directory.markets:
        row = market.row
        markets.venue[row] = market.venue
        markets.asset[row] = market.asset
        markets.kind[row] = market.kind
        markets.key[row] = name_key(f"{market.venue_name}/{market.symbol}/{market.kind}")
        markets.underlying_perpetual[row] = -1
        markets.fund[row], markets.insurance_fund[row] = _funds(scenario, directory, market)
        markets.is_pooled[row] = _is_pooled(scenario, directory, market)
        markets.index_deviation_ppm[row] = _index_deviation(scenario, directory, market)
        markets.external_market[row] = _external_market(scenario, directory, market)
        for name, value in _collateral(scenario, directory, market).items():
            markets[name][row] = value
        if market.kind == PERPETUAL:
            interest = market.entry.open_interest  # type: ignore[union-attr]
            markets.open_lots[row] = interest // market.price_quanta
        elif market.kind == OPTION:
            markets.open_lots[row] = option_lots(directory, market)
    return markets


def option_lots(directory: Directory, market: Market) -> int:
    """Return the open interest of an option on each side, in lots of its underlying."""
    underlying = directory.market(market.venue_name, market.symbol, PERPETUAL)
    return int(market.entry.open_interest) // underlying.price_quanta  # type: ignore[union-attr]


def level_shape(scenario: Scenario) -> tuple[Ints, Ints]:
    """Return the levels of a maker's curve: offsets, and weights of the depth in 1 %, in q20.

    Depth within x of the middle grows like (x / 1 %) ** exponent.
    """
    makers = scenario.makers
    reach, exponent = float(makers.reach), float(makers.depth_exponent)
    rungs = NEAREST_LEVEL * power(reach / NEAREST_LEVEL, np.arange(LEVELS - 1) / (LEVELS - 2))
    offsets = np.concatenate([[0.0], rungs])
    edges = np.concatenate([[NEAREST_LEVEL / 2], rungs])
    cumulated = power(edges / DEPTH_REACH, exponent)
    weights = np.diff(np.concatenate([[0.0], cumulated]))
    return (offsets * Q20).astype(np.int64), (weights * Q20).astype(np.int64)


def depth_lots(market: Market) -> int:
    """Return a market's calm depth within 1 % on one side, in lots."""
    return int(market.depth // market.price_quanta) if market.kind != OPTION else 0


def build_books(scenario: Scenario, directory: Directory, found: Institutions) -> layout.Books:
    """Return the books with every maker's calm curve standing."""
    count, makers = len(directory.markets), scenario.makers.count
    quotes = layout.table(layout.QUOTES, count, makers)
    depth = np.zeros((count, makers, 2), dtype=np.int64)
    for market in directory.markets:
        shares = depth_shares(scenario, directory, market)
        for maker in range(makers):
            if market.kind == OPTION:
                quotes.maker[market.row, maker] = -1
                continue
            quotes.maker[market.row, maker] = found.makers[market.venue][maker]
            quotes.reference[market.row, maker] = market.price_quanta
            quotes.half_spread[market.row, maker] = max(
                1, int(market.price_quanta * market.half_spread)
            )
            depth[market.row, maker, :] = int(depth_lots(market) * shares[maker])
    curve = layout.table(layout.CURVE, LEVELS)
    curve.offset_q20, curve.weight_q20 = level_shape(scenario)
    base = layout.table(layout.BOOK_BASE, count)
    base.calm_depth = depth.sum(axis=(1, 2))
    base.depth_factor_ppm = PPM
    base.replenish_q20 = max(1, scenario.step_ms * Q20 // scenario.makers.replenish_time)
    return layout.Books(
        quotes=quotes,
        depth=depth,
        levels=layout.table(layout.LEVELS_TYPE, count, makers, 2, LEVELS),
        curve=curve,
        base=base,
        rests=layout.table(layout.RESTS, count, RESTING_MAX),
        cursor=np.zeros(makers, dtype=np.int64),
    )


def build_oracles(directory: Directory, source_weight: Ints) -> layout.Oracles:
    """Return what the venues heard last: nothing yet."""
    sources = len(directory.sources)
    return layout.Oracles(
        heard=layout.table(layout.HEARD, len(directory.assets), sources),
        source_weight=source_weight,
        basis_ring=np.zeros((len(directory.markets), BASIS_SAMPLES), dtype=np.int64),
        scratch=np.zeros((3, sources), dtype=np.int64),
    )
