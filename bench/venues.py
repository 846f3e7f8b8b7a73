"""Put the table of `tacoma rulebooks --markdown` into docs/venues.md: `python bench/venues.py`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "venues.md"
BEGIN, END = "<!-- venues:begin -->\n", "<!-- venues:end -->\n"


def with_table(text: str, table: str) -> str:
    """Return the page with another table between its markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{PAGE}: needs the lines {BEGIN.strip()} and {END.strip()}.")
    return before + begin + table + end + after


if __name__ == "__main__":
    command = [sys.executable, "-m", "tacoma", "rulebooks", "--markdown"]
    table = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
