"""A resolved scenario is the scenario: through JSON and back, and what is made from it."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tacoma.errors import ScenarioError
from tacoma.scenario import bundled, load, load_resolved, macro_only, without_shock

SOURCE_FAULT = (
    'timeline=[{kind="source", at="21:00", until="21:10", source="okx", mode="lagging", '
    'lag="30 s", assets=["BTC"], label="okx hangs"}]'
)
VARIANTS = {
    "plain": lambda: load("oct-2025"),
    "overrides": lambda: load(
        "oct-2025", ["makers.reach=1/3", "sources.okx.noise=0.7 bps"], 7, 999
    ),
    "source fault": lambda: load("oct-2025", [SOURCE_FAULT]),
    "no slices": lambda: load(
        "oct-2025", ["venues.hyperliquid.rules.waterfall.market.first_slice_above=none"]
    ),
    "fast clock": lambda: load("oct-2025", ["clock.step=60 s", "engine.audit_interval=5"]),
    "control": lambda: without_shock(load("oct-2025")),
    "macro only": lambda: macro_only(load("oct-2025")),
}


def through_json(scenario):
    return load_resolved(json.loads(json.dumps(scenario.resolved())))


@pytest.mark.parametrize("name", VARIANTS)
def test_round_trip(name):
    """The scenario read from its JSON equals the one that wrote it, and writes the same bytes."""
    scenario = VARIANTS[name]()
    again = through_json(scenario)
    assert scenario == again
    assert json.dumps(scenario.resolved()) == json.dumps(again.resolved())


@pytest.mark.parametrize("name", [entry.name for entry in bundled()])
def test_bundled_round_trip(name):
    """Every bundled scenario survives its manifest."""
    scenario = load(name)
    assert scenario == through_json(scenario)


@given(
    depth=st.integers(1, 10**16),
    lot=st.fractions(Fraction(1, 1000), Fraction(1, 500)),
    lag_ms=st.integers(0, 599_999),
    spread=st.integers(1, 10_000),
)
def test_odd_numbers_round_trip(depth, lot, lag_ms, spread):
    """Numbers without a short decimal form survive too."""
    overrides = [
        f"venues.binance.markets.BTC.depth={depth // 10**6}.{depth % 10**6:06} USD",
        f"assets.BTC.lot={lot}",
        f"sources.okx.lag={lag_ms} ms",
        f"spot.markets.BTC.half_spread={spread / 100:.2f} bps",
    ]
    scenario = load("oct-2025", overrides)
    assert depth == scenario.venue("binance").markets[0].depth
    assert lot == scenario.asset("BTC").lot
    assert lag_ms == scenario.source("okx").lag
    assert scenario == through_json(scenario)


def test_keys_are_sorted():
    """The JSON has one order of keys, whatever the order in the file."""

    def check(value):
        if isinstance(value, dict):
            assert list(value) == sorted(value)
            for item in value.values():
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)

    resolved = load("oct-2025").resolved()
    check(resolved)
    assert resolved["venues"][0]["rules"]["name"] == "binance-usdm"


def test_resolved_holds_text_and_whole_numbers_only():
    """No float enters a manifest: where another machine might print it otherwise."""
    text = json.dumps(load("oct-2025").resolved())
    json.loads(text, parse_float=lambda number: pytest.fail(f"{number} is a float"))


def test_a_manifest_is_validated_too():
    """A resolved scenario that somebody edited is checked like any other."""
    table = load("oct-2025").resolved()
    table["accounts"] = 3
    with pytest.raises(ScenarioError, match="manifest: accounts = 3"):
        load_resolved(table)


def test_the_control_has_no_shock():
    """Nothing happens in the control, and values have no trend; the rest is as it was."""
    scenario = load("oct-2025")
    control = without_shock(scenario)
    assert control.timeline == ()
    assert control.title == f"{scenario.title} (control, no shock)"
    for asset, flat in zip(scenario.assets, control.assets, strict=True):
        assert (asset.volatility, asset.lot, asset.redemption) == (
            flat.volatility,
            flat.lot,
            flat.redemption,
        )
        if asset.anchors:
            first = asset.anchors[0]
            assert flat.anchors == (first, (asset.anchors[-1].time, first.price))
    kept = {"seed", "accounts", "clock", "sources", "spot", "venues", "population", "makers"}
    for field in kept:
        assert getattr(scenario, field) == getattr(control, field)
    assert len(scenario.timeline) > 0


def test_macro_only_turns_feedback_off():
    """Only the engine's feedback and the title differ."""
    scenario = load("oct-2025")
    macro = macro_only(scenario)
    assert scenario.engine.feedback
    assert not macro.engine.feedback
    assert macro.model_copy(update={"engine": scenario.engine, "title": scenario.title}) == scenario
