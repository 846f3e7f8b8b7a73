"""One world, run with every assertion on: the invariants after each step, then the second runs."""

import traceback
from types import SimpleNamespace

import numpy as np

from simulation import coverage, stepping, twice
from simulation.case import Case, drawn
from simulation.copies import copy_of
from simulation.invariants_adl import ADL
from simulation.invariants_funds import FUNDS
from simulation.invariants_ledger import LEDGER
from simulation.invariants_liquidation import LIQUIDATION
from simulation.moment import EQUITY, MAINTENANCE, Moment
from simulation.verdict import Verdict
from systems.exact import Scan
from tacoma.errors import ScenarioError
from tacoma.world.build import empty_journal
from tacoma.world.codes import EXEMPT, LIQUIDATING, OPTION

EVERY_STEP = (*LEDGER, *LIQUIDATION, *FUNDS, *ADL)
NAMES = tuple(check.__name__ for check in EVERY_STEP)
CRASHED = "no_crash"
# What only building a world can tell: its values, lots and money leave the stated bounds.
BEYOND_BOUNDS = (
    "takes the value of a lot",
    "must hold at most",
    "gives one account a balance",
    "makes balances, wallets",
)
LOOK_EVERY = 4  # steps between exact looks at somebody who does not fail
JOURNAL_ROWS = 1 << 15  # more than a small world writes in all its steps


class World:
    """A built case in the course of its run."""

    def __init__(self, case, scenario, made, pieces=stepping):
        """Open the books of a copy; `made` is the case's world without its records, unprepared."""
        self.case, self.scenario, self.pieces = case, scenario, pieces
        self.queue = case.queue(made.inputs)
        self.pristine, self.built = made, copy_of(made)
        made = self.built
        pieces.prepare(made.world)
        made.world.clock.steps[0] = case.steps
        self.moment = Moment(scenario, made, pieces)
        self.moment.could_refuse, self.moment.rested, self.moment.batch_before = set(), set(), set()
        self.exact = Scan(scenario, made)
        self.option_rows = [m.row for m in made.directory.markets if m.kind == OPTION]
        self.journal, self.cursor = empty_journal(JOURNAL_ROWS), np.zeros(2, dtype=np.int64)
        self.edges = case.edges(made.inputs)
        self.events, self.crowded = [], []

    def set_edges(self, step):
        """Set the amounts of the transfers that bring an account to its maintenance margin."""
        for place, account, edge in self.edges.get(step, ()):
            if account >= self.moment.count:
                continue
            found, excess = self.moment.scan, int(self.moment.excess[account])
            need = int(found[MAINTENANCE, account]) + excess
            self.queue.rows["first"][place] = need + edge - int(found[EQUITY, account])

    def note_exact(self, step):
        """Look at the failing, and now and then at another account, by the rulebook's words."""
        moment, before = self.moment, self.moment.before
        moment.rested |= moment.resting()
        for market in self.option_rows:  # what expires is worth what it was worth then
            self.exact.options.worth(market)
        kept = moment.on_venue & (moment.accounts.status != EXEMPT)
        failing = kept & (before.slack < 0) & (before.status != LIQUIDATING)
        wanted = set(failing.nonzero()[0].tolist())
        if step % LOOK_EVERY == 0:
            wanted.add(step // LOOK_EVERY * 7 % moment.count)
        moment.exact = {
            account: self.exact.margin(account)[:2]
            for account in wanted
            if moment.on_venue[account]
        }

    def steps(self, *, with_agents=True):
        """Run step after step; yield each step's moment before its invariants are asked."""
        moment = self.moment
        rows = len(self.journal.rows) - len(self.queue.rows) - len(self.built.agents.outbox.rows)
        for step in range(1, self.case.steps + 1):
            assert int(self.journal.length[0]) < rows, "the journal is full"
            self.set_edges(step)
            moment.rested = moment.resting()
            moment.batch_before = moment.liquidating()
            for name in moment.run_step(
                self.queue, self.cursor, self.journal, with_agents=with_agents
            ):
                if name == "before":
                    self.note_exact(step)
                else:
                    yield step, moment
                    self.events.append((moment.liquidations, moment.deleveragings))
                    self.crowded.append(self.is_crowded())

    def is_crowded(self):
        """Say whether several accounts of one venue were in liquidation in this step."""
        here = list(self.moment.batch_before | self.moment.liquidating())
        return len(set(self.moment.accounts.venue[here].tolist())) < len(here)

    def result(self):
        """Return what a second run of this world has to reproduce."""
        world = self.built.world
        return SimpleNamespace(
            ledger={
                name: np.ascontiguousarray(table[name])
                for table, names in (
                    (world.accounts, ("balance", "wallet", "status", "since")),
                    (world.positions, ("lots", "entry")),
                )
                for name in names
            },
            journal=self.journal.rows[: int(self.journal.length[0])].copy(),
            events=self.events, record=world.record, queue=self.queue,
        )  # fmt: skip


def check_steps(world, verdict):
    """Run a world through; fill in the first invariant that fails."""
    for step, moment in world.steps():
        for check in EVERY_STEP:
            detail = check(moment)
            if detail is not None:
                verdict.invariant, verdict.step = check.__name__, step
                verdict.detail = detail
                return
        coverage.count_step(verdict.counts, moment)


def run_case(case, scenario=None, made=None, *, pieces=stepping, deep=None):
    """
    Run one case and return its verdict.

    `deep` names the second runs to make (`twice.CHECKS`); None takes all of them.
    """
    verdict = Verdict(case.seed)
    try:
        with np.errstate(over="ignore"):
            scenario = scenario or case.loaded()
            made = made or case.made(scenario)
            world = World(case, scenario, made, pieces)
            check_steps(world, verdict)
            coverage.count_world(verdict.counts, world)
            if not verdict.failed:
                twice.check(world, verdict, deep)
    except Exception as error:  # noqa: BLE001 - whatever it is, the seed must be known
        where = traceback.extract_tb(error.__traceback__)[-1]
        verdict.invariant, verdict.step = CRASHED, int(getattr(error, "step", -1))
        verdict.detail = f"{type(error).__name__}: {error} ({where.name}:{where.lineno})"
        verdict.place = f"{type(error).__name__} in {where.name}"
    return verdict


def run_seed(seed):
    """Draw the world of a seed and run it; return the case and its verdict."""
    try:
        case, scenario, made = drawn(seed)
    except ScenarioError as error:
        if not any(text in str(error) for text in BEYOND_BOUNDS):
            return Case(seed, 0, 0, {}), Verdict(seed, CRASHED, -1, f"ScenarioError: {error}")
        verdict = Verdict(seed)
        verdict.counts["worlds"] += 1
        verdict.counts["worlds refused for their size"] += 1
        return Case(seed, 0, 0, {}), verdict
    except Exception as error:  # noqa: BLE001 - as above
        empty = Case(seed, 0, 0, {})
        return empty, Verdict(seed, CRASHED, -1, f"{type(error).__name__}: {error}")
    return case, run_case(case, scenario, made, deep=twice.sample(seed, case))
