"""Which measurements belong together, and what they say as figures and ratios."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

from tacoma.errors import InvariantError
from tacoma.lab.bench.measure import Figures
from tacoma.lab.doctor import free_memory_bytes

FULL = 1_600_000
LARGEST = 100_000_000
LARGEST_GB = 20.0  # goal, and what a machine must have free for it to be measured
GROWTH = (10_000, 100_000, 1_000_000, 10_000_000)
GROWING_COINS = (1, 2, 5, 10)
DEPTHS = (0.0, 0.5, 1.0, 1.5, 2.0)
DEPTH_ACCOUNTS = 400_000

Say = Callable[[float, int, str], None]
Task = tuple[str, str, list[Any]]  # name of the figures, measurement, arguments


class BenchError(InvariantError):
    """A measurement ended without a figure."""


def take(measurement: str, arguments: list[Any]) -> Figures:
    """Take one measurement in a fresh process."""
    command = [sys.executable, "-m", "tacoma.lab.bench.child", measurement, json.dumps(arguments)]
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own module
        command, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise BenchError(f"measuring {measurement} {arguments} failed:\n{done.stderr.strip()}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def headline_tasks() -> list[Task]:
    """What `tacoma bench` measures without options."""
    return [("evening", "evening", [FULL]), ("scan", "scan", [FULL])]


def all_tasks(*, largest: bool) -> list[Task]:
    """Everything, `largest` with the hundred million accounts."""
    tasks = [
        *headline_tasks(),
        ("index", "index", [FULL]),
        ("whole_day", "whole_day", [FULL]),
        ("monte_carlo", "monte_carlo", [20_000, 5]),
        ("book", "book", []),
        *((f"accounts {size}", "one_venue", [size]) for size in GROWTH),
        *((f"coins {coins}", "fewer_markets", [100_000, coins]) for coins in GROWING_COINS),
        *((f"depth {depth}", "deeper", [DEPTH_ACCOUNTS, depth]) for depth in DEPTHS),
    ]
    if largest:
        tasks.append((f"accounts {LARGEST}", "one_venue", [LARGEST]))
    return tasks


def machine() -> dict[str, Any]:
    """Say what the figures belong to."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
    }


def measured(tasks: list[Task], say: Say) -> Iterator[tuple[str, Figures]]:
    """Take measurements one after the other, telling how far they are."""
    for place, (name, measurement, arguments) in enumerate(tasks):
        say(place / len(tasks), 0, f"measuring {name}")
        yield name, take(measurement, arguments)
    say(1.0, 0, "done")


def headline(say: Say) -> dict[str, Any]:
    """Return the two headline figures and what stands behind them."""
    found = dict(measured(headline_tasks(), say))
    return {"machine": machine(), **_headline(found), "measurements": found}


def full(say: Say) -> dict[str, Any]:
    """Return every figure; those for which memory is missing are null."""
    largest = (free_memory_bytes() or 0) >= LARGEST_GB * 1e9
    found = dict(measured(all_tasks(largest=largest), say))
    hundred = found.get(f"accounts {LARGEST}", {})
    return {
        "machine": machine(),
        **_headline(found),
        "index_vs_scan_ratio": found["index"]["index_vs_scan_ratio"],
        "index_vs_fast_scan_ratio": found["index"]["index_vs_fast_scan_ratio"],
        "index_vs_numpy_ratio": found["index"]["index_vs_numpy_ratio"],
        "day_full_s": found["whole_day"]["total_s"],
        "runs_per_s_20k": found["monte_carlo"]["runs_per_s"],
        "book_ops_per_s": found["book"]["book_ops_per_s"],
        "accounts_max_gb_100m": hundred.get("peak_gb"),
        "accounts_100m_s": hundred.get("total_s"),
        "measurements": found,
    }


def _headline(found: dict[str, Figures]) -> dict[str, Any]:
    return {
        "oct2025_full_s": found["evening"]["total_s"],
        "scan_ns_per_account": found["scan"]["scan_ns_per_account"],
        "scan_over_bandwidth": found["scan"]["scan_over_bandwidth"],
        "bandwidth_gb_per_s": found["scan"]["bandwidth_gb_per_s"],
    }
