"""The bundled flash crash: small, invented, and every stage of both waterfalls is in it."""

import polars as pl
import pytest

import tacoma
from systems import worlds


@pytest.fixture(scope="module")
def with_controls():
    """The whole run with its control and without feedback."""
    return tacoma.run("flash-crash", accounts=worlds.ACCOUNTS)


@pytest.mark.parametrize(
    ("venue", "stages"),
    [
        ("binance", {"trigger", "market", "convert", "takeover", "insurance", "adl"}),
        ("hyperliquid", {"trigger", "market", "takeover", "adl", "bad_debt"}),
    ],
)
def test_every_stage_occurs(run, venue, stages):
    """At 2,000 accounts each stage of the venue's rulebook has something to do."""
    rows = run.tables["liquidations"].filter(pl.col("venue") == venue)
    assert stages <= set(rows["stage"].unique().to_list())
    assert rows.filter(pl.col("stage") == "takeover")["notional_usd"].sum() > 10e6


@pytest.mark.parametrize("venue", ["binance", "hyperliquid"])
@pytest.mark.parametrize("fund", [True, False])
def test_accounts_and_funds_are_deleveraged(run, venue, fund):
    """On both venues ADL closes accounts, and the positions of exhausted funds."""
    rows = run.tables["adl"].filter(
        (pl.col("venue") == venue) & (pl.col("bankrupt_is_fund") == fund)
    )
    assert len(rows) > 5


def test_the_control_is_calm(with_controls):
    """Without the shock nobody is liquidated."""
    assert with_controls.summary["control"] == {
        "liquidated_usd": 0.0, "adl_usd": 0.0, "bad_debt_usd": 0.0
    }  # fmt: skip
    assert with_controls.summary["liquidated_usd"] > 100e6


def test_feedback_makes_it_worse(with_controls):
    """Forced flow takes prices further down than values alone would."""
    assert with_controls.macro is not None
    assert with_controls.summary["amplification"] > 1


def test_the_fall_is_as_described(run):
    """Bitcoin loses about an eighth in a little more than two minutes and wins half of it back."""
    rows = run.tables["steps"].filter((pl.col("asset") == "BTC") & (pl.col("venue") == "binance"))
    marks = rows["mark_usd"]
    low = marks.arg_min()
    assert 0.84 < marks[low] / marks[0] < 0.90
    assert 30 < rows["second"][low] < 240
    assert marks[-1] > (marks[low] + marks[0]) / 2


def test_collateral_loses_its_peg(run):
    """The sale takes USDE on the venue's own book far below a dollar; it begins to return."""
    rows = run.tables["steps"].filter((pl.col("asset") == "USDE") & (pl.col("venue") == "binance"))
    assert rows["mark_usd"].min() < 0.9
    assert rows["mark_usd"][-1] > 1.02 * rows["mark_usd"].min()


def test_nothing_in_it_is_a_fact():
    """Every number of the scenario is marked as an assumption."""
    kinds = {entry.kind for entry in tacoma.load("flash-crash").provenance}
    assert kinds == {"assumption"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_tell_the_same_story(seed):
    """Whatever the seed, the crash liquidates and deleverages, and the ledger balances."""
    run = tacoma.run(
        "flash-crash", seed=seed, accounts=worlds.ACCOUNTS, control=False, macro=False, threads=1
    )
    assert run.conserved
    assert "hyperliquid" in run.tables["adl"]["venue"].unique().to_list()
