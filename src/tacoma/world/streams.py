"""Random streams for set-up: one per purpose and name, so that nothing shifts anything else."""

import zlib

import numpy as np


def stream(seed: int, purpose: str, name: str = "") -> np.random.Generator:
    """Return the generator of (seed, purpose, name): Philox, counter-based."""
    key = zlib.crc32(f"{purpose}/{name}".encode())
    return np.random.Generator(np.random.Philox(key=np.array([seed, key], dtype=np.uint64)))
