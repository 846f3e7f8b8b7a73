"""
A run directory is written whole or not at all.

Everything goes to a hidden directory beside the target, is flushed to the disk, and is then renamed
into place. Whatever stops the writing (a full disk, Ctrl-C) leaves the target as it was.
"""

import contextlib
import errno
import hashlib
import io
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tacoma.errors import OutputError
from tacoma.store.manifest import MANIFEST_NAME, parse, sealed, to_text

TABLE_SUFFIX = ".parquet"
ROW_GROUP_ROWS = 262_144  # fixed, so that equal tables make equal files


def write_run(
    directory: Path,
    manifest: Mapping[str, Any],
    tables: Mapping[str, pl.DataFrame],
    files: Mapping[str, str | bytes],
    overwrite: bool = False,
) -> Path:
    """
    Write a run and return its directory.

    Each table becomes `<name>.parquet`; `files` are written as they are (text as UTF-8);
    `manifest.json` comes last, with the size and sha256 of every other file. A finished run in the
    way is replaced only with `overwrite`; anything else in the way is refused.

    Raises OutputError when the directory is taken or the disk refuses; the message says what to do.
    """
    target = Path(directory).resolve()
    check_target(target, overwrite=overwrite)
    contents = _contents(tables, files)
    partial = target.parent / f".{target.name}.partial-{os.getpid()}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _removed_on_failure(partial):
            seals = {}
            for name in sorted(contents):
                _write_file(partial / name, contents[name])
                seals[name] = _seal(partial / name)
            _write_file(partial / MANIFEST_NAME, to_text(sealed(manifest, seals)))
            _flush_directory(partial)
            _move_into_place(partial, target)
    except OSError as error:
        raise _refused(target, error) from error
    return target


def check_target(directory: Path, overwrite: bool = False) -> None:
    """
    Raise OutputError where a run could not be put; call it before a long run, not only after.

    A missing or empty directory is fine, and with `overwrite` so is a finished run.
    """
    target = Path(directory)
    try:
        if not target.exists():
            return
        empty = target.is_dir() and not any(target.iterdir())
    except OSError as error:
        raise _refused(target, error) from error
    if empty:
        return
    if not target.is_dir():
        raise OutputError(str(target), "is a file", "name a directory that does not exist yet")
    if not is_finished(target):
        raise OutputError(
            str(target),
            "is not empty and not a finished Tacoma run, so it is left alone",
            "name another directory, or remove this one",
        )
    if not overwrite:
        raise OutputError(
            str(target),
            "holds a finished run",
            "name another directory, or allow this one to be replaced",
        )


def is_finished(directory: Path) -> bool:
    """Return whether the directory holds a whole run: a complete manifest, files of its sizes."""
    root = Path(directory)
    try:
        manifest = parse((root / MANIFEST_NAME).read_text(encoding="utf-8"))
        if manifest is None:
            return False
        return all(
            (root / name).stat().st_size == seal["bytes"]
            for name, seal in manifest["files"].items()
        )
    except (OSError, UnicodeDecodeError, KeyError, TypeError):
        return False


def read_manifest(directory: Path) -> dict[str, Any]:
    """Return the manifest of a finished run; raise OutputError where there is none."""
    path = Path(directory) / MANIFEST_NAME
    try:
        manifest = parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        manifest = None
    if manifest is None:
        raise OutputError(
            str(directory),
            f"is not a finished Tacoma run, its {MANIFEST_NAME} is missing or incomplete",
            "make one with: tacoma run SCENARIO --out DIRECTORY",
        )
    return manifest


def read_tables(directory: Path) -> dict[str, pl.DataFrame]:
    """Return the tables of a finished run by name; raise OutputError where one is damaged."""
    root = Path(directory)
    tables = {}
    for name in sorted(read_manifest(root)["files"]):
        if not name.endswith(TABLE_SUFFIX):
            continue
        try:
            tables[name.removesuffix(TABLE_SUFFIX)] = pl.read_parquet(root / name)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise OutputError(
                str(root / name), f"cannot be read ({error})", "run the scenario again"
            ) from error
    return tables


