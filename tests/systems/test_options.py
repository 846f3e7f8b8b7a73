"""Options: valued by Black's formula, margined by the venue's rules, taken over, never traded."""

import math

import numpy as np
import pytest

from systems import option_worlds, worlds
from systems.exact import Scan
from systems.exact_options import value
from systems.interpreted import advance, interpreted_package
from systems.option_worlds import PORTFOLIO, STANDARD
from systems.watched import watch_liquidations
from tacoma.lab.tables import equities
from tacoma.rules.portfolios.option_value import black76_value
from tacoma.scenario import from_dict
from tacoma.world.build import empty_journal
from tacoma.world.codes import (
    EXEMPT,
    LIMIT,
    OPTION,
    ORDER,
    PARAMETER,
    PERPETUAL,
    QUOTE,
    STAGES,
)

USD = 1_000_000
SECONDS = 365 * 86_400


@pytest.fixture
def calm():
    """A world with options at its first prices."""
    scenario = from_dict(option_worlds.table())
    return scenario, worlds.start(scenario)


def margin(package, built, account):
    """Return (equity, maintenance, notional) by the engine."""
    world = built.world
    found = package.margin.account_margin(
        world.markets, world.tiers, world.accounts, world.positions, account
    )
    return tuple(map(int, found))


def holding(built, venue, positions, balance=0):
    """
    Arrange an account that holds these lots by market row, and return it.

    It is a desk, which has a slot in every market of its venue.
    """
    world = built.world
    account = next(
        a for a in range(len(world.accounts))
        if world.accounts.kind[a] == 1 and world.accounts.venue[a] == venue
    )  # fmt: skip
    slots = range(int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account]))
    for slot in slots:
        market = int(world.positions.market[slot])
        lots = positions.get(market, 0)
        world.positions.lots[slot] = lots
        world.positions.entry[slot] = 0
        if world.markets.kind[market] == PERPETUAL:
            world.positions.entry[slot] = lots * int(world.markets.margin_price[market])
    world.accounts.balance[account] = balance
    return account


def option(built, venue, asset, kind):
    """Return the row of a venue's first option of a kind on an asset."""
    return next(
        m.row for m in built.directory.of_venue(venue)
        if m.kind == OPTION and (m.symbol, m.entry.kind) == (asset, kind)
    )  # fmt: skip


# ------------------------------------------------------------------------------- value


def test_marks_are_the_formulas(package):
    """At every step of a crash each option's mark is its value, to the nearest quantum per lot."""
    scenario = option_worlds.crashing()
    built = worlds.start(scenario)
    world, scan = built.world, Scan(scenario, built)
    rows = option_worlds.rows_of_options(built)
    cursor, journal = np.zeros(2, dtype=np.int64), empty_journal(built.reserve + (1 << 18))
    for _ in range(10):
        advance(package, built, 1, cursor=cursor, journal=journal)
        marks = [int(world.markets.mark[row]) for row in rows]
        assert marks == [scan.options.worth(row) for row in rows]
    first = [built.directory.markets[row].price_quanta for row in rows]
    assert all(now != before for now, before in zip(marks, first, strict=True))


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("forward", [1, 50_000, 100_000, 100_001, 400_000])
@pytest.mark.parametrize("seconds", [0, 1, 86_400, 5 * SECONDS])
def test_the_scans_formula_is_the_rules(is_call, forward, seconds):
    """The scan's own formula and the package's agree to less than a quantum."""
    rule = black76_value(forward, 100_000, seconds / SECONDS, 0.8, 1.0, is_call)
    assert abs(value(forward, 100_000, seconds, 0.8, is_call) - rule) <= 0.5 + 1e-6


def test_volatility_rises_with_the_fall(package, calm):
    """A fall of the log price by 0.1 adds the response times 10 points; a rise changes nothing."""
    scenario, built = calm
    markets, row = built.world.markets, option(built, PORTFOLIO, "BTC", "put")
    under = int(markets.underlying_perpetual[row])
    first = int(markets.margin_price[under])
    assert package.option_schedule.implied_volatility(markets, row) == 0.6
    markets.margin_price[under] = 2 * first
    assert package.option_schedule.implied_volatility(markets, row) == 0.6
    markets.margin_price[under] = round(first * math.exp(-0.1))
    got = package.option_schedule.implied_volatility(markets, row)
    assert got == pytest.approx(0.6 + 0.1 * float(scenario.volatility_response))


