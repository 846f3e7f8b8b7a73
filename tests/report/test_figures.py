"""Figures keep what matters and survive runs in which nothing happened."""

import json

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report import synthetic
from tacoma.report import data, numbers, style
from tacoma.report.figures import FIGURES, figures

RUNS = {
    "crash": synthetic.run(minutes=60, events=1500),
    "calm": synthetic.run(minutes=5, events=10, calm=True),
    "empty": synthetic.empty(),
}
KEYS = [entry.key for entry in FIGURES]


@pytest.fixture(scope="module")
def drawn():
    return {name: figures(run) for name, run in RUNS.items()}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("name", RUNS)
def test_every_figure_draws_every_run(drawn, name, key):
    """A figure has a title and either traces with units on its axes, or words that say why not."""
    figure = drawn[name][key]
    assert isinstance(figure, go.Figure)
    assert figure.layout.title.text
    if figure.layout.meta.get("empty"):
        assert figure.layout.annotations[0].text.endswith(".")
    else:
        assert figure.data
        axes = [*figure.select_yaxes(), *figure.select_xaxes()]
        assert any(axis.title.text for axis in axes)
        assert figure.layout.meta["caption"]


def test_a_crash_fills_every_figure(drawn):
    """Nothing is missing where something happened."""
    assert [key for key in KEYS if drawn["crash"][key].layout.meta.get("empty")] == []


@pytest.mark.parametrize("key", ["waterfall", "adl", "losses", "feedback"])
def test_a_calm_run_says_that_nothing_happened(drawn, key):
    """Where nobody was liquidated, the figure says so in words."""
    figure = drawn["calm"][key]
    assert figure.layout.annotations[0].text.startswith("Nothing happened")


def test_missing_tables_are_no_error():
    """A run that recorded no tables at all still has every figure."""
    run = synthetic.empty()
    run.tables = {}
    assert list(figures(run)) == KEYS


def test_equal_runs_give_equal_figures():
    """A figure is a function of the run alone."""
    first, second = (figures(synthetic.run(minutes=5, events=200)) for _ in range(2))
    assert {k: f.to_json() for k, f in first.items()} == {k: f.to_json() for k, f in second.items()}


def test_timeline_adds_up_to_the_table(drawn):
    """The bars of all venues sum to the notional of the table, and stages are told apart."""
    figure = drawn["crash"]["timeline"]
    table = RUNS["crash"].tables["venues"]
    unit = 1e6
    for trace, column in zip(
        figure.data[:3], ("market_usd", "takeover_usd", "adl_usd"), strict=True
    ):
        assert trace.visible is True
        assert np.sum(trace.y, dtype=float) * unit == pytest.approx(table[column].sum(), rel=1e-5)


def test_timeline_names_each_event_once(drawn):
    """Each event stands in the lane with its time, though it is recorded when it ends too."""
    texts = [note.text for note in drawn["crash"]["timeline"].layout.annotations]
    assert texts.count("21:18 Orders and transfers fail on one venue") == 1
    assert texts[0] == "20:50 Tariff announcement"


def test_dropdowns_show_one_group_at_a_time(drawn):
    """Choosing an asset shows its traces and hides all others."""
    figure = drawn["crash"]["prices"]
    buttons = figure.layout.updatemenus[0].buttons
    assert [button.label for button in buttons] == ["BTC", "ETH", "DOGE"]
    shown = np.array([button.args[0]["visible"] for button in buttons])
    assert shown.shape == (3, len(figure.data))
    assert (shown.sum(axis=0) == 1).all()
    assert [trace.visible for trace in figure.data] == shown[0].tolist()


def test_waterfall_stages_reach_the_liquidated_amount(drawn):
    """Each stage begins where the one before ended, and the last reaches what was liquidated."""
    bars = drawn["crash"]["waterfall"].data[0]
    assert bars.x[0] == "Liquidated"
    ends = np.asarray(bars.base) + np.asarray(bars.y)
    assert np.asarray(bars.base)[2:] == pytest.approx(ends[1:-1])
    assert ends[-1] >= bars.y[0] * (1 - 1e-9)


def test_without_macro_minutes_bars_are_drawn():
    """A macro run that kept only its total still gives the amplification."""
    run = synthetic.run(minutes=45, events=300)
    run.macro = {"liquidated_usd": run.summary["liquidated_usd"] / 2}
    figure = figures(run)["feedback"]
    assert "2.00 times" in figure.layout.meta["caption"]
    assert isinstance(figure.data[0], go.Bar)


@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=400),
    st.integers(2, 60),
)
def test_thinning_keeps_every_spike(values, points):
    """The lowest and the highest value survive, in order of time, within the number of points."""
    x, y = data.thin(np.arange(len(values)), values, points)
    assert x.shape == y.shape
    assert (np.diff(x) > 0).all()
    assert x.shape[0] <= max(len(values) if len(values) <= points else points + 2, 1)
    finite = np.asarray(values)[np.isfinite(values)]
    if finite.shape[0]:
        assert np.nanmin(y) == np.float32(finite.min())
        assert np.nanmax(y) == np.float32(finite.max())


def test_thinning_breaks_the_line_where_values_are_missing():
    """A long stretch without values leaves a gap instead of a straight line."""
    values = np.ones(1000)
    values[400:600] = np.nan
    x, y = data.thin(np.arange(1000), values, 100)
    inside = (x >= 420) & (x < 580)
    assert inside.any()
    assert np.isnan(y[inside]).all()


@pytest.mark.parametrize(
    ("amounts", "share", "held"),
    [
        ([], [0, 1], [0, 1]),
        ([0.0], [0, 1], [0, 1]),
        ([5.0], [0, 1], [0, 1]),
        ([1.0, 3.0], [0, 0.5, 1], [0, 0.75, 1]),
        ([1.0, 0.0, 1.0], [0, 0.5, 1], [0, 0.5, 1]),
    ],
)
def test_lorenz_curve(amounts, share, held):
    """The largest come first, and holders of nothing do not count."""
    got_share, got_held = data.lorenz(amounts)
    assert got_share.tolist() == pytest.approx(share)
    assert got_held.tolist() == pytest.approx(held)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "0"),
        (0.2, "< 1"),
        (12, "12"),
        (999, "999"),
        (1000, "1.00 k"),
        (999_600, "1.00 M"),
        (12_340_000, "12.3 M"),
        (19.3e9, "19.3 bn"),
        (-2_500_000, "-2.50 M"),
    ],
)
def test_money_as_people_write_it(usd, text):
    """Three digits and a unit, rounded across unit borders."""
    assert numbers.money(usd) == text


def test_times_are_utc_milliseconds():
    """Second 0 is the scenario's start, in UTC."""
    run = RUNS["crash"]
    assert data.times(run, [0, 1]).tolist() == [1_760_129_100_000.0, 1_760_129_101_000.0]
    assert data.clock_text(run, 1980) == "21:18:00"


def test_main_asset_without_bitcoin():
    """Without BTC the perpetual with the largest open interest leads."""
    run = synthetic.run(minutes=2, events=10)
    run.tables["steps"] = run.tables["steps"].filter(pl.col("asset") != "BTC")
    assert data.main_asset(run) == "ETH"
    assert data.main_asset(synthetic.empty()) is None


def test_nothing_is_json():
    """A figure without data serialises and keeps the house style."""
    figure = style.nothing("Title", "Nothing happened.")
    layout = json.loads(figure.to_json())["layout"]
    assert layout["title"]["text"] == "Title"
    assert layout["paper_bgcolor"] == "rgba(0,0,0,0)"
