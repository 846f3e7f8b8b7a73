"""Vector files: what a published case is, and how a file of them is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.errors import InputError, show

if TYPE_CHECKING:
    from pathlib import Path

Json = Any  # whatever a vector file holds


@dataclass(frozen=True)
class Case:
    """One published example: inputs of a function, and what its source says comes out."""

    identifier: str
    function: str
    inputs: dict[str, Json]
    expected: dict[str, Json]
    tolerance_abs: Fraction | None = None
    tolerance_rel: Fraction | None = None
    is_skipped: bool = False  # copied from a table, or contradicts the rule that it illustrates


@dataclass(frozen=True)
class Document:
    """A vector file: who it speaks of, its cases, and tables that cases refer to."""

    file: str
    venue: str
    cases: tuple[Case, ...]
    tables: dict[str, Json]  # every other key at the top, such as param_sets


def read(path: Path) -> Document:
    """
    Read one vector file; the layout is recognised by its keys, not by its name.

    Numbers with a decimal point become exact fractions of what is printed. Raises InputError.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_float=Fraction)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give the path of a vector file.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON ({error}); give a vector file.") from None
    if not isinstance(content, dict) or not {"venue", "cases"} <= content.keys():
        raise InputError(
            f'{path}: must be an object with the keys "venue" and "cases"; '
            "other layouts are not known."
        )
    if not isinstance(content["cases"], list):
        raise InputError(f"{path}: cases: must be a list of cases.")
    if not content["cases"]:
        raise InputError(f"{path}: cases: is empty; a vector file holds at least one case.")
    cases = tuple(_case(path, place, case) for place, case in enumerate(content["cases"]))
    tables = {key: value for key, value in content.items() if key != "cases"}
    return Document(str(path), str(content["venue"]), cases, tables)


def _case(path: Path, place: int, case: Json) -> Case:
    """Return one case; raises InputError where a part is missing or has another shape."""
    where = f"{path}: cases[{place}]"
    if not isinstance(case, dict):
        raise InputError(f"{where} = {show(case)}: must be an object with fn, in and out.")
    for key, kind in (("fn", str), ("in", dict), ("out", dict)):
        if not isinstance(case.get(key), kind):
            noun = "a name" if kind is str else "an object"
            if key not in case:
                raise InputError(f"{where}.{key}: is missing; it must be {noun}.")
            raise InputError(f"{where}.{key} = {show(case[key])}: must be {noun}.")
    return Case(
        identifier=str(case.get("id", f"cases[{place}]")),
        function=case["fn"],
        inputs=case["in"],
        expected=case["out"],
        tolerance_abs=_tolerance(where, "tolerance_abs", case),
        tolerance_rel=_tolerance(where, "tolerance_rel", case),
        is_skipped=bool(case.get("transcribed")) or bool(case.get("source_error")),
    )


def _tolerance(where: str, name: str, case: dict[str, Json]) -> Fraction | None:
    """Return a tolerance of a case, or None where the result must be exact."""
    value = case.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Fraction) or value < 0:
        raise InputError(f"{where}.{name} = {show(value)}: must be a number, 0 or more.")
    return Fraction(value)
