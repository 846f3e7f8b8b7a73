"""Put the tables that the package prints into the pages of `docs/`: `python bench/venues.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tacoma import bounds

DOCS = Path(__file__).resolve().parents[1] / "docs"


def with_table(page: Path, name: str, table: str) -> str:
    """Return the page with another table between its markers."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->\n"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise SystemExit(f"{page}: needs the lines {begin.strip()} and {end.strip()}.")
    return before + begin + table + end + after


if __name__ == "__main__":
    command = [sys.executable, "-m", "tacoma", "rulebooks", "--markdown"]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    for file, name, table in (
        ("venues.md", "venues", printed),
        ("bounds.md", "maxima", bounds.table()),
    ):
        page = DOCS / file
        page.write_text(with_table(page, name, table), encoding="utf-8")
