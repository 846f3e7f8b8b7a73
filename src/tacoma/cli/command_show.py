"""`tacoma show`: a scenario as it will run, with the origin of each value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tacoma.cli.arguments import json_option, set_option
from tacoma.cli.output import JsonValue, echo_json
from tacoma.errors import InputError, UnknownFieldError, listed

if TYPE_CHECKING:
    from tacoma.cli.origins import Origin
    from tacoma.scenario.schema import Scenario

# What the listing leaves to --toml and --json.
UNLISTED = ("provenance", "description", "title")


@click.command(
    short_help="Show a scenario: each field, a fact or an assumption.",
    epilog="Example: tacoma show oct-2025 makers",
)
@click.argument("scenario")
@click.argument("path", required=False)
@set_option
@click.option("--toml", "as_toml", is_flag=True, help="Print a scenario file that loads again.")
@json_option
def show(
    scenario: str, path: str | None, overrides: tuple[str, ...], as_toml: bool, as_json: bool
) -> None:
    """
    Show SCENARIO as it will run: each field, and whether it is a fact or an assumption.

    With PATH only the fields at or below it. The paths are those of --set.
    """
    from tacoma.cli.origins import origins
    from tacoma.scenario import load

    if as_toml and as_json:
        raise InputError("--toml and --json: choose one of them.")
    if path is not None and (as_toml or as_json):
        raise InputError(f"{path}: --toml and --json print the whole scenario; leave it out.")
    resolved = load(scenario, overrides)
    found = origins(resolved, scenario, overrides)
    if as_json:
        shown = {key: [o._asdict() for o in entries] for key, entries in found.items() if entries}
        echo_json({"scenario": resolved.resolved(), "origins": shown})
    elif as_toml:
        click.echo(_toml(resolved, found), nl=False)
    else:
        click.echo("\n".join(_listing(resolved, found, path)))


def _toml(scenario: Scenario, found: dict[str, tuple[Origin, ...]]) -> str:
    """Return the scenario as a file; the provenance of rules comes with their rulebooks."""
    from tacoma.cli.toml_text import toml_text

    table = scenario.resolved()
    for venue in table["venues"]:
        venue["rules"].pop("provenance", None)

    def comment(path: str) -> str:
        return ", ".join(dict.fromkeys(origin.kind for origin in found.get(path, ())))

    return toml_text(table, comment)


def _listing(
    scenario: Scenario, found: dict[str, tuple[Origin, ...]], path: str | None
) -> list[str]:
    """Return a line per field, then a line per kind of origin and source."""
    from tacoma.cli.origins import MEANINGS, leaves

    rows = [
        (field, _value(value), found.get(field, ()))
        for field, value in leaves(scenario.resolved())
        if _is_listed(field, path)
    ]
    if not rows:
        raise _unknown(scenario, path or "")
    numbers: dict[str, int] = {}
    width = max(len(f"{field} = {value}") for field, value, _ in rows if len(value) <= 40)
    lines = [] if path else [f"{scenario.name}: {scenario.title}", ""]
    for field, value, entries in rows:
        marks = [_mark(origin, numbers) for origin in entries]
        lines.append(f"{f'{field} = {value}':<{width}}  {', '.join(marks)}".rstrip())
    kinds = {origin.kind for _, _, entries in rows for origin in entries}
    lines += ["", *(f"{kind}: {MEANINGS[kind]}" for kind in MEANINGS if kind in kinds)]
    lines += [f"[{number}] {source}" for source, number in numbers.items()]
    return lines if kinds else lines[:-1]


def _is_listed(field: str, path: str | None) -> bool:
    """Tell whether a field is wanted."""
    from tacoma.cli.origins import top

    if path is None:
        return top(field) not in UNLISTED and ".provenance" not in field
    return field == path or field.startswith((f"{path}.", f"{path}["))


def _mark(origin: Origin, numbers: dict[str, int]) -> str:
    """Return the kind of an origin and the number of its source, which it may be given now."""
    if not origin.source:
        return origin.kind
    number = numbers.setdefault(origin.source, len(numbers) + 1)
    return f"{origin.kind} [{number}]"


def _value(value: JsonValue) -> str:
    """Return a value as --set takes it."""
    from tacoma.cli.toml_text import value_text

    return value if isinstance(value, str) else value_text(value)


def _unknown(scenario: Scenario, path: str) -> InputError:
    """Return the error of a path that leads nowhere; its first unknown name is looked up."""
    from tacoma.errors import MISSING
    from tacoma.scenario.paths import joined, near, split, step_into

    at, container = "", scenario.resolved()
    try:
        keys = split(path)
    except UnknownFieldError as error:
        return InputError(f"{path}: {error.reason}.")
    for key in keys:
        below: JsonValue = step_into(container, key)
        if below is MISSING:
            names = _names(container)
            guesses = [joined(at, {}, name) for name in near(str(key), names)]
            if guesses:
                return InputError(f"{path}: no such field. Did you mean {listed(guesses)}?")
            known = f"{at or 'a scenario'} has {listed(names, 'and') or 'no fields'}"
            return InputError(f"{path}: no such field; {known}.")
        at, container = joined(at, container, key), below
    return InputError(f"{path}: there is nothing below it; the scenario sets {at} as one value.")


def _names(container: JsonValue) -> list[str]:
    """Return the names that a path can go on with."""
    from tacoma.scenario.paths import joined

    if isinstance(container, list):
        return [joined("", container, index) for index in range(len(container))]
    return list(container) if isinstance(container, dict) else []
