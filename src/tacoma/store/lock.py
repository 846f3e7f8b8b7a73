"""A lock on a directory that one process writes: it goes with the process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tacoma.errors import OutputError
from tacoma.store.files import refused

LOCK_NAME = ".lock"


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """
    Hold the directory for this process while the block runs.

    The lock is the kernel's, on a file that names the process: what a killed process leaves behind
    is taken over. Raises OutputError while another process holds it.
    """
    path = directory / LOCK_NAME
    handle = _taken(path)
    try:
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _taken(path: Path) -> int:
    """Return the open, locked file; another may remove it between the opening and the locking."""
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
                    return handle
            except BlockingIOError:
                owner = os.read(handle, 32).decode(errors="replace").strip() or "another"
                os.close(handle)
                raise OutputError(
                    str(path.parent),
                    f"is being written by process {owner}",
                    "wait until it has finished, or stop it and run the command again",
                ) from None
            except OSError:
                os.close(handle)
                raise
            os.close(handle)
        except OSError as error:
            raise refused(path, error) from error
