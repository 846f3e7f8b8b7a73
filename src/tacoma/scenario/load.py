"""
Find, read, combine and check scenario files.

Order: the file's base, the file, the rulebooks that its venues name, the overrides (`--set`),
seed and accounts; then everything is validated before anything runs. Decimal numbers are kept
exactly as written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from copy import deepcopy
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tacoma.errors import (
    MISSING,
    Problem,
    RulebookError,
    ScenarioError,
    UnknownFieldError,
    UnknownScenarioError,
    listed,
)
from tacoma.scenario.paths import Raw, name_key, near, parse_override, set_value, split

if TYPE_CHECKING:
    from tacoma.scenario.rulebook import Rulebook
    from tacoma.scenario.schema import Scenario

BASES_MAX = 8


class Bundled(NamedTuple):
    """A scenario or rulebook that comes with the package."""

    name: str
    title: str


class _Text(Protocol):
    """What a path and a file inside the package have in common."""

    @property
    def name(self) -> str: ...

    def read_bytes(self) -> bytes: ...


def bundled() -> list[Bundled]:
    """Return the scenarios that come with the package, by name."""
    return _bundled("scenarios")


def bundled_rulebooks() -> list[Bundled]:
    """Return the rulebooks that come with the package, by name."""
    return _bundled("rulebooks")


def _bundled(folder: str) -> list[Bundled]:
    files = (resources.files("tacoma") / folder).iterdir()
    names = sorted(file.name for file in files if file.name.endswith(".toml"))
    found = []
    for name in names:
        table = _read(resources.files("tacoma") / folder / name)
        found.append(Bundled(name.removesuffix(".toml"), str(table.get("title", ""))))
    return found


def load(
    name_or_path: str | Path,
    overrides: Sequence[str] = (),
    seed: int | None = None,
    accounts: int | None = None,
) -> Scenario:
    """
    Return the scenario of a bundled name or of a path to a .toml file.

    Each override is `path=value`, as in `venues.binance.markets.BTC.depth=80 M USD`; seed and
    accounts replace those of the file. Raises UnknownScenarioError, UnknownFieldError, or
    ScenarioError with every problem that was found.
    """
    table = raw(name_or_path)
    paths = []
    for override in overrides:
        path, value = parse_override(override)
        _apply(table, path, value, _folder(name_or_path))
        paths.append(path)
    if seed is not None:
        table["seed"] = seed
    if accounts is not None:
        table["accounts"] = accounts
    try:
        return from_dict(table, file=_file_name(name_or_path))
    except ScenarioError as error:
        raise _blame_override(error, table, paths) from None


def _blame_override(error: ScenarioError, table: Raw, paths: Sequence[str]) -> Exception:
    """Return the error of an override that added a field which nobody knows, if it is one."""
    from tacoma.scenario.problems import fields_at
    from tacoma.scenario.schema import Scenario

    for problem in error.problems if paths else ():
        try:
            keys = split(problem.field)
        except UnknownFieldError:
            continue  # the file itself has a key that no path can name
        known = sorted(fields_at(Scenario, keys[:-1], table))
        if not known or keys[-1] in known:
            continue
        for path in paths:
            if split(path)[: len(keys)] == keys:
                parent = problem.field.rpartition(".")[0]
                prefix = f"{parent}." if parent else ""
                guesses = [f"{prefix}{name}" for name in near(str(keys[-1]), known)]
                reason = f"{problem.field} is not a known field"
                if not guesses:
                    reason += f"; {parent or 'a scenario'} has {listed(known, 'and')}"
                return UnknownFieldError(path, reason, guesses)
    return error


def raw(name_or_path: str | Path) -> Raw:
    """Return a scenario as its files say, bases merged and rulebooks resolved, not validated."""
    return _layers(name_or_path, ())


def from_dict(table: Raw, file: str = "scenario") -> Scenario:
    """
    Return the scenario of a raw table such as `raw` gives; `file` is named in messages.

    A venue without `rules` gets those of its rulebook.
    """
    from pydantic import ValidationError

    from tacoma.scenario.check import check
    from tacoma.scenario.problems import problems_of
    from tacoma.scenario.schema import Scenario

    if any("rules" not in venue for venue in _venues(table)):
        table = deepcopy(table)
        _attach_rules(table, file, None)
    try:
        scenario = Scenario.model_validate(table)
    except ValidationError as error:
        raise _error(problems_of(error, table, file, Scenario)) from None
    problems = check(scenario, table, file)
    if problems:
        raise _error(problems)
    return scenario


def load_resolved(table: Raw) -> Scenario:
    """Return the scenario that `Scenario.resolved` wrote, as in a run's manifest."""
    return from_dict(table, file="manifest")


