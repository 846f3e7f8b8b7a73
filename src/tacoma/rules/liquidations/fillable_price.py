"""The worst price that a liquidation order accepts, further from the oracle the worse it stands."""

from fractions import Fraction

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import (
    PPM,
    absolute,
    ceil_div,
    clamp,
    mul_div_floor,
    mul_div_wide_capped,
)


@rule
def bankruptcy_rating_ppm(equity_quanta: int, maintenance_quanta: int, adjustment_ppm: int) -> int:
    """
    Return how near to bankruptcy an account is, 0 .. 1e6 ppm, rounded down.

    adjustment * (1 - equity / maintenance): 0 where equity covers maintenance, all where the
    equity is gone (with an adjustment of one).
    Domain: |equity| < 2**62, 0 < maintenance <= 2**59, 0 <= adjustment_ppm < 2**32.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go, GetFillablePrice.
    """
    shortfall = maintenance_quanta - equity_quanta
    return mul_div_wide_capped(max(0, shortfall), adjustment_ppm, maintenance_quanta, PPM)


@rule
def fillable_price(
    lots: int,
    price: int,
    equity_quanta: int,
    maintenance_quanta: int,
    position_maintenance_quanta: int,
    adjustment_ppm: int,
    spread_ppm: int,
) -> int:
    """
    Return the worst price of a liquidation in quanta per lot, rounded toward the oracle price.

    A long is sold at, or a short bought back at, the oracle price less, or plus, rating * spread
    * maintenance of the position per lot; each factor rounded down. Never below 0. It depends on
    the whole position, not on the part that is closed.
    Domain: lots != 0, 0 <= price < 2**31, 0 <= position_maintenance < 2**59, 0 <= spread_ppm <=
    1e6; else as `bankruptcy_rating_ppm`.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go, GetFillablePrice; this is its
    exact value (`fillable_price_exact`) in the engine's units.
    """
    rating = bankruptcy_rating_ppm(equity_quanta, maintenance_quanta, adjustment_ppm)
    spread = mul_div_floor(position_maintenance_quanta, spread_ppm, PPM)
    per_lot = mul_div_floor(spread, rating, PPM) // absolute(lots)
    return max(0, price - per_lot) if lots > 0 else price + per_lot


def fillable_price_exact(
    size: int,
    notional: int,
    equity: int,
    maintenance: int,
    position_maintenance: int,
    adjustment_ppm: int,
    spread_ppm: int,
) -> Fraction:
    """
    Return the worst price of a liquidation as a fraction, in money per unit of size.

    (notional - rating * spread * maintenance of the position) / size, nothing rounded. Size and
    notional are signed. A plain function: the fraction is wider than int64.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go, GetFillablePrice.
    """
    rating = Fraction(adjustment_ppm, PPM) * (1 - Fraction(equity, maintenance))
    rating = min(max(rating, Fraction(0)), Fraction(1))
    return (notional - rating * Fraction(spread_ppm, PPM) * position_maintenance) / size


@rule
def price_in_ticks(
    numerator: int, denominator: int, is_rounded_up: bool, tick: int, price_max: int
) -> int:
    """
    Return a fraction as a price that is a whole multiple of `tick`.

    Rounded to a whole price first and to a tick then, both in the same direction (up where a long
    is sold, down where a short is bought back), at least one tick and at most the largest multiple
    of it up to price_max.
    Domain: 0 <= numerator < 2**62, denominator > 0, 0 < tick <= price_max < 2**62.
    Source: dYdX v4-chain protocol/x/clob/keeper/liquidations.go, ConvertFillablePriceToSubticks.
    """
    if is_rounded_up:
        price = ceil_div(ceil_div(numerator, denominator), tick) * tick
    else:
        price = numerator // denominator // tick * tick
    return clamp(price, tick, price_max - price_max % tick)
