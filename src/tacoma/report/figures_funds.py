"""Figure of the funds: what insurance and backstop vaults were worth, and what they had to hold."""

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from tacoma.report import data, style
from tacoma.report.data import RunLike

ALL = "All, against the start"
SHARE = "equity, % of the start"


def funds(run: RunLike) -> go.Figure:
    """Draw equity and inventory of each fund over time; all together as a share of the start."""
    title = "Insurance funds and backstop vaults"
    table = data.table(run, "funds")
    if table.is_empty():
        return style.nothing(title, "No venue of this scenario has a fund or a vault.")
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.6, 0.4], vertical_spacing=0.06
    )
    names = table.select("venue", "fund").unique(maintain_order=True).rows()
    groups: list[str] = []
    labels = [f"{venue}: {fund}" for venue, fund in names]
    for place, (venue, fund) in enumerate(names):
        rows = table.filter(pl.col("venue") == venue, pl.col("fund") == fund)
        groups += _add_fund(figure, run, rows, place, labels[place])
    axis = "yaxis.title.text"
    changes = {label: {axis: "equity, M USD"} for label in labels}
    style.dropdown(figure, [ALL, *labels], groups, "fund", {**changes, ALL: {axis: SHARE}})
    style.finish(
        figure,
        title,
        "Above: equity, for all funds as a share of the start, for one fund in money. Below: the "
        "gross notional that a fund has taken over and still holds.",
        height=520,
    )
    figure.update_yaxes(title_text=SHARE, tickformat=",~r", row=1, col=1)
    figure.update_yaxes(
        title_text="inventory, M USD", tickformat=",~r", rangemode="tozero", row=2, col=1
    )
    figure.update_layout(hovermode="x")
    style.time_axis(figure)
    return figure


def _add_fund(
    figure: go.Figure, run: RunLike, rows: pl.DataFrame, place: int, label: str
) -> list[str]:
    """Add the lines of one fund and return the groups in which they are shown."""
    x = data.times(run, rows["second"])
    equity = data.column(rows, "equity_usd")
    inventory = data.column(rows, "inventory_usd") / 1e6
    first = equity[0] if equity.shape[0] and equity[0] > 0 else float("nan")
    dash = "solid" if rows["kind"][0] == "insurance" else "dash"
    line = {"width": 1.7, "color": style.SERIES_COLOURS[place % len(style.SERIES_COLOURS)]}
    share_x, share = data.thin(x, equity / first * 100.0)
    money_x, money = data.thin(x, equity / 1e6)
    held_x, held = data.thin(x, inventory)
    shared = {"mode": "lines", "line": {**line, "dash": dash}, "name": label, "legendgroup": label}
    figure.add_scatter(x=share_x, y=share, hovertemplate="%{y:.1f} %", row=1, col=1, **shared)
    figure.add_scatter(x=money_x, y=money, hovertemplate="%{y:,.3~f} M USD", row=1, col=1, **shared)
    for _ in range(2):  # once beside all the others, once alone
        figure.add_scatter(
            x=held_x,
            y=held,
            hovertemplate="%{y:,.3~f} M USD",
            showlegend=False,
            row=2,
            col=1,
            **shared,
        )
    return [ALL, label, ALL, label]
