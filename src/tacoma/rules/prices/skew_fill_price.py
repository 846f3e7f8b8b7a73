"""Fill price by skew: an order fills between the premiums before and after itself."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import trunc_div
from tacoma.rules.numbers.fixed_point import divide_truncated, multiply_truncated


@rule
def price_with_premium(skew: int, price: int, skew_scale: int, unit: int) -> int:
    """
    Return price * (1 + skew / skew scale); the ratio and the product are rounded toward zero.

    Domain: |skew| < 2**62, 0 <= price < 2**62, 0 < skew_scale < 2**62, results below 2**62.
    Source: synthetix-v3 23585f73, markets/perps-market/contracts/storage/AsyncOrder.sol
    (calculateFillPrice).
    """
    return price + multiply_truncated(price, divide_truncated(skew, skew_scale, unit), unit)


@rule
def fill_price(skew: int, size: int, price: int, skew_scale: int, unit: int) -> int:
    """
    Return the mean of the prices with premium before and after an order, rounded toward zero.

    Signed size; buying raises the skew. Without a skew scale (0) it is the price itself.
    Domain: that of `price_with_premium` for skew and skew + size.
    Source: synthetix-v3 23585f73, markets/perps-market/contracts/storage/AsyncOrder.sol
    (calculateFillPrice).
    """
    if skew_scale == 0:
        return price
    before = price_with_premium(skew, price, skew_scale, unit)
    after = price_with_premium(skew + size, price, skew_scale, unit)
    return trunc_div(before + after, 2)
