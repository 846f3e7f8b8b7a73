"""Figures of the people: who was deleveraged, and on how few the losses fell."""

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from tacoma.report import data, numbers, style
from tacoma.report.data import Floats, RunLike

LEVERAGE_EDGES = (0, 1, 2, 3, 5, 10, 20, 30, 50, float("inf"))
SIZE_EDGES = (0.0, 1e3, 1e4, 1e5, 1e6, 1e7, float("inf"))
SIZE_LABELS = ("< 1 k", "1 to 10 k", "to 100 k", "to 1 M", "to 10 M", "> 10 M")


def adl(run: RunLike) -> go.Figure:
    """Draw when positions were deleveraged, whose they were, their leverage and their rank."""
    title = "Auto-deleveraging"
    table = data.table(run, "adl")
    if table.is_empty():
        return style.nothing(title, "Nothing happened: nobody was deleveraged.")
    figure = make_subplots(
        rows=2,
        cols=2,
        horizontal_spacing=0.11,
        vertical_spacing=0.2,
        subplot_titles=[
            "Notional per minute, by venue",
            "Concentration over accounts",
            "Leverage of the deleveraged",
            "Rank in the queue",
        ],
    )
    _add_bursts(figure, run, table)
    _add_concentration(figure, run, table)
    _add_leverage(figure, table)
    _add_ranks(figure, run, table)
    whole = float(table["notional_usd"].sum()) or 1.0
    shorts = float(table.filter(pl.col("side") == "short")["notional_usd"].sum()) / whole
    gains = float(table.filter(pl.col("pnl_usd") > 0)["notional_usd"].sum()) / whole
    accounts = table.select("venue", "account").n_unique()
    style.finish(
        figure,
        title,
        f"{accounts:,} accounts lost {numbers.money(whole)} USD of positions to it. "
        f"{shorts:.1%} of that notional were shorts, {gains:.1%} closed with a profit.",
        height=720,
    )
    figure.update_layout(barmode="stack")
    style.time_axis(figure, row=1, col=1)
    return figure


def _add_bursts(figure: go.Figure, run: RunLike, table: pl.DataFrame) -> None:
    """Add the notional of each minute, stacked by venue."""
    minutes = data.minutes_of(run)
    x = data.times(run, np.arange(minutes) * 60)
    sums = {
        venue: data.by_minute(table.filter(pl.col("venue") == venue), "notional_usd", minutes)
        for venue in data.in_order(table, "venue")
    }
    divisor, unit = numbers.scale(max(float(amounts.max()) for amounts in sums.values()))
    venues = data.venues(run)
    for venue, amounts in sums.items():
        figure.add_bar(
            x=x,
            y=(amounts / divisor).astype(np.float32),
            offset=3_000,
            width=54_000,
            name=venue,
            legendgroup=venue,
            marker={"color": style.venue_colour(venue, venues), "line": {"width": 0}},
            hovertemplate=f"%{{y:,.3~f}} {unit}",
            row=1,
            col=1,
        )
    figure.update_yaxes(title_text=f"{unit} per minute", row=1, col=1)


def _add_concentration(figure: go.Figure, run: RunLike, table: pl.DataFrame) -> None:
    """Add, per venue, what share of the notional the most deleveraged accounts bore."""
    venues = data.venues(run)
    for venue in data.in_order(table, "venue"):
        amounts = (
            table.filter(pl.col("venue") == venue)
            .group_by("account")
            .agg(pl.col("notional_usd").sum())["notional_usd"]
            .to_numpy()
        )
        share, held = data.lorenz(amounts)
        top = np.sort(amounts)[::-1]
        tenth = float(top[:10].sum() / (top.sum() or 1.0))
        figure.add_scatter(
            x=share * 100,
            y=held * 100,
            name=venue,
            legendgroup=venue,
            showlegend=False,
            mode="lines",
            line={"color": style.venue_colour(venue, venues), "width": 2},
            hovertemplate=(
                "the top %{x:.2f} % bore %{y:.1f} %"
                f"<br>the ten largest of {top.shape[0]:,}: {tenth:.1%}"
            ),
            row=1,
            col=2,
        )
    _equality(figure, 1, 2)
    figure.update_xaxes(title_text="accounts, largest first, %", range=[0, 100], row=1, col=2)
    figure.update_yaxes(title_text="of the notional, %", range=[0, 102], row=1, col=2)


def _equality(figure: go.Figure, row: int, col: int) -> None:
    """Add the line on which everybody would bear the same."""
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        line={"color": style.LINE, "width": 1, "dash": "dot"},
        showlegend=False,
        hoverinfo="skip",
        row=row,
        col=col,
    )


