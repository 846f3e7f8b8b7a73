"""The reference takes nothing from the engine that it checks, nor from what compiles it."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from test_tidy import PACKAGE, Source, imported, python_sources

REFERENCE, LAB = f"{PACKAGE}/reference/x.py", f"{PACKAGE}/lab/x.py"
# What the reference may share with the engine: rules, names of kinds, and stated limits.
SHARED = ("tacoma.reference", "tacoma.rules", "tacoma.errors", "tacoma.world.codes",
          "tacoma.world.limits")  # fmt: skip
READS_ARRAYS = ("reference", "from_world")


def reference_is_plain(source: Source) -> Iterator[str]:
    """The reference is a second implementation only while it takes nothing from the first."""
    if source.layer != "reference":
        return
    for node, name in imported(source):
        parts = name.split(".")
        if parts[0] == "numpy" and source.module != READS_ARRAYS:
            yield source.fault(node, f"{name}: only reference/from_world.py reads arrays")
        if parts[0] in {"numba", "llvmlite"}:
            yield source.fault(node, f"{name}: the reference is plain Python")
        if name in {"tacoma.world.codes", "tacoma.world.layout.World"}:  # `import codes`, a type
            continue
        if parts[0] == "tacoma" and not name.startswith(tuple(f"{part}." for part in SHARED)):
            yield source.fault(node, f"{name}: the reference is written without the engine")


def test_reference_is_plain():
    """No file of the reference imports the engine, its tables, or a compiler."""
    sources = [source for source in python_sources() if source.layer == "reference"]
    assert len(sources) > 20
    faults = [fault for source in sources for fault in reference_is_plain(source)]
    assert not faults, "\n" + "\n".join(faults)


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        (REFERENCE, "from tacoma.systems.ledger import trade", 1),
        (REFERENCE, "import math\nfrom tacoma.engine import advance", 2),
        (REFERENCE, "from tacoma.world.schedule import rate_ppm", 1),
        (REFERENCE, "from tacoma.compile import kernel", 1),
        (REFERENCE, "import numpy as np", 1),
        (REFERENCE, "from numpy.typing import NDArray", 1),
        (REFERENCE, "def f():\n    import numba", 2),
        (f"{PACKAGE}/reference/from_world.py", "from numba import njit", 1),
    ],
)
def test_check_catches(path, text, line):
    """The check reports this violation, at its file and line."""
    faults = list(reference_is_plain(Source(path, text)))
    assert faults
    assert faults[0].startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (REFERENCE, "from tacoma.rules.losses.adl import take"),
        (REFERENCE, "from tacoma.world import codes"),
        (f"{PACKAGE}/reference/from_world.py", "import numpy as np"),
        (LAB, "import numpy as np\nfrom tacoma.engine import advance"),
    ],
)
def test_check_allows(path, text):
    """What the reference may use is not reported."""
    assert list(reference_is_plain(Source(path, text))) == []


def test_importing_the_reference_fetches_no_compiler():
    """Whatever is behind its imports: the reference runs without numba and without the engine."""
    code = """
import sys
import tacoma.reference.from_world, tacoma.reference.step
names = ("numba", "llvmlite", "tacoma.engine", "tacoma.systems", "tacoma.world.build")
print([name for name in names if name in sys.modules])
"""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
