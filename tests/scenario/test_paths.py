"""Field paths: the way there and back."""

import pytest

from tacoma.errors import MISSING
from tacoma.scenario import raw
from tacoma.scenario.paths import leaves, lookup, matches, near, split


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("seed", ["seed"]),
        ("a.b.c", ["a", "b", "c"]),
        ("a[0]", ["a", 0]),
        ("a.b[2].c", ["a", "b", 2, "c"]),
        ("a[1][0]", ["a", 1, 0]),
        ("backstop.Liquidator 2.capital", ["backstop", "Liquidator 2", "capital"]),
    ],
)
def test_split(path, keys):
    """A path is these keys; numbers in brackets are places in a list."""
    assert keys == split(path)


def test_every_leaf_is_found_by_its_path():
    """The path of each value of the bundled scenario leads back to that value."""
    table = raw("oct-2025")
    found = list(leaves(table))
    assert len(found) > 500
    assert len({path for path, _ in found}) == len(found)
    for path, value in found:
        assert lookup(table, path) is value


@pytest.mark.parametrize("path", ["x", "seed.x", "assets.XMR", "assets[99]", "timeline.sell"])
def test_what_is_not_there_is_missing(path):
    """A path to nothing finds MISSING, which no file can hold."""
    assert lookup(raw("oct-2025"), path) is MISSING


@pytest.mark.parametrize(
    ("pattern", "path", "is_match"),
    [
        ("accounts", "accounts", True),
        ("population.*", "population.groups.low.accounts", True),
        ("accounts", "population.groups.low.accounts", False),
        ("assets.*.anchors", "assets.BTC.anchors[0][1]", True),
        ("assets.*.anchors", "assets.BTC.lot", False),
        ("venues.*.markets.*", "venues.binance.markets.BTC.depth", True),
        ("timeline.*.factor", "timeline[3].factor", True),
        ("clock.*", "clock", False),
    ],
)
def test_patterns(pattern, path, is_match):
    """A star is any one name, and a pattern covers what lies below it."""
    assert is_match is matches(pattern, path)


def test_near_ignores_case():
    """Names in another case are what one meant."""
    assert near("btc", ["BTC", "ETH"]) == ["BTC"]
    assert near("xyz", ["BTC", "ETH"]) == []
