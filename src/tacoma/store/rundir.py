"""
A run directory is written whole or not at all.

Everything goes to a hidden directory beside the target, is flushed to the disk, and is then renamed
into place. Whatever stops the writing (a full disk, Ctrl-C) leaves the target as it was; what a
killed process leaves beside it is cleared by the next one that writes or checks the same target.
"""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tacoma.errors import OutputError
from tacoma.store.files import Content, flush_directory, refused, seal, write_file
from tacoma.store.leftovers import clear_leftovers, partial_of, replaced_of
from tacoma.store.manifest import MANIFEST_NAME, is_file_name, parse, sealed, to_text

TABLE_SUFFIX = ".parquet"


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
    partial = partial_of(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _removed_on_failure(partial):
            seals = {}
            for name in sorted(contents):
                write_file(partial / name, contents[name])
                seals[name] = seal(partial / name)
            write_file(partial / MANIFEST_NAME, to_text(sealed(manifest, seals)))
            flush_directory(partial)
            _move_into_place(partial, target)
    except OSError as error:
        raise refused(target, error) from error
    return target


def check_target(directory: Path, overwrite: bool = False) -> None:
    """
    Raise OutputError where a run could not be put; call it before a long run, not only after.

    A missing or empty directory is fine, and with `overwrite` so is a finished run. What killed
    processes left beside it is cleared first; a run that one of them had put aside comes back.
    """
    target = Path(directory)
    try:
        clear_leftovers(target.resolve())
        if not target.exists():
            return
        empty = target.is_dir() and not any(target.iterdir())
    except OSError as error:
        raise refused(target, error) from error
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
            (root / name).stat().st_size == expected["bytes"]
            for name, expected in manifest["files"].items()
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
    return {
        name.removesuffix(TABLE_SUFFIX): read_table(root / name)
        for name in sorted(read_manifest(root)["files"])
        if name.endswith(TABLE_SUFFIX)
    }


def read_table(path: Path) -> pl.DataFrame:
    """Return one table of a finished run; raise OutputError where it is damaged."""
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise OutputError(
            str(path), f"cannot be read ({error})", "run the scenario again"
        ) from error


def _contents(
    tables: Mapping[str, pl.DataFrame], files: Mapping[str, str | bytes]
) -> dict[str, Content]:
    """Return what each file will hold; names must be plain and used once."""
    contents: dict[str, Content] = {
        f"{name}{TABLE_SUFFIX}": table for name, table in tables.items()
    }
    for name, content in files.items():
        if name in contents:
            raise ValueError(f"a run directory cannot hold two files called {name!r}")
        contents[name] = content
    for name in contents:
        if not is_file_name(name):
            raise ValueError(f"{name!r} cannot be the name of a file in a run directory")
    return contents


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
    replaced = replaced_of(target)
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
    flush_directory(target.parent)
    shutil.rmtree(replaced, ignore_errors=True)
