"""From a scenario to the world's arrays and its agents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tacoma.world import layout
from tacoma.world.agents import STOPS
from tacoma.world.build_agents import build_agents
from tacoma.world.check_totals import require_room
from tacoma.world.codes import CALM, DESK, EXEMPT, OPTION, RETAIL, SPOT
from tacoma.world.directory import Directory, directory_of
from tacoma.world.institutions import (
    Institutions,
    add_arbitrageurs,
    add_desks,
    add_funds,
    add_investor,
    add_issuers,
    add_makers,
    add_sellers,
)
from tacoma.world.limits import BUCKETS, HISTOGRAM, PPM, PRICE_QUANTA_MAX
from tacoma.world.market_table import build_books, build_markets, build_oracles, option_lots
from tacoma.world.memory import reserved
from tacoma.world.option_markets import fill_options
from tacoma.world.paths import value_paths
from tacoma.world.population import Crowd, blocks, populate
from tacoma.world.roster import Roster
from tacoma.world.rules_table import build_rules, build_tiers
from tacoma.world.tables import fill_deductions, maintenance_table
from tacoma.world.timeline import timeline_records

if TYPE_CHECKING:
    from typing import Any

    from tacoma.scenario.schema import Scenario
    from tacoma.world.agents import Agents
    from tacoma.world.directory import Market
    from tacoma.world.layout import Ints, Journal, Table, World
    from tacoma.world.population import Maintenance

ACCOUNTS_PER_AUDIT_STEP = 5_000
# In one step a position can be triggered, sold, taken over, deleveraged on either side, and more.
EVENTS_A_SLOT = 6
SLOTS_AT_ONCE = 1 << 22
ROWS_SPARE = 1 << 17  # quotes, source prices and orders of institutions; room between flushes


@dataclass(frozen=True, slots=True)
class Built:
    """A world ready to run: arrays, agents, outside records, and the names of things."""

    world: World
    agents: Agents
    inputs: Journal
    directory: Directory
    reserve: int  # most records or events of one kind that a step may write
    found: Institutions
    stops: Table  # conditional orders in order of slot


def _add_crowd(roster: Roster, venue: int, crowd: Crowd) -> Table:
    """Add a block of a venue's population; return its conditional orders in order of slot."""
    paid = (crowd.collateral_market, crowd.options.market)  # assets and options: nothing is owed
    held = (crowd.collateral_lots, crowd.options.lots)
    none = np.zeros((len(crowd.lots), len(paid)), dtype=np.int64)
    market = np.concatenate([crowd.market, *(rows[:, None] for rows in paid)], axis=1)
    lots = np.concatenate([crowd.lots, *(lots[:, None] for lots in held)], axis=1)
    entry = np.concatenate([crowd.entry, none], axis=1)
    # Everybody keeps at least one slot, if only an empty one.
    market[:, 0] = np.where((market >= 0).any(axis=1), market[:, 0], crowd.market.max(initial=0))
    used = market >= 0
    price = np.concatenate([crowd.stop_price, none], axis=1)[used]
    price[price > PRICE_QUANTA_MAX] = 0  # no mark ever gets there
    first = roster.slots
    roster.add(
        used.sum(axis=1), market[used], lots[used], entry[used], venue=venue, kind=RETAIL,
        mode=crowd.isolated, status=CALM, balance=crowd.balance, wallet=crowd.wallet,
        alert_slack=crowd.alert_slack,
    )  # fmt: skip
    places = np.flatnonzero(price)
    return _fill(layout.table(STOPS, len(places)), slot=first + places, price=price[places])


def _open_lots(directory: Directory, market: Market) -> int:
    """Return a market's open interest on each side, in lots."""
    if market.kind == OPTION:
        return option_lots(directory, market)
    return int(market.entry.open_interest) // market.price_quanta  # type: ignore[union-attr]


def build_roster(
    scenario: Scenario,
    directory: Directory,
    seed: int,
    initial: Maintenance,
    maintenance: Maintenance,
) -> tuple[Roster, Institutions, Table]:
    """Add everybody; return the roster, who is where, and the crowd's conditional orders."""
    roster, found = Roster(directory, scenario.accounts), Institutions()
    left = scenario.accounts
    stops = []
    for row, venue in enumerate(scenario.venues):
        last = row == len(scenario.venues) - 1
        count = left if last else int(scenario.accounts * venue.account_share)
        left -= count
        for block in blocks(count):
            crowd = populate(scenario, directory, row, block, seed, initial, maintenance)
            stops.append(_add_crowd(roster, row, crowd))
            del crowd  # before the next is drawn
    market, lots = roster.positions.market, roster.positions.lots
    for row in range(len(scenario.venues)):
        open_lots = {}
        for entry in directory.of_venue(row):
            if entry.kind == SPOT:
                continue
            total = _open_lots(directory, entry)
            mine = lots[market == entry.row]
            held = int(mine[mine > 0].sum()), -int(mine[mine < 0].sum())
            open_lots[entry.row] = (total - held[0], total - held[1])
        add_desks(scenario, directory, roster, row, open_lots, seed, maintenance)
    add_makers(scenario, directory, roster, found)
    add_arbitrageurs(scenario, directory, roster, found)
    add_investor(scenario, directory, roster, found)
    add_funds(scenario, directory, roster, found)
    add_sellers(scenario, directory, roster, found)
    add_issuers(directory, roster)
    return roster, found, np.concatenate(stops).view(np.recarray)


