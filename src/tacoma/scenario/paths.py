"""
Field paths: how a person points at one value of a scenario.

A path is names joined by dots. An entry of a list of tables goes by its name
(`venues.binance.markets.BTC.depth`), an event by its kind where that is unique
(`timeline.gateway.until`), and any list element by its number from 0 (`timeline[2].factor`,
`assets.DOT.anchors[3]`).
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from tacoma.errors import MISSING, UnknownFieldError, listed

Raw = dict[str, Any]
Key = str | int

NAME_KEYS = ("name", "symbol", "pool", "vault", "asset")
INDEX = re.compile(r"([^\[\]]*)((?:\[\d{1,6}\])*)", re.ASCII)


def entry_name(entries: Sequence[object], index: int) -> str | None:
    """Return the name by which a path addresses an entry of a list, or None: by its number."""
    names = [_own_name(entry) for entry in entries]
    name = names[index]
    return name if name is not None and names.count(name) == 1 else None


def _own_name(entry: object) -> str | None:
    if not isinstance(entry, dict):
        return None
    # An event's asset says what it acts on, not what it is; its kind does.
    keys = ("kind",) if "kind" in entry else NAME_KEYS
    for key in keys:
        name = entry.get(key)
        if isinstance(name, str) and name:
            return name
    return None


def name_key(entries: Sequence[object]) -> str | None:
    """Return the key that names every entry of a list of tables, or None if there is none."""
    if not entries or not all(isinstance(entry, dict) and "kind" not in entry for entry in entries):
        return None
    for key in NAME_KEYS:
        if all(isinstance(entry, dict) and isinstance(entry.get(key), str) for entry in entries):
            return key
    return None


def joined(path: str, container: object, key: Key) -> str:
    """Return the path one level deeper: into a table by name, into a list by name or number."""
    if isinstance(key, int):
        is_entry = isinstance(container, (list, tuple)) and key < len(container)
        name = entry_name(container, key) if is_entry else None  # type: ignore[arg-type]
        if name is None:
            return f"{path}[{key}]"
        key = name
    return f"{path}.{key}" if path else key


def split(path: str) -> list[Key]:
    """Return the keys of a path: `a.b[2].c` is a, b, 2, c."""
    keys: list[Key] = []
    for part in path.split("."):
        match = INDEX.fullmatch(part)
        if match is None or not part or (not match[1] and not keys):
            raise UnknownFieldError(path, "is not a field path; write it like makers.capital")
        if match[1]:
            keys.append(match[1])
        keys += [int(number) for number in re.findall(r"\d+", match[2])]
    return keys


def step_into(container: object, key: Key) -> object:
    """Return what a key of a path leads to, or MISSING."""
    if isinstance(container, dict):
        return container.get(key, MISSING)
    if isinstance(container, (list, tuple)):
        index = _index(container, key)
        return MISSING if index is None else container[index]
    return MISSING


def _index(entries: Sequence[object], key: Key) -> int | None:
    if isinstance(key, int):
        return key if key < len(entries) else None
    for index in range(len(entries)):
        if entry_name(entries, index) == key:
            return index
    return None


def lookup(raw: object, path: str) -> object:
    """Return the value at a path, or MISSING."""
    value = raw
    for key in split(path):
        value = step_into(value, key)
    return value


def near(name: str, names: Sequence[str]) -> list[str]:
    """Return up to three names that one could have meant."""
    by_lower = {known.lower(): known for known in names}
    return [by_lower[n] for n in difflib.get_close_matches(name.lower(), by_lower, 3, 0.6)]


def set_value(raw: Raw, path: str, value: object) -> None:
    """
    Put a value into a raw scenario, in place.

    A key that a table lacks is added, for optional fields exist only in the schema; it is for the
    schema to refuse unknown ones. A list entry that does not exist raises UnknownFieldError.
    """
    keys = split(path)
    container: Any = raw
    at = ""
    for position, key in enumerate(keys):
        last = position == len(keys) - 1
        place: Any = key
        if isinstance(container, list):
            place = _index(container, key)
            if place is None:
                raise _unknown_entry(path, at, container, key)
        elif not isinstance(container, dict) or isinstance(key, int):
            raise UnknownFieldError(path, f"{at} is neither a table nor a list with such an entry")
        if last:
            container[place] = value
        elif isinstance(container, dict):
            container.setdefault(place, {})
        at = joined(at, container, place)
        container = container[place]


def _unknown_entry(path: str, at: str, entries: list[Any], key: Key) -> UnknownFieldError:
    names = [name for i in range(len(entries)) if (name := entry_name(entries, i))]
    if isinstance(key, int):
        reason = f"{at} has {len(entries)} entries, numbered from 0"
        return UnknownFieldError(path, reason)
    reason = f'{at} has no entry "{key}"'
    if names:
        reason += f"; it has {listed(names, 'and')}"
    if len(names) < len(entries):
        reason += f"; address others by number, {at}[0] to {at}[{len(entries) - 1}]"
    return UnknownFieldError(path, reason, [joined(at, {}, name) for name in near(key, names)])


def parse_override(override: str) -> tuple[str, object]:
    """
    Return the path and value of `path=value`.

    The value is read as TOML where it is valid TOML, otherwise as the text itself; times and
    dates stay text.
    """
    path, equals, text = override.partition("=")
    path, text = path.strip(), text.strip()
    if not equals or not path:
        raise UnknownFieldError(override, "is not an override; write it like makers.count=5")
    try:
        parsed = tomllib.loads(f"value = {text}", parse_float=Decimal)
    except (ValueError, RecursionError):
        return path, text
    value = parsed["value"]
    is_text = isinstance(value, (time, date)) and not isinstance(value, datetime)
    return path, text if is_text or len(parsed) > 1 else value


def alternatives(override: str) -> tuple[str, list[str]]:
    """
    Return the path and the values of `path=value,value,...`, each as text.

    Commas inside quotes, brackets and braces belong to the value: `a=[1,2],[3,4]` has two.
    """
    path, equals, text = override.partition("=")
    path = path.strip()
    if not equals or not path:
        raise UnknownFieldError(override, "is not an override; write it like makers.count=3,5")
    values, depth, quote, start = [], 0, "", 0
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        elif character == "," and depth == 0:
            values.append(text[start:place].strip())
            start = place + 1
    values.append(text[start:].strip())
    if not all(values):
        raise UnknownFieldError(path, "has an empty value; write it like makers.count=3,5")
    return path, values


def leaves(raw: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every single value below a table or list with its path."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from leaves(value, joined(path, raw, key))
    elif isinstance(raw, (list, tuple)):
        for index, value in enumerate(raw):
            yield from leaves(value, joined(path, raw, index))
    else:
        yield path, raw


def matches(pattern: str, path: str) -> bool:
    """Tell whether a path lies at or below a pattern, in which * stands for any one name."""
    wanted = [str(key) for key in split(pattern)]
    given = [str(key) for key in split(path)]
    if len(given) < len(wanted):
        return False
    pairs = zip(wanted, given, strict=False)
    return all(want in ("*", have) for want, have in pairs)
