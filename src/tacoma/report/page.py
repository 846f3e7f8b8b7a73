"""
The report of a run: one HTML page that opens anywhere, without a network.

The page begins with what happened, then says what the run cannot tell, then shows the figures and
at last the tables. Its parts are `page.html`, `page.css` and `page.js` beside this file.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from tacoma import __version__
from tacoma.report import data, limits, numbers
from tacoma.report.data import RunLike
from tacoma.report.figures import FIGURES

TOTALS = (
    ("Liquidated, USD", "liquidated_usd"),
    ("Accounts liquidated", "liquidated_accounts"),
    ("Longs among the liquidated", "long_share"),
    ("Closed in the book, USD", "market_usd"),
    ("Taken by backstop vaults, USD", "backstop_usd"),
    ("Taken by insurance, USD", "insurance_takeover_usd"),
    ("Insurance paid, USD", "insurance_paid_usd"),
    ("Auto-deleveraged, USD", "adl_usd"),
    ("Accounts deleveraged", "adl_accounts"),
    ("Largest deleveraging, USD", "largest_adl_usd"),
    ("Shared among the winners, USD", "shared_usd"),
    ("Bad debt, USD", "bad_debt_usd"),
    ("Worst minute, USD", "peak_minute_usd"),
    ("Worst minute, UTC", "peak_minute"),
    ("Halted at, UTC", "halted_at"),
    ("Accounts still below maintenance", "pending_accounts"),
)


def render(run: RunLike) -> str:
    """Return the page; equal runs give equal text."""
    drawn = [(entry, entry.draw(run)) for entry in FIGURES]
    sections = [("limits", "Limits"), *((entry.key, entry.name) for entry, _ in drawn)]
    sections += [("numbers", "Numbers"), ("again", "Make it again")]
    values = {
        "title": escape(data.scenario_title(run)),
        "meta": _meta(run),
        "version": escape(__version__),
        "navigation": "".join(f'<a href="#{key}">{escape(name)}</a>' for key, name in sections),
        "headline": "".join(_venue(run, name) for name in data.venues(run)),
        "seal": escape(limits.conservation(run)),
        "seal_class": "good" if run.conserved else "bad",
        "limits": _limits(run),
        "figures": "".join(_figure(entry.key, figure) for entry, figure in drawn),
        "numbers": _numbers(run),
        "again": _again(run),
        "css": _part("page.css"),
        "script": _part("page.js"),
        "plotly": get_plotlyjs(),
        "data": _embedded({entry.key: figure for entry, figure in drawn if not _is_empty(figure)}),
    }
    return Template(_part("page.html")).substitute(values)


def _part(name: str) -> str:
    """Return the text of a file of this package."""
    return (files("tacoma.report") / name).read_text(encoding="utf-8").rstrip()


def _meta(run: RunLike) -> str:
    """Return the line below the title: which run this is."""
    first = data.start(run)
    last = first + timedelta(minutes=data.minutes_of(run))
    parts = [
        f"scenario <code>{escape(data.scenario_name(run))}</code>",
        f"{first:%d %B %Y, %H:%M} to {last:%H:%M} UTC",
        f"{run.accounts:,} accounts",
        f"seed {run.seed}",
        f"run <code>{escape(run.hash[:12])}</code>",
    ]
    return " · ".join(parts)


def _is_empty(figure: go.Figure) -> bool:
    """Return whether a figure only says that nothing happened."""
    return bool((figure.layout.meta or {}).get("empty"))


def _figure(key: str, figure: go.Figure) -> str:
    """Return the place in which a figure will be drawn, with its title and caption as text."""
    title = escape(figure.layout.title.text)
    if _is_empty(figure):
        reason = escape(figure.layout.annotations[0].text)
        return f'<section id="{key}"><h2>{title}</h2><p class="empty">{reason}</p></section>'
    caption = escape(figure.layout.meta["caption"])
    return (
        f'<figure id="{key}" data-plot><div class="head"><h2>{title}</h2></div>'
        f'<figcaption>{caption}</figcaption><div class="scroll">'
        f'<div class="plot" style="min-height:{figure.layout.height}px"></div></div></figure>'
    )


def _embedded(figures: Mapping[str, go.Figure]) -> str:
    """Return the figures as JSON in which no tag can begin or end."""
    content = {key: json.loads(figure.to_json()) for key, figure in figures.items()}
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _amount(totals: Mapping[str, Any], key: str) -> str:
    """Return a total as people write it, with its currency."""
    return f"{numbers.money(float(totals.get(key) or 0.0))} USD"


def _venue(run: RunLike, name: str) -> str:
    """Return the headline of one venue: six numbers, each with what puts it into proportion."""
    totals: Mapping[str, Any] = run.summary["venues"][name]
    accounts = int(totals.get("liquidated_accounts") or 0)
    long_share = totals.get("long_share")
    longs = f", {long_share:.0%} of it long" if long_share is not None and accounts else ""
    start_usd = float(totals.get("insurance_start_usd") or 0.0)
    fund = f"of {numbers.money(start_usd)} USD at the start" if start_usd else "no insurance fund"
    minute = f"at {totals['peak_minute']} UTC" if totals.get("peak_minute") and accounts else ""
    items = [
        ("Liquidated", _amount(totals, "liquidated_usd"), f"{accounts:,} accounts{longs}"),
        ("Worst minute", _amount(totals, "peak_minute_usd"), minute),
        (
            "Auto-deleveraged",
            _amount(totals, "adl_usd"),
            f"{int(totals.get('adl_accounts') or 0):,} accounts",
        ),
        ("Insurance paid", _amount(totals, "insurance_paid_usd"), fund),
        (
            "Bad debt",
            _amount(totals, "bad_debt_usd"),
            f"and {_amount(totals, 'shared_usd')} shared",
        ),
        _low(run, name),
    ]
    strip = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{_with_unit(value)}</dd><dd>{escape(note)}</dd></div>"
        for label, value, note in items
    )
    halt = limits.halt(totals)
    banner = f'<p class="seal bad">{escape(halt.capitalize())}</p>' if halt else ""
    return f'<div class="venue"><h3>{escape(name)}</h3>{banner}<dl class="strip">{strip}</dl></div>'


def _with_unit(value: str) -> str:
    """Return a value of the headline with its currency in small letters."""
    amount = escape(value.removesuffix(" USD"))
    return f"{amount} <small>USD</small>" if value.endswith(" USD") else amount


def _low(run: RunLike, venue: str) -> tuple[str, str, str]:
    """Return the lowest mark of the main asset, and by how much the worst asset fell."""
    falls = data.falls(run).rows(named=True)
    here = [row for row in falls if row["venue"] == venue]
    main = data.main_asset(run)
    mine = next((row for row in here if row["asset"] == main), None)
    if mine is None:
        return ("Lowest mark", "none", "no perpetual")
    worst = min(here, key=lambda row: (row["fall"], row["asset"]))
    note = f"{mine['fall']:+.1f}\u00a0%; worst {worst['asset']} {worst['fall']:+.0f}\u00a0%"
    return (f"{main} low", f"{numbers.price(mine['low'])}", note)


def _limits(run: RunLike) -> str:
    """Return the limits as a list, and the provenance of the inputs as a table to open."""
    lines = "".join(f"<li>{escape(line)}</li>" for line in limits.statements(run))
    origins = data.origins(run)
    if not origins:
        return f"<ul>{lines}</ul><p>The scenario does not say where its numbers come from.</p>"
    rows = []
    for origin in origins:
        kind = "fact" if origin.fact else "assumption"
        badge = f'<span class="badge {kind}">{kind}</span>'
        paths = "<br>".join(f"<code>{escape(path)}</code>" for path in origin.paths)
        rows.append(f"<tr><td>{badge}</td><td>{paths}</td><td>{escape(origin.source)}</td></tr>")
    facts = sum(origin.fact for origin in origins)
    return (
        f"<ul>{lines}</ul><details><summary>Where the inputs come from (facts: {facts}, "
        f"assumptions: {len(origins) - facts})</summary>"
        '<div class="scroll"><table><thead><tr><th>Kind</th><th>Fields</th><th>Source or reason'
        f"</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div></details>"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], text_columns: int = 1) -> str:
    """Return a table; all but the first `text_columns` columns hold numbers."""

    def line(cells: Sequence[str], tag: str) -> str:
        parts = []
        for place, cell in enumerate(cells):
            kind = ' class="number"' if place >= text_columns else ""
            parts.append(f"<{tag}{kind}>{escape(cell)}</{tag}>")
        return f"<tr>{''.join(parts)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return (
        f'<div class="scroll"><table><thead>{line(head, "th")}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(key: str, value: object) -> str:
    """Return a total as a cell of the table shows it."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    number = float(str(value))
    return f"{number:.1%}" if key == "long_share" else f"{number:,.0f}"


