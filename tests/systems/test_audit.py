"""The audit of one step: it fails what does not add up, in the step in which it happened."""

import pytest

from systems import worlds
from tacoma.errors import ConservationError
from tacoma.lab.drive import drive
from tacoma.world.codes import PERPETUAL


@pytest.fixture
def built():
    """A calm world of 100 accounts with its books opened, audited in full every 100 steps."""
    built = worlds.small()
    built.world.audit.state.interval[0] = 100
    return built


def check(package, built, step, *, last=False):
    """Audit a step; return (the step that failed, its market, the difference), -1 for none."""
    world, state = built.world, built.world.audit.state
    package.audit.check(world.accounts, world.positions, world.audit, step, last)
    world.accounts.is_touched[:] = 0
    world.audit.state.touched_count[0] = 0
    return int(state.failed_step[0]), int(state.failed_market[0]), int(state.difference[0])


@pytest.mark.parametrize("lots", [3, -3])
def test_a_fill_with_one_side_fails_its_step(package, built, lots):
    """A fill without counterparty is found in its step and market, bought or sold."""
    world = built.world
    markets = world.markets.kind[world.positions.market]
    slot = int((markets == PERPETUAL).argmax())
    package.ledger.apply_fill(
        world.accounts, world.positions, world.markets, world.audit, slot, lots, 0
    )
    assert check(package, built, 7) == (7, int(world.positions.market[slot]), lots)


@pytest.mark.parametrize("quanta", [1, -1])
def test_money_that_appears_or_vanishes_fails_its_step(package, built, quanta):
    """A quantum more or less on an account that the step touched is found in that step."""
    world = built.world
    world.accounts.balance[5] += quanta
    package.ledger.touch(world.accounts, world.audit, 5)
    assert check(package, built, 7) == (7, -1, quanta)


def test_each_step_is_compared_with_the_one_before(package, built):
    """Whoever received money in one step may be touched alone in the next."""
    world = built.world
    package.ledger.transfer(world.accounts, world.audit, 5, 6, 1000)
    assert check(package, built, 7)[0] == -1
    package.ledger.touch(world.accounts, world.audit, 6)
    assert check(package, built, 8)[0] == -1


def test_the_last_step_has_a_full_audit(package, built):
    """What never went through the ledger is found at the last step, and not before it is due."""
    built.world.accounts.balance[5] -= 1
    assert check(package, built, 101)[0] == -1
    assert check(package, built, 102, last=True) == (102, -1, -1)


def test_a_violation_ends_the_run(built):
    """A run whose audit fails ends with the error that names seed and step."""
    built.world.accounts.balance[5] += 1
    with pytest.raises(ConservationError, match=r"step 2 with seed 7: money changed by \+1 quanta"):
        drive(built, 7, 2)
