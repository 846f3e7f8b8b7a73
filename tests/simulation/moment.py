"""
What a world looked like at the three moments of one step, as plain arrays.

`before` the waterfalls (prices are set, nobody has been liquidated yet), when they have `settled`,
and `after` the step. Prices and rules do not change between the three.
"""

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from tacoma.world import layout
from tacoma.world.codes import LIQUIDATING, OPTION, PERPETUAL, SPOT

Liquidation = NamedTuple("Liquidation", [(name, int) for name in layout.LIQUIDATIONS.names])
Deleveraging = NamedTuple("Deleveraging", [(name, int) for name in layout.DELEVERAGINGS.names])

ACCOUNT_COLUMNS = (
    "balance", "wallet", "status", "since", "venue", "kind", "slot_first", "slot_last",
    "is_touched", "has_options",
)  # fmt: skip
POSITION_COLUMNS = ("lots", "entry", "account", "market")
EQUITY, MAINTENANCE, NOTIONAL = 0, 1, 2


def columns(table, names):
    """Return columns of a record table as live views, which are quick to read."""
    plain = table.view(np.ndarray)
    return SimpleNamespace(**{name: plain[name] for name in names})


class Moment:
    """One world under watch: live views, and copies of the moments of the current step."""

    def __init__(self, scenario, built, pieces):
        """Take views of a prepared world; `pieces` is the engine's second (`stepping`)."""
        self.scenario, self.built, self.pieces = scenario, built, pieces
        world = self.world = built.world
        self.accounts = columns(world.accounts, ACCOUNT_COLUMNS)
        self.positions = columns(world.positions, POSITION_COLUMNS)
        self.markets = columns(world.markets, world.markets.dtype.names)
        self.rules = columns(world.rules, world.rules.dtype.names)
        self.venues = columns(world.venues, world.venues.dtype.names)
        self.step, self.count = 0, len(world.accounts)
        self.margin_venues = built.directory.margin_venues
        self.on_venue = self.accounts.venue < self.margin_venues
        self.excess = np.where(
            self.on_venue, self.rules.margin_excess[self.accounts.venue % self.margin_venues], 0
        )
        self.slot_market = self.positions.market.astype(np.int64)
        self.slot_account = self.positions.account.astype(np.int64)
        self.is_held = self.markets.kind[self.slot_market] != SPOT  # perpetuals and options
        self.by_market = np.argsort(self.slot_market, kind="stable")
        self.has_interest = np.isin(self.markets.kind, (PERPETUAL, OPTION))
        self.market_starts = self.markets.slot_first
        self.total = self.money()
        self.before = self.settled = None
        self.scan = np.zeros((3, self.count), dtype=np.int64)
        self.pieces.measure(world, self.scan)
        self.exact = {}  # equity and maintenance by the rulebook's words, of some accounts

    def money(self):
        """Return all money in Python's integers: balances and wallets less what positions cost."""
        people = self.accounts
        return (
            sum(people.balance.tolist())
            + sum(people.wallet.tolist())
            - sum(self.positions.entry.tolist())
        )

    def measured(self):
        """Return equity, maintenance and notional of everybody now."""
        self.pieces.measure(self.world, self.scan)
        return self.scan.copy()

    def copy(self, last=None):
        """
        Return what everybody holds now.

        `last` is an earlier moment of the step: where nobody's holdings have changed since, its
        scan is taken over, because prices and rules have not changed either.
        """
        people, slots = self.accounts, self.positions
        same = last is not None and (
            (last.balance == people.balance).all()
            and (last.lots == slots.lots).all()
            and (last.entry == slots.entry).all()
        )
        scan = last.scan if same else self.measured()
        needed = scan[MAINTENANCE] + np.where(scan[MAINTENANCE] != 0, self.excess, 0)
        return SimpleNamespace(
            balance=people.balance.copy(), status=people.status.copy(), since=people.since.copy(),
            lots=slots.lots.copy(), entry=slots.entry.copy(), scan=scan,
            slack=scan[EQUITY] - needed,
        )  # fmt: skip

    def run_step(self, inputs, cursor, journal, *, with_agents=True):
        """Run one step of the engine and keep its moments and events."""
        events = self.world.events
        self.pieces.enter(self.world, self.built.agents, inputs, cursor, journal)
        self.step += 1
        self.before = self.copy()
        yield "before"
        self.pieces.settle(self.world)
        self.settled = self.copy(self.before)
        self.pieces.leave(self.world, self.built.agents, with_agents)
        self.after = self.copy(self.settled)
        counts = events.counts
        ended, closed, _ = counts[0]
        rows = events.liquidations[: int(ended)].tolist()
        self.liquidations = [Liquidation._make(row) for row in rows]
        rows = events.deleveragings[: int(closed)].tolist()
        self.deleveragings = [Deleveraging._make(row) for row in rows]
        yield "after"
        counts[0] = (0, 0, 0)
        self.built.agents.makers.adl_seen[0] = 0

    @property
    def holders(self):
        """Who holds a perpetual or an option now (A,)."""
        held = np.zeros(self.count, dtype=bool)
        held[self.slot_account[self.is_held & (self.positions.lots != 0)]] = True
        return held

    def resting(self):
        """Return the accounts with an explicit order in some book."""
        rests = self.world.books.rests.view(np.ndarray)
        return set(rests["account"][rests["lots"] != 0].tolist())

    def looked(self):
        """Say for each venue whether it looked for accounts to liquidate and was open all along."""
        interval = self.rules.liquidation_interval
        return (self.step % interval == 0) & (self.step >= self.venues.halted_until)

    def in_batch(self):
        """Return the accounts that the engine keeps in liquidation."""
        batch = self.world.triggers.batch[: int(self.world.triggers.counts.batch[0])]
        return set(batch.tolist())

    def liquidating(self):
        """Return the accounts whose status says that they are in liquidation."""
        return set(np.flatnonzero(self.accounts.status == LIQUIDATING).tolist())
