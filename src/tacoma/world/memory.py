"""Tables that may be far larger than what is ever written to them.

A buffer must hold whatever one step could write at worst, and almost never does. Zeroed pages that
nobody has touched cost no memory; for large tables the operating system is told so, or it would
refuse a hundred million accounts their worst case. Large tables begin at a page, so that a record
of 64 bytes is one cache line, and ask for large pages, which halves the cost of looking up a random
account.
"""

from __future__ import annotations

import math
import mmap
import sys

import numpy as np

from tacoma.world.layout import Table

MAPPED_BYTES_MIN = 1 << 22  # below, an ordinary allocation is faster
# Linux counts private pages against the machine's memory before they are touched, unless told not
# to; Python names this flag from 3.13 on.
NOT_COUNTED = 0x4000 if sys.platform == "linux" else 0
MAPPING = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NOT_COUNTED


def reserved(fields: np.dtype[np.generic] | type, *shape: int) -> Table:
    """Return zeros of a type and shape that use memory as they are written.

    A record type gives a table whose columns are attributes, any other an array.
    """
    dtype = np.dtype(fields)
    size = math.prod(shape)
    if size * dtype.itemsize < MAPPED_BYTES_MIN:
        zeros = np.zeros(shape, dtype=dtype)
    else:
        pages = mmap.mmap(-1, size * dtype.itemsize, flags=MAPPING)
        if hasattr(mmap, "MADV_HUGEPAGE"):
            pages.madvise(mmap.MADV_HUGEPAGE)
        zeros = np.frombuffer(pages, dtype=dtype, count=size).reshape(shape)
    return zeros.view(np.recarray) if dtype.names else zeros
