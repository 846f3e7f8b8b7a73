"""Exogenous value: what prices would do without forced flow.

Log prices are a Brownian bridge through the scenario's anchors, with a common factor; collateral
assets follow their underlying by the redemption ratio. A model, not a fact: see docs/limits.md.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tacoma.bounds import PRICE_QUANTA_MAX
from tacoma.errors import Problem, ScenarioError
from tacoma.units import QUANTA_PER_USD, format_money
from tacoma.world.numeric import exp, log
from tacoma.world.streams import stream

if TYPE_CHECKING:
    from tacoma.scenario.schema import Asset, Scenario
    from tacoma.world.layout import Floats

SECONDS_PER_YEAR = 365 * 24 * 3600


def volatility_factors(scenario: Scenario) -> Floats:
    """Return the factor on every asset's volatility, by step (T,)."""
    factors = np.ones(scenario.steps)
    for event in scenario.timeline:
        if event.kind == "volatility":
            first = scenario.second_of(event.at) * 1000 // scenario.step_ms
            last = scenario.second_of(event.until) * 1000 // scenario.step_ms
            factors[first:last] *= float(event.factor)
    return factors


def step_sigma(scenario: Scenario, asset: Asset) -> float:
    """Return an asset's calm standard deviation of log returns per step."""
    return float(asset.volatility) * math.sqrt(scenario.step_ms / 1000 / SECONDS_PER_YEAR)


def _noise(scenario: Scenario, seed: int, asset: Asset, common: Floats, factors: Floats) -> Floats:
    """Return cumulated noise in log price, (T + 1,), zero at the start."""
    own = stream(seed, "value", asset.symbol).standard_normal(scenario.steps)
    loading = float(asset.loading)
    scale = math.sqrt(1.0 + loading * loading)
    mixed = (loading * common + own) / scale
    walk = np.cumsum(mixed * factors * step_sigma(scenario, asset))
    return np.concatenate([[0.0], walk])


def _bridge(scenario: Scenario, asset: Asset, noise: Floats) -> Floats:
    """Return log prices through the anchors with the noise pinned down at each of them."""
    times = np.array(
        [scenario.second_of(anchor.time) * 1000 // scenario.step_ms for anchor in asset.anchors]
    )
    logs = log(np.array([float(anchor.price) for anchor in asset.anchors]))
    grid = np.arange(scenario.steps + 1)
    pinned = noise - np.interp(grid, times, noise[times])
    path: Floats = np.interp(grid, times, logs) + pinned
    return path


def value_paths(scenario: Scenario, seed: int) -> Floats:
    """Return the value of one lot of each asset at each step in quanta, (N, T + 1).

    Raises ScenarioError where a path leaves the range of prices, 1 to PRICE_QUANTA_MAX.
    """
    common = stream(seed, "value", "common factor").standard_normal(scenario.steps)
    factors = volatility_factors(scenario)
    coin = {"USD": np.ones(scenario.steps + 1)}
    for asset in scenario.assets:
        if asset.redemption is None:
            noise = _noise(scenario, seed, asset, common, factors)
            coin[asset.symbol] = exp(_bridge(scenario, asset, noise))
    for asset in scenario.assets:
        if asset.redemption is not None:
            noise = _noise(scenario, seed, asset, common * 0.0, factors)
            ratio = float(asset.redemption.ratio)
            coin[asset.symbol] = ratio * coin[asset.redemption.underlying] * exp(noise)
    paths = np.stack(
        [coin[asset.symbol] * float(asset.lot) * QUANTA_PER_USD for asset in scenario.assets]
    )
    for asset, path in zip(scenario.assets, paths, strict=True):
        _require_prices(scenario, seed, asset, path)
    return paths


def _require_prices(scenario: Scenario, seed: int, asset: Asset, path: Floats) -> None:
    """Refuse a value path that prices cannot follow; the scenario alone could not tell."""
    inside = (path >= 1.0) & (path <= PRICE_QUANTA_MAX)  # false for what is no number
    if inside.all():
        return
    step = int(np.argmin(inside))
    value = path[step]
    shown = format_money(int(value)) if math.isfinite(value) else "more than can be counted"
    raise ScenarioError(
        [
            Problem(
                scenario.name,
                f"assets.{asset.symbol}.volatility",
                str(float(asset.volatility)),
                (
                    f"takes the value of a lot to {shown} at step {step} with seed {seed}; it must "
                    f"stay from 0.000001 USD to {format_money(PRICE_QUANTA_MAX)}: lower it or the "
                    "factors of volatility events, or choose another lot"
                ),
            )
        ]
    )
