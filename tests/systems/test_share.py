"""Loss sharing: a debt that nobody covers is spread over the winners, to the quantum."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from tacoma.world.codes import DESK, EXEMPT, PERPETUAL

VENUE = worlds.BINANCE


@pytest.fixture(scope="module")
def built():
    """A calm world in which nobody holds anything."""
    return worlds.small()


def arrange(world, directory, debt, profits):
    """Give desks of the venue these profits and one of them a debt; return (debtor, winners)."""
    world.positions.lots[:] = world.positions.entry[:] = 0
    world.accounts.balance[:] = 0
    world.rules.share_kind[:] = 1  # profit_pro_rata
    desks = [
        account for account in range(len(world.accounts))
        if world.accounts.kind[account] == DESK and world.accounts.venue[account] == VENUE
    ]  # fmt: skip
    debtor, winners = desks[0], desks[1 : 1 + len(profits)]
    assert len(winners) == len(profits)
    world.accounts.balance[debtor] = -debt
    for account, profit in zip(winners, profits, strict=True):
        slot = int(world.accounts.slot_first[account])
        market = int(world.positions.market[slot])
        assert world.markets.kind[market] == PERPETUAL
        world.positions.lots[slot] = 1
        world.positions.entry[slot] = int(world.markets.margin_price[market]) - profit
    return debtor, winners


def share(package, world, debtor):
    """Run the stage for one account."""
    package.share.share_loss(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.audit,
        world.flows, world.events, world.deleverage, debtor, 1,
    )  # fmt: skip


PROFITS = st.lists(st.integers(-(10**9), 10**15), min_size=1, max_size=6)


@given(debt=st.integers(1, 10**15), profits=PROFITS)
def test_the_shares_add_up_to_the_debt(package, built, debt, profits):
    """
    The winners pay the debt exactly, each within one quantum of its part, never above its profit.

    A debt above all profit is paid as far as that reaches.
    """
    world = built.world
    debtor, winners = arrange(world, built.directory, debt, profits)
    share(package, world, debtor)
    paid = [-int(world.accounts.balance[account]) for account in winners]
    total = sum(max(profit, 0) for profit in profits)
    shared = min(debt, total)
    assert sum(paid) == shared
    assert int(world.accounts.balance[debtor]) == shared - debt
    for profit, part in zip(profits, paid, strict=True):
        weight = max(profit, 0)
        assert 0 <= part <= weight
        assert total == 0 or abs(part - Fraction(shared * weight, total)) < 1


@pytest.mark.parametrize(
    ("debt", "profits", "paid"),
    [
        (10, [10, 20, 30], [2, 3, 5]),  # 1.67, 3.33, 5: the largest remainder gets the unit
        (1, [5, 5, 5], [1, 0, 0]),  # among equals the first
        (2, [5, 5, 5], [1, 1, 0]),
        (60, [10, 20, 30], [10, 20, 30]),
        (61, [10, 20, 30], [10, 20, 30]),  # no more than the profit
        (7, [-10, 7, 0], [0, 7, 0]),  # losers pay nothing
        (7, [-10, 0], [0, 0]),
    ],
)
def test_shares_by_hand(package, built, debt, profits, paid):
    """Largest remainders, ties, caps and losers, as in the table."""
    world = built.world
    debtor, winners = arrange(world, built.directory, debt, profits)
    share(package, world, debtor)
    assert [-int(world.accounts.balance[account]) for account in winners] == paid


def test_who_does_not_share(package, built):
    """Other venues' winners and the venue's own accounts pay nothing."""
    world = built.world
    debtor, winners = arrange(world, built.directory, 9, [9, 9, 9])
    world.accounts.status[winners[0]] = EXEMPT
    world.accounts.venue[winners[1]] = worlds.HYPERLIQUID
    share(package, world, debtor)
    paid = [-int(world.accounts.balance[account]) for account in winners]
    world.accounts.status[winners[0]] = 0
    world.accounts.venue[winners[1]] = VENUE
    assert paid == [0, 0, 9]


@pytest.mark.parametrize(("kind", "balance"), [(0, -9), (1, 9), (1, 0)])
def test_when_nothing_is_shared(package, built, kind, balance):
    """Without the rule, or without a debt, nobody pays."""
    world = built.world
    debtor, winners = arrange(world, built.directory, -balance, [9, 9])
    world.rules.share_kind[:] = kind
    share(package, world, debtor)
    assert [int(world.accounts.balance[account]) for account in winners] == [0, 0]


def test_not_while_positions_are_open(package, built):
    """Whoever still has a position to close shares no loss yet."""
    world = built.world
    debtor, winners = arrange(world, built.directory, 9, [9, 9])
    world.positions.lots[int(world.accounts.slot_first[debtor])] = 1
    share(package, world, debtor)
    assert [int(world.accounts.balance[account]) for account in winners] == [0, 0]
