"""How much of a position is closed at once, and what share of its cost leaves with it."""

from tacoma.compile import rule
from tacoma.rules.arithmetic import PPM, absolute, mul_div_floor


@rule
def first_slice_lots(
    lots_abs: int, notional_quanta: int, threshold_quanta: int, fraction_ppm: int
) -> int:
    """
    Return how many lots the first liquidation order of a position closes.

    All of them up to and including the threshold; above it (strictly) a fraction, rounded down,
    but at least one lot.
    Domain: 0 <= lots_abs < 2**31, 0 <= fraction_ppm <= 1e6. No lots return 0.
    Source: Hyperliquid docs, trading/liquidations (above 100,000 USDC the first order is 20 %).
    """
    if notional_quanta <= threshold_quanta or lots_abs == 0:
        return lots_abs
    slice_lots = mul_div_floor(lots_abs, fraction_ppm, PPM)
    return max(1, slice_lots)


@rule
def closed_share_quanta(entry_quanta: int, closed_lots: int, lots: int) -> int:
    """
    Return the part of a position's signed cost that leaves with the closed lots, in quanta.

    entry * closed / lots, rounded down (toward minus infinity); exact when all is closed, so a
    closed position leaves no cost behind. What stays is entry minus this, so none is lost. Signs
    of `closed_lots` and `lots` are ignored: a caller may pass them signed or absolute.
    Domain: 0 <= |closed_lots| <= |lots|, 0 < |lots| < 2**31, |entry_quanta| < 2**53.
    Source: average entry price stays on partial closes (Hyperliquid docs, entry price and PnL;
    Binance USD-M, PnL).
    """
    return mul_div_floor(entry_quanta, absolute(closed_lots), absolute(lots))
