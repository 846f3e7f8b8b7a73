"""Runs and packages that the tests of this directory share."""

import pytest

from systems import watched, worlds
from systems.interpreted import interpreted_package


@pytest.fixture(scope="session")
def crash():
    """The flash crash at 2,000 accounts, compiled and driven to its end."""
    return worlds.crash()


@pytest.fixture(scope="session")
def package():
    """The engine's systems as plain Python."""
    return interpreted_package()


@pytest.fixture(scope="session")
def watch():
    """A crash in plain Python, with what its systems met written down."""
    return watched.watched()
