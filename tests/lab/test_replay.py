"""Replay: the journal and the scenario alone make the run again, and nothing else does."""

import shutil

import polars as pl
import pytest

import tacoma
from systems import worlds
from tacoma import engine


def changed(saved, place, change):
    """Copy a run directory and change its journal; return the copy."""
    copy = place / "changed"
    shutil.copytree(saved, copy)
    journal = change(pl.read_parquet(copy / "journal.parquet").with_row_index("row"))
    journal.drop("row").write_parquet(copy / "journal.parquet")
    return copy


def add_to_first(kind, column, amount, third=None):
    """Return a change of one field of the first record of a kind (and reason) in the crash."""

    def change(journal):
        rows = journal.filter((pl.col("kind") == kind) & (pl.col("step") > 60))
        rows = rows if third is None else rows.filter(pl.col("third") == third)
        first = rows["row"][0]
        value = pl.col(column) + pl.lit(amount, dtype=journal.schema[column])
        here = pl.col("row") == first
        return journal.with_columns(
            pl.when(here).then(value).otherwise(pl.col(column)).alias(column)
        )

    return change


def test_the_journal_alone_gives_the_same_hash(run, saved):
    """Without a single agent, the recorded inputs give the run's hash."""
    result = tacoma.replay(saved)
    assert (result.matches, result.hash, result.expected) == (True, run.hash, run.hash)
    assert result.steps == run.steps


def test_no_agent_runs_in_a_replay(saved, monkeypatch):
    """A replay asks the engine for the venues only."""
    real, asked = engine.advance, []

    def note(*arguments):
        asked.append(arguments[-1])
        return real(*arguments)

    monkeypatch.setattr(engine, "advance", note)
    assert tacoma.replay(saved).matches
    assert asked
    assert not any(asked)


def test_a_part_of_a_day_replays(tmp_path):
    """A run that was stopped early replays to where it was stopped."""
    run = worlds.run("15:57:15")
    result = tacoma.replay(run.save(tmp_path / "run", report=False))
    assert (result.matches, result.steps) == (True, 135)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(add_to_first("order", "second", 10**7, third=1), id="a stop order's limit"),
        pytest.param(add_to_first("order", "account", 1, third=1), id="a stop order's account"),
        pytest.param(add_to_first("transfer", "first", -1), id="a quantum of a top-up"),
        pytest.param(add_to_first("quote", "first", 100_000), id="a quote's reference"),
        pytest.param(add_to_first("source", "first", 50_000_000), id="a source's price"),
        pytest.param(lambda journal: journal.filter(pl.col("kind") != "order"), id="no orders"),
        pytest.param(lambda journal: journal.head(1000), id="an early end"),
    ],
)
def test_a_changed_journal_gives_another_hash(saved, tmp_path, change):
    """One changed record is another run, and the replay says so."""
    result = tacoma.replay(changed(saved, tmp_path, change))
    assert not result.matches
    assert result.hash != result.expected


def test_a_changed_scenario_gives_another_hash(saved, tmp_path):
    """The same journal over other accounts is another run."""
    copy = tmp_path / "run"
    shutil.copytree(saved, copy)
    text = (copy / "manifest.json").read_text()
    assert '"collateral_share": "0.2"' in text
    (copy / "manifest.json").write_text(
        text.replace('"collateral_share": "0.2"', '"collateral_share": "0.3"')
    )
    assert not tacoma.replay(copy).matches


def test_the_journal_holds_everything_that_entered(run):
    """Quotes, orders, transfers, prices and faults are in the journal, in order of step."""
    kinds = set(run.journal["kind"].unique().to_list())
    assert {"quote", "order", "transfer", "source", "fault"} <= kinds
    steps = run.journal["step"].to_list()
    assert steps == sorted(steps)


def test_a_record_of_nobody_is_refused(saved, tmp_path):
    """A record that names an account that is not there is rejected: it moves nothing else."""
    copy = changed(saved, tmp_path, add_to_first("transfer", "account", 10**8))
    assert not tacoma.replay(copy).matches
