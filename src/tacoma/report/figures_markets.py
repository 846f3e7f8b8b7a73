"""Figures of the markets: prices against their index, depth and spread, lows, and collateral."""

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from tacoma.report import data, numbers, style
from tacoma.report.data import SPOT, Floats, RunLike

NO_MARKETS = "The run recorded no markets."


def _assets(steps: pl.DataFrame, run: RunLike) -> list[str]:
    """Return the assets in their order, the main one first."""
    main = data.main_asset(run)
    names = data.in_order(steps, "asset")
    return sorted(names, key=lambda name: name != main)


def _markets(steps: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Return the rows of each venue in which an asset is traded; the spot market comes last."""
    names = sorted(data.in_order(steps, "venue"), key=lambda name: name == SPOT)
    return [(name, steps.filter(pl.col("venue") == name)) for name in names]


def _bps(above: Floats, below: Floats) -> Floats:
    """Return the gap between two prices in basis points of the lower line."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below > 0, (above / below - 1.0) * 1e4, np.nan)


def prices(run: RunLike) -> go.Figure:
    """Draw price, mark and index of each asset on every venue, and the gap of mark to index."""
    title = "Price, mark and index"
    steps = data.table(run, "steps").filter(
        (pl.col("kind") == "perpetual") | (pl.col("venue") == SPOT)
    )
    if steps.is_empty():
        return style.nothing(title, NO_MARKETS)
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.68, 0.32], vertical_spacing=0.05
    )
    venues = data.venues(run)
    groups: list[str] = []
    assets = _assets(steps, run)
    for asset in assets:
        for venue, rows in _markets(steps.filter(pl.col("asset") == asset)):
            x = data.times(run, rows["second"])
            mark, index = data.column(rows, "mark_usd"), data.column(rows, "index_usd")
            last = data.column(rows, "last_usd")
            colour = style.venue_colour(venue, venues)
            if venue == SPOT:
                _line(figure, 1, x, mark, "spot price", colour, width=1.2)
                groups.append(asset)
                continue
            _line(figure, 1, x, last, f"{venue} price", colour, width=1, opacity=0.55)
            _line(figure, 1, x, mark, f"{venue} mark", colour, width=1.9)
            _line(figure, 1, x, index, f"{venue} index", colour, width=1.2, dash="dot")
            _line(figure, 2, x, _bps(mark, index), f"{venue} gap", colour, suffix=" bps")
            groups += [asset] * 4
    style.dropdown(figure, assets, groups, "asset")
    style.finish(
        figure,
        title,
        "The mark decides who is liquidated; the index is what the venue reads from elsewhere. "
        "Below: how far the mark stood above its index.",
        height=600,
    )
    figure.update_yaxes(title_text="USD", tickformat=",~r", row=1, col=1)
    figure.update_yaxes(title_text="mark over index, bps", row=2, col=1)
    figure.update_layout(hovermode="x")
    style.time_axis(figure)
    return figure


def _line(
    figure: go.Figure,
    row: int,
    x: Floats,
    y: Floats,
    name: str,
    colour: str,
    *,
    width: float = 1.4,
    dash: str = "solid",
    opacity: float = 1.0,
    suffix: str = " USD",
    points: int = 360,
) -> None:
    """Add one thinned line to a row of a figure."""
    thin_x, thin_y = data.thin(x, y, points)
    figure.add_scatter(
        x=thin_x,
        y=thin_y,
        name=name,
        mode="lines",
        line={"width": width, "color": colour, "dash": dash},
        opacity=opacity,
        showlegend=row == 1,
        hovertemplate=f"%{{y:,.5~r}}{suffix}",
        row=row,
        col=1,
    )


def depth(run: RunLike) -> go.Figure:
    """Draw the depth near the middle and the spread of each market, on logarithmic axes."""
    title = "Depth and spread"
    steps = data.table(run, "steps")
    if steps.is_empty():
        return style.nothing(title, NO_MARKETS)
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.6, 0.4], vertical_spacing=0.06
    )
    venues = data.venues(run)
    groups: list[str] = []
    assets = _assets(steps, run)
    for asset in assets:
        for venue, rows in _markets(steps.filter(pl.col("asset") == asset)):
            x = data.times(run, rows["second"])
            bid, ask = data.column(rows, "bid_usd"), data.column(rows, "ask_usd")
            colour = style.venue_colour(venue, venues)
            for side, dash in (("bid", "solid"), ("ask", "dot")):
                usd = data.column(rows, f"depth_{side}_usd")
                positive = np.where(usd > 0, usd, np.nan)
                name = f"{venue} {side}s"
                _line(figure, 1, x, positive, name, colour, dash=dash, width=1.3, points=240)
            spread = np.where(ask > bid, (ask - bid) / (ask + bid) * 2e4, np.nan)
            _line(figure, 2, x, spread, f"{venue} spread", colour, suffix=" bps", points=240)
            groups += [asset] * 3
    style.dropdown(figure, assets, groups, "asset")
    style.finish(
        figure,
        title,
        "Orders within 1 % of the middle on each side, and the gap between the best bid and the "
        "best ask. A gap in a line: that side of the book was empty.",
        height=560,
    )
    figure.update_yaxes(type="log", dtick=1, exponentformat="SI", row=1, col=1)
    figure.update_yaxes(title_text="depth, USD", row=1, col=1)
    figure.update_yaxes(type="log", dtick=1, title_text="spread, bps", row=2, col=1)
    figure.update_layout(hovermode="x")
    style.time_axis(figure)
    return figure


