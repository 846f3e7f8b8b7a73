"""Sweeps: the same tables however they were made, stopped, damaged, killed and continued."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import tacoma
from command_line import tacoma as command
from tacoma.errors import ConservationError, OutputError
from tacoma.lab import executor
from tacoma.lab import run as lab
from tacoma.lab.sweep import FIGURES
from tacoma.store import files, sweepdir
from tacoma.store.manifest import parse, seal_of

STOPS = ("0.1", "0.3")
SEEDS = [1, 2, 3, 4]
SETTINGS = {
    "seeds": SEEDS,
    "overrides": [f"population.stop_share={','.join(STOPS)}"],
    "accounts": 200,
}
COMMAND = [
    "sweep", "flash-crash", "--seeds", "1..4", "--accounts", "200",
    "--set", "population.stop_share=0.1,0.3",
]  # fmt: skip


def sweep(out, **changes):
    return tacoma.sweep("flash-crash", out=out, **SETTINGS | changes)


def contents(directory):
    """Return every file below a directory with its bytes."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def points(directory):
    """Return the files of the points in place, without what is still being written."""
    return sorted(path for path in (directory / "points").iterdir() if path.name[0] != ".")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A sweep that was made in one go, in this process; look, do not change."""
    return sweep(tmp_path_factory.mktemp("sweeps") / "whole")


def test_a_point_is_the_run_of_its_settings(whole):
    """A row has the hash and the figures of `tacoma run` with the same seed and values."""
    row = whole.results.row(5, named=True)
    assert (row["population.stop_share"], row["seed"]) == ("0.3", 2)
    scenario = tacoma.load("flash-crash", ["population.stop_share=0.3"], seed=2, accounts=200)
    run = tacoma.run(scenario, control=False, macro=False, threads=1)
    assert row["hash"] == run.hash
    assert {name: row[name] for name in FIGURES} == {name: run.summary[name] for name in FIGURES}
    assert (row["error"], row["conserved"]) == (None, True)
    assert row["halted_at"] == run.summary["halted_at"]
    assert row["peak_minute"] == run.summary["peak_minute"]


def test_results_and_summary_follow_from_the_points(whole):
    """One row per point, in the order of the plan; statistics per combination; all sealed."""
    table = pl.read_parquet(whole.directory / "results.parquet")
    assert table.equals(whole.results)
    assert table["seed"].to_list() == SEEDS * 2
    assert len(set(table["hash"])) == 8
    summary = json.loads((whole.directory / "summary.json").read_text())
    assert summary == whole.summary
    for combination, stop in zip(summary["combinations"], STOPS, strict=True):
        assert combination["set"] == {"population.stop_share": stop}
        assert (combination["points"], combination["failed"]) == (4, 0)
        column = table.filter(pl.col("population.stop_share") == stop)["liquidated_usd"]
        figures = combination["figures"]["liquidated_usd"]
        assert figures["mean"] == pytest.approx(column.mean())
        assert figures["standard_deviation"] == pytest.approx(column.std())
        assert figures["median"] == pytest.approx(column.median())
    manifest = parse((whole.directory / "manifest.json").read_text(), sweepdir.FORMAT)
    assert manifest["seal"] == seal_of(manifest)
    for name in ("plan.json", "results.parquet", "summary.json"):
        assert manifest["files"][name] == files.seal(whole.directory / name)
    assert (manifest["points"], manifest["failed"]) == (8, [])
    assert (whole.points, whole.made, whole.failed) == (8, 8, [])


def test_for_several_processes(whole, tmp_path):
    """Every file of the directory is the same, whoever ran the points and in whatever order."""
    sweep(tmp_path / "sweep", processes=3)
    assert contents(tmp_path / "sweep") == contents(whole.directory)


def test_a_finished_sweep_runs_nothing(whole, tmp_path, monkeypatch):
    """The same command again checks, and runs no point; lost tables are made from the points."""
    before = contents(whole.directory)
    monkeypatch.setattr(lab, "run", None)
    (whole.directory / "results.parquet").write_bytes(b"damaged")
    again = sweep(whole.directory)
    assert (again.made, again.points) == (0, 8)
    assert contents(whole.directory) == before


# Rests before each point is written, so that there is a middle to be stopped in.
SLOWLY = """
import sys, time
from tacoma.cli import main
from tacoma.lab import sweep
write = sweep.write_point
sweep.write_point = lambda *arguments: (time.sleep(0.2), write(*arguments))
sys.exit(main(sys.argv[1:]))
"""


def group_of(*arguments):
    """Start `tacoma` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", SLOWLY, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for_points(directory, count, process):
    """Wait until a sweep has finished some points."""
    until = time.monotonic() + 60
    while not (directory / "points").is_dir() or len(points(directory)) < count:
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.005)


