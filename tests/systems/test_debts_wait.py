"""Debts without positions: they wait for the venue's stages before they are written off."""

import numpy as np
import pytest

from systems import worlds
from systems.transplants import Hands, under
from tacoma.world.codes import EVENT_BAD_DEBT, EXEMPT, LIQUIDATING, MAKER, STAGE_INSURANCE


def liquidate(hands, step):
    """Run the venue's liquidation once; return the stages of the account's events."""
    world = hands.world
    since = int(world.events.counts["liquidations"][0])
    with np.errstate(over="ignore"):
        hands.package.liquidation.liquidate(
            world.accounts, world.positions, world.markets, world.tiers, world.rules, world.venues,
            world.peaks, world.record, world.waterfall, world.triggers, world.books, world.audit,
            world.flows, world.events, world.deleverage, step,
        )  # fmt: skip
    rows = world.events.liquidations[since : int(world.events.counts["liquidations"][0])]
    return rows.stage[rows.account == hands.account].tolist()


@pytest.mark.parametrize(("capital", "left"), [(100, 0), (70, 30), (0, 100)])
def test_a_debt_waits_for_the_interval(package, capital, left):
    """
    An account that closed its positions itself and owes money is paid for at the next interval.

    In between nobody writes the debt off; after the stages what is left of it is, once.
    """
    scenario = under("paradex", calm=True, rules={"waterfall.order": ["insurance"]})
    hands = Hands(package, scenario, worlds.start(scenario))
    world = hands.world
    world.accounts.status[hands.account] = 0
    for fund in hands.funds:
        hands.set_equity(capital, fund)
    assert liquidate(hands, 5) == []
    hands.set_equity(-100)
    package.ledger.touch(world.accounts, world.audit, hands.account)
    for step in (6, 7, 8, 9):
        assert liquidate(hands, step) == []
        assert int(world.accounts.status[hands.account]) == LIQUIDATING
        assert hands.equity() == -100
    expected = [STAGE_INSURANCE] * (capital > 0) + [EVENT_BAD_DEBT] * (left > 0)
    assert liquidate(hands, 10) == expected
    assert hands.equity() == -left
    assert (int(world.accounts.status[hands.account]) == EXEMPT) == (left > 0)
    assert liquidate(hands, 15) == []


@pytest.mark.parametrize("rulebook", ["amm-pool", "perp-curie", "okx"])
def test_every_maker_has_capital(rulebook):
    """Each maker starts with capital for what it quotes, also beside a pool that has no makers."""
    built = worlds.start(under(rulebook))
    world = built.world
    makers = np.flatnonzero((world.accounts.kind == MAKER) & (world.accounts.venue == 0))
    depth = world.books.depth.sum(axis=2) * world.markets.margin_price[:, None]
    for place, account in enumerate(makers.tolist()):
        quoted = int(depth[world.markets.venue == 0, place].sum()) // 2
        assert quoted > 0
        assert int(world.accounts.balance[account]) > 2 * quoted