def damaged_files(directory: Path) -> list[str]:
    """Return the names of files that are missing or differ from the sha256 in the manifest."""
    root = Path(directory)
    damaged = []
    for name, seal in read_manifest(root)["files"].items():
        try:
            whole = _seal(root / name) == seal
        except OSError:
            whole = False
        if not whole:
            damaged.append(name)
    return damaged


def _contents(
    tables: Mapping[str, pl.DataFrame], files: Mapping[str, str | bytes]
) -> dict[str, pl.DataFrame | str | bytes]:
    """Return what each file will hold; names must be plain and used once."""
    contents: dict[str, pl.DataFrame | str | bytes] = {
        f"{name}{TABLE_SUFFIX}": table for name, table in tables.items()
    }
    for name, content in files.items():
        if name in contents:
            raise ValueError(f"a run directory cannot hold two files called {name!r}")
        contents[name] = content
    for name in contents:
        if not name or name == MANIFEST_NAME or name.startswith(".") or Path(name).name != name:
            raise ValueError(f"{name!r} cannot be the name of a file in a run directory")
    return contents


def _write_file(path: Path, content: pl.DataFrame | str | bytes) -> None:
    """Write one file and flush it to the disk."""
    with path.open("xb") as file:
        file.write(_encoded(content))
        file.flush()
        os.fsync(file.fileno())


def _encoded(content: pl.DataFrame | str | bytes) -> bytes | memoryview:
    """Return the bytes of a file; a table becomes zstd Parquet, the same bytes each time."""
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, bytes):
        return content
    # In memory first: polars would hide a full disk behind an error of its own.
    buffer = io.BytesIO()
    table = content.rechunk()
    table.write_parquet(buffer, compression="zstd", row_group_size=ROW_GROUP_ROWS)
    return buffer.getbuffer()


def _seal(path: Path) -> dict[str, Any]:
    """Return the size and sha256 of a file as it is on the disk."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return {"bytes": file.tell(), "sha256": sha256}


@contextlib.contextmanager
def _removed_on_failure(partial: Path) -> Iterator[None]:
    """Create the partial directory; remove it when anything, Ctrl-C too, stops the block."""
    shutil.rmtree(partial, ignore_errors=True)  # left behind by a killed process of the same id
    partial.mkdir()
    try:
        yield
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _move_into_place(partial: Path, target: Path) -> None:
    """Rename the partial directory to the target; a run in the way goes last, or comes back."""
    replaced = target.parent / f".{target.name}.replaced-{os.getpid()}"
    shutil.rmtree(replaced, ignore_errors=True)
    in_the_way = target.exists() and any(target.iterdir())
    try:
        if in_the_way:
            target.rename(replaced)
        partial.rename(target)
    except BaseException:
        if in_the_way and replaced.exists() and not target.exists():
            replaced.rename(target)
        raise
    _flush_directory(target.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _flush_directory(directory: Path) -> None:
    """Flush a directory's list of names; some file systems cannot, and need not."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def _refused(target: Path, error: OSError) -> OutputError:
    """Return the error for a disk that refused, with what to do about it."""
    elsewhere = "write elsewhere with --out"
    remedies = {
        errno.ENOSPC: "free some space, or write to another disk with --out",
        errno.EDQUOT: f"the quota is used up: remove old runs, or {elsewhere}",
        errno.EROFS: f"the file system is read-only: {elsewhere}",
        errno.EACCES: f"you may not write there: {elsewhere}",
        errno.EPERM: f"you may not write there: {elsewhere}",
        errno.ENOTDIR: f"a part of the path is a file: {elsewhere}",
        errno.EEXIST: f"a part of the path is a file: {elsewhere}",
    }
    remedy = remedies.get(error.errno or 0, elsewhere)
    reason = error.strerror or str(error)
    return OutputError(str(target), f"could not be written ({reason})", remedy)
