"""Deleveraging by every word of a rulebook: when it starts, who is first, and how it is shared."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from systems.exact import Scan
from systems.transplants import Hands, made, under
from tacoma.rules.losses.adl import PRICE_BANKRUPTCY
from tacoma.rules.losses.adl_random import first_position
from tacoma.scenario import from_dict
from tacoma.world.codes import ADL_ALLOCATIONS, ADL_TRIGGERS, DESK, EXEMPT, LIQUIDATING, RANK_KINDS

PPM = 10**6


@pytest.fixture(scope="module")
def okx():
    """A calm world under okx, whose deleveraging starts with the drawdown of its fund."""
    return made(under("okx", calm=True))


@pytest.fixture(scope="module")
def gmx():
    """A calm world under gmx-v2, whose pool pays the profits of both sides."""
    return made(under("gmx-v2", calm=True))


# ------------------------------------------------------------------- when: drawdown of the fund


def watch(hands, step):
    """Let the venue look at its fund; return (peak, whether it has lost too much)."""
    world = hands.world
    hands.package.fund_state.watch_funds(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.record,
        world.peaks, step,
    )  # fmt: skip
    drawn = {int(world.markets.fund_drawn[hands.market(s)]) for s in ("BTC", "ETH", "SOL")}
    assert len(drawn) == 1  # one fund serves all three
    return int(world.peaks.equity[0]), bool(drawn.pop())


MONEY = st.one_of(st.integers(-5, 60), st.integers(900, 1000), st.integers(-(10**12), 10**15))


@given(
    days=st.lists(st.tuples(MONEY, MONEY), min_size=3, max_size=30),
    window=st.integers(1, 12), limit=st.sampled_from([1, 300_000, 333_333, PPM]),
)  # fmt: skip
def test_the_peak_of_the_window(package, okx, days, window, limit):
    """
    The peak is the highest equity written down in the window, looked up anew at every step.

    The fund is drawn when it is empty or has lost the limit of that peak, to the quantum.
    """
    hands = Hands(package, *okx)
    world, fund = hands.world, int(okx[1].world.record.fund_account[0])
    hands.rules(drawdown_steps=window, drawdown_ppm=limit)
    world.record.fund[:, 0, 0] = 0
    written = [days[0][0]]  # before the first step nothing is: its equity is that of the start
    for step, (equity, at_the_end) in enumerate(days, start=1):
        hands.set_equity(equity, fund)
        peak, drawn = watch(hands, step)
        expected = max(written[max(step - window, 0) :])
        assert peak == expected
        lost = expected > 0 and (expected - equity) * PPM >= limit * expected
        assert drawn == (equity <= 0 or lost)
        world.record.fund[step, 0, 0] = at_the_end
        written.append(at_the_end)


def test_a_drawn_fund_is_deleveraged(package, okx):
    """While it is drawn, the fund's own inventory is closed against winners; else it is not."""
    hands = Hands(package, *okx)
    world, fund = hands.world, hands.funds[0]
    hands.hold("BTC", 10, fund)
    hands.set_equity(10**15, fund)
    for drawn in (1, 0):
        world.markets.fund_drawn[hands.market("BTC")] = drawn
        assert verdict(hands, fund) == bool(drawn)
    hands.set_equity(-1, fund)
    assert verdict(hands, fund)


def verdict(hands, account):
    """Say whether the rulebook deleverages an account now."""
    world = hands.world
    return bool(hands.package.deleverage.is_deleveraged(
        world.markets, world.tiers, world.rules, world.accounts, world.positions, account
    ))  # fmt: skip


@pytest.mark.parametrize("trigger", ADL_TRIGGERS)
@pytest.mark.parametrize("equity", [-1, 0, 1])
@pytest.mark.parametrize("refused", [0, 1])
def test_accounts_by_trigger(package, okx, trigger, equity, refused):
    """An account is deleveraged when bankrupt, or when refused, as the trigger's word says."""
    hands = Hands(package, *okx)
    hands.rules(adl_trigger=ADL_TRIGGERS.index(trigger))
    hands.hold("BTC", 10)
    hands.set_equity(equity)
    hands.world.accounts.refused[hands.account] = refused
    expected = {
        "never": False, "negative_equity": equity < 0, "pool_profit": equity < 0,
        "takeover_refused": bool(refused), "fund_drawdown": bool(refused),
    }[trigger]  # fmt: skip
    assert verdict(hands, hands.account) == expected
    hands.rules(adl_trigger=ADL_TRIGGERS.index("fund_drawdown"))


# ------------------------------------------------------------------- when: profit of a side


@given(profit=st.integers(-(10**6), 10**6), side=st.sampled_from([1, -1]),
       capital=st.integers(0, 10**6))  # fmt: skip
def test_the_profit_of_one_side(package, gmx, profit, side, capital):
    """The pool deleverages when the profit of longs, or of shorts, exceeds its part of the pool."""
    hands = Hands(package, *gmx)
    pool = hands.funds[0]
    world = hands.world
    world.positions.lots[:] = world.positions.entry[:] = 0
    limit = gmx[0].venues[0].rules.waterfall.adl.drawdown
    hands.hold("BTC", side * 7, entry=side * 7 * hands.price("BTC") - profit)
    hands.hold("BTC", -side * 7, pool)
    hands.set_equity(capital, pool)
    owed = profit > math.floor(capital * limit)
    assert verdict(hands, pool) == owed


