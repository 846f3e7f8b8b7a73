"""From a scenario to the world's arrays and its agents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tacoma.world import layout
from tacoma.world.build_agents import build_agents
from tacoma.world.check_totals import require_room
from tacoma.world.codes import ACCOUNT_KINDS, CALM, DESK, EXEMPT, OPTION, RETAIL, SPOT
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
from tacoma.world.limits import BUCKETS, HISTOGRAM, PPM
from tacoma.world.market_table import build_books, build_markets, build_oracles, option_lots
from tacoma.world.option_markets import fill_options
from tacoma.world.paths import value_paths
from tacoma.world.population import Crowd, populate
from tacoma.world.roster import Roster
from tacoma.world.rules_table import build_rules, build_tiers
from tacoma.world.streams import row_key
from tacoma.world.tables import fill_deductions, maintenance_table
from tacoma.world.timeline import timeline_records

if TYPE_CHECKING:
    from typing import Any

    from tacoma.scenario.schema import Scenario
    from tacoma.world.agents import Agents
    from tacoma.world.directory import Market
    from tacoma.world.layout import Ints, Journal, World
    from tacoma.world.population import Maintenance

ACCOUNTS_PER_AUDIT_STEP = 5_000
# In one step a position can be triggered, sold, taken over, deleveraged on either side, and more.
EVENTS_A_SLOT = 6
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
    stops: Ints  # prices of conditional orders, by slot of the population


def _add_crowd(roster: Roster, venue: int, crowd: Crowd) -> tuple[int, Ints]:
    """Add a venue's population; return its first row and stop prices by slot."""
    paid = (crowd.collateral_market, crowd.options.market)  # assets and options: nothing is owed
    held = (crowd.collateral_lots, crowd.options.lots)
    none = np.zeros((len(crowd.lots), len(paid)), dtype=np.int64)
    market = np.concatenate([crowd.market, *(rows[:, None] for rows in paid)], axis=1)
    lots = np.concatenate([crowd.lots, *(lots[:, None] for lots in held)], axis=1)
    entry = np.concatenate([crowd.entry, none], axis=1)
    stop = np.concatenate([crowd.stop_price, none], axis=1)
    # Everybody keeps at least one slot, if only an empty one.
    market[:, 0] = np.where((market >= 0).any(axis=1), market[:, 0], crowd.market.max(initial=0))
    used = market >= 0
    first = roster.add(
        len(lots), used.sum(axis=1), market[used], lots[used], entry[used],
        venue=venue, kind=RETAIL, mode=crowd.isolated, status=CALM, balance=crowd.balance,
        wallet=crowd.wallet, alert_slack=crowd.alert_slack,
    )  # fmt: skip
    return first, stop[used]


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
) -> tuple[Roster, Institutions, Ints]:
    """Add everybody; return the roster, who is where, and stop prices of the first slots."""
    roster, found = Roster(), Institutions()
    left = scenario.accounts
    stops = []
    for row, venue in enumerate(scenario.venues):
        last = row == len(scenario.venues) - 1
        count = left if last else int(scenario.accounts * venue.account_share)
        left -= count
        crowd = populate(scenario, directory, row, count, seed, initial, maintenance)
        stops.append(_add_crowd(roster, row, crowd)[1])
    market, lots = roster.column("market"), roster.column("lots")
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
    return roster, found, np.concatenate(stops)


def _fill(table: layout.Table, **columns: object) -> layout.Table:
    """Set whole columns of a table."""
    for name, values in columns.items():
        table[name] = values
    return table


def _account_keys(roster: Roster, directory: Directory) -> Ints:
    """Return whose draws are whose: kind, venue, and the place among those alike."""
    venue, kind = roster.column("venue"), roster.column("kind")
    group = venue * len(ACCOUNT_KINDS) + kind
    order = np.argsort(group, kind="stable")
    begins = np.searchsorted(group[order], group)
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group))
    keys = np.zeros(len(group), dtype=np.int64)
    for code in np.unique(group):
        name = f"{directory.venues[code // len(ACCOUNT_KINDS)]}/{code % len(ACCOUNT_KINDS)}"
        keys[group == code] = row_key(name, 0)
    return keys + place - begins


