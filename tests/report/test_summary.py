"""The summary fits on a terminal and gives the numbers of the run."""

import io

import pytest
from rich.console import Console

from report import synthetic
from tacoma.report import numbers, summary

RUNS = {
    "crash": synthetic.run(minutes=60, events=1500),
    "calm": synthetic.run(minutes=5, calm=True),
    "empty": synthetic.empty(),
}


@pytest.mark.parametrize("name", RUNS)
def test_it_fits_on_a_terminal(name):
    """At most 25 lines of at most 80 characters, whatever happened."""
    lines = summary.lines(RUNS[name])
    assert len(lines) <= summary.LINES_MAX
    assert max(map(len, lines)) <= summary.WIDTH


def test_it_fits_with_many_venues_and_long_names():
    """Long titles are cut and venues beyond four are left to the column of all."""
    run = synthetic.run(minutes=5, events=100)
    venues = {f"venue with a long name {n}": run.summary["venues"]["binance"] for n in range(9)}
    run.summary["venues"] = venues
    run.scenario = type(run.scenario)(**vars(run.scenario) | {"title": "long " * 40})
    lines = summary.lines(run)
    assert max(map(len, lines)) <= summary.WIDTH
    assert lines[3].split()[-1] == "all"


def test_the_waterfall_shows_each_venue_and_all():
    """Each stage has the amount of each venue, and of all together."""
    run = RUNS["crash"]
    rows = {line[:16].strip(): line[16:] for line in summary.lines(run)}
    for label, key in summary.ROWS:
        expected = [*(v[key] for v in run.summary["venues"].values()), run.summary[key]]
        assert rows[label.strip()].split("  ")[-1].strip() == numbers.money(expected[-1])
        assert all(numbers.money(usd) in rows[label.strip()] for usd in expected)


@pytest.mark.parametrize(
    "part",
    [
        "seed 7, 100,000 accounts, 3,600 steps, hash 0123456789ab",
        "Money and positions conserved in 3,600 of 3,600 steps",
        "without the shock: 1.20 M USD liquidated, 0 USD deleveraged",
        "amplification: 1.82",
        "lowest marks: BTC",
        "took 8.9 s",
        "report: runs/demo/report.html",
        "try next: tacoma run synthetic --seed 8 --accounts 100000",
    ],
)
def test_it_says(part):
    """Seed, hash, conservation, control, amplification, lows, time and place are there."""
    assert any(part in line for line in summary.lines(RUNS["crash"]))


def test_a_long_path_is_not_cut():
    """A path stays whole, even where it makes its line longer than the terminal."""
    run = synthetic.run(minutes=5, events=100)
    run.summary["report"] = "runs/" + "x" * 100 + "/report.html"
    assert f"report: {run.summary['report']}" in summary.lines(run)


def test_rich_prints_the_same_lines():
    """The styled form shows the same text as the plain one."""
    out = io.StringIO()
    Console(file=out, width=80, color_system=None).print(summary.renderable(RUNS["crash"]))
    assert [line.rstrip() for line in out.getvalue().splitlines()] == summary.lines(RUNS["crash"])
