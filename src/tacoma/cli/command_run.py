"""`tacoma run`: simulate a scenario and keep the results."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tacoma.cli.arguments import (
    FIRST_RUN,
    THREADS_MAX,
    WholeNumber,
    accounts_option,
    json_option,
    refuse_rule_changes,
    refused,
    seed_option,
    set_option,
)
from tacoma.cli.output import echo_json, echo_rich
from tacoma.cli.progress import Display
from tacoma.errors import InterruptedRunError, OutputError

if TYPE_CHECKING:
    from tacoma.lab.results import Run
    from tacoma.scenario.schema import Scenario

RUNS = Path("runs")
HASH_DIGITS = 8


@click.command(
    short_help="Run a scenario and write its results.",
    epilog='Example: tacoma run oct-2025 --seed 7 --set "makers.resilience_time=5 min"',
)
@click.argument("scenario")
@seed_option
@accounts_option
@click.option(
    "--rulebook",
    metavar="NAME",
    help="Put all accounts on the first venue, under this rulebook (as same-shock does).",
)
@set_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where results go; by default runs/SCENARIO-SEED-HASH.",
)
@json_option
@click.option(
    "--threads",
    type=WholeNumber(1, THREADS_MAX, 2),
    default=2,
    show_default=True,
    help="Runs computed at a time: the run itself and its controls.",
)
@click.option("--until", metavar="HH:MM", help="Stop at this simulated time of day (UTC).")
@click.option("--no-control", is_flag=True, help="Skip the controls: no shock, no feedback.")
@click.option("--no-report", is_flag=True, help="Write no report.html.")
@click.option("--overwrite", is_flag=True, help="Replace a finished run in DIR.")
def run(
    scenario: str,
    seed: int | None,
    accounts: int | None,
    rulebook: str | None,
    overrides: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    threads: int,
    until: str | None,
    no_control: bool,
    no_report: bool,
    overwrite: bool,
) -> None:
    """Run SCENARIO, a bundled name or the path of a .toml file, and write its results."""
    from tacoma.scenario import load

    resolved = load(scenario, overrides, seed, accounts)
    if rulebook is not None:
        from tacoma.scenario.transplant import transplanted

        refuse_rule_changes(overrides, "--rulebook")
        resolved = transplanted(resolved, rulebook)
    if until is not None:
        check_until(resolved, until)
    _check_target(out, overwrite)
    controls = not no_control
    with Display(resolved.clock.start, quiet=as_json) as display:
        try:
            outcome = _simulate(resolved, controls, threads, until, display, announce=not as_json)
            if rulebook is not None:
                outcome.summary["rulebook"] = rulebook
            # The name of the default place holds the hash: only an equal run can be in the way.
            outcome.save(
                out or _default_directory(outcome),
                overwrite=overwrite or out is None,
                report=not no_report,
            )
        except KeyboardInterrupt:
            step = display.second * 1000 // resolved.step_ms
            raise InterruptedRunError(step, resolved.steps) from None
    _present(outcome, as_json)


def _simulate(
    scenario: Scenario,
    controls: bool,
    threads: int,
    until: str | None,
    display: Display,
    *,
    announce: bool,
) -> Run:
    """Run the scenario; say so first if the engine has to be compiled."""
    from tacoma.compile import cache_is_warm

    if announce and not cache_is_warm():
        click.echo(FIRST_RUN, err=True)
    from tacoma.lab.run import run as run_scenario

    return run_scenario(
        scenario,
        control=controls,
        macro=controls,
        threads=threads,
        until=until,
        progress=display,
    )


def check_until(scenario: Scenario, until: str) -> None:
    """Raise InputError unless a time of day lies on the scenario's clock, after its start."""
    from tacoma.scenario.types import TIME_OF_DAY

    duration_s = scenario.duration_s
    second = scenario.second_of(until) if TIME_OF_DAY.fullmatch(until) else -1
    if not 0 < second <= duration_s:
        start, middle, end = (_time(scenario, at) for at in (0, duration_s // 2, duration_s))
        allowed = f"must be a time of day (UTC) after {start} and not after {end}"
        raise refused("--until", until, allowed, middle)


def _time(scenario: Scenario, second: int) -> str:
    """Return a second of the clock as a time of day; hours past midnight count on from 24."""
    start = scenario.clock.start
    minutes = (start.hour * 3600 + start.minute * 60 + start.second + second) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _check_target(out: Path | None, overwrite: bool) -> None:
    """Raise OutputError before a long run whose results could not be written after it."""
    from tacoma.store.rundir import check_target, is_finished

    target = (out or RUNS / "run").absolute()
    if out is not None:
        if not overwrite and is_finished(target):
            raise OutputError(
                str(out), "holds a finished run", "add --overwrite, or name another with --out"
            )
        check_target(target, overwrite=overwrite)
    parent = target.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise OutputError(str(parent), "is a file", "write elsewhere with --out")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(str(parent), "you may not write there", "write elsewhere with --out")


def _default_directory(outcome: Run) -> Path:
    """Return a place named after what it holds."""
    name = outcome.scenario.name.replace(" ", "-")
    return RUNS / f"{name}-{outcome.seed}-{outcome.hash[:HASH_DIGITS]}"


def _present(outcome: Run, as_json: bool) -> None:
    """Print the summary of a run that was saved."""
    from tacoma.report.summary import renderable

    if as_json:
        echo_json(outcome.summary)
    else:
        echo_rich(renderable(outcome))
