"""Draw the picture of the README: `python bench/picture.py docs/images/oct-2025.svg`.

Liquidations per minute by stage, and BTC's mark below, of one run of the bundled scenario.
"""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

import tacoma

ACCOUNTS = 100_000
MINUTES = 75  # the first part of the evening
WIDTH, TOP, BELOW, LEFT, GAP = 860, 210, 110, 56, 26
COLOURS = {"market": "#4a7fb5", "takeover": "#d99a3b", "adl": "#c64c48"}
NAMES = {"market": "closed in the book", "takeover": "taken over", "adl": "auto-deleveraged"}


def text(x: float, y: float, words: str, anchor: str = "start", size: int = 11) -> str:
    """Return one line of text."""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def bars(run: tacoma.Run) -> list[str]:
    """Stacked bars per minute, with an axis in millions of dollars."""
    stages = list(COLOURS)
    rows = (
        run.tables["venues"]
        .with_columns(minute=(pl.col("second") - 1) // 60)
        .filter(pl.col("minute") < MINUTES)
        .group_by("minute")
        .agg([pl.col(f"{stage}_usd").sum() / 1e6 for stage in stages])
        .sort("minute")
    )
    highest = max(sum(row[1:]) for row in rows.iter_rows())
    step = WIDTH / MINUTES
    drawn = []
    for tick in range(0, int(highest) + 1, 250):
        y = TOP * (1 - tick / highest)
        drawn.append(f'<path d="M0 {y:.1f}H{WIDTH}" stroke="#8884" />')
        drawn.append(text(-6, y + 4, f"{tick}", "end"))
    for minute, *amounts in rows.iter_rows():
        base = 0.0
        for stage, amount in zip(stages, amounts, strict=True):
            height = TOP * amount / highest
            if height > 0.05:
                drawn.append(
                    f'<rect x="{minute * step + 1:.1f}" y="{TOP - base - height:.1f}" '
                    f'width="{step - 2:.1f}" height="{height:.1f}" fill="{COLOURS[stage]}" />'
                )
            base += height
    for place, stage in enumerate(stages):
        drawn.append(
            f'<rect x="{place * 150 + 8}" y="6" width="10" height="10" fill="{COLOURS[stage]}" />'
        )
        drawn.append(text(place * 150 + 24, 15, NAMES[stage]))
    return drawn


def line(run: tacoma.Run, venue: str, colour: str, low: float, high: float) -> str:
    """BTC's mark on one venue, every five seconds."""
    rows = run.tables["steps"].filter(
        (pl.col("venue") == venue)
        & (pl.col("asset") == "BTC")
        & (pl.col("second") <= MINUTES * 60)
        & (pl.col("second") % 5 == 0)
    )
    points = " ".join(
        f"{second / (MINUTES * 60) * WIDTH:.1f},{BELOW * (1 - (mark - low) / (high - low)):.1f}"
        for second, mark in rows.select("second", "mark_usd").iter_rows()
    )
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.4" />'


def main() -> None:
    """Run the scenario and write the picture."""
    run = tacoma.run("oct-2025", accounts=ACCOUNTS, control=False, macro=False)
    low, high = 85_000, 120_000
    prices = [
        line(run, "binance", "#2f7f86", low, high),
        line(run, "hyperliquid", "#8f6bb3", low, high),
    ]
    for tick in range(90_000, 120_001, 10_000):
        y = BELOW * (1 - (tick - low) / (high - low))
        prices.append(f'<path d="M0 {y:.1f}H{WIDTH}" stroke="#8884" />')
        prices.append(text(-6, y + 4, f"{tick // 1000}k", "end"))
    for minute in range(0, MINUTES + 1, 15):
        clock = f"{20 + (45 + minute) // 60}:{(45 + minute) % 60:02d}"
        prices.append(text(minute / MINUTES * WIDTH, BELOW + 18, clock, "middle"))
    prices.append(
        text(WIDTH - 4, BELOW - 8, "BTC mark, USD: binance (green), hyperliquid (violet)", "end")
    )
    height = TOP + GAP + BELOW + 60
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 16} {height}" '
        'font-family="system-ui, sans-serif" fill="#7a8088">'
        f'<g transform="translate({LEFT} 30)">'
        + text(
            0,
            -12,
            "10 October 2025 as Tacoma runs it: liquidations per minute, million USD",
            size=13,
        )
        + "".join(bars(run))
        + f'<g transform="translate(0 {TOP + GAP})">'
        + "".join(prices)
        + text(
            0,
            BELOW + 36,
            f"tacoma run oct-2025 --accounts {ACCOUNTS} --seed {run.seed}, hash {run.hash[:12]}",
        )
        + "</g></g></svg>\n"
    )
    Path(sys.argv[1]).write_text(picture)


if __name__ == "__main__":
    main()