def test_an_expired_option_is_worth_what_it_paid(package):
    """At expiry the mark is the intrinsic value at that moment, and no later price changes it."""
    table = worlds.fall(option_worlds.table(), 0.3)
    for venue in table["venues"]:
        venue["options"][0]["expiry"] = "5 s"
    built = worlds.start(from_dict(table))
    markets, row = built.world.markets, option(built, PORTFOLIO, "BTC", "put")
    cursor, journal = np.zeros(2, dtype=np.int64), empty_journal(built.reserve + (1 << 18))
    advance(package, built, 5, cursor=cursor, journal=journal)
    under = int(markets.underlying_perpetual[row])
    paid = int(markets.strike_quanta[row]) - int(markets.margin_price[under])
    assert int(markets.mark[row]) == max(paid, 0)
    advance(package, built, 4, cursor=cursor, journal=journal)
    assert int(markets.mark[row]) == max(paid, 0)
    assert int(markets.margin_price[under]) != int(markets.strike_quanta[row]) - paid
    assert int(markets.short_quanta[row]) == 0
    assert not markets.gains[row].any()


# ------------------------------------------------------------------------------- margin


@pytest.mark.parametrize(
    ("kind", "price_usd", "mark_usd", "need_usd"),
    [
        ("call", 100, 1, 9),  # 9 % of the underlying
        ("call", 200, 90, 18),
        ("put", 100, 1, 9),
        ("put", 100, 99, 9),
        ("put", 10, 85, "7.65"),  # 9 % of its own value is more than 9 % of the underlying
    ],
)
def test_standard_margin_of_a_short(package, calm, kind, price_usd, mark_usd, need_usd):
    """A short option asks for a part of its underlying's price, or of its own value; per lot."""
    _, built = calm
    markets, row = built.world.markets, option(built, STANDARD, "BTC", kind)
    markets.margin_price[markets.underlying_perpetual[row]] = price_usd * USD
    markets.margin_price[row] = mark_usd * USD
    package.option_schedule.update_short(markets, row)
    assert int(markets.short_quanta[row]) == round(float(need_usd) * USD)
    short = holding(built, STANDARD, {row: -3}, balance=1_000 * USD)
    need = round(float(need_usd) * 3 * USD)
    assert margin(package, built, short) == (
        1_000 * USD - 3 * mark_usd * USD, need, 3 * mark_usd * USD
    )  # fmt: skip
    long = holding(built, STANDARD, {row: 3}, balance=0)
    assert margin(package, built, long) == (3 * mark_usd * USD, 0, 3 * mark_usd * USD)


