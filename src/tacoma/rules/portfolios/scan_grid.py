"""
Scenario grids of portfolio margin: shocks of spot and volatility, and what each counts.

Figures, not formulas, as exact fractions; pure Python. Sixteen ordinary scenarios run down the
spot in steps, each inner step with volatility up and down; eight tails count in part.
"""

from fractions import Fraction
from typing import Final, NamedTuple


class GridFigures(NamedTuple):
    """What differs between assets: the step of spot, the shocks of volatility, the tails."""

    spot_step: Fraction
    volatility_up: Fraction
    volatility_down: Fraction
    tail_weights: tuple[Fraction, ...]
    unhedged_rate: Fraction
    hedged_rate: Fraction
    volatility_up_floor: Fraction


class Scenario(NamedTuple):
    """One scenario: relative shocks of spot and volatility, and the weight of its loss."""

    spot_shock: Fraction
    volatility_shock: Fraction
    weight: Fraction


TAIL_SHOCKS: Final = tuple(
    Fraction(shock) for shock in ("-0.66", "-0.33", "0.5", "1", "2", "3", "4", "5")
)
OUTER_STEPS: Final = 4
DAYS_FLOOR: Final = 1
POWER_SHORT: Final = Fraction("0.3")
POWER_LONG: Final = Fraction("0.13")

MAJOR: Final = GridFigures(
    spot_step=Fraction("0.04"),
    volatility_up=Fraction("0.4"),
    volatility_down=Fraction("-0.22"),
    tail_weights=tuple(Fraction(part, 1000) for part in (180, 360, 240, 120, 60, 40, 30, 24)),
    unhedged_rate=Fraction("0.02"),
    hedged_rate=Fraction("0.01"),
    volatility_up_floor=Fraction("0.4"),
)
MINOR: Final = GridFigures(
    spot_step=Fraction("0.07"),
    volatility_up=Fraction("0.64"),
    volatility_down=Fraction("-0.352"),
    tail_weights=tuple(Fraction(part, 1000) for part in (300, 500, 400, 200, 100, 70, 50, 40)),
    unhedged_rate=Fraction("0.03"),
    hedged_rate=Fraction("0.015"),
    volatility_up_floor=Fraction("0.6"),
)


def scenarios(figures: GridFigures) -> list[Scenario]:
    """
    Return the 24 scenarios of an asset in the order of the source.

    The outermost steps of spot come with volatility up only.
    Source: Paradex docs, portfolio-margin (scenario tables; BTC and ETH are MAJOR, HYPE and CL
    MINOR).
    """
    grid = []
    for step in range(OUTER_STEPS, -OUTER_STEPS - 1, -1):
        spot = step * figures.spot_step
        grid.append(Scenario(spot, figures.volatility_up, Fraction(1)))
        if abs(step) < OUTER_STEPS:
            grid.append(Scenario(spot, figures.volatility_down, Fraction(1)))
    for shock, weight in zip(TAIL_SHOCKS, figures.tail_weights, strict=True):
        grid.append(Scenario(shock, figures.volatility_up, weight))
    return grid
