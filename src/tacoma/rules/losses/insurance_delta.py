"""What a liquidation fill brings to the insurance fund, or takes from it."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, absolute, mul_div_floor


@rule
def insurance_delta_quanta(quote_quanta: int, takeover_quanta: int, fee_cap_ppm: int) -> int:
    """
    Return what the insurance fund receives from a fill in quanta; negative is what it pays.

    `quote_quanta` is what the liquidated account receives for what it closes (negative when it
    buys), `takeover_quanta` what it would receive at its take-over price. A surplus goes to the
    fund up to fee_cap_ppm of the quote's magnitude, rounded down; a shortfall is paid in full.
    Domain: |quote|, |takeover| < 2**53, 0 <= fee_cap_ppm <= 1e6.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go,
    GetLiquidationInsuranceFundDelta.
    """
    surplus = quote_quanta - takeover_quanta
    if surplus <= 0:
        return surplus
    return min(surplus, mul_div_floor(absolute(quote_quanta), fee_cap_ppm, PPM))


@rule
def is_insurance_delta_covered(balance_quanta: int, delta_quanta: int) -> bool:
    """
    Say whether a fund can bear a delta: it receives, or keeps a balance of at least 0.

    Domain: |balance|, |delta| < 2**62.
    Source: dYdX v4-chain protocol/x/clob/keeper/deleveraging.go, IsValidInsuranceFundDelta.
    """
    return delta_quanta >= 0 or balance_quanta + delta_quanta >= 0
