"""
Scenarios and rulebooks: what a user writes, checked and turned into exact numbers.

`load` reads a scenario by name or path; what it returns is a frozen `Scenario`. The models need
pydantic, which is slow to import, so they are fetched when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tacoma.scenario.load import (
    bundled,
    bundled_rulebooks,
    from_dict,
    json_schema,
    load,
    load_resolved,
    load_rulebook,
    raw,
)

if TYPE_CHECKING:
    from tacoma.scenario.rulebook import Rulebook
    from tacoma.scenario.schema import Scenario
    from tacoma.scenario.variants import macro_only, without_shock

__all__ = [
    "Rulebook",
    "Scenario",
    "bundled",
    "bundled_rulebooks",
    "from_dict",
    "json_schema",
    "load",
    "load_resolved",
    "load_rulebook",
    "macro_only",
    "raw",
    "without_shock",
]

_LAZY = {
    "Rulebook": "tacoma.scenario.rulebook",
    "Scenario": "tacoma.scenario.schema",
    "macro_only": "tacoma.scenario.variants",
    "without_shock": "tacoma.scenario.variants",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
