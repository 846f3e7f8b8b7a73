"""Prices at which a position changes hands when its account no longer can carry it."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM, ceil_div, floor_div, mul_div_ceil, mul_div_floor


@rule
def bankruptcy_price(lots: int, entry_quanta: int, balance_quanta: int) -> int:
    """
    Return the price in quanta per lot at which closing a position leaves its account with nothing.

    Solves lots * price - entry + balance = 0. `lots` is signed; `entry_quanta` is the signed cost
    of the position (positive for longs, negative for shorts); `balance_quanta` is everything else
    the account has, other positions' profit included.
    Rounding: up for a long (it sells), down for a short (it buys). This is the price nearest to
    the exact one at which the account does not end below zero; what it keeps is dust of less than
    |lots| quanta, never a debt.
    Never below 0. A long whose balance exceeds its cost cannot go bankrupt and returns 0, keeping
    its surplus; a short already owing more than its proceeds is bankrupt at every price and also
    returns 0. No position returns 0. A small short with a large balance may return 2**31 or more;
    |lots| * price still stays below 2**63.
    Domain: |lots| < 2**31, |entry| < 2**61, |balance| < 2**62.
    Source: Bybit help, linear bankruptcy price; Binance USD-M and BitMEX, take-over at bankruptcy
    price. Their documents do not state the rounding; it is Tacoma's.
    """
    if lots > 0:
        price = ceil_div(entry_quanta - balance_quanta, lots)
    elif lots < 0:
        price = floor_div(balance_quanta - entry_quanta, -lots)
    else:
        price = 0
    return max(0, price)


@rule
def price_bound_from_mark(mark: int, side: int, deviation_ppm: int) -> int:
    """
    Return the worst price in quanta per lot that a liquidation order accepts.

    `side` is the order's: +1 buys, -1 sells. A buy accepts up to mark * (1 + deviation), rounded
    up; a sale accepts down to mark * (1 - deviation), rounded down and never below 0.
    Domain: 0 <= mark < 2**31, 0 <= deviation_ppm < 2**30.
    Source: Binance USD-M liquidation protocols (one immediate-or-cancel order within a band around
    the mark); the rounding gives the order the benefit of the last quantum.
    """
    if side > 0:
        return mul_div_ceil(mark, PPM + deviation_ppm, PPM)
    if deviation_ppm >= PPM:
        return 0
    return mul_div_floor(mark, PPM - deviation_ppm, PPM)
