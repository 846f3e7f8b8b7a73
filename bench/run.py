"""Print what the engine costs, as figures: `make bench` (minutes) or `bench/run.py --quick`.

Every figure is the median of several runs on this machine, in this session; compare ratios, not
figures from different machines. Nothing here is asserted: timed tests would only measure the
neighbours.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

STEPS_PER_EVENING = 11_700


def child(code: str) -> dict[str, float]:
    """Run code in a fresh process and return what it prints as JSON, with its peak memory."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return found | {"process_s": time.perf_counter() - began}


RUN = """
import json, resource, time
began = time.perf_counter()
import tacoma
from tacoma.lab.run import run
first = []
def progress(fraction, second, text):
    if second > 0 and not first:
        first.append(time.perf_counter() - began)
scenario = tacoma.load("oct-2025")
result = run(scenario, accounts={accounts}, control={controls}, macro={controls}, threads={threads},
             progress=progress)
print(json.dumps({{
    "wall_s": result.wall_s, "compile_s": result.compile_s, "first_steps_s": first[0],
    "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    "liquidated_accounts": result.summary["liquidated_accounts"], "conserved": result.conserved,
}}))
"""


def evening(accounts: int, *, controls: bool, threads: int, repeats: int) -> dict[str, float]:
    """Time the evening at a size; median over repeats."""
    code = RUN.format(accounts=accounts, controls=controls, threads=threads)
    found = [child(code) for _ in range(repeats)]
    return {name: statistics.median(run[name] for run in found) for name in found[0]}


def bandwidth_gb_per_s() -> float:
    """Read bandwidth of one core: the sum of an array larger than the caches."""
    values = np.ones(16_000_000, dtype=np.int64)
    values.sum()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        values.sum()
        times.append(time.perf_counter() - began)
    return values.nbytes / min(times) / 1e9


def step_loop(accounts: int) -> dict[str, float]:
    """Time the step loop alone, and one numpy full scan of the same accounts for comparison."""
    import tacoma
    from tacoma.lab.drive import drive
    from tacoma.lab.run import _prepare
    from tacoma.lab.tables import equities
    from tacoma.world.build import build

    scenario = tacoma.load("oct-2025", accounts=accounts)
    began = time.perf_counter()
    built = build(scenario, scenario.seed)
    build_s = time.perf_counter() - began
    _prepare(built)
    began = time.perf_counter()
    equities(built)
    scan_s = time.perf_counter() - began
    began = time.perf_counter()
    driven = drive(built, scenario.seed, scenario.steps)
    loop_s = time.perf_counter() - began
    evaluated = int(built.world.record.venue[1:, :, -1].sum())
    return {
        "accounts": accounts,
        "build_s": build_s,
        "step_loop_s": loop_s,
        "steps_per_s": scenario.steps / loop_s,
        "evaluations_per_step": evaluated / scenario.steps,
        "journal_records": len(driven.journal),
        "numpy_scan_s": scan_s,
        "index_over_numpy_scans": scan_s * scenario.steps / loop_s,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small worlds, one repeat")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    repeats = 1 if options.quick else 3
    full = 100_000 if options.quick else 1_600_000
    child(RUN.format(accounts=2_000, controls=False, threads=1))  # compile once
    found = {
        "machine": {
            "python": platform.python_version(),
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "read_bandwidth_gb_per_s": bandwidth_gb_per_s(),
        },
        "evening_50k": evening(50_000, controls=True, threads=2, repeats=repeats),
        "evening_full": evening(full, controls=True, threads=2, repeats=repeats),
        "evening_full_alone": evening(full, controls=False, threads=1, repeats=repeats),
        "step_loop": [step_loop(size) for size in (2_000, 20_000, 200_000, full)],
    }
    if options.json:
        print(json.dumps(found, indent=2))
        return
    show(found, full)


def show(found: dict, full: int) -> None:
    """Print the figures for people."""
    machine = found["machine"]
    print(
        f"{machine['cores']} cores, Python {machine['python']}, "
        f"reads {machine['read_bandwidth_gb_per_s']:.1f} GB/s on one core\n"
    )
    print(f"{'10 October 2025, 11,700 steps, two venues':<60}    wall  first steps   memory")
    for name, label in (
        ("evening_50k", "50,000 accounts, with both control runs, 2 threads"),
        ("evening_full", f"{full:,} accounts, with both control runs, 2 threads"),
        ("evening_full_alone", f"{full:,} accounts, the run alone, 1 thread"),
    ):
        row = found[name]
        print(
            f"  {label:<58}{row['wall_s']:>6.1f} s{row['first_steps_s']:>12.1f} s"
            f"{row['peak_gb']:>9.1f} GB"
        )
    print("\nstep loop alone   accounts  seconds    steps/s  checks/step  times numpy full scans")
    for row in found["step_loop"]:
        print(
            f"{row['accounts']:>26,}{row['step_loop_s']:>9.2f}{row['steps_per_s']:>11,.0f}"
            f"{row['evaluations_per_step']:>13,.1f}{row['index_over_numpy_scans']:>15,.1f}"
        )
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\nthis process used {used:.1f} GB at most")


if __name__ == "__main__":
    main()
