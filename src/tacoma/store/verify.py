"""
Whether a run directory is what was written: its seal, and its hash computed from the bytes there.

The seal (size and sha256 of every file, and the manifest's own) finds damage. The hash finds more:
a number that was changed in a table, with the seal made new to match.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tacoma.errors import OutputError
from tacoma.store.digest import hashed_scenario, run_digest
from tacoma.store.files import seal
from tacoma.store.ledger import LEDGER_TABLES, ledger_arrays, result_tables
from tacoma.store.manifest import MANIFEST_NAME, is_file_name, seal_of
from tacoma.store.rundir import TABLE_SUFFIX, read_manifest, read_tables

HASHED = ("version", "scenario", "seed", "hash", "steps")


@dataclass(frozen=True)
class Verdict:
    """
    What was found in a run directory.

    `faults` has a sentence for each file or hash that is not as it should be, `unchecked` one for
    each thing that could not be checked. `hash` was computed from the directory; it is None where
    that could not be done, and `expected` is the manifest's.
    """

    directory: str
    files: int
    bytes: int
    version: str
    expected: str
    hash: str | None
    faults: tuple[str, ...]
    unchecked: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing that was checked is at fault."""
        return not self.faults


def verify(directory: Path) -> Verdict:
    """
    Check a run directory against its manifest and compute its hash anew, without the engine.

    Raises OutputError where there is no finished run.
    """
    root = Path(directory)
    manifest = read_manifest(root)
    files = manifest["files"]
    faults = [*_manifest_faults(manifest), *seal_faults(root, files)]
    unchecked = []
    if "seal" not in manifest:
        unchecked.append(f"{MANIFEST_NAME} has no seal of its own: its summary is not checked")
    made = None
    if faults:
        unchecked.append("the hash is not computed from what is damaged")
    elif any(f"{name}{TABLE_SUFFIX}" not in files for name in LEDGER_TABLES):
        unchecked.append(
            "the final ledger is not in the directory, as an earlier version wrote it: the hash "
            "can only be checked by making the run again, with --again"
        )
    else:
        try:
            made = _hash_of(root, manifest)
        except (OutputError, TypeError, ValueError) as error:
            faults.append(f"hash: cannot be computed: {error}")
        else:
            if made != manifest["hash"]:
                faults.append(
                    f"hash: scenario, seed, version, tables and ledger give {made}, "
                    f"{MANIFEST_NAME} says {manifest['hash']}"
                )
    return Verdict(
        directory=str(directory),
        files=len(files) + 1,
        bytes=sum(_size(root / name) for name in [*files, MANIFEST_NAME]),
        version=str(manifest.get("version")),
        expected=str(manifest.get("hash")),
        hash=made,
        faults=tuple(faults),
        unchecked=tuple(unchecked),
    )


def seal_faults(root: Path, files: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each file that is missing, differs from its seal, or has none."""
    for name, expected in files.items():
        if not is_file_name(name) or not isinstance(expected, dict):
            yield f"{MANIFEST_NAME}: lists {name!r}, which is no file of a run"
            continue
        try:
            found = seal(root / name)
        except FileNotFoundError:
            yield f"{name}: is missing"
        except OSError as error:
            yield f"{name}: cannot be read ({error.strerror})"
        else:
            yield from _differences(name, found, expected)
    for path in sorted(root.iterdir()):
        if path.name not in files and path.name != MANIFEST_NAME:
            yield f"{path.name}: is not in {MANIFEST_NAME}; it was added later"


def _differences(name: str, found: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    if found["bytes"] != expected.get("bytes"):
        yield f"{name}: has {found['bytes']} bytes, {MANIFEST_NAME} says {expected.get('bytes')}"
    elif found != expected:
        yield (
            f"{name}: was changed, its sha256 is {found['sha256']}, "
            f"{MANIFEST_NAME} says {expected.get('sha256')}"
        )


def _manifest_faults(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the manifest itself."""
    if "seal" in manifest and manifest["seal"] != seal_of(manifest):
        yield f"{MANIFEST_NAME}: was changed, its content is not what it was sealed with"
    for name in HASHED:
        if name not in manifest:
            yield f"{MANIFEST_NAME}: {name} is missing"


def _hash_of(root: Path, manifest: Mapping[str, Any]) -> str:
    """Return the hash of a run from what its directory holds; its files are whole."""
    tables = read_tables(root)
    return run_digest(
        hashed_scenario(manifest["scenario"], manifest["steps"]),
        manifest["seed"],
        manifest["version"],
        result_tables(tables),
        ledger_arrays(tables),
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
