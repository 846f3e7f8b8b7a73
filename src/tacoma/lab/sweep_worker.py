"""One point of a sweep: from its resolved scenario to its record, in this process or in another."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tacoma import __version__
from tacoma.scenario.load import load_resolved

# What two equal runs may differ in, and what a run alone has no value for.
LEFT_OUT = ("wall_s", "compile_s", "amplification", "control", "hash", "scenario", "seed", "steps")

Task = dict[str, Any]
Answer = dict[str, Any]


def answer(task: Task) -> Answer:
    """
    Run a task (`id`, `scenario` as resolved, `version`) and return its record as JSON holds it.

    It has the run's hash and summary, without anything that depends on time; or the error, which
    is the point's own: others go on.
    """
    from tacoma.lab.run import run

    try:
        assert task["version"] == __version__, f"version {task['version']} on {__version__}"
        scenario = load_resolved(task["scenario"])
        outcome = run(scenario, control=False, macro=False, threads=1)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is recorded with its point
        return {
            "id": task["id"],
            "error": {"type": type(error).__name__, "message": str(error)},
        }
    summary = {name: value for name, value in outcome.summary.items() if name not in LEFT_OUT}
    return {
        "id": task["id"],
        "hash": outcome.hash,
        "steps": outcome.steps,
        "summary": json.loads(json.dumps(summary, default=_plain)),
    }


def _plain(value: Any) -> Any:  # noqa: ANN401 - a numpy scalar
    return value.item()


def serve() -> None:
    """
    Answer tasks from standard input, a line each, until it is closed.

    Answers alone go to what was standard output; whatever else is printed goes to standard error.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        for line in sys.stdin:
            answers.write(json.dumps(answer(json.loads(line))) + "\n")
            answers.flush()
    except BrokenPipeError:  # nobody waits any more
        os._exit(0)
