"""
Conservation: whoever steals a quantum or a lot is caught, with the seed and step that repeat it.

Every place that can touch the ledger is turned into a thief, one at a time, in a copy of the
package that runs without compilation; the run must end with exit code 3.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import tacoma
from systems import worlds
from tacoma import engine
from tacoma.errors import ConservationError
from tacoma.lab import drive as driving
from tacoma.lab.drive import drive

PACKAGE = Path(tacoma.__file__).parent
SEED = 7
MESSAGE = re.compile(rf"conservation broke at step (\d+) with seed {SEED}: (.+?)\. The same")

# A fall so early and deep that every stage runs within seconds; one funding time every 5 s.
SCENARIO = """
base = "flash-crash"
name = "theft"
timeline = []
[population]
collateral_share = "60 %"
reaction_time = "1 s"
[[assets]]
symbol = "BTC"
anchors = [["15:55", 100_000], ["15:55:01", 100_000], ["15:55:03", 80_000], ["16:05", 80_000]]
[[assets]]
symbol = "ETH"
anchors = [["15:55", 4_000], ["15:55:01", 4_000], ["15:55:03", 3_200], ["16:05", 3_200]]
[[assets]]
symbol = "SOL"
anchors = [["15:55", 200], ["15:55:01", 200], ["15:55:03", 160], ["16:05", 160]]
[[venues]]
name = "binance"
[venues.rules.waterfall]
order = ["cancel", "market", "convert", "takeover", "insurance", "adl", "share"]
[venues.rules.waterfall.share]
kind = "none"
[venues.rules.funding]
interval = "5 s"
"""

MONEY = "money changed by"
LOTS = "positions in"

# file, function, what its first line does, what the message says
THEFTS = [
    ("systems/ledger.py", "apply_fill", "accounts.balance[positions.account[slot]] -= 1", MONEY),
    ("systems/ledger.py", "apply_fill", "positions.lots[slot] += 1", LOTS),
    ("systems/ledger.py", "apply_fill", "positions.entry[slot] += 1", MONEY),
    ("systems/ledger.py", "trade", "accounts.wallet[0] -= 1", MONEY),
    ("systems/ledger.py", "transfer", "accounts.balance[source] -= 1", MONEY),
    ("systems/ledger.py", "withdraw_from_wallet", "accounts.balance[account] += 1", MONEY),
    ("systems/book.py", "walk", "positions.lots[slot] -= 1", LOTS),
    ("systems/intake.py", "accept_order", "accounts.balance[account] -= 1", MONEY),
    ("systems/intake.py", "accept_transfer", "accounts.wallet[account] += 1", MONEY),
    ("systems/funding.py", "pay_funding", "accounts.balance[0] -= 1", MONEY),
    ("systems/margin.py", "account_margin", "accounts.balance[account] -= 1", MONEY),
    ("systems/record.py", "record_funds", "accounts.balance[0] += 1", MONEY),
    ("systems/trigger_index.py", "evaluate", "accounts.balance[account] -= 1", MONEY),
    ("systems/liquidation.py", "liquidate", "positions.lots[0] += 1", LOTS),
    ("systems/liquidation.py", "release", "accounts.wallet[1] += 1", MONEY),
    ("systems/waterfall/cancel.py", "cancel", "accounts.balance[account] -= 1", MONEY),
    ("systems/waterfall/market.py", "close_in_market", "positions.entry[0] -= 1", MONEY),
    ("systems/waterfall/market.py", "charge_fee", "accounts.balance[account] -= 1", MONEY),
    ("systems/waterfall/convert.py", "convert_collateral", "accounts.balance[account] -= 1", MONEY),
    ("systems/waterfall/takeover.py", "take_over", "positions.lots[0] -= 1", LOTS),
    ("systems/waterfall/takeover.py", "take_slot", "positions.entry[slot] += 1", MONEY),
    ("systems/waterfall/insurance.py", "pay_debt", "accounts.balance[account] += 1", MONEY),
    ("systems/waterfall/deleverage.py", "close_against_queue", "positions.lots[slot] -= 1", LOTS),
    ("systems/waterfall/adl_queue.py", "gather", "positions.entry[0] += 1", MONEY),
    ("systems/waterfall/share.py", "share_loss", "accounts.balance[account] += 1", MONEY),
    ("systems/agents/makers.py", "quote", "accounts.balance[0] += 1", MONEY),
    ("systems/agents/crowd.py", "act", "accounts.wallet[account] -= 1", MONEY),
    ("systems/agents/arbitrage.py", "trade_pair", "positions.lots[0] += 1", LOTS),
    ("systems/agents/investors.py", "invest", "accounts.balance[0] -= 1", MONEY),
    ("systems/agents/keepers.py", "unwind", "accounts.balance[0] -= 1", MONEY),
    ("engine.py", "write_down", "world.accounts.balance[0] -= 1", MONEY),
]
LEDGER_COLUMNS = re.compile(r"\.(balance|wallet|lots|entry)\[")


def with_first_line(text, function, line):
    """Return the source with a line put before the first statement of a function."""
    tree = ast.parse(text)
    node = next(
        n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == function
    )  # fmt: skip
    first = node.body[1] if ast.get_docstring(node) else node.body[0]
    lines = text.splitlines(keepends=True)
    lines.insert(first.lineno - 1, f"{' ' * first.col_offset}{line}\n")
    return "".join(lines)


def copy_of_package(place):
    """Copy the package, with its bytecode, and write the scenario; return both places."""
    shutil.copytree(PACKAGE, place / "src" / "tacoma", copy_function=shutil.copy2)
    (place / "theft.toml").write_text(SCENARIO)
    return place / "src" / "tacoma", place / "theft.toml"


def run_copy(place):
    """Run the scenario with the copy, uncompiled, for ten seconds; return the finished process."""
    environment = os.environ | {
        "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(place / "src"),
        "TACOMA_CACHE_DIR": str(place / "cache"),  # a copy's cache would push out the real one
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "tacoma", "run", "theft.toml", "--accounts", "100", "--until",
         "15:55:10", "--no-control", "--no-report", "--threads", "1", "--out", "run"],
        cwd=place, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def run_thief(place, theft):
    """Run a copy in which one function steals."""
    file, function, line, _ = theft
    package, _ = copy_of_package(place)
    path = package / file
    path.write_text(with_first_line(path.read_text(encoding="utf-8"), function, line))
    return run_copy(place)


@pytest.fixture(scope="module")
def caught(tmp_path_factory):
    """All thieves' processes by theft, two at a time, with the places they ran in."""
    places = {theft: tmp_path_factory.mktemp("thief") for theft in THEFTS}
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = {theft: pool.submit(run_thief, places[theft], theft) for theft in THEFTS}
        return {theft: (future.result(), places[theft]) for theft, future in futures.items()}


