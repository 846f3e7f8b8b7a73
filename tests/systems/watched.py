"""
A flash crash in plain Python, with everybody's books read at the decisive moments.

Compiled code cannot be looked into, so this run wraps the functions of an interpreted engine and
writes down what each of them met and left behind.
"""

import functools
from dataclasses import dataclass, field

import numpy as np

from systems import worlds
from systems.exact import Scan
from systems.interpreted import advance, interpreted_package
from tacoma.scenario import from_dict
from tacoma.world.build import empty_journal
from tacoma.world.codes import (
    ADL_PRICE_KINDS,
    ADL_TRIGGERS,
    EVENT_TRIGGER,
    EXEMPT,
    LIQUIDATING,
    SPOT,
)


@dataclass
class Watched:
    """What a watched run met, in order."""

    scenario: object
    built: object
    scans: list = field(default_factory=list)  # (step, below and holding, recorded as triggered)
    stages: list = field(default_factory=list)  # (step, venue, stage)
    takeovers: list = field(default_factory=list)  # dictionaries
    answers: list = field(default_factory=list)  # of funds asked to take over
    verdicts: list = field(default_factory=list)  # on who is deleveraged
    closings: list = field(default_factory=list)  # of one bankrupt position against the queue
    queues: list = field(default_factory=list)  # (step, score by slot of everybody who may queue)


def triggered(world, since):
    """Return the accounts that the events since a row say were triggered."""
    rows = world.events.liquidations[since : int(world.events.counts["liquidations"][0])]
    return {int(row.account) for row in rows if row.stage == EVENT_TRIGGER}


def failing(scan, world):
    """Return (below maintenance, those of them with positions) by a scan of everybody."""
    status = world.accounts.status
    alive = [a for a in range(len(status)) if status[a] not in (EXEMPT, LIQUIDATING)]
    below = {account for account in alive if scan.below(account)}
    return below, {account for account in below if scan.margin(account)[2] > 0}


def watch_liquidations(package, world, scan, note):
    """Call `note(step, expected, recorded)` around every liquidation."""
    real = package.liquidation.liquidate

    def liquidate(*arguments):
        since = int(world.events.counts["liquidations"][0])
        _, expected = failing(scan, world)
        real(*arguments)
        note(int(arguments[-1]), expected, triggered(world, since))

    package.engine.liquidate = liquidate


def _watch_stages(package, world, watched):
    module = package.liquidation
    account_stage, venue_stage = module.run_account_stage, module.deleverage_venue

    def run_account_stage(*arguments):
        stage, account, step = (int(value) for value in arguments[-3:])
        watched.stages.append((step, int(world.accounts.venue[account]), stage))
        account_stage(*arguments)

    def deleverage_venue(*arguments):
        venue, step = (int(value) for value in arguments[-2:])
        watched.stages.append((step, venue, package.liquidation.STAGE_ADL))
        venue_stage(*arguments)

    module.run_account_stage, module.deleverage_venue = run_account_stage, deleverage_venue


def _watch_takeovers(package, world, scan, watched):
    real, accepts = package.liquidation.take_over, package.takeover.fund_accepts

    def holdings(account, spot):
        slots = slice(
            int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account])
        )
        kinds = world.markets.kind[world.positions.market[slots].astype(np.int64)]
        return int(np.abs(world.positions.lots[slots][(kinds == SPOT) == spot]).sum())

    def take_over(*arguments):
        account, step = int(arguments[-2]), int(arguments[-1])
        equity, need, _ = scan.margin(account)
        before = holdings(account, spot=False), worlds.worth(world)
        real(*arguments)
        if holdings(account, spot=False) < before[0]:
            watched.takeovers.append({
                "step": step, "account": account, "equity": equity, "maintenance": need,
                "left": holdings(account, spot=False), "collateral": holdings(account, spot=True),
                "balance": int(world.accounts.balance[account]),
                "made": worlds.worth(world) - before[1],
            })  # fmt: skip

    def fund_accepts(*arguments):
        venue, fund, _, share, _ = (int(value) for value in arguments[-5:])
        answer = bool(accepts(*arguments))
        watched.answers.append((venue, scan.margin(fund)[0], share, answer))
        return answer

    package.liquidation.take_over = take_over
    package.takeover.fund_accepts = fund_accepts


