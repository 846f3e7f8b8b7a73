"""Auto-deleveraging: who is closed, against whom, in which order, how much, at which price."""

from collections import defaultdict
from fractions import Fraction
from math import ceil, floor, trunc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from systems import worlds
from systems.exact import Scan, maintenance
from tacoma.scenario import from_dict
from tacoma.world.codes import BACKSTOP, EXEMPT, INSURANCE, LIQUIDATING, PERPETUAL
from tacoma.world.limits import PRICE_QUANTA_MAX


def test_both_venues_deleverage(watch):
    """The watched crash deleverages accounts and funds on both venues, or it would show nothing."""
    found = {(row["venue"], row["kind"]) for row in watch.verdicts if row["answer"]}
    assert {(worlds.BINANCE, INSURANCE), (worlds.HYPERLIQUID, BACKSTOP)} <= found
    assert {venue for venue, kind in found if kind < BACKSTOP} == {0, 1}


def test_only_the_opposite_side_is_closed(watch):
    """A winner's position has the other sign than the bankrupt's, at every fill."""
    fills = 0
    for row in watch.closings:
        for fill in row["fills"]:
            fills += 1
            assert fill["held"] * row["held"] < 0
            assert fill["lots"] * fill["held"] > 0
    assert fills > 50


def test_nobody_gives_more_than_it_holds(watch):
    """A fill takes at most what the winner held."""
    for row in watch.closings:
        for fill in row["fills"]:
            assert 0 < abs(fill["lots"]) <= abs(fill["held"])


def test_sizes_match(watch):
    """What the winners lose is what the bankrupt's position lost, to the lot."""
    for row in watch.closings:
        closed = row["held"] - row["left"]
        assert sum(fill["lots"] for fill in row["fills"]) == -closed


def test_positions_are_closed_whole_while_winners_last(watch):
    """A bankrupt position stays open only if the queue of its market and side ran out."""
    for row in watch.closings:
        if row["left"] != 0:
            last = [entry for entry in watch.queues if entry["market"] == row["market"]]
            assert any(sum(map(abs, entry["lots"])) < entry["needed"] for entry in last)


def test_the_best_ranked_come_first(watch):
    """Scores never rise along a burst, and only the last winner of it keeps a part."""
    bursts = defaultdict(list)
    for row in watch.closings:
        bursts[row["step"], row["market"], row["held"] > 0] += row["fills"]
    assert bursts
    for fills in bursts.values():
        scores = [fill["score"] for fill in fills]
        ranks = [fill["rank"] for fill in fills]
        assert scores == sorted(scores, reverse=True)
        assert ranks == sorted(ranks)
        given_up = defaultdict(int)
        for fill in fills:
            given_up[fill["winner"]] += abs(fill["lots"])
        first = {}
        for fill in fills:
            first.setdefault(fill["winner"], abs(fill["held"]))
        parts = [who for who, lots in given_up.items() if lots < first[who]]
        assert parts in ([], [fills[-1]["winner"]])


def test_funds_and_the_bankrupt_do_not_queue(watch):
    """No account of the venue itself and none in liquidation is among the winners."""
    assert watch.queues
    for queue in watch.queues:
        assert not {EXEMPT, LIQUIDATING} & set(queue["status"])


def test_queues_are_sorted(watch):
    """A queue is in order of score, ties by account, and holds one side only."""
    for queue in watch.queues:
        keys = list(zip([-score for score in queue["scores"]], queue["accounts"], strict=True))
        assert keys == sorted(keys)
        assert {lots > 0 for lots in queue["lots"]} <= {queue["long"]}


def test_one_price_for_a_burst(watch):
    """Hyperliquid closes a coin's burst at one price: the mark before the last."""
    prices = defaultdict(set)
    for row in watch.closings:
        if row["kind"] == "previous_mark":
            assert row["venue"] == worlds.HYPERLIQUID
            assert row["price"] == row["previous_mark"]
            prices[row["step"], row["market"]] |= {fill["price"] for fill in row["fills"]}
    assert len(prices) > 5
    assert {len(found) for found in prices.values()} == {1}


def test_the_bankruptcy_price(watch):
    """
    Binance closes at the price at which the position uses up its share of the equity.

    The share is by maintenance margin, toward zero; the price rounds in the account's favour.
    """
    rows = [row for row in watch.closings if row["kind"] == "bankruptcy"]
    assert len(rows) > 2
    world, scan = watch.built.world, Scan(watch.scenario, watch.built)
    for row in rows:
        assert row["venue"] == worlds.BINANCE
        lots, mark = row["held"], row["mark"]
        own = maintenance(scan.rows[row["market"]], abs(lots) * mark)
        share = trunc(Fraction(row["equity"] * own, row["maintenance"]))
        exact = mark - Fraction(share, lots)
        price = ceil(exact) if lots > 0 else floor(exact)
        assert row["price"] == min(max(price, 1), PRICE_QUANTA_MAX)
    assert world.audit.state.failed_step[0] < 0


