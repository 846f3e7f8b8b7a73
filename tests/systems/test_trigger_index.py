"""The trigger index: its result is that of looking at everybody, at every step."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from systems import worlds
from systems.exact import Scan
from systems.interpreted import advance, interpreted_package
from systems.transplants import Hands, made
from systems.watched import failing, watch_liquidations
from tacoma.scenario import from_dict
from tacoma.world.build import empty_journal
from tacoma.world.codes import ALERTED, CALM, EXEMPT, LIQUIDATING, LONG, PERPETUAL, SPOT
from tacoma.world.limits import BUCKETS, PRICE_QUANTA_MAX

# Examples that take seconds: the first that fails is as good as the smallest.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


def test_the_crash_liquidates_whom_a_scan_finds(watch):
    """At every step of a crash the liquidated are those whom a scan of everybody finds."""
    assert sum(len(expected) for _, expected, _ in watch.scans) > 50
    assert [(step, got) for step, _, got in watch.scans] == [
        (step, expected) for step, expected, _ in watch.scans
    ]


def small_worlds():
    """Scenarios of a few hundred accounts and one or two coins in a crash or a rally."""
    return st.fixed_dictionaries({
        "seed": st.integers(0, 2**32),
        "accounts": st.integers(100, 220),
        "symbols": st.sampled_from([("BTC",), ("SOL", "USDE"), ("ETH", "WBETH")]),
        "move": st.sampled_from([-0.35, -0.15, -0.06, 0.06, 0.25]),
        "last": st.sampled_from(["15:55:03", "15:55:08", "15:55:20"]),
        "step": st.sampled_from(["1 s", "3 s"]),
        "leverage": st.sampled_from([[1, 40], [1.1, 3], [20, 100]]),
        "collateral_share": st.sampled_from([0, "40 %", 1]),
        "alert_slack": st.sampled_from(["5 %", "45 %", 1]),
    })  # fmt: skip


def scenario_of(drawn):
    table = worlds.narrow(worlds.table(drawn["accounts"], seed=drawn["seed"]), drawn["symbols"])
    worlds.fall(table, -drawn["move"], "15:55:02", drawn["last"])
    table["clock"]["step"] = drawn["step"]
    group = {"name": "all", "accounts": 1, "interest": 1, "leverage": drawn["leverage"]}
    table["population"] |= {
        "groups": [group], "collateral_share": drawn["collateral_share"],
        "alert_slack": drawn["alert_slack"],
    }  # fmt: skip
    return from_dict(table)


@given(drawn=small_worlds())
@settings(max_examples=max(8, settings().max_examples // 20), phases=NO_SHRINKING)
def test_random_worlds_liquidate_whom_a_scan_finds(drawn):
    """
    In any small world, at the moment of the check, nobody who is neither exempt nor in liquidation
    is below maintenance and unnoticed, and whoever is liquidated is below it.
    """
    scenario = scenario_of(drawn)
    built, package = worlds.start(scenario), interpreted_package()
    scans = []
    watch_liquidations(package, built.world, Scan(scenario, built), lambda *row: scans.append(row))
    cursor, journal = np.zeros(2, dtype=np.int64), empty_journal(built.reserve + (1 << 18))
    code = advance(package, built, 40, cursor=cursor, journal=journal)
    assert code == package.engine.REACHED
    assert len(scans) == 40
    for step, expected, recorded in scans:
        assert (step, recorded) == (step, expected)


def shake(random, built, package, scale):
    """Move prices and let a few accounts trade and pay each other; return nothing."""
    world, markets = built.world, built.world.markets
    size = scale * random.choice([0.01, 0.002, 0.0003, 0.0])
    for market in range(len(markets)):
        if markets.venue[market] < built.directory.margin_venues:
            price = int(markets.margin_price[market] * (1.0 + size * random.standard_normal()))
            markets.margin_price[market] = min(max(price, 1), PRICE_QUANTA_MAX)
    for _ in range(random.integers(0, 4)):
        first, second = random.choice(len(world.accounts), 2, replace=False)
        quanta = int(random.integers(-(10**9), 10**9))
        package.ledger.transfer(world.accounts, world.audit, int(first), int(second), quanta)
    for _ in range(random.integers(0, 4)):
        slot = int(random.integers(len(world.positions)))
        market = int(world.positions.market[slot])
        others = np.flatnonzero(world.positions.market == market)
        other = int(random.choice(others))
        if other != slot and markets.kind[market] == PERPETUAL:
            package.ledger.trade(
                world.accounts, world.positions, markets, world.audit, slot, other,
                int(random.integers(1, 200)), int(markets.margin_price[market]),
            )  # fmt: skip
    if random.random() < 0.05:
        market = int(random.choice(np.flatnonzero(markets.weight_ppm)))
        markets.weight_ppm[market] = int(random.integers(500_000, 1_000_001))
        world.triggers.venues.everyone[int(markets.venue[market])] = 1


def find(package, world, step):
    """Return whom the trigger index finds at this step."""
    begin = package.trigger_index.find_liquidatable(
        world.markets, world.tiers, world.accounts, world.positions, world.rules, world.triggers,
        world.flows, world.audit, step,
    )  # fmt: skip
    return {int(a) for a in world.triggers.batch[begin : int(world.triggers.counts.batch[0])]}


def revive(random, package, scan, world, found):
    """Give the failing enough money to go on, some of them barely, and empty the batch."""
    for account in sorted(found):
        equity, need, _ = scan.margin(account)
        world.accounts.status[account] = random.choice([CALM, ALERTED])
        world.accounts.balance[account] += need - equity + int(random.integers(0, max(need, 2)))
        package.ledger.touch(world.accounts, world.audit, account)
    world.triggers.counts.batch[0] = world.triggers.counts.alert[0] = 0
    package.audit.keep_unswept(world.audit)


@given(seed=st.integers(0, 2**32), scale=st.sampled_from([0.1, 1.0, 5.0, 20.0]))
@settings(max_examples=max(12, settings().max_examples // 4), phases=NO_SHRINKING)
def test_any_prices_and_fills(package, seed, scale):
    """Whatever prices, fills, transfers and haircuts do, the index finds whom a scan finds."""
    random = np.random.Generator(np.random.Philox(key=seed))
    scenario = from_dict(worlds.table(100, seed=seed, timeline=[]))
    built = worlds.start(scenario)
    world, scan = built.world, Scan(scenario, built)
    for step in range(1, 41):
        shake(random, built, package, scale)
        below, _ = failing(scan, world)
        found = find(package, world, step)
        assert (step, found) == (step, below)
        revive(random, package, scan, world, found)


def lists(world):
    """Return {slot: (market, bucket)} by walking every list, checking its links both ways."""
    found = {}
    for market, bucket in np.argwhere(world.triggers.head >= 0):
        slot, before = int(world.triggers.head[market, bucket]), -1
        while slot >= 0:
            assert int(world.positions.preceding[slot]) == before
            assert slot not in found
            found[slot] = int(market), int(bucket)
            before, slot = slot, int(world.positions.following[slot])
    return found


def test_lists_hold_each_position_once(package):
    """After any moves every indexed slot is in one list, that of its own market and bucket."""
    random = np.random.Generator(np.random.Philox(key=5))
    scenario = from_dict(worlds.table(150, timeline=[]))
    built = worlds.start(scenario)
    world, scan = built.world, Scan(scenario, built)
    for step in range(1, 60):
        shake(random, built, package, 3.0)
        found = find(package, world, step)
        revive(random, package, scan, world, found)
    listed = lists(world)
    indexed = np.flatnonzero(world.positions.trigger).tolist()
    assert sorted(listed) == indexed
    for slot, (market, bucket) in listed.items():
        assert int(world.positions.market[slot]) == market
        trigger = int(world.positions.trigger[slot])
        assert package.trigger_index.list_of(trigger) == bucket
        assert (trigger > 0) == (world.positions.lots[slot] > 0) == (bucket // BUCKETS == LONG)


def test_the_index_looks_at_few(package):
    """While prices barely move, far fewer accounts are evaluated than a scan would."""
    random = np.random.Generator(np.random.Philox(key=6))
    scenario = from_dict(worlds.table(400, timeline=[]))
    built = worlds.start(scenario)
    world, scan = built.world, Scan(scenario, built)
    looked = []
    for step in range(1, 40):
        shake(random, built, package, 0.1)
        world.triggers.venues.everyone[:] *= step == 1
        found = find(package, world, step)
        revive(random, package, scan, world, found)
        looked.append(int(world.triggers.venues.evaluations.sum()))
        world.triggers.venues.evaluations[:] = 0
    assert looked[0] > 400  # the first step indexes everybody
    assert sum(looked[1:]) < 0.1 * 400 * len(looked)


@pytest.mark.parametrize("status", [EXEMPT, LIQUIDATING])
def test_whom_the_index_leaves_alone(package, status):
    """The venue's own accounts and those already in liquidation are not liquidated again."""
    built = worlds.start(from_dict(worlds.table(100, timeline=[])))
    world = built.world
    find(package, world, 1)
    world.accounts.balance[7] -= 10**15
    world.accounts.status[7] = status
    package.ledger.touch(world.accounts, world.audit, 7)
    assert 7 not in find(package, world, 2)


