"""`tacoma conform`: published numbers against the rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tacoma.cli.arguments import json_option
from tacoma.cli.output import echo_json

if TYPE_CHECKING:
    from tacoma.conform.judge import Verdict

SHOWN_FAILURES = 3
SHOWN_REASONS = 3


@click.command(
    short_help="Check the rules against published numbers.",
    epilog="Example: tacoma conform venue_dydx.json venue_gmx.json",
)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@json_option
def conform(files: tuple[Path, ...], as_json: bool) -> int:
    """
    Run the cases of vector files (JSON) and say which come out as published.

    One line per function, the first failures below it; the exit code is 1 if any case fails. A
    function that no rule serves fails. Skipped are only cases that their file marks as transcribed
    or as contradicting their own source.
    """
    from tacoma.conform.document import read
    from tacoma.conform.judge import judge

    documents = [read(path) for path in files]  # every file is read before any is judged
    verdicts = [verdict for document in documents for verdict in judge(document)]
    totals = {
        "passed": sum(verdict.passed for verdict in verdicts),
        "failed": sum(verdict.failed for verdict in verdicts),
        "skipped": sum(verdict.skipped for verdict in verdicts),
    }
    if as_json:
        echo_json({"functions": [_as_table(verdict) for verdict in verdicts]} | totals)
    else:
        _print(verdicts)
        click.echo("{passed} passed, {failed} failed, {skipped} skipped".format(**totals))
    return 1 if totals["failed"] else 0


def _print(verdicts: list[Verdict]) -> None:
    """Print one line per function, and below it what failed."""
    names = [f"{verdict.venue.split(' ')[0]}.{verdict.function}" for verdict in verdicts]
    width = max((len(name) for name in names), default=0)
    for name, verdict in zip(names, verdicts, strict=True):
        counts = (
            f"{verdict.passed:>4} passed  {verdict.failed:>3} failed  {verdict.skipped:>3} skipped"
        )
        click.echo(f"{name:<{width}}  {counts}")
        for failure in verdict.failures[:SHOWN_FAILURES]:
            for reason in failure.reasons[:SHOWN_REASONS]:
                click.echo(f"    {failure.identifier}: {reason}")
        if verdict.failed > SHOWN_FAILURES:
            click.echo(f"    ... and {verdict.failed - SHOWN_FAILURES} more")


def _as_table(verdict: Verdict) -> dict[str, object]:
    """Return one verdict as JSON holds it."""
    return {
        "file": verdict.file,
        "venue": verdict.venue,
        "function": verdict.function,
        "passed": verdict.passed,
        "failed": verdict.failed,
        "skipped": verdict.skipped,
        "failures": [
            {"case": failure.identifier, "reasons": list(failure.reasons)}
            for failure in verdict.failures
        ],
    }
