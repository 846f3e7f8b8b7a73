"""Small worlds for tests, and runs that several tests look at."""

import copy
import functools
from typing import NamedTuple

import numpy as np

import tacoma
from tacoma.lab.drive import Driven, drive
from tacoma.lab.tables import equities
from tacoma.scenario import from_dict, raw
from tacoma.scenario.schema import Scenario
from tacoma.world.build import build, empty_journal
from tacoma.world.layout import MARKET_COLUMNS

ACCOUNTS = 2_000
BINANCE, HYPERLIQUID = 0, 1
MARKET_STOP = MARKET_COLUMNS.index("stop")  # money traded by stops, in the market record


class Crash(NamedTuple):
    """A driven flash crash: its scenario, the world at its end, and everybody's first equity."""

    scenario: Scenario
    driven: Driven
    before: np.ndarray


def table(accounts=ACCOUNTS, **changes):
    """Return flash-crash as a table to change; keywords replace fields at the top."""
    return copy.deepcopy(raw("flash-crash")) | {"accounts": accounts} | changes


def fall(scenario_table, drop, first="15:55:02", last="15:55:06"):
    """Let every anchored asset fall by a part of its price between two times, for good."""
    for asset in scenario_table["assets"]:
        if "anchors" in asset:
            start = asset["anchors"][0][1]
            low = start * round(1000 * (1 - drop)) / 1000
            asset["anchors"] = [["15:55", start], [first, start], [last, low], ["16:05", low]]
    return scenario_table


def narrow(scenario_table, symbols):
    """Keep only these assets, with their markets, collateral rules, funds and events."""

    def kept(entries, key):
        return [entry for entry in entries if entry.get(key) in symbols]

    result = scenario_table | {"assets": kept(scenario_table["assets"], "symbol")}
    result["spot"]["markets"] = kept(result["spot"]["markets"], "asset")
    for place in result["venues"]:
        place["markets"] = kept(place["markets"], "asset")
        place["spot_markets"] = kept(place.get("spot_markets", []), "asset")
        place["rules"]["collateral"] = {
            name: rule for name, rule in place["rules"]["collateral"].items() if name in symbols
        }
        for vault in place.get("backstop", []):
            vault["assets"] = [name for name in vault["assets"] if name in symbols]
    result["timeline"] = [
        event for event in result["timeline"] if event.get("asset", symbols[0]) in symbols
    ]
    return result


def venue(scenario_table, name):
    """Return one venue of a table."""
    return next(entry for entry in scenario_table["venues"] if entry["name"] == name)


def start(scenario, seed=None):
    """Return a world of the scenario with its books opened."""
    from tacoma import engine

    built = build(scenario, scenario.seed if seed is None else seed)
    with np.errstate(over="ignore"):
        engine.prepare(built.world)
    return built


def driven(scenario, steps=None):
    """Drive a scenario with the compiled engine."""
    built = start(scenario)
    before = equities(built)
    steps = scenario.steps if steps is None else steps
    return Crash(scenario, drive(built, scenario.seed, steps), before)


@functools.cache
def crash():
    """Return the whole flash crash at 2,000 accounts, compiled; look, do not change."""
    return driven(tacoma.load("flash-crash", accounts=ACCOUNTS))


@functools.cache
def run(until=None):
    """Return a finished run of flash-crash at 2,000 accounts, without controls."""
    scenario = tacoma.load("flash-crash", accounts=ACCOUNTS)
    return tacoma.run(scenario, control=False, macro=False, threads=1, until=until)


def small(accounts=100, **changes):
    """Return a calm world of 100 accounts, for tests that arrange accounts by hand."""
    return start(from_dict(table(accounts, timeline=[], **changes)))


def records(rows):
    """Return a queue of input records from dictionaries."""
    queue = empty_journal(max(len(rows), 1))
    queue.length[0] = len(rows)
    for place, row in enumerate(rows):
        for name, value in row.items():
            queue.rows[name][place] = value
    return queue


def worth(world):
    """Return what everybody owns together, in quanta: Python's integers."""
    accounts, positions = world.accounts, world.positions
    money = sum(map(int, accounts.balance)) + sum(map(int, accounts.wallet))
    return money - sum(map(int, positions.entry))


def net_lots(world):
    """Return the sum of positions of each market."""
    lots = np.zeros(len(world.markets), dtype=np.int64)
    np.add.at(lots, world.positions.market.astype(np.int64), world.positions.lots)
    return lots.tolist()
