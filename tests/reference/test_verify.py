"""The engine reaches what the reference reaches, to the unit and step by step."""

import dataclasses
import threading

import pytest

import tacoma
from systems import worlds
from systems.transplants import RULEBOOKS, SHAKE, under
from tacoma.errors import InputError, InterruptedRunError
from tacoma.lab.verify import Difference, first_difference, verify
from tacoma.reference.from_world import from_world
from tacoma.world.layout import (
    VENUE_ADL,
    VENUE_COLUMNS,
    VENUE_LIQUIDATED_ACCOUNTS,
    VENUE_TAKEOVER,
)

STEPS = 120
QUIET = ("ccp-span",)  # it calls once an hour


def compared(scenario, steps):
    """Compare a world to a step; return it, with what its venues' liquidations moved in all."""
    built = worlds.start(scenario)
    assert first_difference(built, steps, seed=scenario.seed) is None
    assert int(built.world.clock.step[0]) == steps
    return built, built.world.record.venue[1 : steps + 1].sum(axis=(0, 1))


def test_flash_crash():
    """Both venues' waterfalls, from the first liquidation to deleveraging and calm again."""
    result = verify(tacoma.load("flash-crash", accounts=300))
    assert result.difference is None
    assert result.matches
    assert (result.scenario, result.seed, result.accounts) == ("flash-crash", 7, 300)
    assert result.steps == 600
    assert result.records > 10_000
    assert result.events > 300
    assert result.liquidated_accounts > 50


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_every_rulebook(rulebook):
    """Whatever a venue's rules: prices fall and rise, both sides fail, and nothing differs."""
    _, moved = compared(under(rulebook, 120, path=SHAKE), STEPS)
    assert (moved[VENUE_LIQUIDATED_ACCOUNTS] > 20) == (rulebook not in QUIET)


def test_every_stage_is_met():
    """The rulebooks together liquidate in every way, so that each is compared."""
    met = dict.fromkeys(VENUE_COLUMNS, 0)
    for rulebook in ("bitmex", "gmx-v2", "paradex", "hyperliquid"):
        _, moved = compared(under(rulebook, 120, path=SHAKE), STEPS)
        for name, amount in zip(VENUE_COLUMNS, moved.tolist(), strict=True):
            met[name] += amount
    assert all(met.values()), met


def test_options():
    """Options under portfolio and standard margin, on four venues, to their liquidation."""
    scenario = tacoma.load("options-crash", accounts=150)
    built, moved = compared(scenario, 150)
    assert built.directory.has_options
    assert moved[VENUE_TAKEOVER] > 0
    assert moved[VENUE_ADL] > 0


def test_a_venue_halts():
    """A settlement that cannot be made halts the venue in both, at the same step."""
    built, _ = compared(tacoma.load("dydx-isolated", accounts=150), 320)
    assert int(built.world.venues.halts[0]) == 1
    assert int(built.world.venues.halted_until[0]) > 320


def test_another_day():
    """The first minutes of the recorded evening, with all its markets."""
    compared(tacoma.load("oct-2025", accounts=300), 40)


# ------------------------------------------------------------------- what is told of a run


def test_verify_takes_what_run_takes():
    """Seed, size and end are the caller's; progress is told to the end, in simulated seconds."""
    told = []
    scenario = tacoma.load("flash-crash")
    result = tacoma.verify(
        scenario, seed=3, accounts=120, until="15:56", progress=lambda *now: told.append(now)
    )
    assert (result.seed, result.accounts, result.steps) == (3, 120, 60)
    assert [(part, second) for part, second, _ in told][-1] == (1.0, 60)
    assert len(told) == 60
    with pytest.raises(InputError, match="15:55"):
        verify(scenario, accounts=120, until="14:00")


def test_small_by_default():
    """From Python, too, a world has 300 accounts unless told otherwise."""
    assert tacoma.verify("flash-crash", until="15:56").accounts == 300


def test_the_same_seed_gives_the_same_verification():
    """Nothing in it but the wall time depends on the moment."""
    one, two = (verify(tacoma.load("flash-crash", accounts=120), until="15:57") for _ in "ab")
    assert dataclasses.replace(one, wall_s=0.0) == dataclasses.replace(two, wall_s=0.0)


def test_it_can_be_stopped():
    """Another thread's event ends the comparison after the step."""
    stop = threading.Event()
    stop.set()
    with pytest.raises(InterruptedRunError, match="step 1 of 60"):
        first_difference(worlds.small(), 60, seed=7, stop=stop)


def test_it_begins_at_the_beginning():
    """A world that has lived already is refused: what came before is not in its arrays."""
    built = worlds.small()
    assert first_difference(built, 3, seed=7) is None
    with pytest.raises(ValueError, match="at its start"):
        from_world(built.world)


def test_a_difference_reads_as_a_sentence():
    """It says when, what, and both values, and how to come back to it."""
    difference = Difference(12, "account 17 (retail, binance) balance", 1_000, None, 7)
    assert str(difference) == (
        "step 12 with seed 7: account 17 (retail, binance) balance is 1,000 in the engine, "
        "missing in the reference"
    )
