"""Verify a run by making it again: from its scenario and seed, with every agent, and comparing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tacoma import __version__
from tacoma.errors import InputError, ScenarioError, show
from tacoma.lab.run import run
from tacoma.scenario.load import load_resolved
from tacoma.store.ledger import JOURNAL, ledger_tables
from tacoma.store.manifest import MANIFEST_NAME
from tacoma.store.rundir import read_manifest, read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

    from tacoma.lab.results import Run
    from tacoma.scenario.schema import Scenario

# What differs between two equal runs: how long they took, and where they were written.
NOT_COMPARED = ("wall_s", "compile_s", "run_dir", "report")


def made_again(
    directory: str | Path, progress: Callable[[float, int, str], None] | None = None
) -> tuple[str, list[str]]:
    """
    Run a directory's scenario again; return the hash, and a sentence for each difference.

    Hash, result tables, journal, ledger and summaries are compared, the controls too where the
    run had them. Raises InputError where another version of Tacoma made the run, and OutputError
    where there is none or a table cannot be read.
    """
    path = Path(directory)
    manifest = read_manifest(path)
    if manifest["version"] != __version__:
        raise InputError(
            f"{path}: was made by Tacoma {manifest['version']}, and only that version can make it "
            f"again; this is {__version__}. Install tacoma=={manifest['version']}."
        )
    try:
        scenario = load_resolved(manifest["scenario"])
    except ScenarioError as error:
        return "", [f"{MANIFEST_NAME}: the scenario is not one: {error}"]
    outcome = run(
        scenario,
        control=manifest.get("control") is not None,
        macro=manifest.get("macro") is not None,
        until=_time_of(scenario, manifest["steps"]),
        progress=progress,
    )
    return outcome.hash, list(_differences(outcome, manifest, read_tables(path)))


def _time_of(scenario: Scenario, steps: int) -> str | None:
    """Return the time of day at which a run was stopped early, None for a whole one."""
    if steps >= scenario.steps:
        return None
    since_midnight = scenario.clock.start - scenario.clock.start.replace(hour=0, minute=0, second=0)
    stop = since_midnight + timedelta(milliseconds=steps * scenario.step_ms)
    minutes, second = divmod(int(stop.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"


def _differences(
    outcome: Run, manifest: Mapping[str, Any], written: Mapping[str, pl.DataFrame]
) -> Iterator[str]:
    """Yield a sentence for each part of a run that is not as it was written."""
    if outcome.hash != manifest["hash"]:
        yield f"hash: the run has {outcome.hash} now, {MANIFEST_NAME} says {manifest['hash']}"
    if outcome.seed != manifest["seed"]:
        yield f"{MANIFEST_NAME}: seed is {manifest['seed']}, that of the scenario {outcome.seed}"
    made = {**outcome.tables, JOURNAL: outcome.journal}
    ledger = ledger_tables(outcome.ledger)
    for name in sorted({*made, *(set(written) - set(ledger))}):
        yield from _table_difference(name, made.get(name), written.get(name))
    for name, table in ledger.items():
        if name in written:  # an earlier version wrote none
            yield from _table_difference(name, table, written[name])
    parts = {"summary": outcome.summary, "control": outcome.control, "macro": outcome.macro}
    for name, part in parts.items():
        for key, value in (part or {}).items():
            before = (manifest.get(name) or {}).get(key)
            if key not in NOT_COMPARED and before != value:
                yield (
                    f"{MANIFEST_NAME}: {name}.{key} is {show(before)}, "
                    f"and {show(value)} when made again"
                )


def _table_difference(
    name: str, made: pl.DataFrame | None, written: pl.DataFrame | None
) -> Iterator[str]:
    """Yield where two tables first differ, by column."""
    if made is None or written is None:
        yield f"{name}: is {'no table of this run' if made is None else 'missing'}"
    elif made.columns != written.columns:
        yield f"{name}: has columns {written.columns}, and {made.columns} when made again"
    elif made.height != written.height:
        yield f"{name}: has {written.height} rows, and {made.height} when made again"
    else:
        for column in made.columns:
            yield from _column_difference(f"{name}: {column}", made[column], written[column])


def _column_difference(name: str, now: pl.Series, before: pl.Series) -> Iterator[str]:
    """Yield where two columns of one length first differ."""
    if now.dtype != before.dtype:
        yield f"{name} is {before.dtype}, and {now.dtype} when made again"
        return
    differs = now.ne_missing(before)
    if differs.any():
        row = differs.to_list().index(True)
        yield (
            f"{name} of row {row} is {before[row]}, and {now[row]} when made again "
            f"({differs.sum()} of {len(now)} rows differ)"
        )
