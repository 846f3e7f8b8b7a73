"""Runs that the tests of this directory share."""

import pytest

from systems import worlds


@pytest.fixture(scope="session")
def run():
    """A finished run of flash-crash at 2,000 accounts; look, do not change."""
    return worlds.run()


@pytest.fixture(scope="session")
def saved(run, tmp_path_factory):
    """The directory of that run, without its report; look, do not change."""
    return run.save(tmp_path_factory.mktemp("runs") / "run", report=False)
