"""A finished run says of itself whether it is what was written, without the engine."""

import json

import numpy as np
import polars as pl
import pytest

from tacoma.store import MANIFEST_NAME, read_tables, run_digest, verify, write_run
from tacoma.store.digest import hashed_scenario
from tacoma.store.ledger import JOURNAL, ledger_tables

SCENARIO = {"name": "test", "accounts": 3, "shares": ["1/3", 0.25]}
TABLES = {
    "steps": pl.DataFrame(
        {
            "second": pl.Series([1, 2, 3], dtype=pl.Int32),
            "venue": pl.Series(["b", "a", "b"], dtype=pl.Enum(["a", "b"])),
            "bid_usd": [1.5, None, 2.5],
        }
    ),
    "adl": pl.DataFrame(schema={"second": pl.Int32, "partial": pl.Boolean}),
}
LEDGER = {
    "balance": np.array([5, -7, 2**62]),
    "wallet": np.array([0, 0, 1]),
    "lots": np.array([3, -3]),
    "entry": np.array([-(2**62), 9]),
}
HASH = run_digest(hashed_scenario(SCENARIO, 3), 7, "0.0.9", TABLES, LEDGER)
MANIFEST = {"version": "0.0.9", "scenario": SCENARIO, "seed": 7, "hash": HASH, "steps": 3}
JOURNAL_TABLE = pl.DataFrame({"step": [1, 2]})


def write(directory, manifest=MANIFEST, tables=TABLES, ledger=LEDGER):
    """Write a run with its journal and ledger, sealed as any run is."""
    extra = {} if ledger is None else ledger_tables(ledger)
    files = {"report.html": "<html></html>"}
    return write_run(directory, manifest, {**tables, JOURNAL: JOURNAL_TABLE, **extra}, files)


def changed(name, column, row, value):
    """Return the result tables with one number changed."""
    table = TABLES[name].clone()
    table[row, column] = value
    return {**TABLES, name: table}


def test_a_whole_run_holds(tmp_path):
    """Every file is counted, and the hash comes out of the bytes on disk."""
    verdict = verify(write(tmp_path / "run"))
    assert (verdict.holds, verdict.faults, verdict.unchecked) == (True, (), ())
    assert (verdict.hash, verdict.expected, verdict.version) == (HASH, HASH, "0.0.9")
    assert verdict.files == 7
    assert verdict.bytes == sum(path.stat().st_size for path in (tmp_path / "run").iterdir())


def shorten(target):
    content = (target / "steps.parquet").read_bytes()
    (target / "steps.parquet").write_bytes(content[:-1])


