"""The waterfall: its stages run in the rulebook's order, each over the whole batch."""

from itertools import groupby

import numpy as np
import polars as pl
import pytest

import tacoma
from systems import worlds
from systems.exact import Scan
from tacoma.world.codes import (
    ARBITRAGEUR,
    EVENT_BAD_DEBT,
    STAGE_ADL,
    STAGE_CANCEL,
    STAGE_CONVERT,
    STAGE_INSURANCE,
    STAGE_MARKET,
    STAGE_TAKEOVER,
    STAGES,
)

RESHUFFLED = ["cancel", "convert", "takeover", "market", "insurance", "adl"]


def reordered(order, place="binance"):
    """Run the flash crash with other stages at a venue."""
    words = ", ".join(f'"{stage}"' for stage in order)
    scenario = tacoma.load(
        "flash-crash", [f"venues.{place}.rules.waterfall.order=[{words}]"], accounts=worlds.ACCOUNTS
    )
    return tacoma.run(scenario, control=False, macro=False, threads=1)


@pytest.fixture(scope="module")
def reshuffled():
    """The flash crash with one venue's fund asked before its book."""
    return reordered(RESHUFFLED)


@pytest.mark.parametrize("venue", [worlds.BINANCE, worlds.HYPERLIQUID])
def test_stages_run_in_the_rulebook_s_order(watch, venue):
    """At every step a venue runs its rulebook's stages in order, each for everybody at once."""
    order = list(watch.scenario.venues[venue].rules.waterfall.order)
    steps = 0
    mine = [(step, stage) for step, where, stage in watch.stages if where == venue]
    for _, rows in groupby(mine, key=lambda row: row[0]):
        names = [STAGES[stage] for stage, _ in groupby(stage for _, stage in rows)]
        # A step without anybody in the batch still runs the stage that serves all at once.
        assert names in (order, ["adl"])
        steps += names == order
    assert steps > 10


def test_liquidations_come_before_deleveragings(crash):
    """Within a step a venue closes in the book before its first deleveraging."""
    rows, accounts = crash.driven.liquidations, crash.driven.built.world.accounts
    both = 0
    for venue in (worlds.BINANCE, worlds.HYPERLIQUID):
        mine = rows[accounts.venue[rows.account] == venue]
        for step in np.unique(mine.step[mine.stage == STAGE_ADL]):
            stages = mine.stage[mine.step == step]
            sold, closed = (np.flatnonzero(stages == s) for s in (STAGE_MARKET, STAGE_ADL))
            if len(sold):
                both += 1
                assert sold.max() < closed.min()
    assert both > 0


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (STAGE_MARKET, STAGE_CONVERT),
        (STAGE_MARKET, STAGE_TAKEOVER),
        (STAGE_CONVERT, STAGE_TAKEOVER),
        (STAGE_TAKEOVER, STAGE_INSURANCE),
        (STAGE_TAKEOVER, STAGE_ADL),
    ],
)
def test_events_tell_the_order(crash, earlier, later):
    """The events of one step of binance are written stage by stage."""
    rows, accounts = crash.driven.liquidations, crash.driven.built.world.accounts
    mine = rows[accounts.venue[rows.account] == worlds.BINANCE]
    for step in np.unique(mine.step):
        stages = mine.stage[mine.step == step]
        first, second = (np.flatnonzero(stages == stage) for stage in (earlier, later))
        if len(first) and len(second):
            assert first.max() < second.min()


def test_another_order_gives_another_day(reshuffled):
    """The order of the stages is data: permuting it changes the run."""
    as_written = worlds.run()
    assert reshuffled.hash != as_written.hash
    assert reshuffled.summary["market_usd"] < as_written.summary["market_usd"]
    assert reshuffled.conserved


def test_the_permuted_order_is_the_one_that_ran(reshuffled):
    """With the fund before the book, only what the fund did not take reaches the book, after it."""
    rows = reshuffled.tables["liquidations"].filter(pl.col("venue") == "binance")
    compared = 0
    for second in rows.filter(pl.col("stage") == "market")["second"].unique().to_list():
        stages = rows.filter(pl.col("second") == second)["stage"].to_list()
        if "takeover" in stages:
            compared += 1
            last_takeover = len(stages) - 1 - stages[::-1].index("takeover")
            assert last_takeover < stages.index("market")
    assert compared > 0


@pytest.mark.parametrize(
    ("order", "absent"),
    [
        (["cancel", "convert", "takeover", "insurance", "adl"], "market"),
        (["cancel", "market", "takeover", "insurance", "adl"], "convert"),
        (["cancel", "market", "convert", "takeover", "insurance"], "adl"),
        (["cancel", "market", "convert", "takeover", "adl"], "insurance"),
    ],
)
def test_a_stage_that_is_not_listed_never_runs(order, absent):
    """A stage runs if the rulebook lists it, and only then."""
    rows = reordered(order).tables["liquidations"].filter(pl.col("venue") == "binance")
    stages = set(rows["stage"].unique().to_list())
    assert absent not in stages
    assert {"trigger", "takeover"} <= stages


def test_cancel_takes_orders_away(package):
    """The stage withdraws the account's resting orders wherever it could hold a position."""
    built = worlds.small()
    world, account = built.world, built.found.makers[0][0]
    slots = range(int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account]))
    markets = [int(world.positions.market[slot]) for slot in slots]
    for market in markets:
        package.intake.accept_limit(world.books, market, account, 3, 100)
        package.intake.accept_limit(world.books, market, account + 1, 3, 100)
    package.liquidation.run_account_stage(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.venues,
        world.books, world.audit, world.flows, world.events, world.deleverage, STAGE_CANCEL,
        account, 1,
    )  # fmt: skip
    assert world.books.rests.lots[markets, :2].tolist() == [[0, 3]] * len(markets)


def test_nobody_stays_below_maintenance_without_a_reason(crash):
    """At the end nobody is bankrupt outside the batch: debts are paid, shared or written off."""
    built = crash.driven.built
    scan, world = Scan(crash.scenario, built), built.world
    rows = crash.driven.liquidations
    written_off = set(rows.account[rows.stage == EVENT_BAD_DEBT].tolist())
    batch = set(world.triggers.batch[: int(world.triggers.counts.batch[0])].tolist())
    retail = np.flatnonzero(world.accounts.kind <= ARBITRAGEUR).tolist()
    bankrupt = {account for account in retail if scan.margin(account)[0] < 0}
    touched = set(world.audit.touched[: int(world.audit.state.touched_count[0])].tolist())
    assert bankrupt <= written_off | batch | touched
