"""Verify the engine: run the reference venue beside it, and compare everything after each step."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tacoma.errors import InterruptedRunError
from tacoma.lab.drive import most_in_a_step, raise_violation
from tacoma.lab.run import steps_until, with_changes
from tacoma.lab.side_by_side import find_difference
from tacoma.reference.from_world import from_world
from tacoma.reference.intake import Record
from tacoma.reference.step import run_step
from tacoma.world.build import build, empty_journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tacoma.reference.state import State
    from tacoma.scenario.schema import Scenario
    from tacoma.world.build import Built
    from tacoma.world.layout import Journal

    Progress = Callable[[float, int, str], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing in which engine and reference differ; the seed and step make it again."""

    step: int
    what: str  # as a person would name it: account 17 (retail, binance) balance
    engine: object
    reference: object
    seed: int

    def __str__(self) -> str:
        return (
            f"step {self.step} with seed {self.seed}: {self.what} is {_text(self.engine)} in the "
            f"engine, {_text(self.reference)} in the reference"
        )


def _text(value: object) -> str:
    """Return a value as a message shows it."""
    if value is None:
        return "missing"
    return f"{value:,}" if isinstance(value, int) else str(value)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared, and the first difference, or None."""

    scenario: str
    seed: int
    accounts: int
    steps: int  # compared, the one with the difference included
    records: int  # input records that entered on both sides
    events: int  # liquidations, deleveragings and moves
    liquidated_accounts: int
    difference: Difference | None
    wall_s: float

    @property
    def matches(self) -> bool:
        """Say whether engine and reference agreed throughout."""
        return self.difference is None


@dataclass(slots=True)
class _Tally:
    """What was compared so far."""

    steps: int = 0
    records: int = 0
    events: int = 0
    liquidated: set[int] = field(default_factory=set)


def verify(
    scenario: Scenario,
    *,
    seed: int | None = None,
    accounts: int | None = None,
    until: str | None = None,
    progress: Progress | None = None,
) -> Verification:
    """
    Run a scenario on the engine and on the reference, and compare them after every step.

    `seed` and `accounts` override the scenario's; `until` ("21:20") stops the clock early.
    `progress` is called with (fraction, second, text). Stops at the first difference. Raises
    InputError, and ConservationError should either side's ledger not balance.
    """
    from tacoma import engine

    began = time.perf_counter()
    scenario = with_changes(scenario, seed, accounts)
    steps = scenario.steps if until is None else steps_until(scenario, until)
    built = build(scenario, scenario.seed)
    engine.prepare(built.world)
    tally = _Tally()

    def tell(fraction: float, step: int, text: str) -> None:
        if progress is not None:
            progress(fraction, step * scenario.step_ms // 1000, text)

    difference = _compare(built, steps, scenario.seed, tally, tell, None)
    return Verification(
        scenario=scenario.name,
        seed=scenario.seed,
        accounts=scenario.accounts,
        steps=tally.steps,
        records=tally.records,
        events=tally.events,
        liquidated_accounts=len(tally.liquidated),
        difference=difference,
        wall_s=round(time.perf_counter() - began, 3),
    )


def first_difference(
    built: Built,
    steps: int,
    *,
    seed: int,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Difference | None:
    """
    Run a prepared world and its reference to a step; return the first difference, None for none.

    The world must be at its start; afterwards it stands at the step of the difference, or at the
    last. `progress` is called with (fraction, step, text). Raises ConservationError where either
    ledger does not balance, InterruptedRunError when `stop` is set.
    """
    return _compare(built, steps, seed, _Tally(), progress or _say_nothing, stop)


def _say_nothing(_fraction: float, _step: int, _text: str) -> None:
    """Report progress to nobody."""


def _compare(
    built: Built,
    steps: int,
    seed: int,
    tally: _Tally,
    tell: Progress,
    stop: threading.Event | None,
) -> Difference | None:
    """Run both sides step by step until they differ."""
    state = from_world(built.world)
    built.world.clock.steps[0] = steps  # the last step has a full audit in any case
    journal = empty_journal(most_in_a_step(built))
    cursor = np.zeros(2, dtype=np.int64)
    for step in range(1, steps + 1):
        records = _engine_step(built, seed, cursor, journal, step)
        run_step(state, records)
        _count(tally, state, len(records))
        found = find_difference(built, state)
        if found is not None:
            return Difference(step, found.what, found.engine, found.reference, seed)
        _forget_events(built)
        tell(step / steps, step, f"compared {tally.events:,} events")
        if stop is not None and stop.is_set():
            raise InterruptedRunError(step, steps)
    return None


def _engine_step(
    built: Built, seed: int, cursor: np.ndarray, journal: Journal, step: int
) -> list[Record]:
    """Let the engine live through one step; return the records that entered in it."""
    from tacoma import engine

    journal.length[0] = 0
    with np.errstate(over="ignore"):  # random numbers wrap around on purpose
        code = engine.advance(
            built.world, built.agents, built.inputs, cursor, journal, step, built.reserve, True
        )
    if code == engine.VIOLATED:
        raise_violation(built, seed)
    assert code == engine.REACHED, "the buffers hold whatever one step may write"
    rows = journal.rows[: int(journal.length[0])]
    return [
        Record(*values)
        for values in zip(*(rows[name].tolist() for name in Record._fields), strict=True)
    ]


def _count(tally: _Tally, state: State, records: int) -> None:
    """Add one step to what was compared."""
    events = state.events
    tally.steps += 1
    tally.records += records
    tally.events += len(events.liquidations) + len(events.deleveragings) + len(events.moves)
    tally.liquidated.update(
        event.account for event in events.liquidations if event.stage == "trigger"
    )


def _forget_events(built: Built) -> None:
    """Start the engine's event buffers anew."""
    for name in ("liquidations", "deleveragings", "moves"):
        built.world.events.counts[name][0] = 0
    built.agents.makers.adl_seen[0] = 0
