"""
What distrust of a price adds to initial margin: low confidence, a stable coin off its peg.

Amounts, prices, rates and confidences are integers over one `unit`; products truncate.
"""

from tacoma.compile import rule


@rule
def depeg_rate(stable_price: int, threshold: int, factor: int, unit: int) -> int:
    """
    Return the share of notional that a stable coin strictly below a threshold costs.

    (threshold - price) * factor, rounded down; 0 at the threshold and above.
    Domain: all >= 0, threshold * factor < 2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getDepegMultiplier).
    """
    if stable_price >= threshold:
        return 0
    return (threshold - stable_price) * factor // unit


@rule
def depeg_surcharge(rate: int, amount: int, spot: int, unit: int) -> int:
    """
    Return amount * rate * spot, each product rounded down: what an unhedged amount pays.

    The amount is that of perpetuals of either side and of short options.
    Domain: all >= 0, amount * rate < 2**63, amount * rate / unit * spot < 2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getMarketMargin).
    """
    return amount * rate // unit * spot // unit


@rule
def distrust_surcharge(
    confidence: int, threshold: int, factor: int, spot: int, amount: int, unit: int
) -> int:
    """
    Return (1 - confidence) * factor * spot * amount where confidence is below a threshold.

    Strictly below; 0 otherwise, and always with a threshold of 0. Each product is rounded down.
    Domain: 0 <= confidence <= unit, all >= 0, unit * factor < 2**63, factor * spot < 2**63,
    factor * spot / unit * amount < 2**63.
    Source: derivexyz/v2-core src/risk-managers/StandardManager.sol (_getNetPerpMargin,
    _getNetOptionMarginAndMtM, _getBaseMarginAndMtM).
    """
    if confidence >= threshold:
        return 0
    rate = (unit - confidence) * factor // unit
    return rate * spot // unit * amount // unit
