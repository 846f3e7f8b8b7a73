"""`tacoma rulebooks` and `tacoma rulebook`: the venues' rules, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tacoma.cli.arguments import json_option
from tacoma.cli.output import JsonValue, echo_json
from tacoma.errors import InputError

if TYPE_CHECKING:
    from tacoma.scenario.rulebook import Rulebook

UNLISTED = ("name", "title", "as_of", "notes", "provenance")


@click.command(
    short_help="List the venues' rules by kind.", epilog="Example: tacoma rulebooks --json"
)
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a table for a document.")
@json_option
def rulebooks(as_markdown: bool, as_json: bool) -> None:
    """List the rulebooks that come with Tacoma, with the kind of each of their rules."""
    from tacoma.scenario import bundled_rulebooks, load_rulebook
    from tacoma.scenario.rule_kinds import rule_kinds

    if as_markdown and as_json:
        raise InputError("--markdown and --json: choose one of them.")
    found = {entry.name: load_rulebook(entry.name) for entry in bundled_rulebooks()}
    if as_json:
        rows = [
            {"name": name, "title": rules.title, "as_of": rules.as_of, "kinds": rule_kinds(rules)}
            for name, rules in found.items()
        ]
        echo_json({"rulebooks": rows})
        return
    if as_markdown:
        click.echo("\n".join(markdown(found)))
        return
    for name, rules in found.items():
        kinds = rule_kinds(rules)
        click.echo(f"{name}: {rules.title}")
        for line in (
            f"margin {kinds['margin']}; mark {kinds['mark']}; funding {kinds['funding']}",
            f"stages {kinds['stages']}",
            f"take-over {kinds['take-over']}; ADL {kinds['ADL']}; sharing {kinds['loss sharing']}",
        ):
            click.echo(f"    {line}")


def markdown(found: dict[str, Rulebook]) -> list[str]:
    """Return one row per venue and one column per rule, as a document holds it."""
    from tacoma.scenario.rule_kinds import rule_kinds

    kinds = {name: rule_kinds(rules) for name, rules in found.items()}
    columns = next(iter(kinds.values())).keys() if kinds else ()
    lines = [f"| rulebook | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, row in kinds.items():
        lines.append(f"| `{name}` | {' | '.join(row.values())} |")
    return lines


@click.command(
    short_help="Show one venue's rules with their sources.",
    epilog="Example: tacoma rulebook dydx-v4",
)
@click.argument("name")
@json_option
def rulebook(name: str, as_json: bool) -> None:
    """Show the rulebook NAME, a bundled name or a path: every rule and where it comes from."""
    from tacoma.cli.origins import leaves
    from tacoma.scenario import load_rulebook
    from tacoma.scenario.rule_kinds import rule_kinds

    rules = load_rulebook(name)
    table: dict[str, JsonValue] = rules.model_dump(mode="json", exclude_none=True)
    if as_json:
        echo_json({"rulebook": table, "kinds": rule_kinds(rules)})
        return
    click.echo(f"{rules.name}: {rules.title}" + (f" (as of {rules.as_of})" if rules.as_of else ""))
    for note in rules.notes:
        click.echo(f"  note: {note}")
    stated = {path for path, _ in leaves(rules.model_dump(mode="json", exclude_unset=True))}
    click.echo("\n" + "\n".join(_listing(table, stated)))


def _listing(table: dict[str, JsonValue], stated: set[str]) -> list[str]:
    """Return a line per rule, then the sources; what a file does not state is a default."""
    from tacoma.cli.origins import MEANINGS, leaves, rulebook_origins
    from tacoma.cli.toml_text import value_text

    found = rulebook_origins(table, stated)
    numbers: dict[str, int] = {}
    rows = []
    for path, value in leaves({key: table[key] for key in table if key not in UNLISTED}):
        text = value if isinstance(value, str) else value_text(value)
        marks = [
            f"{origin.kind} [{numbers.setdefault(origin.source, len(numbers) + 1)}]"
            for origin in found[path]
        ]
        rows.append((f"{path} = {text}", ", ".join(marks) or "default"))
    width = max(len(field) for field, _ in rows if len(field) <= 72)
    lines = [f"{field:<{width}}  {marks}" for field, marks in rows]
    kinds = {origin.kind for origins in found.values() for origin in origins}
    lines += ["", *(f"{kind}: {MEANINGS[kind]}" for kind in MEANINGS if kind in kinds)]
    return lines + [f"[{number}] {source}" for source, number in numbers.items()]