def lows(run: RunLike) -> go.Figure:
    """Draw how far each asset fell from the start to its lowest mark, per venue."""
    title = "How far each asset fell"
    falls = data.falls(run)
    if falls.is_empty():
        return style.nothing(title, NO_MARKETS)
    order = falls.group_by("asset").agg(pl.col("fall").min()).sort(["fall", "asset"])
    assets = order["asset"].to_list()
    figure = go.Figure()
    venues = data.venues(run)
    for asset in assets:  # a thin line joins the venues of one asset
        values = falls.filter(pl.col("asset") == asset)["fall"]
        figure.add_shape(
            type="line",
            x0=values.min(),
            x1=values.max(),
            y0=asset,
            y1=asset,
            line={"color": style.LINE, "width": 2},
            layer="below",
        )
    for venue, rows in _markets(falls):
        figure.add_scatter(
            x=rows["fall"].to_list(),
            y=rows["asset"].to_list(),
            name=venue,
            mode="markers",
            marker={
                "size": 11,
                "color": style.venue_colour(venue, venues),
                "symbol": "diamond" if venue == SPOT else "circle",
            },
            customdata=[
                [numbers.price(low), data.clock_text(run, second)]
                for low, second in rows.select("low", "second").rows()
            ],
            hovertemplate="%{y}: %{x:.1f} %, %{customdata[0]} USD at %{customdata[1]}",
        )
    style.finish(
        figure,
        title,
        "Lowest mark (spot: lowest price) against the first of the run. Where the venues lie "
        "apart, arbitrage could not hold them together.",
        height=150 + 30 * len(assets),
    )
    figure.update_xaxes(title_text="lowest against the start, %", showgrid=True, rangemode="tozero")
    figure.update_yaxes(categoryorder="array", categoryarray=assets[::-1], showgrid=False)
    figure.update_layout(hovermode="closest")
    return figure


def collateral(run: RunLike) -> go.Figure:
    """Draw the price of collateral on the venue's own book against what it is redeemed for."""
    title = "Collateral on the venue's own book"
    steps = data.table(run, "steps").filter(pl.col("kind") == "spot", pl.col("venue") != SPOT)
    if steps.is_empty():
        return style.nothing(title, "No venue of this scenario prices collateral on its own book.")
    figure = go.Figure()
    pairs = steps.select("venue", "asset").unique(maintain_order=True).rows()
    several = len({venue for venue, _ in pairs}) > 1
    for place, (venue, asset) in enumerate(pairs):
        rows = steps.filter(pl.col("venue") == venue, pl.col("asset") == asset)
        bid, ask = data.column(rows, "bid_usd"), data.column(rows, "ask_usd")
        last, index = data.column(rows, "last_usd"), data.column(rows, "index_usd")
        middle = np.where(np.isfinite(bid + ask), (bid + ask) / 2.0, last)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(index > 0, middle / index * 100.0, np.nan)
        x, y = data.thin(data.times(run, rows["second"]), ratio)
        if np.isnan(y).all():
            continue
        colour = style.SERIES_COLOURS[place % len(style.SERIES_COLOURS)]
        name = f"{asset}, {venue}" if several else asset
        figure.add_scatter(
            x=x,
            y=y,
            name=name,
            mode="lines",
            line={"width": 1.6, "color": colour},
            hovertemplate="%{y:.2f} %",
        )
        lowest = int(np.nanargmin(y))
        if y[lowest] < 99.0:
            figure.add_annotation(
                x=x[lowest],
                y=float(y[lowest]),
                text=f"{data.escape(name)} {y[lowest]:.1f} %",
                font={"color": colour, "size": 12},
                arrowcolor=colour,
                arrowhead=0,
                ax=-62,
                ay=8,
            )
    style.finish(
        figure,
        title,
        "Middle of the book over the redemption value that the rest of the world paid, in "
        "percent. Where a venue margins by its own book, a holder's equity follows this line.",
        height=400,
    )
    figure.update_yaxes(title_text="% of redemption value")
    figure.update_layout(hovermode="x unified")
    style.time_axis(figure)
    return figure
