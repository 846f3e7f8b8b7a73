"""
Surcharges of portfolio margin on what price scenarios do not see. Models: over floats.

Low confidence in a price, a forward that leaves the spot, a stable coin off its peg, the time
value of distant options. Amounts are in one money of the caller's choice.
"""

import math

from tacoma.compile import model


@model
def confidence_surcharge(
    confidence: float, threshold: float, factor: float, notional: float
) -> float:
    """
    Return (1 - confidence) * factor * notional, where confidence is strictly below a threshold.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_getConfidenceContingency).
    """
    if confidence < threshold:
        return (1.0 - confidence) * factor * notional
    return 0.0


@model
def basis_surcharge(
    value: float,
    value_up: float,
    value_down: float,
    years: float,
    add_factor: float,
    multiply_factor: float,
) -> float:
    """
    Return the loss by a forward price that leaves the spot: 0 or less.

    The worse of two shocked values less the value, if that is a loss, times
    add + multiply * years.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_addBasisContingency).
    """
    loss = min(value_up - value, value_down - value, 0.0)
    return loss * (add_factor + multiply_factor * years)


@model
def peg_loss_factor(price: float, threshold: float, factor: float) -> float:
    """
    Return what a stable coin strictly below a threshold adds to the factor of the worst loss.

    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (getMarginAndMarkToMarket).
    """
    if price < threshold:
        return (threshold - price) * factor
    return 0.0


@model
def discount_of_assets(
    years: float, rate: float, base: float, rate_multiple: float, rate_add: float
) -> float:
    """
    Return the factor on a shocked value that is owned: base * exp(-years * stressed rate).

    The stressed rate is rate * multiple + add.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_addStaticDiscount, long).
    """
    return base * math.exp(-years * (rate * rate_multiple + rate_add))


@model
def discount_of_debts(
    years: float, rate: float, base: float, rate_multiple: float, rate_add: float, most: float
) -> float:
    """
    Return the factor on a shocked value that is owed: base * exp(years * stressed rate).

    The stressed rate is rate * multiple + add; the result is at most a stated one, such as that
    which undoes the discount of the value itself.
    Source: derivexyz/v2-core src/risk-managers/PMRMLib_2.sol (_addStaticDiscount, short).
    """
    return min(most, base / math.exp(-years * (rate * rate_multiple + rate_add)))
