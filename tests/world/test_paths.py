"""Value paths: through the anchors, by the seed, each asset by its own stream."""

import math
from itertools import pairwise

import numpy as np
import pytest

from systems import worlds
from tacoma.scenario import from_dict
from tacoma.scenario.variants import without_shock
from tacoma.units import QUANTA_PER_USD
from tacoma.world.paths import value_paths, volatility_factors


def paths(table=None, seed=7):
    """Return {symbol: path in quanta per lot} and the scenario."""
    scenario = from_dict(worlds.table(100) if table is None else table)
    rows = value_paths(scenario, seed)
    return {asset.symbol: rows[row] for row, asset in enumerate(scenario.assets)}, scenario


@pytest.mark.parametrize("seed", [0, 7, 2**63 - 1])
def test_every_anchor_is_met(seed):
    """Whatever the seed, the value of an asset at the time of an anchor is the anchor's price."""
    found, scenario = paths(seed=seed)
    for asset in scenario.assets:
        for anchor in asset.anchors:
            value = found[asset.symbol][scenario.second_of(anchor.time)]
            quanta = float(anchor.price * asset.lot * QUANTA_PER_USD)
            assert value == pytest.approx(quanta, rel=1e-12)


def test_between_anchors_the_seed_decides():
    """Between anchors two seeds differ, and the same seed does not."""
    first, _ = paths(seed=1)
    again, _ = paths(seed=1)
    other, _ = paths(seed=2)
    assert (first["BTC"] == again["BTC"]).all()
    assert (first["BTC"][1:30] != other["BTC"][1:30]).all()


def test_without_volatility_the_path_is_straight():
    """With almost no volatility the log value runs straight from anchor to anchor."""
    table = worlds.table(100)
    for asset in table["assets"]:
        asset["volatility"] = "0.000001 %"
    found, scenario = paths(table)
    logs = np.log(found["BTC"])
    times = [scenario.second_of(anchor.time) for anchor in scenario.assets[0].anchors]
    for first, last in pairwise(times):
        line = np.interp(np.arange(first, last + 1), [first, last], logs[[first, last]])
        assert np.abs(logs[first : last + 1] - line).max() < 1e-9


def test_volatility_is_per_year():
    """A second's standard deviation is the year's over the root of its seconds."""
    table = worlds.fall(worlds.table(100, timeline=[]), 0.0)
    for asset in table["assets"]:
        if "anchors" in asset:
            asset["anchors"] = [asset["anchors"][0], ["16:05", asset["anchors"][0][1]]]
    moves = []
    for seed in range(20):
        found, _ = paths(table, seed)
        moves.append(np.diff(np.log(found["ETH"])))
    expected = 0.55 / math.sqrt(365 * 24 * 3600)
    assert np.std(np.concatenate(moves)) == pytest.approx(expected, rel=0.03)


def test_volatility_events_multiply():
    """Two volatility events at once multiply; before and after them nothing is changed."""
    events = [
        {"kind": "volatility", "at": "15:56", "until": "15:58", "factor": 3},
        {"kind": "volatility", "at": "15:57", "until": "15:59", "factor": 2},
    ]
    factors = volatility_factors(from_dict(worlds.table(100, timeline=events)))
    values = [factors[second] for second in (59, 60, 119, 120, 179, 180, 239, 240)]
    assert values == [1, 3, 3, 6, 6, 2, 2, 1]


def test_collateral_follows_its_underlying():
    """A wrapped asset is worth its ratio of the underlying, up to its own small noise."""
    found, scenario = paths()
    per_coin = {symbol: path / float(scenario.asset(symbol).lot) for symbol, path in found.items()}
    assert np.abs(per_coin["WBETH"] / per_coin["ETH"] / 1.08 - 1).max() < 1e-3
    assert np.abs(per_coin["USDE"] / QUANTA_PER_USD - 1).max() < 1e-3


def test_loadings_tie_assets_together():
    """Assets with a common factor move together, an asset without one moves alone."""
    table = worlds.fall(worlds.table(100, timeline=[]), 0.0)
    table["assets"][2]["loading"] = 0.0
    moves = {symbol: [] for symbol in ("BTC", "ETH", "SOL")}
    for seed in range(20):
        found, _ = paths(table, seed)
        for symbol, rows in moves.items():
            rows.append(np.diff(np.log(found[symbol])))
    moves = {symbol: np.concatenate(rows) for symbol, rows in moves.items()}
    together = np.corrcoef(moves["BTC"], moves["ETH"])[0, 1]
    assert together == pytest.approx(1.2 / math.sqrt(2 * (1 + 1.44)), abs=0.03)
    assert abs(np.corrcoef(moves["BTC"], moves["SOL"])[0, 1]) < 0.03


def test_the_control_stays_where_it_starts():
    """Without the shock a value ends where it began."""
    scenario = without_shock(from_dict(worlds.table(100)))
    rows = value_paths(scenario, 7)
    for row, asset in enumerate(scenario.assets):
        if asset.anchors:
            assert rows[row, -1] == pytest.approx(rows[row, 0], rel=1e-12)
