"""Reference data beside the repository: too large, or not ours, to be part of it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared_file(name: str) -> Path:
    """
    Return the path of `shared/<name>` beside the repository, or skip the calling test.

    Example: `json.loads(shared_file("vectors/venue_gmx.json").read_text())`.
    """
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"reference data shared/{name} is not beside the repository")
    return path
