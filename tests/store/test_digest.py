"""The hash of a run follows its values, all of them and nothing else."""

import io
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.store.digest import canonical_json, run_digest

SCENARIO = {"name": "x", "clock": {"start": datetime(2025, 10, 10, tzinfo=UTC)}, "shares": [0.5]}
COLUMNS = {
    "second": pl.Series([0, 1, 2, 3], dtype=pl.Int32),
    "venue": pl.Series(["b", "a", None, "b"]),
    "usd": pl.Series([1.5, None, float("nan"), -0.0]),
    "quanta": pl.Series([2**62, None, -1, 0], dtype=pl.Int64),
    "partial": pl.Series([True, False, None, True]),
}
TABLE = pl.DataFrame(COLUMNS)
LEDGER = {"cash_quanta": np.arange(6, dtype=np.int64).reshape(2, 3), "open": np.array([True])}


def digest(table=TABLE, **changes):
    arguments = {
        "scenario_resolved": SCENARIO,
        "seed": 7,
        "version": "0.1.0",
        "tables": {"steps": table},
        "ledger": LEDGER,
        **changes,
    }
    return run_digest(**arguments)


def through_parquet(table):
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    buffer.seek(0)
    return pl.read_parquet(buffer)


@pytest.mark.parametrize(
    "same",
    [
        lambda t: pl.concat([t[:1], t[1:3], t[3:]], rechunk=False),
        lambda t: t.select(sorted(t.columns)),
        lambda t: t.with_columns(pl.col("venue").cast(pl.Categorical)),
        lambda t: t.with_columns(pl.col("venue").cast(pl.Enum(["z", "b", "a"]))),
        lambda t: pl.concat([t, t])[4:],
        through_parquet,
    ],
    ids=["chunks", "column order", "categorical", "enum", "slice", "parquet"],
)
def test_the_same_values_have_the_same_hash(same):
    """Chunks, order of columns, dictionaries, offsets and file formats do not matter."""
    assert digest(same(TABLE)) == digest()


def test_the_hash_does_not_change_between_versions_by_accident():
    """The bytes that are hashed are a format: changing them changes every published hash."""
    assert digest() == "c60ec36651a03ee80adc4d9ff6740c83fe7708c236a234e1c1316824858a4bae"


OTHER = {"second": 9, "venue": "c", "usd": 0.1, "quanta": 5}
ZERO = {"second": 0, "venue": "", "usd": 0.0, "quanta": 0, "partial": False}


@pytest.mark.parametrize("column", list(COLUMNS))
@pytest.mark.parametrize("row", range(4))
def test_any_changed_cell_changes_the_hash(column, row):
    """Each cell counts; a missing value is neither zero nor any other value."""
    values = TABLE[column].to_list()
    other = OTHER.get(column, not values[row])
    for cell in (other, ZERO[column] if values[row] is None else None):
        changed = [*values[:row], cell, *values[row + 1 :]]
        series = pl.Series(column, changed, dtype=TABLE[column].dtype)
        assert digest(TABLE.with_columns(series)) != digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 8},
        {"version": "0.1.1"},
        {"scenario_resolved": {**SCENARIO, "name": "y"}},
        {"tables": {"other": TABLE}},
        {"tables": {"steps": TABLE, "adl": TABLE.clear()}},
        {"tables": {}},
        {"tables": {"steps": TABLE[::-1]}},
        {"tables": {"steps": TABLE[:3]}},
        {"tables": {"steps": TABLE.rename({"usd": "eur"})}},
        {"tables": {"steps": TABLE.with_columns(pl.col("second").cast(pl.Int64))}},
        {"tables": {"steps": TABLE.with_columns(pl.col("usd").cast(pl.Float32))}},
        {"ledger": {}},
        {"ledger": {**LEDGER, "cash_quanta": LEDGER["cash_quanta"].reshape(3, 2)}},
        {"ledger": {**LEDGER, "cash_quanta": LEDGER["cash_quanta"].astype(np.int32)}},
        {"ledger": {**LEDGER, "cash_quanta": LEDGER["cash_quanta"] + np.eye(2, 3, dtype=int)}},
    ],
)
def test_every_input_counts(changes):
    """Seed, version, scenario, names, types, shapes and order are all part of the hash."""
    assert digest(**changes) != digest()


@given(st.lists(st.text(max_size=6) | st.none(), max_size=30), st.integers(0, 30))
def test_strings_hash_by_value(values, cut):
    """However a column of text is stored, equal rows hash equally and other rows do not."""
    whole = pl.Series("x", values, dtype=pl.String)
    parts = pl.concat([whole[:cut], whole[cut:]], rechunk=False)
    first = digest(pl.DataFrame({"x": whole}))
    assert first == digest(pl.DataFrame({"x": parts}))
    assert first == digest(pl.DataFrame({"x": whole.cast(pl.Categorical)}))
    assert first != digest(pl.DataFrame({"x": [*values, "one more"]}))


def test_neighbouring_texts_cannot_be_confused():
    """Text is delimited by its length: ab, c is not a, bc, and empty is not missing."""
    tables = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["abc", None], [None, "abc"]]
    assert len({digest(pl.DataFrame({"x": rows})) for rows in tables}) == len(tables)


def test_byte_order_and_memory_layout_do_not_matter():
    """An array hashes by its values: big-endian, Fortran order and views make no difference."""
    cash = LEDGER["cash_quanta"]
    wide = np.zeros((2, 6), dtype=np.int64)
    wide[:, ::2] = cash
    for same in (cash.astype(">i8"), np.asfortranarray(cash), wide[:, ::2]):
        assert digest(ledger={**LEDGER, "cash_quanta": same}) == digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"tables": {"steps": pl.DataFrame({"x": [[1, 2]]})}},
        {"ledger": {"x": np.array([object()])}},
        {"scenario_resolved": {"x": {1, 2}}},
    ],
)
def test_what_has_no_canonical_bytes_is_refused(changes):
    """Nested columns, objects and sets raise instead of hashing by accident."""
    with pytest.raises(TypeError):
        digest(**changes)


def test_scenarios_are_hashed_as_canonical_json():
    """Keys are sorted, nothing is escaped without need, and NaN is refused."""
    assert canonical_json({"b": 1, "a": "€"}) == '{"a":"€","b":1}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": float("nan")})
