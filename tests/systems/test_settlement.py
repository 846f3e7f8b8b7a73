"""Halts: a venue whose settlement fails stops, keeps its debts, and restarts with order mended."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tacoma
from systems import worlds
from systems.transplants import RULEBOOKS, Hands, made, under
from tacoma.scenario import load_rulebook
from tacoma.world.codes import (
    ISOLATED,
    LIMIT,
    LIQUIDATING,
    MOVE_FUNDING,
    ORDER,
    QUOTE,
    SETTLEMENT_ORDERS,
    TRANSFER,
)


@pytest.fixture(scope="module")
def halted():
    """The bundled scenario in which the order of two payments stops the venue."""
    return tacoma.run("dydx-isolated", accounts=800, control=False, macro=False, threads=1)


@pytest.fixture(scope="module")
def mended():
    """The same with the order mended."""
    return tacoma.run("dydx-isolated-fixed", accounts=800, control=False, macro=False, threads=1)


def test_one_word_decides(halted, mended):
    """With collateral first the venue halts, with insurance first it does not."""
    assert (halted.summary["halts"], mended.summary["halts"]) == (1, 0)
    assert halted.conserved
    assert mended.conserved


def test_the_two_scenarios_differ_in_that_word_only():
    """Both scenarios are alike but for the order of settlement, names and texts."""
    tables = [tacoma.load(name).resolved() for name in ("dydx-isolated", "dydx-isolated-fixed")]
    for table, order in zip(tables, ("collateral_first", "insurance_first"), strict=True):
        assert table["venues"][0]["rules"]["settlement"].pop("order") == order
        for key in ("name", "title", "description", "provenance"):
            del table[key]
    assert tables[0] == tables[1]


def test_nothing_is_liquidated_while_halted(halted):
    """After the halt nobody is sold, taken over or deleveraged; who fails is only written down."""
    rows = halted.tables["liquidations"]
    stops = rows.filter(pl.col("stage") == "halt")
    assert len(stops) == 1
    later = rows.filter(pl.col("second") > stops["second"][0])
    assert set(later["stage"].unique().to_list()) <= {"trigger"}
    assert len(halted.tables["adl"].filter(pl.col("second") > stops["second"][0])) == 0
    assert halted.summary["pending_accounts"] > 0


def test_the_bundled_accounts_are_all_halted_alike():
    """At other sizes and seeds the scenario tells the same story."""
    for accounts, seed in ((2_000, None), (1_000, 4)):
        for name, halts in (("dydx-isolated", 1), ("dydx-isolated-fixed", 0)):
            run = tacoma.run(
                name, accounts=accounts, seed=seed, control=False, macro=False, threads=1
            )
            assert (run.summary["halts"], run.conserved) == (halts, True)


# ------------------------------------------------------------------- one settlement by hand


@pytest.fixture(scope="module")
def pooled():
    """A calm world under dydx-v4-isolated; every market is made a pooled one."""
    start = made(under("dydx-v4-isolated", calm=True))
    start[1].world.markets.is_pooled[:3] = 1
    return start


def arrange(package, pooled, order, debt, others):
    """Return a bankrupt isolated account in BTC among others with this equity."""
    hands = Hands(package, *pooled)
    world = hands.world
    world.accounts.mode[:] = 0
    hands.rules(settlement_order=SETTLEMENT_ORDERS.index(order), halt_steps=20)
    world.venues.halted_until[:] = world.venues.halts[:] = 0
    world.accounts.mode[hands.account] = ISOLATED
    hands.set_equity(-debt)
    for account, equity in zip(hands.built.found.makers[0][:2], others, strict=True):
        hands.clear(account)
        world.accounts.mode[account] = ISOLATED
        hands.set_equity(equity, account)
    return hands


def settle(hands, collateral, step=5):
    """Settle one payment; return the step until which the venue is halted."""
    world = hands.world
    hands.package.settlement.settle(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.venues,
        world.events, hands.slot("BTC"), collateral, step,
    )  # fmt: skip
    return int(world.venues.halted_until[hands.venue])


@given(
    debt=st.integers(1, 100), others=st.tuples(st.integers(-50, 100), st.integers(-50, 100)),
    collateral=st.integers(0, 100), order=st.sampled_from(SETTLEMENT_ORDERS),
)  # fmt: skip
def test_what_the_pool_must_hold(package, pooled, debt, others, collateral, order):
    """With collateral first the others' equity must cover the debt; with insurance first nothing.

    Debts of others are not their pool's money.
    """
    hands = arrange(package, pooled, order, debt, others)
    owned = sum(max(equity, 0) for equity in others)
    fails = order == "collateral_first" and owned < debt
    assert settle(hands, collateral) == (25 if fails else 0)
    if fails:
        assert int(hands.world.venues.missing[hands.venue]) == debt - owned
    assert settle(hands, collateral, step=40) == (25 if fails else 0)  # mended after the restart


@pytest.mark.parametrize("what", ["cross", "not pooled", "no debt"])
def test_what_needs_no_pool(package, pooled, what):
    """Cross accounts, markets without a pool and accounts without a debt halt nothing."""
    hands = arrange(package, pooled, "collateral_first", 0 if what == "no debt" else 9, (0, 0))
    row = hands.market("BTC")
    hands.world.accounts.mode[hands.account] = 0 if what == "cross" else ISOLATED
    hands.world.markets.is_pooled[row] = what != "not pooled"
    assert settle(hands, 5) == 0
    hands.world.markets.is_pooled[row] = 1


# ------------------------------------------------------------------- what a halt stops


def accept(hands, kind, symbol, first, second=0, depth=0, step=3):
    """Let one record through the door."""
    queue = worlds.records([{
        "step": step, "kind": kind, "account": hands.account, "market": hands.market(symbol),
        "first": first, "second": second, "third": depth, "fourth": depth,
    }])  # fmt: skip
    hands.package.intake.accept(hands.world, queue, 0, step)


@pytest.mark.parametrize(("until", "rejected"), [(3, False), (4, True)])
def test_orders_and_transfers_are_rejected(package, pooled, until, rejected):
    """Until the halt ends no order is filled or rests and no money moves; quotes still stand."""
    hands = Hands(package, *pooled)
    world = hands.world
    world.accounts.status[hands.account] = 0
    world.accounts.wallet[hands.account] = 100
    hands.set_equity(10**12)
    world.venues.halted_until[hands.venue] = until
    row = hands.market("BTC")
    world.books.rests.lots[row] = 0
    accept(hands, TRANSFER, "BTC", 60)
    accept(hands, LIMIT, "BTC", 5, 1000)
    accept(hands, ORDER, "BTC", 7)
    assert int(world.accounts.wallet[hands.account]) == (100 if rejected else 40)
    assert (int(world.books.rests.lots[row].sum()) == 0) == rejected
    assert (hands.lots("BTC") == 0) == rejected
    maker = hands.account
    price = hands.price("BTC") * 99 // 100
    accept(hands, QUOTE, "BTC", price, 10**6, depth=1000)
    mine = world.books.quotes.maker[row] == maker
    assert (world.books.quotes.reference[row][mine] == price).all()
    world.venues.halted_until[:] = 0


def test_debts_wait_and_no_funding_is_paid():
    """A short halt: in it the batch is kept and no funding is paid, after it both go on."""
    scenario = tacoma.load(
        "dydx-isolated",
        ["venues.dydx.rules.settlement.halt=60 s", "venues.dydx.rules.funding.interval=10 s"],
        accounts=800,
    )
    crash = worlds.driven(scenario)
    world = crash.driven.built.world
    rows = crash.driven.liquidations
    stage = list(np.array(["cancel", "market", "convert", "takeover", "insurance", "adl", "share",
                           "trigger", "bad_debt", "halt"]))  # fmt: skip
    stop = rows[rows.stage == stage.index("halt")]
    assert (len(stop), int(world.venues.halts[0])) == (1, 1)
    begin, end = int(stop.step[0]), int(stop.step[0]) + 60
    during = rows[(rows.step > begin) & (rows.step < end)]
    assert set(during.stage.tolist()) <= {stage.index("trigger")}
    after = rows[rows.step >= end]
    assert {"market", "insurance"} <= {stage[place] for place in set(after.stage.tolist())}
    paid = crash.driven.moves[crash.driven.moves.kind == MOVE_FUNDING].step
    assert not ((paid >= begin) & (paid < end)).any()
    assert (paid >= end).any()
    waiting = world.accounts.status == LIQUIDATING
    assert int(waiting.sum()) == int(world.triggers.counts.batch[0])


# ------------------------------------------------------------------- the order of the batch


def ordered(package, built, accounts, step):
    """Put a batch in order; return it."""
    world = built.world
    world.triggers.batch[: len(accounts)] = accounts
    world.triggers.counts.batch[0] = len(accounts)
    with np.errstate(over="ignore"):
        package.liquidation.order_batch(world.rules, world.accounts, world.triggers, step)
    return world.triggers.batch[: len(accounts)].tolist()


@given(members=st.sets(st.integers(0, 90), max_size=12), step=st.integers(1, 10**5),
       data=st.data())  # fmt: skip
def test_a_pseudo_random_order_is_a_rotation(package, members, step, data):
    """
    By account the batch is sorted; pseudo-random, each venue's part is its sorted list, rotated.

    Whatever the history of the batch, and however accounts of two venues interleave.
    """
    if not BUILT:
        BUILT.append(worlds.small())
    built = BUILT[0]
    world = built.world
    world.accounts.venue[:91] = np.arange(91) * 7 % 3 % 2
    world.rules.liquidation_order[:] = [1, data.draw(st.integers(0, 1))]
    batch = ordered(package, built, data.draw(st.permutations(sorted(members))), step)
    assert sorted(batch) == sorted(members)
    for venue in (0, 1):
        mine = [account for account in batch if world.accounts.venue[account] == venue]
        whole = sorted(mine)
        starts = range(max(len(whole), 1) if world.rules.liquidation_order[venue] else 1)
        assert any(mine == whole[start:] + whole[:start] for start in starts)


BUILT = []


def test_every_place_begins_once_in_a_while(package):
    """Over many steps every member of a pseudo-random batch is first at some of them."""
    built = worlds.small()
    built.world.rules.liquidation_order[:] = 1
    members = [a for a in range(60) if built.world.accounts.venue[a] == 0][:5]
    firsts = {ordered(package, built, members, step)[0] for step in range(1, 100)}
    assert firsts == set(members)


def test_who_orders_its_batch_so():
    """The rulebooks that say pseudo_random are those of dYdX."""
    said = {name for name in RULEBOOKS
            if load_rulebook(name).liquidation.order == "pseudo_random"}  # fmt: skip
    assert said == {"dydx-v4", "dydx-v4-isolated"}
