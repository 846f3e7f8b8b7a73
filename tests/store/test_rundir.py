"""A run directory is whole or not there."""

import errno
import json
import os

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tacoma.errors import OutputError
from tacoma.store import (
    MANIFEST_NAME,
    is_finished,
    read_manifest,
    read_tables,
    rundir,
    verify,
    write_run,
)

TABLES = {
    "steps": pl.DataFrame(
        {
            "second": pl.Series([0, 1, 2], dtype=pl.Int32),
            "venue": pl.Series(["a", "b", "a"], dtype=pl.Categorical),
            "bid_usd": [1.5, None, 2.5],
        }
    ),
    "adl": pl.DataFrame(schema={"second": pl.Int32, "partial": pl.Boolean}),
}
FILES = {"report.html": "<html>€</html>", "ledger.bin": b"\x00\xff"}
MANIFEST = {"seed": 7, "hash": "ab" * 32, "summary": {"adl_usd": 0.0}}


def write(directory, **changes):
    arguments = {"manifest": MANIFEST, "tables": TABLES, "files": FILES, **changes}
    return write_run(directory, **arguments)


def left_behind(directory):
    """Hidden directories that a failed or finished write should have removed."""
    return [path.name for path in directory.iterdir() if path.name.startswith(".")]


def test_what_is_written_can_be_read(tmp_path):
    """Tables, files and manifest come back as they were, and the directory counts as finished."""
    target = write(tmp_path / "runs" / "demo")
    assert target == (tmp_path / "runs" / "demo").resolve()
    assert is_finished(target)
    tables = read_tables(target)
    assert sorted(tables) == ["adl", "steps"]
    for name, table in TABLES.items():
        assert_frame_equal(tables[name], table)
    assert (target / "report.html").read_text(encoding="utf-8") == FILES["report.html"]
    assert (target / "ledger.bin").read_bytes() == FILES["ledger.bin"]
    manifest = read_manifest(target)
    assert {key: manifest[key] for key in MANIFEST} == MANIFEST
    assert manifest["complete"] is True
    assert sorted(manifest["files"]) == [
        "adl.parquet",
        "ledger.bin",
        "report.html",
        "steps.parquet",
    ]
    assert left_behind(tmp_path / "runs") == []


def test_equal_runs_make_equal_files(tmp_path):
    """Every file, the manifest too, has the same bytes; chunks of a table do not matter."""
    first = write(tmp_path / "first")
    chunked = pl.concat([TABLES["steps"][:1], TABLES["steps"][1:]], rechunk=False)
    second = write(tmp_path / "second", tables={**TABLES, "steps": chunked})
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def fail_at(monkeypatch, name, error):
    """Make the writing of one file fail after half of its bytes."""
    original = rundir.write_file

    def failing(path, content):
        if path.name == name:
            path.write_bytes(b"half")
            raise error
        original(path, content)

    monkeypatch.setattr(rundir, "write_file", failing)


@pytest.mark.parametrize("name", ["adl.parquet", "steps.parquet", MANIFEST_NAME])
@pytest.mark.parametrize("finished_before", [False, True])
def test_a_full_disk_leaves_no_half_run(tmp_path, monkeypatch, name, finished_before):
    """A full disk gives an OutputError with a remedy; what was there before is untouched."""
    target = tmp_path / "demo"
    if finished_before:
        write(target, files={"old.txt": "old"})
    fail_at(monkeypatch, name, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    with pytest.raises(OutputError, match=r"No space left on device.*free some space") as caught:
        write(target, overwrite=True)
    assert str(target) in str(caught.value)
    assert is_finished(target) is finished_before
    assert target.exists() is finished_before
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), ValueError("x")])
def test_an_interruption_leaves_no_half_run(tmp_path, monkeypatch, error):
    """Ctrl-C in the middle removes what was written and is passed on as it is."""
    fail_at(monkeypatch, "ledger.bin", error)
    with pytest.raises(type(error)):
        write(tmp_path / "demo")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_rename_brings_the_old_run_back(tmp_path, monkeypatch):
    """When the new run cannot be moved into place, the old one returns."""
    target = write(tmp_path / "demo", files={"old.txt": "old"})
    original = rundir.Path.rename

    def failing(self, to):
        if ".partial-" in self.name:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return original(self, to)

    monkeypatch.setattr(rundir.Path, "rename", failing)
    with pytest.raises(OutputError, match="write elsewhere"):
        write(target, overwrite=True)
    assert is_finished(target)
    assert (target / "old.txt").exists()
    assert left_behind(tmp_path) == []


