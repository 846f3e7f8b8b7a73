"""`tacoma doctor`: whether this machine is fit for runs."""

from __future__ import annotations

import click

from tacoma.cli.arguments import json_option
from tacoma.cli.output import echo_json
from tacoma.errors import CheckFailedError


@click.command(
    short_help="Look at versions, compiler, cache, memory and disk.",
    epilog="Example: tacoma doctor",
)
@json_option
def doctor(as_json: bool) -> int:
    """
    Look at versions, compiler, cache, memory and disk.

    The exit code is 1 if something is wrong.
    """
    from tacoma.lab.doctor import examine

    findings = examine()
    healthy = all(finding.fine for finding in findings)
    if as_json:
        echo_json({"healthy": healthy, "findings": [entry._asdict() for entry in findings]})
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            mark = "ok   " if finding.fine else "WRONG"
            advice = f"; {finding.advice}" if finding.advice else ""
            click.echo(f"{mark} {finding.name:<{width}}  {finding.value}{advice}")
    return 0 if healthy else CheckFailedError.exit_code
