"""The scenarios that are measured: the bundled evening of 10 October 2025, and changes of it."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.scenario.load import from_dict, load, raw
from tacoma.units import QUANTA_PER_USD

if TYPE_CHECKING:
    from tacoma.scenario.schema import Scenario

EVENING = "oct-2025"
LOTS_OF_A_VENUE = 900_000_000  # below the stated maximum, with room for what opens during a run


def evening(accounts: int) -> Scenario:
    """10 October 2025, 20:45 to 24:00 UTC: two venues, 33 books, 11,700 steps."""
    return _of(accounts, {})


def three_hours(accounts: int) -> Scenario:
    """The first three hours of the evening, 10,800 steps."""
    return _of(accounts, {}, end="23:45", ends="2025-10-10T23:45:00Z")


def whole_day(accounts: int) -> Scenario:
    """24 hours from 20:45 UTC on; from midnight on values wander around where they stood."""
    return _of(accounts, {}, end="44:45", ends="2025-10-11T20:45:00Z")


def three_positions(accounts: int) -> Scenario:
    """Everybody holds three perpetuals in one cross-margined account."""
    people = {"positions": [0, 0, 1], "isolated_share": 0, "collateral_share": 0}
    return _of(accounts, people)


def one_venue(accounts: int) -> Scenario:
    """The evening on its first venue alone, with lots so small that everybody holds some.

    Sizes are less unequal than in the evening: a venue has at most a billion lots, and a
    hundred million accounts shall all hold a position.
    """
    table = _table(accounts, {"size_tail": 4})
    table["venues"] = table["venues"][:1]
    venue = table["venues"][0]
    venue["account_share"] = 1
    interest = sum(int(market.open_interest) for market in load(EVENING).venues[0].markets)
    listed = {market["asset"] for market in venue["markets"]}
    for asset in table["assets"]:
        if asset["symbol"] in listed:  # a lot of each is worth the same at first
            usd = Fraction(interest, LOTS_OF_A_VENUE * QUANTA_PER_USD)
            asset["lot"] = f"{float(usd / Fraction(str(asset['anchors'][0][1]))):.10f}"
    table["timeline"] = [
        event for event in table["timeline"] if event.get("venue") in {None, venue["name"]}
    ]
    for source in table["sources"]:
        if source.get("local_venue") not in {None, venue["name"]}:
            del source["local_venue"]
            source.pop("local_share", None)
    return from_dict(table)


def fewer_markets(accounts: int, symbols: int) -> Scenario:
    """The evening with only its first coins, on both venues and spot; no other collateral."""
    table = _table(accounts, {"collateral_share": 0})
    kept = [asset["symbol"] for asset in table["assets"]][:symbols]

    def of_kept(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [entry for entry in entries if entry["asset"] in kept]

    table["assets"] = table["assets"][:symbols]
    table["spot"]["markets"] = of_kept(table["spot"]["markets"])
    for venue in table["venues"]:
        venue["markets"] = of_kept(venue["markets"])
        venue["spot_markets"] = of_kept(venue.get("spot_markets", []))
        collateral = venue["rules"]["collateral"]
        venue["rules"]["collateral"] = {
            name: collateral[name] for name in collateral if name in kept
        }
        for vault in venue.get("backstop", []):
            vault["assets"] = [name for name in vault["assets"] if name in kept]
    table["timeline"] = [
        event for event in table["timeline"] if event.get("asset", kept[0]) in kept
    ]
    return from_dict(table)


def deeper(accounts: int, depth: float) -> Scenario:
    """The evening with every fall of the value paths times `depth`; 0 is a calm evening."""
    table = _table(accounts, {})
    for asset in table["assets"]:
        anchors = asset.get("anchors", [])
        if anchors:
            start = float(anchors[0][1])
            asset["anchors"] = [
                [time, f"{start * (float(price) / start) ** depth:.8f}"] for time, price in anchors
            ]
    return from_dict(table)


def _table(accounts: int, population: dict[str, Any]) -> dict[str, Any]:
    """Return the evening as a table; origins of fields do not matter here."""
    table = raw(EVENING) | {"accounts": accounts, "provenance": []}
    table["population"] |= population
    return table


def _of(
    accounts: int, population: dict[str, Any], end: str | None = None, ends: str | None = None
) -> Scenario:
    """Return the evening with another population, or another end of its clock."""
    table = _table(accounts, population)
    if end is not None:
        table["clock"]["end"] = ends
        for asset in table["assets"]:
            if "anchors" in asset:
                before = [
                    anchor for anchor in asset["anchors"] if _minutes(anchor[0]) < _minutes(end)
                ]
                asset["anchors"] = [*before, [end, before[-1][1]]]
    return from_dict(table)


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")[:2]
    return int(hours) * 60 + int(minutes)
