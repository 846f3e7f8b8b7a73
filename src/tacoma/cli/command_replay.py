"""`tacoma replay`: make a run again from its directory and compare the bytes."""

from __future__ import annotations

from pathlib import Path

import click

from tacoma.cli.arguments import json_option
from tacoma.cli.output import echo_json
from tacoma.cli.progress import Display
from tacoma.errors import CheckFailedError

FIELDS = ("hash", "expected", "matches", "steps")


@click.command(
    short_help="Make a run again and compare the bytes.", epilog="Example: tacoma replay runs/demo"
)
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@json_option
def replay(directory: Path, as_json: bool) -> int:
    """
    Make the run in DIR again from its recorded inputs, and compare the hashes.

    The exit code is 1 if they differ.
    """
    from tacoma.store import read_manifest

    read_manifest(directory)  # refuses what is not a run before the engine is fetched
    from tacoma.lab.replay import replay as replay_run

    with Display(quiet=as_json) as display:
        result = replay_run(directory, progress=display)
    if as_json:
        echo_json({name: getattr(result, name) for name in FIELDS})
        return 0 if result.matches else CheckFailedError.exit_code
    if not result.matches:
        made, written = result.hash, result.expected
        raise CheckFailedError([f"{directory}: the run has the hash {made} now, {written} before."])
    click.echo(f"{directory}: {result.steps:,} steps made again, the same hash {result.hash}")
    return 0
