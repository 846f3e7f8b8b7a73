"""The ledger: fills and transfers move money and positions, and never make or lose any."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from systems import worlds
from tacoma.world.codes import PERPETUAL, SPOT

PRICES = st.integers(1, 2**31 - 1)
LOTS = st.integers(1, 2**31 - 1)
MONEY = st.integers(-(2**52), 2**52)


@pytest.fixture(scope="module")
def built():
    """A world whose positions the tests clear and fill by hand."""
    return worlds.small()


@pytest.fixture
def empty(built):
    """The same world with nobody holding anything and everybody at balance 0."""
    clear(built.world)
    return built.world


def clear(world):
    world.positions.lots[:] = 0
    world.positions.entry[:] = 0
    world.accounts.balance[:] = 0
    world.accounts.wallet[:] = 0
    world.accounts.is_touched[:] = 0
    world.audit.state.touched_count[0] = 0
    world.audit.net_lots[:] = 0
    world.markets.open_lots[:] = 0


def slots_of(world, kind, count):
    """Return slots of different accounts in one market of a kind."""
    market = next(
        row for row in range(len(world.markets))
        if world.markets.kind[row] == kind and (world.positions.market == row).sum() >= count
    )  # fmt: skip
    found = [slot for slot in range(len(world.positions)) if world.positions.market[slot] == market]
    return found[:count]


def fills():
    """Sequences of (buyer, seller, lots, price) among four slots."""
    pairs = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] != pair[1])
    small = st.one_of(st.integers(1, 5), st.integers(1, 2**24))
    return st.lists(st.tuples(pairs, small, PRICES), min_size=1, max_size=12)


@given(fills=fills())
def test_fills_conserve_money_and_lots(package, built, fills):
    """Any sequence of fills leaves the sum of worth and the sum of lots where they were."""
    world = built.world
    clear(world)
    slots = slots_of(world, PERPETUAL, 4)
    for (buyer, seller), lots, price in fills:
        package.ledger.trade(
            world.accounts, world.positions, world.markets, world.audit, slots[buyer],
            slots[seller], lots, price,
        )  # fmt: skip
        assert worlds.worth(world) == 0
        assert not any(worlds.net_lots(world))
        assert not world.audit.net_lots.any()


@given(fills=fills())
def test_realised_profit_is_average_cost_exactly(package, built, fills):
    """
    A fill realises sale minus average cost, the cost's share rounded down, to the quantum.

    The account's balance is the sum of its realised profits, and what is left of the cost stays.
    """
    world = built.world
    clear(world)
    slots = slots_of(world, PERPETUAL, 4)
    held, cost, balance = [0] * 4, [0] * 4, [0] * 4
    for (buyer, seller), lots, price in fills:
        package.ledger.trade(
            world.accounts, world.positions, world.markets, world.audit, slots[buyer],
            slots[seller], lots, price,
        )  # fmt: skip
        for who, signed in ((buyer, lots), (seller, -lots)):
            closing = held[who] * signed < 0
            closed = min(lots, abs(held[who])) if closing else 0
            share = floor(Fraction(cost[who] * closed, abs(held[who]))) if closed else 0
            balance[who] += (closed if signed < 0 else -closed) * price - share
            opened = signed - (closed if signed > 0 else -closed)
            cost[who] += opened * price - share
            held[who] += signed
    for who, slot in enumerate(slots):
        account = int(world.positions.account[slot])
        assert int(world.positions.lots[slot]) == held[who]
        assert int(world.positions.entry[slot]) == cost[who]
        assert int(world.accounts.balance[account]) == balance[who]


@given(fills=fills())
def test_no_cost_without_position(package, built, fills):
    """A closed position leaves no cost behind, and a position's cost has the position's sign."""
    world = built.world
    clear(world)
    slots = slots_of(world, PERPETUAL, 4)
    for (buyer, seller), lots, price in fills:
        package.ledger.trade(
            world.accounts, world.positions, world.markets, world.audit, slots[buyer],
            slots[seller], lots, price,
        )  # fmt: skip
        for slot in slots:
            lots_now, entry = int(world.positions.lots[slot]), int(world.positions.entry[slot])
            assert entry == 0 if lots_now == 0 else entry * lots_now > 0


@given(fills=fills())
def test_open_interest_is_the_sum_of_longs(package, built, fills):
    """After any fills the market's open interest is what the longs hold."""
    world = built.world
    clear(world)
    slots = slots_of(world, PERPETUAL, 4)
    for (buyer, seller), lots, price in fills:
        package.ledger.trade(
            world.accounts, world.positions, world.markets, world.audit, slots[buyer],
            slots[seller], lots, price,
        )  # fmt: skip
    market = int(world.positions.market[slots[0]])
    longs = sum(max(int(world.positions.lots[slot]), 0) for slot in slots)
    assert int(world.markets.open_lots[market]) == longs