def load_rulebook(name_or_path: str | Path) -> Rulebook:
    """Return the rulebook of a bundled name or of a path; raises RulebookError."""
    from pydantic import ValidationError

    from tacoma.scenario.check import check_rulebook
    from tacoma.scenario.problems import problems_of
    from tacoma.scenario.rulebook import Rulebook

    file = _find(str(name_or_path), "rulebooks", None)
    table = _read(file, RulebookError)
    try:
        rulebook = Rulebook.model_validate(table)
    except ValidationError as error:
        raise RulebookError(problems_of(error, table, _label(file), Rulebook)) from None
    problems = check_rulebook(rulebook, table, _label(file))
    if problems:
        raise RulebookError(problems)
    return rulebook


def json_schema(kind: str = "scenario") -> dict[str, Any]:
    """
    Return the JSON Schema of a scenario or rulebook file, for completion and hints in editors.

    It requires no field, since a file may inherit any; the loader says what is missing.
    """
    from tacoma.scenario.rulebook import Rulebook
    from tacoma.scenario.schema import Scenario

    assert kind in {"scenario", "rulebook"}, f"no such kind of file: {kind}"
    schema = (Scenario if kind == "scenario" else Rulebook).model_json_schema()
    for table in [schema, *schema.get("$defs", {}).values()]:
        table.pop("required", None)
    if kind == "scenario":
        schema["properties"]["base"] = {
            "type": "string",
            "description": "A bundled scenario or a path; this file says only what differs.",
        }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def _error(problems: Sequence[Problem]) -> ScenarioError:
    in_rules = problems[0].field.startswith("venues.") and ".rules." in problems[0].field
    return RulebookError(problems) if in_rules else ScenarioError(problems)


# ------------------------------------------------------------------------------- files


def _find(name: str, folder: str, beside: Path | None) -> _Text:
    """Return the file of a bundled name, or of a path (relative to `beside` if that is given)."""
    noun = folder.removesuffix("s")
    if not _is_path(name):
        file = resources.files("tacoma") / folder / f"{name}.toml"
        if file.is_file():
            return file
    path = Path(name) if beside is None else beside / name
    if _is_path(name) and path.is_file():
        return path
    known = [entry.name for entry in _bundled(folder)]
    stem = Path(name).name.removesuffix(".toml")
    raise UnknownScenarioError(name, known, near(stem, known), noun)


def _label(file: _Text) -> str:
    """Return what messages call a file: its path, or the name of one inside the package."""
    return str(file) if isinstance(file, Path) else file.name


def _is_path(name: str) -> bool:
    return name.endswith(".toml") or "/" in name or "\\" in name


def _read(file: _Text, error_type: type[ScenarioError] = ScenarioError) -> Raw:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"), parse_float=Decimal)
    except OSError as error:
        requirement = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        requirement = f"is not UTF-8 text (byte {error.start})"
    except RecursionError:
        requirement = "is not valid TOML: nested too deeply"
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        text = str(error)
        requirement = f"is not valid TOML: {text[:1].lower()}{text[1:]}"
    raise error_type([Problem(_label(file), "", MISSING, requirement)])


