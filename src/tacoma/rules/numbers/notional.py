"""What a size is worth when its price is counted on another decimal scale than the money."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import trunc_div


@rule
def notional_truncated(size: int, price: int, numerator: int, denominator: int) -> int:
    """
    Return size * price * numerator / denominator in money, rounded toward zero.

    The fraction is the scale between the three units, a power of ten or its inverse. Longs are
    positive, shorts negative, and both lose the same fraction of a unit.
    Domain: denominator > 0, |size| * price * numerator < 2**63.
    Source: dYdX v4-chain protocol/lib/quantums.go, BaseToQuoteQuantums.
    """
    return trunc_div(size * price * numerator, denominator)


@rule
def size_truncated(notional: int, price: int, numerator: int, denominator: int) -> int:
    """
    Return the size whose notional it is, rounded toward zero; see `notional_truncated`.

    Domain: price, numerator > 0, |notional| * denominator < 2**63.
    Source: dYdX v4-chain protocol/lib/quantums.go, QuoteToBaseQuantums.
    """
    return trunc_div(trunc_div(notional * denominator, numerator), price)
