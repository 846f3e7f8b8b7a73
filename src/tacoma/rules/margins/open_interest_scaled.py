"""An initial margin rate that rises with a market's open interest until it reaches one."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import PPM

HALF = 1_000  # the square root of PPM: a rate is handled as two digits of this base


@rule
def scaled_initial_ppm(
    initial_ppm: int, open_interest_quanta: int, lower_quanta: int, upper_quanta: int
) -> int:
    """
    Return the initial margin rate in ppm at an open interest, rounded down.

    The base rate up to the lower bound (included), one from the upper bound (included), between
    them base + (1 - base) * (open interest - lower) / (upper - lower). An upper bound of 0
    switches the scaling off.
    Domain: 0 <= initial_ppm <= 1e6, 0 <= lower_quanta < upper_quanta (or both 0), upper - lower
    < 2**52, open_interest_quanta >= 0.
    Source: dYdX v4-chain protocol/x/perpetuals/types/liquidity_tier.go,
    GetAdjustedInitialMarginPpm.
    """
    if upper_quanta == 0 or open_interest_quanta <= lower_quanta:
        return initial_ppm
    if open_interest_quanta >= upper_quanta:
        return PPM
    above = open_interest_quanta - lower_quanta
    width = upper_quanta - lower_quanta
    high = above * ((PPM - initial_ppm) // HALF)
    low = above * ((PPM - initial_ppm) % HALF)
    return initial_ppm + (high // width) * HALF + ((high % width) * HALF + low) // width


@rule
def effective_initial_ppm(scaled_ppm: int, chosen_ppm: int) -> int:
    """
    Return the larger of the market's rate and the one that the account's leverage asks for.

    A chosen rate of 0 means that the account has chosen none.
    Source: dYdX v4-chain protocol/x/perpetuals/types/liquidity_tier.go,
    GetInitialMarginQuoteQuantums.
    """
    return max(scaled_ppm, chosen_ppm)
