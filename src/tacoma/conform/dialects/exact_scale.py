"""
Units so fine that nothing is lost: decimals of a source as integers of a rule, and back.

A rule rounds to a quantum. Where a source states exact fractions, its dialect chooses the quantum
so that every division of the rule comes out even; the rounding of the rule then has nothing to do.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

from tacoma.conform.compare import number


def fraction(value: Any) -> Fraction:  # noqa: ANN401 - a number as a vector file writes it
    """Return the exact number that a value states; raises ValueError where it states none."""
    exact = number(value)
    if exact is None:
        raise ValueError(f"{value!r} is not a number")
    return exact


def common_scale(*values: Fraction) -> int:
    """Return the least scale at which all values are integers."""
    return lcm(*(value.denominator for value in values))


def scaled(value: Fraction, scale: int) -> int:
    """Return value * scale; raises ValueError where that is no integer."""
    exact = value * scale
    if exact.denominator != 1:
        raise ValueError(f"{value} is no integer at scale {scale}")
    return int(exact)


def side_of(value: Any) -> int:  # noqa: ANN401 - a side as a vector file writes it
    """Return +1 for a buyer or a long, -1 for a seller or a short."""
    if isinstance(value, str) and number(value) is None:
        return 1 if value.lower() in {"buy", "long", "b", "bid"} else -1
    return 1 if fraction(value) > 0 else -1