def flip(target):
    content = bytearray((target / "ledger_accounts.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (target / "ledger_accounts.parquet").write_bytes(content)


def replace_table_by_directory(target):
    (target / "adl.parquet").unlink()
    (target / "adl.parquet").mkdir()


def edit_summary(target):
    path = target / MANIFEST_NAME
    path.write_text(path.read_text().replace('"seed": 7', '"seed": 8'))


def list_a_file_outside(target):
    path = target / MANIFEST_NAME
    manifest = json.loads(path.read_text())
    manifest["files"]["../run/report.html"] = manifest["files"]["report.html"]
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("damage", "faults"),
    [
        (shorten, ["steps.parquet: has "]),
        (flip, ["ledger_accounts.parquet: was changed, its sha256 is "]),
        (lambda target: (target / "adl.parquet").unlink(), ["adl.parquet: is missing"]),
        (replace_table_by_directory, ["adl.parquet: cannot be read (Is a directory)"]),
        (lambda target: (target / "report.html").write_text("x" * 13), ["report.html: was change"]),
        (lambda target: (target / "notes.txt").write_text("x"), ["notes.txt: is not in manifest"]),
        (lambda target: (target / "below").mkdir(), ["below: is not in manifest.json"]),
        (edit_summary, ["manifest.json: was changed"]),
        (list_a_file_outside, ["manifest.json: was changed", "manifest.json: lists '../run/rep"]),
        (lambda target: (shorten(target), flip(target)), ["ledger_accounts.parquet", "steps.parq"]),
    ],
)  # fmt: skip
def test_each_damaged_file_is_named(tmp_path, damage, faults):
    """A missing, shorter, changed or added file has a sentence; no hash is made from damage."""
    target = write(tmp_path / "run")
    damage(target)
    verdict = verify(target)
    assert not verdict.holds
    assert len(verdict.faults) == len(faults)
    for found, expected in zip(verdict.faults, faults, strict=True):
        assert found.startswith(expected)
    assert verdict.hash is None
    assert verdict.unchecked == ("the hash is not computed from what is damaged",)


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param({"tables": changed("steps", "bid_usd", 2, 2.5000000000000004)}, id="a float"),
        pytest.param({"tables": changed("steps", "venue", 0, "a")}, id="a name"),
        pytest.param({"tables": changed("steps", "bid_usd", 1, 0.0)}, id="a missing number"),
        pytest.param({"tables": {**TABLES, "more": JOURNAL_TABLE}}, id="one more table"),
        pytest.param({"tables": {"steps": TABLES["steps"]}}, id="one table fewer"),
        pytest.param({"ledger": LEDGER | {"balance": LEDGER["balance"] + [1, -1, 0]}}, id="money"),
        pytest.param({"ledger": LEDGER | {"lots": LEDGER["lots"][::-1]}}, id="positions"),
        pytest.param({"manifest": MANIFEST | {"seed": 8}}, id="the seed"),
        pytest.param({"manifest": MANIFEST | {"steps": 2}}, id="the last step"),
        pytest.param({"manifest": MANIFEST | {"version": "0.1.0"}}, id="the version"),
        pytest.param({"manifest": MANIFEST | {"scenario": {"seed": 4}}}, id="a field"),
        pytest.param({"manifest": MANIFEST | {"hash": HASH[::-1]}}, id="the hash itself"),
    ],
)  # fmt: skip
def test_the_hash_catches_what_the_seal_cannot(tmp_path, forged):
    """A change whose files were sealed anew leaves the seal whole and the hash wrong."""
    verdict = verify(write(tmp_path / "run", **forged))
    assert [fault.partition(":")[0] for fault in verdict.faults] == ["hash"]
    assert verdict.hash != verdict.expected


@pytest.mark.parametrize(
    "forged",
    [
        {"tables": {**TABLES, "adl": pl.DataFrame({"nested": [[1]]})}},
        {"manifest": MANIFEST | {"steps": None, "scenario": []}},
    ],
)
def test_what_cannot_be_hashed_is_a_fault(tmp_path, forged):
    """A table or scenario that no run could have written fails the check instead of the command."""
    (fault,) = verify(write(tmp_path / "run", **forged)).faults
    assert fault.startswith("hash: cannot be computed: ")


@pytest.mark.parametrize("name", ["version", "scenario", "seed", "hash", "steps"])
def test_a_manifest_without_its_parts_is_a_fault(tmp_path, name):
    """What the hash is made of must be in the manifest."""
    manifest = {key: value for key, value in MANIFEST.items() if key != name}
    assert verify(write(tmp_path / "run", manifest)).faults == (
        f"manifest.json: {name} is missing",
    )


def test_a_run_without_ledger_says_what_is_not_checked(tmp_path):
    """A directory of an earlier version is checked as far as it goes, and says how far."""
    target = write(tmp_path / "run", ledger=None)
    path = target / MANIFEST_NAME
    manifest = json.loads(path.read_text())
    del manifest["seal"]
    path.write_text(json.dumps(manifest))
    verdict = verify(target)
    assert (verdict.holds, verdict.hash) == (True, None)
    assert "summary is not checked" in verdict.unchecked[0]
    assert "--again" in verdict.unchecked[1]


def test_the_ledger_comes_back_as_it_was(tmp_path):
    """Extreme quanta and empty ledgers survive the disk."""
    for place, ledger in enumerate([LEDGER, {name: LEDGER[name][:0] for name in LEDGER}]):
        tables = read_tables(write(tmp_path / str(place), ledger=ledger))
        for table, frame in ledger_tables(ledger).items():
            assert tables[table].equals(frame)
