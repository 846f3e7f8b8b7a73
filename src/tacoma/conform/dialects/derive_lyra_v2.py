"""Placeholder until its functions are served."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

FUNCTIONS: dict[str, Serve] = {}
