"""Worlds drawn from seeds: every invariant holds after every step, and the worlds are not calm."""

from collections import Counter

import numpy as np
import pytest

from simulation.case import drawn, read, save
from simulation.dice import Dice
from simulation.runner import EVERY_STEP, run_case, run_seed
from simulation.twice import CHECKS
from simulation.verdict import Verdict

SEEDS, PARTS = 1_500, 5  # about a minute on one core
SEEN = Counter()

# What the seeds below have to meet, so that a generator that has gone calm is noticed.
EXERCISED = (
    "event trigger", "event market", "event convert", "event takeover", "event insurance",
    "event adl", "event share", "event bad_debt", "event halt", "event deleveraged fund",
    "worlds with options", "worlds with several venues", "worlds with unsound records",
    "worlds with written-off accounts", "worlds where one has half the interest",
    "worlds with funding", "worlds with a price ten times in a step",
    "worlds with a tenth of a price in a step", "worlds with a book empty on both sides",
    "equity exactly at the margin", "worlds compared with the reference",
    "steps compared in another order", "margin tiers", "margin bracket_tiers",
    "margin maximum_leverage_tiers", "margin flat", "margin open_interest_scaled",
    "margin size_premium", "margin skew_linear", "margin health_weights",
    "margin isolated_or_max_loss", "margin scenario_grid", "adl takeover_refused",
    "adl negative_equity", "adl fund_drawdown", "adl pool_profit", "adl greedy", "adl pro_rata",
    "adl capped_pro_rata", "adl risk_weighted", "takeover at_bankruptcy_price",
    "takeover positions_and_margin", "takeover at_mark_less_fee", "takeover auction",
)  # fmt: skip


@pytest.mark.parametrize("part", range(PARTS))
def test_every_invariant_holds(part):
    """In each of the drawn worlds every invariant holds after every step."""
    size = SEEDS // PARTS
    for seed in range(part * size, (part + 1) * size):
        _, verdict = run_seed(seed)
        assert not verdict.failed, f"seed {seed}: {verdict}"
        SEEN.update(verdict.counts)


def test_the_worlds_are_not_calm():
    """The seeds above have met every stage, every kind of rule, and every extreme."""
    if SEEN["worlds"] < SEEDS:
        pytest.skip("needs all seeds of the test above")
    assert [name for name in EXERCISED if not SEEN[name]] == []


def test_a_seed_is_always_the_same_world():
    """Drawing twice gives the same case; another seed gives another one."""
    first, second, other = drawn(5)[0], drawn(5)[0], drawn(6)[0]
    assert first == second
    assert first.scenario != other.scenario


def test_purposes_draw_apart():
    """What one purpose draws does not shift what another does."""
    alone = Dice("orders", 3).random()
    Dice("world", 3).random()
    assert Dice("orders", 3).random() == alone != Dice("world", 3).random()


def test_a_case_is_complete_in_its_file(tmp_path):
    """A case that was written down runs to the same verdict and counts when it is read again."""
    case, scenario, made = drawn(11)
    verdict = run_case(case, scenario, made)
    path = save(case, Verdict(11, "none", 1, "a test"), tmp_path)
    again = read(path)
    assert again == case
    assert run_case(again).counts == verdict.counts


def test_an_edge_brings_an_account_to_its_margin():
    """Transfers marked `edge` meet accounts whose equity is exactly the maintenance margin."""
    met = sum(run_seed(seed)[1].counts["equity exactly at the margin"] for seed in range(40))
    assert met > 0


@pytest.mark.parametrize("check", [*EVERY_STEP, *CHECKS.values()])
def test_each_invariant_says_what_it_is(check):
    """An invariant is a sentence, so that a failing one can be read."""
    assert check.__doc__.strip()[0].isupper()
    assert "." in check.__doc__


def test_a_crash_is_a_verdict_with_its_seed(monkeypatch):
    """An exception in a run is a failed verdict that names the error, not the end of a soak."""
    from simulation import runner

    def broken(*_):
        raise ValueError("for the test")

    monkeypatch.setattr(runner, "check_steps", broken)
    verdict = run_seed(3)[1]
    assert (verdict.seed, verdict.invariant) == (3, "no_crash")
    assert "for the test" in verdict.detail
    assert np.geterr()["over"] == "warn"
