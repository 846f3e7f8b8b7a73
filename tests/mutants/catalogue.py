"""
The list of mutants: sources with one seeded bug each, and the tests that must notice it.

The list is data, one TOML file per part of the package. Each mutant has a name, the harm it would
do, a file of the package, a text that occurs in it exactly once, what replaces it, and its tests.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "src/tacoma"
KEYS = {"name", "harm", "file", "find", "replace", "tests"}


@dataclass(frozen=True)
class Mutant:
    """One seeded bug; `file` is relative to the package, `tests` to the directory of tests."""

    name: str
    harm: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...]

    @property
    def module(self) -> str:
        """`rules/losses/adl.py` is tacoma.rules.losses.adl."""
        return ".".join(("tacoma", *Path(self.file).with_suffix("").parts))

    def source(self, root: Path = ROOT) -> Path:
        """Return where the file lies in a copy of the repository."""
        return root / PACKAGE / self.file

    def applied(self, text: str) -> str:
        """Return the source with the bug in it; ValueError where it has no or several places."""
        places = text.count(self.find)
        if places != 1:
            raise ValueError(
                f"{self.name}: {self.find!r} occurs {places} times in {self.file}, must occur "
                "once; the source has changed, so give the mutant a text of today's"
            )
        return text.replace(self.find, self.replace)


def catalogue() -> list[Mutant]:
    """Return all mutants, in the order of their files; ValueError for an unknown or missing key."""
    mutants = []
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
            if set(entry) != KEYS:
                raise ValueError(f"{path.name}: {entry.get('name')}: keys must be {sorted(KEYS)}")
            mutants.append(Mutant(**entry | {"tests": tuple(entry["tests"])}))
    return mutants
