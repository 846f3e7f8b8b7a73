"""
What a killed process left beside a run directory, and what becomes of it.

A run is written to `.NAME.partial-HOST-PID` and renamed to `NAME`; a run that it replaces waits as
`.NAME.replaced-HOST-PID` until then. A process that dies in between leaves them behind. What
belongs to a living process, or to another machine that shares the disk, is left alone.
"""

import contextlib
import os
import re
import shutil
from pathlib import Path

from tacoma.store.files import PARTIAL

REPLACED = ".replaced-"


def partial_of(target: Path) -> Path:
    """Return where this process writes what will become the target."""
    return target.parent / f".{target.name}{PARTIAL}{_owner()}"


def replaced_of(target: Path) -> Path:
    """Return where this process puts a run that it is about to replace."""
    return target.parent / f".{target.name}{REPLACED}{_owner()}"


def clear_leftovers(target: Path) -> None:
    """
    Undo what processes of this machine that died while writing the target have left behind.

    A run that was put aside and never replaced comes back; half-written ones are removed. What
    has this process's own number is from a dead one too: only one thread may write a target.
    """
    for replaced in _of_the_dead(target, REPLACED):
        if target.exists():
            shutil.rmtree(replaced, ignore_errors=True)
        else:
            replaced.rename(target)
    for partial in _of_the_dead(target, PARTIAL):
        shutil.rmtree(partial, ignore_errors=True)


def _owner() -> str:
    return f"{os.uname().nodename}-{os.getpid()}"


def _of_the_dead(target: Path, kind: str) -> list[Path]:
    """Return the hidden directories of one kind whose process has gone, by name."""
    start = re.escape(f".{target.name}{kind}{os.uname().nodename}-")
    found = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in sorted(target.parent.iterdir()):
            match = re.fullmatch(rf"{start}(\d{{1,9}})", path.name)
            if match and not _is_another_alive(int(match[1])):
                found.append(path)
    return found


def _is_another_alive(process: int) -> bool:
    """Say whether another process has this number; that it may belong to another user is enough."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()
