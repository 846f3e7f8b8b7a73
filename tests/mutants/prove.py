"""
Prove that the tests notice seeded bugs: `make mutants`.

First the chosen tests run on an unchanged copy of the repository and must pass. Then each mutant
gets a copy of its own, in which its tests must fail by an assertion or by an invariant that the
engine found broken. Everything runs interpreted (NUMBA_DISABLE_JIT=1): compiling the engine anew
would take most of a minute for each mutant. Exit code 0 when every mutant is noticed, 1 when one
survives or proves nothing, 2 when the unchanged copy fails or a name is unknown.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from mutants.catalogue import ROOT, Mutant, catalogue
from mutants.witness import MODULE, PROFILE, RECORD

COPIED = ("src", "tests", "bench", "pyproject.toml")
SECONDS_MAX = 600  # of one mutant's tests; a bug that never ends has not been noticed
NOTICED, SURVIVED, BROKEN = "killed", "SURVIVED", "BROKEN"
OUTCOME_ORDER = (NOTICED, BROKEN, SURVIVED)


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: the test that noticed it, or why it proves nothing."""

    name: str
    outcome: str
    test: str
    detail: str
    seconds: float


@contextlib.contextmanager
def copy_of_repository(mutant: Mutant | None) -> Iterator[Path]:
    """Give a temporary copy of what tests need, with the bug of the mutant, if one is given."""
    with tempfile.TemporaryDirectory(prefix="tacoma-mutant-") as place:
        root = Path(place)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                # Bytecode is judged by its source's time and size: a bug could keep both.
                hidden = shutil.ignore_patterns("__pycache__", ".*")
                shutil.copytree(source, root / name, ignore=hidden)
            else:
                shutil.copy(source, root / name)
        if mutant is not None:
            path = mutant.source(root)
            changed = mutant.applied(path.read_text(encoding="utf-8"))
            compile(changed, mutant.file, "exec")
            path.write_text(changed, encoding="utf-8")
        yield root


def run_tests(root: Path, module: str, tests: list[str]) -> dict:
    """Run tests in a copy; return what `witness.py` saw, or why it saw nothing."""
    record = root / "witness.json"
    environment = os.environ | {
        "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root / 'tests'}",
        "PYTHONHASHSEED": "0", "TACOMA_CACHE_DIR": str(root / "cache"),
        RECORD: str(record), MODULE: module,
    }  # fmt: skip
    command = [
        sys.executable, "-m", "pytest", "-x", "-q", "-p", "mutants.witness",
        "-p", "no:cacheprovider", "--tb=no", f"--hypothesis-profile={PROFILE}",
        *(f"tests/{test}" for test in tests),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False,
            timeout=SECONDS_MAX,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"failure": f"the tests ran for more than {SECONDS_MAX} s"}
    if not record.exists():
        return {"failure": (done.stderr or done.stdout).strip()[-500:] or "pytest wrote nothing"}
    seen = json.loads(record.read_text(encoding="utf-8"))
    if not Path(seen["module"]).resolve().is_relative_to(root.resolve()):
        return {"failure": f"the tests imported {seen['module']} and not the copy"}
    if done.returncode not in (0, 1):
        return {"failure": done.stdout.strip()[-500:]}
    return seen


def judged(mutant: Mutant, seen: dict, seconds: float) -> Outcome:
    """Say what a test run means: noticed, survived, or no proof at all."""
    result = partial(Outcome, mutant.name, seconds=round(seconds, 1))
    if "failure" in seen:
        return result(outcome=BROKEN, test="", detail=seen["failure"])
    if seen["accidents"]:
        test, error = seen["accidents"][0]
        return result(outcome=BROKEN, test=test, detail=f"not by an assertion: {error}")
    if seen["noticed"]:
        test, error = seen["noticed"][0]
        return result(outcome=NOTICED, test=test.removeprefix("tests/"), detail=error)
    return result(outcome=SURVIVED, test="", detail=f"{seen['passed']} tests passed")


def prove(mutant: Mutant) -> Outcome:
    """Run a mutant's tests against a copy that has its bug."""
    start = time.monotonic()
    try:
        with copy_of_repository(mutant) as root:
            seen = run_tests(root, mutant.module, list(mutant.tests))
    except (ValueError, SyntaxError) as error:  # does not apply, or is no Python
        seen = {"failure": str(error)}
    return judged(mutant, seen, time.monotonic() - start)


def unchanged(mutants: list[Mutant]) -> str:
    """Run all the tests on an unchanged copy; return what is wrong, nothing when they pass."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    with copy_of_repository(None) as root:
        seen = run_tests(root, "tacoma.engine", tests)
    if "failure" in seen:
        return str(seen["failure"])
    # A skipped test notices nothing, so it is no proof either.
    failures = seen["noticed"] + seen["accidents"] + seen["skipped"]
    if failures:
        return f"{failures[0][0]}: {failures[0][1]}"
    return "" if seen["passed"] >= len(tests) else f"only {seen['passed']} tests ran"


def table(outcomes: list[Outcome]) -> str:
    """Return the mutants as lines, noticed ones first, with the test and its time."""
    width = max(len(outcome.name) for outcome in outcomes)
    lines = []
    for result in sorted(outcomes, key=lambda found: OUTCOME_ORDER.index(found.outcome)):
        last = result.detail.replace("\n", " ")[:200]
        what = result.test if result.outcome == NOTICED else f"{result.test} {last}".strip()
        lines.append(f"{result.outcome:8}  {result.name:{width}}  {result.seconds:5.1f} s  {what}")
    return "\n".join(lines)


def tell(text: str) -> None:
    """Write progress and errors where they disturb no result."""
    sys.stderr.write(f"{text}\n")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="mutants.prove", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")
    return parser.parse_args()


def main() -> int:
    """Prove all mutants, or those named; return the exit code."""
    options, known = arguments(), {mutant.name: mutant for mutant in catalogue()}
    unknown = [name for name in options.only or () if name not in known]
    if unknown:
        tell(f"no such mutant: {', '.join(unknown)}; known: {', '.join(known)}")
        return 2
    chosen = [known[name] for name in options.only or known]
    start = time.monotonic()
    if failure := unchanged(chosen):
        tell(f"without any mutant the tests do not pass: {failure}")
        return 2
    outcomes = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for outcome in pool.map(prove, chosen):
            outcomes.append(outcome)
            done = f"{len(outcomes)} of {len(chosen)}"
            tell(f"{done}: {outcome.outcome} {outcome.name}")
    killed = sum(outcome.outcome == NOTICED for outcome in outcomes)
    seconds = time.monotonic() - start
    if options.json:
        result = {"mutants": len(outcomes), "killed": killed, "seconds": round(seconds, 1)}
        text = json.dumps(result | {"outcomes": [asdict(outcome) for outcome in outcomes]})
    else:
        text = f"{table(outcomes)}\n{killed} of {len(outcomes)} mutants killed in {seconds:.0f} s"
    sys.stdout.write(f"{text}\n")
    return 0 if killed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
