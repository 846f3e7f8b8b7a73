"""Options in a scenario: defaults that change nothing, and a message for everything wrong."""

from copy import deepcopy

import pytest

from tacoma.errors import ScenarioError
from tacoma.scenario import from_dict, load, load_resolved, raw
from tacoma.scenario.paths import lookup, set_value
from tacoma.scenario.transplant import transplanted

FIRST = "venues.deribit.options[0]"


def broken(changes, base="options-crash"):
    """Return the message of a bundled scenario with these fields changed."""
    table = deepcopy(raw(base))
    for path, value in changes.items():
        set_value(table, path, value(lookup(table, path)) if callable(value) else value)
    with pytest.raises(ScenarioError) as caught:
        from_dict(table, file="options.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{FIRST}.asset": "SOL"}, 'options[0].asset = "SOL": must be the asset of a perpetual'),
        ({f"{FIRST}.kind": "straddle"}, '.kind = "straddle": must be "call" or "put"'),
        ({f"{FIRST}.strike": "0.5 %"}, "must be from 1 % to 1000 % of the first price"),
        ({f"{FIRST}.strike": 11}, "must be from 1 % to 1000 % of the first price"),
        ({f"{FIRST}.strike": "110 USD"}, "options[0].strike"),
        ({f"{FIRST}.expiry": "0 s"}, "options[0].expiry"),
        ({f"{FIRST}.expiry": "500 ms"}, "must be from one step to 43800 h (5 years)"),
        ({f"{FIRST}.expiry": "43801 h"}, "must be from one step to 43800 h (5 years)"),
        ({f"{FIRST}.volatility": "0 %"}, "must be more than 0 % and at most 1000 %"),
        ({f"{FIRST}.volatility": "1001 %"}, "must be more than 0 % and at most 1000 %"),
        ({f"{FIRST}.volatility": 60}, "options[0].volatility = 60"),
        ({f"{FIRST}.open_interest": "1 USD"}, "is 0 lots; it must be from 1 to"),
        ({f"{FIRST}.open_interest": "10 B USD"}, "times a strike above 1 must be below"),
        (
            {"assets.BTC.lot": "0.02", f"{FIRST}.strike": 10},
            "must be at most 2.15 k USD: choose a smaller assets.BTC.lot",
        ),
        (
            {"venues.deribit.options": lambda entries: [*entries, entries[0]]},
            "must differ from options[0] in asset, kind, strike or expiry",
        ),
        (
            {"venues.deribit.rules.waterfall.order": ["cancel", "market", "insurance"]},
            "needs a take-over stage",
        ),
        ({"options.volatility_response": 11}, "must be from 0 to 10"),
        (
            {"venues.deribit.rules.margin.extremes": ["33 %"] * 15},
            "must have at most 14 moves",
        ),
        (
            {"venues.deribit.rules.margin.maintenance_factor": 11,
             "venues.deribit.rules.margin.initial_factor": 12},
            "maintenance_factor = 11: must be at most 10",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_options(changes, message):
    """Each mistake is named with its field and what it must be."""
    assert message in broken(changes)


def test_holders_need_options():
    """A share of holders without any option is a mistake."""
    message = broken({"population.option_share": "10 %"}, base="flash-crash")
    assert "population.option_share" in message
    assert "must be 0 unless a venue lists options" in message


def test_defaults_are_none():
    """A scenario that says nothing of options has none, and its resolved form says so."""
    scenario = load("flash-crash")
    resolved = scenario.resolved()
    assert [venue.options for venue in scenario.venues] == [(), ()]
    assert resolved["population"]["option_share"] == "0"
    assert "options" not in resolved
    assert scenario.volatility_response == 1


def test_options_survive_being_written():
    """The resolved scenario makes the same options again."""
    scenario = load("options-crash")
    assert load_resolved(scenario.resolved()) == scenario
    assert len(scenario.venue("deribit").options) == 5


@pytest.mark.parametrize(
    ("first", "rulebook", "count"),
    [("binance", "derive-standard", 0), ("deribit", "derive-standard", 5), ("deribit", "okx", 5)],
)
def test_options_under_another_rulebook(first, rulebook, count):
    """Options move with their venue; where none are left nobody of the crowd holds any."""
    table = deepcopy(raw("options-crash"))
    table["venues"].sort(key=lambda venue: venue["name"] != first)
    table["timeline"] = []
    other = transplanted(from_dict(table), rulebook)
    assert len(other.venues[0].options) == count
    assert (other.population.option_share > 0) == (count > 0)
