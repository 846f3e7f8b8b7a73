"""Numbers that look random and are not: the place at which a venue begins its list of accounts."""

from __future__ import annotations

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(value: int) -> int:
    """Scramble 64 bits into 64 bits (the finaliser of SplitMix64: Steele, Lea, Flood 2014)."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def uniform(seed: int, stream: int, entity: int, step: int) -> float:
    """Return a number in [0, 1) that depends on these four and on nothing else."""
    value = seed
    for part in (stream, entity, step):
        value = mix((value + GOLDEN * part) & MASK)
    return float(value >> 11) / 2.0**53
