"""Every bundled rulebook through the invented crash: whatever its rules, the books balance."""

from itertools import permutations

import numpy as np
import pytest

import tacoma
from systems import worlds
from systems.transplants import RULEBOOKS, VENUE, under
from tacoma.lab.same_shock import outcome_of, same_shock
from tacoma.scenario import load_rulebook
from tacoma.scenario.transplant import transplanted

ACCOUNTS = 400
PERMUTED = ("lighter", "vertex")


def crash(rulebook, **changes):
    """Run the crash under a rulebook, audited in full at every step."""
    fields = {"engine.audit_interval": 1} | changes.pop("fields", {})
    scenario = under(rulebook, ACCOUNTS, fields=fields, **changes)
    return tacoma.run(scenario, control=False, macro=False, threads=1)


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_it_ends_balances_and_repeats(rulebook):
    """Audited in full at each of its steps the run ends, conserves everything, and repeats."""
    run = crash(rulebook)
    again = crash(rulebook)
    assert run.conserved
    assert run.steps == 600
    assert run.hash == again.hash
    if rulebook != "ccp-span":  # it calls once an hour, and this crash lasts ten minutes
        assert run.summary["liquidated_accounts"] > 0
    amounts = [value for value in run.summary.values() if isinstance(value, float)]
    assert amounts
    assert all(np.isfinite(amounts))


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_the_constant_is_the_sum_of_everybody(rulebook):
    """At the end Python's own sum of all money is the first step's, and positions cancel."""
    crash = worlds.driven(under(rulebook, ACCOUNTS))
    world = crash.driven.built.world
    assert worlds.worth(world) == int(world.audit.state.total[0])
    assert not any(worlds.net_lots(world))
    assert int(world.audit.state.checked[0]) == crash.scenario.steps
    assert np.abs(world.accounts.balance).max() < 2**61


@pytest.mark.parametrize("rulebook", ["dydx-v4-isolated", "amm-pool", "bybit-linear"])
def test_its_journal_makes_it_again(rulebook, tmp_path):
    """From the journal alone, without an agent, comes the hash of the run."""
    run = crash(rulebook)
    result = tacoma.replay(run.save(tmp_path / "run", report=False))
    assert (result.matches, result.hash) == (True, run.hash)


ORDERS = [
    (rulebook, order)
    for rulebook in PERMUTED
    for order in permutations(load_rulebook(rulebook).waterfall.order)
]


@pytest.mark.parametrize(("rulebook", "order"), ORDERS, ids=lambda part: " ".join(part)[:40])
def test_every_order_of_the_stages(rulebook, order):
    """Whatever order a rulebook's stages are put in, it is valid, runs to its end and balances."""
    run = crash(rulebook, rules={"waterfall.order": list(order)})
    assert run.conserved
    assert run.steps == 600


def test_orders_matter():
    """Not all orders of the same stages give the same day."""
    hashes = {
        crash("lighter", rules={"waterfall.order": list(order)}).hash
        for rulebook, order in ORDERS[:8] if rulebook == "lighter"
    }  # fmt: skip
    assert len(hashes) > 3


# ------------------------------------------------------------------- one shock for all


@pytest.fixture(scope="module")
def outcomes():
    """Three venues under the same shock."""
    scenario = tacoma.load("flash-crash", accounts=ACCOUNTS)
    return same_shock(scenario, ["okx", "gmx-v2", "aave-like"])


def test_outcomes_are_those_of_single_runs(outcomes):
    """Each outcome is that of the transplanted scenario run alone, whatever ran beside it."""
    scenario = tacoma.load("flash-crash", accounts=ACCOUNTS)
    assert [outcome.rulebook for outcome in outcomes] == ["okx", "gmx-v2", "aave-like"]
    for outcome in outcomes:
        moved = transplanted(scenario, outcome.rulebook)
        run = tacoma.run(moved, control=False, macro=False, threads=1)
        assert outcome.hash == run.hash
        alone = outcome_of(outcome.rulebook, run, outcome.wall_s)
        assert alone == outcome


def test_no_rulebooks_no_outcomes():
    """An empty list of rulebooks runs nothing."""
    assert same_shock(tacoma.load("flash-crash", accounts=ACCOUNTS), []) == []


def test_the_population_is_the_same_for_all():
    """Positions, sides and stop orders are drawn alike, whatever the rulebook; equity differs."""
    crowds = []
    for rulebook in ("okx", "hyperliquid", "aave-like", "synthetix-v3"):
        built = worlds.start(under(rulebook, ACCOUNTS))
        perpetual = built.world.positions.market < 3
        crowd = perpetual & (built.world.accounts.kind[built.world.positions.account] == 0)
        columns = built.world.positions[crowd][["account", "lots", "entry"]]
        crowds.append([tuple(map(int, row)) for row in columns])
    assert all(crowd == crowds[0] for crowd in crowds)
    assert len(crowds[0]) > ACCOUNTS


def test_capital_is_the_same_for_all():
    """The funds of every venue together start with the capital of the scenario's, to a dollar."""
    scenario = tacoma.load("flash-crash", accounts=ACCOUNTS)
    capital = sum(
        entry.capital for venue in scenario.venues for entry in (*venue.insurance, *venue.backstop)
    )
    for rulebook in RULEBOOKS:
        moved = transplanted(scenario, rulebook).venue(VENUE)
        mine = sum(entry.capital for entry in (*moved.insurance, *moved.backstop))
        rules = load_rulebook(rulebook)
        takeover = rules.waterfall.takeover if "takeover" in rules.waterfall.order else None
        has_fund = bool(rules.insurance.pools) or takeover is not None
        assert abs(mine - capital) < 10**6 if has_fund else mine == 0