def workers_of(process):
    """Return the numbers of a process's children."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in children.split()]


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_kill_9_in_the_middle(whole, tmp_path):
    """A sweep whose processes were all killed ends, run again, in the same bytes."""
    out = tmp_path / "sweep"
    process = group_of(*COMMAND, "--processes", "2", "--out", str(out))
    wait_for_points(out, 3, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = {path.name: path.stat().st_mtime_ns for path in points(out)}
    assert 3 <= len(kept) < 8
    assert not (out / "manifest.json").exists()
    result = command(*COMMAND, "--processes", "1", "--out", str(out), "--json")
    assert json.loads(result.out)["made"] == 8 - len(kept)
    assert contents(out) == contents(whole.directory)
    for name, written in kept.items():
        assert (out / "points" / name).stat().st_mtime_ns == written


def test_workers_end_with_a_killed_sweep(tmp_path):
    """When the sweep alone is killed, its workers notice and go, and write nothing."""
    out = tmp_path / "sweep"
    process = group_of(*COMMAND, "--processes", "2", "--out", str(out))
    wait_for_points(out, 1, process)
    workers = workers_of(process)
    assert len(workers) == 2
    process.kill()
    process.communicate()
    kept = contents(out)
    until = time.monotonic() + 20
    while any(is_alive(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert contents(out) == kept


def test_control_c_keeps_what_is_finished(whole, tmp_path):
    """Ctrl-C ends a sweep with 130, says how it continues, and leaves no process behind."""
    out = tmp_path / "sweep"
    process = group_of(*COMMAND, "--processes", "2", "--out", str(out))
    wait_for_points(out, 2, process)
    workers = workers_of(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to everybody
    shown, complaint = process.communicate(timeout=30)
    assert (process.returncode, shown) == (130, "")
    finished = len(points(out))
    assert 2 <= finished < 8
    assert complaint.splitlines()[-1] == (
        f"stopped after {finished} of 8 points, which are kept in {out}; "
        "the same command continues with the others."
    )
    assert "Traceback" not in complaint
    assert not any(is_alive(worker) for worker in workers)
    assert command(*COMMAND, "--processes", "1", "--out", str(out)).code == 0
    assert contents(out) == contents(whole.directory)


def damaged_copy(whole, tmp_path, change, count=1):
    """Copy a sweep, and change some of its points."""
    out = tmp_path / "sweep"
    for name, content in contents(whole.directory).items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    for path in points(out)[:count]:
        change(path)
    return out


def one_digit(path):
    text = path.read_text()
    at = text.index('"liquidated_usd": ') + len('"liquidated_usd": ')
    path.write_text(text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :])


@pytest.mark.parametrize(
    "change",
    [
        one_digit,
        lambda path: path.write_text(path.read_text()[:1000]),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_text("[]"),
        lambda path: path.unlink(),
        lambda path: path.write_bytes(points(path.parents[1])[-1].read_bytes()),
    ],
    ids=["a digit", "cut", "empty", "no text", "a list", "missing", "another point's"],
)
def test_a_damaged_point_is_run_again(whole, tmp_path, change):
    """A point's file that is not what was written counts as missing."""
    out = damaged_copy(whole, tmp_path, change)
    assert sweep(out).made == 1
    assert contents(out) == contents(whole.directory)


def test_a_failed_point_does_not_stop_the_others(whole, tmp_path, monkeypatch):
    """A point's error is recorded, named with exit code 1, and tried again by the next command."""
    answers = executor.OneAfterTheOther.answers

    def failing(self, tasks):
        for answer in answers(self, tasks):
            bad = answer["id"] in ids
            error = {"type": "ConservationError", "message": "money changed"}
            yield {"id": answer["id"], "error": error} if bad else answer

    out = tmp_path / "sweep"
    ids = [whole.results["point"][2], whole.results["point"][7]]
    with monkeypatch.context() as patch:
        patch.setattr(executor.OneAfterTheOther, "answers", failing)
        result = command(*COMMAND, "--processes", "1", "--out", str(out))
    assert result.code == 1
    assert "seed 3, population.stop_share = 0.1: ConservationError: money changed" in result.err
    assert "2 of 8 points failed; the same command tries them again" in result.err
    table = pl.read_parquet(out / "results.parquet")
    assert table["error"].is_not_null().to_list() == [row in (2, 7) for row in range(8)]
    assert table["adl_usd"].is_null().to_list() == [row in (2, 7) for row in range(8)]
    assert parse((out / "manifest.json").read_text(), sweepdir.FORMAT)["failed"] == ids
    again = sweep(out)
    assert (again.made, again.failed) == (2, [])
    assert contents(out) == contents(whole.directory)


def test_an_error_of_the_engine_is_the_points_own(tmp_path, monkeypatch):
    """What a run raises becomes the record of its point."""

    def fail(*_, **__):
        raise ConservationError(1, 4, "money changed by +1 quanta")

    monkeypatch.setattr(lab, "run", fail)
    outcome = sweep(tmp_path / "sweep")
    assert len(outcome.failed) == 8
    assert outcome.failed[0]["error"]["type"] == "ConservationError"
    assert "at step 4 with seed 1" in outcome.failed[0]["error"]["message"]
    assert outcome.summary["combinations"][0]["figures"]["adl_usd"]["mean"] is None
    shown = command(*COMMAND, "--processes", "1", "--out", str(tmp_path / "sweep"))
    assert shown.out.splitlines()[3].split() == ["0.1", "0", "-", "-", "-", "-", "-"]


