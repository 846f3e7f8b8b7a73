"""Whether a result is the published one: exactly, or within the tolerance that a case states."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

Value = Any  # numbers, truth values, words, and lists and tables of them


def number(value: Value) -> Fraction | None:
    """Return the exact number that a value states: an integer, 0.1, "84.21", "a/b"; else None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | Fraction):
        return Fraction(value)
    if isinstance(value, float):
        return Fraction(value) if math.isfinite(value) else None
    if isinstance(value, str):
        try:
            return Fraction(value)
        except (ValueError, ZeroDivisionError):
            return None
    return None


def differences(
    expected: Value,
    actual: Value,
    tolerance_abs: Fraction | None = None,
    tolerance_rel: Fraction | None = None,
    path: str = "",
) -> list[str]:
    """
    Return what differs, one line each: field, expected, result.

    A table may hold more fields than expected, a list may not. Numbers are compared as exact
    fractions, whichever way each is written; truth values and words must be equal.
    """
    limits = (tolerance_abs, tolerance_rel)
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [_line(path, expected, actual)]
        lines: list[str] = []
        for key, value in expected.items():
            field = f"{path}.{key}" if path else str(key)
            if key == "error" and same_refusal(value, actual.get(key)):
                continue
            if key not in actual:
                lines.append(f"{field}: expected {_text(value)}, got nothing")
            else:
                lines += differences(value, actual[key], *limits, field)
        return lines
    if isinstance(expected, list):
        if not isinstance(actual, list | tuple) or len(actual) != len(expected):
            return [_line(path, expected, actual)]
        return [
            line
            for place, (one, other) in enumerate(zip(expected, actual, strict=True))
            for line in differences(one, other, *limits, f"{path}[{place}]")
        ]
    if _equal(expected, actual, *limits):
        return []
    return [_line(path, expected, actual)]


def same_refusal(expected: Value, actual: Value) -> bool:
    """
    Say whether both refuse: sources print true, a name of the error, or a sentence about it.

    Names are compared without case, underscores and a leading Err; the wording of a sentence is
    its source's own and is not compared.
    """
    if not expected or not actual:
        return False
    words = [str(value).strip().lower() for value in (expected, actual)]
    if expected is True or expected == 1 or any(" " in word for word in words):
        return True
    one, other = (word.replace("_", "").removeprefix("err") for word in words)
    return one == other


def _equal(
    expected: Value, actual: Value, tolerance_abs: Fraction | None, tolerance_rel: Fraction | None
) -> bool:
    """Say whether two single values agree."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        # Some sources print 1 for true.
        return bool(expected == actual) and not isinstance(expected, str)
    one, other = number(expected), number(actual)
    if one is None or other is None:
        return bool(expected == actual)
    allowed = tolerance_abs or Fraction(0)
    if tolerance_rel is not None:
        allowed = max(allowed, tolerance_rel * max(abs(one), abs(other)))
    return abs(one - other) <= allowed


def _line(path: str, expected: Value, actual: Value) -> str:
    return f"{path}: expected {_text(expected)}, got {_text(actual)}"


def _text(value: Value) -> str:
    text = str(value)
    return text if len(text) <= 120 else text[:117] + "..."
