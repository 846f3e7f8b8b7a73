"""Figures of the feedback loop: what forced sales add to a fall, and how soon."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from tacoma.report import data, numbers, style
from tacoma.report.data import Floats, RunLike

BIN_S = 10
LAGS = 12  # bins to each side in the lag panel


def feedback(run: RunLike) -> go.Figure:
    """Draw liquidations with feedback against those that the outside price path alone causes."""
    title = "How much the cascade fed itself"
    if run.macro is None:
        return style.nothing(title, "The run with feedback switched off was not made.")
    whole, alone = (
        float(totals.get("liquidated_usd") or 0.0) for totals in (run.summary, run.macro)
    )
    if not whole and not alone:
        return style.nothing(title, "Nothing happened: no position was liquidated.")
    divisor, unit = numbers.scale(max(whole, alone))
    by_minute = _macro_minutes(run.macro)
    figure = go.Figure()
    if by_minute is None:
        _add_totals(figure, whole, alone, divisor)
    else:
        _add_curves(figure, run, by_minute, divisor, unit)
    caption = (
        f"With forced orders moving prices, {whole / alone:.2f} times as much was liquidated as on "
        "the same outside path with their impact switched off."
        if alone
        else "With the impact of forced orders switched off, nothing was liquidated at all."
    )
    style.finish(
        figure,
        title,
        caption + " This is a measurement inside the model.",
        height=360,
    )
    if by_minute is None:
        figure.update_xaxes(title_text=unit, rangemode="tozero")
        figure.update_yaxes(autorange="reversed")
        figure.update_layout(height=240, showlegend=False, margin={"r": 72})
    else:
        figure.update_yaxes(title_text=f"liquidated so far, {unit}", rangemode="tozero")
        figure.update_layout(hovermode="x unified")
        style.time_axis(figure)
    return figure


def _macro_minutes(macro: Mapping[str, Any]) -> Floats | None:
    """Return the minutes of the run without feedback, where they were recorded."""
    values = macro.get("liquidated_by_minute_usd")
    return None if not values else np.asarray(values, dtype=np.float64)


def _add_totals(figure: go.Figure, whole: float, alone: float, divisor: float) -> None:
    """Add one bar with feedback and one without."""
    figure.add_bar(
        y=["With feedback", "Outside path alone"],
        x=[whole / divisor, alone / divisor],
        orientation="h",
        marker={"color": [style.RED, style.BLUE]},
        text=[numbers.money(whole), numbers.money(alone)],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text} USD<extra></extra>",
    )


def _add_curves(
    figure: go.Figure, run: RunLike, alone_by_minute: Floats, divisor: float, unit: str
) -> None:
    """Add both totals as they grow, and shade what the feedback added."""
    table = data.table(run, "venues")
    whole = np.cumsum(data.by_minute(table, "liquidated_usd", data.minutes_of(run)))
    alone = np.cumsum(alone_by_minute)
    for name, total, colour, fill in (
        ("Outside path alone", alone, style.BLUE, None),
        ("With feedback", whole, style.RED, "tonexty"),
    ):
        x = data.times(run, np.arange(total.shape[0] + 1) * 60)
        figure.add_scatter(
            x=x,
            y=(np.concatenate([[0.0], total]) / divisor).astype(np.float32),
            name=name,
            mode="lines",
            line={"color": colour, "width": 2},
            fill=fill,
            fillcolor=style.faded(colour, 0.14),
            hovertemplate=f"%{{y:,.3~f}} {unit}",
        )


def forced_flow(run: RunLike) -> go.Figure:
    """Draw forced flow against the next move of the mark and the liquidations that follow it."""
    title = "Forced flow, the next ten seconds, and the next liquidations"
    reason = "Nothing happened: no liquidation order reached a book."
    asset = data.main_asset(run)
    if asset is None:
        return style.nothing(title, reason)
    steps = data.table(run, "steps").filter(
        pl.col("asset") == asset, pl.col("kind") == "perpetual", pl.col("venue") != data.SPOT
    )
    flow = steps.group_by("venue", maintain_order=True).agg(pl.col("forced_usd").sum())
    venue = str(flow.sort(["forced_usd", "venue"], descending=[True, False])["venue"][0])
    forced, move, entering = _bins(run, steps.filter(pl.col("venue") == venue), venue, asset)
    if not forced.sum():
        return style.nothing(title, reason)
    figure = make_subplots(
        rows=1,
        cols=2,
        column_widths=[0.56, 0.44],
        horizontal_spacing=0.11,
        subplot_titles=[
            f"{asset} on {venue}, per {BIN_S} s",
            "Correlation with forced flow, by lag",
        ],
    )
    _add_points(figure, run, forced, move, entering)
    _add_lags(figure, forced, move, entering)
    style.finish(
        figure,
        title,
        "Left: each point is ten seconds with forced orders; its height is the move of the mark in "
        "the following ten, its size what newly entered liquidation then. Right: how closely the "
        "fall of the mark and new liquidations follow (right of 0) or precede forced flow.",
        height=460,
    )
    return figure


def _bins(
    run: RunLike, steps: pl.DataFrame, venue: str, asset: str
) -> tuple[Floats, Floats, Floats]:
    """Return, per bin: forced USD, return of the mark in bps, newly liquidated USD."""
    seconds = data.column(steps, "second").astype(np.int64)
    count = int(seconds.max()) // BIN_S + 1
    forced = np.zeros(count)
    np.add.at(forced, seconds // BIN_S, np.nan_to_num(data.column(steps, "forced_usd")))
    mark = np.full(count, np.nan)
    mark[seconds // BIN_S] = data.column(steps, "mark_usd")  # the last second of a bin stays
    move = np.zeros(count)
    with np.errstate(divide="ignore", invalid="ignore"):
        move[1:] = np.nan_to_num((mark[1:] / mark[:-1] - 1.0) * 1e4)
    begun = data.table(run, "liquidations").filter(
        pl.col("stage") == "trigger", pl.col("venue") == venue, pl.col("asset") == asset
    )
    entering = np.zeros(count)
    slots = np.minimum(data.column(begun, "second").astype(np.int64) // BIN_S, count - 1)
    np.add.at(entering, slots, np.nan_to_num(data.column(begun, "notional_usd")))
    return forced, move, entering


def _add_points(
    figure: go.Figure, run: RunLike, forced: Floats, move: Floats, entering: Floats
) -> None:
    """Add one point for each bin with forced flow that has a bin after it."""
    places = np.flatnonzero(forced[:-1] > 0)
    if places.shape[0] > 1500:  # the largest tell the story
        places = np.sort(places[np.argsort(-forced[places], kind="stable")[:1500]])
    after = entering[places + 1]
    size = 4.0 + 20.0 * np.sqrt(after / (after.max() or 1.0)) if after.shape[0] else after
    figure.add_scatter(
        x=forced[places],
        y=move[places + 1].astype(np.float32),
        mode="markers",
        marker={
            "size": size.astype(np.float32),
            "color": style.faded(style.BLUE, 0.5),
            "line": {"width": 0.5, "color": style.BLUE},
        },
        customdata=[
            [
                data.clock_text(run, int(place) * BIN_S),
                numbers.money(float(usd)),
                numbers.money(float(new)),
            ]
            for place, usd, new in zip(places, forced[places], after, strict=True)
        ],
        hovertemplate=(
            "%{customdata[0]}<br>forced %{customdata[1]} USD<br>mark then %{y:+.1f} bps"
            "<br>newly liquidated then %{customdata[2]} USD<extra></extra>"
        ),
        showlegend=False,
        row=1,
        col=1,
    )
    figure.update_xaxes(
        title_text="forced orders filled, USD",
        type="log",
        dtick=1,
        exponentformat="SI",
        row=1,
        col=1,
    )
    figure.update_yaxes(title_text="mark in the next 10 s, bps", row=1, col=1)


def _add_lags(figure: go.Figure, forced: Floats, move: Floats, entering: Floats) -> None:
    """Add the correlation of forced flow with falls and liquidations before and after it."""
    lags = list(range(-LAGS, LAGS + 1))
    for name, values, colour in (
        ("Fall of the mark", -move, style.BLUE),
        ("New liquidations", entering, style.RED),
    ):
        figure.add_scatter(
            x=[lag * BIN_S for lag in lags],
            y=[_correlation(forced, values, lag) for lag in lags],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 1.8},
            marker={"size": 5},
            hovertemplate="%{x:+d} s: %{y:.2f}",
            row=1,
            col=2,
        )
    figure.add_vline(x=0, line={"color": style.LINE, "width": 1, "dash": "dot"}, row=1, col=2)
    figure.update_xaxes(title_text="seconds after the forced flow", row=1, col=2)
    figure.update_yaxes(title_text="correlation", row=1, col=2)


def _correlation(first: Floats, second: Floats, lag: int) -> float:
    """Return the correlation of a series with another one `lag` bins later; 0 if one is flat."""
    count = first.shape[0] - abs(lag)
    if count < 3:
        return 0.0
    left = first[max(-lag, 0) :][:count]
    right = second[max(lag, 0) :][:count]
    spread = float(left.std() * right.std())
    if spread == 0.0:
        return 0.0
    return float(((left - left.mean()) * (right - right.mean())).mean() / spread)
