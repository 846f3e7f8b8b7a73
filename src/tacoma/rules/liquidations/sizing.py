"""How much of a position is closed at once, and what share of its cost leaves with it."""

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.margins.margin import tier_index
from tacoma.rules.numbers.arithmetic import PPM, absolute, mul_div_ceil, mul_div_floor
from tacoma.rules.numbers.wide_product import mul_div_any_floor


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
    Domain: 0 <= |closed_lots| <= |lots|, 0 < |lots| < 2**31, |entry_quanta| < 2**62.
    Source: average entry price stays on partial closes (Hyperliquid docs, entry price and PnL;
    Binance USD-M, PnL).
    """
    return mul_div_floor(entry_quanta, absolute(closed_lots), absolute(lots))


@rule
def lots_to_health(
    lots_abs: int,
    equity_quanta: int,
    maintenance_quanta: int,
    own_maintenance_quanta: int,
    own_cost_quanta: int,
    target_ppm: int,
) -> int:
    """
    Return the fewest lots of a position whose closing makes its account healthy again.

    Closing x of the lots frees x / lots of the position's own maintenance and costs x / lots of
    `own_cost_quanta`. The result is the least x for which equity reaches target * maintenance,
    all lots where none does; a healthy account closes nothing.
    Rounding: up, and with the products rounded against the account.
    Domain: 0 <= lots_abs < 2**31, |equity|, cost < 2**62, 0 <= own <= maintenance <= 2**59,
    0 <= target_ppm <= 8e6.
    Source: Drift v2 math/liquidation.rs and Mango v4 (close what the shortage asks for); Vertex
    ClearinghouseLiq.sol (not beyond health). Proportional maintenance is exact for flat rates.
    """
    shortage = mul_div_ceil(maintenance_quanta, target_ppm, PPM) - equity_quanta
    if shortage <= 0 or lots_abs == 0:
        return 0
    freed = mul_div_floor(own_maintenance_quanta, target_ppm, PPM) - own_cost_quanta
    if freed <= shortage:
        return lots_abs
    return -mul_div_any_floor(-shortage, lots_abs, freed)


@rule
def lots_above_notional(lots_abs: int, price: int, bound_quanta: int) -> int:
    """
    Return how many lots must go for a notional to fall below a bound, strictly.

    All of them where the bound is 0.
    Domain: 0 <= lots_abs < 2**31, 0 < price < 2**31, bound_quanta >= 0.
    Source: elementary.
    """
    if bound_quanta <= 0:
        return lots_abs
    kept = (bound_quanta - 1) // price
    return max(0, lots_abs - kept)


@rule
def two_tiers_lower_quanta(
    notional_quanta: int, lower_quanta: NDArray[np.int64], first: int, count: int
) -> int:
    """
    Return the notional below which a position lies two tiers lower; 0 to close all of it.

    A position in the first two tiers is closed as a whole; one in tier k goes down to the upper
    end of tier k - 2.
    Domain: notional_quanta >= 0, count >= 1.
    Source: OKX help, liquidation of tiered positions (two tiers at a time, the first two in full).
    """
    tier = tier_index(notional_quanta, lower_quanta, first, count)
    if tier < 2:
        return 0
    bound: int = lower_quanta[first + tier - 1]
    return bound


@rule
def discount_ppm(elapsed_steps: int, total_steps: int, start_ppm: int, end_ppm: int) -> int:
    """
    Return an auction's discount after some time, rounded down: from start to end in a line.

    Domain: elapsed_steps >= 0, total_steps > 0, 0 <= start_ppm <= end_ppm <= 1e6.
    Source: Derive (Lyra v2) DutchAuction.sol, one linear leg of it.
    """
    elapsed = min(elapsed_steps, total_steps)
    return start_ppm + (end_ppm - start_ppm) * elapsed // total_steps