# ------------------------------------------------------------------- who: ranks


@pytest.fixture(scope="module")
def crowd():
    """A calm world of several hundred accounts, for queues."""
    return made(from_dict(worlds.table(250, timeline=[])))


def score(package, built, slot):
    """Return the score of a slot."""
    world = built.world
    with np.errstate(over="ignore"):  # random numbers wrap around on purpose
        return int(package.adl_queue.score_slot(
            world.markets, world.tiers, world.rules, world.accounts, world.positions, slot
        )[0])  # fmt: skip


def held_slots(built, market, *, long):
    """Return the slots of everybody who may queue in a market, on one side."""
    world = built.world
    slots = np.flatnonzero((world.positions.market == market) & (world.positions.lots != 0))
    return [
        slot for slot in slots.tolist()
        if (world.positions.lots[slot] > 0) == long
        and world.accounts.status[world.positions.account[slot]] < LIQUIDATING
    ]  # fmt: skip


@pytest.mark.parametrize("rank", ["leverage", "profit"])
def test_ranks_by_leverage_and_by_profit(package, crowd, rank):
    """The score is notional over equity in ppm, or the unrealised profit; a loss scores -1."""
    scenario, built = crowd
    world, scan = built.world, Scan(scenario, built)
    world.rules.adl_rank[:] = RANK_KINDS.index(rank)
    for slot in held_slots(built, 0, long=True):
        equity, _, notional = scan.margin(int(world.positions.account[slot]))
        price = int(world.markets.margin_price[0])
        profit = int(world.positions.lots[slot]) * price - int(world.positions.entry[slot])
        expected = notional * PPM // equity if rank == "leverage" else profit if profit > 0 else -1
        assert score(package, built, slot) == expected


def test_pseudo_random_ranks(package, crowd):
    """The queue is the list of holders from a place that step and market decide, wrapped around."""
    _, built = crowd
    world = built.world
    world.rules.adl_rank[:] = RANK_KINDS.index("pseudo_random")
    world.rules.adl_allocation[:] = ADL_ALLOCATIONS.index("greedy")
    slots = held_slots(built, 0, long=True)
    everybody = int(np.abs(world.positions.lots[slots]).sum())
    starts = set()
    for step in range(1, 40):
        length = queue(package, built, everybody, long=True, step=step)
        got = world.deleverage.queue.slot[:length].tolist()
        start = slots.index(got[0])
        assert got == slots[start:] + slots[:start]
        assert got[0] == slots[first_position(step, 0, len(slots))]
        starts.add(start)
    assert len(starts) > 10


@given(rank=st.sampled_from(RANK_KINDS[:-1]), needed=st.integers(1, 10**9), long=st.booleans(),
       step=st.integers(1, 500))  # fmt: skip
def test_queues_are_in_order_of_score(package, crowd, rank, needed, long, step):
    """Whatever the rank, the queue is the head of all who may be closed, by score and account."""
    _, built = crowd
    world = built.world
    world.rules.adl_rank[:] = RANK_KINDS.index(rank)
    world.rules.adl_allocation[:] = ADL_ALLOCATIONS.index("greedy")
    expected = sorted(
        (-score(package, built, slot), int(world.positions.account[slot]), slot)
        for slot in held_slots(built, 0, long=long)
    )
    length = queue(package, built, needed, long=long, step=step)
    got = world.deleverage.queue.slot[:length].tolist()
    assert got == [slot for *_, slot in expected][:length]
    covered = int(np.abs(world.positions.lots[got]).sum())
    assert covered >= needed or length == len(expected)


@pytest.mark.parametrize("status", [EXEMPT, LIQUIDATING])
def test_the_bankrupt_and_the_venue_do_not_queue(package, crowd, status):
    """Who is in liquidation, or belongs to the venue, is not closed as a winner."""
    _, built = crowd
    world = built.world
    world.rules.adl_rank[:] = RANK_KINDS.index("profit_times_leverage")
    world.rules.adl_allocation[:] = ADL_ALLOCATIONS.index("greedy")
    length = queue(package, built, 10**9, long=True)
    first = int(world.deleverage.queue.slot[0])
    account = int(world.positions.account[first])
    kept, world.accounts.status[account] = int(world.accounts.status[account]), status
    try:
        assert queue(package, built, 10**9, long=True) == length - 1
        assert first not in world.deleverage.queue.slot[: length - 1]
    finally:
        world.accounts.status[account] = kept


def queue(package, built, needed, *, long, step=1):
    """Build the queue of a side of the first market; return its length."""
    world = built.world
    with np.errstate(over="ignore"):
        return package.adl_queue.build_queue(
            world.markets, world.tiers, world.rules, world.accounts, world.positions,
            world.deleverage, 0, long, needed, step,
        )  # fmt: skip


# ------------------------------------------------------------------- how much: allocations


