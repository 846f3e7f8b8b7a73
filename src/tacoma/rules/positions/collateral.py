"""What collateral counts for, and which price values it."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPB, PPM, mul_div_floor
from tacoma.rules.numbers.wide_product import mul_div_any_floor

PRICE_OWN_BOOK = 0
PRICE_INDEX = 1
PRICE_REDEMPTION = 2


@rule
def collateral_value_quanta(lots: int, price: int, weight_ppm: int) -> int:
    """
    Return what collateral counts for in quanta: lots * price * weight, rounded down.

    Down is toward minus infinity, so a debt (negative lots) counts for at least its value.
    Domain: |lots * price| < 2**61, 0 <= weight_ppm <= 2e6 (above 1e6 for weights on debt).
    Source: Binance multi-assets mode (collateral ratio); Drift v2 math/margin.rs (asset weights).
    """
    return mul_div_floor(lots * price, weight_ppm, PPM)


@rule
def redemption_price(underlying_price: int, ratio_ppb: int) -> int:
    """
    Return the price in quanta per lot of a wrapped asset by what it redeems for, rounded down.

    Domain: 0 <= underlying_price < 2**31, 0 <= ratio_ppb < 2**52.
    Source: Binance, WBETH and BNSOL valued by conversion ratio since 14 October 2025.
    """
    return mul_div_any_floor(underlying_price, ratio_ppb, PPB)
