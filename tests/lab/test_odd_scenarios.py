"""Unusual but valid scenarios run to their end, and what cannot matter does not."""

import copy
from datetime import UTC, datetime

import pytest

import tacoma
from systems import worlds
from tacoma.errors import ScenarioError
from tacoma.scenario import from_dict
from tacoma.world.codes import SPOT
from tacoma.world.layout import MARKET_COLUMNS


def run(table):
    """Run a table without controls."""
    return tacoma.run(from_dict(table), control=False, macro=False, threads=1)


def one_venue(table):
    table["venues"] = table["venues"][:1]
    table["venues"][0]["account_share"] = 1


def no_funds(table):
    binance = worlds.venue(table, "binance")
    binance["rules"]["waterfall"]["order"] = ["cancel", "market"]
    binance["insurance"] = []


def no_collateral(table):
    binance = worlds.venue(table, "binance")
    binance |= {"spot_markets": []}
    binance["rules"]["collateral"] = {}
    table["timeline"] = [e for e in table["timeline"] if e["kind"] not in {"sell", "depth"}]


def long_steps(table):
    table["clock"]["step"] = "60 s"


def one_maker(table):
    table["makers"] |= {"count": 1, "shares": [1]}


def nobody_arbitrages(table):
    table["arbitrage"]["desks"] = 0


def all_collateral(table):
    table["population"] |= {"collateral_share": 1, "collateral_part": 1, "isolated_share": 0}


def tiny_books(table):
    for place in (table["spot"], *table["venues"]):
        for market in place["markets"]:
            market["depth"] = "1_000 USD"


def makers_that_vanish(table):
    table["makers"] |= {"smallest_depth": 0, "withdraw_time": "1 s"}
    table["clock"]["step"] = "10 s"
    gateway = next(e for e in table["timeline"] if e["kind"] == "gateway")
    gateway["availability"] = 0


def a_venue_without_accounts(table):
    table["accounts"] = 100
    table["venues"][0]["account_share"] = "1/1000"
    table["venues"][1]["account_share"] = "999/1000"


@pytest.mark.parametrize(
    "change",
    [
        one_venue, no_funds, no_collateral, long_steps, one_maker, nobody_arbitrages,
        all_collateral, tiny_books,
        makers_that_vanish, a_venue_without_accounts,
    ],
)  # fmt: skip
def test_unusual_scenarios_run(change):
    """The scenario runs to its end, and the ledger balances at every step."""
    table = worlds.table(600)
    change(table)
    result = run(table)
    assert result.conserved
    assert result.steps == from_dict(table).steps


def later(time, hours=8):
    hour, rest = time.split(":", 1)
    return f"{int(hour) + hours:02}:{rest}"


def test_midnight_is_a_minute_like_any_other():
    """The same crash eight hours later, across midnight, liquidates the same."""
    table = worlds.table(600)
    moved = copy.deepcopy(table)
    moved["clock"] |= {
        "start": datetime(2026, 1, 15, 23, 55, tzinfo=UTC),
        "end": datetime(2026, 1, 16, 0, 5, tzinfo=UTC),
    }
    for asset in moved["assets"]:
        if "anchors" in asset:
            asset["anchors"] = [[later(time), price] for time, price in asset["anchors"]]
    for event in moved["timeline"]:
        event |= {key: later(event[key]) for key in ("at", "until") if key in event}
    first, second = run(table), run(moved)
    assert second.tables["liquidations"].equals(first.tables["liquidations"])
    assert second.tables["adl"].equals(first.tables["adl"])


def test_collateral_whose_underlying_trades_nowhere():
    """Such an asset has the price of its own underlying, or the scenario is refused."""
    table = worlds.fall(worlds.table(300, timeline=[]), 0.0)
    coin = copy.deepcopy(table["assets"][2])
    coin |= {"symbol": "DOGE", "anchors": [["15:55", 100], ["16:05", 100]]}
    table["assets"].append(coin)
    wrapped = next(asset for asset in table["assets"] if asset["symbol"] == "WBETH")
    wrapped |= {"redemption": {"underlying": "DOGE", "ratio": 1}, "lot": "0.1"}
    worlds.venue(table, "binance")["rules"]["collateral"]["WBETH"]["price"] = "index"
    try:
        crash = worlds.driven(from_dict(table), 60)
    except ScenarioError:
        return
    built = crash.driven.built
    row = built.directory.market("binance", "WBETH", kind=SPOT).row
    index = built.world.record.market[60, row, MARKET_COLUMNS.index("index")]
    assert index == pytest.approx(10_000_000, rel=0.01)
