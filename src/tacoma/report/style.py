"""
The look of every figure: colours, fonts, axes, numbers. Nothing else in the report names a colour.

The colours are middle tones, so that they read on white and on near-black paper; backgrounds are
transparent, and the page gives text and grid lines the colours of the reader's theme.
"""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

BLUE = "#4a7fb5"
AMBER = "#d99a3d"
RED = "#c8504a"
GREEN = "#4f9d7e"
VIOLET = "#8c74b8"
PLUM = "#a8557c"
TEAL = "#3d9aa6"
GREY = "#8b93a0"
INK = "#3a4250"
GRID = "rgba(128,138,152,0.22)"
LINE = "rgba(128,138,152,0.55)"

STAGE_COLOURS = {
    "liquidated": GREY,
    "market": BLUE,
    "takeover": AMBER,
    "backstop": AMBER,
    "insurance": GREEN,
    "adl": RED,
    "shared": VIOLET,
    "bad_debt": PLUM,
    "open": GREY,
}
SERIES_COLOURS = (BLUE, AMBER, GREEN, VIOLET, RED, TEAL, PLUM)
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def venue_colour(venue: str, venues: Sequence[str]) -> str:
    """Return the colour of a venue: by its place among the venues; the spot market is grey."""
    if venue not in venues:
        return GREY
    return SERIES_COLOURS[list(venues).index(venue) % len(SERIES_COLOURS)]


def faded(colour: str, opacity: float) -> str:
    """Return a `#rrggbb` colour with an opacity in 0..1, as plotly writes it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def finish(figure: go.Figure, title: str, caption: str = "", height: int = 420) -> go.Figure:
    """Give a figure its title, size and house style, and return it.

    The caption is kept in `layout.meta`, where the page finds it.
    """
    figure.update_layout(
        title={
            "text": title,
            "font": {"size": 17},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1 - 12 / height,
            "yanchor": "top",
        },
        meta={"caption": caption},
        template=None,
        height=height,
        margin={"l": 72, "r": 28, "t": 104, "b": 34},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 12.5, "color": INK},
        colorway=list(SERIES_COLOURS),
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
            "itemsizing": "constant",
            "traceorder": "normal",
        },
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": GREY, "activecolor": BLUE},
        hoverlabel={"font": {"family": FONT, "size": 12}, "align": "left"},
        barcornerradius=2,
        bargap=0.12,
    )
    axis = {
        "gridcolor": GRID,
        "linecolor": LINE,
        "zerolinecolor": LINE,
        "zerolinewidth": 1,
        "showline": True,
        "ticks": "outside",
        "tickcolor": LINE,
        "ticklen": 4,
        "automargin": True,
        "title": {"standoff": 10, "font": {"size": 12.5}},
    }
    figure.update_xaxes(**axis, showgrid=False)
    figure.update_yaxes(**axis, showgrid=True)
    panels = [note for note in figure.layout.annotations if note.font.size == 16]
    for note in panels:  # the titles of subplots, as plotly makes them
        note.update(font={"size": 13}, xanchor="center")
    if panels:  # the legend goes above them
        figure.update_layout(legend={"y": 1 + 30 / (height - 138)})
    return figure


def time_axis(figure: go.Figure, **where: int) -> None:
    """Make an x axis show the time of day in UTC; `where` chooses the subplot by row and col."""
    figure.update_xaxes(
        type="date",
        hoverformat="%H:%M:%S UTC",
        tickformat="%H:%M",
        **where,
    )


def nothing(title: str, reason: str) -> go.Figure:
    """Return a figure that says in words why there is nothing to draw."""
    figure = go.Figure()
    figure.add_annotation(
        text=reason, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 15}
    )
    finish(figure, title, height=200)
    figure.update_layout(meta={"caption": "", "empty": True})
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


def dropdown(
    figure: go.Figure,
    labels: Sequence[str],
    groups: Sequence[str],
    what: str,
    changes: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """
    Let the reader choose one group of traces.

    `groups` names the group of each trace, in order ("" for a trace that is always shown), and
    `labels` the groups in the order of the list. The first is shown at the start. `what` is the
    word beside the list; the page draws a native list in place of plotly's. `changes` gives, for
    some labels, what else in the layout changes with them.
    """
    assert len(groups) == len(figure.data), "every trace needs a group"
    for trace, group in zip(figure.data, groups, strict=True):
        trace.visible = group in ("", labels[0])
    if len(labels) < 2:
        return
    buttons = [
        {
            "label": label,
            "method": "update",
            "args": [
                {"visible": [group in ("", label) for group in groups]},
                dict((changes or {}).get(label, {})),
            ],
        }
        for label in labels
    ]
    menu = {
        "name": what,
        "buttons": buttons,
        "x": 1,
        "xanchor": "right",
        "y": 1.02,
        "yanchor": "bottom",
        "pad": {"b": 30},
        "bgcolor": "rgba(255,255,255,0.6)",
        "bordercolor": LINE,
    }
    figure.update_layout(updatemenus=[menu])
