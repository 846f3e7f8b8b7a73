"""
The manifest of a run directory: what was run, what came out, and the seal that it is whole.

A manifest is the caller's dictionary plus four keys: `format`, `files` (bytes and sha256 of every
other file), `complete`, and `seal` (the sha256 of everything else in the manifest). It is written
last, so a directory without one is not a run.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

MANIFEST_NAME = "manifest.json"
FORMAT = "tacoma run 1"
OWN_KEYS = ("format", "files", "complete", "seal")


def is_file_name(name: str) -> bool:
    """Say whether a file that is not the manifest may have this name: plain, and not hidden."""
    return bool(name) and name != MANIFEST_NAME and name[0] != "." and Path(name).name == name


def sealed(
    manifest: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]], form: str = FORMAT
) -> dict[str, Any]:
    """
    Return the manifest with its seal; a key that the seal needs must not be in use.

    `form` says what kind of directory it is, and in which version of its layout.
    """
    used = [key for key in OWN_KEYS if key in manifest]
    if used:
        raise ValueError(f"manifest keys {', '.join(used)} are written by the store itself")
    whole = {
        "format": form,
        **manifest,
        "files": {name: dict(files[name]) for name in sorted(files)},
        "complete": True,
    }
    return whole | {"seal": seal_of(whole)}


def seal_of(manifest: Mapping[str, Any]) -> str:
    """Return the sha256 over everything in a manifest but the seal itself, as 64 hex digits."""
    content = {name: value for name, value in manifest.items() if name != "seal"}
    plain = json.loads(to_text(content))  # what reading it back will give
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def to_text(manifest: Mapping[str, Any]) -> str:
    """Return the manifest as indented JSON that ends with a line break."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
    return text + "\n"


def _plain(value: object) -> object:
    """Times and paths become text; anything else would not read back, so it is refused."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    item = getattr(value, "item", None)  # a numpy scalar
    if callable(item):
        return item()
    raise TypeError(f"a manifest cannot hold a value of type {type(value).__name__}")


def parse(text: str, form: str = FORMAT) -> dict[str, Any] | None:
    """Return the manifest that the text holds, or None where it is not a finished run's."""
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(manifest, dict) or manifest.get("format") != form:
        return None
    if manifest.get("complete") is not True or not isinstance(manifest.get("files"), dict):
        return None
    return manifest