def _fill(table: layout.Table, **columns: object) -> layout.Table:
    """Set whole columns of a table."""
    for name, values in columns.items():
        table[name] = values
    return table


def _triggers(table: layout.Table, markets: int, venues: int) -> layout.Triggers:
    accounts = len(table)
    return layout.Triggers(
        head=np.full((markets, 2 * BUCKETS), -1, dtype=np.int32),
        candidate=reserved(np.int32, accounts),
        batch=reserved(np.int32, accounts),
        alert=reserved(np.int32, accounts),
        holders=np.flatnonzero((table.has_options != 0) & (table.status != EXEMPT)),
        counts=layout.table(layout.TRIGGER_COUNTS, 1),
        venues=layout.table(layout.TRIGGER_VENUES, venues),
    )


def _audit(scenario: Scenario, accounts: int, markets: int) -> layout.Audit:
    interval = scenario.engine.audit_interval or max(1, accounts // ACCOUNTS_PER_AUDIT_STEP)
    return layout.Audit(
        sums=np.zeros(markets, dtype=np.int64),
        touched=reserved(np.int32, 2 * accounts + 1),
        seen_worth=reserved(np.int64, accounts),
        net_lots=np.zeros(markets, dtype=np.int64),
        state=_fill(
            layout.table(layout.AUDIT_STATE, 1),
            interval=interval,
            enabled=int(scenario.engine.conservation),
            failed_step=-1,
            failed_market=-1,
        ),
    )


def empty_events(size: int) -> layout.Events:
    """Return event buffers; memory is only used as they fill."""
    return layout.Events(
        liquidations=reserved(layout.LIQUIDATIONS, size),
        deleveragings=reserved(layout.DELEVERAGINGS, size),
        moves=reserved(layout.MOVES_TYPE, size),
        counts=layout.table(layout.EVENT_COUNTS, 1),
    )


def empty_queue(slots: int, accounts: int) -> layout.Deleverage:
    """Return the scratch of deleveraging; memory is only used as it fills."""
    return layout.Deleverage(
        queue=reserved(layout.QUEUE, slots),
        limits=reserved(np.int64, 3, slots),
        histogram=np.zeros(HISTOGRAM, dtype=np.int64),
        winners=reserved(layout.WINNERS, accounts),
    )


def empty_journal(size: int) -> layout.Journal:
    """Return an empty queue of input records."""
    return layout.Journal(np.zeros(1, dtype=np.int64), reserved(layout.JOURNAL, size))


def _record(scenario: Scenario, directory: Directory) -> layout.Record:
    rows, funds = scenario.steps + 1, len(directory.funds)
    markets, venues = len(directory.markets), directory.margin_venues
    return layout.Record(
        market=np.zeros((rows, markets, len(layout.MARKET_COLUMNS)), dtype=np.int64),
        venue=np.zeros((rows, venues, len(layout.VENUE_COLUMNS)), dtype=np.int64),
        fund=np.zeros((rows, funds, 2), dtype=np.int64),
        fund_account=np.array([fund.account for fund in directory.funds], dtype=np.int64),
        sensitivity=np.zeros((markets, len(layout.SENSITIVITIES))),
        greeks=np.zeros((rows if directory.has_options else 1, venues, len(layout.SENSITIVITIES))),
    )


def margin_of(
    directory: Directory,
    tiers: layout.Table,
    schedules: dict[str, Ints],
    scenario: Scenario | None = None,
) -> Maintenance:
    """Return the margin at the first prices as a function of (market row, lots), in quanta.

    With a scenario, options ask for theirs, each position held alone; without, for none.
    """
    bare = _fill(layout.table(layout.MARKETS, len(directory.markets)), **schedules)
    fill_deductions(tiers, bare)
    if scenario is not None:
        fill_options(scenario, directory, bare)
    price = np.array([market.price_quanta for market in directory.markets], dtype=np.int64)

    def margin(market: Ints, lots: Ints) -> Ints:
        table: Ints = maintenance_table(tiers, bare, price, market, lots)
        return table

    return margin


def build(scenario: Scenario, seed: int) -> Built:
    """Build the world of a scenario and seed; a pure function of both."""
    directory = directory_of(scenario)
    tiers, schedules = build_tiers(scenario, directory)
    roster, found, stops = build_roster(
        scenario,
        directory,
        seed,
        margin_of(directory, *build_tiers(scenario, directory, is_initial=True)),
        margin_of(directory, tiers, schedules, scenario),
    )
    directory = replace(directory, funds=tuple(found.funds))
    world = _world(scenario, directory, seed, roster, found, tiers, schedules)
    require_room(scenario, directory, world)
    reserve = EVENTS_A_SLOT * len(world.positions) + 2 * roster.count + ROWS_SPARE
    world = world._replace(events=empty_events(reserve + ROWS_SPARE))
    agents = build_agents(
        scenario,
        directory,
        found,
        world,
        stops,
        value_paths(scenario, seed),
        empty_journal(_outbox_rows(world)),
    )
    inputs = timeline_records(scenario, directory, empty_journal)
    return Built(world, agents, inputs, directory, reserve, found, stops)


def _outbox_rows(world: World) -> int:
    """Return what agents may write in one step: every stop, every close, every top-up, quotes."""
    return 2 * len(world.positions) + len(world.accounts) + ROWS_SPARE


def with_other_day(built: Built, scenario: Scenario, seed: int) -> Built:
    """Return a copy of an untouched world, with the same accounts, that lives through another day.

    The scenario may differ in value path, timeline and agents' behaviour, not in who holds what.
    """
    world: World = _copy(built.world)
    agents = build_agents(
        scenario, built.directory, built.found, world, built.stops,
        value_paths(scenario, seed), empty_journal(_outbox_rows(world)),
    )  # fmt: skip
    inputs = timeline_records(scenario, built.directory, empty_journal)
    return replace(built, world=world, agents=agents, inputs=inputs)


def _copy(part: Any) -> Any:  # noqa: ANN401 - a tuple of arrays and of such tuples
    """Copy nested tuples of arrays; buffers are new, to use memory only as they fill."""
    copied: dict[str, Any] = {}
    for name, value in part._asdict().items():
        if isinstance(value, layout.Events):
            copied[name] = empty_events(len(value.liquidations))
        elif isinstance(value, layout.Deleverage):
            copied[name] = empty_queue(len(value.queue), len(value.winners))
        elif isinstance(value, tuple):
            copied[name] = _copy(value)
        else:
            copied[name] = value.copy()
    return type(part)(**copied)


def _world(
    scenario: Scenario,
    directory: Directory,
    seed: int,
    roster: Roster,
    found: Institutions,
    tiers: layout.Table,
    schedules: dict[str, Ints],
) -> World:
    """Lay out every table of the world."""
    accounts, positions = roster.accounts, roster.positions
    positions.by_market = np.argsort(positions.market, kind="stable")
    count, markets, venues = roster.count, len(directory.markets), directory.margin_venues
    slots = len(positions)
    rules, waterfall, weights = build_rules(scenario, directory, found.fees)
    start = scenario.clock.start
    table = build_markets(
        scenario, directory, schedules, np.bincount(positions.market, minlength=markets)
    )
    shocks = fill_options(scenario, directory, table)
    for first in range(0, slots, SLOTS_AT_ONCE):
        some = positions[first : first + SLOTS_AT_ONCE]
        customers = accounts.kind[some.account] <= DESK
        np.add.at(table.customer_lots, some.market[customers], some.lots[customers])
    return layout.World(
        clock=_fill(
            layout.table(layout.CLOCK, 1),
            steps=scenario.steps,
            step_seconds=max(1, scenario.step_ms // 1000),
            start_second_of_day=start.hour * 3600 + start.minute * 60 + start.second,
            seed=seed,
        ),
        markets=table,
        tiers=tiers,
        rules=rules,
        venues=layout.table(layout.VENUES, venues),
        peaks=layout.table(layout.PEAKS, len(directory.funds)),
        waterfall=waterfall,
        shocks=shocks,
        accounts=accounts,
        positions=positions,
        triggers=_triggers(accounts, markets, venues),
        books=build_books(scenario, directory, found),
        oracles=build_oracles(directory, weights),
        components=layout.Components(
            availability_ppm=np.array(
                [PPM] * venues + [int(scenario.spot.gateway_availability * PPM)], dtype=np.int64
            ),
            sources=_fill(
                layout.table(layout.SOURCE_STATE, len(directory.assets), len(directory.sources)),
                factor_ppm=PPM,
            ),
        ),
        flows=layout.Flows(
            market=np.zeros((markets, layout.FLOW_MARKET_COLUMNS), dtype=np.int64),
            venue=np.zeros((venues, layout.FLOW_VENUE_COLUMNS), dtype=np.int64),
        ),
        audit=_audit(scenario, count, markets),
        deleverage=empty_queue(slots, count),
        events=empty_events(1),
        record=_record(scenario, directory),
    )
