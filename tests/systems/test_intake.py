"""The door: what each kind of input record does, and what it must not do."""

from dataclasses import replace

import numpy as np
import pytest

from systems import worlds
from systems.interpreted import advance
from tacoma.world.build import empty_journal
from tacoma.world.codes import (
    ALERTED,
    CALM,
    CANCEL,
    FAULT,
    FAULT_DEPTH,
    FAULT_GATEWAY,
    FAULT_SOURCE,
    LIMIT,
    LIQUIDATING,
    ORDER,
    PARAMETER,
    PERPETUAL,
    QUOTE,
    SOURCE,
    SOURCE_LYING,
    TRANSFER,
)
from tacoma.world.layout import VENUE_TOP_UP


@pytest.fixture
def built():
    """A calm world of 100 accounts, for one test each."""
    return worlds.small()


def consume(package, built, rows, step=1):
    """Apply records at a step; return the journal they were written to."""
    journal = empty_journal(len(rows) + 1)
    cursor = np.zeros(2, dtype=np.int64)
    package.intake.consume_inputs(built.world, worlds.records(rows), cursor, 0, journal, step)
    assert cursor[0] == len(rows)
    return journal


def holder(world, side=1):
    """Return (account, market, slot) of somebody with a perpetual position on a side."""
    for slot in range(len(world.positions)):
        market = int(world.positions.market[slot])
        if world.positions.lots[slot] * side > 1 and world.markets.kind[market] == PERPETUAL:
            return int(world.positions.account[slot]), market, slot
    raise AssertionError("nobody holds a position")


@pytest.mark.parametrize(
    ("side", "order", "closed"),
    [
        (1, -1, 1),
        (1, -(10**6), "all"),  # no more than is held
        (1, 5, 0),  # the wrong way
        (-1, 1, 1),
        (-1, 10**6, "all"),
        (-1, -5, 0),
    ],
)
def test_reduce_only_shrinks_to_what_it_may_close(package, built, side, order, closed):
    """A reduce-only order closes at most the position and never opens one."""
    world = built.world
    account, market, slot = holder(world, side)
    held = int(world.positions.lots[slot])
    # Little enough for the book to fill at once.
    if abs(held) > 20:
        world.positions.lots[slot] = held = 20 * side
    consume(package, built, [
        {"step": 1, "kind": ORDER, "account": account, "market": market, "first": order,
         "fourth": 1}
    ])  # fmt: skip
    left = 0 if closed == "all" else held - side * closed
    assert int(world.positions.lots[slot]) == left


def test_orders_of_accounts_in_liquidation_are_refused(package, built):
    """The owner of an account that is being liquidated cannot trade it."""
    world = built.world
    account, market, slot = holder(world)
    held = int(world.positions.lots[slot])
    world.accounts.status[account] = LIQUIDATING
    world.accounts.since[account] = 1
    consume(package, built, [
        {"step": 1, "kind": ORDER, "account": account, "market": market, "first": -1}
    ])  # fmt: skip
    assert int(world.positions.lots[slot]) == held


def market_without_slot(world):
    """Return (account, market) of somebody who has no slot in a market."""
    for account in range(len(world.accounts)):
        slots = slice(
            int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account])
        )
        owned = set(world.positions.market[slots].tolist())
        if 0 not in owned and world.accounts.dense_market[account] < 0:
            return account, 0
    raise AssertionError("everybody has a slot in the first market")


def test_orders_without_a_slot_are_refused(package, built):
    """An order in a market where the account cannot hold anything changes nothing."""
    world = built.world
    account, market = market_without_slot(world)
    before = world.positions.lots.copy(), world.accounts.balance.copy()
    consume(package, built, [
        {"step": 1, "kind": ORDER, "account": account, "market": market, "first": 5}
    ])  # fmt: skip
    assert (world.positions.lots == before[0]).all()
    assert (world.accounts.balance == before[1]).all()


