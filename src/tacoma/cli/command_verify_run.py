"""`tacoma verify-run`: whether a run directory is what was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tacoma import __version__
from tacoma.cli.arguments import json_option
from tacoma.cli.output import echo_json
from tacoma.cli.progress import Display
from tacoma.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from tacoma.store import Verdict


@click.command(
    "verify-run",
    short_help="Check that a run directory is what was written.",
    epilog="Example: tacoma verify-run runs/demo",
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--again", is_flag=True, help="Also run its scenario again and compare everything.")
@json_option
def verify_run(directory: Path, again: bool, as_json: bool) -> int:
    """
    Check every file of the run in DIR against its manifest, and compute its hash anew.

    The hash is computed from scenario, seed, version, tables and final ledger in DIR, in a second,
    without running anything. With --again the scenario is run again from its seed, and hash,
    tables, ledger, journal and summary are compared. The exit code is 1 if anything differs.
    """
    from tacoma.store import verify
    from tacoma.store.sweepdir import PLAN_NAME

    if (directory / PLAN_NAME).is_file():
        raise InputError(
            f"{directory}: is a sweep, not a run; the tacoma sweep command that made it checks "
            "every point, runs those that are damaged, and makes its tables again."
        )
    verdict = verify(directory)
    faults = list(verdict.faults)
    made: str | None = None
    if again and not faults:
        from tacoma.lab.verify_run import made_again

        with Display(quiet=as_json) as display:
            made, faults = made_again(directory, progress=display)
    if as_json:
        echo_json(_record(verdict, faults, made))
        return CheckFailedError.exit_code if faults else 0
    if faults:
        lines = [*faults, *_notes(verdict, again=made is not None)]
        raise CheckFailedError([f"{directory}: {line}" for line in lines])
    click.echo("\n".join(f"{directory}: {line}" for line in _lines(verdict, made)))
    return 0


def _lines(verdict: Verdict, made: str | None) -> list[str]:
    """Return what was checked, what was not, and what is worth knowing."""
    lines = [f"{verdict.files} files of {verdict.bytes / 1e6:,.1f} MB are as they were written"]
    if verdict.hash is not None:
        lines.append(f"scenario, seed, version, tables and ledger give the hash {verdict.hash}")
    if made is not None:
        lines.append(f"run again, everything is the same, the hash too: {made}")
    return lines + _notes(verdict, again=made is not None)


def _notes(verdict: Verdict, *, again: bool) -> list[str]:
    """Return what was not checked, and the remedy where another version made the run."""
    notes = [] if again else [f"not checked: {note}" for note in verdict.unchecked]
    if verdict.version != __version__:
        notes.append(
            f"note: made by Tacoma {verdict.version}, this is {__version__}; to make it again "
            f"(replay, --again) install tacoma=={verdict.version}"
        )
    return notes


def _record(verdict: Verdict, faults: list[str], made: str | None) -> dict[str, object]:
    """Return the verdict as JSON."""
    return {
        "directory": verdict.directory,
        "holds": not faults,
        "faults": faults,
        "unchecked": [] if made is not None else list(verdict.unchecked),
        "files": verdict.files,
        "bytes": verdict.bytes,
        "version": verdict.version,
        "expected": verdict.expected,
        "hash": verdict.hash,
        "hash_again": made,
    }
