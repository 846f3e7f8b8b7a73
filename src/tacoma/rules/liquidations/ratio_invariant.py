"""The take-over price that leaves an account's equity per maintenance margin as it was."""

from tacoma.compile import rule
from tacoma.rules.numbers.wide_product import mul_div_any_floor


@rule
def takeover_quanta(
    notional_delta_quanta: int,
    equity_quanta: int,
    maintenance_delta_quanta: int,
    maintenance_quanta: int,
) -> int:
    """
    Return what an account receives when a part of a position is taken over, rounded up.

    -(change of notional) - equity * |change of maintenance| / maintenance, the last rounded down:
    the part carries away its share of the equity (or of the debt), and equity / maintenance stays
    the same. Positive where a long is taken over, negative where a short is, unless the account
    could give the position away and still not be bankrupt. The changes are those of the position's
    notional (signed) and maintenance margin, not computed from the part alone.
    Domain: |equity|, |changes| < 2**53, |maintenance change| <= maintenance,
    0 < maintenance < 2**53.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go,
    GetBankruptcyPriceInQuoteQuantums; Lighter's zero price is the same.
    """
    share = mul_div_any_floor(equity_quanta, abs(maintenance_delta_quanta), maintenance_quanta)
    return -notional_delta_quanta - share
