"""`tacoma same-shock`: one population and one shock through several venues."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tacoma.cli.arguments import (
    FIRST_RUN,
    THREADS_MAX,
    WholeNumber,
    accounts_option,
    json_option,
    refuse_rule_changes,
    seed_option,
    set_option,
)
from tacoma.cli.output import echo_json
from tacoma.errors import InputError

if TYPE_CHECKING:
    from tacoma.lab.same_shock import Outcome

HEADINGS = (
    "rulebook", "outcome", "accounts", "waiting", "closed", "in book", "taken over", "funds",
    "lowest", "ADL", "shared", "bad debt",
)  # fmt: skip
LEFT_COLUMNS = 2


@click.command(
    "same-shock",
    short_help="Put one shock through several venues' rules.",
    epilog="Example: tacoma same-shock --rulebooks okx,dydx-v4,gmx-v2 flash-crash",
)
@click.argument("scenario")
@click.option(
    "--rulebooks",
    required=True,
    metavar="A,B,...",
    help="Bundled names or paths, separated by commas; `all` for every bundled one.",
)
@seed_option
@accounts_option
@set_option
@json_option
@click.option(
    "--threads",
    type=WholeNumber(1, THREADS_MAX, 2),
    default=2,
    show_default=True,
    help="Venues computed at a time.",
)
def same_shock(
    scenario: str,
    rulebooks: str,
    seed: int | None,
    accounts: int | None,
    overrides: tuple[str, ...],
    as_json: bool,
    threads: int,
) -> None:
    """
    Put the population and the shock of SCENARIO through several venues: who would have held?

    Every account of the scenario stands on its first venue, under each rulebook in turn, with the
    same positions, prices and behaviour, and with the capital of all the scenario's funds behind
    the venue. Nothing is written.
    """
    from tacoma.compile import cache_is_warm
    from tacoma.lab.same_shock import same_shock as run_all
    from tacoma.scenario import bundled_rulebooks, load

    refuse_rule_changes(overrides, "same-shock")
    names = [name.strip() for name in rulebooks.split(",") if name.strip()]
    if "all" in names:
        others = [entry.name for entry in bundled_rulebooks() if entry.name not in names]
        names = [name for name in names if name != "all"] + others
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InputError(f"--rulebooks {name}: is named twice; leave one of them out.")
    if not names:
        raise InputError("--rulebooks: must name rulebooks; write it like --rulebooks okx,bitmex.")
    resolved = load(scenario, overrides, seed, accounts)
    if not as_json and not cache_is_warm():
        click.echo(FIRST_RUN, err=True)

    def tell(name: str, part: float) -> None:
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r{part:>4.0%}  {name:<30}", nl=part >= 1, err=True)

    outcomes = run_all(resolved, names, threads=threads, progress=tell)
    if as_json:
        shock = {"scenario": resolved.name, "seed": resolved.seed, "accounts": resolved.accounts}
        echo_json(shock | {"venues": [outcome.row() for outcome in outcomes]})
        return
    click.echo(f"{resolved.name}, seed {resolved.seed}, {resolved.accounts:,} accounts, in USD\n")
    click.echo("\n".join(_lines(outcomes)) + "\n")
    conserved = sum(outcome.conserved for outcome in outcomes)
    click.echo(f"Money and positions conserved on {conserved} of {len(outcomes)} venues")


def _lines(outcomes: list[Outcome]) -> list[str]:
    """Return one line per venue: who would have held, and who paid."""
    from tacoma.report.numbers import money

    rows: list[tuple[str, ...]] = [HEADINGS]
    for outcome in outcomes:
        amounts = (
            outcome.closed_usd,
            outcome.market_usd,
            outcome.takeover_usd,
            outcome.funds_start_usd,
            outcome.funds_low_usd,
            outcome.adl_usd,
            outcome.shared_usd,
            outcome.bad_debt_usd,
        )
        counts = [f"{n:,}" for n in (outcome.liquidated_accounts, outcome.pending_accounts)]
        texts = [money(amount) for amount in amounts]
        rows.append((outcome.rulebook, outcome.verdict, *counts, *texts))
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    return [
        "  ".join(
            text.ljust(width) if place < LEFT_COLUMNS else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
