"""The determinism contract: a run is a pure function of scenario, seed and version."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

import tacoma
from systems import worlds
from tacoma import engine
from tacoma.lab import drive as driving
from tacoma.lab import run as lab
from tacoma.scenario import from_dict
from tacoma.world.build import empty_events
from tacoma.world.paths import value_paths

# Until then the crash has liquidated on both venues, taken over, paid insurance and deleveraged.
INTERPRETED_UNTIL = "15:57:15"

SCRIPT = """
import json, sys
import tacoma
accounts, until, threads, macro = json.loads(sys.argv[1])
scenario = tacoma.load("flash-crash", accounts=accounts)
run = tacoma.run(
    scenario, control=macro, macro=macro, threads=threads, until=until
)
print(run.hash)
"""


def elsewhere(accounts=worlds.ACCOUNTS, until=None, threads=1, controls=False, **environment):
    """Return the hash that another process computes."""
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([accounts, until, threads, controls])],
        env=os.environ | environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return process.stdout.split()[-1]


def here(accounts=worlds.ACCOUNTS, seed=None, **options):
    """Return the hash that this process computes, afresh."""
    scenario = tacoma.load("flash-crash", accounts=accounts, seed=seed)
    settings = {"control": False, "macro": False, "threads": 1} | options
    return tacoma.run(scenario, **settings).hash


def test_twice_in_one_process(run):
    """Nothing of one run is left over for the next."""
    assert here() == run.hash


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_in_another_process(run, hash_seed):
    """Another process, with another order of sets, computes the same."""
    assert elsewhere(PYTHONHASHSEED=hash_seed) == run.hash


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_for_any_number_of_threads(run, threads):
    """Control runs beside the run, in threads or one after the other, change nothing in it."""
    assert here(control=True, macro=True, threads=threads) == run.hash


def test_with_and_without_compilation():
    """
    Plain Python and machine code compute the same, through liquidations, take-overs and ADL.

    So the rules' unbounded integers never needed more than the 64 bits they have compiled.
    """
    compiled = worlds.run(INTERPRETED_UNTIL)
    stages = set(compiled.tables["liquidations"]["stage"].unique().to_list())
    assert {"market", "convert", "takeover", "insurance", "adl", "bad_debt"} <= stages
    assert set(compiled.tables["adl"]["venue"].unique().to_list()) == {"binance", "hyperliquid"}
    assert elsewhere(until=INTERPRETED_UNTIL, NUMBA_DISABLE_JIT="1") == compiled.hash


@pytest.mark.parametrize("chunk", [1, 7, 599])
def test_for_any_size_of_chunk(run, monkeypatch, chunk):
    """How often the driver looks at the clock does not reach the world."""
    monkeypatch.setattr(driving, "CHUNK_STEPS", chunk)
    assert here() == run.hash


def test_full_buffers_change_nothing(run, monkeypatch):
    """A run whose event buffers fill, and are emptied on the way, is the same run."""
    build, advance, codes = lab.build, engine.advance, []

    def build_small(scenario, seed):
        built = build(scenario, seed)
        events = empty_events(built.reserve + 100)  # full after a hundred
        return replace(built, world=built.world._replace(events=events))

    def note(*arguments):
        codes.append(advance(*arguments))
        return codes[-1]

    monkeypatch.setattr(lab, "build", build_small)
    monkeypatch.setattr(engine, "advance", note)
    assert here() == run.hash
    assert codes.count(engine.FULL) > 5


def test_other_seeds_give_other_days(run):
    """Another seed gives another hash, and so does every other."""
    hashes = {here(seed=seed) for seed in (0, 1, 2**63 - 1)}
    assert len(hashes | {run.hash}) == 4


@pytest.mark.parametrize("until", ["15:57:15", "16:00"])
def test_a_shorter_run_is_the_beginning_of_the_longer(run, until):
    """Stopping early gives the rows that the whole run begins with."""
    short = worlds.run(until)
    seconds = tacoma.load("flash-crash").second_of(until)
    for name in ("steps", "liquidations", "adl", "transfers"):
        whole = run.tables[name]
        assert short.tables[name].equals(whole.filter(whole["second"] <= seconds))


def test_the_order_of_keys_is_no_input():
    """A scenario whose tables are written in another order is the same scenario."""

    def turned(value):
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(list(value))}
        return [turned(item) for item in value] if isinstance(value, list) else value

    table = worlds.table(300)
    hashes = [
        tacoma.run(from_dict(t), control=False, macro=False, threads=1, until="15:56:30").hash
        for t in (table, turned(table))
    ]
    assert hashes[0] == hashes[1]


def with_more(change):
    """Return the value paths of flash-crash with something added."""
    table = worlds.table(300)
    change(table)
    scenario = from_dict(table)
    paths = value_paths(scenario, scenario.seed)
    return {asset.symbol: paths[row] for row, asset in enumerate(scenario.assets)}


def another_asset(table):
    coin = dict(table["assets"][2]) | {"symbol": "DOGE"}
    table["assets"].insert(0, coin)


def another_maker(table):
    table["makers"] |= {"count": 4, "shares": [0.4, 0.3, 0.2, 0.1]}


def another_desk(table):
    table["desks"]["count"] = 9
    table["arbitrage"]["desks"] = 3


def another_market(table):
    table["assets"].append(dict(table["assets"][2]) | {"symbol": "DOGE"})
    table["spot"]["markets"].insert(
        0, {"asset": "DOGE", "depth": "1 M USD", "half_spread": "1 bps"}
    )


@pytest.mark.parametrize("change", [another_asset, another_maker, another_desk, another_market])
def test_additions_leave_the_values_of_others_alone(change):
    """An asset, market or agent more does not move the value path of any asset there was."""
    before, after = with_more(lambda table: None), with_more(change)
    for symbol, path in before.items():
        assert (after[symbol] == path).all()


def test_an_asset_in_front_leaves_the_noise_of_others_alone():
    """An asset that nobody trades, listed first, changes no price of the others."""
    marks = []
    for change in (lambda table: None, another_asset):
        table = worlds.table(300, timeline=[])
        change(table)
        run = tacoma.run(from_dict(table), control=False, macro=False, threads=1, until="15:55:20")
        rows = run.tables["steps"]
        marks.append(rows.filter(rows["asset"] == "BTC")["index_quanta"].to_list())
    assert marks[0] == marks[1]
