"""The engine: the story of one second, and the loop that tells it.

What happens in a step, in this order:

1. everything from outside enters (quotes, orders, transfers, source prices, faults);
2. venues form their indexes, price collateral, mark positions, and value options;
3. whoever is below maintenance goes down the waterfall of the venue's rulebook;
4. funding is paid when its time has come;
5. the step is written down;
6. the ledger is checked: nothing appeared, nothing vanished;
7. agents look at the result and write what they want for the next step.

A run is a pure function of the world and its inputs. `advance` consumes any queue of records: the
agents' of this step, a scenario's timeline, or a recorded journal with the agents switched off.
"""

import numpy as np

from tacoma.compile import entry, kernel
from tacoma.systems.agents.arbitrage import arbitrate
from tacoma.systems.agents.crowd import react
from tacoma.systems.agents.investors import invest
from tacoma.systems.agents.keepers import sell, unwind
from tacoma.systems.agents.makers import make_markets
from tacoma.systems.agents.sources import publish
from tacoma.systems.audit import check, total_worth, worth
from tacoma.systems.book import update_tops
from tacoma.systems.funding import fund_positions
from tacoma.systems.intake import consume_inputs
from tacoma.systems.liquidation import liquidate
from tacoma.systems.mark import update_marks
from tacoma.systems.option_prices import price_options, record_greeks
from tacoma.systems.oracle import price_collateral, update_indexes
from tacoma.systems.record import record_funds, record_markets, record_venues
from tacoma.world.codes import SPOT

REACHED = 0
FULL = 1
VIOLATED = 2


@kernel
def take_in(world, agents, inputs, cursor, journal, step):
    """Consume the outside records due, then what the agents wrote at the previous step."""
    consume_inputs(world, inputs, cursor, 0, journal, step)
    cursor[1] = 0
    consume_inputs(world, agents.outbox, cursor, 1, journal, step)
    agents.outbox.length[0] = 0


@kernel
def run_venues(world, step):
    """Everything that the venues do in one step."""
    update_tops(world.markets, world.books, step)
    update_indexes(world.markets, world.rules, world.oracles, step)
    price_collateral(world.markets, world.rules, world.books, step)
    update_marks(world.clock, world.markets, world.rules, world.oracles, world.books, step)
    price_options(world.clock, world.markets, world.shocks, step)
    liquidate(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.venues,
        world.peaks, world.record, world.waterfall, world.triggers, world.books, world.audit,
        world.flows, world.events, world.deleverage, step,
    )  # fmt: skip
    fund_positions(
        world.clock, world.accounts, world.positions, world.markets, world.rules, world.venues,
        world.audit, world.events, step,
    )  # fmt: skip


@kernel
def write_down(world, step):
    """Write the step into the time series."""
    update_tops(world.markets, world.books, step)
    record_markets(world.record, world.markets, world.books, world.flows, step)
    record_venues(world.record, world.flows, world.triggers, step)
    record_funds(world.record, world.markets, world.tiers, world.accounts, world.positions, step)
    record_greeks(world.record, world.clock, world.markets, step)


@kernel
def run_agents(world, agents, step):
    """Let everybody look at the step and write what they want for the next one."""
    clock, components, outbox = world.clock, world.components, agents.outbox
    accounts, positions, markets = world.accounts, world.positions, world.markets
    publish(agents.value, agents.publishers, components, markets, world.books, clock, outbox, step)
    make_markets(
        agents.makers, agents.value, clock, components, accounts, positions, markets, world.rules,
        world.books, world.flows, world.events, outbox, step,
    )  # fmt: skip
    arbitrate(
        agents.arbitrage, clock, components, accounts, positions, markets, world.books, outbox, step
    )
    invest(
        agents.investors, agents.value, clock, components, accounts, positions, markets,
        world.books, outbox, step,
    )  # fmt: skip
    react(
        agents.crowd, clock, components, accounts, positions, markets, world.tiers, world.triggers,
        outbox, step,
    )  # fmt: skip
    unwind(agents.keepers, accounts, positions, markets, world.books, outbox, step)
    sell(agents.keepers, outbox, step)


@kernel
def has_room(world, agents, inputs, cursor, journal, reserve):
    """Whether the buffers can take whatever one step may write."""
    due = agents.outbox.length[0]
    row = cursor[0]
    while row < inputs.length[0] and inputs.rows.step[row] <= world.clock.step[0] + 1:
        due += 1
        row += 1
    events = world.events
    return (
        journal.length[0] + due <= journal.rows.shape[0]
        and events.counts.liquidations[0] + reserve < events.liquidations.shape[0]
        and events.counts.deleveragings[0] + reserve < events.deleveragings.shape[0]
        and events.counts.moves[0] + reserve < events.moves.shape[0]
    )


@entry
def advance(world, agents, inputs, cursor, journal, until, reserve, with_agents):
    """Run the world until a step; return REACHED, FULL (empty the buffers) or VIOLATED.

    `inputs` are outside records in order of step; `cursor` (2,) says how far they, and the agents'
    of this step, are consumed. Every record that enters is written to `journal`. `reserve` is how
    many events of one kind one step may write at most.
    """
    clock = world.clock
    while clock.step[0] < until:
        if not has_room(world, agents, inputs, cursor, journal, reserve):
            return FULL
        clock.step[0] += 1
        step = clock.step[0]
        world.flows.market[:] = 0
        world.flows.venue[:] = 0
        world.triggers.venues.evaluations[:] = 0
        take_in(world, agents, inputs, cursor, journal, step)
        run_venues(world, step)
        write_down(world, step)
        last = step == clock.steps[0]
        check(world.accounts, world.positions, world.audit, step, last)
        if world.audit.state.failed_step[0] >= 0:
            return VIOLATED
        if with_agents:
            run_agents(world, agents, step)
        else:
            world.triggers.counts.alert[0] = 0
    return REACHED


@kernel
def note_spot_lots(positions, markets):
    """Note how many lots of each spot asset are owned, as the table does for open interest."""
    for market in range(markets.shape[0]):
        if markets.kind[market] == SPOT:
            markets.open_lots[market] = 0
    for slot in range(positions.shape[0]):
        market = np.int64(positions.market[slot])
        if markets.kind[market] == SPOT:
            markets.open_lots[market] += max(np.int64(positions.lots[slot]), 0)


@entry
def prepare(world):
    """Open the books: note what everybody is worth, and ask for everybody to be indexed."""
    accounts, positions, audit = world.accounts, world.positions, world.audit
    for account in range(accounts.balance.shape[0]):
        audit.seen_worth[account] = worth(accounts, positions, account)
    audit.state.total[0] = total_worth(accounts, positions)
    world.markets.seen_price[:] = world.markets.margin_price
    note_spot_lots(positions, world.markets)
    world.triggers.venues.everyone[:] = 1
