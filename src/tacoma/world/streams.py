"""Random streams for set-up: one per purpose and name, so that nothing shifts anything else."""

import zlib

import numpy as np

ROW_BITS = 32


def name_key(name: str) -> int:
    """Return a stable number below 2**23 for a name: whose draws are whose, whatever the order."""
    return zlib.crc32(name.encode()) >> 9


def row_key(name: str, row: int) -> int:
    """Return a stable number below 2**55 for the row-th thing of a name."""
    return (name_key(name) << ROW_BITS) + row


def stream(seed: int, purpose: str, name: str = "") -> np.random.Generator:
    """Return the generator of (seed, purpose, name): Philox, counter-based."""
    key = zlib.crc32(f"{purpose}/{name}".encode())
    return np.random.Generator(np.random.Philox(key=np.array([seed, key], dtype=np.uint64)))
