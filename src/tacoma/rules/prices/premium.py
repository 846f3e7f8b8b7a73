"""The premium of a perpetual's book over its oracle price, in the two readings that venues use."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPB


@rule
def impact_difference(impact_bid: int, impact_ask: int, oracle: int) -> int:
    """
    Return how far the oracle price lies outside the book, in quanta per lot, exact.

    max(impact bid - oracle, 0) - max(oracle - impact ask, 0): 0 inside the book, positive where
    the book is rich. In a crossed book both terms count.
    Domain: all below 2**62 in absolute value.
    Source: Hyperliquid docs, trading/funding.
    """
    above = impact_bid - oracle if impact_bid > oracle else 0
    below = oracle - impact_ask if oracle > impact_ask else 0
    return above - below


@rule
def impact_premium(impact_bid: int, impact_ask: int, oracle: int, unit: int) -> int:
    """
    Return the premium of the book in 1 / unit, rounded down (toward minus infinity).

    `impact_difference` / oracle; unit 1e9 gives `funding.premium_ppb`.
    Domain: 0 <= impact prices < 2**31, 0 < oracle < 2**31, 0 < unit <= 2**31.
    Source: Hyperliquid docs, trading/funding; checked on live numbers of the information API.
    """
    return impact_difference(impact_bid, impact_ask, oracle) * unit // oracle


@rule
def middle_premium(impact_bid: int, impact_ask: int, oracle: int, unit: int) -> int:
    """
    Return the premium of the middle of the book in 1 / unit, rounded down.

    ((impact bid + impact ask) / 2 - oracle) / oracle: it moves inside the book too.
    Domain: 0 <= impact prices < 2**31, 0 < oracle < 2**31, 0 < unit <= 2**30.
    Source: Hyperliquid HIP-3 markets. Undocumented: four live premiums of the information API
    follow it to their last digit and contradict `impact_premium`.
    """
    return (impact_bid + impact_ask - 2 * oracle) * unit // (2 * oracle)


@rule
def middle_premium_ppb(impact_bid: int, impact_ask: int, oracle: int) -> int:
    """
    Return the premium of the middle of the book in ppb, rounded down, as HIP-3 markets have it.

    Domain: 0 <= impact prices < 2**31, 0 < oracle < 2**31; an empty side of the book is passed as
    the oracle price.
    Source: see `middle_premium`.
    """
    return middle_premium(impact_bid, impact_ask, oracle, PPB)
