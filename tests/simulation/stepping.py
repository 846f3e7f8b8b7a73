"""
The engine's second in three pieces, so that it can be looked at between them.

The pieces call the engine's own kernels in the order of `engine.advance`; that all three together
are `advance` to the byte is itself checked on a sample of worlds (`twice.same_as_the_drive`).
Everything compiled is in this file, because the cache on disk knows no other file of the tests.
"""

import numpy as np

from tacoma.compile import entry
from tacoma.engine import prepare, run_agents, take_in, write_down
from tacoma.systems.audit import check
from tacoma.systems.book import update_tops
from tacoma.systems.funding import fund_positions
from tacoma.systems.liquidation import liquidate
from tacoma.systems.margin import account_margin
from tacoma.systems.mark import update_marks
from tacoma.systems.option_prices import price_options
from tacoma.systems.oracle import price_collateral, update_indexes

__all__ = ["enter", "leave", "measure", "prepare", "settle"]


@entry
def enter(world, agents, inputs, cursor, journal):
    """Begin the next step: what comes from outside, then every price; nobody is liquidated yet."""
    world.clock.step[0] += 1
    step = world.clock.step[0]
    world.flows.market[:] = 0
    world.flows.venue[:] = 0
    world.triggers.venues.evaluations[:] = 0
    take_in(world, agents, inputs, cursor, journal, step)
    update_tops(world.markets, world.books, step)
    update_indexes(world.markets, world.rules, world.oracles, step)
    price_collateral(world.markets, world.rules, world.books, step)
    update_marks(world.clock, world.markets, world.rules, world.oracles, world.books, step)
    price_options(world.clock, world.markets, world.shocks, step)


@entry
def settle(world):
    """Run the waterfalls."""
    liquidate(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.venues,
        world.peaks, world.record, world.waterfall, world.triggers, world.books, world.audit,
        world.flows, world.events, world.deleverage, world.clock.step[0],
    )  # fmt: skip


@entry
def leave(world, agents, with_agents):
    """End the step: funding, the record, the engine's own audit, and what agents want next."""
    step = world.clock.step[0]
    fund_positions(
        world.clock, world.accounts, world.positions, world.markets, world.rules, world.venues,
        world.audit, world.events, step,
    )  # fmt: skip
    write_down(world, step)
    check(world.accounts, world.positions, world.audit, step, step == world.clock.steps[0])
    if with_agents:
        run_agents(world, agents, step)
    else:
        world.triggers.counts.alert[0] = 0


@entry
def measure(world, found):
    """Write equity, maintenance and notional of everybody into `found` (3, A), as a full scan."""
    for account in range(world.accounts.status.shape[0]):
        equity, maintenance, notional = account_margin(
            world.markets, world.tiers, world.accounts, world.positions, np.int64(account)
        )
        found[0, account] = equity
        found[1, account] = maintenance
        found[2, account] = notional