def test_a_worker_that_dies_is_the_error_of_its_point(whole, tmp_path, monkeypatch):
    """A process that is killed from outside loses one point; another process takes its place."""
    take, killed = executor._take, []

    def kill_first(worker):
        if not killed:
            killed.append(worker.task["id"])
            worker.process.kill()
            worker.process.wait()
            worker.process.stdout.read()
        return take(worker)

    monkeypatch.setattr(executor, "_take", kill_first)
    outcome = sweep(tmp_path / "sweep", processes=2)
    assert [record["id"] for record in outcome.failed] == killed
    assert "killed by signal 9; is there enough memory" in outcome.failed[0]["error"]["message"]
    assert sweep(tmp_path / "sweep").made == 1
    assert contents(tmp_path / "sweep") == contents(whole.directory)


def test_a_full_disk_keeps_the_points_before(whole, tmp_path, monkeypatch):
    """A full disk ends the sweep with its remedy; no half file stays; it continues afterwards."""
    out, write, written = tmp_path / "sweep", files.write_file, []

    def failing(path, content):
        written.append(path)
        if len(written) == 4:  # after the plan and two points
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_file", failing)
        with pytest.raises(OutputError, match=r"No space left on device.*free some space"):
            sweep(out)
    assert len(points(out)) == 2
    assert sorted(path.name for path in out.iterdir()) == ["plan.json", "points"]
    assert sweep(out).made == 6
    assert contents(out) == contents(whole.directory)


def test_two_sweeps_into_one_directory(whole, tmp_path):
    """The second is refused while the first runs, and told its process."""
    out = tmp_path / "sweep"
    process = group_of(*COMMAND, "--processes", "1", "--out", str(out))
    wait_for_points(out, 1, process)
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(OutputError, match=f"is being written by process {process.pid}"):
        sweep(out)
    process.send_signal(signal.SIGCONT)
    process.communicate()
    assert process.returncode == 0
    assert contents(out) == contents(whole.directory)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": [1, 2]}, r"its seeds is \[1, 2, 3, 4\], now it is \[1, 2\]"),
        ({"accounts": 300}, "its accounts is 200, now it is 300"),
        ({"overrides": []}, "its set is .*stop_share"),
    ],
)
def test_another_sweep_is_refused(whole, changes, message):
    """A directory that holds another plan is left as it is, and the difference is named."""
    before = contents(whole.directory)
    with pytest.raises(OutputError, match=f"holds another sweep: {message}"):
        sweep(whole.directory, **changes)
    assert contents(whole.directory) == before


def test_another_version_or_engine_is_refused(whole, tmp_path):
    """A sweep that another version or engine began is not continued by this one."""
    out = damaged_copy(whole, tmp_path, lambda path: None)
    plan = json.loads((out / "plan.json").read_text())
    for name, value in (("version", "0.0.1"), ("engine", "0" * 32)):
        (out / "plan.json").write_text(json.dumps(plan | {name: value}))
        with pytest.raises(OutputError, match=f'its {name} is "{value}"'):
            sweep(out)


def test_other_directories_are_left_alone(tmp_path):
    """A directory with anything else in it, or a file in the way, is refused untouched."""
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    for place, message in (("thesis", "left alone"), ("thesis/chapter.txt", "is a file")):
        with pytest.raises(OutputError, match=message):
            sweep(tmp_path / place)
    assert contents(tmp_path) == {"thesis/chapter.txt": b"years of work"}


def test_nothing_is_written_for_bad_input(tmp_path):
    """Every value is checked first: no directory appears."""
    result = command(*COMMAND, "--set", "makers.count=3,0", "--out", str(tmp_path / "sweep"))
    assert (result.code, result.out) == (2, "")
    assert "makers.count = 0: must be a whole number" in result.err
    assert list(tmp_path.iterdir()) == []


def test_the_table_has_the_figures_first(whole):
    """One line per combination with means and 5..95 %, then where the results are."""
    result = command(*COMMAND, "--processes", "1", "--out", str(whole.directory))
    lines = result.out.splitlines()
    assert lines[0].startswith("flash-crash, 4 seeds, 200 accounts; USD, mean (5 %..95 %")
    assert lines[2].split() == [
        "population.stop_share", "runs", "liquidated", "insurance", "paid", "ADL", "shared",
        "bad", "debt",
    ]  # fmt: skip
    assert [line.split()[:2] for line in lines[3:5]] == [["0.1", "4"], ["0.3", "4"]]
    assert " bn (" in lines[3]
    assert lines[6].startswith("8 points, 0 of them run now; results: ")
    record = json.loads(command(*COMMAND, "--out", str(whole.directory), "--json").out)
    assert (record["points"], record["made"], record["failed"]) == (8, 0, [])
    assert record["combinations"] == whole.summary["combinations"]
    refused = command("verify-run", str(whole.directory))
    assert (refused.code, "is a sweep, not a run" in refused.err) == (2, True)
