"""
Tacoma: a deterministic wind tunnel for derivatives venues.

`load` reads a scenario, `run` simulates it, `replay` makes a saved run again, `sweep` runs it for
many seeds and values, `same_shock` puts one shock through several venues, `verify` runs the engine
beside its specification, `scenarios` lists what comes with the package; `errors` holds whatever
they raise. Importing this module costs nothing: the engine and its libraries are fetched when they
are first needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tacoma import errors

if TYPE_CHECKING:
    from tacoma.lab.replay import ReplayResult
    from tacoma.lab.results import Run
    from tacoma.lab.same_shock import Outcome
    from tacoma.lab.sweep import Sweep
    from tacoma.lab.verify import Verification
    from tacoma.scenario import Scenario
    from tacoma.scenario.load import Bundled

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "errors",
    "load",
    "replay",
    "run",
    "same_shock",
    "scenarios",
    "sweep",
    "verify",
]

Progress = Callable[[float, int, str], None]
"""What `run` and its like call: the part done (0..1), the simulated second, and a text."""


def scenarios() -> list[Bundled]:
    """Return name and title of the scenarios that come with the package."""
    from tacoma.scenario import bundled

    return bundled()


def load(
    scenario: str | Path,
    overrides: Sequence[str] = (),
    *,
    seed: int | None = None,
    accounts: int | None = None,
) -> Scenario:
    """
    Return a scenario by bundled name or path of a .toml file, checked and frozen.

    Each override is `path=value`, as after `--set`. Raises `errors.InputError`.
    """
    from tacoma.scenario import load as load_scenario

    return load_scenario(scenario, overrides, seed, accounts)


def run(
    scenario: str | Path | Scenario,
    *,
    seed: int | None = None,
    accounts: int | None = None,
    control: bool = True,
    macro: bool = True,
    threads: int = 2,
    until: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """
    Simulate a scenario and return its results; nothing is written until `Run.save`.

    `control` adds the run without the shock, `macro` the run whose forced flow leaves prices alone.
    `until` is a time of day (UTC) at which to stop. Raises `errors.InputError`, and
    `errors.InvariantError` if the engine breaks one of its promises.
    """
    from tacoma.lab.run import run as run_scenario

    resolved = load(scenario) if isinstance(scenario, (str, Path)) else scenario
    return run_scenario(
        resolved,
        seed=seed,
        accounts=accounts,
        control=control,
        macro=macro,
        threads=threads,
        until=until,
        progress=progress,
    )


def same_shock(
    scenario: str | Path | Scenario, rulebooks: Sequence[str], *, threads: int = 2
) -> list[Outcome]:
    """
    Run a scenario's population and shock under each rulebook; return what each made of it.

    All accounts stand on the scenario's first venue, with the capital of all its funds behind it.
    Raises `errors.InputError` before anything runs.
    """
    from tacoma.lab.same_shock import same_shock as run_all

    resolved = load(scenario) if isinstance(scenario, (str, Path)) else scenario
    return run_all(resolved, rulebooks, threads=threads)


def sweep(
    scenario: str | Path,
    *,
    out: str | Path,
    seeds: Sequence[int] | None = None,
    overrides: Sequence[str] = (),
    accounts: int | None = None,
    processes: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
) -> Sweep:
    """
    Run a scenario for every seed and combination of values; results are kept in `out`.

    Each override is `path=value,value,...`, as after `--set`. A sweep that was stopped continues
    where it was; points that failed are tried again. `progress` is called with the points finished,
    all points, and a text. Raises `errors.InputError` before anything runs.
    """
    from tacoma.lab.sweep import sweep as run_sweep

    return run_sweep(
        scenario,
        out=out,
        seeds=seeds,
        overrides=overrides,
        accounts=accounts,
        processes=processes,
        progress=progress,
    )


def replay(directory: str | Path, progress: Progress | None = None) -> ReplayResult:
    """
    Make a saved run again from its recorded inputs; the result says whether the hashes match.

    Raises `errors.InputError` where there is no finished run.
    """
    from tacoma.lab.replay import replay as replay_run

    return replay_run(Path(directory), progress=progress)


def verify(
    scenario: str | Path | Scenario,
    *,
    seed: int | None = None,
    accounts: int | None = 300,
    until: str | None = None,
    progress: Progress | None = None,
) -> Verification:
    """
    Run the engine and the reference venue side by side and compare them after every step.

    `accounts` is small by default, since the reference is plain Python; None keeps the scenario's.
    The result holds the first difference, or None. Raises `errors.InputError`, and
    `errors.InvariantError` if the engine breaks one of its promises.
    """
    from tacoma.lab.verify import verify as verify_scenario

    resolved = load(scenario) if isinstance(scenario, (str, Path)) else scenario
    return verify_scenario(resolved, seed=seed, accounts=accounts, until=until, progress=progress)
