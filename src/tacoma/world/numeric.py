"""Elementary functions that give the same bits on every processor with the same C library.

numpy chooses its own exp, log and power by the vector instructions it finds, and they differ in the
last bit. These call the C library's, one number at a time: slower, and the same everywhere.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tacoma.compile import entry

if TYPE_CHECKING:
    from tacoma.world.layout import Floats


@entry
def exp_all(values):
    """Replace every element of a flat float array by its exponential."""
    for place in range(values.shape[0]):
        values[place] = math.exp(values[place])


@entry
def log_all(values):
    """Replace every element (> 0) of a flat float array by its logarithm."""
    for place in range(values.shape[0]):
        values[place] = math.log(values[place])


def exp(values: Floats) -> Floats:
    """Return the exponential of every element, any shape."""
    flat = np.array(values, dtype=np.float64).ravel()
    exp_all(flat)
    return flat.reshape(np.shape(values))


def log(values: Floats) -> Floats:
    """Return the natural logarithm of every element (> 0), any shape."""
    flat = np.array(values, dtype=np.float64).ravel()
    log_all(flat)
    return flat.reshape(np.shape(values))


def power(base: Floats | float, exponent: Floats | float) -> Floats:
    """Return base ** exponent for base > 0, as exp(exponent * log(base))."""
    return exp(np.asarray(exponent) * log(np.asarray(base, dtype=np.float64)))