@given(
    allocation=st.sampled_from(["pro_rata", "capped_pro_rata"]), cap=st.integers(1, PPM),
    needed=st.one_of(st.integers(1, 10**4), st.integers(1, 10**9)), long=st.booleans(),
)  # fmt: skip
def test_shares_of_the_need(package, crowd, allocation, cap, needed, long):
    """
    The shares add up to the need exactly, or to all that may be closed; each is by lots, in order.

    Nobody loses more than held, or than the cap of it; each is within a lot of its exact part.
    """
    _, built = crowd
    world = built.world
    world.rules.adl_rank[:] = RANK_KINDS.index("profit")
    world.rules.adl_allocation[:] = ADL_ALLOCATIONS.index(allocation)
    world.rules.adl_cap_ppm[:] = cap
    length = queue(package, built, needed, long=long)
    rows = world.deleverage.queue[:length]
    held = [abs(int(world.positions.lots[slot])) for slot in rows.slot]
    may = [lots * cap // PPM for lots in held] if allocation == "capped_pro_rata" else held
    shares = rows.limit.tolist()
    assert sum(shares) == min(needed, sum(may))
    assert (rows.score > 0).all()
    for share, most in zip(shares, may, strict=True):
        assert 0 <= share <= most
        assert abs(share - Fraction(min(needed, sum(may)) * most, max(sum(may), 1))) < 1


@pytest.mark.parametrize(("allocation", "cap"), [("greedy", PPM), ("pro_rata", PPM),
                                                 ("capped_pro_rata", 100_000)])  # fmt: skip
@pytest.mark.parametrize("side", [1, -1])
def test_what_is_closed_is_what_was_shared_out(package, allocation, cap, side):
    """Two bankrupts of one side share one queue; together they close no more of anybody than that.

    Money and lots stay what they were.
    """
    scenario = from_dict(worlds.table(250, timeline=[]))
    built = worlds.start(scenario)
    world = built.world
    world.rules.adl_rank[:] = RANK_KINDS.index("profit")
    world.rules.adl_allocation[:] = ADL_ALLOCATIONS.index(allocation)
    world.rules.adl_cap_ppm[:] = cap
    world.rules.adl_trigger[:] = ADL_TRIGGERS.index("negative_equity")
    desks = [
        int(a) for a in np.flatnonzero(world.accounts.kind == DESK)
        if world.accounts.venue[a] == 0
        and world.positions.lots[world.accounts.slot_first[a]] * side > 0
    ][:2]  # fmt: skip
    assert len(desks) == 2
    for desk in desks:
        world.accounts.balance[desk] -= 10**15
        world.accounts.status[desk] = LIQUIDATING
    world.triggers.batch[:2], world.triggers.counts.batch[0] = desks, 2
    slots = [int(world.accounts.slot_first[desk]) for desk in desks]
    needed = int(np.abs(world.positions.lots[slots]).sum())
    length = queue(package, built, needed, long=side < 0)
    limit = dict(zip(world.deleverage.queue.slot[:length].tolist(),
                     world.deleverage.queue.limit[:length].tolist(), strict=True))  # fmt: skip
    before, worth = world.positions.lots.copy(), worlds.worth(world)
    package.deleverage.deleverage_venue(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.triggers,
        world.audit, world.flows, world.events, world.deleverage, 0, 6,
    )  # fmt: skip
    of_market = np.flatnonzero(world.positions.market == 0).tolist()
    lost = {
        slot: abs(int(before[slot] - world.positions.lots[slot]))
        for slot in of_market if slot not in slots and before[slot] != world.positions.lots[slot]
    }  # fmt: skip
    assert lost
    assert all(lots <= limit.get(slot, 0) for slot, lots in lost.items())
    closed = sum(side * int(before[slot] - world.positions.lots[slot]) for slot in slots)
    assert sum(lost.values()) == closed == min(needed, sum(limit.values()))
    assert (worlds.worth(world), set(worlds.net_lots(world))) == (worth, {0})


@pytest.mark.parametrize("equity", [10**9, -(10**9)])
def test_a_solvent_fund_closes_at_the_mark(package, equity):
    """A drawn fund that can still pay is closed at the mark, one that owes at its bankruptcy price.

    Otherwise its equity would be a present to the winners.
    """
    hands = Hands(package, *made(under("okx", calm=True)))
    world, fund = hands.world, hands.funds[0]
    hands.rules(adl_price=PRICE_BANKRUPTCY, adl_trigger=ADL_TRIGGERS.index("fund_drawdown"))
    world.markets.fund_drawn[hands.market("BTC")] = 1
    hands.hold("BTC", 100, fund)
    hands.set_equity(equity, fund)
    mark = hands.price("BTC")
    package.deleverage.deleverage_venue(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.triggers,
        world.audit, world.flows, world.events, world.deleverage, hands.venue, 0,
    )  # fmt: skip
    rows = world.events.deleveragings[: int(world.events.counts["deleveragings"][0])]
    assert len(rows) > 0
    assert int(np.abs(rows.lots).sum()) == 100
    assert set(rows.price.tolist()) == {mark if equity > 0 else mark + 10**9 // 100}