def test_a_perpetual_in_a_portfolio(package, calm):
    """A perpetual alone asks for the widest move of the grid: 16 % of BTC's notional."""
    _, built = calm
    row = built.directory.market("deribit", "BTC").row
    price = int(built.world.markets.margin_price[row])
    for lots in (50, -50):
        account = holding(built, PORTFOLIO, {row: lots})
        assert margin(package, built, account) == (0, 50 * price * 16 // 100, 50 * price)


def test_a_hedge_needs_less_than_its_parts(package, calm):
    """A long future with a long put asks for less than both alone, and than the future alone."""
    scenario, built = calm
    future = built.directory.market("deribit", "BTC").row
    put = option(built, PORTFOLIO, "BTC", "put")
    need = {}
    for name, held in {
        "future": {future: 100}, "put": {put: 100}, "both": {future: 100, put: 100},
    }.items():  # fmt: skip
        account = holding(built, PORTFOLIO, held)
        need[name] = margin(package, built, account)[1]
        assert margin(package, built, account) == Scan(scenario, built).margin(account)
    assert 0 < need["both"] < need["future"] < need["future"] + need["put"]


def test_underlyings_do_not_offset(package, calm):
    """A long future on one coin and a short one on another ask for both margins."""
    _, built = calm
    rows = [built.directory.market("deribit", symbol).row for symbol in ("BTC", "ETH")]
    alone = [margin(package, built, holding(built, PORTFOLIO, {row: 70}))[1] for row in rows]
    both = holding(built, PORTFOLIO, {rows[0]: 70, rows[1]: -70})
    assert margin(package, built, both)[1] == sum(alone)


def test_a_short_put_by_hand(package, calm):
    """A short option's margin in the grid is its worst gain over all scenarios, each by hand."""
    scenario, built = calm
    row = option(built, PORTFOLIO, "BTC", "put")
    price, strike = 100_000_000, 95_000_000
    seconds = 72 * 3600
    now = value(price, strike, seconds, 0.6, False)
    worst = 0
    for step in range(-4, 5):
        for factor in (1.5, 1, 0.75):
            moved = price + price * 4 * step // 100
            worst = max(worst, value(moved, strike, seconds, 0.6 * factor, False) - now)
    for extreme in (33, 50, 66):
        moved = price - price * extreme // 100
        part = (value(moved, strike, seconds, 0.9, False) - now) * 18
        worst = max(worst, part // 100)  # the part that counts is rounded down
    account = holding(built, PORTFOLIO, {row: -10})
    assert margin(package, built, account)[1] == 10 * worst
    assert scenario.venues[PORTFOLIO].rules.margin.maintenance_factor == 1


@pytest.mark.parametrize("move", [0.5, 0.8, 0.97, 1.0, 1.1, 1.9])
def test_everybody_at_any_price(package, calm, move):
    """Whatever the marks, everybody's margin is the independent scan's, and results agree."""
    scenario, built = calm
    world, scan = built.world, Scan(scenario, built)
    perpetual = world.markets.kind == PERPETUAL
    world.markets.margin_price[perpetual] = world.markets.margin_price[perpetual] * move
    package.option_prices.price_options(world.clock, world.markets, world.shocks, 0)
    found = [margin(package, built, account) for account in range(len(world.accounts))]
    assert found == [scan.margin(account) for account in range(len(world.accounts))]
    assert equities(built).tolist() == [equity for equity, _, _ in found]


# ------------------------------------------------------------------------------- a crash


@pytest.fixture(scope="module")
def crash(package):
    """A fall by a fifth in plain Python: (built, scans by step, stages met, net lots by step)."""
    scenario = option_worlds.crashing(accounts=240)
    built = worlds.start(scenario)
    scans, nets, money = [], [], []
    real = package.engine.liquidate
    watch_liquidations(package, built.world, Scan(scenario, built), lambda *row: scans.append(row))
    cursor, journal = np.zeros(2, dtype=np.int64), empty_journal(built.reserve + (1 << 18))
    before = worlds.worth(built.world)
    try:
        for _ in range(40):
            code = advance(package, built, 1, cursor=cursor, journal=journal)
            assert code == package.engine.REACHED
            nets.append(worlds.net_lots(built.world))
            money.append(worlds.worth(built.world) - before)
    finally:
        package.engine.liquidate = real
    return built, scans, nets, money


def test_the_index_finds_whom_a_scan_finds(crash):
    """At every step the liquidated are those whom an independent scan of everybody finds."""
    built, scans, _, _ = crash
    assert len(scans) == 40
    for step, expected, recorded in scans:
        assert (step, recorded) == (step, expected)
    found = set().union(*(recorded for _, _, recorded in scans))
    assert sum(bool(built.world.accounts.has_options[account]) for account in found) > 5


@pytest.mark.parametrize(("drop", "seed"), [(-0.3, 3), (0.1, 4)])
def test_the_index_in_other_worlds(drop, seed):
    """In a rally, where short calls suffer, and in a smaller fall the same holds."""
    package = interpreted_package()
    scenario = option_worlds.crashing(accounts=120, drop=drop, seed=seed)
    built, scans = worlds.start(scenario), []
    watch_liquidations(package, built.world, Scan(scenario, built), lambda *row: scans.append(row))
    cursor, journal = np.zeros(2, dtype=np.int64), empty_journal(built.reserve + (1 << 18))
    assert advance(package, built, 20, cursor=cursor, journal=journal) == package.engine.REACHED
    assert [(step, recorded) for step, _, recorded in scans] == [
        (step, expected) for step, expected, _ in scans
    ]
    assert sum(len(recorded) for _, _, recorded in scans) > 5


def test_a_written_off_holder_is_left_alone(package, calm):
    """Who was written off is never evaluated again, though still among the holders."""
    _, built = calm
    world = built.world
    account = option_worlds.holders(built, STANDARD, -1)[0]
    world.accounts.status[account] = EXEMPT
    world.accounts.balance[account] -= 10**15
    package.trigger_index.find_liquidatable(
        world.markets, world.tiers, world.accounts, world.positions, world.rules, world.triggers,
        world.flows, world.audit, 1,
    )  # fmt: skip
    found = world.triggers.batch[: int(world.triggers.counts.batch[0])]
    assert account not in found.tolist()


def test_positions_and_money_are_conserved(crash):
    """After every step of the crash each option's positions cancel, and no money is new."""
    built, _, nets, money = crash
    margin_venues = built.directory.margin_venues
    rows = [m.row for m in built.directory.markets if m.venue < margin_venues]
    assert all(net[row] == 0 for net in nets for row in rows)
    assert set(money) == {0}
    assert int(built.world.audit.state.failed_step[0]) == -1


def test_options_move_in_the_takeover_alone(crash):
    """Both venues take over short options, at their mark, and no other stage touches one."""
    built, _, _, _ = crash
    world = built.world
    rows = world.events.liquidations[: int(world.events.counts.liquidations[0])]
    mine = rows[world.markets.kind[rows.market.astype(np.int64)] == OPTION]
    stages = {STAGES[stage] for stage in mine.stage}
    assert stages == {"trigger", "takeover"}
    taken = mine[mine.stage == STAGES.index("takeover")]
    assert {int(v) for v in world.markets.venue[taken.market.astype(np.int64)]} == {0, 1}
    assert (taken.lots < 0).any()
    assert world.flows.market[option_worlds.rows_of_options(built)][:, 0].sum() == 0


def test_a_taken_account_keeps_nothing(crash):
    """Where positions and margin move, the account is left with no lots and no money."""
    built, _, _, _ = crash
    world = built.world
    rows = world.events.liquidations[: int(world.events.counts.liquidations[0])]
    mine = rows[world.markets.kind[rows.market.astype(np.int64)] == OPTION]
    taken = mine[mine.stage == STAGES.index("takeover")]
    venue = world.markets.venue[taken.market.astype(np.int64)]
    accounts = sorted({int(a) for a in taken.account[venue == STANDARD]})
    assert accounts
    for account in accounts:
        slots = slice(
            int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account])
        )
        assert not world.positions.lots[slots].any()