def test_the_honest_copy_passes(tmp_path):
    """Unchanged, the copy runs to its end: what the others find is the theft."""
    copy_of_package(tmp_path)
    process = run_copy(tmp_path)
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "run" / "manifest.json").exists()


def name_of(theft):
    file, function, line, _ = theft
    return f"{file.removeprefix('systems/')}:{function}:{line.partition('[')[0].split('.')[-1]}"


@pytest.mark.parametrize("theft", THEFTS, ids=name_of)
def test_every_thief_is_caught(caught, theft):
    """A single quantum or lot stolen anywhere stops the run, and the message repeats it."""
    process, place = caught[theft]
    assert process.returncode == 3, process.stdout + process.stderr
    found = MESSAGE.search(" ".join(process.stderr.split()))
    assert found, process.stderr
    assert 1 <= int(found[1]) <= 10
    assert found[2].startswith(theft[3])
    assert not (place / "run").exists()


def test_every_file_that_could_steal_is_a_thief_once():
    """No system that mentions a column of the ledger is missing from the list of thieves."""
    thieves = {file for file, *_ in THEFTS}
    able = {
        path.relative_to(PACKAGE).as_posix()
        for path in sorted((PACKAGE / "systems").rglob("*.py"))
        if LEDGER_COLUMNS.search(path.read_text(encoding="utf-8"))
    }
    reads_only = {
        "systems/agents/pools.py", "systems/audit.py", "systems/scan.py",
        "systems/waterfall/fund_state.py", "systems/waterfall/market_size.py",
        "systems/waterfall/share_equity.py", "systems/waterfall/takeover_size.py",
    }  # fmt: skip
    assert able - thieves - reads_only == set()


def test_only_the_ledger_and_funding_write_to_accounts():
    """Balances, wallets, lots and costs are assigned in two files; everybody else calls them."""
    assigned = re.compile(r"\b(accounts|positions)\.(balance|wallet|lots|entry)\[[^=\n]*\] [-+]?= ")
    writers = {
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if assigned.search(path.read_text(encoding="utf-8"))
    }
    assert writers == {"systems/ledger.py", "systems/funding.py"}