def _file_name(name_or_path: str | Path) -> str:
    name = str(name_or_path)
    return name if _is_path(name) else f"{name}.toml"


def _folder(name_or_path: str | Path) -> Path | None:
    name = str(name_or_path)
    return Path(name).parent if _is_path(name) else None


# ------------------------------------------------------------------------------- inheritance


def _layers(name_or_path: str | Path, seen: tuple[str, ...]) -> Raw:
    """Return a file merged over its base, and that over its own; rulebooks are read per file."""
    name = str(name_or_path)
    beside = _folder(seen[-1]) if seen else None
    file = _find(name, "scenarios", beside)
    place = str(file) if isinstance(file, Path) else name
    if place in seen or len(seen) >= BASES_MAX:
        chain = " -> ".join([*seen, place])
        requirement = f"inherits in a circle, or through more than {BASES_MAX} files: {chain}"
        raise ScenarioError([Problem(_label(file), "base", name, requirement)])
    table = _read(file)
    folder = _folder(place)
    _attach_rules(table, file.name, folder)
    base = table.pop("base", None)
    if base is None:
        return table
    if not isinstance(base, str):
        requirement = 'must be a scenario\'s name or path; write it like "oct-2025"'
        raise ScenarioError([Problem(_label(file), "base", base, requirement)])
    return merged(_layers(base, (*seen, place)), table)


def _attach_rules(table: Raw, file: str, folder: Path | None) -> None:
    """Give every venue of one file that names a rulebook the rules, under its own changes."""
    for venue in _venues(table):
        changes = venue.get("rules", {})
        if isinstance(venue.get("rulebook"), str) and isinstance(changes, dict):
            venue["rules"] = merged(_rulebook(venue["rulebook"], file, folder), changes)


def _venues(table: Raw) -> list[Raw]:
    """Return the venues of a table that may not be valid yet."""
    venues = table.get("venues")
    return [v for v in venues if isinstance(v, dict)] if isinstance(venues, list) else []


def _rulebook(name: str, file: str, folder: Path | None) -> Raw:
    from tacoma.scenario.check import unsourced

    try:
        found = _find(name, "rulebooks", folder)
    except UnknownScenarioError as error:
        raise UnknownScenarioError(
            f"{file}: rulebook {name}", error.known, error.near, "rulebook"
        ) from None
    table = _read(found, RulebookError)
    problems = unsourced(table, _label(found))
    if problems:
        raise RulebookError(problems)
    return table


def _apply(table: Raw, path: str, value: object, folder: Path | None) -> None:
    """Put one override in place; one that names another rulebook brings its rules along."""
    set_value(table, path, value)
    keys = split(path)
    if len(keys) == 3 and keys[0] == "venues" and keys[2] == "rulebook" and isinstance(value, str):
        set_value(table, f"venues.{keys[1]}.rules", _rulebook(value, "--set", folder))


def merged(base: Raw, change: Raw) -> Raw:
    """
    Return a table with another laid over it.

    Tables merge, lists of named tables merge by name, provenance is added to, and every other
    value is replaced. A venue that names another rulebook loses the rules of the base.
    """
    result = dict(base)
    if "rulebook" in change:
        result.pop("rules", None)
    for key, value in change.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = old + value if key == "provenance" else _merged_lists(old, value)
        else:
            result[key] = deepcopy(value)
    return result


def _merged_lists(base: list[Any], change: list[Any]) -> list[Any]:
    key = name_key(change)
    if key is None or name_key(base) != key:
        return deepcopy(change)
    result = list(base)
    places = {entry[key]: index for index, entry in enumerate(base)}
    for entry in change:
        if entry[key] in places:
            result[places[entry[key]]] = merged(base[places[entry[key]]], entry)
        else:
            result.append(deepcopy(entry))
    return result
