"""The batch of accounts in liquidation: its order, and who leaves it."""

import pytest

from systems import worlds
from systems.transplants import Hands, made
from tacoma.scenario import from_dict
from tacoma.world.codes import ALERTED, EVENT_BAD_DEBT, EXEMPT, LIQUIDATING, WRITTEN_OFF
from tacoma.world.layout import VENUE_BAD_DEBT


@pytest.fixture(scope="module")
def calm():
    """A calm world, whose first venue looks at every step."""
    return made(from_dict(worlds.table(100, timeline=[])))


def release(hands, step=4):
    """Release a batch of the one account; return how many stay in it."""
    world = hands.world
    world.triggers.batch[0], world.triggers.counts.batch[0] = hands.account, 1
    world.accounts.since[hands.account] = 3
    hands.package.liquidation.release(
        world.markets, world.tiers, world.accounts, world.positions, world.rules, world.venues,
        world.triggers, world.books, world.flows, world.events, step,
    )  # fmt: skip
    return int(world.triggers.counts.batch[0])


@pytest.mark.parametrize("missing", [-1, 0, 1])
def test_who_is_healthy_again_is_let_go(package, calm, missing):
    """With just its maintenance an account is free after the stages; a quantum less and it stays.

    Who is free is indexed again.
    """
    hands = Hands(package, *calm)
    slot = hands.hold("BTC", 1000)
    hands.set_equity(hands.need() - missing)
    stays = missing > 0
    assert release(hands) == stays
    assert int(hands.world.accounts.status[hands.account]) == (LIQUIDATING if stays else ALERTED)
    assert int(hands.world.accounts.since[hands.account]) == (3 if stays else 0)
    assert (int(hands.world.positions.trigger[slot]) != 0) == (not stays)


def test_a_debt_is_written_off_once(package, calm):
    """A debt that no stage paid is counted as bad debt, and its account is done with for good."""
    hands = Hands(package, *calm)
    world = hands.world
    world.flows.venue[:] = 0
    hands.set_equity(-100)
    assert release(hands) == 0
    assert int(world.accounts.status[hands.account]) == EXEMPT
    assert int(world.accounts.since[hands.account]) == WRITTEN_OFF
    assert int(world.flows.venue[hands.venue, VENUE_BAD_DEBT]) == 100
    assert world.events.liquidations.stage[:1].tolist() == [EVENT_BAD_DEBT]
    assert int(world.events.counts["liquidations"][0]) == 1


def test_the_batch_is_in_order_of_account(package, calm):
    """Who is first does not depend on when it failed."""
    world = calm[1].world
    world.triggers.batch[:4], world.triggers.counts.batch[0] = [9, 2, 7, 4], 4
    package.liquidation.order_batch(world.rules, world.accounts, world.triggers, 1)
    assert world.triggers.batch[:4].tolist() == [2, 4, 7, 9]
