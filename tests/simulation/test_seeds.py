"""Every world that ever failed, shrunk: none of them fails any more."""

from pathlib import Path

import pytest

from simulation.case import read
from simulation.runner import run_case
from simulation.soak import SEEDS

FILES = sorted(SEEDS.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_world_that_failed_once(path):
    """The case of a mended defect holds every invariant, second runs included."""
    verdict = run_case(read(path))
    assert not verdict.failed, f"{Path(path).name}: {verdict}"


def test_there_are_cases():
    """The folder is where the soak writes to."""
    assert FILES
