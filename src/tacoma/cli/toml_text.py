"""A scenario as TOML text that loads again, with a comment beside each value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tacoma.cli.output import JsonValue
from tacoma.scenario.paths import joined

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(table: dict[str, JsonValue], comment: Callable[[str], str]) -> str:
    """Return a table as TOML; `comment` gives the comment of a field path, or nothing."""
    return "\n".join(_lines(table, (), "", comment)).strip() + "\n"


def value_text(value: JsonValue) -> str:
    """Return a value that holds no table as TOML; text as a JSON string, which TOML reads alike."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _lines(
    table: dict[str, JsonValue], header: tuple[str, ...], path: str, comment: Callable[[str], str]
) -> list[str]:
    """Return the lines of one table: its own values first, then the tables below it."""
    lines = []
    for key, value in table.items():
        if not _is_table(value) and not _is_list_of_tables(value):
            note = comment(joined(path, table, key))
            lines.append(f"{_key(key)} = {value_text(value)}" + (f"  # {note}" if note else ""))
    for key, value in table.items():
        place, below = (*header, _key(key)), joined(path, table, key)
        if _is_table(value):
            lines += ["", f"[{'.'.join(place)}]", *_lines(value, place, below, comment)]
        elif _is_list_of_tables(value):
            for index, entry in enumerate(value):
                at = joined(below, value, index)
                lines += ["", f"[[{'.'.join(place)}]]", *_lines(entry, place, at, comment)]
    return lines


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
