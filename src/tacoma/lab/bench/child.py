"""One measurement in a process of its own: `python -m tacoma.lab.bench.child NAME ARGUMENTS`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from tacoma.lab.bench import measure, worlds
from tacoma.lab.bench.measure import Figures

Measurement = Callable[..., Figures]

MEASUREMENTS: dict[str, Measurement] = {
    "bandwidth": measure.bandwidth,
    "scan": measure.scan,
    "index": measure.index_against_scans,
    "evening": lambda accounts: measure.day(worlds.evening(accounts)),
    "whole_day": lambda accounts: measure.day(worlds.whole_day(accounts)),
    "one_venue": lambda accounts: measure.day(worlds.one_venue(accounts)),
    "fewer_markets": lambda accounts, coins: measure.day(worlds.fewer_markets(accounts, coins)),
    "deeper": lambda accounts, depth: measure.day(worlds.deeper(accounts, depth)),
    "monte_carlo": measure.monte_carlo,
    "book": measure.book,
}


def main() -> None:
    """Take the measurement that the command line names and print its figures."""
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    sys.stdout.write(json.dumps(MEASUREMENTS[name](*arguments)) + "\n")


if __name__ == "__main__":
    main()
