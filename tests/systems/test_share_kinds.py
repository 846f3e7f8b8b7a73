"""Loss sharing by every word of a rulebook: who pays, in which ratio, and never more than that."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tacoma
from systems import worlds
from systems.transplants import RULEBOOKS, Hands, made, under
from tacoma.scenario import load_rulebook
from tacoma.world.codes import DESK, SHARE_KINDS

WEIGHTED = ["profit_pro_rata", "open_interest", "deposits", "equity"]


@pytest.fixture(scope="module")
def vertex():
    """A calm world in which nobody holds anything."""
    return made(under("vertex", calm=True))


class Desks(Hands):
    """A debtor and desks with positions, profits and balances of their own."""

    def __init__(self, package, start, kind, debt, holdings):
        super().__init__(package, *start)
        world = self.world
        world.positions.lots[:] = world.positions.entry[:] = 0
        world.accounts.balance[:] = 0
        self.rules(share_kind=SHARE_KINDS.index(kind))
        desks = np.flatnonzero((world.accounts.kind == DESK) & (world.accounts.venue == self.venue))
        self.debtor, self.others = int(desks[0]), desks[1 : 1 + len(holdings)].tolist()
        assert len(self.others) == len(holdings)
        world.accounts.balance[self.debtor] = -debt
        for desk, (lots, profit, balance) in zip(self.others, holdings, strict=True):
            self.hold("BTC", lots, desk, entry=lots * self.price("BTC") - profit if lots else 0)
            world.accounts.balance[desk] = balance

    def weights(self, kind):
        """Return what everybody's part is proportional to, by the independent scan."""
        found = []
        for desk in self.others:
            equity, _, notional = self.scan.margin(desk)
            balance = int(self.world.accounts.balance[desk])
            found.append({
                "profit_pro_rata": equity - balance, "open_interest": notional,
                "deposits": balance, "equity": equity,
            }[kind])  # fmt: skip
        return [max(weight, 0) for weight in found]

    def share(self):
        """Run the stage for the debtor."""
        world = self.world
        self.package.share.share_loss(
            world.accounts, world.positions, world.markets, world.tiers, world.rules, world.audit,
            world.flows, world.events, world.deleverage, self.debtor, 1,
        )  # fmt: skip


HOLDINGS = st.lists(
    st.tuples(st.integers(-1000, 1000), st.integers(-(10**12), 10**12), st.integers(-9, 10**12)),
    min_size=1, max_size=6,
)  # fmt: skip


@pytest.mark.parametrize("kind", WEIGHTED)
@given(debt=st.one_of(st.integers(1, 50), st.integers(1, 10**13)), holdings=HOLDINGS)
def test_parts_of_a_loss(package, vertex, kind, debt, holdings):
    """
    The parts add up to the debt, or to all weight if that is less, and each is by weight.

    Nobody pays more than the weight: profit, notional, deposit or equity. Nothing is made.
    """
    desks = Desks(package, vertex, kind, debt, holdings)
    weights, worth = desks.weights(kind), worlds.worth(desks.world)
    before = desks.world.accounts.balance.copy()
    desks.share()
    paid = (before - desks.world.accounts.balance)[desks.others].tolist()
    total = sum(weights)
    shared = min(debt, total)
    assert sum(paid) == shared == debt + int(desks.world.accounts.balance[desks.debtor])
    for part, weight in zip(paid, weights, strict=True):
        assert 0 <= part <= weight
        assert abs(part - Fraction(shared * weight, max(total, 1))) < 1
    assert worlds.worth(desks.world) == worth


@pytest.mark.parametrize("kind", ["deposits", "equity"])
@given(debt=st.integers(1, 10**14), holdings=HOLDINGS)
def test_nobody_is_made_bankrupt(package, vertex, kind, debt, holdings):
    """Where money or equity is what is shared by, nobody's own falls below zero through it."""
    desks = Desks(package, vertex, kind, debt, holdings)
    before = [(desks.equity(d), int(desks.world.accounts.balance[d])) for d in desks.others]
    desks.share()
    for desk, (equity, balance) in zip(desks.others, before, strict=True):
        if kind == "equity":
            assert desks.equity(desk) >= min(equity, 0)
        else:
            assert int(desks.world.accounts.balance[desk]) >= min(balance, 0)


@pytest.mark.parametrize(
    ("debt", "wallet", "covered"), [(5, 9, 5), (9, 9, 9), (10, 9, 9), (5, 0, 0)]
)
def test_printed_tokens_are_bought_with_new_money(package, vertex, debt, wallet, covered):
    """Buyers of printed tokens pay the debt as far as their money reaches; no account pays."""
    desks = Desks(package, vertex, "token_print", debt, [(5, 10**9, 10**9)])
    world = desks.world
    fees = int(world.rules.fees_account[desks.venue])
    world.accounts.wallet[fees] = wallet
    worth = worlds.worth(world)
    desks.share()
    assert int(world.accounts.balance[desks.debtor]) == covered - debt
    assert int(world.accounts.wallet[fees]) == wallet - covered
    assert int(world.accounts.balance[fees]) == 0
    assert int(world.accounts.balance[desks.others[0]]) == 10**9
    assert worlds.worth(world) == worth
    world.accounts.wallet[fees] = 0


def test_only_those_who_print_have_buyers():
    """Money of token buyers exists on venues whose rulebook prints tokens, and on no other."""
    for rulebook in RULEBOOKS:
        built = worlds.start(under(rulebook, calm=True))
        share = load_rulebook(rulebook).waterfall.share
        prints = share is not None and share.kind == "token_print"
        fees = int(built.world.rules.fees_account[0])
        assert (int(built.world.accounts.wallet[fees]) > 0) == prints


@pytest.mark.parametrize("kind", SHARE_KINDS)
def test_a_whole_crash_with_each_kind(kind):
    """With hardly any insurance a crash shares its losses by every word, and conserves money."""
    scenario = under(
        "vertex", 400, path=[("15:55", 1), ("15:55:10", 1), ("15:55:16", 0.8), ("16:05", 0.8)],
        rules={"waterfall.share.kind": kind, "waterfall.takeover.capacity": "fund_not_negative",
               "waterfall.takeover.by": "insurance"},
        fields={"venues.binance.insurance": [{"pool": "fund", "capital": "10_000 USD"}],
                "venues.binance.backstop": []},
    )  # fmt: skip
    run = tacoma.run(scenario, control=False, macro=False, threads=1, until="15:56")
    assert run.conserved
    shared = run.summary["shared_usd"]
    assert (shared > 0) == (kind != "none"), run.summary
