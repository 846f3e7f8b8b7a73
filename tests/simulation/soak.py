"""
Run seeds until stopped, and say what they exercised: the program behind `make soak`.

A failing seed is shrunk and written to tests/seeds. Ctrl-C ends the run with its summary. The exit
code is 0 where every seed held, 3 where one did not.
"""

import argparse
import faulthandler
import itertools
import json
import multiprocessing
import signal
import sys
import time
from collections import Counter
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
BATCH = 20
STUCK_S = 300  # far more than any seed takes, compilation included
NEWS_S = 10
BROKEN_INVARIANT = 3


def run_batch(first, last, beat, folder):
    """Run some seeds in this process; return (seeds, failures, counts)."""
    from simulation.case import save
    from simulation.runner import run_seed
    from simulation.shrink import shrink

    counts, failures = Counter(), []
    for seed in range(first, last):
        beat.value = seed
        case, verdict = run_seed(seed)
        counts.update(verdict.counts)
        if verdict.failed:
            path = None
            if case.scenario:
                case, verdict = shrink(case, verdict)
                path = str(save(case, verdict, folder))
            failures.append((seed, verdict.invariant, verdict.step, verdict.detail, path))
    return last - first, failures, counts


def work(tasks, results, beat, folder):
    """Take batches until told to stop; an interrupted process goes quietly."""
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for first, last in iter(tasks.get, None):
        beat.value = first
        results.put(run_batch(first, last, beat, folder))
    results.put(None)


class Soak:
    """The processes of one soak, and what they found so far."""

    def __init__(self, first, last, processes, folder):
        """Prepare to run seeds from the first to before the last (None: for ever)."""
        self.first, self.last, self.folder = first, last, folder
        context = multiprocessing.get_context("spawn")
        self.tasks, self.results = context.Queue(), context.Queue()
        self.beats = [context.Value("q", -1) for _ in range(processes)]
        self.workers = [
            context.Process(target=work, args=(self.tasks, self.results, beat, str(folder)))
            for beat in self.beats
        ]
        self.seeds, self.failures, self.counts = 0, [], Counter()
        self.began = self.warm = None

    def batches(self):
        """Yield ranges of seeds, small enough to be stopped between them."""
        starts = itertools.count(self.first, BATCH)
        for start in starts:
            if self.last is not None and start >= self.last:
                return
            yield start, start + BATCH if self.last is None else min(start + BATCH, self.last)

    def run(self, tell):
        """Run all batches; `tell` hears the number of seeds now and then."""
        self.began = time.monotonic()
        for worker in self.workers:
            worker.start()
        batches, waiting, heard = self.batches(), 0, self.began
        try:
            for batch in itertools.islice(batches, 2 * len(self.workers)):
                self.tasks.put(batch)
                waiting += 1
            while waiting:
                self.take(self.next_result())
                waiting -= 1
                for batch in itertools.islice(batches, 1):
                    self.tasks.put(batch)
                    waiting += 1
                if time.monotonic() - heard > NEWS_S:
                    heard = time.monotonic()
                    tell(self)
        finally:
            for worker in self.workers:
                worker.terminate()

    def next_result(self):
        """Wait for a batch; raise RuntimeError naming the seed where a process has died."""
        import queue

        while True:
            try:
                return self.results.get(timeout=1)
            except queue.Empty:
                for worker, beat in zip(self.workers, self.beats, strict=True):
                    if worker.exitcode is not None:
                        message = f"a process ended with {worker.exitcode} at seed {beat.value}"
                        raise RuntimeError(message) from None

    def take(self, result):
        """Add one batch."""
        seeds, failures, counts = result
        if self.warm is None:  # the first batches wait for compilation
            self.warm, self.cold_seeds = time.monotonic(), seeds
        self.seeds += seeds
        self.failures += failures
        self.counts.update(counts)

    def summary(self):
        """Return what was found, as JSON's types."""
        took = time.monotonic() - (self.warm or self.began)
        warm = self.seeds - (self.cold_seeds if self.warm else 0)
        return {
            "seeds": self.seeds, "seeds_per_second": round(warm / max(took, 1e-9), 1),
            "seconds": round(time.monotonic() - self.began, 1), "processes": len(self.workers),
            "failures": [
                {"seed": seed, "invariant": name, "step": step, "detail": detail, "case": path}
                for seed, name, step, detail, path in self.failures
            ],
            "at_seeds": [beat.value for beat in self.beats],
            "counts": dict(sorted(self.counts.items())),
        }  # fmt: skip


def text(found):
    """Return the summary for people."""
    head = (
        f"{found['seeds']:,} seeds in {found['seconds']:,} s, {found['seeds_per_second']} a second"
    )
    lines = [f"{head} on {found['processes']} processes, {len(found['failures'])} failures"]
    lines += [
        f"  seed {entry['seed']}: {entry['invariant']} at step {entry['step']}: "
        f"{entry['detail']} ({entry['case']})"
        for entry in found["failures"]
    ]
    lines += [f"{name:48}{count:>14,}" for name, count in found["counts"].items()]
    return "\n".join(lines)


def seed_range(value):
    """Read "100..200" (the last not included) or "100.." (for ever)."""
    first, dots, last = value.partition("..")
    if not dots or not first.isdigit() or (last and not last.isdigit()):
        raise argparse.ArgumentTypeError(f"{value!r} must be FROM..TO, as in 0..5000, or FROM..")
    return int(first), int(last) if last else None


def main(arguments=None):
    """Run the soak; return its exit code."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.strip().splitlines()[0])
    parser.add_argument("--seeds", type=seed_range, default=(0, None), metavar="FROM..TO")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument("--folder", type=Path, default=SEEDS, help="where failing seeds go")
    chosen = parser.parse_args(arguments)
    soak = Soak(*chosen.seeds, chosen.processes, chosen.folder)

    def tell(soak):
        found = soak.summary()
        failed = len(found["failures"])
        sys.stderr.write(
            f"{found['seeds']:,} seeds, {found['seeds_per_second']} a second, {failed} failures\n"
        )

    for number in (signal.SIGINT, signal.SIGTERM):  # either ends the run with its summary
        signal.signal(number, signal.default_int_handler)
    try:
        soak.run(tell)
    except KeyboardInterrupt:
        at = ", ".join(str(beat.value) for beat in soak.beats)
        sys.stderr.write(f"stopped at seeds {at}\n")
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        seed = int(str(error).rpartition(" ")[2])
        soak.failures.append((seed, "no_crash", -1, str(error), None))
    found = soak.summary()
    sys.stdout.write((json.dumps(found, indent=1) if chosen.json else text(found)) + "\n")
    return BROKEN_INVARIANT if soak.failures else 0


if __name__ == "__main__":
    sys.exit(main())