def test_resting_orders_without_a_slot_are_refused(package, built):
    """A resting order in a market where the account cannot hold anything never trades."""
    world = built.world
    account, market = market_without_slot(world)
    taker = built.found.makers[0][0]
    price = int(world.markets.mark[market]) * 2
    consume(package, built, [
        {"step": 1, "kind": LIMIT, "account": account, "market": market, "first": 5,
         "second": price},
        {"step": 1, "kind": ORDER, "account": taker, "market": market, "first": -5},
    ])  # fmt: skip
    assert not any(worlds.net_lots(world))


@pytest.mark.parametrize(
    ("balance", "wallet", "quanta", "moved"),
    [
        (100, 50, 30, 30),
        (100, 50, 80, 50),  # no more than the wallet holds
        (100, 0, 80, 0),
        (100, 50, -30, -30),
        (100, 50, -130, -100),  # no more than the balance
        (-100, 50, -30, 0),  # nothing from a negative balance
        (-100, 50, 30, 30),
    ],
)
def test_transfers(package, built, balance, wallet, quanta, moved):
    """A transfer moves between wallet and balance what its source has, and conserves the sum."""
    world = built.world
    world.accounts.balance[4], world.accounts.wallet[4] = balance, wallet
    consume(package, built, [{"step": 1, "kind": TRANSFER, "account": 4, "first": quanta}])
    assert int(world.accounts.balance[4]) == balance + moved
    assert int(world.accounts.wallet[4]) == wallet - moved


def test_a_top_up_calms_its_owner(package, built):
    """Whoever noticed and brought money may notice again; without money nothing changes."""
    world = built.world
    world.accounts.status[4:6] = ALERTED
    world.accounts.wallet[4:6] = 10, 0
    consume(package, built, [
        {"step": 1, "kind": TRANSFER, "account": account, "first": 5} for account in (4, 5)
    ])  # fmt: skip
    assert world.accounts.status[4:6].tolist() == [CALM, ALERTED]


def test_a_withdrawal_is_no_top_up(package, built):
    """Money taken out is written down as negative, and calms nobody."""
    world = built.world
    world.accounts.status[4], world.accounts.balance[4] = ALERTED, 100
    consume(package, built, [{"step": 1, "kind": TRANSFER, "account": 4, "first": -30}])
    assert int(world.events.moves.quanta[0]) == -30
    assert not world.flows.venue[:, VENUE_TOP_UP].any()
    assert int(world.accounts.status[4]) == ALERTED


@pytest.mark.parametrize("kind", [TRANSFER, PARAMETER])
def test_the_spot_market_is_no_venue(package, built, kind):
    """A transfer there counts for no venue, and its books have no collateral weight."""
    world = built.world
    maker = built.found.makers[built.directory.margin_venues][0]
    book = built.directory.market("spot", "BTC", kind=1).row
    record = {"step": 1, "kind": kind, "account": maker, "market": book, "first": 500_000}
    if kind == TRANSFER:
        record["first"] = -10
    before = int(world.accounts.balance[maker])
    world.triggers.venues.everyone[:] = 0
    consume(package, built, [record])
    assert int(world.accounts.balance[maker]) == before - 10 * (kind == TRANSFER)
    assert int(world.markets.weight_ppm[book]) == 0
    assert not world.flows.venue[:, VENUE_TOP_UP].any()
    assert not world.triggers.venues.everyone.any()


def test_faults_change_components(package, built):
    """Each fault changes the state of its own component and of no other."""
    world, sources = built.world, built.world.components.sources.shape[1]
    consume(package, built, [
        {"step": 1, "kind": FAULT, "account": 1, "market": FAULT_GATEWAY, "first": 250_000},
        {"step": 1, "kind": FAULT, "account": 2, "market": FAULT_DEPTH, "first": 40_000},
        {"step": 1, "kind": FAULT, "account": sources + 3, "market": FAULT_SOURCE,
         "first": SOURCE_LYING, "second": 7, "third": 900_000},
    ])  # fmt: skip
    assert world.components.availability_ppm.tolist() == [1_000_000, 250_000, 1_000_000]
    assert np.flatnonzero(world.books.base.depth_factor_ppm != 1_000_000).tolist() == [2]
    changed = np.argwhere(world.components.sources.mode).tolist()
    assert changed == [[1, 3]]
    assert world.components.sources[1, 3].tolist() == (SOURCE_LYING, 7, 900_000)


