"""`tacoma scenarios`: what comes with the package."""

from __future__ import annotations

import click

from tacoma.cli.arguments import json_option
from tacoma.cli.output import echo_json


@click.command(short_help="List what comes with Tacoma.", epilog="Example: tacoma scenarios")
@json_option
def scenarios(as_json: bool) -> None:
    """List the scenarios and rulebooks that come with Tacoma."""
    from tacoma.scenario import bundled, bundled_rulebooks

    found = {"scenarios": bundled(), "rulebooks": bundled_rulebooks()}
    if as_json:
        echo_json({kind: [entry._asdict() for entry in found[kind]] for kind in found})
        return
    width = max(len(entry.name) for entries in found.values() for entry in entries)
    for kind, entries in found.items():
        click.echo(f"{kind}:")
        for entry in entries:
            click.echo(f"  {entry.name:<{width}}  {entry.title}".rstrip())