@pytest.mark.parametrize("missing", [-1, 0, 1])
def test_the_threshold_is_strict(package, missing):
    """Equity equal to maintenance is healthy; one quantum less is not."""
    scenario = from_dict(worlds.table(100, timeline=[]))
    built = worlds.start(scenario)
    world, scan = built.world, Scan(scenario, built)
    find(package, world, 1)
    account = next(a for a in range(100) if scan.margin(a)[2] > 0)
    equity, need, _ = scan.margin(account)
    world.accounts.balance[account] -= equity - need + missing
    package.ledger.touch(world.accounts, world.audit, account)
    assert (account in find(package, world, 2)) == (missing > 0)


@given(price=st.integers(0, PRICE_QUANTA_MAX - 1))
def test_buckets_are_monotone_and_narrow(package, price):
    """A higher price is never in a lower bucket, and a bucket spans at most 0.1 % of its price."""
    bucket = package.trigger_index.price_bucket
    assert 0 <= bucket(price) <= bucket(price + 1) <= bucket(price) + 1 < BUCKETS
    assert bucket(price + 1 + price // 1000) > bucket(price)


@pytest.fixture(scope="module")
def calm():
    """A calm world, for positions made by hand."""
    return made(from_dict(worlds.table(100, timeline=[])))


@given(
    sides=st.tuples(st.integers(-20, 20).filter(bool), st.integers(-20, 20)),
    prices=st.tuples(st.integers(100, 10**6), st.integers(100, 10**6)),
    slack=st.one_of(st.integers(0, 300), st.integers(0, 10**6)),
)
@settings(max_examples=4 * settings().max_examples)
def test_small_accounts_at_the_edge(package, calm, sides, prices, slack):
    """
    A quantum before any price reaches its trigger, nobody is below maintenance.

    Also for accounts of a few quanta, where the rounding of margins is as large as the moves.
    """
    hands = Hands(package, *calm)
    world, symbols = hands.world, ("BTC", "ETH")
    slots = {}
    for symbol, lots, price in zip(symbols, sides, prices, strict=True):
        hands.price(symbol, price)
        if lots:
            slots[symbol] = hands.hold(symbol, lots)
    hands.set_equity(hands.need() + slack)
    package.trigger_index.place_account(
        world.markets, world.tiers, world.accounts, world.positions, world.triggers,
        hands.account, slack,
    )  # fmt: skip
    for symbol, slot in slots.items():
        trigger, price = int(world.positions.trigger[slot]), hands.price(symbol)
        last = abs(trigger) + 1 if trigger > 0 else abs(trigger) - 1
        if trigger == 0:  # no price that it can reach harms it
            last = 1 if world.positions.lots[slot] > 0 else 4 * price
        if (last < price) == (world.positions.lots[slot] > 0):
            hands.price(symbol, last)
    assert hands.equity() >= hands.need()
    package.trigger_index.remove_account(
        world.accounts, world.positions, world.triggers, hands.account
    )


@given(
    lots=st.integers(-20, 20).filter(bool), collateral=st.integers(1, 10**4),
    slack=st.integers(0, 10**7),
)  # fmt: skip
def test_collateral_at_the_edge(package, calm, lots, collateral, slack):
    """A quantum before the prices of position and collateral reach their triggers all is well."""
    hands = Hands(package, *calm)
    world = hands.world
    slots = (hands.hold("BTC", lots), hands.slot("WBETH", kind=SPOT))
    world.positions.lots[slots[1]] = collateral
    hands.set_equity(hands.need() + slack)
    package.trigger_index.place_account(
        world.markets, world.tiers, world.accounts, world.positions, world.triggers,
        hands.account, slack,
    )  # fmt: skip
    prices = world.markets.margin_price
    kept = prices.copy()
    for slot in slots:
        trigger, row = int(world.positions.trigger[slot]), int(world.positions.market[slot])
        if trigger > 0:
            prices[row] = min(trigger + 1, int(prices[row]))
        elif trigger < 0:
            prices[row] = max(-trigger - 1, int(prices[row]))
        else:
            prices[row] = 1 if world.positions.lots[slot] > 0 else 2 * int(prices[row])
    healthy = hands.equity() >= hands.need()
    prices[:] = kept
    package.trigger_index.remove_account(
        world.accounts, world.positions, world.triggers, hands.account
    )
    assert healthy
