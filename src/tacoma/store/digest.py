"""
The hash of a run: one number for everything a run has computed.

The bytes that are hashed depend on values alone. They do not depend on how a table is chunked,
in which order its columns were added, how strings are encoded, or how a file format packs them:
a run that is loaded from disk has the hash that it had when it was made.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
import polars as pl

FORMAT = b"tacoma run digest 1\n"
WORK_COLUMNS = ("evaluations",)  # what the engine did to find the result, and no part of it


class _Hash(Protocol):
    """The part of a hashlib object that is used here."""

    def update(self, data: bytes, /) -> None: ...


def run_digest(
    scenario_resolved: Mapping[str, Any],
    seed: int,
    version: str,
    tables: Mapping[str, pl.DataFrame],
    ledger: Mapping[str, np.ndarray],
) -> str:
    """
    Return the sha256 of a run's inputs, result tables and final ledger, as 64 hex digits.

    Tables, columns and ledger arrays are taken in the order of their names; rows in the order
    they have. Numbers enter as little-endian bytes, nulls as a mask beside zeros, strings as
    UTF-8 with their lengths; Categorical and Enum columns count as the strings they show. Columns
    that count the engine's work are left out: a better index changes them, and no result. Every
    part is preceded by its name, type and length, so that no two runs share their bytes.

    Raises TypeError for a nested column, an object array, or a scenario value without a
    canonical text.
    """
    digest = hashlib.sha256(FORMAT)
    _add(digest, "scenario", canonical_json(scenario_resolved))
    _add(digest, "seed", str(int(seed)).encode())
    _add(digest, "version", version.encode())
    for name in sorted(tables):
        table = tables[name].drop(WORK_COLUMNS, strict=False)
        _add(digest, f"table {name}", f"{table.height} rows, {table.width} columns".encode())
        for column in sorted(table.columns):
            _add_column(digest, column, table.get_column(column))
    for name in sorted(ledger):
        _add_array(digest, f"ledger {name}", np.asarray(ledger[name]))
    return digest.hexdigest()


def hashed_scenario(resolved: Mapping[str, Any], until_step: int) -> dict[str, Any]:
    """Return the scenario as the hash of a run has it: resolved, with the step it ran to."""
    return {**resolved, "until_step": until_step}


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Return the one JSON text of a value: keys sorted, no spaces, no NaN, UTF-8."""
    text = json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
        default=_plain,
    )
    return text.encode()


def _plain(value: object) -> object:
    """Return what JSON can hold for the few other types that a scenario uses."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, Fraction)):
        return str(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a scenario value of type {type(value).__name__} has no canonical text")


def _add(digest: _Hash, label: str, content: bytes) -> None:
    """Hash one labelled part; both lengths go first, so that parts cannot run together."""
    name = label.encode()
    digest.update(len(name).to_bytes(8, "little") + name)
    digest.update(len(content).to_bytes(8, "little"))
    digest.update(content)


def _add_array(digest: _Hash, label: str, values: np.ndarray) -> None:
    """Hash an array of numbers or booleans with its type and shape."""
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{label}: arrays of type {values.dtype} cannot be hashed")
    plain = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    if plain.dtype.kind == "f":
        missing = np.isnan(plain)
        if missing.any():  # NaN has many bit patterns, and they all mean the same
            plain = np.where(missing, plain.dtype.type(np.nan), plain)
    shape = "x".join(str(length) for length in values.shape)
    _add(digest, f"{label} {plain.dtype.str} {shape}", plain.tobytes())


def _add_column(digest: _Hash, name: str, column: pl.Series) -> None:
    """Hash a column: which rows are null, then the values with zeros in their place."""
    label = f"column {name}"
    present = np.packbits(column.is_not_null().to_numpy(), bitorder="little")
    _add(digest, f"{label} present", present.tobytes())
    kind = column.dtype
    if isinstance(kind, (pl.String, pl.Categorical, pl.Enum)):
        _add_strings(digest, label, column.cast(pl.String))
    elif kind.is_temporal():
        _add_array(digest, f"{label} {kind}", column.to_physical().fill_null(0).to_numpy())
    elif kind == pl.Boolean:
        _add_array(digest, label, column.fill_null(value=False).to_numpy())
    elif kind.is_integer() or kind.is_float():
        _add_array(digest, label, column.fill_null(0).to_numpy())
    else:
        raise TypeError(f"{label}: a column of type {kind} cannot be hashed")


def _add_strings(digest: _Hash, label: str, column: pl.Series) -> None:
    """
    Hash strings as the sorted list of the different ones, and for each row its place there.

    The same rows give the same list and places whatever dictionary the column came with.
    """
    different = column.drop_nulls().unique().sort().to_list()
    encoded = [text.encode() for text in different]
    lengths = b"".join(len(text).to_bytes(8, "little") for text in encoded)
    _add(digest, f"{label} text lengths", lengths)
    _add(digest, f"{label} text", b"".join(encoded))
    places = column.cast(pl.Enum(different)).to_physical().cast(pl.UInt32).fill_null(0)
    _add_array(digest, f"{label} places", places.to_numpy())
