"""
Powers of fixed-point numbers by logarithm and exponential to base 2, in integers alone.

The method fixes every digit: the logarithm squares and halves as often as half a unit can be
halved; the exponential multiplies a mantissa by 2**(1/2), 2**(1/4), ... for the bits that are set.
With a unit of 10**18, 64 roots and a mantissa of 191 bits the results are those of a widely
deployed contract library; with a unit of 10**6 or 10**9, 30 roots and 31 bits they fit int64.
"""

import functools
from collections.abc import Sequence
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import rule
from tacoma.rules.numbers.fixed_point import multiply_half_up

CONTRACT_UNIT = 10**18
CONTRACT_ROOTS = 64
CONTRACT_MANTISSA_BITS = 191
MACHINE_ROOTS = 30
MACHINE_MANTISSA_BITS = 31


@functools.cache
def roots_of_two(count: int) -> Sequence[int]:
    """
    Return 2**(1/2), 2**(1/4), ..., `count` of them, each times 2**count, to the nearest integer.

    Plain Python (the integers of 64 roots exceed int64); 30 roots are an int64 array's content.
    Source: prb-math v2, contracts/PRBMath.sol (the factors of exp2 are these for 64).
    """
    precision = 4 * count + 64
    root = 2 << precision
    roots = []
    for _ in range(count):
        root = isqrt(root << precision)
        roots.append(((root >> (precision - count - 1)) + 1) >> 1)
    return tuple(roots)


@rule
def logarithm_base_2(x: int, unit: int) -> int:
    """
    Return the binary logarithm of x / unit over the same unit.

    The integer part is exact; the rest is a sum of halves, quarters, ... of a unit, each rounded
    down, and every square is rounded down: the result is at most the exact one.
    Domain: x >= unit, 2 <= unit <= 1.5 * 10**9.
    Source: prb-math v2, contracts/PRBMathUD60x18.sol (log2), unit 10**18.
    """
    whole = 0
    scaled = x // unit
    while scaled > 1:
        scaled //= 2
        whole += 1
    y = x >> whole
    result = whole * unit
    step = unit // 2
    while step > 0:
        y = y * y // unit
        if y >= 2 * unit:
            result += step
            y //= 2
        step //= 2
    return result


@rule
def exponential_base_2(x: int, unit: int, roots: NDArray[np.int64], mantissa_bits: int) -> int:
    """
    Return 2**(x / unit) over the same unit, rounded down at every step.

    `roots` is `roots_of_two(n)`: the fraction of x is cut to n binary digits, and each that is set
    multiplies the mantissa, which starts as 2**mantissa_bits.
    Domain: x >= 0, mantissa_bits <= 31, n <= 30, unit < 2**30, result below 2**62.
    Source: prb-math v2, contracts/PRBMathUD60x18.sol and PRBMath.sol (exp2): 64 roots, 191 bits,
    unit 10**18, x below 192 units.
    """
    digits = len(roots)
    whole = x // unit
    fraction = ((x % unit) << digits) // unit
    mantissa = 1 << mantissa_bits
    for place in range(digits):
        if (fraction >> (digits - 1 - place)) & 1 == 1:
            mantissa = (mantissa * roots[place]) >> digits
    mantissa *= unit
    if whole > mantissa_bits:
        return mantissa << (whole - mantissa_bits)
    return mantissa >> (mantissa_bits - whole)


@rule
def power(x: int, exponent: int, unit: int, roots: NDArray[np.int64], mantissa_bits: int) -> int:
    """
    Return (x / unit) ** (exponent / unit) over the same unit.

    2**(logarithm * exponent), the product rounded half up.
    Domain: x >= unit, 0 <= exponent, exponent * unit < 2**62, unit even; that of the two steps.
    Source: prb-math v2, contracts/PRBMathUD60x18.sol (pow).
    """
    logarithm = multiply_half_up(logarithm_base_2(x, unit), exponent, unit)
    return exponential_base_2(logarithm, unit, roots, mantissa_bits)
