"""Converting collateral and paying debts: who gets what, and that a fund pays for nothing else."""

import pytest

from systems import worlds
from systems.exact import Scan
from tacoma.scenario import from_dict
from tacoma.world.codes import PERPETUAL, SPOT


@pytest.fixture(scope="module")
def built():
    """A calm world; the tests arrange one account and its fund by hand."""
    return worlds.small()


class Hand:
    """One account of binance and the fund of bitcoin, with nothing of their own."""

    def __init__(self, package, built):
        self.package, self.world = package, built.world
        self.scan = Scan(from_dict(worlds.table(100, timeline=[])), built)
        self.account = built.found.makers[worlds.BINANCE][2]  # has a slot in every market
        bitcoin = built.directory.market("binance", "BTC")
        self.fund = int(self.world.markets.fund[bitcoin.row])
        self.rows = {
            (market.symbol, market.kind): place
            for place, market in enumerate(built.directory.of_venue(worlds.BINANCE))
        }
        for account in (self.account, self.fund):
            for place in self.rows.values():
                slot = int(self.world.accounts.slot_first[account]) + place
                self.world.positions.lots[slot] = self.world.positions.entry[slot] = 0
            self.world.accounts.balance[account] = 0

    def slot(self, account, symbol, kind=SPOT):
        return int(self.world.accounts.slot_first[account]) + self.rows[symbol, kind]

    def hold(self, account, symbol, lots, kind=SPOT):
        self.world.positions.lots[self.slot(account, symbol, kind)] = lots

    def value(self, symbol, lots):
        market = int(self.world.positions.market[self.slot(self.account, symbol)])
        price = int(self.world.markets.margin_price[market])
        return lots * price * int(self.world.markets.weight_ppm[market]) // 1_000_000

    def convert(self):
        world = self.world
        self.package.convert.convert_collateral(
            world.accounts, world.positions, world.markets, world.tiers, world.rules, world.audit,
            world.events, self.account, 1,
        )  # fmt: skip

    def pay(self):
        world = self.world
        self.package.insurance.pay_debt(
            world.accounts, world.positions, world.markets, world.tiers, world.audit, world.flows,
            world.events, self.account, 1,
        )  # fmt: skip

    def balances(self):
        return tuple(int(self.world.accounts.balance[a]) for a in (self.account, self.fund))


@pytest.mark.parametrize("holdings", [{"USDE": 50}, {"WBETH": 3}, {"USDE": 50, "WBETH": 3}])
def test_collateral_becomes_money_at_its_margin_value(package, built, holdings):
    """An account in need gets what its collateral counted for, and the fund gets the assets."""
    hand = Hand(package, built)
    hand.world.accounts.balance[hand.account] = -1
    before = worlds.worth(hand.world), worlds.net_lots(hand.world)
    for symbol, lots in holdings.items():
        hand.hold(hand.account, symbol, lots)
    equity = hand.scan.margin(hand.account)[0]
    hand.convert()
    value = sum(hand.value(symbol, lots) for symbol, lots in holdings.items())
    assert hand.balances() == (value - 1, -value)
    assert hand.scan.margin(hand.account)[0] == equity
    for symbol, lots in holdings.items():
        slots = [hand.slot(account, symbol) for account in (hand.account, hand.fund)]
        assert [int(hand.world.positions.lots[slot]) for slot in slots] == [0, lots]
    assert worlds.worth(hand.world) == before[0]
    for symbol, lots in holdings.items():  # put in by hand, above
        before[1][int(hand.world.positions.market[hand.slot(hand.account, symbol)])] += lots
    assert worlds.net_lots(hand.world) == before[1]


def test_whoever_is_healthy_keeps_its_collateral(package, built):
    """With enough equity and no debt nothing is converted."""
    hand = Hand(package, built)
    hand.hold(hand.account, "USDE", 50)
    hand.convert()
    assert hand.balances() == (0, 0)
    assert int(hand.world.positions.lots[hand.slot(hand.account, "USDE")]) == 50


@pytest.mark.parametrize("missing", [-1, 0, 1])
def test_collateral_is_kept_at_just_the_maintenance(package, built, missing):
    """With equity of just its maintenance an account keeps its collateral; a quantum less, not."""
    hand = Hand(package, built)
    hand.hold(hand.account, "USDE", 50)
    hand.hold(hand.account, "BTC", 1000, PERPETUAL)
    slot = hand.slot(hand.account, "BTC", PERPETUAL)
    equity, need, _ = hand.scan.margin(hand.account)
    hand.world.positions.entry[slot] = equity - need + missing
    hand.convert()
    kept = int(hand.world.positions.lots[hand.slot(hand.account, "USDE")])
    assert kept == (0 if missing > 0 else 50)


@pytest.mark.parametrize(
    ("debt", "capital", "paid"),
    [(100, 500, 100), (100, 100, 100), (100, 99, 99), (100, 0, 0), (100, -5, 0), (0, 500, 0)],
)
def test_the_fund_pays_what_it_can(package, built, debt, capital, paid):
    """A debt is paid as far as the fund's equity reaches, and not a quantum further."""
    hand = Hand(package, built)
    hand.world.accounts.balance[hand.account] = -debt
    hand.world.accounts.balance[hand.fund] = capital
    hand.pay()
    assert hand.balances() == (paid - debt, capital - paid)


def test_no_debt_is_paid_while_positions_are_open(package, built):
    """Whoever still holds a position has no final debt yet."""
    hand = Hand(package, built)
    hand.hold(hand.account, "BTC", 1, PERPETUAL)
    slot = hand.slot(hand.account, "BTC", PERPETUAL)
    market = int(hand.world.positions.market[slot])
    hand.world.positions.entry[slot] = int(hand.world.markets.margin_price[market])
    hand.world.accounts.balance[hand.account] = -100
    hand.world.accounts.balance[hand.fund] = 500
    hand.pay()
    assert hand.balances() == (-100, 500)


def test_the_fund_pays_nobody_who_can_pay(package, built):
    """An account whose collateral covers its negative balance owes the fund's money to nobody."""
    hand = Hand(package, built)
    hand.hold(hand.account, "USDE", 50)
    hand.world.accounts.balance[hand.account] = -100
    hand.world.accounts.balance[hand.fund] = 500
    hand.pay()
    assert hand.balances() == (-100, 500)