def test_not_before_the_fund_is_exhausted(watch):
    """Where ADL waits for a refusal, nobody is deleveraged whom the fund could take over."""
    for row in watch.verdicts:
        if row["trigger"] == "fund_exhausted" and row["kind"] < BACKSTOP:
            assert row["answer"] == (row["refused"] != 0 and row["maintenance"] > 0)


def test_accounts_are_deleveraged_below_zero(watch):
    """Where negative equity is the trigger, equity of 0 is not enough."""
    rows = [row for row in watch.verdicts if row["trigger"] == "negative_equity"]
    assert {row["answer"] for row in rows} == {True, False}
    for row in rows:
        assert row["answer"] == (row["equity"] < 0 and row["maintenance"] > 0)


def test_funds_are_deleveraged_below_zero_only(watch):
    """A backstop vault or insurance fund loses its positions only when its equity is negative."""
    rows = [row for row in watch.verdicts if row["kind"] in {BACKSTOP, INSURANCE}]
    assert {row["answer"] for row in rows} == {True, False}
    for row in rows:
        assert row["answer"] == (row["equity"] < 0 and row["maintenance"] > 0)


def test_the_interval(watch):
    """Deleveraging happens at multiples of the venue's interval."""
    steps = {row["step"] for row in watch.closings if row["venue"] == worlds.HYPERLIQUID}
    assert len(steps) > 3
    assert {step % 3 for step in steps} == {0}


def test_recorded_profit_is_what_the_winner_got(crash):
    """In the whole compiled crash the profit of each deleveraging follows from price and cost."""
    rows = crash.driven.deleveragings
    assert len(rows) > 100
    closed_whole = rows[np.abs(rows.lots) == np.abs(rows.held)]
    assert (np.sign(rows.lots) == np.sign(rows.held)).all()
    assert (rows.price > 0).all()
    # Shorts that are closed in a crash are in profit: most entered higher.
    shorts = closed_whole[closed_whole.lots < 0]
    assert (shorts.pnl > 0).mean() > 0.8


@given(seed=st.integers(0, 2**32), wanted=st.integers(1, 10**9), winners_long=st.booleans())
@settings(max_examples=max(10, settings().max_examples // 5))
def test_the_queue_is_the_head_of_the_full_ranking(package, seed, wanted, winners_long):
    """Sorting only what is needed gives the head of the queue that sorting everybody gives."""
    random = np.random.Generator(np.random.Philox(key=seed))
    built = calm()
    world = built.world
    prices = built.world.markets.margin_price
    prices[:] = [
        int(market.price_quanta * (1 + 0.2 * random.standard_normal()))
        for market in built.directory.markets
    ]
    prices[prices < 1] = 1
    market = int(random.integers(0, 3))
    ranking = []
    for slot in np.flatnonzero(world.positions.market == market).tolist():
        lots, account = int(world.positions.lots[slot]), int(world.positions.account[slot])
        if lots != 0 and (lots > 0) == winners_long and world.accounts.status[account] == 0:
            score, _ = package.adl_queue.score_slot(
                world.markets, world.tiers, world.rules, world.accounts, world.positions, slot
            )
            ranking.append((-int(score), account, slot, abs(lots)))
    ranking.sort()
    length = package.adl_queue.build_queue(
        world.markets, world.tiers, world.rules, world.accounts, world.positions, world.deleverage,
        market, winners_long, wanted, 1,
    )  # fmt: skip
    got = world.deleverage.queue.slot[:length].tolist()
    assert got == [slot for _, _, slot, _ in ranking][:length]
    covered = sum(lots for *_, lots in ranking[:length])
    assert covered >= wanted or length == len(ranking)


CALM_WORLD = []


def calm():
    """Return one calm world for all examples; the queue changes scratch and prices alone."""
    if not CALM_WORLD:
        CALM_WORLD.append(worlds.start(from_dict(worlds.table(120, timeline=[]))))
    return CALM_WORLD[0]


@pytest.mark.parametrize("trigger", ["never", "negative_equity", "takeover_refused"])
@pytest.mark.parametrize("equity", [-1, 0, 1])
@pytest.mark.parametrize("refused", [0, 1])
def test_triggers(package, trigger, equity, refused):
    """Each trigger says whom the venue deleverages, at the boundary and for refused accounts."""
    built = calm()
    world = built.world
    scan = Scan(from_dict(worlds.table(120, timeline=[])), built)
    slot = next(
        s for s in range(len(world.positions))
        if world.positions.lots[s] > 100 and world.markets.kind[int(world.positions.market[s])]
        == PERPETUAL
    )  # fmt: skip
    account = int(world.positions.account[slot])
    codes = {"negative_equity": 0, "takeover_refused": 1, "never": 2}
    world.rules.adl_trigger[int(world.accounts.venue[account])] = codes[trigger]
    world.accounts.balance[account] += equity - scan.margin(account)[0]
    world.accounts.refused[account] = refused
    got = package.deleverage.is_deleveraged(
        world.markets, world.tiers, world.rules, world.accounts, world.positions, account
    )
    expected = {
        "never": False, "negative_equity": equity < 0, "takeover_refused": bool(refused)
    }[trigger]  # fmt: skip
    assert bool(got) == expected
