"""Take-overs: a fund gets the position and what stands behind it, and the account ends at zero."""

from fractions import Fraction
from math import trunc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from systems import worlds
from systems.exact import Scan, maintenance
from tacoma.scenario import from_dict
from tacoma.world.codes import PERPETUAL, SPOT

MONEY = st.integers(-(10**13), 10**13)


@pytest.fixture(scope="module")
def built():
    """A calm world; the tests arrange one account and its fund by hand."""
    return worlds.small()


class Stage:
    """One account of a venue with positions made by hand, and the stage to run on it."""

    def __init__(self, package, built, venue=worlds.BINANCE):
        self.package, self.world, self.directory = package, built.world, built.directory
        self.scan = Scan(from_dict(worlds.table(100, timeline=[])), built)
        self.account = built.found.makers[venue][2]  # a maker has a slot in every market
        self.funds = sorted({
            int(self.world.markets.fund[m.row]) for m in self.directory.of_venue(venue)
        })  # fmt: skip
        for account in (self.account, *self.funds):
            self.clear(account)
        self.world.events.counts["liquidations"][0] = 0

    def slots(self, account):
        accounts = self.world.accounts
        return range(int(accounts.slot_first[account]), int(accounts.slot_last[account]))

    def clear(self, account):
        for slot in self.slots(account):
            self.world.positions.lots[slot] = self.world.positions.entry[slot] = 0
        self.world.accounts.balance[account] = 0

    def hold(self, account, symbol, lots, entry, kind=PERPETUAL):
        for slot in self.slots(account):
            market = self.directory.markets[int(self.world.positions.market[slot])]
            if (market.symbol, market.kind) == (symbol, kind):
                self.world.positions.lots[slot] = lots
                self.world.positions.entry[slot] = entry
                return market
        raise AssertionError(symbol)

    def set_equity(self, account, equity):
        self.world.accounts.balance[account] += equity - self.scan.margin(account)[0]

    def run(self, step=6):
        world = self.world
        self.package.takeover.take_over(
            world.accounts, world.positions, world.markets, world.tiers, world.rules, world.audit,
            world.flows, world.events, self.account, step,
        )  # fmt: skip

    def left(self):
        """Return what the account still holds: (balance, lots of perpetuals)."""
        lots = [
            int(self.world.positions.lots[slot]) for slot in self.slots(self.account)
            if self.world.markets.kind[int(self.world.positions.market[slot])] == PERPETUAL
        ]  # fmt: skip
        return int(self.world.accounts.balance[self.account]), sum(map(abs, lots))


def test_accounts_end_at_zero(watch):
    """In a whole crash, whoever is taken over ends with nothing: no position and balance 0."""
    whole = [row for row in watch.takeovers if row["left"] == 0]
    assert len(whole) > 20
    assert {row["balance"] for row in whole} == {0}
    assert {row["made"] for row in watch.takeovers} == {0}


def test_only_below_the_threshold(watch):
    """Take-overs happen strictly below the rulebook's part of maintenance."""
    for row in watch.takeovers:
        venue = int(watch.built.world.accounts.venue[row["account"]])
        part = Fraction(*watch.scenario.venues[venue].rules.waterfall.takeover.threshold)
        assert row["equity"] < part * row["maintenance"]


def test_backstop_works_in_batches(watch):
    """The backstop takes over at its interval only."""
    steps = {
        row["step"] for row in watch.takeovers
        if watch.built.world.accounts.venue[row["account"]] == worlds.HYPERLIQUID
    }  # fmt: skip
    assert steps
    assert {step % 6 for step in steps} == {0}


@given(lots=st.integers(-(10**6), 10**6).filter(bool), paid=st.integers(1, 2**31 - 1), equity=MONEY)
def test_equals_a_sale_at_the_bankruptcy_price(package, built, lots, paid, equity):
    """
    To the quantum, the fund stands as if it had bought at the price that leaves nothing.

    That price is exact here, a fraction; the account ends at 0 and the fund's worth at the mark
    changes by the account's equity.
    """
    stage = Stage(package, built)
    world = stage.world
    market = stage.hold(stage.account, "BTC", lots, lots * paid)
    mark = int(world.markets.margin_price[market.row])
    _, need, _ = stage.scan.margin(stage.account)
    equity = min(equity, need - 1)
    stage.set_equity(stage.account, equity)
    balance = int(world.accounts.balance[stage.account])
    fund = int(world.markets.fund[market.row])
    stage.set_equity(fund, 10**15)
    before = worlds.worth(world)
    stage.run()
    assert stage.left() == (0, 0)
    price = Fraction(lots * paid - balance, lots)  # sold there, the account has 0
    assert stage.scan.margin(fund)[0] == 10**15 + lots * (mark - price)
    assert worlds.worth(world) == before


@given(
    holdings=st.lists(st.integers(-(10**5), 10**5).filter(bool), min_size=2, max_size=3),
    equity=st.integers(-(10**12), 10**12),
)
def test_several_positions_take_the_whole_equity_along(package, built, holdings, equity):
    """The shares of several positions, over several funds, add up to the equity exactly."""
    stage = Stage(package, built)
    for symbol, lots in zip(("BTC", "ETH", "SOL"), holdings, strict=False):
        stage.hold(stage.account, symbol, lots, lots * 123_457)
    equity = min(equity, stage.scan.margin(stage.account)[1] - 1)
    stage.set_equity(stage.account, equity)
    for fund in stage.funds:
        stage.set_equity(fund, 10**15)
    stage.run()
    assert stage.left() == (0, 0)
    gained = sum(stage.scan.margin(fund)[0] for fund in stage.funds) - 10**15 * len(stage.funds)
    assert gained == equity