def _numbers(run: RunLike) -> str:
    """Return the totals of every venue, the lowest prices, and the timeline as applied."""
    names = data.venues(run)
    columns: list[Mapping[str, Any]] = [run.summary["venues"][name] for name in names]
    columns.append(run.summary)
    rows = [[label, *(_cell(key, c.get(key)) for c in columns)] for label, key in TOTALS]
    parts = ["<h3>Totals</h3>", _table(["", *names, "together"], rows)]
    falls = data.falls(run).sort("asset", "venue").rows(named=True)
    if falls:
        lows = [
            [
                row["asset"],
                row["venue"],
                *(numbers.price(row["first"]), numbers.price(row["low"])),
                f"{row['fall']:+.2f} %",
                data.clock_text(run, row["second"]),
            ]
            for row in falls
        ]
        head = ["Asset", "Venue", "First, USD", "Lowest, USD", "Change", "At, UTC"]
        parts += ["<h3>Lowest prices</h3>", _table(head, lows, text_columns=2)]
    events = data.events(run)
    if events:
        happened = [[data.clock_text(run, second), label] for second, label in events]
        parts += ["<h3>Timeline</h3>", _table(["From, UTC", "Event"], happened, text_columns=2)]
    return "".join(parts)


def _again(run: RunLike) -> str:
    """Return the command, the seed, the hash and the version that make the run again."""
    facts = [
        ("Scenario", data.scenario_name(run)),
        ("Seed", str(run.seed)),
        ("Accounts", f"{run.accounts:,}"),
        ("Steps", f"{run.steps:,}"),
        ("Run hash", run.hash),
        ("Tacoma", __version__),
    ]
    items = "".join(f"<dt>{escape(a)}</dt><dd><code>{escape(b)}</code></dd>" for a, b in facts)
    return (
        f"<pre><code>{escape(data.command(run))}</code></pre>"
        f'<dl class="facts">{items}</dl>'
        "<p>The same scenario, seed and version give the same hash. If the scenario was changed on "
        "the command line, the run directory's <code>manifest.json</code> holds it as it was run."
        "</p>"
    )
