"""Replay: make a run again from its scenario and journal alone, with no agent running."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tacoma.lab.drive import drive
from tacoma.lab.run import digest_of, ledger_of
from tacoma.lab.tables import Tables, equities
from tacoma.scenario.load import load_resolved
from tacoma.store.ledger import JOURNAL
from tacoma.store.rundir import TABLE_SUFFIX, read_manifest, read_table
from tacoma.world.build import build, empty_journal
from tacoma.world.codes import RECORD_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from tacoma.world.layout import Journal


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay gave: its hash, the run's own, and whether they are the same."""

    hash: str
    expected: str
    matches: bool
    steps: int


def journal_of(frame: pl.DataFrame) -> Journal:
    """Return a journal table as a queue of input records."""
    queue = empty_journal(max(len(frame), 1))
    queue.length[0] = len(frame)
    codes = {name: code for code, name in RECORD_KINDS.items()}
    for name in queue.rows.dtype.names:
        if name == "kind":
            kinds = frame["kind"].cast(str).replace_strict(codes)
            queue.rows.kind[: len(frame)] = kinds.to_numpy()
        else:
            queue.rows[name][: len(frame)] = frame[name].to_numpy()
    return queue


def replay(
    directory: str | Path, progress: Callable[[float, int, str], None] | None = None
) -> ReplayResult:
    """
    Run the journal of a finished run directory through the venues again.

    Raises OutputError where the directory holds no finished run.
    """
    from tacoma import engine

    path = Path(directory)
    manifest = read_manifest(path)
    scenario = load_resolved(manifest["scenario"])
    built = build(scenario, scenario.seed)
    before = equities(built)
    timeline = built.inputs
    outside = journal_of(read_table(path / f"{JOURNAL}{TABLE_SUFFIX}"))
    with np.errstate(over="ignore"):
        engine.prepare(built.world)
    steps = int(manifest["steps"])

    def observe(_: object, step: int) -> None:
        if progress is not None:
            progress(step / steps, step * scenario.step_ms // 1000, "replaying")

    from dataclasses import replace

    driven = drive(
        replace(built, inputs=outside), scenario.seed, steps, agents=False, keep_journal=False,
        observe=observe,
    )  # fmt: skip
    driven.built = replace(driven.built, inputs=timeline)
    tables = Tables(scenario, driven, before).all()
    digest = digest_of(scenario, tables, ledger_of(driven.built), steps)
    expected = str(manifest["hash"])
    return ReplayResult(digest, expected, digest == expected, steps)