@given(
    holdings=st.lists(st.integers(-(10**5), 10**5).filter(bool), min_size=1, max_size=3),
    equity=st.integers(-(10**12), 10**12),
)
def test_shares_are_by_maintenance(package, built, holdings, equity):
    """A position's share of the equity is by its maintenance margin, rounded toward zero."""
    stage = Stage(package, built)
    world, scan = stage.world, stage.scan
    for symbol, lots in zip(("BTC", "ETH", "SOL"), holdings, strict=False):
        stage.hold(stage.account, symbol, lots, lots * 123_457)
    need = scan.margin(stage.account)[1]
    for slot in stage.slots(stage.account):
        market, lots = int(world.positions.market[slot]), int(world.positions.lots[slot])
        if lots != 0:
            notional = abs(lots) * int(world.markets.margin_price[market])
            own = maintenance(scan.rows[market], notional)
            share = package.share_equity.equity_share(
                world.markets, world.tiers, world.positions, slot, equity, need
            )
            assert int(share) == trunc(Fraction(equity * own, need))


@pytest.mark.parametrize("equity", [-1_000_001, 0, 999_999])
def test_what_one_fund_refuses_stays_with_its_share(package, built, equity):
    """Of two positions whose funds disagree, the refused one keeps its share, to the quantum."""
    stage = Stage(package, built)
    world, scan = stage.world, stage.scan
    taken = stage.hold(stage.account, "BTC", 1000, 1000 * 100_000_000)
    refused = stage.hold(stage.account, "SOL", -777, -777 * 20_000_000)
    stage.set_equity(stage.account, equity)
    stage.set_equity(int(world.markets.fund[taken.row]), 10**15)
    stage.set_equity(int(world.markets.fund[refused.row]), 0)
    own, need = (
        maintenance(scan.rows[taken.row], 1000 * int(world.markets.margin_price[taken.row])),
        scan.margin(stage.account)[1],
    )
    stage.run()
    share = trunc(Fraction(equity * own, need))
    assert stage.left()[1] == 777
    assert scan.margin(stage.account)[0] == equity - share
    assert scan.margin(int(world.markets.fund[taken.row]))[0] == 10**15 + share


@pytest.mark.parametrize(
    ("capital", "equity", "accepted"),
    [
        (1, -1, True),
        (1, -2, False),  # it would end below zero
        (0, 0, False),  # nothing left
        (0, 5, False),
        (1, 0, True),
        (-1, 5, False),
    ],
)
def test_capacity(package, built, capital, equity, accepted):
    """A fund that must not be negative takes over while it is positive and stays at least at 0."""
    stage = Stage(package, built)
    market = stage.hold(stage.account, "BTC", 1000, 1000 * 200_000_000)
    stage.set_equity(stage.account, equity)
    stage.set_equity(int(stage.world.markets.fund[market.row]), capital)
    stage.run()
    assert stage.left()[1] == (0 if accepted else 1000)
    assert int(stage.world.accounts.refused[stage.account]) == (not accepted)


def test_an_unlimited_vault_takes_everything(package, built):
    """A backstop without a limit takes over however little it has itself."""
    stage = Stage(package, built, worlds.HYPERLIQUID)
    stage.hold(stage.account, "BTC", 1000, 1000 * 200_000_000)
    stage.set_equity(stage.account, -(10**12))
    stage.run()
    assert stage.left() == (0, 0)


@pytest.mark.parametrize(("missing", "taken"), [(0, False), (1, True)])
def test_the_threshold_is_strict(package, built, missing, taken):
    """Equity of exactly the threshold is not taken over; a quantum less is."""
    stage = Stage(package, built, worlds.HYPERLIQUID)
    stage.hold(stage.account, "BTC", 1000, 1000 * 100_000_000)
    _, need, _ = stage.scan.margin(stage.account)
    stage.set_equity(stage.account, -(-need * 2 // 3) - missing)
    stage.run()
    assert (stage.left()[1] == 0) == taken


@pytest.mark.parametrize(("step", "taken"), [(5, False), (6, True), (7, False), (12, True)])
def test_the_interval(package, built, step, taken):
    """A venue that takes over in batches does so at multiples of its interval."""
    stage = Stage(package, built, worlds.HYPERLIQUID)
    stage.hold(stage.account, "BTC", 1000, 1000 * 100_000_000)
    stage.set_equity(stage.account, 1)
    stage.run(step)
    assert (stage.left()[1] == 0) == taken


def test_the_fund_answers_by_its_capital(watch):
    """In a whole crash every refusal of a limited fund has the capital as its reason."""
    limited = [row for row in watch.answers if row[0] == worlds.BINANCE]
    assert {answer for *_, answer in limited} == {True, False}
    for _, capital, share, answer in limited:
        assert answer == (capital > 0 and capital + share >= 0)
    unlimited = [row for row in watch.answers if row[0] == worlds.HYPERLIQUID]
    assert {answer for *_, answer in unlimited} == {True}


def test_collateral_goes_along(package, built):
    """Whoever is taken over before its collateral was converted keeps nothing either."""
    stage = Stage(package, built)
    stage.hold(stage.account, "BTC", 1000, 1000 * 100_000_000)
    stage.hold(stage.account, "USDE", 50, 0, kind=SPOT)
    stage.set_equity(stage.account, 1)
    for fund in stage.funds:
        stage.set_equity(fund, 10**15)
    stage.run()
    assert stage.left() == (0, 0)
    assert stage.scan.margin(stage.account)[0] == 0
