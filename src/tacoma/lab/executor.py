"""
Who runs the points of a sweep: this process, or several beside each other.

An executor takes tasks, each a point's id and its resolved scenario as JSON holds it, and yields
one answer per task in whatever order they finish. A task's numbers are made by
`sweep_worker.answer` in all of them, from the task alone, so no executor can change a number. Only
the caller writes.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tacoma.compile import cache_directory, cache_is_warm

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

Task = dict[str, Any]
Answer = dict[str, Any]

# The way in of a worker: it imports from where this process does, whatever its own directory is.
WORKER = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from tacoma.lab.sweep_worker import serve; serve()"
)
KERNELS = "kernels-"


class Executor(Protocol):
    """What a sweep asks of those that run its points."""

    def answers(self, tasks: Sequence[Task]) -> Generator[Answer]:
        """Yield the answer to every task once; closing the generator stops what still runs."""


class OneAfterTheOther:
    """Runs every point in this process."""

    def answers(self, tasks: Sequence[Task]) -> Generator[Answer]:
        """Yield the answers in the order of the tasks."""
        from tacoma.lab.sweep_worker import answer

        for task in tasks:
            yield answer(task)


@dataclass
class _Worker:
    """A process, and the task that it has in hand."""

    process: subprocess.Popen[bytes]
    task: Task | None = None


class Processes:
    """
    Runs points in fresh processes, one point at a time in each.

    Started anew rather than forked: threads and locks of this process stay here. They share the
    cache of machine code; where it is empty, the first point runs alone and fills it. They end when
    this process does, killed or not, at the latest with the point in hand.
    """

    def __init__(self, count: int) -> None:
        """Take how many run at a time."""
        self.count = count

    def answers(self, tasks: Sequence[Task]) -> Generator[Answer]:
        """Yield the answers as they come; a process that dies is the error of its point."""
        waiting = deque(tasks)
        workers: list[_Worker] = []
        selector = selectors.DefaultSelector()
        try:
            while waiting or any(worker.task for worker in workers):
                wanted = self.count if cache_is_warm() else 1
                while waiting and len(workers) < wanted:
                    worker = _Worker(_start())
                    selector.register(_out(worker), selectors.EVENT_READ, worker)
                    workers.append(worker)
                for worker in workers:
                    if worker.task is None and waiting:
                        worker.task = waiting.popleft()
                        _give(worker)
                for key, _ in selector.select():
                    found = _take(key.data)
                    if found is None:
                        selector.unregister(_out(key.data))
                        workers.remove(key.data)
                        found = _death(key.data)
                    if found:
                        yield found
        finally:
            selector.close()
            _stop(workers)


def _start() -> subprocess.Popen[bytes]:
    """Start a worker. Ctrl-C, which a terminal sends to all, is for this process alone."""
    place = cache_directory()
    base = place.parent if place.name.startswith(KERNELS) else place
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-P", "-c", WORKER, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"TACOMA_CACHE_DIR": str(base)},
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _out(worker: _Worker) -> Any:  # noqa: ANN401 - a pipe's end
    assert worker.process.stdout is not None
    return worker.process.stdout


def _give(worker: _Worker) -> None:
    """Hand a worker its task; one that died meanwhile is noticed when its answer is awaited."""
    assert worker.process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        worker.process.stdin.write(json.dumps(worker.task).encode() + b"\n")
        worker.process.stdin.flush()


def _take(worker: _Worker) -> Answer | None:
    """Return the answer of a worker, or None when it has died."""
    line: bytes = _out(worker).readline()
    if not line.endswith(b"\n"):
        return None
    worker.task = None
    found: Answer = json.loads(line)
    return found


def _death(worker: _Worker) -> Answer:
    """Return the answer in the place of a dead worker's, if it had a task."""
    code = worker.process.wait()
    _stop([worker])
    if worker.task is None:
        return {}
    how = f"killed by signal {-code}" if code < 0 else f"ended with code {code}"
    remedy = "; is there enough memory for --processes?" if code == -signal.SIGKILL else ""
    message = f"the process that ran it was {how}{remedy}"
    return {"id": worker.task["id"], "error": {"type": "WorkerDied", "message": message}}


def _stop(workers: Sequence[_Worker]) -> None:
    """End workers at once; what they had in hand is lost, and nothing else."""
    for worker in workers:
        worker.process.kill()
    for worker in workers:
        worker.process.wait()
        for pipe in (worker.process.stdin, worker.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
