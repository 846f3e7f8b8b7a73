"""A run with options: who is liquidated, what the tables say, and that it can be made again."""

import json
import os
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

import tacoma
from systems import worlds
from tacoma.rules.portfolios.option_value import (
    black76_delta,
    black76_gamma,
    black76_value,
    black76_vega,
)
from tacoma.world.layout import SENSITIVITIES

ACCOUNTS = 1_000
INTERPRETED_UNTIL = "15:56:20"
SCRIPT = """
import json, sys
import tacoma
accounts, until = json.loads(sys.argv[1])
scenario = tacoma.load("options-crash", accounts=accounts)
print(tacoma.run(scenario, control=False, macro=False, threads=1, until=until).hash)
"""


def made(**options):
    """Return a run of options-crash."""
    settings = {"control": False, "macro": False, "threads": 1} | options
    return tacoma.run(tacoma.load("options-crash", accounts=ACCOUNTS), **settings)


@pytest.fixture(scope="module")
def crash():
    """The whole scenario at 1,000 accounts."""
    return made()


def last(table):
    """Return the rows of the last second."""
    return table.filter(pl.col("second") == table["second"].max())


def test_short_options_are_liquidated_under_both_margins(crash):
    """On either venue accounts short of options fall below maintenance and are taken over."""
    events = crash.tables["liquidations"].filter(pl.col("option") != "", pl.col("side") == "short")
    counts = events.group_by("venue", "stage").len().rows()
    found = {(str(venue), str(stage)): count for venue, stage, count in counts}
    assert set(found) == {(v, s) for v in ("deribit", "derive") for s in ("trigger", "takeover")}
    assert all(count > 3 for count in found.values())
    assert crash.conserved


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_for_any_number_of_threads(crash, threads):
    """Control runs beside the run change nothing in it."""
    assert made(control=True, macro=True, threads=threads).hash == crash.hash


def test_with_and_without_compilation():
    """Plain Python and machine code compute the same, marks and sensitivities included."""
    compiled = made(until=INTERPRETED_UNTIL)
    taken = compiled.tables["liquidations"].filter(pl.col("option") != "")
    assert "takeover" in taken["stage"].unique().to_list()
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([ACCOUNTS, INTERPRETED_UNTIL])],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert process.stdout.split()[-1] == compiled.hash


def test_the_journal_makes_it_again(crash, tmp_path):
    """Scenario and journal alone give the run's hash."""
    assert tacoma.replay(crash.save(tmp_path / "run")).matches


def test_the_table_of_options(crash):
    """Each option has a row whose marks and sensitivities are those of Black's formula."""
    table = crash.tables["options"]
    assert len(table) == 10
    assert table["option"][0] == "BTC 95000 put 72 h"
    marks = last(crash.tables["steps"]).filter(pl.col("kind") == "perpetual")
    for row in table.rows(named=True):
        price = marks.filter(venue=row["venue"], asset=row["asset"])["mark_usd"][0]
        first = {"BTC": 100_000, "ETH": 4_000}[row["asset"]]
        entry = next(
            o for o in crash.scenario.venue(row["venue"]).options
            if (o.asset, o.kind, float(o.strike * first)) == (
                row["asset"], row["kind"], row["strike_usd"]
            )
        )  # fmt: skip
        years = (row["expiry_h"] * 3600 - 600) / (365 * 86_400)
        sigma = float(entry.volatility) + 1.5 * max(np.log(first / price), 0)
        terms = price, row["strike_usd"], years, sigma, 1.0
        is_call = row["kind"] == "call"
        assert row["last_mark_usd"] == pytest.approx(black76_value(*terms, is_call), abs=1e-3)
        delta = black76_delta(*terms, is_call) * price
        assert row["delta_usd"] == pytest.approx(delta, rel=1e-6)
        gamma = black76_gamma(*terms) * price**2 / 100
        assert row["gamma_usd_per_percent"] == pytest.approx(gamma, rel=1e-6)
        assert row["vega_usd_per_point"] == pytest.approx(black76_vega(*terms) / 100, rel=1e-6)
        moved = black76_value(price, row["strike_usd"], years - 1 / 365 / 24, sigma, 1.0, is_call)
        hour = (moved - black76_value(*terms, is_call)) * 24
        assert row["theta_usd_per_day"] == pytest.approx(hour, rel=0.02)


def test_customers_add_up_to_their_venue(crash):
    """The sensitivities of crowd and desks in the table of accounts are the venue's last row.

    Desks and holders of options are all there; of the rest, only the liquidated. So that holds for
    what options alone make; delta has the perpetuals of the others too.
    """
    people = crash.tables["accounts"].filter(pl.col("kind").is_in(["retail", "desk"]))
    for venue in ("deribit", "derive"):
        row = last(crash.tables["venues"]).filter(venue=venue)
        mine = people.filter(venue=venue)
        for name in SENSITIVITIES[1:]:
            assert mine[name].sum() == pytest.approx(row[name][0], rel=1e-6, abs=0.01)


def test_at_the_start_customers_hold_both_sides(crash):
    """Before anything moved to a fund, longs and shorts of every option cancel."""
    first = crash.tables["venues"].filter(second=1)
    assert all(abs(first[name].sum()) < 1e-3 for name in SENSITIVITIES[1:])


def test_without_options_there_are_no_columns():
    """A run whose venues list none has the tables that it always had."""
    tables = worlds.run().tables
    assert "options" not in tables
    assert not any(
        name in table.columns for table in tables.values() for name in ("option", *SENSITIVITIES)
    )