def test_sources_are_heard(package, built):
    """A source's price is heard at the step at which it arrives."""
    consume(
        package, built, [{"step": 9, "kind": SOURCE, "account": 1, "market": 2, "first": 321}], 9
    )
    assert built.world.oracles.heard[1, 2].tolist() == (321, 9)


def test_a_parameter_change_concerns_its_venue(package, built):
    """A new collateral weight makes its venue evaluate everybody, and no other venue."""
    market = built.directory.market("binance", "USDE", kind=1).row
    built.world.triggers.venues.everyone[:] = 0
    consume(package, built, [
        {"step": 1, "kind": PARAMETER, "market": market, "first": 500_000}
    ])  # fmt: skip
    assert int(built.world.markets.weight_ppm[market]) == 500_000
    assert built.world.triggers.venues.everyone.tolist() == [1, 0]


def test_quotes_of_strangers_change_nothing(package, built):
    """A quote of an account that is no maker of the market leaves all curves as they were."""
    books = built.world.books
    before = books.quotes.copy(), books.depth.copy()
    consume(package, built, [
        {"step": 1, "kind": QUOTE, "account": 3, "market": 0, "first": 5, "second": 1, "third": 9,
         "fourth": 9}
    ])  # fmt: skip
    assert (books.quotes == before[0]).all()
    assert (books.depth == before[1]).all()


@pytest.mark.parametrize("shift", [-0.05, 0.05])
def test_quotes_never_cross_another_maker(package, built, shift):
    """A quote through another maker's prices widens until it only touches them: no locked book."""
    world, maker = built.world, built.found.makers[0][1]
    price = int(world.markets.mark[0])
    consume(package, built, [
        {"step": 1, "kind": QUOTE, "account": maker, "market": 0,
         "first": int(price * (1 + shift)), "second": 1, "third": 900, "fourth": 900}
    ])  # fmt: skip
    package.book.update_tops(world.markets, world.books, 1)
    assert 0 < int(world.markets.best_bid[0]) < int(world.markets.best_ask[0])


def test_cancel_takes_back_one_s_own_orders(package, built):
    """A cancellation removes the account's resting orders in one market and nobody else's."""
    books, rows = built.world.books, []
    mine, other = built.found.makers[0][:2]  # makers have a slot in every market
    for account, market in ((mine, 0), (other, 0), (mine, 1)):
        rows.append({"step": 1, "kind": LIMIT, "account": account, "market": market, "first": 2,
                     "second": 10})  # fmt: skip
    consume(package, built, [*rows, {"step": 1, "kind": CANCEL, "account": mine, "market": 0}])
    assert books.rests.lots[0, :2].tolist() == [0, 2]
    assert books.rests.lots[1, :1].tolist() == [2]


def test_the_journal_is_what_was_consumed(package, built):
    """Records due are written to the journal as they are, with the step of their consumption."""
    rows = [
        {"step": step, "kind": TRANSFER, "account": step, "first": 10 * step} for step in (1, 2, 2)
    ]
    journal = consume(package, built, rows, step=2)
    taken = journal.rows[: int(journal.length[0])]
    assert taken.step.tolist() == [2, 2, 2]
    assert taken["first"].tolist() == [10, 20, 20]
    assert taken.kind.tolist() == [TRANSFER] * 3


def test_records_wait_for_their_step(package, built):
    """A record takes effect at its step, not before."""
    accounts = built.world.accounts
    accounts.wallet[4] += 100
    accounts.balance[4] -= 100
    balance = int(accounts.balance[4])
    queue = worlds.records([{"step": 3, "kind": TRANSFER, "account": 4, "first": 60}])
    built, cursor = replace(built, inputs=queue), np.zeros(2, dtype=np.int64)
    moved = []
    for _ in range(4):
        assert advance(package, built, 1, agents=False, cursor=cursor) == package.engine.REACHED
        moved.append(int(accounts.balance[4]) - balance)
    assert moved == [0, 0, 60, 60]