@pytest.mark.parametrize(
    ("held", "cost", "lots", "price", "realised", "left"),
    [
        (0, 0, 5, 7, 0, 35),  # opens
        (5, 35, 3, 9, 0, 62),  # adds
        (3, 10, -1, 4, 1, 7),  # a third of 10 leaves, rounded down: 4 - 3
        (-3, -10, 1, 4, 0, -6),  # a third of -10 leaves, rounded down: -4 - (-4)
        (3, 10, -3, 4, 2, 0),  # closes whole: no dust
        (-3, -10, 3, 4, -2, 0),
        (3, 10, -5, 4, 2, -8),  # turns round: the rest opens at the price
        (-3, -10, 5, 4, -2, 8),
        (1, 2**31 - 1, -1, 1, 2 - 2**31, 0),
    ],
)
def test_fill_by_hand(package, empty, held, cost, lots, price, realised, left):
    """Each kind of fill realises and leaves what the table says."""
    world = empty
    slot = slots_of(world, PERPETUAL, 1)[0]
    account = int(world.positions.account[slot])
    world.positions.lots[slot], world.positions.entry[slot] = held, cost
    got = package.ledger.apply_fill(
        world.accounts, world.positions, world.markets, world.audit, slot, lots, price
    )
    assert (int(got), int(world.positions.entry[slot])) == (realised, left)
    assert int(world.accounts.balance[account]) == realised
    assert int(world.positions.lots[slot]) == held + lots


def test_spot_is_paid_in_full(package, empty):
    """On a spot book the buyer pays the price and the seller gets it; nobody owes a cost."""
    world = empty
    buyer, seller = slots_of(world, SPOT, 2)
    package.ledger.trade(
        world.accounts, world.positions, world.markets, world.audit, buyer, seller, 3, 50
    )
    paid = [int(world.accounts.balance[world.positions.account[slot]]) for slot in (buyer, seller)]
    assert paid == [-150, 150]
    assert [int(world.positions.lots[slot]) for slot in (buyer, seller)] == [3, -3]
    assert not world.positions.entry.any()


@given(quanta=st.lists(MONEY, min_size=1, max_size=20))
def test_transfers_conserve_money(package, built, quanta):
    """Transfers, forth and back, leave the sum of balances where it was."""
    world = built.world
    clear(world)
    for place, amount in enumerate(quanta):
        package.ledger.transfer(
            world.accounts, world.audit, place, (place * 7 + 1) % len(world.accounts), amount
        )
        assert sum(map(int, world.accounts.balance)) == 0


@given(wallet=st.integers(0, 10**12), wanted=st.integers(0, 2 * 10**12))
@settings(max_examples=25)
def test_wallet_gives_what_it_has(package, built, wallet, wanted):
    """A top-up moves the smaller of what is wanted and what the wallet holds."""
    world = built.world
    clear(world)
    world.accounts.wallet[3] = wallet
    moved = package.ledger.withdraw_from_wallet(world.accounts, world.audit, 3, wanted)
    assert int(moved) == min(wallet, wanted)
    assert int(world.accounts.balance[3]) == moved
    assert int(world.accounts.wallet[3]) == wallet - moved


def test_everyone_touched_is_listed_once(package, empty):
    """An account that changes many times in a step is audited and re-indexed once."""
    world = empty
    for _ in range(3):
        package.ledger.transfer(world.accounts, world.audit, 5, 6, 1)
    count = int(world.audit.state.touched_count[0])
    assert sorted(world.audit.touched[:count].tolist()) == [5, 6]


def test_a_trade_touches_both_sides(package, empty):
    """Buyer and seller of a fill are audited and looked at again."""
    world = empty
    buyer, seller = slots_of(world, PERPETUAL, 2)
    package.ledger.trade(
        world.accounts, world.positions, world.markets, world.audit, buyer, seller, 1, 100
    )
    count = int(world.audit.state.touched_count[0])
    expected = sorted(int(world.positions.account[slot]) for slot in (buyer, seller))
    assert sorted(world.audit.touched[:count].tolist()) == expected
