"""Margin: equity, maintenance and notional are the rulebook's, to the quantum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from systems.exact import Scan, brackets, maintenance
from tacoma.lab.tables import equities
from tacoma.scenario import from_dict
from tacoma.world.build import build
from tacoma.world.codes import PERPETUAL
from tacoma.world.limits import PRICE_QUANTA_MAX


@pytest.fixture(scope="module")
def world():
    """The scenario and world of the flash crash before its first step."""
    scenario = from_dict(worlds.table(400))
    return scenario, build(scenario, scenario.seed)


def test_everybody_at_the_end_of_the_crash(package, crash):
    """Where the crash left them, everybody's margin, desks and funds too, is the exact one."""
    tables = crash.driven.built.world
    scan = Scan(crash.scenario, crash.driven.built)
    for account in range(len(tables.accounts)):
        got = package.margin.account_margin(
            tables.markets, tables.tiers, tables.accounts, tables.positions, account
        )
        assert tuple(map(int, got)) == scan.margin(account)


def test_whole_columns_agree_with_single_accounts(crash):
    """The equities that results are made of are those of the margin check."""
    built = crash.driven.built
    scan = Scan(crash.scenario, built)
    exact = [scan.margin(account)[0] for account in range(len(built.world.accounts))]
    assert equities(built).tolist() == exact


@given(
    prices=st.lists(st.integers(1, 2**27), min_size=12, max_size=12),
    weights=st.lists(st.integers(1, 1_000_000), min_size=12, max_size=12),
)
def test_any_prices_and_haircuts(package, world, prices, weights):
    """At any prices and collateral weights interpreted and exact margin agree."""
    scenario, built = world
    tables = built.world
    spot = tables.markets.weight_ppm > 0
    tables.markets.margin_price[:] = prices
    tables.markets.weight_ppm[spot] = np.array(weights)[spot]
    scan = Scan(scenario, built)
    for account in range(0, len(tables.accounts), 37):
        got = package.margin.account_margin(
            tables.markets, tables.tiers, tables.accounts, tables.positions, account
        )
        assert tuple(map(int, got)) == scan.margin(account)


@pytest.mark.parametrize("venue", ["binance", "hyperliquid"])
@pytest.mark.parametrize("symbol", ["BTC", "ETH", "SOL"])
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_brackets(package, world, venue, symbol, beside):
    """At every bracket's bound, and a lot to either side of it, maintenance is the rulebook's."""
    scenario, built = world
    tables = built.world
    market = built.directory.market(venue, symbol)
    slot = next(s for s in range(len(tables.positions)) if tables.positions.market[s] == market.row)
    kept = int(tables.positions.lots[slot]), int(tables.markets.margin_price[market.row])
    tables.markets.margin_price[market.row] = price = 1_000_000
    rows = brackets(scenario, market)
    assert len(rows) > 1
    for lower, _ in rows[1:]:
        tables.positions.lots[slot] = lots = lower // price + beside
        got = package.margin.slot_maintenance(tables.markets, tables.tiers, tables.positions, slot)
        assert int(got) == maintenance(rows, lots * price)
    tables.positions.lots[slot], tables.markets.margin_price[market.row] = kept


def test_the_world_fits_its_limits(crash):
    """No price, position or notional of the crash comes near the limits of 64 bits."""
    markets, positions = crash.driven.built.world.markets, crash.driven.built.world.positions
    assert markets.margin_price.max() < PRICE_QUANTA_MAX
    market = positions.market.astype(np.int64)
    notional = np.abs(positions.lots.astype(object)) * markets.margin_price[market].astype(object)
    assert max(notional) < 2**53
    assert (markets.kind == PERPETUAL).sum() == 6
