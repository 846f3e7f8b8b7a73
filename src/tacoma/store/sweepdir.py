"""
A sweep on disk: a plan, one file per finished point, and at the end tables and a manifest.

`plan.json` is written first and never changed. `points/ID.json` appears whole when a point has
finished, with a checksum of its own. So a sweep that was stopped, however, continues with the
points that are missing. `results.parquet`, `summary.json` and at last `manifest.json`, the seal,
follow from plan and points alone. One process writes; see `store.lock`.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tacoma.errors import OutputError
from tacoma.store.digest import canonical_json
from tacoma.store.files import PARTIAL, refused, replace_file, seal
from tacoma.store.lock import LOCK_NAME
from tacoma.store.manifest import MANIFEST_NAME, sealed, to_text

PLAN_NAME = "plan.json"
POINTS_NAME = "points"
RESULTS_NAME = "results.parquet"
SUMMARY_NAME = "summary.json"
FORMAT = "tacoma sweep 1"
POINT_FORMAT = "tacoma point 1"

JsonValue = Any  # JSON has no useful static type
Record = dict[str, JsonValue]


def check_sweep_target(directory: Path) -> None:
    """Raise OutputError unless the directory is missing, empty, or a sweep's."""
    try:
        if not directory.exists():
            return
        if not directory.is_dir():
            raise OutputError(str(directory), "is a file", "name a directory for the sweep")
        others = [p for p in directory.iterdir() if p.name != LOCK_NAME and PARTIAL not in p.name]
    except OSError as error:
        raise refused(directory, error) from error
    if others and not (directory / PLAN_NAME).is_file():
        raise OutputError(
            str(directory),
            f"is not empty and has no {PLAN_NAME}, so it is left alone",
            "name another directory with --out",
        )


def make_directories(directory: Path) -> None:
    """Make the directories of a sweep where they are missing."""
    try:
        (directory / POINTS_NAME).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refused(directory, error) from error


def begin(directory: Path, plan: Mapping[str, Any]) -> None:
    """
    Write the plan, or make sure that it is the one already there; the lock must be held.

    What a killed process was writing is removed. Raises OutputError for another plan.
    """
    for folder in (directory, directory / POINTS_NAME):
        for path in folder.glob(f".*{PARTIAL}*"):
            path.unlink(missing_ok=True)
    path = directory / PLAN_NAME
    text = _text(plan)
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(str(path), f"cannot be read ({error})", "name another --out") from error
    if before is None:
        replace_file(path, text)
    elif before != text:
        raise OutputError(
            str(directory),
            f"holds another sweep: {_difference(before, plan)}",
            "name another directory with --out, or repeat the command that began this one",
        )


def _difference(before: str, plan: Mapping[str, Any]) -> str:
    """Say in what a plan differs from the one on disk."""
    try:
        old = json.loads(before)
    except ValueError:
        return f"its {PLAN_NAME} is damaged"
    if not isinstance(old, dict):
        return f"its {PLAN_NAME} is damaged"
    # "engine" is a digest of the engine's sources and of the libraries that compile it.
    for name in ("version", "engine", "scenario", "accounts", "seeds", "set"):
        if old.get(name) != plan[name]:
            return f"its {name} is {_brief(old.get(name))}, now it is {_brief(plan[name])}"
    return f"its scenario {plan['scenario']} had other contents"


def _brief(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def write_point(directory: Path, record: Mapping[str, Any]) -> None:
    """Put the file of a finished or failed point in place, with its checksum."""
    whole = {"format": POINT_FORMAT, **record}
    text = _text(whole | {"sha256": _checksum(whole)})
    replace_file(directory / POINTS_NAME / f"{record['id']}.json", text)


def read_point(directory: Path, point: str) -> Record | None:
    """Return the record of a point, or None where its file is missing or damaged."""
    path = directory / POINTS_NAME / f"{point}.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or record.get("format") != POINT_FORMAT:
        return None
    expected = record.pop("sha256", None)
    if record.get("id") != point or expected != _checksum(record):
        return None
    return record


def reopen(directory: Path) -> None:
    """Take the seal off, because points are about to be run."""
    try:
        (directory / MANIFEST_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise refused(directory, error) from error


def finish(
    directory: Path, results: pl.DataFrame, summary: Record, manifest: Mapping[str, Any]
) -> None:
    """Write what follows from the points, and the seal last."""
    replace_file(directory / RESULTS_NAME, results)
    replace_file(directory / SUMMARY_NAME, _text(summary))
    seals = {name: seal(directory / name) for name in (PLAN_NAME, RESULTS_NAME, SUMMARY_NAME)}
    replace_file(directory / MANIFEST_NAME, to_text(sealed(manifest, seals, FORMAT)))


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _checksum(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(record)).hexdigest()
