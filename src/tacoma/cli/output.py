"""What commands print: JSON without surprises, and text that keeps its lines."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import RenderableType

JsonValue = Any  # JSON has no useful static type


def echo_json(value: object) -> None:
    """Print one JSON object on standard output."""
    click.echo(json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(value: JsonValue) -> JsonValue:
    """Return what JSON can hold; a number that it cannot, not a number or infinite, is null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):
        return value
    item = getattr(value, "item", None)  # a numpy scalar
    return _plain(item()) if callable(item) else str(value)


def echo_rich(renderable: RenderableType) -> None:
    """Print something of rich with colour on a terminal; its lines are never broken."""
    from rich.console import Console

    console = Console()
    # Through click: rich would end the process with a code of its own when nobody reads.
    with console.capture() as capture:
        console.print(renderable, soft_wrap=True, highlight=False)
    click.echo(capture.get(), nl=False)
