"""Sweeps: a grid of seeds and values, point by point, that goes on where it was stopped."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tacoma import __version__
from tacoma.lab.executor import OneAfterTheOther, Processes
from tacoma.lab.spread import MEANINGS, spread
from tacoma.lab.sweep_plan import make_plan
from tacoma.store.lock import locked
from tacoma.store.sweepdir import (
    begin,
    check_sweep_target,
    finish,
    make_directories,
    read_point,
    reopen,
    write_point,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tacoma.lab.executor import Executor
    from tacoma.lab.sweep_plan import Plan, Point

    Progress = Callable[[int, int, str], None]

Json = dict[str, Any]

REALS = (
    "liquidated_usd", "closed_usd", "market_usd", "backstop_usd", "insurance_takeover_usd",
    "insurance_paid_usd", "adl_usd", "shared_usd", "bad_debt_usd", "largest_adl_usd",
    "top_up_usd", "peak_minute_usd", "insurance_start_usd", "insurance_low_usd",
    "insurance_end_usd", "backstop_start_usd", "backstop_low_usd", "backstop_end_usd",
    "funds_low_usd", "long_share",
)  # fmt: skip
COUNTS = ("liquidated_accounts", "adl_accounts", "pending_accounts", "halts")
TIMES = ("halted_at", "peak_minute")
FIGURES = (*REALS, *COUNTS)
"""The figures of a run's summary that a sweep has in its tables."""


@dataclass(frozen=True)
class Sweep:
    """
    What `tacoma.sweep` returns.

    `results` has one row per point, `summary` the statistics per combination of values, `failed`
    the record of each point that has none.
    """

    directory: Path
    results: pl.DataFrame
    summary: Json
    failed: list[Json]
    points: int
    made: int  # by this call; the others were there


def sweep(
    scenario: str | Path,
    *,
    out: str | Path,
    seeds: Sequence[int] | None = None,
    overrides: Sequence[str] = (),
    accounts: int | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> Sweep:
    """
    Run a scenario for every seed and every combination of values; keep the results in `out`.

    Each override is `path=value,value,...`. What `out` already has of the same sweep is not run
    again, except points that failed. `progress` is called with the points finished, all points, and
    a text. Raises InputError before anything runs, and OutputError where `out` holds something
    else or is being written.
    """
    plan = make_plan(scenario, seeds, overrides, accounts)
    directory = Path(out)
    check_sweep_target(directory)
    make_directories(directory)
    with locked(directory):
        begin(directory, plan.record())
        made = _run_missing(plan, directory, processes, progress or _say_nothing)
        return _concluded(plan, directory, made)


def _say_nothing(_finished: int, _points: int, _text: str) -> None:
    """Report progress to nobody."""


def _run_missing(plan: Plan, directory: Path, processes: int, tell: Progress) -> int:
    """Run the points that have no result yet, and write each as it finishes; return how many."""
    missing = [point for point in plan.points if not _is_done(directory, point)]
    before = len(plan.points) - len(missing)
    if not missing:
        return 0
    reopen(directory)
    by_id = {point.id: point for point in missing}
    tasks = [
        {"id": point.id, "scenario": plan.scenario_of(point), "version": __version__}
        for point in missing
    ]
    tell(before, len(plan.points), f"{before} of {len(plan.points)} points")
    began = time.monotonic()
    with closing(_executor(min(processes, len(tasks))).answers(tasks)) as answers:
        for finished, answer in enumerate(answers, start=1):
            point = by_id[answer["id"]]
            write_point(directory, {"seed": point.seed, "set": point.settings, **answer})
            left_s = (time.monotonic() - began) / finished * (len(missing) - finished)
            text = f"{before + finished} of {len(plan.points)} points, about {_span(left_s)} left"
            tell(before + finished, len(plan.points), text)
    return len(missing)


def _executor(processes: int) -> Executor:
    return OneAfterTheOther() if processes == 1 else Processes(processes)


def _is_done(directory: Path, point: Point) -> bool:
    record = read_point(directory, point.id)
    return record is not None and "error" not in record


def _span(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _concluded(plan: Plan, directory: Path, made: int) -> Sweep:
    """Write tables, summary and seal from the plan and the files of the points alone."""
    records = [_wanted(read_point(directory, point.id) or {}) for point in plan.points]
    results = _results(plan, records)
    summary = _summary(plan, records)
    failed = [record for record in records if "error" in record]
    finish(
        directory,
        results,
        summary,
        {
            "version": __version__,
            "scenario": plan.scenario,
            "points": len(plan.points),
            "failed": [record["id"] for record in failed],
        },
    )
    return Sweep(directory, results, summary, failed, len(plan.points), made)


def _wanted(record: Json) -> Json:
    """Return a record without what no table asks for: there may be a hundred thousand of them."""
    if "summary" not in record:
        return record
    summary = {name: record["summary"][name] for name in ("conserved", *FIGURES, *TIMES)}
    return record | {"summary": summary}


def _results(plan: Plan, records: Sequence[Json]) -> pl.DataFrame:
    """Return a row per point, in the order of the plan; a failed one has an error, no figures."""
    summaries = [record.get("summary", {}) for record in records]

    def column(name: str, kind: type[pl.DataType]) -> pl.Series:
        return pl.Series(name, [summary.get(name) for summary in summaries], dtype=kind)

    columns = [
        pl.Series("point", [point.id for point in plan.points], dtype=pl.String),
        *(
            pl.Series(path, [point.settings[path] for point in plan.points], dtype=pl.String)
            for path in plan.axes
        ),
        pl.Series("seed", [point.seed for point in plan.points], dtype=pl.Int64),
        pl.Series("hash", [record.get("hash") for record in records], dtype=pl.String),
        pl.Series(
            "error",
            [record.get("error", {}).get("message") for record in records],
            dtype=pl.String,
        ),
        column("conserved", pl.Boolean),
        *(column(name, pl.Float64) for name in REALS),
        *(column(name, pl.Int64) for name in COUNTS),
        *(column(name, pl.String) for name in TIMES),
    ]
    return pl.DataFrame(columns)


def _summary(plan: Plan, records: Sequence[Json]) -> Json:
    """Return the statistics over the seeds of each combination of values."""
    combinations = []
    for place, settings in enumerate(plan.settings()):
        mine = [
            record
            for point, record in zip(plan.points, records, strict=True)
            if point.combination == place
        ]
        summaries = [record["summary"] for record in mine if "summary" in record]
        combinations.append(
            {
                "set": settings,
                "points": len(mine),
                "failed": len(mine) - len(summaries),
                "figures": {
                    name: spread([summary[name] for summary in summaries]) for name in FIGURES
                },
            }
        )
    return {
        "scenario": plan.scenario,
        "accounts": plan.accounts,
        "seeds": len(plan.seeds),
        "meanings": MEANINGS,
        "combinations": combinations,
    }
