"""
The final ledger of a run as tables: who owns what, so that the hash can be computed from disk.

Row n of `ledger_accounts` is account n, row n of `ledger_positions` is position slot n. These
tables hold the ledger that the hash covers; they are not result tables, which it covers as such.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

JOURNAL = "journal"
LEDGER_TABLES = {
    "ledger_accounts": ("balance", "wallet"),
    "ledger_positions": ("lots", "entry"),
}
NOT_RESULTS = (JOURNAL, *LEDGER_TABLES)
"""Tables of a run directory that the hash does not cover as result tables."""

Arrays = Mapping[str, np.ndarray[Any, np.dtype[np.int64]]]


def ledger_tables(ledger: Arrays) -> dict[str, pl.DataFrame]:
    """Return the arrays of a final ledger (int64: quanta, quanta, lots, quanta) as tables."""
    return {
        table: pl.DataFrame({name: ledger[name] for name in names})
        for table, names in LEDGER_TABLES.items()
    }


def ledger_arrays(tables: Mapping[str, pl.DataFrame]) -> Arrays:
    """Return the final ledger out of a run's tables; ValueError where a column is not there."""
    arrays = {}
    for table, names in LEDGER_TABLES.items():
        for name in names:
            if name not in tables[table].columns:
                raise ValueError(f"{table} has no column {name}")
            arrays[name] = tables[table][name].to_numpy()
    return arrays


def result_tables(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables that the hash of a run covers by name."""
    return {name: table for name, table in tables.items() if name not in NOT_RESULTS}
