"""Figures of the flow: liquidations over time, where they went, and the run without shock."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from tacoma.report import data, numbers, style
from tacoma.report.data import Floats, RunLike

ALL = "All venues"
NOTHING = "Nothing happened: no position was liquidated."
EVENTS_MAX = 14  # in the lane; the table below the figures lists all
EVENT_PX = 17
STAGES = (
    ("market_usd", "Closed in the book", style.STAGE_COLOURS["market"]),
    ("takeover_usd", "Taken over", style.STAGE_COLOURS["takeover"]),
    ("adl_usd", "Auto-deleveraged", style.STAGE_COLOURS["adl"]),
)


def timeline(run: RunLike) -> go.Figure:
    """Draw liquidations per minute by stage, the main price below, and what the timeline did."""
    title = "Liquidations per minute"
    venues = data.table(run, "venues")
    minutes = data.minutes_of(run)
    names = data.venues(run) or data.in_order(venues, "venue")
    groups = [ALL, *names] if len(names) > 1 else names
    sums = {
        (group, value): data.by_minute(
            venues if group == ALL else venues.filter(pl.col("venue") == group), value, minutes
        )
        for group in groups
        for value, _, _ in STAGES
    }
    peak = max((float(amounts.max()) for amounts in sums.values()), default=0.0)
    if data.table(run, "steps").is_empty() and not peak:
        return style.nothing(title, NOTHING)
    events = data.events(run)[:EVENTS_MAX]
    lane = EVENT_PX * max(len(events), 1)
    figure = make_subplots(
        rows=3,
        cols=1,
        shared_xaxes=True,
        row_heights=[lane, 300, 150],
        vertical_spacing=0.04,
    )
    divisor, unit = numbers.scale(peak)
    shown: list[str] = []
    for (group, value), amounts in sums.items():
        _add_stage(figure, run, value, amounts / divisor, unit)
        shown.append(group)
    shown += [""] * _add_main_price(figure, run)
    style.dropdown(figure, groups, shown, "venue")
    caption = (
        "Notional that left its holder in each minute, by the stage that took it. Above: what the "
        "scenario did, and when."
    )
    style.finish(figure, title, caption, height=600 + lane)
    figure.update_layout(barmode="stack", hovermode="x unified", bargap=0.05)
    figure.update_yaxes(title_text=f"{unit} per minute", rangemode="tozero", row=2, col=1)
    if not peak:
        figure.add_annotation(
            text=NOTHING, x=0.5, y=0.5, xref="x2 domain", yref="y2 domain", showarrow=False
        )
    style.time_axis(figure)
    end = minutes * 60
    figure.update_xaxes(range=list(data.times(run, [0, end])))
    figure.update_xaxes(visible=False, row=1, col=1)
    figure.update_yaxes(visible=False, range=[-len(events) - 0.2, 0.2], row=1, col=1)
    _mark_events(figure, run, events, end)
    return figure


def _add_stage(figure: go.Figure, run: RunLike, value: str, amounts: Floats, unit: str) -> None:
    """Add the bars of one stage, one for each minute."""
    label, colour = next((label, colour) for key, label, colour in STAGES if key == value)
    figure.add_bar(
        x=data.times(run, np.arange(amounts.shape[0]) * 60),
        y=amounts.astype(np.float32),
        offset=3_000,
        width=54_000,
        name=label,
        marker={"color": colour, "line": {"width": 0}},
        hovertemplate=f"%{{y:,.3~f}} {unit}",
        row=2,
        col=1,
    )


def _add_main_price(figure: go.Figure, run: RunLike) -> int:
    """Add the mark of the main asset on each venue to the third row; return how many lines."""
    asset = data.main_asset(run)
    if asset is None:
        return 0
    steps = data.table(run, "steps").filter(
        pl.col("asset") == asset, pl.col("kind") == "perpetual", pl.col("venue") != data.SPOT
    )
    names = data.in_order(steps, "venue")
    for venue in names:
        rows = steps.filter(pl.col("venue") == venue)
        x, y = data.thin(data.times(run, rows["second"]), data.column(rows, "mark_usd"))
        figure.add_scatter(
            x=x,
            y=y,
            name=f"{asset} mark, {venue}",
            mode="lines",
            line={"width": 1.5, "color": (style.TEAL, style.VIOLET)[names.index(venue) % 2]},
            hovertemplate="%{y:,.2f} USD",
            row=3,
            col=1,
        )
    figure.update_yaxes(title_text=f"{asset}, USD", tickformat=",~r", row=3, col=1)
    return len(names)


def _mark_events(
    figure: go.Figure, run: RunLike, events: list[tuple[int, str]], end_s: int
) -> None:
    """Write each event into the lane on a line of its own, and drop a dashed line from it."""
    total = len(events)
    lane = figure.layout.yaxis.domain
    for place, (second, label) in enumerate(events):
        (x,) = data.times(run, [second])
        level = -(place + 0.5)
        top = lane[0] + (lane[1] - lane[0]) * (total + 0.2 + level) / (total + 0.4)
        figure.add_shape(
            type="line",
            x0=x,
            x1=x,
            y0=0,
            y1=top,
            xref="x",
            yref="paper",
            line={"color": style.LINE, "width": 1, "dash": "dot"},
            layer="below",
        )
        late = second > end_s * 0.6
        figure.add_annotation(
            x=x,
            y=level,
            xref="x",
            yref="y",
            text=f"{data.clock_text(run, second)[:5]} {data.escape(label)}",
            showarrow=False,
            xanchor="right" if late else "left",
            xshift=-3 if late else 3,
            font={"size": 11},
        )


def waterfall(run: RunLike) -> go.Figure:
    """Draw, per venue, where liquidated positions went and who paid what they lost."""
    title = "The waterfall: who took the positions, who paid"
    per_venue: Mapping[str, Mapping[str, Any]] = run.summary.get("venues", {})
    if not any(_amount(totals, "liquidated_usd") for totals in per_venue.values()):
        return style.nothing(title, NOTHING)
    names = list(per_venue)
    figure = make_subplots(
        rows=len(names),
        cols=2,
        column_widths=[0.64, 0.36],
        horizontal_spacing=0.11,
        vertical_spacing=0.26 / max(len(names), 1),
        subplot_titles=[
            text
            for name in names
            for text in (f"{name}: where the positions went", f"{name}: who paid")
        ],
    )
    adl = data.table(run, "adl")
    for row, name in enumerate(names, 1):
        totals = per_venue[name]
        of_funds = adl.filter(pl.col("venue") == name, pl.col("bankrupt_is_fund"))
        _add_positions(figure, row, totals, float(of_funds["notional_usd"].sum()))
        _add_payers(figure, row, totals)
    style.finish(
        figure,
        title,
        "Left: notional, from entering liquidation to whoever took it; the pale bar is inventory "
        "of funds and vaults that was deleveraged later. What no stage took was closed by its "
        "holder or was still open at the end. Right: money that covered negative equity.",
        height=110 + 270 * len(names),
    )
    figure.update_layout(barmode="overlay", showlegend=False)
    return figure


def _amount(totals: Mapping[str, Any], key: str) -> float:
    """Return a total in USD, 0 where it is missing."""
    return float(totals.get(key) or 0.0)


def _add_positions(
    figure: go.Figure, row: int, totals: Mapping[str, Any], adl_of_funds_usd: float
) -> None:
    """Add the cascade of notional: each stage begins where the one before ended."""
    whole = _amount(totals, "liquidated_usd")
    direct_adl = max(_amount(totals, "adl_usd") - adl_of_funds_usd, 0.0)
    stages = [
        ("Book", _amount(totals, "market_usd"), "market"),
        ("Backstop", _amount(totals, "backstop_usd"), "backstop"),
        ("Insurance", _amount(totals, "insurance_takeover_usd"), "insurance"),
        ("ADL", direct_adl, "adl"),
    ]
    taken = sum(amount for _, amount, _ in stages)
    stages.append(("Other", max(whole - taken, 0.0), "open"))
    divisor, unit = numbers.scale(max(whole, taken))
    labels, bases, colours = ["Liquidated"], [0.0], [style.STAGE_COLOURS["liquidated"]]
    amounts = [whole]
    base = 0.0
    for label, amount, stage in stages:
        labels.append(label)
        bases.append(base)
        amounts.append(amount)
        colour = style.STAGE_COLOURS[stage]
        colours.append(style.faded(colour, 0.45) if stage == "open" else colour)
        base += amount
    figure.add_bar(
        x=labels,
        y=[amount / divisor for amount in amounts],
        base=[b / divisor for b in bases],
        marker={"color": colours},
        text=[numbers.money(amount) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        customdata=[amount / whole if whole else 0.0 for amount in amounts],
        hovertemplate="%{x}: %{text} USD, %{customdata:.1%} of the liquidated<extra></extra>",
        row=row,
        col=1,
    )
    if adl_of_funds_usd:
        figure.add_bar(
            x=["ADL"],
            y=[adl_of_funds_usd / divisor],
            base=[max(bases[4] - adl_of_funds_usd, 0.0) / divisor],
            marker={"color": style.faded(style.STAGE_COLOURS["adl"], 0.4)},
            customdata=[numbers.money(adl_of_funds_usd)],
            hovertemplate="inventory of funds deleveraged: %{customdata} USD<extra></extra>",
            texttemplate="%{customdata}" if adl_of_funds_usd > 0.08 * max(whole, taken) else None,
            textposition="inside",
            row=row,
            col=1,
        )
    top = max(whole, taken) / divisor
    figure.update_yaxes(title_text=unit, range=[0, top * 1.16], row=row, col=1)


def _add_payers(figure: go.Figure, row: int, totals: Mapping[str, Any]) -> None:
    """Add the money that covered losses, and the part that nobody covered."""
    payers = [
        ("Insurance paid", "insurance_paid_usd", "insurance"),
        ("Shared", "shared_usd", "shared"),
        ("Bad debt", "bad_debt_usd", "bad_debt"),
    ]
    amounts = [_amount(totals, key) for _, key, _ in payers]
    divisor, unit = numbers.scale(max(amounts))
    figure.add_bar(
        x=[label for label, _, _ in payers],
        y=[amount / divisor for amount in amounts],
        marker={"color": [style.STAGE_COLOURS[stage] for _, _, stage in payers]},
        text=[numbers.money(amount) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{text} USD<extra></extra>",
        row=row,
        col=2,
    )
    figure.update_yaxes(
        title_text=unit, range=[0, (max(amounts) / divisor or 1.0) * 1.16], row=row, col=2
    )


def control(run: RunLike) -> go.Figure:
    """Draw the same totals with the shock and without it."""
    title = "With and without the shock"
    if run.control is None:
        return style.nothing(title, "The run without the shock was not made.")
    totals = [
        ("Liquidated", "liquidated_usd"),
        ("Closed in the book", "market_usd"),
        ("Auto-deleveraged", "adl_usd"),
        ("Insurance paid", "insurance_paid_usd"),
        ("Bad debt", "bad_debt_usd"),
    ]
    known = [(label, key) for label, key in totals if key in run.control]
    shocked = [_amount(run.summary, key) for _, key in known]
    calm = [_amount(run.control, key) for _, key in known]
    divisor, unit = numbers.scale(max([*shocked, *calm], default=0.0))
    labels = [label for label, _ in known]
    figure = go.Figure()
    for name, amounts, colour in (
        ("With the shock", shocked, style.RED),
        ("Without", calm, style.GREEN),
    ):
        figure.add_bar(
            y=labels,
            x=[amount / divisor for amount in amounts],
            orientation="h",
            name=name,
            marker={"color": colour},
            text=[numbers.money(amount) for amount in amounts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text} USD",
        )
    style.finish(
        figure,
        title,
        "The same scenario and seed with the shock removed: what this population and these books "
        "do on a quiet evening. A stress result counts only against this.",
        height=130 + 62 * max(len(labels), 1),
    )
    figure.update_layout(barmode="group", bargap=0.3, margin={"r": 72})
    figure.update_xaxes(title_text=unit, rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure
