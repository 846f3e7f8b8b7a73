"""
Deleveraging from a pseudo-random start: a list of accounts, begun somewhere, walked round once.

The start comes from an explicit seed, so the order can be reproduced. The mixing function is
Tacoma's own; a venue's generator differs, its distribution does not.
"""

from tacoma.compile import rule

HALF_BITS = 31
HALF_MASK = 2**31 - 1
WHOLE_MASK = 2**62 - 1
MULTIPLIER = 1_327_217_885  # odd, about 2**31 / golden ratio
ROUND_STEP = 1_640_531_527
ROUNDS = 6


@rule
def mix(value: int) -> int:
    """
    Return a well mixed integer in 0 .. 2**62 - 1; different inputs give different results.

    A Feistel network over two halves of 31 bits: a permutation of 0 .. 2**62 - 1 whose products
    stay below 2**62. Of larger or negative inputs the lowest 62 bits count.
    Domain: any int64.
    Source: elementary (Feistel).
    """
    value &= WHOLE_MASK
    left = value >> HALF_BITS
    right = value & HALF_MASK
    key = ROUND_STEP
    for _ in range(ROUNDS):
        product = (right ^ (key & HALF_MASK)) * MULTIPLIER
        product ^= product >> 29
        mixed = (product ^ (product >> 17)) & HALF_MASK
        left, right = right, left ^ mixed
        key += ROUND_STEP
    return (left << HALF_BITS) | right


@rule
def mix_pair(seed: int, salt: int) -> int:
    """
    Return a well mixed integer in 0 .. 2**62 - 1 of two integers, in which their order matters.

    Domain: any int64.
    Source: elementary.
    """
    return mix(mix(seed) ^ (salt & WHOLE_MASK))


@rule
def first_position(seed: int, salt: int, count: int) -> int:
    """
    Return the position at which a walk over `count` accounts begins.

    `salt` tells walks of one seed apart: a block's number, a market's. No position is likelier than
    another by more than count / 2**62.
    Domain: count >= 1.
    Source: dydxprotocol/v4-chain protocol/x/clob/keeper/deleveraging.go
    (OffsetSubaccountPerpetualPosition: iteration from a pseudo-random index).
    """
    return mix_pair(seed, salt) % count


@rule
def walked_position(first: int, step: int, count: int) -> int:
    """
    Return the position that comes `step` steps after the first, from the end back to the start.

    Steps 0 .. count - 1 visit every position once.
    Domain: 0 <= first < count, 0 <= step < 2**62.
    Source: dydxprotocol/v4-chain protocol/x/clob/keeper/deleveraging.go (index modulo length).
    """
    return (first + step) % count
