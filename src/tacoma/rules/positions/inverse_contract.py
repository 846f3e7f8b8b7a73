"""Inverse contracts: quoted in dollars, margined and settled in the coin."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import ceil_div


@rule
def inverse_bankruptcy_price(side: int, entry: int, leverage: int, unit: int, tick: int) -> int:
    """
    Return the price at which an inverse position has lost its initial margin, in 1 / unit quanta.

    entry * leverage / (leverage + 1) for a long, entry * leverage / (leverage - 1) for a short,
    since the profit in coin is contracts * (1 / entry - 1 / exit). `side` is +1 or -1.
    Rounding: to a multiple of the tick, up for a long, down for a short, so that the margin covers
    the loss. A short at leverage 1 cannot go bankrupt and returns 0.
    Domain: 0 < entry * leverage * unit < 2**62, leverage >= 1, tick >= 1 (in 1 / unit quanta).
    Source: Bybit help 900000031623 (bankruptcy price of inverse contracts).
    """
    paid = entry * leverage * unit
    if side > 0:
        return ceil_div(paid, (leverage + 1) * tick) * tick
    if leverage <= 1:
        return 0
    return paid // ((leverage - 1) * tick) * tick


@rule
def inverse_pnl(contracts: int, entry: int, mark: int, unit: int) -> int:
    """
    Return the profit of an inverse position in 1 / unit coins, rounded down.

    contracts * (1 / entry - 1 / mark), contracts signed, prices in dollars per coin.
    Domain: 0 < entry, mark < 2**31, |contracts * (mark - entry)| * unit < 2**63.
    Source: BitMEX, inverse contracts; Bybit help, inverse PnL.
    """
    return contracts * (mark - entry) * unit // (entry * mark)
