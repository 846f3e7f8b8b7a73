"""`tacoma verify`: run the engine beside its specification and compare them step by step."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tacoma.bounds import ACCOUNTS_MAX
from tacoma.cli.arguments import (
    ACCOUNTS_MIN,
    FIRST_RUN,
    WholeNumber,
    json_option,
    refuse_rule_changes,
    seed_option,
    set_option,
)
from tacoma.cli.command_run import check_until
from tacoma.cli.output import echo_json
from tacoma.cli.progress import Display
from tacoma.errors import CheckFailedError

if TYPE_CHECKING:
    from tacoma.lab.verify import Verification

ACCOUNTS = 300  # the reference is plain Python: about a hundred steps a second with these


@click.command(
    short_help="Compare the engine with its specification, step by step.",
    epilog="Example: tacoma verify flash-crash --rulebook bitmex --until 15:57",
)
@click.argument("scenario")
@seed_option
@click.option(
    "--accounts",
    type=WholeNumber(ACCOUNTS_MIN, ACCOUNTS_MAX, ACCOUNTS),
    default=ACCOUNTS,
    show_default=True,
    help="Instead of the scenario's number of accounts.",
)
@click.option(
    "--rulebook",
    metavar="NAME",
    help="Put all accounts on the first venue, under this rulebook (as same-shock does).",
)
@set_option
@json_option
@click.option("--until", metavar="HH:MM", help="Stop at this simulated time of day (UTC).")
def verify(
    scenario: str,
    seed: int | None,
    accounts: int,
    rulebook: str | None,
    overrides: tuple[str, ...],
    as_json: bool,
    until: str | None,
) -> int:
    """
    Run SCENARIO on the engine and on the reference venue, and compare them after every step.

    The reference is the same venue in plain Python integers. It consumes what entered the engine
    and must reach the same balances, positions, prices, funds, books and events, to the unit. The
    exit code is 1 if they differ; the message names the first difference. Nothing is written.
    """
    from tacoma.compile import cache_is_warm
    from tacoma.scenario import load

    resolved = load(scenario, overrides, seed, accounts)
    if rulebook is not None:
        from tacoma.scenario.transplant import transplanted

        refuse_rule_changes(overrides, "--rulebook")
        resolved = transplanted(resolved, rulebook)
    if until is not None:
        check_until(resolved, until)
    if not as_json and not cache_is_warm():
        click.echo(FIRST_RUN, err=True)
    from tacoma.lab.verify import verify as verify_scenario

    with Display(resolved.clock.start, quiet=as_json) as display:
        result = verify_scenario(resolved, until=until, progress=display)
    if as_json:
        echo_json(asdict(result) | {"matches": result.matches})
        return 0 if result.matches else CheckFailedError.exit_code
    if result.difference is not None:
        raise CheckFailedError(
            [f"{_what(result)}: the first difference is at {result.difference}."]
        )
    click.echo(
        f"{_what(result)}: {result.steps:,} steps with {result.records:,} records, "
        f"{result.events:,} events and {result.liquidated_accounts:,} liquidated accounts; "
        "engine and reference are the same to the unit"
    )
    return 0


def _what(result: Verification) -> str:
    """Return what was run."""
    return f"{result.scenario}, seed {result.seed}, {result.accounts:,} accounts"
