"""What only a built world can tell: money and lots of everybody together, and value paths."""

import numpy as np
import pytest

from systems import worlds
from tacoma.bounds import BALANCE_QUANTA_MAX, OPEN_LOTS_MAX, TOTAL_QUANTA_MAX
from tacoma.errors import InputError, ScenarioError
from tacoma.scenario import from_dict
from tacoma.world.build import build
from tacoma.world.check_totals import require_room
from tacoma.world.codes import ARBITRAGEUR, DESK, INVESTOR, MAKER, RETAIL, SPOT


@pytest.fixture
def made():
    """A scenario of 100 accounts and its world, for one test each."""
    scenario = from_dict(worlds.table(100, timeline=[]))
    return scenario, build(scenario, 7)


def refused(scenario, built):
    """Return the message with which a changed world is refused."""
    with pytest.raises(ScenarioError) as caught:
        require_room(scenario, built.directory, built.world)
    assert isinstance(caught.value, InputError)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (RETAIL, "population.groups.*.leverage"),
        (DESK, "desks.leverage"),
        (MAKER, "makers.capital"),
        (ARBITRAGEUR, "arbitrage.capital"),
        (INVESTOR, "investors.capital"),
    ],
)
@pytest.mark.parametrize("column", ["balance", "wallet"])
def test_nobody_starts_with_too_much_money(made, kind, field, column):
    """A balance or wallet at the maximum is taken; beyond it the field that sets it is named."""
    scenario, built = made
    accounts = built.world.accounts
    account = int(np.flatnonzero(accounts.kind == kind)[0])
    accounts[column][account] = BALANCE_QUANTA_MAX
    require_room(scenario, built.directory, built.world)
    accounts[column][account] = BALANCE_QUANTA_MAX + 1
    message = refused(scenario, built)
    assert message.startswith(f"flash-crash: {field} = ")
    assert "raise leverage, or lower capital" in message


def test_a_cast_that_failed_is_found(made):
    """The value that a conversion beyond 64 bits leaves behind is no balance and no wallet."""
    scenario, built = made
    for column in ("balance", "wallet"):
        kept = int(built.world.accounts[column][5])
        built.world.accounts[column][5] = np.iinfo(np.int64).min
        assert "population.groups.*.leverage" in refused(scenario, built)
        built.world.accounts[column][5] = kept


def test_everybody_together_fits(made):
    """Balances, wallets and costs, signs ignored, fit together, or open interest is named."""
    scenario, built = made
    accounts = built.world.accounts
    accounts.balance[:8] = BALANCE_QUANTA_MAX // 2
    accounts.balance[1:8:2] *= -1
    accounts.wallet[:8] = BALANCE_QUANTA_MAX // 2
    assert "venues.*.markets.*.open_interest" in refused(scenario, built)
    accounts.wallet[:] = 0
    accounts.balance[7] = 0
    require_room(scenario, built.directory, built.world)
    assert 7 * (BALANCE_QUANTA_MAX // 2) < TOTAL_QUANTA_MAX


def test_collateral_counts_among_a_venues_lots(made):
    """Lots of collateral assets count like open interest; the venue that has too many is named."""
    scenario, built = made
    world = built.world
    market = world.positions.market.astype(np.int64)
    slot = int(np.flatnonzero((world.markets.kind[market] == SPOT) & (world.positions.lots > 0))[0])
    venue = int(world.markets.venue[market[slot]])
    mine = world.markets.venue[market] == venue
    held = int(np.maximum(world.positions.lots[mine].astype(np.int64), 0).sum())
    world.positions.lots[slot] += OPEN_LOTS_MAX - held
    require_room(scenario, built.directory, world)
    world.positions.lots[slot] += 1
    assert f"venues.{built.directory.venues[venue]}.markets" in refused(scenario, built)


@pytest.mark.parametrize("volatility", ["5000 %", "10000 %"])
def test_a_value_path_that_leaves_the_range_of_prices_is_refused(volatility):
    """A path beyond all prices is refused before anything runs, with its asset and seed."""
    factor = {"kind": "volatility", "at": "15:55:30", "until": "16:00:30", "factor": 1_000}
    table = worlds.table(100, timeline=[factor])
    next(a for a in table["assets"] if a["symbol"] == "SOL")["volatility"] = volatility
    with pytest.raises(ScenarioError, match=r"assets.SOL.volatility = .* with seed 7; it must st"):
        build(from_dict(table), 7)
