"""What a pool of lenders owes the traders of a market: their collateral and their open profits."""

from tacoma.compile import rule
from tacoma.rules.numbers.fixed_point import multiply_truncated


@rule
def market_debt(skew: int, price: int, funding_per_size: int, correction: int, unit: int) -> int:
    """
    Return the sum of all open profits, from sums that one update per trade keeps: no loop.

    skew * price + skew * funding - correction, products rounded toward zero; the correction is the
    sum of size * entry price, each with the funding recorded at entry.
    Domain: all below 2**62 in magnitude, results within int64.
    Source: synthetix-v3 23585f73, markets/perps-market/contracts/storage/PerpsMarket.sol
    (marketDebt).
    """
    profits = multiply_truncated(skew, price, unit)
    return profits + multiply_truncated(skew, funding_per_size, unit) - correction


@rule
def reported_debt(total_collateral: int, market_debt: int) -> int:
    """
    Return what the pool owes: collateral plus open profits, never below 0.

    Source: synthetix-v3 23585f73, markets/perps-market/contracts/modules/
    PerpsMarketFactoryModule.sol (reportedDebt).
    """
    return max(0, total_collateral + market_debt)
