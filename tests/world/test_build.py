"""A built world: positions cancel, everybody is healthy, and nothing is shared between days."""

import numpy as np
import pytest

from systems import worlds
from systems.exact import Scan
from tacoma.scenario import from_dict
from tacoma.world.build import build, with_other_day
from tacoma.world.codes import CROSS, PERPETUAL, RETAIL, SPOT


@pytest.fixture(scope="module")
def scenario():
    """The flash crash at 2,000 accounts."""
    return from_dict(worlds.table())


@pytest.fixture(scope="module")
def built(scenario):
    """Its world before the first step."""
    return build(scenario, scenario.seed)


def arrays(part):
    """Yield every array of nested named tuples, tables column by column."""
    for value in part:
        if isinstance(value, np.ndarray) and value.dtype.names:
            yield from (value[name] for name in value.dtype.names)
        elif isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, tuple):
            yield from arrays(value)


def same(one, other):
    """Say whether two worlds are equal to the byte."""
    pairs = zip(arrays(one), arrays(other), strict=True)
    return all(first.tobytes() == second.tobytes() for first, second in pairs)


def without_events(world):
    """Return a world with its (large, empty) event buffers left out."""
    return world._replace(events=(world.events.counts,), deleverage=(), record=())


def test_positions_cancel(built):
    """In every market the longs hold what the shorts owe, and spot holdings what an issuer owes."""
    assert not any(worlds.net_lots(built.world)[: len(built.directory.of_venue(0))])
    assert not any(worlds.net_lots(built.world))


def test_open_interest_is_the_scenario_s(built):
    """Longs of each perpetual add up to its open interest, to the lot."""
    positions = built.world.positions
    for market in built.directory.markets:
        if market.kind == PERPETUAL:
            mine = positions.lots[positions.market == market.row]
            expected = int(market.entry.open_interest) // market.price_quanta
            assert int(mine[mine > 0].sum()) == expected
            assert int(built.world.markets.open_lots[market.row]) == expected


def test_the_population_holds_its_part(built):
    """The leveraged accounts hold their share of each side, to the lot; desks hold the rest."""
    positions, accounts = built.world.positions, built.world.accounts
    retail = accounts.kind[positions.account] == RETAIL
    for market in built.directory.markets:
        if market.kind != PERPETUAL:
            continue
        whole = int(market.entry.open_interest) // market.price_quanta
        mine = positions.lots[retail & (positions.market == market.row)]
        assert int(mine[mine > 0].sum()) == int(whole * market.entry.long_share)
        assert -int(mine[mine < 0].sum()) == int(whole * market.entry.short_share)


def test_accounts_are_divided_by_their_shares(scenario, built):
    """Each venue has its share of the accounts, and together they are all."""
    accounts = built.world.accounts
    retail = accounts.venue[accounts.kind == RETAIL]
    assert np.bincount(retail, minlength=2).tolist() == [1400, 600]


def test_everybody_starts_healthy(scenario, built):
    """Nobody is below maintenance before anything has happened."""
    scan = Scan(scenario, built)
    retail = np.flatnonzero(built.world.accounts.kind <= 3)
    assert not [account for account in retail.tolist() if scan.below(account)]


def test_collateral_belongs_to_cross_accounts(built):
    """Only cross-margined accounts of a venue with collateral hold it, and some do."""
    world = built.world
    kinds = world.markets.kind[world.positions.market.astype(np.int64)]
    retail = world.accounts.kind[world.positions.account] == RETAIL
    owners = world.positions.account[(kinds == SPOT) & (world.positions.lots > 0) & retail]
    assert len(owners) > 50
    assert set(world.accounts.mode[owners].tolist()) == {CROSS}
    assert set(world.accounts.venue[owners].tolist()) == {worlds.BINANCE}


def test_slots_are_in_order(built):
    """Slots of an account lie together, and the index by market covers each slot once."""
    world = built.world
    assert (world.accounts.slot_first[1:] == world.accounts.slot_last[:-1]).all()
    assert (np.diff(world.positions.account) >= 0).all()
    assert sorted(world.positions.by_market.tolist()) == list(range(len(world.positions)))
    for market in range(len(world.markets)):
        rows = slice(int(world.markets.slot_first[market]), int(world.markets.slot_last[market]))
        assert set(world.positions.market[world.positions.by_market[rows]].tolist()) <= {market}


def test_a_world_is_a_function_of_scenario_and_seed(scenario, built):
    """The same scenario and seed build the same bytes; another seed builds others."""
    again, other = build(scenario, scenario.seed), build(scenario, scenario.seed + 1)
    assert same(without_events(built.world), without_events(again.world))
    assert same(built.agents[:7], again.agents[:7])
    assert not same(without_events(built.world), without_events(other.world))


def test_another_day_is_the_same_world(scenario, built):
    """A copy for another day equals the original and shares no memory with it."""
    copied = with_other_day(built, scenario, scenario.seed)
    assert same(without_events(built.world), without_events(copied.world))
    theirs = [*arrays(copied.world), *arrays(copied.agents)]
    for array in (*arrays(built.world), *arrays(built.agents)):
        assert not any(np.may_share_memory(array, other) for other in theirs)


def test_the_outbox_holds_whatever_a_step_may_write():
    """Every stop and every owner may act in the same step: the buffer has room for all of them."""
    table = worlds.table(70_000)
    table["population"]["positions"] = [0, 0, 1]
    table["population"]["stop_share"] = 1
    built = build(from_dict(table), 7)
    world, agents = built.world, built.agents
    kinds = world.markets.kind[world.positions.market.astype(np.int64)]
    retail = world.accounts.kind[world.positions.account] == RETAIL
    positions = int(((kinds == PERPETUAL) & retail & (world.positions.lots != 0)).sum())
    quotes = agents.makers.quoted.size + agents.publishers.said.size
    assert len(agents.outbox.rows) >= positions + len(agents.crowd.stops) + quotes


def test_the_reserve_covers_a_step_s_events():
    """A step may trigger, sell and hand over every position: `reserve` is at least that many."""
    table = worlds.table(70_000)
    table["population"]["positions"] = [0, 0, 1]
    built = build(from_dict(table), 7)
    kinds = built.world.markets.kind[built.world.positions.market.astype(np.int64)]
    held = int(((kinds == PERPETUAL) & (built.world.positions.lots != 0)).sum())
    assert built.reserve >= 3 * held


def test_the_spot_market_has_its_availability():
    """The gateway of the spot market begins with the availability of the scenario."""
    table = worlds.table(100)
    table["spot"]["gateway_availability"] = "50 %"
    availability = build(from_dict(table), 7).world.components.availability_ppm
    assert availability.tolist() == [1_000_000, 1_000_000, 500_000]


def test_collateral_without_a_perpetual_of_its_underlying():
    """A venue may take WBETH as collateral without listing ETH."""
    table = worlds.table(100)
    binance = worlds.venue(table, "binance")
    binance["markets"] = [m for m in binance["markets"] if m["asset"] != "ETH"]
    assert build(from_dict(table), 7)


def test_the_crowd_is_another_with_another_seed(scenario, built):
    """Who holds what is drawn by the seed: two of them give two crowds."""
    other = build(scenario, scenario.seed + 1).world.positions
    lots = built.world.positions.lots
    assert len(lots) != len(other.lots) or (lots != other.lots).mean() > 0.2
