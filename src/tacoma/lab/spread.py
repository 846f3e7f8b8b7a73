"""What a handful of outcomes says: their mean, how far they lie apart, and how sure the mean is."""

from __future__ import annotations

import functools
import math
import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIDENCE = 0.95
BISECTIONS = 200

MEANINGS = {
    "mean": "arithmetic mean over the seeds",
    "standard_deviation": "of the sample, divided by n - 1; null for one seed",
    "median": "middle value, or the mean of the two in the middle",
    "percentile_5": "5 % of the seeds lie below; linear between neighbours",
    "percentile_95": "95 % of the seeds lie below; linear between neighbours",
    "mean_interval_95": (
        "95 % confidence interval of the mean by Student's t; too narrow for few seeds of a figure "
        "that is 0 on most days; null for one seed"
    ),
}

Numbers = dict[str, float | list[float] | None]


def spread(values: Sequence[float]) -> Numbers:
    """Return the statistics that `MEANINGS` explains; the order of the values does not matter."""
    ordered = sorted(float(value) for value in values)
    count = len(ordered)
    if count == 0:
        return dict.fromkeys(MEANINGS)
    mean = math.fsum(ordered) / count
    deviation = half = None
    if count > 1:
        deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in ordered) / (count - 1))
        half = student_quantile((1 + CONFIDENCE) / 2, count - 1) * deviation / math.sqrt(count)
    return {
        "mean": mean,
        "standard_deviation": deviation,
        "median": statistics.median(ordered),
        "percentile_5": percentile(ordered, 0.05),
        "percentile_95": percentile(ordered, 0.95),
        "mean_interval_95": None if half is None else [mean - half, mean + half],
    }


def percentile(ordered: Sequence[float], part: float) -> float:
    """Return the value below which a part (0..1) of sorted values lies, linear in between."""
    place = part * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@functools.cache
def student_quantile(probability: float, freedom: int) -> float:
    """Return the t below which Student's distribution has a probability of at least one half."""
    low, high = 0.0, 1.0
    while student_probability(high, freedom) < probability:
        high *= 2
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (
            (middle, high) if student_probability(middle, freedom) < probability else (low, middle)
        )
    return high


def student_probability(t: float, freedom: int) -> float:
    """
    Return the probability of Student's t below a value, for whole degrees of freedom.

    The finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    cosine_squared = math.cos(angle) ** 2
    if freedom % 2:
        terms, term = 0.0, math.cos(angle)
        for step in range(1, freedom - 1, 2):
            terms += term
            term *= cosine_squared * (step + 1) / (step + 2)
        inside = 2 / math.pi * (angle + math.sin(angle) * terms)
    else:
        terms, term = 0.0, 1.0
        for step in range(0, freedom - 1, 2):
            terms += term
            term *= cosine_squared * (step + 1) / (step + 2)
        inside = math.sin(angle) * terms
    return (1 + inside) / 2
