"""Interruption and violation: the run ends with its exit code and leaves nothing behind."""

import subprocess
import sys
import threading
import time

import pytest

import tacoma
from command_line import tacoma as command
from systems import worlds
from tacoma import engine
from tacoma.errors import ConservationError, InterruptedRunError
from tacoma.lab import drive as driving
from tacoma.lab.drive import drive
from tacoma.store import is_finished, verify

COMMAND = ["run", "flash-crash", "--accounts", "200", "--no-report"]


def at_step(step, what):
    """Return an engine that does something when the clock has reached a step."""
    real = engine.advance

    def advance(world, *rest):
        if int(world.clock.step[0]) >= step:
            what(world)
        return real(world, *rest)

    return advance


def press_control_c(world):
    raise KeyboardInterrupt


def steal(world):
    world.accounts.balance[3] -= 1


@pytest.mark.parametrize("threads", ["1", "2"])
def test_control_c_leaves_no_run_behind(tmp_path, monkeypatch, threads):
    """Ctrl-C ends the command with 130, says so in one line, and writes no directory."""
    monkeypatch.setattr(engine, "advance", at_step(300, press_control_c))
    result = command(*COMMAND, "--threads", threads, "--out", str(tmp_path / "run"))
    assert result.code == 130
    assert "no results were written" in result.err
    assert "Traceback" not in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_violation_leaves_no_run_behind(tmp_path, monkeypatch, threads):
    """A broken ledger ends the command with 3, names seed and step, and writes no directory."""
    monkeypatch.setattr(engine, "advance", at_step(150, steal))
    result = command(*COMMAND, "--threads", threads, "--out", str(tmp_path / "run"))
    assert result.code == 3
    text = " ".join(result.err.split())
    assert "conservation broke at step 151 with seed 7: money changed by -1 quanta" in text
    assert list(tmp_path.iterdir()) == []


def test_a_finished_run_survives_an_interrupted_one(tmp_path, monkeypatch):
    """Interrupting a run that would replace another leaves the other as it was."""
    place = tmp_path / "run"
    assert command(*COMMAND, "--no-control", "--out", str(place)).code == 0
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    monkeypatch.setattr(engine, "advance", at_step(300, press_control_c))
    result = command(*COMMAND, "--no-control", "--overwrite", "--out", str(place))
    assert result.code == 130
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_stop_event_ends_the_drive():
    """A driver that is told to stop does so at the next look at the clock, with step and end."""
    scenario = tacoma.load("flash-crash", accounts=200)
    stop = threading.Event()
    stop.set()
    with pytest.raises(InterruptedRunError) as caught:
        drive(worlds.start(scenario), scenario.seed, scenario.steps, stop=stop)
    assert (caught.value.step, caught.value.steps) == (driving.CHUNK_STEPS, scenario.steps)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ConservationError])
def test_no_thread_goes_on(monkeypatch, error):
    """When one of three days fails, the others stop too, and no thread is left."""

    def fail(world):
        raise error(7, 1, "test") if error is ConservationError else error

    before = threading.active_count()
    monkeypatch.setattr(engine, "advance", at_step(150, fail))
    with pytest.raises(error):
        tacoma.run(tacoma.load("flash-crash", accounts=200), threads=3)
    assert threading.active_count() == before


def test_an_interrupted_progress_ends_the_run():
    """Ctrl-C while progress is shown reaches the caller as it is."""

    def progress(fraction, second, text):
        if fraction > 0.2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tacoma.run(tacoma.load("flash-crash", accounts=200), threads=1, progress=progress)


@pytest.mark.parametrize("after_s", [0.2, 0.6, 0.8, 1.0])
def test_a_killed_run_leaves_nothing_half_written(tmp_path, after_s):
    """`kill -9` at any time leaves a whole run or none, and the same command then makes it."""
    place = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "tacoma", *COMMAND, "--no-control", "--out", str(place)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after_s)
    process.kill()
    process.wait()
    assert is_finished(place) is place.exists()
    assert command(*COMMAND, "--no-control", "--overwrite", "--out", str(place)).code == 0
    assert verify(place).holds
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
