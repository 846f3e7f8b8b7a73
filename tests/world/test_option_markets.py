"""Options in a new world: positions that cancel, margins at the start, rulebooks' grids."""

from fractions import Fraction

import numpy as np
import pytest

from systems import option_worlds, worlds
from systems.option_worlds import PORTFOLIO, STANDARD
from tacoma.lab.tables import equities
from tacoma.scenario import from_dict, load_rulebook
from tacoma.scenario.transplant import transplanted
from tacoma.world.build import build
from tacoma.world.codes import DESK, ISOLATED, OPTION, PERPETUAL, RETAIL
from tacoma.world.limits import SHOCKS_MAX
from tacoma.world.market_table import option_lots
from tacoma.world.option_markets import grid_of


@pytest.fixture(scope="module")
def built():
    """A world of 600 accounts on two venues with options."""
    scenario = from_dict(option_worlds.table(600))
    return build(scenario, scenario.seed)


def test_both_sides_are_the_open_interest(built):
    """Of each option crowd and desks hold the open interest, long and short, to the lot."""
    world = built.world
    for row in option_worlds.rows_of_options(built):
        mine = world.positions.market == row
        lots, kind = world.positions.lots[mine], world.accounts.kind[world.positions.account[mine]]
        wanted = option_lots(built.directory, built.directory.markets[row])
        assert int(lots[lots > 0].sum()) == -int(lots[lots < 0].sum()) == wanted
        assert int(world.markets.open_lots[row]) == wanted
        assert set(kind[lots != 0].tolist()) == {RETAIL, DESK}
        crowd = np.abs(lots[kind == RETAIL]).sum()
        assert wanted * 0.9 <= crowd <= wanted
        assert not world.positions.entry[mine].any()


def test_the_share_of_holders(built):
    """About the stated share of the crowd holds an option, one each, none of them isolated."""
    world = built.world
    market = world.positions.market.astype(np.int64)
    crowd = world.accounts.kind[world.positions.account] == RETAIL
    slots = (world.markets.kind[market] == OPTION) & crowd
    accounts, counts = np.unique(world.positions.account[slots], return_counts=True)
    assert 0.25 < len(accounts) / 600 < 0.45
    assert set(counts.tolist()) == {1}
    assert not (world.accounts.mode[accounts] == ISOLATED).any()
    assert world.accounts.has_options[accounts].all()


def test_everybody_starts_healthy(built):
    """Nobody begins below the margin of perpetuals and options together."""
    from systems.exact import Scan

    scenario = from_dict(option_worlds.table(600))
    scan = Scan(scenario, built)
    for account in range(len(built.world.accounts)):
        if built.world.accounts.kind[account] in (RETAIL, DESK):
            equity, need, _ = scan.margin(account)
            assert equity > need
    assert worlds.net_lots(built.world)[: len(built.directory.of_venue(0))]
    assert equities(built).min() >= 0


def test_an_option_share_of_zero_leaves_the_crowd_alone():
    """Options that nobody of the crowd holds change no perpetual position and no margin mode."""
    with_options = option_worlds.table(300)
    with_options["population"]["option_share"] = 0
    without = option_worlds.table(300)
    without["population"]["option_share"] = 0
    for venue in without["venues"]:
        venue["options"] = []
    first, second = (build(from_dict(t), 5).world for t in (with_options, without))
    for name in ("balance", "wallet", "mode", "alert_slack"):
        crowd = slice(0, 300)
        assert (first.accounts[name][crowd] == second.accounts[name][crowd]).all()
    held = [
        sorted(
            (int(a), int(lots), int(entry))
            for a, m, lots, entry in zip(
                w.positions.account, w.positions.market, w.positions.lots, w.positions.entry,
                strict=True,
            )
            if w.markets.kind[m] == PERPETUAL and w.accounts.kind[a] == RETAIL
        )
        for w in (first, second)
    ]  # fmt: skip
    assert held[0] == held[1]


def test_customer_lots_are_those_of_crowd_and_desks(built):
    """The running sum of customers' positions begins with what they hold."""
    world = built.world
    expected = np.zeros(len(world.markets), dtype=np.int64)
    mine = world.accounts.kind[world.positions.account] <= DESK
    np.add.at(expected, world.positions.market[mine], world.positions.lots[mine])
    assert (world.markets.customer_lots == expected).all()


def test_grids_are_the_rulebooks():
    """Deribit's nine prices with three volatilities and six extremes, in their order."""
    grid = grid_of(load_rulebook("deribit").margin, "BTC")
    assert len(grid) == 9 * 3 + 6 <= SHOCKS_MAX
    up, down = Fraction(3, 2), Fraction(3, 4)
    assert grid[:3] == [(Fraction(-16, 100), v, 1) for v in (up, 1, down)]
    assert grid[26] == (Fraction(16, 100), down, 1)
    assert grid[27:29] == [(way * Fraction(33, 100), up, Fraction(18, 100)) for way in (-1, 1)]
    assert grid_of(load_rulebook("derive-standard").margin, "BTC") == []


@pytest.mark.parametrize(("venue", "has_grid"), [(PORTFOLIO, True), (STANDARD, False)])
def test_only_portfolio_margin_has_a_grid(built, venue, has_grid):
    """Markets of a venue with standard margin have no scenarios, and short options a price."""
    world = built.world
    for market in built.directory.of_venue(venue):
        assert (int(world.markets.shock_count[market.row]) > 0) == has_grid
        if market.kind == OPTION:
            assert int(world.markets.short_quanta[market.row]) > 0


def test_a_rulebook_without_options_asks_for_the_default():
    """Under margin tiers a short option asks for 9 % of its underlying, the documented default."""
    table = option_worlds.table(300)
    table["venues"].sort(key=lambda venue: venue["name"] != "derive")
    scenario = transplanted(from_dict(table), "okx")
    world = build(scenario, scenario.seed).world
    rows = np.flatnonzero(world.markets.kind == OPTION)
    assert len(rows) == 5
    for row in rows:
        price = int(world.markets.margin_price[world.markets.underlying_perpetual[row]])
        assert int(world.markets.short_quanta[row]) == price * 9 // 100
