"""One process writes a directory at a time, and a dead one is in nobody's way."""

import os
import subprocess
import sys

import pytest

from tacoma.errors import OutputError
from tacoma.store.lock import LOCK_NAME, locked

HOLDER = """
import sys
from pathlib import Path
from tacoma.store.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "held\n"
    with process:
        yield process
        process.kill()


def test_the_second_is_refused_and_told_who_is_first(tmp_path, holder):
    """While one process writes, another is refused with its number."""
    with pytest.raises(OutputError, match=f"is being written by process {holder.pid}; wait"):
        with locked(tmp_path):
            pass
    holder.stdin.close()
    assert holder.wait() == 0
    with locked(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"
    assert list(tmp_path.iterdir()) == []


def test_a_killed_process_is_in_nobodys_way(tmp_path, holder):
    """The lock of a killed process is taken over, whatever it left in the file."""
    holder.kill()
    holder.wait()
    assert (tmp_path / LOCK_NAME).exists()
    with locked(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"
    assert list(tmp_path.iterdir()) == []


def test_an_error_gives_the_lock_back(tmp_path):
    """However the block ends, the next may enter."""
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), locked(tmp_path):
            raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_locked_is_refused(tmp_path):
    """A directory that is not there, or not ours, gives the usual error."""
    with pytest.raises(OutputError, match="could not be written"):
        with locked(tmp_path / "nowhere"):
            pass
