"""
Where each value of a scenario comes from: a published fact, an assumption, or the user.

A scenario and its rulebooks say it in `[[provenance]]` entries, by patterns of field paths; the
most specific pattern speaks for a field, several if they are equally specific. What a file changes
of its base, and what `--set` changes, has left the source that the base names.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tacoma.cli.output import JsonValue
from tacoma.scenario.paths import Key, joined, parse_override, split, step_into

if TYPE_CHECKING:
    from tacoma.scenario.schema import Scenario

FACT, ASSUMPTION, CHANGED, UNSOURCED = "fact", "assumption", "set here", "unsourced"
MEANINGS = {
    FACT: "published; the source follows",
    ASSUMPTION: "chosen by the author; the reason follows",
    CHANGED: "changed with --set",
    UNSOURCED: "a number without a source",
}
# What identifies or describes, and how a run is computed, makes no claim about the world.
NOT_CLAIMS = ("provenance", "name", "title", "description", "seed", "engine")
DATE_OF_RULES = ".rules.as_of"
QUANTITY = re.compile(r"-?\d")


class Origin(NamedTuple):
    """Whether a value is a fact or an assumption, and the source or reason."""

    kind: str
    source: str = ""


class _Pattern(NamedTuple):
    keys: tuple[str, ...]
    origin: Origin


def leaves(table: JsonValue, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Yield every value of a table with its path; a list of anything but tables is one value."""
    is_list_of_tables = isinstance(table, list) and table and isinstance(table[0], dict)
    if isinstance(table, dict):
        for key, value in table.items():
            yield from leaves(value, joined(path, table, key))
    elif is_list_of_tables:
        for index, value in enumerate(table):
            yield from leaves(value, joined(path, table, index))
    else:
        yield path, table


def origins(
    scenario: Scenario, name_or_path: str | Path, overrides: Sequence[str]
) -> dict[str, tuple[Origin, ...]]:
    """Return the origins of each value by its path; none for what makes no claim."""
    table = scenario.resolved()
    changed = [_canonical(parse_override(text)[0], table) for text in overrides]
    layers = [({path for path, _ in leaves(own)}, own) for own in _files(str(name_or_path))]
    everything = [*_patterns(table), *_rules_patterns(table)]
    found: dict[str, tuple[Origin, ...]] = {}
    for path, value in leaves(table):
        if top(path) in NOT_CLAIMS or ".provenance" in path or path.endswith(DATE_OF_RULES):
            found[path] = ()
            continue
        keys = tuple(map(str, split(path)))
        if any(path == where or path.startswith((f"{where}.", f"{where}[")) for where in changed):
            found[path] = (Origin(CHANGED),)
            continue
        depth = next((i for i, (own, _) in enumerate(layers) if path in own), None)
        patterns: Iterable[_Pattern] = everything
        if depth is not None:
            patterns = [p for _, own in layers[: depth + 1] for p in _patterns(own)]
        found[path] = _best(patterns, keys) or ((Origin(UNSOURCED),) if _is_number(value) else ())
    return found


def rulebook_origins(table: JsonValue, stated: set[str]) -> dict[str, tuple[Origin, ...]]:
    """Return the origins of each value of a rulebook by its path; a default has none."""
    patterns = _patterns(table)
    return {
        path: _best(patterns, tuple(map(str, split(path)))) if path in stated else ()
        for path, _ in leaves(table)
    }


def top(path: str) -> str:
    """Return the first name of a path."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _is_number(value: object) -> bool:
    """Tell a number or quantity, or a list with any, from names."""
    if isinstance(value, list):
        return any(map(_is_number, value))
    if isinstance(value, str):
        return QUANTITY.match(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _best(patterns: Iterable[_Pattern], keys: tuple[str, ...]) -> tuple[Origin, ...]:
    """Return what the most specific of the matching patterns say."""
    best: dict[Origin, None] = {}  # keeps the order of the file
    rank = (0, 0)
    for pattern in patterns:
        if len(pattern.keys) > len(keys) or not all(
            want in ("*", have) for want, have in zip(pattern.keys, keys, strict=False)
        ):
            continue
        mine = (len(pattern.keys), -pattern.keys.count("*"))
        if mine > rank or not best:
            best, rank = {}, mine
        if mine == rank:
            best[pattern.origin] = None
    return tuple(best)


def _patterns(table: JsonValue, prefix: tuple[str, ...] = ()) -> list[_Pattern]:
    """Return the patterns of the provenance of a table."""
    return [
        _Pattern(
            (*prefix, *map(str, split(path))),
            Origin(entry.get("kind", FACT), entry.get("source", "")),
        )
        for entry in table.get("provenance", ())
        for path in entry["paths"]
    ]


def _rules_patterns(table: JsonValue) -> list[_Pattern]:
    """Return the patterns of the rulebooks, as paths of the scenario."""
    return [
        pattern
        for venue in table["venues"]
        for pattern in _patterns(venue["rules"], ("venues", venue["name"], "rules"))
    ]


def _files(name: str) -> Iterator[dict[str, JsonValue]]:
    """Yield a scenario's own file, then its base, and so on; all of them were loaded before."""
    while True:
        is_path = name.endswith(".toml") or "/" in name
        file = Path(name) if is_path else resources.files("tacoma") / "scenarios" / f"{name}.toml"
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        yield table
        base = table.get("base")
        if base is None:
            return
        base_is_path = base.endswith(".toml") or "/" in base
        name = str(Path(name).parent / base) if is_path and base_is_path else base


def _canonical(path: str, table: JsonValue) -> str:
    """Return a path with entries by name where they have one, as `leaves` writes it."""
    found, container = "", table
    for key in split(path):
        place: Key = key
        if isinstance(container, list) and isinstance(key, int) and not _are_tables(container):
            return found  # an element of a list that is one value
        found = joined(found, container, place)
        container = step_into(container, key)
    return found


def _are_tables(entries: list[JsonValue]) -> bool:
    return bool(entries) and isinstance(entries[0], dict)
