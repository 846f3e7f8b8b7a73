"""Types that several parts of a rulebook share."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator

from tacoma.scenario.types import Name, example, whole

DEFAULT = "default"  # the name of what holds for every asset that has none of its own

Weight = Annotated[int, whole(1, 1_000_000), example("integer", 3)]
Value = TypeVar("Value")


def _in_order(table: dict[str, Value]) -> dict[str, Value]:
    """Sort a table by name: the order of keys in a file must not change a run."""
    return dict(sorted(table.items()))


Table = Annotated[dict[Name, Value], AfterValidator(_in_order)]
