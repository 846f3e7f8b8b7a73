"""
Dialects: how each public source writes the inputs of its examples.

A dialect is a module with a table `FUNCTIONS`: the name of a function in the source's vector files,
and a Python function of (inputs, tables of the file) that returns the fields of its output.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

Serve = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]

DIALECTS = (
    "cex_mixed",
    "derive_lyra_v2",
    "drift_v2",
    "dydx_v4",
    "gmx_v2",
    "hyperliquid",
    "mango_v4",
    "paradex",
    "perp_curie",
    "synthetix_perps_v3",
)


def functions_of(dialect: str) -> Mapping[str, Serve]:
    """Return what a dialect serves, by name."""
    table: Mapping[str, Serve] = importlib.import_module(f"{__name__}.{dialect}").FUNCTIONS
    return table


def dialect_of(venue: str, functions: set[str]) -> str | None:
    """
    Return the dialect of a file: that of its venue's name, else the one that serves most of it.

    None where no dialect serves any of the functions.
    """
    word = venue.split(" ", maxsplit=1)[0]
    if word in DIALECTS:
        return word
    served = {name: len(functions & functions_of(name).keys()) for name in DIALECTS}
    best = max(served, key=lambda name: (served[name], name))
    return best if served[best] else None
