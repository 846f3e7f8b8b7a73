"""The benchmark measures what it says, on worlds small enough for a test; no time is asserted."""

import json

import pytest

from command_line import tacoma as command
from tacoma.lab.bench import measure, suite, worlds

SMALL = 2_000


@pytest.mark.parametrize(
    ("name", "arguments", "steps"),
    [("evening", [SMALL], 11_700), ("three_hours", [SMALL], 10_800), ("whole_day", [SMALL], 86_400),
     ("three_positions", [SMALL], 11_700), ("one_venue", [100 * SMALL], 11_700),
     ("fewer_markets", [SMALL, 2], 11_700), ("deeper", [SMALL, 2.0], 11_700)],
)  # fmt: skip
def test_the_scenarios_load(name, arguments, steps):
    """Each scenario that is measured passes the checks of any scenario."""
    scenario = getattr(worlds, name)(*arguments)
    assert (scenario.accounts, scenario.steps) == (arguments[0], steps)


def test_everybody_holds_three_positions():
    """The scan is measured over accounts of about three positions each."""
    built = measure.built_of(worlds.three_positions(SMALL), 1)
    held = built.world.positions.account[built.world.positions.lots != 0]
    assert 2 * SMALL < (held < SMALL).sum() <= 3 * SMALL


def test_a_scan_is_told_in_ratios():
    """Figures of the scan fit together: what was moved, how long it took, what memory allows."""
    found = measure.scan(20_000)
    assert found["scan_over_bandwidth"] == pytest.approx(
        found["scan_s"] / found["scan_bandwidth_s"]
    )
    assert found["scan_below"] > 0
    assert found["scan_positions"] > 2 * found["scan_accounts"]


def test_book_operations_enter_by_the_door():
    """Every operation is journalled, and the market orders among them fill."""
    found = measure.book(20_000)
    assert found["book_operations"] == 20_000
    assert found["book_fills"] >= 500


def test_a_failed_measurement_says_what_failed():
    """A measurement without a figure is an error that names it."""
    with pytest.raises(suite.BenchError, match="measuring nothing"):
        suite.take("nothing", [])


def test_the_command_prints_what_was_measured(monkeypatch):
    """Two figures without options, the table with --all, and one object with --json."""
    row = dict.fromkeys(
        ("total_s", "build_s", "loop_s", "steps", "checks_per_step", "liquidated_accounts",
         "peak_gb", "scan_ns_per_account", "scan_over_bandwidth", "bandwidth_gb_per_s",
         "index_vs_scan_ratio", "index_vs_fast_scan_ratio", "index_vs_numpy_ratio", "runs_per_s",
         "book_ops_per_s"), 1,
    )  # fmt: skip
    monkeypatch.setattr(suite, "take", lambda *_: dict(row))
    assert command("bench").out.count("\n") == 2
    assert "book operations per second" in command("bench", "--all").out
    found = json.loads(command("bench", "--json").out)
    assert {"oct2025_full_s", "scan_ns_per_account", "scan_over_bandwidth", "index_vs_scan_ratio",
            "runs_per_s_20k", "accounts_max_gb_100m", "book_ops_per_s"} <= set(found)  # fmt: skip
