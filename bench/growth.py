"""Draw how cost grows: `python bench/growth.py bench.json docs/images/growth.svg`.

The figures come from `tacoma bench --json > bench.json`. Three panels: accounts (both axes
logarithmic, beside what a full scan at every step would take), coins, and depth of the crash.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, LEFT, TOP, GAP = 250, 200, 52, 34, 66
LOOP, SCAN = "#4a7fb5", "#c64c48"
Points = list[tuple[float, float]]


def text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    """Return one line of text."""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="11">{words}</text>'


def line(points: Points, colour: str, dashes: str = "") -> str:
    """Return a line with a dot at each measurement."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" />' for x, y in points)
    style = f'fill="none" stroke="{colour}" stroke-width="1.6" stroke-dasharray="{dashes}"'
    return f'<polyline points="{path}" {style} />' + (dots if not dashes else "")


def short(value: float) -> str:
    """Return a number as people write it on an axis."""
    for size, unit in ((1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def panel(
    place: int, title: str, label: str, series: list[tuple[str, str, Points]],
    scale: Callable[[float], float], ticks: tuple[list[float], list[float]],
) -> list[str]:  # fmt: skip
    """Return one panel: axes from the ticks, then every series."""
    across, up = ticks
    low_x, high_x = scale(across[0]), scale(across[-1])
    low_y, high_y = scale(up[0]), scale(up[-1])

    def at(point: tuple[float, float]) -> tuple[float, float]:
        x = (scale(point[0]) - low_x) / (high_x - low_x) * WIDTH
        return x, HEIGHT * (1 - (scale(point[1]) - low_y) / (high_y - low_y))

    drawn = [f'<g transform="translate({LEFT + place * (WIDTH + GAP)} {TOP})">']
    drawn.append(text(0, -14, title, "start"))
    for tick in up:
        y = at((across[0], tick))[1]
        drawn.append(f'<path d="M0 {y:.1f}H{WIDTH}" stroke="#8884" />')
        drawn.append(text(-6, y + 4, short(tick), "end"))
    for tick in across:
        drawn.append(text(at((tick, up[0]))[0], HEIGHT + 16, short(tick)))
    drawn.append(text(WIDTH / 2, HEIGHT + 32, label))
    drawn += [
        line([at(point) for point in points], colour, dash) for colour, dash, points in series
    ]
    return [*drawn, "</g>"]


def growth(found: dict[str, Any], prefix: str) -> list[tuple[float, dict[str, float]]]:
    """Return the measurements whose name begins with a word, by the number behind it."""
    rows = found["measurements"]
    return sorted(
        (float(name.split()[1]), rows[name]) for name in rows if name.startswith(f"{prefix} ")
    )


def decades(low: float, high: float) -> list[float]:
    """Return powers of ten around two numbers."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**power for power in range(first, last + 1)]


def main() -> None:
    """Read the figures and write the picture."""
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    accounts, coins, depth = (growth(found, name) for name in ("accounts", "coins", "depth"))
    scan = found["measurements"]["scan"]["scan_ns_per_account"] / 1e9
    steps = accounts[0][1]["steps"]
    loop = [(size, row["loop_s"]) for size, row in accounts]
    scans = [(size, size * scan * steps) for size, _ in accounts]
    seconds = decades(min(y for _, y in loop), max(y for _, y in scans))
    small = [0.0, 1.0, 2.0, 3.0, 4.0]
    drawn = panel(
        0, "seconds for the evening on one venue", "accounts",
        [(LOOP, "", loop), (SCAN, "5 4", scans)], math.log10,
        ([size for size, _ in accounts], seconds),
    )  # fmt: skip
    drawn += panel(
        1, "100,000 accounts, two venues", "coins",
        [(LOOP, "", [(number, row["loop_s"]) for number, row in coins])], float,
        ([number for number, _ in coins], small),
    )  # fmt: skip
    drawn += panel(
        2, "400,000 accounts, two venues", "depth of the crash, 1 is 10 October",
        [(LOOP, "", [(number, row["loop_s"]) for number, row in depth])], float,
        ([number for number, _ in depth], small),
    )  # fmt: skip
    drawn.append(text(LEFT + WIDTH - 4, TOP + 14, "fast scan at every step", "end"))
    width, height = LEFT + 3 * WIDTH + 2 * GAP + 20, TOP + HEIGHT + 44
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    head += 'font-family="sans-serif" fill="#888">'
    Path(sys.argv[2]).write_text("\n".join([head, *drawn, "</svg>"]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
