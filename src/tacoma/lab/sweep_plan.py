"""The plan of a sweep: every point, checked and named before anything runs."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tacoma import __version__
from tacoma.bounds import SEED_MAX
from tacoma.compile import source_digest
from tacoma.errors import InputError, UnknownFieldError
from tacoma.scenario.load import load
from tacoma.scenario.paths import alternatives
from tacoma.store.digest import canonical_json
from tacoma.store.sweepdir import FORMAT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

POINTS_MAX = 100_000
COMBINATIONS_MAX = 1_000
ID_DIGITS = 16
SEEDS = re.compile(r"(\d{1,19})(?:\.\.(\d{1,19}))?", re.ASCII)

Json = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """
    One run of a sweep.

    `id` is a digest of scenario, seed and version, so equal ids are equal runs. `settings` holds
    the values of the swept fields as they were written.
    """

    id: str
    seed: int
    settings: dict[str, str]
    combination: int


@dataclass(frozen=True)
class Plan:
    """All points of a sweep in their order, and the resolved scenario of each combination."""

    scenario: str
    accounts: int
    seeds: tuple[int, ...]
    axes: dict[str, list[str]]
    scenarios: tuple[Json, ...]
    points: tuple[Point, ...]

    def scenario_of(self, point: Point) -> Json:
        """Return the resolved scenario of a point, its seed included."""
        return self.scenarios[point.combination] | {"seed": point.seed}

    def settings(self) -> list[dict[str, str]]:
        """Return the values of each combination, in order."""
        return [
            dict(zip(self.axes, values, strict=True))
            for values in itertools.product(*self.axes.values())
        ]

    def record(self) -> Json:
        """Return the plan as its file holds it."""
        return {
            "format": FORMAT,
            "version": __version__,
            "engine": source_digest(),  # points of two engines do not mix, whatever the version
            "scenario": self.scenario,
            "accounts": self.accounts,
            "seeds": list(self.seeds),
            "set": self.axes,
            "points": [
                {"id": point.id, "seed": point.seed, "set": point.settings} for point in self.points
            ],
            "scenarios": list(self.scenarios),
        }


def parse_seeds(text: str) -> list[int]:
    """Return the seeds of `1..20`, `7` or `1,5,10..12`; both ends of a range are meant."""
    seeds: list[int] = []
    for part in text.split(","):
        match = SEEDS.fullmatch(part.strip())
        first = int(match[1]) if match else -1
        last = int(match[2] or first) if match else -1
        if not 0 <= first <= last <= SEED_MAX:
            raise InputError(
                f"--seeds {text}: {part.strip() or 'an empty part'} must be a seed from 0 to "
                f"{SEED_MAX:_}, or a first and a last one; write it like --seeds 1..20."
            )
        if last - first >= POINTS_MAX:
            raise _too_many(last - first + 1, "points", POINTS_MAX)
        seeds += range(first, last + 1)
    return seeds


def make_plan(
    scenario: str | Path,
    seeds: Sequence[int] | None,
    overrides: Sequence[str],
    accounts: int | None,
) -> Plan:
    """
    Return the grid of seeds and values, each combination loaded and checked.

    Raises the errors of `scenario.load`, for the first combination that is wrong, and InputError
    for seeds or combinations that stand twice.
    """
    axes: dict[str, list[str]] = {}
    for override in overrides:
        path, values = alternatives(override)
        if path in axes:
            raise UnknownFieldError(path, f"is set twice; write it like {path}=VALUE,VALUE")
        if path == "seed":
            raise UnknownFieldError(path, "the seeds of a sweep are given by --seeds")
        axes[path] = values
    combinations = math.prod(len(values) for values in axes.values())
    if combinations > COMBINATIONS_MAX:
        raise _too_many(combinations, "combinations", COMBINATIONS_MAX)
    points = combinations * len(seeds or (0,))
    if points > POINTS_MAX:
        raise _too_many(points, "points", POINTS_MAX)
    loaded = []
    for combination in itertools.product(*axes.values()):
        changes = [f"{path}={value}" for path, value in zip(axes, combination, strict=True)]
        loaded.append(load(scenario, changes, None, accounts))
    chosen = tuple(seeds) if seeds is not None else (loaded[0].seed,)
    for place, seed in enumerate(chosen):
        if not 0 <= seed <= SEED_MAX:
            raise InputError(f"seed {seed}: must be from 0 to {SEED_MAX:_}.")
        if seed in chosen[:place]:
            raise InputError(f"--seeds: {seed} stands twice; leave one of them out.")
    plan = Plan(
        scenario=loaded[0].name,
        accounts=loaded[0].accounts,
        seeds=chosen,
        axes=axes,
        scenarios=tuple(one.resolved() for one in loaded),
        points=(),
    )
    return Plan(**vars(plan) | {"points": tuple(_points(plan))})


def _points(plan: Plan) -> Iterator[Point]:
    """Yield the points: combination by combination, and the seeds within each."""
    seen: dict[str, dict[str, str]] = {}
    for place, settings in enumerate(plan.settings()):
        content = {**plan.scenarios[place], "seed": None}
        digest = hashlib.sha256(canonical_json(content)).hexdigest()
        if digest in seen:
            raise InputError(
                f"--set: {_written(seen[digest])} and {_written(settings)} are the same scenario; "
                "leave one of them out."
            )
        seen[digest] = settings
        for seed in plan.seeds:
            parts = {"scenario": digest, "seed": seed, "version": __version__}
            name = hashlib.sha256(canonical_json(parts)).hexdigest()[:ID_DIGITS]
            yield Point(name, seed, settings, place)


def _written(settings: dict[str, str]) -> str:
    return " ".join(f"{path}={value}" for path, value in settings.items())


def _too_many(count: int, what: str, most: int) -> InputError:
    return InputError(
        f"a sweep of {count:_} {what}: must have at most {most:_}; take fewer seeds or values, or "
        "several sweeps."
    )
