"""`tacoma sweep`: a scenario for many seeds and values, which continues where it was stopped."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tacoma.cli.arguments import FIRST_RUN, THREADS_MAX, WholeNumber, accounts_option, json_option
from tacoma.cli.output import echo_json
from tacoma.cli.progress import Display
from tacoma.errors import CheckFailedError, InterruptedSweepError

if TYPE_CHECKING:
    from tacoma.lab.sweep import Json, Sweep

COLUMNS = (
    ("liquidated", "liquidated_usd"),
    ("insurance paid", "insurance_paid_usd"),
    ("ADL", "adl_usd"),
    ("shared", "shared_usd"),
    ("bad debt", "bad_debt_usd"),
)
SHOWN_FAILURES_MAX = 20


@click.command(
    short_help="Run a scenario for many seeds and values.",
    epilog='Example: tacoma sweep flash-crash --seeds 1..20 --set "makers.capital=0.5,1,2" '
    "--out sweeps/capital",
)
@click.argument("scenario")
@click.option(
    "--seeds", metavar="A..B", help="Seeds, as in 1..20 or 1,5,7; by default the scenario's own."
)
@click.option(
    "--set",
    "overrides",
    metavar="PATH=VALUE,...",
    multiple=True,
    help="Values of one field; `tacoma show` lists the paths. Several make a grid.",
)
@accounts_option
@click.option(
    "--processes",
    type=WholeNumber(1, THREADS_MAX, 4),
    help="Points computed at a time; by default one per core. Changes no number.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="Where results go, and where a sweep that was stopped continues.",
)
@json_option
def sweep(
    scenario: str,
    seeds: str | None,
    overrides: tuple[str, ...],
    accounts: int | None,
    processes: int | None,
    out: Path,
    as_json: bool,
) -> int:
    """
    Run SCENARIO for every seed and every combination of values.

    Each point is one run without its controls. DIR gets a file per point as it finishes, and at
    the end results.parquet (a row per point) and summary.json (statistics per combination). The
    same command, after Ctrl-C or a power cut, runs only what is missing. The exit code is 1 if
    points failed; the same command tries them again.
    """
    from tacoma.compile import cache_is_warm
    from tacoma.lab.sweep import sweep as run_sweep
    from tacoma.lab.sweep_plan import parse_seeds

    if not as_json and not cache_is_warm():
        click.echo(FIRST_RUN, err=True)
    reached = [0, 0]
    with Display(quiet=as_json) as display:

        def tell(finished: int, points: int, text: str) -> None:
            reached[:] = finished, points
            display(finished / points, 0, text)

        try:
            outcome = run_sweep(
                scenario,
                out=out,
                seeds=None if seeds is None else parse_seeds(seeds),
                overrides=overrides,
                accounts=accounts,
                processes=processes or len(os.sched_getaffinity(0)),
                progress=tell,
            )
        except KeyboardInterrupt:
            if not reached[1]:
                raise  # nothing has run yet
            raise InterruptedSweepError(str(out), *reached) from None
    if as_json:
        echo_json(_record(outcome))
        return CheckFailedError.exit_code if outcome.failed else 0
    click.echo("\n".join(_lines(outcome)))
    if outcome.failed:
        raise CheckFailedError(_failures(outcome))
    return 0


def _record(outcome: Sweep) -> Json:
    """Return the outcome as JSON."""
    return {
        "directory": str(outcome.directory),
        "points": outcome.points,
        "made": outcome.made,
        "failed": outcome.failed,
        **outcome.summary,
    }


def _lines(outcome: Sweep) -> list[str]:
    """Return a table with a row per combination, then where everything is."""
    from tacoma.report.numbers import money
    from tacoma.store.sweepdir import RESULTS_NAME

    summary = outcome.summary
    axes = list(summary["combinations"][0]["set"])
    rows = [[*axes, "runs", *(heading for heading, _ in COLUMNS)]]
    for combination in summary["combinations"]:
        cells = [*combination["set"].values(), str(combination["points"] - combination["failed"])]
        for _, name in COLUMNS:
            figure = combination["figures"][name]
            low, high = figure["percentile_5"], figure["percentile_95"]
            text = "-" if low is None else f"{money(figure['mean'])} ({money(low)}..{money(high)})"
            cells.append(text)
        rows.append(cells)
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    head = f"{summary['scenario']}, {summary['seeds']} seeds, {summary['accounts']:,} accounts"
    place_of_results = outcome.directory / RESULTS_NAME
    return [
        f"{head}; USD, mean (5 %..95 % of the runs)",
        "",
        *(
            "  ".join(
                cell.ljust(width) if place < len(axes) else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ),
        "",
        f"{outcome.points} points, {outcome.made} of them run now; results: {place_of_results}",
    ]


def _failures(outcome: Sweep) -> list[str]:
    """Return a line per failed point."""
    lines = []
    for record in outcome.failed[:SHOWN_FAILURES_MAX]:
        settings = "".join(f", {path} = {value}" for path, value in record["set"].items())
        error = record["error"]
        lines.append(f"seed {record['seed']}{settings}: {error['type']}: {error['message']}")
    count = len(outcome.failed)
    if count > SHOWN_FAILURES_MAX:
        lines.append(f"... and {count - SHOWN_FAILURES_MAX} more")
    return [*lines, f"{count} of {outcome.points} points failed; the same command tries them again"]
