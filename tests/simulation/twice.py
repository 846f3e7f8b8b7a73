"""What needs the same world a second time: determinism, replay, the door, order, the reference."""

import dataclasses

import numpy as np

from simulation import permuted
from simulation.copies import copy_of
from simulation.door import is_sound
from tacoma import engine
from tacoma.lab.drive import drive
from tacoma.world.build import empty_journal

DRIVE_EVERY, REPLAY_EVERY, DOOR_EVERY, PERMUTE_EVERY = 5, 5, 2, 4


def _queue(rows):
    queue = empty_journal(max(len(rows), 1))
    queue.rows[: len(rows)] = rows
    queue.length[0] = len(rows)
    return queue


def _driven(made, queue, steps, *, agents=True):
    """Run a world through `lab.drive`, as every run of the package is."""
    built = dataclasses.replace(made, inputs=queue)
    engine.prepare(built.world)
    return drive(built, 0, steps, agents=agents)


def replayed(made, rows, steps):
    """Return the world after a journal alone, with no agent running."""
    return _driven(made, _queue(rows), steps, agents=False).built.world


def _ledger_differs(result, world):
    for name, values in result.ledger.items():
        table = world.accounts if name in world.accounts.dtype.names else world.positions
        if not np.array_equal(values, table[name]):
            return name
    return None


def the_same_seed_gives_the_same_bytes(case, world, result):
    """Built anew and driven in one go, the world gives the same ledger, journal, events, series."""
    driven = _driven(case.made(world.scenario), result.queue, case.steps)
    differs = _ledger_differs(result, driven.built.world)
    if differs:
        return f"{differs} differs in a second run"
    if not np.array_equal(driven.journal, result.journal):
        return "the journal differs in a second run"
    rows = [tuple(row) for liquidations, _ in result.events for row in liquidations]
    if driven.liquidations.tolist() != rows:
        return "the events differ in a second run"
    for name in ("market", "venue", "fund"):
        second = getattr(driven.built.world.record, name)
        if not np.array_equal(getattr(result.record, name), second):
            return f"the series of {name}s differ in a second run"
    return None


def the_journal_gives_the_same_ledger(case, world, result):
    """The journal alone, with the agents switched off, gives the same ledger."""
    again = replayed(copy_of(world.pristine), result.journal, case.steps)
    differs = _ledger_differs(result, again)
    return f"{differs} differs in a replay" if differs else None


def the_door_rejects(case, world, result):
    """Records that the door has to reject leave no trace: without them the ledger is the same."""
    names = result.queue.rows.dtype.names
    sound = [
        is_sound(world.built.world, dict(zip(names, row, strict=True)))
        for row in result.queue.rows.tolist()
    ]
    if all(sound):
        return None
    world.counted["worlds with unsound records"] += 1
    driven = _driven(copy_of(world.pristine), _queue(result.queue.rows[sound]), case.steps)
    differs = _ledger_differs(result, driven.built.world)
    return f"{differs} differs without the unsound records" if differs else None


def the_order_of_accounts_does_not_matter(case, world, result):
    """With the customers in another order everybody has the same, where no rule ranks by it."""
    detail, until = permuted.difference(case, world, result, replayed)
    world.counted["steps compared in another order"] += until
    return detail


def the_reference_equals_the_engine(case, world, result):
    """The reference venue in plain Python reaches the same state after every step."""
    try:
        from tacoma.lab.verify import first_difference
    except ImportError:
        return None
    built = dataclasses.replace(copy_of(world.pristine), inputs=result.queue)
    engine.prepare(built.world)
    difference = first_difference(built, case.steps, seed=case.seed)
    world.counted["worlds compared with the reference"] += 1
    return None if difference is None else str(difference)


CHECKS = {
    check.__name__: check
    for check in (
        the_same_seed_gives_the_same_bytes, the_journal_gives_the_same_ledger, the_door_rejects,
        the_order_of_accounts_does_not_matter, the_reference_equals_the_engine,
    )
}  # fmt: skip


def sample(seed, case):
    """Return which second runs a seed's world gets; the reference runs beside every one."""
    chosen = ["the_reference_equals_the_engine"]
    for number, every in enumerate((DRIVE_EVERY, REPLAY_EVERY, DOOR_EVERY, PERMUTE_EVERY)):
        if seed % every == number % every and (number != 2 or case.records):
            chosen.append(tuple(CHECKS)[number])
    return chosen


def check(world, verdict, names=None):
    """Make the second runs; fill in the first that differs."""
    result = world.result()
    world.counted = verdict.counts
    for name in CHECKS if names is None else names:
        detail = CHECKS[name](world.case, world, result)
        if detail is not None:
            verdict.invariant, verdict.step, verdict.detail = name, world.case.steps, detail
            return
