"""Single files: written to the disk and flushed, replaced whole or not at all, and sealed."""

import contextlib
import errno
import hashlib
import io
import os
from pathlib import Path
from typing import Any

import polars as pl

from tacoma.errors import OutputError

ROW_GROUP_ROWS = 262_144  # fixed, so that equal tables make equal files
PARTIAL = ".partial-"  # in the hidden name of what is still being written

Content = pl.DataFrame | str | bytes


def write_file(path: Path, content: Content) -> None:
    """Write a new file and flush it to the disk; raises OSError, FileExistsError among them."""
    with path.open("xb") as file:
        file.write(_encoded(content))
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: Content) -> None:
    """
    Put a file in place, whole: whoever reads the name finds the old content or all of the new.

    There must be one writer for a directory at a time. Raises OutputError when the disk refuses.
    """
    partial = path.with_name(f".{path.name}{PARTIAL}{os.getpid()}")
    try:
        try:
            partial.unlink(missing_ok=True)
            write_file(partial, content)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        flush_directory(path.parent)
    except OSError as error:
        raise refused(path, error) from error


def seal(path: Path) -> dict[str, Any]:
    """Return the size and sha256 of a file as it is on the disk."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return {"bytes": file.tell(), "sha256": sha256}


def flush_directory(directory: Path) -> None:
    """Flush a directory's list of names; some file systems cannot, and need not."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def refused(target: Path, error: OSError) -> OutputError:
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


def _encoded(content: Content) -> bytes | memoryview:
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