def test_holders_are_not_in_the_lists(crash):
    """Who has a slot in an option is evaluated at every step, and never by the index's lists."""
    built, _, _, _ = crash
    world = built.world
    holders = np.flatnonzero((world.accounts.has_options != 0) & (world.accounts.status != EXEMPT))
    assert set(holders.tolist()) <= set(world.triggers.holders.tolist())
    indexed = np.unique(world.positions.account[world.positions.trigger != 0])
    assert not world.accounts.has_options[indexed].any()


# ------------------------------------------------------------------------------- stages


def test_shares_of_a_netted_portfolio_are_no_more_than_the_whole(package, calm):
    """A hedged account's equity divides over its positions without exceeding itself."""
    _, built = calm
    world = built.world
    future, put = built.directory.market("deribit", "BTC").row, option(built, 0, "BTC", "put")
    for balance in (10**9, -(10**9)):
        account = holding(built, PORTFOLIO, {future: 100, put: 100}, balance=balance)
        equity, need, _ = margin(package, built, account)
        tables = (world.markets, world.tiers, world.accounts, world.positions)
        alone = int(package.margin.maintenance_alone(*tables, account, need))
        assert alone > need
        shares = [
            int(package.share_equity.equity_share(
                world.markets, world.tiers, world.positions, slot, equity, alone
            ))
            for slot in range(
                int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account])
            )
            if world.positions.lots[slot] != 0
        ]  # fmt: skip
        assert all((share > 0) == (equity > 0) for share in shares)
        assert 0 <= abs(equity) - abs(sum(shares)) <= len(shares)


def test_long_options_that_do_not_cover_a_debt_are_taken_over(package, calm):
    """Who holds only long options and owes more than they are worth is taken over all the same."""
    _, built = calm
    world = built.world
    put = option(built, STANDARD, "BTC", "put")
    account = holding(built, STANDARD, {put: 10})
    world.accounts.balance[account] = -(10 * int(world.markets.mark[put]) + 5 * USD)
    assert margin(package, built, account)[:2] == (-5 * USD, 0)
    before, fund = worlds.worth(world), int(world.markets.fund[put])
    lots = {int(a): int(lots) for a, lots in zip(
        world.positions.account, world.positions.lots, strict=True
    ) if a == fund and lots}  # fmt: skip
    assert lots == {}
    package.takeover.take_over(
        world.accounts, world.positions, world.markets, world.tiers, world.rules, world.audit,
        world.flows, world.events, account, 1,
    )  # fmt: skip
    assert margin(package, built, account) == (-5 * USD, 0, 0)  # nothing left but the debt
    package.insurance.pay_debt(
        world.accounts, world.positions, world.markets, world.tiers, world.audit, world.flows,
        world.events, account, 1,
    )  # fmt: skip
    assert margin(package, built, account) == (0, 0, 0)
    assert worlds.worth(world) == before


@pytest.mark.parametrize("kind", [ORDER, LIMIT, QUOTE, PARAMETER])
def test_the_door_refuses_orders_in_options(package, calm, kind):
    """No record trades an option, quotes it or changes what it counts for."""
    _, built = calm
    row = option(built, STANDARD, "BTC", "call")
    maker = built.found.makers[STANDARD][0]
    asked = (built.world, kind, maker, row, 100, 100, 5, 5)
    assert not package.intake.is_sound(*asked)
    perpetual = built.directory.market("derive", "BTC").row
    trades = kind != PARAMETER  # only collateral has a weight
    assert package.intake.is_sound(built.world, kind, maker, perpetual, 100, 100, 5, 5) == trades
