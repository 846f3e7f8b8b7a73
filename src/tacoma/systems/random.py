"""Counter-based random numbers: a draw depends on (seed, stream, entity, step) and nothing else.

Adding an agent or a market therefore never shifts the draws of another. The mixing function is the
finaliser of SplitMix64 (Steele, Lea, Flood 2014).
"""

import math

import numpy as np

from tacoma.compile import kernel

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_A = np.uint64(0xBF58476D1CE4E5B9)
MIX_B = np.uint64(0x94D049BB133111EB)
SHIFT_30 = np.uint64(30)
SHIFT_27 = np.uint64(27)
SHIFT_31 = np.uint64(31)
SHIFT_11 = np.uint64(11)
TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53

# Streams: one per purpose.
SECOND_DRAW = 1000  # added to a stream for the second uniform of a normal
STREAM_SOURCE_NOISE = 1
STREAM_GATEWAY = 2
STREAM_REACTION = 3
STREAM_ACTION = 4
STREAM_QUEUE = 5


@kernel
def mix(value):
    """Scramble a uint64 into a uint64."""
    value = (value ^ (value >> SHIFT_30)) * MIX_A
    value = (value ^ (value >> SHIFT_27)) * MIX_B
    return value ^ (value >> SHIFT_31)


@kernel
def uniform(seed, stream, entity, step):
    """Draw a float in [0, 1) for (seed: uint64, stream, entity, step: non-negative integers)."""
    value = mix(seed + GOLDEN * np.uint64(stream))
    value = mix(value + GOLDEN * np.uint64(entity))
    value = mix(value + GOLDEN * np.uint64(step))
    return float(value >> SHIFT_11) * TO_UNIT


@kernel
def gaussian(seed, stream, entity, step):
    """Draw a standard normal number (Box-Muller from two uniforms)."""
    radius = 1.0 - uniform(seed, stream, entity, step)
    angle = uniform(seed, stream + SECOND_DRAW, entity, step)
    return math.sqrt(-2.0 * math.log(radius)) * math.cos(2.0 * math.pi * angle)
