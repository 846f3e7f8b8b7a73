"""The machinery bites: seeded defects are found by the right invariant, and shrink."""

from types import SimpleNamespace

import numpy as np
import pytest

from simulation import stepping
from simulation.case import drawn
from simulation.interpreted import interpreted_pieces
from simulation.runner import run_case
from simulation.shrink import shrink
from tacoma.world.codes import CALM, EXEMPT, INSURANCE, LIQUIDATING, RETAIL

SEEDS = 60
BUDGET = 60


def spoiled(**changes):
    """Return the pieces of a step with some of them followed by a defect (compiled otherwise)."""
    pieces = SimpleNamespace(
        prepare=stepping.prepare, enter=stepping.enter, settle=stepping.settle,
        leave=stepping.leave, measure=stepping.measure,
    )  # fmt: skip

    def followed(real, spoil):
        def piece(world, *rest):
            real(world, *rest)
            spoil(world)

        return piece

    for name, spoil in changes.items():
        setattr(pieces, name, followed(getattr(pieces, name), spoil))
    return pieces


def first_failing(pieces, first=0):
    """Return the first case from a seed on that fails with these pieces, and its verdict."""
    for seed in range(first, first + SEEDS):
        case, scenario, made = drawn(seed)
        verdict = run_case(case, scenario, made, pieces=pieces, deep=[])
        if verdict.failed:
            return case, verdict
    raise AssertionError("no seed found the defect")


def steal(world):
    """Take a quantum from somebody at step 3."""
    if world.clock.step[0] == 3:
        world.accounts.balance[0] -= 1


def lose_a_lot(world):
    """Let a position grow by a lot at step 3."""
    if world.clock.step[0] == 3:
        world.positions.lots[0] += 1


def forget(world):
    """Take everybody out of the trigger index, so that falling prices find nobody."""
    world.triggers.head[:] = -1
    world.positions.trigger[:] = 0


def pay_from_the_fund(world):
    """Let a fund pay a customer twice what it has."""
    for fund in np.flatnonzero(world.accounts.kind == INSURANCE):
        money = 2 * max(int(world.accounts.balance[fund]), 0)
        world.accounts.balance[fund] -= money
        world.accounts.balance[0] += money
        world.audit.seen_worth[fund] -= money  # what the engine's own audit compares with
        world.audit.seen_worth[0] += money


def let_go(world):
    """Let the first account in liquidation go without looking at it."""
    for account in np.flatnonzero(world.accounts.status == LIQUIDATING)[:1]:
        world.accounts.status[account] = CALM
        batch = world.triggers.batch[: int(world.triggers.counts.batch[0])]
        kept = batch[batch != account].copy()
        world.triggers.batch[: len(kept)] = kept
        world.triggers.counts.batch[0] = len(kept)
        world.accounts.is_touched[account] = 0


def seize(world):
    """Put a healthy customer into liquidation."""
    free = (world.accounts.kind == RETAIL) & (world.accounts.status < LIQUIDATING)
    for account in np.flatnonzero(free)[:1]:
        world.accounts.status[account] = LIQUIDATING
        world.triggers.batch[world.triggers.counts.batch[0]] = account
        world.triggers.counts.batch[0] += 1


DEFECTS = [
    ("settle", steal, {"money_is_conserved"}),
    ("settle", lose_a_lot, {"positions_cancel"}),
    ("leave", forget, {"the_index_equals_the_scan", "nobody_bankrupt_stays"}),
    ("settle", pay_from_the_fund, {"no_stage_overdraws_a_fund"}),
    ("settle", let_go, {"the_index_equals_the_scan", "nobody_bankrupt_stays"}),
    ("settle", seize, {"nobody_healthy_is_liquidated", "the_healthy_are_released"}),
]


@pytest.mark.parametrize(
    ("piece", "defect", "names"), DEFECTS, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_defect_is_found_and_shrinks(piece, defect, names):
    """What is wrong is found by the invariant that is about it, in a world that becomes smaller."""
    pieces = spoiled(**{piece: defect})
    case, verdict = first_failing(pieces)
    assert verdict.invariant in names
    small, again = shrink(case, verdict, pieces=pieces, budget=BUDGET)
    assert again.invariant == verdict.invariant
    assert small.steps <= case.steps
    assert len(small.records) <= len(case.records)
    assert small.accounts < case.accounts
    assert len(str(small.scenario)) < len(str(case.scenario))


def same_side(modules):
    """Let the deleveraging queue hold the bankrupt's own side."""
    module = modules["tacoma.systems.waterfall.deleverage"]
    real = module.build_queue

    def build_queue(*arguments):
        *first, winners_long, needed, step = arguments
        return real(*first, not winners_long, needed, step)

    module.build_queue = build_queue


def pays_more_than_it_has(modules):
    """Let a fund pay debts whatever it has."""
    module = modules["tacoma.systems.waterfall.insurance"]
    real = module.account_margin

    def account_margin(markets, tiers, accounts, positions, account):
        found = real(markets, tiers, accounts, positions, account)
        return (2**60, *found[1:]) if accounts.status[account] == EXEMPT else found

    module.account_margin = account_margin


def looks_too_late(modules):
    """Let the index believe in ten times the slack that there is."""
    module = modules["tacoma.systems.trigger_index"]
    real = module.place_account
    module.place_account = lambda *arguments: real(*arguments[:-1], 10 * arguments[-1])


def rounds_maintenance_down(modules):
    """Let every maintenance margin be a quantum short."""
    module = modules["tacoma.systems.margin"]
    real = module.position_maintenance
    module.position_maintenance = lambda *arguments: max(real(*arguments) - 1, 0)


WRITTEN = [
    (same_side, 0, {"only_the_opposite_side"}),
    (pays_more_than_it_has, 75, {"no_stage_overdraws_a_fund"}),  # the fund there is used up
    (looks_too_late, 0, {"the_index_equals_the_scan", "nobody_bankrupt_stays"}),
    (rounds_maintenance_down, 0, {"the_scan_is_exact"}),
]


@pytest.mark.parametrize(
    ("defect", "first", "names"), WRITTEN, ids=lambda v: getattr(v, "__name__", "")
)
def test_a_defect_in_a_rule_is_found(defect, first, names):
    """A wrong line in the engine itself is found by the invariant that is about it."""
    pieces, modules = interpreted_pieces()
    defect(modules)
    _, verdict = first_failing(pieces, first)
    assert verdict.invariant in names


def test_the_interpreted_engine_is_sound():
    """Without a defect the interpreted copy holds every invariant, and gives the same ledger."""
    pieces, _ = interpreted_pieces()
    for seed in (1, 2, 3):
        case, scenario, made = drawn(seed)
        verdict = run_case(
            case, scenario, made, pieces=pieces, deep=["the_same_seed_gives_the_same_bytes"]
        )
        assert not verdict.failed, verdict
