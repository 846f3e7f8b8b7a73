"""A process that is killed while it writes a run, at any moment, leaves a whole run or none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tacoma.store import is_finished, read_manifest, verify, write_run
from tacoma.store.leftovers import partial_of, replaced_of
from tacoma.store.rundir import check_target

# A child for each moment: the n-th dies at the n-th thing that it asks of the file system (open,
# rename, make, remove, list), until one lives to the end. Each has a directory of its own.
SCRIPT = """
import os, signal, sys
from pathlib import Path
from tacoma.store import rundir

def write(target, moment):
    left = [moment]
    def watch(event, arguments):
        if event.split(".")[0] in ("open", "os", "shutil"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    rundir.write_run(target, {"number": 2}, {}, {"a": "new", "b": "new"}, overwrite=True)
    os._exit(0)

moment, died = 0, True
while died:
    moment += 1
    target = Path(sys.argv[1]) / f"{moment:03}" / "run"
    target.parent.mkdir()
    if sys.argv[2] == "True":
        rundir.write_run(target, {"number": 1}, {}, {"a": "old"})
    child = os.fork()
    if child == 0:
        write(target, moment)
    died = os.WIFSIGNALED(os.waitpid(child, 0)[1])
"""


@pytest.mark.parametrize("finished_before", [False, True])
def test_killed_at_any_moment(tmp_path, finished_before):
    """The next look finds the old run or the new one, whole; the next write leaves no trace."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), str(finished_before)]
    subprocess.run(command, check=True)
    found, left_behind = [], 0
    for parent in sorted(tmp_path.iterdir()):
        target = parent / "run"
        left_behind += any(path.name.startswith(".") for path in parent.iterdir())
        check_target(target, overwrite=True)
        assert [path.name for path in parent.iterdir()] == (["run"] if target.exists() else [])
        found.append(read_manifest(target)["number"] if is_finished(target) else None)
        write_run(target, {"number": 3}, {}, {"c": "c"}, overwrite=True)
        assert sorted(path.name for path in target.iterdir()) == ["c", "manifest.json"]
        assert [path.name for path in parent.iterdir()] == ["run"]
    before = 1 if finished_before else None
    assert len(found) > 15
    assert left_behind > 6
    assert found == [before] * found.count(before) + [2] * found.count(2)
    assert found[-1] == 2


def dead_process():
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def of_process(path, process):
    """Return the hidden name that another process of this machine would use."""
    return path.with_name(path.name.removesuffix(str(os.getpid())) + str(process))


def test_only_what_dead_processes_left_is_cleared(tmp_path):
    """What a living process is writing, or another machine, or for another run, stays."""
    target = tmp_path / "run"
    living = of_process(partial_of(target), os.getppid())
    elsewhere = Path(str(partial_of(target)).replace(os.uname().nodename, "elsewhere", 1))
    another = of_process(partial_of(tmp_path / "run2"), dead_process())
    dead = of_process(partial_of(target), dead_process())
    for path in (living, elsewhere, another, dead):
        path.mkdir()
        (path / "a").write_text("half")
    write_run(target, {}, {}, {"a": "a"})
    assert {path.name for path in tmp_path.iterdir()} == {
        "run", living.name, elsewhere.name, another.name,
    }  # fmt: skip


def test_a_run_that_was_put_aside_comes_back(tmp_path):
    """A process that died between its two renames loses nothing, even without --overwrite."""
    target = tmp_path / "run"
    aside = of_process(replaced_of(target), dead_process())
    write_run(target, {"number": 1}, {}, {"a": "old"}).rename(aside)
    with pytest.raises(Exception, match="holds a finished run"):
        check_target(target)
    assert read_manifest(target)["number"] == 1
    assert verify(target).files == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