def _watch_deleveraging(package, world, scan, watched):
    module = package.deleverage
    verdict, close, build_queue = (
        module.is_deleveraged, module.close_against_queue, module.build_queue
    )  # fmt: skip

    def is_deleveraged(*arguments):
        account = int(arguments[-1])
        answer = bool(verdict(*arguments))
        venue = int(world.accounts.venue[account])
        watched.verdicts.append({
            "venue": venue, "kind": int(world.accounts.kind[account]),
            "trigger": ADL_TRIGGERS[int(world.rules.adl_trigger[venue])],
            "equity": scan.margin(account)[0], "maintenance": scan.margin(account)[1],
            "refused": int(world.accounts.refused[account]), "answer": answer,
        })  # fmt: skip
        return answer

    def queue(*arguments):
        length = int(build_queue(*arguments))
        market, winners_long = int(arguments[-4]), bool(arguments[-3])
        rows = world.deleverage.queue[:length]
        watched.queues.append({
            "market": market, "long": winners_long, "needed": int(arguments[-2]),
            "slots": rows.slot.tolist(), "scores": rows.score.tolist(),
            "lots": world.positions.lots[rows.slot].tolist(),
            "accounts": world.positions.account[rows.slot].tolist(),
            "status": world.accounts.status[world.positions.account[rows.slot]].tolist(),
        })  # fmt: skip
        return length

    def close_against_queue(*arguments):
        slot, price, cursor, _, step = (int(value) for value in arguments[-5:])
        since = int(world.events.counts["deleveragings"][0])
        held = int(world.positions.lots[slot])
        account, market = int(world.positions.account[slot]), int(world.positions.market[slot])
        venue = int(world.accounts.venue[account])
        equity, need, _ = scan.margin(account)
        marks = int(world.markets.previous_mark[market]), int(world.markets.mark[market])
        positions = sum(
            1 for place in range(int(world.accounts.slot_first[account]),
                                 int(world.accounts.slot_last[account]))
            if world.positions.lots[place] != 0 and scan.perpetual[world.positions.market[place]]
        )  # fmt: skip
        result = close(*arguments)
        rows = world.events.deleveragings[since : int(world.events.counts["deleveragings"][0])]
        watched.closings.append({
            "step": step, "venue": venue, "market": market, "account": account, "held": held,
            "left": int(world.positions.lots[slot]), "price": price, "cursor": cursor,
            "kind": ADL_PRICE_KINDS[int(world.rules.adl_price[venue])], "positions": positions,
            "previous_mark": marks[0], "mark": marks[1], "equity": equity, "maintenance": need,
            "fills": [
                {name: int(row[name]) for name in rows.dtype.names} for row in rows
            ],
        })  # fmt: skip
        return result

    module.is_deleveraged, module.build_queue = is_deleveraged, queue
    module.close_against_queue = close_against_queue


@functools.cache
def watched():
    """Return 60 watched seconds in which prices fall by 14 % and both venues deleverage."""
    table = worlds.fall(worlds.table(300), 0.14, "15:55:04", "15:55:35")
    table["timeline"] = [event for event in table["timeline"] if event["kind"] == "volatility"]
    table["timeline"][0] |= {"at": "15:55:04", "until": "16:00"}
    scenario = from_dict(table)
    built, package = worlds.start(scenario), interpreted_package()
    world, scan = built.world, Scan(scenario, built)
    result = Watched(scenario, built)
    watch_liquidations(package, world, scan, lambda *row: result.scans.append(row))
    _watch_stages(package, world, result)
    _watch_takeovers(package, world, scan, result)
    _watch_deleveraging(package, world, scan, result)
    cursor = np.zeros(2, dtype=np.int64)
    journal = empty_journal(built.reserve + (1 << 18))
    code = advance(package, built, 60, cursor=cursor, journal=journal)
    assert code == package.engine.REACHED
    return result
