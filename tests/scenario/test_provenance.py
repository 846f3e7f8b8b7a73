"""Every number that comes with the package says where it comes from."""

import tomllib
from datetime import datetime
from decimal import Decimal
from importlib import resources

import pytest

from tacoma.scenario import bundled, bundled_rulebooks, load_rulebook
from tacoma.scenario.paths import leaves, matches

# What identifies or describes a file, and the seed, are no claims about the world.
NOT_CLAIMS = {"provenance", "base", "name", "title", "description", "as_of", "seed", "engine"}
FILES = [f"scenarios/{entry.name}.toml" for entry in bundled()]
FILES += [f"rulebooks/{entry.name}.toml" for entry in bundled_rulebooks()]


def claims(table):
    """Yield the paths of all values, and whether each is a number."""
    for path, value in leaves({k: v for k, v in table.items() if k not in NOT_CLAIMS}):
        is_quantity = isinstance(value, str) and value[:1].isdigit()
        yield path, is_quantity or isinstance(value, (int, Decimal, datetime))


def read(file):
    text = (resources.files("tacoma") / file).read_text(encoding="utf-8")
    table = tomllib.loads(text, parse_float=Decimal)
    return table, [path for entry in table["provenance"] for path in entry["paths"]]


def resolved(table, path=""):
    """Return the paths of all values of a table, and of lists and tables that are empty."""
    if not isinstance(table, (dict, list)) or not table:
        return [path]
    items = table.items() if isinstance(table, dict) else enumerate(table)
    return [
        found
        for key, value in items
        for found in resolved(value, f"{path}.{key}" if path else str(key))
    ]


@pytest.mark.parametrize("file", FILES)
def test_every_number_has_a_source(file):
    """Each number of a bundled file is covered by a fact or an assumption."""
    table, patterns = read(file)
    uncovered = [
        path
        for path, is_number in claims(table)
        if is_number and not any(matches(pattern, path) for pattern in patterns)
    ]
    assert uncovered == []


@pytest.mark.parametrize("file", FILES)
def test_every_source_has_a_number(file):
    """No provenance entry speaks of a field that is not there, written or left at its default."""
    table, patterns = read(file)
    paths = [path for path, _ in claims(table)]
    if file.startswith("rulebooks/"):
        rules = load_rulebook(file.removeprefix("rulebooks/").removesuffix(".toml"))
        paths += resolved(rules.model_dump(mode="json"))
    assert [p for p in patterns if not any(matches(p, path) for path in paths)] == []