def test_a_finished_run_is_replaced_only_when_allowed(tmp_path):
    """Without permission a finished run stays; with it, nothing of the old one remains."""
    target = write(tmp_path / "demo", files={"old.txt": "old"})
    with pytest.raises(OutputError, match="holds a finished run"):
        write(target)
    assert (target / "old.txt").exists()
    write(target, overwrite=True)
    assert not (target / "old.txt").exists()
    assert is_finished(target)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_other_directories_are_left_alone(tmp_path, overwrite):
    """A directory that holds anything but a finished run is never touched."""
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "chapter.txt").write_text("years of work")
    with pytest.raises(OutputError, match="left alone"):
        write(target, overwrite=overwrite)
    assert (target / "chapter.txt").read_text() == "years of work"
    assert left_behind(tmp_path) == []


def test_a_file_in_the_way_is_left_alone(tmp_path):
    """A file where the directory should go is refused."""
    (tmp_path / "demo").write_text("a file")
    with pytest.raises(OutputError, match="is a file"):
        write(tmp_path / "demo", overwrite=True)
    with pytest.raises(OutputError, match="a part of the path is a file"):
        write(tmp_path / "demo" / "below")


def test_an_empty_directory_may_be_used(tmp_path):
    """An empty directory is as good as none."""
    (tmp_path / "demo").mkdir()
    assert is_finished(write(tmp_path / "demo"))


def shorten(target):
    content = (target / "steps.parquet").read_bytes()
    (target / "steps.parquet").write_bytes(content[:-1])


def forget_completion(target):
    manifest = json.loads((target / MANIFEST_NAME).read_text())
    (target / MANIFEST_NAME).write_text(json.dumps(manifest | {"complete": False}))


@pytest.mark.parametrize(
    "damage",
    [
        shorten,
        forget_completion,
        lambda target: (target / "adl.parquet").unlink(),
        lambda target: (target / MANIFEST_NAME).unlink(),
        lambda target: (target / MANIFEST_NAME).write_text("{"),
        lambda target: (target / MANIFEST_NAME).write_bytes(b"\xff\xfe"),
        lambda target: (target / MANIFEST_NAME).write_text("[]"),
        lambda target: (target / MANIFEST_NAME).write_text('{"complete": true, "files": {}}'),
    ],
)
def test_a_damaged_directory_is_not_finished(tmp_path, damage):
    """A missing or shortened file, or a manifest that is not a finished run's, is noticed."""
    target = write(tmp_path / "demo")
    damage(target)
    assert not is_finished(target)


def test_reading_what_is_no_run_names_the_remedy(tmp_path):
    """Reading from a directory that holds no run says how to make one."""
    for read in (read_manifest, read_tables, verify):
        with pytest.raises(OutputError, match="tacoma run SCENARIO --out DIRECTORY"):
            read(tmp_path)


def test_a_damaged_table_is_named(tmp_path):
    """A table that cannot be read is named."""
    target = write(tmp_path / "demo")
    (target / "steps.parquet").write_bytes(b"not parquet")
    with pytest.raises(OutputError, match=r"steps\.parquet: cannot be read"):
        read_tables(target)


@pytest.mark.parametrize(
    "name", [MANIFEST_NAME, ".hidden", "../up", "a/b", "", "..", "adl.parquet"]
)
def test_file_names_are_plain_and_unique(tmp_path, name):
    """A file can neither leave the directory nor take another's place."""
    with pytest.raises(ValueError, match="file"):
        write(tmp_path / "demo", files={name: ""})
    assert list(tmp_path.iterdir()) == []


def test_the_seal_belongs_to_the_store(tmp_path):
    """A caller cannot write the keys that say that a run is whole."""
    with pytest.raises(ValueError, match="complete"):
        write(tmp_path / "demo", manifest={"complete": True})
    assert list(tmp_path.iterdir()) == []
