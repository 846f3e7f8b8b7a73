"""What a fill makes of a position: its size, its cost, and the profit that closing realises."""

from tacoma.compile import rule
from tacoma.rules.liquidations.sizing import closed_share_quanta
from tacoma.rules.numbers.arithmetic import absolute


@rule
def closed_lots(lots: int, fill_lots: int) -> int:
    """
    Return the part of a position that a fill closes, with the sign of the position.

    0 where the fill opens or increases; never more than the position, however large the fill.
    Domain: |lots|, |fill_lots| < 2**62.
    Source: Hyperliquid docs, trading/entry-price-and-pnl.
    """
    if lots > 0 and fill_lots < 0:
        return min(lots, -fill_lots)
    if lots < 0 and fill_lots > 0:
        return max(lots, -fill_lots)
    return 0


@rule
def entry_after_fill_quanta(lots: int, entry_quanta: int, fill_lots: int, price: int) -> int:
    """
    Return the signed cost of a position after a fill, in quanta.

    An increase adds its own cost, so that the average entry price is weighted by size. A decrease
    takes the closed share of the cost with it (`sizing.closed_share_quanta`, rounded down) and
    leaves the average where it was. A fill through zero leaves the cost of the new position only.
    The average entry price is this over the new size.
    Domain: |lots|, |fill_lots| < 2**31, |entry_quanta|, |fill_lots| * price < 2**53.
    Source: Hyperliquid docs, trading/entry-price-and-pnl.
    """
    closed = closed_lots(lots, fill_lots)
    if closed == 0:
        return entry_quanta + fill_lots * price
    if absolute(fill_lots) > absolute(lots):
        return (lots + fill_lots) * price
    return entry_quanta - closed_share_quanta(entry_quanta, closed, lots)


@rule
def realised_quanta(lots: int, entry_quanta: int, fill_lots: int, price: int) -> int:
    """
    Return the profit that a fill realises, before fees, in quanta; a loss is negative.

    Closed lots * price - their share of the cost; the share is rounded down, which favours the
    holder by less than a quantum that the remaining cost carries on.
    Domain: |lots|, |fill_lots| < 2**31, |entry_quanta|, |lots| * price < 2**53.
    Source: Hyperliquid docs, trading/entry-price-and-pnl (closed PnL).
    """
    closed = closed_lots(lots, fill_lots)
    if closed == 0:
        return 0
    return closed * price - closed_share_quanta(entry_quanta, closed, lots)


@rule
def unrealised_quanta(lots: int, entry_quanta: int, mark: int) -> int:
    """
    Return what closing a position at the mark would realise, in quanta, exact.

    Domain: |lots| * mark, |entry_quanta| < 2**53.
    Source: Hyperliquid docs, trading/entry-price-and-pnl (side * (mark - entry) * size).
    """
    return lots * mark - entry_quanta
