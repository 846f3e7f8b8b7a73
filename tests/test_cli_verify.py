"""`tacoma verify`: what it prints, and the code that it ends with."""

import json
import sys
from types import SimpleNamespace

import pytest

from command_line import tacoma
from tacoma.lab.verify import Difference, Verification

DIFFERENCE = Difference(12, "account 17 (retail, binance) balance", 1_000, 999, 7)


@pytest.fixture
def lab(monkeypatch):
    """Replace the comparison: it notes what was asked, and finds what it is told to find."""
    asked = SimpleNamespace(difference=None, scenario=None, options=None)

    def verify(scenario, **options):
        options.pop("progress")(1.0, 12, "compared")
        asked.scenario, asked.options = scenario, options
        return Verification(
            scenario.name, scenario.seed, scenario.accounts, 12, 3456, 78, 9, asked.difference, 0.5
        )

    monkeypatch.setitem(sys.modules, "tacoma.lab.verify", SimpleNamespace(verify=verify))
    return asked


def test_it_says_what_was_compared():
    """A real comparison ends with a sentence of figures and code 0."""
    told = tacoma("verify", "flash-crash", "--accounts", "120", "--until", "15:56")
    assert told.code == 0
    assert told.out.startswith("flash-crash, seed 7, 120 accounts: 60 steps with ")
    assert told.out.endswith("; engine and reference are the same to the unit\n")


def test_a_difference_is_code_1(lab):
    """The first difference is told with step, seed and both values."""
    lab.difference = DIFFERENCE
    told = tacoma("verify", "flash-crash")
    assert (told.code, told.out) == (1, "")
    assert told.err.endswith(
        "error: flash-crash, seed 7, 300 accounts: the first difference is at step 12 with seed 7: "
        "account 17 (retail, binance) balance is 1,000 in the engine, 999 in the reference.\n"
    )


@pytest.mark.parametrize("difference", [None, DIFFERENCE], ids=["same", "different"])
def test_json_is_one_object(lab, difference):
    """As JSON the same figures, with the difference as an object or null, and the same code."""
    lab.difference = difference
    told = tacoma("verify", "flash-crash", "--json")
    shown = json.loads(told.out)
    assert (told.code, told.err) == (0 if difference is None else 1, "")
    assert shown["matches"] is (difference is None)
    assert (shown["steps"], shown["records"], shown["liquidated_accounts"]) == (12, 3456, 9)
    expected = {
        "step": 12,
        "what": "account 17 (retail, binance) balance",
        "engine": 1000,
        "reference": 999,
        "seed": 7,
    }
    assert shown["difference"] == (None if difference is None else expected)


def test_options_are_handed_over(lab):
    """Seed, size, rulebook, changed fields and end reach the comparison."""
    told = tacoma(
        "verify", "flash-crash", "--seed", "3", "--accounts", "500", "--rulebook", "bitmex",
        "--set", "makers.reach=40 %", "--until", "15:57", "--json",
    )  # fmt: skip
    assert told.code == 0
    assert (lab.scenario.seed, lab.scenario.accounts) == (3, 500)
    assert [venue.rulebook for venue in lab.scenario.venues] == ["bitmex"]
    assert lab.options == {"until": "15:57"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["flash-cash"], "flash-cash: no such scenario"),
        (["flash-crash", "--accounts", "1"], "--accounts 1: must be a whole number"),
        (["flash-crash", "--until", "14:00"], "--until 14:00: must be a time of day (UTC)"),
        (["flash-crash", "--rulebook", "bitmax"], "bitmax: no such rulebook"),
    ],
)
def test_bad_input_is_refused(lab, arguments, message):
    """Bad input is code 2, and nothing runs."""
    told = tacoma("verify", *arguments)
    assert told.code == 2
    assert message in told.err
    assert lab.scenario is None
