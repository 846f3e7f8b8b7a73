"""Exposure that fades while a settlement price is averaged."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import trunc_div


@rule
def remaining_exposure(exposure: int, elapsed: int, window: int) -> int:
    """
    Return what is left of an exposure after a part of the averaging window, rounded toward zero.

    exposure * (window - elapsed) / window: all before the window, nothing after it. Elapsed time
    and window share a unit.
    Domain: window > 0, |exposure| * window < 2**63.
    Source: Deribit support 25944751433757 (delta falls linearly over the last 30 minutes).
    """
    if elapsed <= 0:
        return exposure
    if elapsed >= window:
        return 0
    return trunc_div(exposure * (window - elapsed), window)


@rule
def coin_net_delta(delta: int, option_mark: int) -> int:
    """
    Return the delta of a coin-settled option less its own price, in the unit of both, exact.

    The option's value is itself held in the coin, which is exposure of the other sign.
    Domain: both below 2**62 in absolute value.
    Source: Deribit support 25944751433757 (net transaction delta).
    """
    return delta - option_mark