def _accounts(roster: Roster, directory: Directory) -> layout.Table:
    last = np.cumsum(roster.column("slots"))
    names = ("venue", "kind", "mode", "status", "balance", "wallet", "alert_slack", "dense_market")
    return _fill(
        layout.table(layout.ACCOUNTS, roster.count),
        slot_first=last - roster.column("slots"),
        slot_last=last,
        stamp=-1,
        key=_account_keys(roster, directory),
        has_options=_holds_options(roster, directory),
        **{name: roster.column(name) for name in names},
    )


def _holds_options(roster: Roster, directory: Directory) -> Ints:
    """Say which accounts have a slot in an option."""
    is_option = np.array([market.kind == OPTION for market in directory.markets])
    account = np.repeat(np.arange(roster.count), roster.column("slots"))
    holds = np.zeros(roster.count, dtype=np.int64)
    holds[account[is_option[roster.column("market")]]] = 1
    return holds


def _positions(roster: Roster) -> layout.Table:
    market = roster.column("market")
    return _fill(
        layout.table(layout.POSITIONS, len(market)),
        account=np.repeat(np.arange(roster.count), roster.column("slots")),
        market=market,
        lots=roster.column("lots"),
        entry=roster.column("entry"),
        following=-1,
        preceding=-1,
        bucket=-1,
        by_market=np.argsort(market, kind="stable"),
    )


def _triggers(table: layout.Table, markets: int, venues: int) -> layout.Triggers:
    accounts = len(table)
    return layout.Triggers(
        head=np.full((markets, 2 * BUCKETS), -1, dtype=np.int32),
        candidate=np.zeros(accounts, dtype=np.int64),
        batch=np.zeros(accounts, dtype=np.int64),
        alert=np.zeros(accounts, dtype=np.int64),
        holders=np.flatnonzero((table.has_options != 0) & (table.status != EXEMPT)),
        counts=layout.table(layout.TRIGGER_COUNTS, 1),
        venues=layout.table(layout.TRIGGER_VENUES, venues),
    )


def _audit(scenario: Scenario, accounts: int, markets: int) -> layout.Audit:
    interval = scenario.engine.audit_interval or max(1, accounts // ACCOUNTS_PER_AUDIT_STEP)
    return layout.Audit(
        touched=np.zeros(2 * accounts + 1, dtype=np.int64),
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
        liquidations=layout.table(layout.LIQUIDATIONS, size),
        deleveragings=layout.table(layout.DELEVERAGINGS, size),
        moves=layout.table(layout.MOVES_TYPE, size),
        counts=layout.table(layout.EVENT_COUNTS, 1),
    )


def empty_journal(size: int) -> layout.Journal:
    """Return an empty queue of input records."""
    return layout.Journal(np.zeros(1, dtype=np.int64), layout.table(layout.JOURNAL, size))


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
    """Copy nested tuples of arrays; event buffers are new, to use memory only as they fill."""
    copied = {}
    for name, value in part._asdict().items():
        if isinstance(value, layout.Events):
            copied[name] = empty_events(len(value.liquidations))
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
    positions = _positions(roster)
    count, markets, venues = roster.count, len(directory.markets), directory.margin_venues
    slots = len(positions)
    rules, waterfall, weights = build_rules(scenario, directory, found.fees)
    start = scenario.clock.start
    accounts = _accounts(roster, directory)
    table = build_markets(
        scenario, directory, schedules, np.bincount(positions.market, minlength=markets)
    )
    shocks = fill_options(scenario, directory, table)
    customers = accounts.kind[positions.account] <= DESK
    np.add.at(table.customer_lots, positions.market[customers], positions.lots[customers])
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
        deleverage=layout.Deleverage(
            queue=layout.table(layout.QUEUE, slots),
            limits=np.zeros((3, slots), dtype=np.int64),
            histogram=np.zeros(HISTOGRAM, dtype=np.int64),
            winners=layout.table(layout.WINNERS, count),
        ),
        events=empty_events(1),
        record=_record(scenario, directory),
    )