# ------------------------------------------------------------------- theft between two audits


def steal(monkeypatch, at_step, often=True, account=3):
    """Let a quantum vanish from a wallet, outside the ledger, when the clock is at a step.

    A run that is made again meets the thief again, unless he does not come `often`.
    """
    real, done = engine.advance, []

    def advance(world, *rest):
        if int(world.clock.step[0]) == at_step and (often or not done):
            done.append(at_step)
            world.accounts.wallet[account] -= 1
        return real(world, *rest)

    monkeypatch.setattr(engine, "advance", advance)
    monkeypatch.setattr(driving, "CHUNK_STEPS", 5)


def test_theft_from_an_untouched_account_is_found_at_the_next_audit(monkeypatch):
    """What never went through the ledger is found by the full audit, every `interval` steps."""
    scenario = tacoma.load("flash-crash", ["engine.audit_interval=30"], accounts=200)
    steal(monkeypatch, at_step=35)
    built = worlds.start(scenario)
    with pytest.raises(ConservationError) as caught:
        drive(built, scenario.seed, 100)
    assert (caught.value.seed, caught.value.step) == (SEED, 60)
    assert "-1 quanta" in caught.value.detail


def test_theft_from_an_active_account_needs_no_full_audit(monkeypatch):
    """The check of every step finds what is missing as soon as the account trades again."""
    scenario = tacoma.load("flash-crash", ["engine.audit_interval=1000"], accounts=200)
    built = worlds.start(scenario)
    steal(monkeypatch, at_step=60, account=built.found.makers[0][0])
    with pytest.raises(ConservationError) as caught:
        drive(built, scenario.seed, 200)
    assert 60 < caught.value.step < 90


def test_the_step_of_the_theft_is_pinpointed(monkeypatch):
    """A run that fails between two audits is made again, and names the step of the theft itself."""
    scenario = tacoma.load("flash-crash", ["engine.audit_interval=100"], accounts=200)
    steal(monkeypatch, at_step=35)
    with pytest.raises(ConservationError) as caught:
        tacoma.run(scenario, control=False, macro=False, threads=1)
    assert (caught.value.seed, caught.value.step) == (SEED, 36)


def test_a_lot_from_nowhere_names_its_market(monkeypatch):
    """A position that appears is reported with its venue and market."""
    real = engine.advance

    def advance(world, *rest):
        if int(world.clock.step[0]) == 0:
            world.positions.lots[0] += 5
        return real(world, *rest)

    monkeypatch.setattr(engine, "advance", advance)
    scenario = tacoma.load("flash-crash", accounts=200)
    built = worlds.start(scenario)
    with pytest.raises(ConservationError) as caught:
        drive(built, scenario.seed, 10)
    market = built.directory.markets[int(built.world.positions.market[0])]
    assert caught.value.step == 1
    assert caught.value.detail == (
        f"positions in {market.venue_name} {market.symbol} add up to +5 lots"
    )


def test_the_last_step_is_audited_however_early_it_is(monkeypatch):
    """A run with `until` is audited in full at its end, like any other."""
    scenario = tacoma.load("flash-crash", ["engine.audit_interval=100"], accounts=200)
    steal(monkeypatch, at_step=130)
    with pytest.raises(ConservationError):
        tacoma.run(scenario, control=False, macro=False, threads=1, until="15:58:15")


def test_a_violation_that_does_not_repeat_is_still_one(monkeypatch):
    """If the repeated run is sound, the violation of the first is reported all the same."""
    scenario = tacoma.load("flash-crash", ["engine.audit_interval=100"], accounts=200)
    steal(monkeypatch, at_step=35, often=False)
    with pytest.raises(ConservationError):
        tacoma.run(scenario, control=False, macro=False, threads=1)


def test_the_check_can_be_switched_off(monkeypatch):
    """With engine.conservation = false nothing is checked, as the format says."""
    scenario = tacoma.load("flash-crash", ["engine.conservation=false"], accounts=200)
    steal(monkeypatch, at_step=5)
    assert drive(worlds.start(scenario), scenario.seed, 20).steps == 20


def test_the_constant_is_the_sum_of_everybody(crash):
    """At the end of the compiled crash Python's own sum is the constant of the first step."""
    world = crash.driven.built.world
    assert worlds.worth(world) == int(world.audit.state.total[0])
    assert not any(worlds.net_lots(world))
    assert int(world.audit.state.checked[0]) == crash.scenario.steps
    assert np.abs(world.accounts.balance).max() < 2**62
