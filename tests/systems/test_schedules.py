"""Margin schedules of every kind: exact on any position, and nobody who fails is overlooked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from systems.exact import Scan, required
from systems.interpreted import advance, interpreted_package
from systems.test_trigger_index import find
from systems.transplants import RULEBOOKS, SHAKE, Hands, under
from systems.watched import watch_liquidations
from tacoma import engine
from tacoma.scenario import load_rulebook
from tacoma.world.build import empty_journal
from tacoma.world.codes import EXEMPT, LIQUIDATING
from tacoma.world.limits import PRICE_QUANTA_MAX

KINDS = {
    "flat", "tiers", "bracket_tiers", "maximum_leverage_tiers", "open_interest_scaled",
    "size_premium", "skew_linear", "health_weights", "isolated_or_max_loss", "scenario_grid",
}  # fmt: skip
ONE_OF_A_KIND = {load_rulebook(name).margin.kind: name for name in reversed(RULEBOOKS)}
BUILT = {}


def calm(rulebook):
    """Return (scenario, world) under a rulebook, one for all examples."""
    if rulebook not in BUILT:
        scenario = under(rulebook, calm=True)
        BUILT[rulebook] = scenario, worlds.start(scenario)
    return BUILT[rulebook]


def test_the_bundled_rulebooks_have_every_kind():
    """Each margin schedule that the format knows is used by a bundled rulebook."""
    assert set(ONE_OF_A_KIND) == KINDS


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_everybody_at_the_start(package, rulebook):
    """Before the first step equity and maintenance of everybody are the independent ones."""
    scenario, built = calm(rulebook)
    world, scan = built.world, Scan(scenario, built)
    for account in range(len(world.accounts)):
        got = package.margin.account_margin(
            world.markets, world.tiers, world.accounts, world.positions, account
        )
        assert tuple(map(int, got)) == scan.margin(account)


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(
    symbol=st.sampled_from(["BTC", "ETH", "SOL"]),
    lots=st.one_of(st.integers(-(10**8), 10**8), st.integers(-(10**3), 10**3)).filter(bool),
    price=st.integers(1, 2**24),
)
def test_any_position(package, kind, symbol, lots, price):
    """Whatever size, side and price, a position's maintenance is what the rulebook's words say."""
    scenario, built = calm(ONE_OF_A_KIND[kind])
    market = built.directory.market("binance", symbol)
    got = package.margin.position_maintenance(
        built.world.markets, built.world.tiers, market.row, lots, price
    )
    assert int(got) == required(scenario, market, lots, price)


@pytest.mark.parametrize("kind", ["bracket_tiers", "tiers", "maximum_leverage_tiers"])
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_beside_every_bound(package, kind, side, beside):
    """A quantum below, at and above each bracket's bound, maintenance is the rulebook's."""
    scenario, built = calm(ONE_OF_A_KIND[kind])
    market = built.directory.market("binance", "BTC")
    rows = Scan(scenario, built).rows[market.row]
    assert len(rows) > 1
    for lower, _ in rows[1:]:
        got = package.margin.position_maintenance(
            built.world.markets, built.world.tiers, market.row, side, lower + beside
        )
        assert int(got) == required(scenario, market, side, lower + beside)


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_admitted_accounts_are_healthy(rulebook):
    """At the start nobody has too little, whatever the rulebook asks for."""
    scenario, built = calm(rulebook)
    world, scan = built.world, Scan(scenario, built)
    checked = [a for a in range(len(world.accounts)) if world.accounts.status[a] != EXEMPT]
    assert [account for account in checked if scan.below(account)] == []


# ------------------------------------------------------------------- nobody is overlooked


def overlooked(scan, world):
    """Return who is at large without enough, and who is in liquidation with enough.

    Whoever was touched after the check is looked at in the next step.
    """
    status, touched = world.accounts.status, world.accounts.is_touched
    at_large, held = [], []
    for account in np.flatnonzero((status != EXEMPT) & (touched == 0)).tolist():
        below = scan.below(account)
        if status[account] != LIQUIDATING and below:
            at_large.append(account)
        elif status[account] == LIQUIDATING and not below:
            held.append(account)
    return at_large, held


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_every_rulebook_liquidates_whom_a_scan_finds(rulebook):
    """After each of 45 steps of a fall and a rally nobody is at large without enough margin."""
    scenario = under(rulebook, 300, path=SHAKE)
    built = worlds.start(scenario)
    world, scan = built.world, Scan(scenario, built)
    cursor, journal = np.zeros(2, dtype=np.int64), empty_journal(built.reserve + (1 << 18))
    failed = set()
    for step in range(1, 46):
        code = engine.advance(
            world, built.agents, built.inputs, cursor, journal, step, built.reserve, True
        )
        assert code == engine.REACHED
        assert overlooked(scan, world) == ([], [])
        failed |= set(np.flatnonzero(world.accounts.status == LIQUIDATING).tolist())
    assert len(failed) + int(world.events.counts["liquidations"][0]) > 20


@pytest.mark.parametrize("rulebook", ["okx", "drift-v2", "bitmex", "mango-v4"])
def test_at_the_moment_of_the_check(rulebook):
    """With jumps, sizes and sides, those recorded as triggered are those whom a scan finds."""
    scenario = under(rulebook, 120, path=SHAKE)
    built, package = worlds.start(scenario), interpreted_package()
    scans = []
    watch_liquidations(package, built.world, Scan(scenario, built), lambda *row: scans.append(row))
    assert advance(package, built, 28) == package.engine.REACHED
    assert sum(len(expected) for _, expected, _ in scans) > 10
    assert [recorded for *_, recorded in scans] == [expected for _, expected, _ in scans]


def settle_down(package, world, step):
    """Let the index look at everybody who was touched, and forget who that was."""
    found = find(package, world, step)
    package.audit.keep_unswept(world.audit)
    return found


def alone(package, rulebook):
    """Return one account whose positions the test makes, in a world that was looked at."""
    scenario = under(rulebook, calm=True)
    built = worlds.start(scenario)
    settle_down(package, built.world, 1)
    hands = Hands(package, scenario, built)
    built.world.accounts.status[hands.account] = 0
    built.world.accounts.alert_slack[hands.account] = 0
    return hands


@pytest.mark.parametrize("rulebook", ["okx", "bitmex"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_rise_into_the_next_bracket(package, rulebook, side):
    """
    A position that a rising price lifts into a dearer bracket is looked at, long or short.

    A long gains from the rise less than the bracket asks for.
    """
    hands = alone(package, rulebook)
    price = hands.price("BTC", 10_000_000)
    bound = hands.scan.rows[hands.market("BTC")][1][0]
    hands.hold("BTC", side * ((bound - 1) // price))
    hands.set_equity(hands.need() + 10)
    package.ledger.touch(hands.world.accounts, hands.world.audit, hands.account)
    assert hands.account not in settle_down(package, hands.world, 2)
    hands.world.markets.margin_price[hands.market("BTC")] = price + price // 1000
    assert hands.scan.below(hands.account)
    assert hands.account in settle_down(package, hands.world, 3)


@pytest.mark.parametrize("rulebook", ["okx", "bitmex"])
def test_a_short_with_room_meets_the_next_bracket(package, rulebook):
    """A short that has room until its bracket ends, and not in the next one, is looked at there."""
    hands = alone(package, rulebook)
    row = hands.market("BTC")
    price = hands.price("BTC", 10_000_000)
    bound = hands.scan.rows[row][1][0]
    lots = (bound - 1) // price
    inside = -(-bound // lots)  # the first price of the next bracket
    hands.hold("BTC", -lots)
    prices = hands.world.markets.margin_price
    prices[row] = inside
    hands.set_equity(hands.need() - 1)
    prices[row] = price
    package.ledger.touch(hands.world.accounts, hands.world.audit, hands.account)
    assert hands.account not in settle_down(package, hands.world, 2)
    prices[row] = inside
    assert hands.account in settle_down(package, hands.world, 3)


def test_a_rate_above_everything(package):
    """A long whose size asks for more than its notional is looked at when the price rises."""
    hands = alone(package, "synthetix-v3")
    price = hands.price("BTC", 1_000_000)
    hands.hold("BTC", 10**8)
    assert hands.need() > 10**8 * price
    hands.set_equity(hands.need() + 10)
    package.ledger.touch(hands.world.accounts, hands.world.audit, hands.account)
    assert hands.account not in settle_down(package, hands.world, 2)
    hands.world.markets.margin_price[hands.market("BTC")] = price * 101 // 100
    assert hands.scan.below(hands.account)
    assert hands.account in settle_down(package, hands.world, 3)


@given(data=st.data(), rulebook=st.sampled_from(["okx", "bitmex", "drift-v2", "synthetix-v3"]))
def test_any_walk_of_prices(package, data, rulebook):
    """Along any walk of two prices an account with random positions fails when a scan says so."""
    hands = alone(package, rulebook)
    world = hands.world
    lots = st.integers(-(10**6), 10**6)
    for symbol, first in (("BTC", 30_000), ("ETH", 20_000)):
        hands.price(symbol, first)
        hands.hold(symbol, data.draw(lots))
    need = hands.need()
    hands.set_equity(need + 1 + data.draw(st.integers(0, max(need // 4, 1))))
    package.ledger.touch(world.accounts, world.audit, hands.account)
    move = st.sampled_from([0.9, 0.99, 0.999, 1.0, 1.001, 1.01, 1.1])
    for step in range(2, 14):
        for symbol in ("BTC", "ETH"):
            row = hands.market(symbol)
            price = int(world.markets.margin_price[row] * data.draw(move))
            world.markets.margin_price[row] = min(max(price, 1), PRICE_QUANTA_MAX)
        below = hands.scan.below(hands.account)
        found = hands.account in settle_down(package, world, step)
        assert found == below
        if found:
            return
