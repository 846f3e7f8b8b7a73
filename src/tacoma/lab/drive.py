"""Driving a world to the end of its clock: compiled chunks, emptied buffers, progress, errors."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tacoma.bounds import BALANCE_QUANTA_MAX
from tacoma.errors import ConservationError, InterruptedRunError
from tacoma.world.build import empty_journal
from tacoma.world.layout import JOURNAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from tacoma.world.build import Built
    from tacoma.world.layout import Journal, Table

CHUNK_STEPS = 150  # between looks at the clock; a chunk takes well under a second
JOURNAL_ROWS_SPARE = 1 << 18


@dataclass
class Driven:
    """A world at the end of its run, with everything that was written on the way."""

    built: Built
    steps: int
    liquidations: Table
    deleveragings: Table
    moves: Table
    journal: Table


@dataclass
class _Kept:
    """Chunks of the buffers, copied out as they fill."""

    chunks: dict[str, list[Table]] = field(
        default_factory=lambda: {
            name: [] for name in ("liquidations", "deleveragings", "moves", "journal")
        }
    )

    def empty(self, built: Built, journal: Journal, *, keep_journal: bool) -> None:
        """Copy the buffers and start them anew."""
        events = built.world.events
        for name in ("liquidations", "deleveragings", "moves"):
            count = int(events.counts[name][0])
            if count:
                self.chunks[name].append(getattr(events, name)[:count].copy())
            events.counts[name][0] = 0
        if keep_journal and journal.length[0]:
            self.chunks["journal"].append(journal.rows[: journal.length[0]].copy())
        journal.length[0] = 0
        built.agents.makers.adl_seen[0] = 0

    def table(self, name: str, like: Table) -> Table:
        """Return one buffer of the whole run."""
        parts = self.chunks[name]
        whole = np.concatenate(parts) if parts else np.zeros(0, dtype=like.dtype)
        return whole.view(np.recarray)


def raise_violation(built: Built, seed: int) -> None:
    """Raise the conservation error that the audit wrote down."""
    from tacoma.systems.audit import TOO_LARGE

    state = built.world.audit.state
    market = int(state.failed_market[0])
    difference = int(state.difference[0])
    if market >= 0:
        entry = built.directory.markets[market]
        what = f"positions in {entry.venue_name} {entry.symbol} add up to {difference:+d} lots"
    elif market == TOO_LARGE:
        what = (
            f"a balance of {difference:+d} quanta is beyond the largest, "
            f"{BALANCE_QUANTA_MAX:_} quanta (docs/limits.md)"
        )
    else:
        what = f"money changed by {difference:+d} quanta"
    raise ConservationError(seed=seed, step=int(state.failed_step[0]), detail=what)


def most_in_a_step(built: Built) -> int:
    """Return how many records one step may consume: the agents' and those from outside."""
    steps = built.inputs.rows.step[: built.inputs.length[0]]
    outside = int(np.bincount(np.maximum(steps, 0)).max()) if len(steps) else 0
    return len(built.agents.outbox.rows) + outside


def drive(
    built: Built,
    seed: int,
    until: int,
    *,
    agents: bool = True,
    keep_journal: bool = True,
    observe: Callable[[Built, int], None] | None = None,
    stop: threading.Event | None = None,
) -> Driven:
    """Run a prepared world until a step.

    Raises ConservationError where the ledger does not balance, InterruptedRunError when `stop` is
    set.
    """
    from tacoma import engine

    world = built.world
    world.clock.steps[0] = until  # the last step has a full audit in any case
    journal = empty_journal(most_in_a_step(built) + JOURNAL_ROWS_SPARE)
    cursor = np.zeros(2, dtype=np.int64)
    kept = _Kept()
    with np.errstate(over="ignore"):  # random numbers wrap around on purpose
        while world.clock.step[0] < until:
            target = min(until, int(world.clock.step[0]) + CHUNK_STEPS)
            code = engine.advance(
                world, built.agents, built.inputs, cursor, journal, target, built.reserve, agents
            )
            if code == engine.VIOLATED:
                raise_violation(built, seed)
            if observe is not None:
                observe(built, int(world.clock.step[0]))
            kept.empty(built, journal, keep_journal=keep_journal)
            if stop is not None and stop.is_set():
                raise InterruptedRunError(int(world.clock.step[0]), until)
    return Driven(
        built=built,
        steps=until,
        liquidations=kept.table("liquidations", world.events.liquidations),
        deleveragings=kept.table("deleveragings", world.events.deleveragings),
        moves=kept.table("moves", world.events.moves),
        journal=kept.table("journal", np.zeros(0, dtype=JOURNAL)),
    )
