"""What `import tacoma` offers, and what it costs."""

import importlib.metadata
import subprocess
import sys
from types import SimpleNamespace

import pytest

import tacoma
from tacoma.scenario import bundled
from tacoma.scenario import load as load_scenario

HEAVY = ("numba", "llvmlite", "polars", "plotly", "numpy", "pydantic", "click", "rich")


def test_importing_costs_nothing():
    """`import tacoma` fetches no library, nor do the names that it offers."""
    code = f"""
import sys, tacoma
[getattr(tacoma, name) for name in tacoma.__all__]
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_version_is_that_of_the_package():
    """There is one version, whoever asks."""
    assert importlib.metadata.version("tacoma") == tacoma.__version__


def test_the_public_names():
    """These names are the promise; what is not among them may change."""
    assert [
        "__version__",
        "errors",
        "load",
        "replay",
        "run",
        "same_shock",
        "scenarios",
        "sweep",
        "verify",
    ] == tacoma.__all__


def test_scenarios_are_the_bundled_ones():
    """Each listed name can be loaded."""
    assert bundled() == tacoma.scenarios()
    for entry in tacoma.scenarios():
        assert entry.title == tacoma.load(entry.name).title


def test_load_takes_overrides_seed_and_accounts():
    """Loading is that of the scenario package, with the same exactness."""
    expected = load_scenario("oct-2025", ["makers.reach=50 %"], 7, 5000)
    assert expected == tacoma.load("oct-2025", ["makers.reach=50 %"], seed=7, accounts=5000)


def test_errors_are_at_hand():
    """Whatever is raised on purpose is caught as one of `tacoma.errors`."""
    with pytest.raises(tacoma.errors.UnknownScenarioError):
        tacoma.load("no such thing")
    with pytest.raises(tacoma.errors.InputError):
        tacoma.load("oct-2025", seed=-1)


@pytest.mark.parametrize("by_name", [True, False])
def test_run_takes_a_name_or_a_scenario(monkeypatch, by_name):
    """A name is loaded, a scenario is taken as it is; options are handed on."""
    calls = []

    def run(scenario, **options):
        calls.append((scenario, options))
        return "a run"

    monkeypatch.setitem(sys.modules, "tacoma.lab.run", SimpleNamespace(run=run))
    scenario = tacoma.load("oct-2025")
    outcome = tacoma.run("oct-2025" if by_name else scenario, seed=7, until="21:00", macro=False)
    assert outcome == "a run"
    options = {"seed": 7, "accounts": None, "control": True, "macro": False}
    options |= {"threads": 2, "until": "21:00", "progress": None}
    assert calls == [(scenario, options)]
