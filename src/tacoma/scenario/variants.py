"""Scenarios made from scenarios: the controls that a stress is compared with."""

from __future__ import annotations

from tacoma.scenario.schema import Anchor, Asset, Scenario


def without_shock(scenario: Scenario) -> Scenario:
    """
    Return the control of a scenario: an empty timeline and values that stay where they start.

    Volatility, population and liquidity are unchanged.
    """
    return scenario.model_copy(
        update={
            "title": f"{scenario.title} (control, no shock)",
            "assets": tuple(_flat(asset) for asset in scenario.assets),
            "timeline": (),
        }
    )


def _flat(asset: Asset) -> Asset:
    if not asset.anchors:
        return asset
    first, last = asset.anchors[0], asset.anchors[-1]
    return asset.model_copy(update={"anchors": (first, Anchor(time=last.time, price=first.price))})


def macro_only(scenario: Scenario) -> Scenario:
    """Return the same scenario in which forced flow leaves prices alone."""
    return scenario.model_copy(
        update={
            "title": f"{scenario.title} (no feedback)",
            "engine": scenario.engine.model_copy(update={"feedback": False}),
        }
    )
