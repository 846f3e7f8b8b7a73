"""How volatility shocks grow towards expiry. A model: over floats."""

import math

from tacoma.compile import model

REFERENCE_DAYS = 30.0


@model
def term_factor(days_to_expiry: float, power: float, days_floor: float) -> float:
    """
    Return what a volatility shock of 30 days is multiplied by: (30 / max(days, floor)) ** power.

    Domain: max(days, floor) > 0.
    Source: Deribit, portfolio margin (power 0.30 below 30 days, 0.13 above; 0.5 in the 2017
    document); Paradex docs, portfolio-margin.
    """
    return math.pow(REFERENCE_DAYS / max(days_to_expiry, days_floor), power)


@model
def volatility_shock(
    days_to_expiry: float, base_shock: float, power: float, days_floor: float
) -> float:
    """
    Return a relative volatility shock: base * (30 / max(days, floor)) ** power.

    Domain: max(days, floor) > 0.
    Source: see `term_factor`.
    """
    return base_shock * term_factor(days_to_expiry, power, days_floor)


@model
def shock_power(days_to_expiry: float, power_short: float, power_long: float) -> float:
    """
    Return the power of the term structure: the short one strictly below 30 days.

    Source: Paradex docs, portfolio-margin (0.30 if DTE < 30, 0.13 if DTE >= 30).
    """
    if days_to_expiry < REFERENCE_DAYS:
        return power_short
    return power_long
