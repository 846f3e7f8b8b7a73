"""
Shocked volatilities: the whole surface up or down, or its wings raised. Models: over floats.

A surface shock scales each option's volatility by how close its expiry is
(`shock_term_structure`). A skew shock scales it by how far its strike lies from the forward.
"""

import math

from tacoma.compile import model
from tacoma.rules.portfolios.shock_term_structure import REFERENCE_DAYS


@model
def power_to_30_days(days_to_expiry: float, power_short: float, power_long: float) -> float:
    """
    Return the power of the term structure: the short one up to and including 30 days.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_addVolShocks).
    """
    if days_to_expiry <= REFERENCE_DAYS:
        return power_short
    return power_long


@model
def volatility_up(volatility: float, shock: float, least: float) -> float:
    """
    Return a volatility raised by a relative shock, at least a stated one.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_getExpiryShockedMTM, Up).
    """
    return max(least, volatility * (1.0 + shock))


@model
def volatility_down(volatility: float, shock: float) -> float:
    """
    Return a volatility lowered by a relative shock, never below 0.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_getExpiryShockedMTM, Down).
    """
    return volatility * max(0.0, 1.0 - shock)


@model
def skew_cap(years: float, base: float, slope: float) -> float:
    """
    Return by how much at most a skew shock scales a volatility: base + slope * sqrt(years).

    Domain: years >= 0. It may be negative; then a skew shock has no bound.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_getExpirySkewedShockedMTM).
    """
    return slope * math.sqrt(years) + base


@model
def skew_width(years: float, scale: float, static: float, slope: float, least: float) -> float:
    """
    Return the log moneyness at which a skew shock reaches its cap.

    sqrt(years) * scale * (static + sqrt(years) * slope), at least a stated one.
    Domain: years >= 0.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_getKStar).
    """
    deviation = math.sqrt(years)
    return max(least, deviation * scale * (static + deviation * slope))


@model
def skew_multiplier(log_moneyness: float, cap: float, width: float) -> float:
    """
    Return the factor of a skew shock: 1 + cap * log moneyness / width, bounded by 1 -+ cap.

    Log moneyness is log(strike / forward); its absolute value shocks both wings one way. Never
    below 0.
    Domain: width > 0.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_getExpirySkewedShockedMTM).
    """
    move = log_moneyness * cap / width
    if log_moneyness >= 0.0:
        move = min(cap, move)
    else:
        move = max(-cap, move)
    return max(0.0, 1.0 + move)