def _add_leverage(figure: go.Figure, table: pl.DataFrame) -> None:
    """Add the notional by the leverage that accounts had just before."""
    leverage = data.column(table, "leverage")
    notional = data.column(table, "notional_usd")
    known = np.isfinite(leverage)
    share, _ = np.histogram(leverage[known], bins=LEVERAGE_EDGES, weights=notional[known])
    labels = [
        f"{low:g}-{high:g}" if np.isfinite(high) else f"> {low:g}"
        for low, high in pairwise(LEVERAGE_EDGES)
    ]
    figure.add_bar(
        x=labels,
        y=share / (notional.sum() or 1.0) * 100,
        marker={"color": style.TEAL},
        showlegend=False,
        hovertemplate="leverage %{x}: %{y:.1f} % of the notional<extra></extra>",
        row=2,
        col=1,
    )
    figure.update_xaxes(
        title_text="leverage, notional / equity", type="category", tickangle=0, row=2, col=1
    )
    figure.update_yaxes(title_text="of the notional, %", row=2, col=1)


def _add_ranks(figure: go.Figure, run: RunLike, table: pl.DataFrame) -> None:
    """Add how far down the queue the deleveraging reached."""
    venues = data.venues(run)
    for venue in data.in_order(table, "venue"):
        rows = table.filter(pl.col("venue") == venue).sort("rank")
        rank = data.column(rows, "rank") + (0.0 if int(str(rows["rank"].min())) >= 1 else 1.0)
        part = np.cumsum(data.column(rows, "notional_usd"))
        part = part / (part[-1] or 1.0) * 100
        places = _last_of_each(rank)
        x, y = data.thin(rank[places], part[places], 300)
        figure.add_scatter(
            x=x,
            y=y,
            name=venue,
            legendgroup=venue,
            showlegend=False,
            mode="lines+markers" if x.shape[0] < 20 else "lines",
            line={"color": style.venue_colour(venue, venues), "width": 2, "shape": "hv"},
            hovertemplate="ranks up to %{x:,}: %{y:.1f} %",
            row=2,
            col=2,
        )
    figure.update_xaxes(title_text="rank, 1 = first to go", type="log", row=2, col=2)
    figure.update_xaxes(dtick=1, tickformat=",d", row=2, col=2)
    figure.update_yaxes(title_text="of the notional, %", range=[0, 102], row=2, col=2)


def _last_of_each(ordered: Floats) -> np.ndarray:
    """Return the places at which a sorted array is about to change, and the last place."""
    return np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))


def losses(run: RunLike) -> go.Figure:
    """Draw how unequally liquidated notional and losses fell on the liquidated accounts."""
    title = "On whom the losses fell"
    accounts = data.table(run, "accounts").filter(pl.col("liquidated_usd") > 0)
    if accounts.is_empty():
        return style.nothing(title, "Nothing happened: no account was liquidated.")
    liquidated = data.column(accounts, "liquidated_usd")
    lost = np.maximum(
        data.column(accounts, "initial_equity_usd") - data.column(accounts, "final_equity_usd"), 0
    )
    figure = make_subplots(
        rows=1,
        cols=2,
        horizontal_spacing=0.11,
        subplot_titles=["Concentration over accounts", "By size of the liquidated position"],
    )
    for name, amounts, colour in (
        ("Liquidated notional", liquidated, style.BLUE),
        ("Equity lost", lost, style.RED),
    ):
        if not np.nansum(amounts):
            continue
        share, held = data.lorenz(np.nan_to_num(amounts))
        figure.add_scatter(
            x=share * 100,
            y=held * 100,
            name=name,
            mode="lines",
            line={"color": colour, "width": 2},
            hovertemplate="the top %{x:.2f} % bore %{y:.1f} %",
            row=1,
            col=1,
        )
    _equality(figure, 1, 1)
    _add_sizes(figure, liquidated, lost)
    largest = np.sort(liquidated)[::-1]
    hundredth = largest[: max(largest.shape[0] // 100, 1)].sum() / (largest.sum() or 1.0)
    median, mean = numbers.money(float(np.median(liquidated))), numbers.money(liquidated.mean())
    caption = (
        f"{accounts.height:,} accounts were liquidated; the largest 1 % of them held "
        f"{hundredth:.0%} of the notional. The median was {median} USD, the mean {mean} USD."
    )
    style.finish(figure, title, caption, height=430)
    figure.update_xaxes(title_text="accounts, largest first, %", range=[0, 100], row=1, col=1)
    figure.update_yaxes(title_text="of the total, %", range=[0, 102], row=1, col=1)
    figure.update_xaxes(title_text="liquidated notional per account, USD", row=1, col=2)
    figure.update_yaxes(title_text="share, %", row=1, col=2)
    figure.update_layout(barmode="group", bargap=0.25)
    return figure


def _add_sizes(figure: go.Figure, liquidated: Floats, lost: Floats) -> None:
    """Add the shares of accounts, notional and losses by size of the position."""
    for name, weights, colour, shown in (
        ("Accounts", np.ones(liquidated.shape[0]), style.GREY, True),
        ("Liquidated notional", liquidated, style.BLUE, False),
        ("Equity lost", np.nan_to_num(lost), style.RED, False),
    ):
        sums, _ = np.histogram(liquidated, bins=SIZE_EDGES, weights=weights)
        figure.add_bar(
            x=list(SIZE_LABELS),
            y=sums / (sums.sum() or 1.0) * 100,
            name=name,
            showlegend=shown,
            marker={"color": colour},
            hovertemplate="%{x} USD: %{y:.1f} %",
            row=1,
            col=2,
        )
