"""One world to run: a scenario, how many accounts and steps, and what enters from outside."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulation.copies import slim
from simulation.dice import Dice
from simulation.generator import scenario_table
from simulation.orders import drawn_records
from tacoma import __version__
from tacoma.errors import InputError
from tacoma.scenario import from_dict
from tacoma.world.build import build, empty_journal

ATTEMPTS = 20
COLUMNS = ("step", "kind", "account", "market", "first", "second", "third", "fourth")


@dataclass(frozen=True)
class Case:
    """A world, complete in itself; the seed says where it came from and draws the population."""

    seed: int
    accounts: int  # of the population; a scenario file asks for more, the engine does not
    steps: int
    scenario: dict
    records: list = field(default_factory=list)

    def change(self, **fields):
        """Return a copy with other fields."""
        return dataclasses.replace(self, **fields)

    def loaded(self):
        """Return the scenario, checked by the loader; raises InputError."""
        return from_dict(self.scenario).model_copy(update={"accounts": self.accounts})

    def made(self, scenario=None):
        """Return the world without the records, not yet prepared."""
        scenario = scenario or self.loaded()
        return slim(build(scenario, scenario.seed))

    def _order(self, timeline):
        """Return the timeline's rows, and where each of them and of the records goes."""
        outside = timeline.rows[: int(timeline.length[0])]
        mine = [record["step"] for record in self.records]
        steps = np.concatenate([outside["step"].astype(np.int64), np.array(mine, dtype=np.int64)])
        return outside, np.argsort(steps, kind="stable")

    def queue(self, timeline):
        """Return the timeline's records and the case's own after them, in order of step."""
        outside, order = self._order(timeline)
        count = len(order)
        queue = empty_journal(max(count, 1))
        rows = np.zeros(count, dtype=queue.rows.dtype)
        rows[: len(outside)] = outside
        for place, record in enumerate(self.records, len(outside)):
            rows[place] = tuple(record[name] for name in rows.dtype.names)
        queue.rows[:count] = rows[order]
        queue.length[0] = count
        return queue

    def edges(self, timeline):
        """Return {step: [(place in the queue, account, quanta above maintenance)]}."""
        outside, order = self._order(timeline)
        found = {}
        for place, origin in enumerate(order.tolist()):
            record = self.records[origin - len(outside)] if origin >= len(outside) else {}
            if "edge" in record:
                entry = place, record["account"], record["edge"]
                found.setdefault(record["step"], []).append(entry)
        return found


def drawn(seed):
    """Return the case of a seed: the first of its scenarios that the loader accepts."""
    for attempt in range(ATTEMPTS):
        table = scenario_table(seed, attempt)
        dice = Dice("size", f"{seed}/{attempt}")
        case = Case(seed, dice.one(8, 12, 16, 24, 36), 0, table)
        try:
            scenario = case.loaded()
        except InputError:
            continue
        case = case.change(steps=scenario.steps)
        made = case.made(scenario)
        return case.change(records=drawn_records(seed, made, scenario.steps)), scenario, made
    raise AssertionError(f"no scenario of seed {seed} is sound in {ATTEMPTS} attempts")


def save(case, verdict, folder):
    """Write a failing case, with what failed and under which version; return its path."""
    path = Path(folder) / f"{verdict.invariant}-{case.seed}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = {
        "failed": {
            "invariant": verdict.invariant, "step": verdict.step, "detail": verdict.detail,
            "version": __version__,
        },
        "seed": case.seed, "accounts": case.accounts, "steps": case.steps,
        "scenario": case.scenario, "records": case.records,
    }  # fmt: skip
    path.write_text(json.dumps(text, indent=1) + "\n")
    return path


def read(path):
    """Return the case of a file that `save` wrote."""
    text = json.loads(Path(path).read_text())
    return Case(text["seed"], text["accounts"], text["steps"], text["scenario"], text["records"])
