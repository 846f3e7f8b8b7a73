"""`tacoma check`: whether files are valid, before anything runs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import click

from tacoma.errors import InputError, UnknownScenarioError, listed

# A rulebook has these tables at its top; a scenario has them only below a venue.
RULEBOOK_TABLES = {"margin", "prices", "waterfall", "liquidation"}


@click.command(
    short_help="Check scenarios and rulebooks, without running them.",
    epilog="Example: tacoma check my-crash.toml my-venue.toml",
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def check(files: tuple[str, ...]) -> int:
    """
    Check scenarios and rulebooks, by name or path, and run nothing.

    Prints a line for each that is valid; what is wrong with the others goes to standard error, and
    the exit code is 2.
    """
    code = 0
    for file in files:
        try:
            click.echo(f"{file}: OK, {_described(file)}")
        except InputError as error:
            code = error.exit_code
            click.echo(str(error), err=True)
    return code


def _described(file: str) -> str:
    """Return what a valid file holds; raises InputError."""
    from tacoma.scenario import bundled_rulebooks, load, load_rulebook, paths

    is_rulebook = _looks_like_rulebook(Path(file)) or file in {
        entry.name for entry in bundled_rulebooks()
    }
    if is_rulebook:
        rulebook = load_rulebook(file)
        return f"rulebook {rulebook.name}, waterfall {' > '.join(rulebook.waterfall.order)}"
    try:
        scenario = load(file)
    except UnknownScenarioError as error:
        if error.noun != "scenario" or error.name != file:
            raise
        known = [*error.known, *(entry.name for entry in bundled_rulebooks())]
        near = paths.near(file, known)
        hint = f" Did you mean {listed(near)}?" if near else ""
        raise InputError(
            f"{file}: no such scenario or rulebook.{hint} Give the path of a .toml file, or one "
            f"that is bundled: {listed(known)}."
        ) from None
    return (
        f"scenario {scenario.name}, {len(scenario.venues)} venues, {len(scenario.assets)} assets, "
        f"{scenario.steps:,} steps, {scenario.accounts:,} accounts"
    )


def _looks_like_rulebook(path: Path) -> bool:
    """Tell a rulebook's file from a scenario's; what cannot be read is for the loader to say."""
    if path.suffix != ".toml":
        return False
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return not {"base", "venues"} & table.keys() and bool(RULEBOOK_TABLES & table.keys())
