"""Products too wide for int64: what they are divided by something, and which of two is larger."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import INT64_MAX, sign


@rule
def mul_div_any_floor(a: int, b: int, c: int) -> int:
    """
    Return a * b / c rounded toward minus infinity, however wide a * b is.

    The part of a that c divides is multiplied plainly; the rest goes through long multiplication,
    the division carried along. Nothing is capped: unbounded integers of any size are exact too.
    Domain: a > -2**63, 0 <= b < 2**63, 0 < c < 2**62, |floor(a / c)| * b and the result within
    int64.
    Source: elementary.
    """
    quotient = (a // c) * b
    rest = a % c
    if rest == 0 or b == 0:
        return quotient
    if rest <= INT64_MAX // b:
        return quotient + (rest * b) // c
    step_quotient = b // c
    step_remainder = b % c
    remainder = 0
    while True:
        if rest % 2 == 1:
            quotient += step_quotient
            remainder += step_remainder
            if remainder >= c:
                remainder -= c
                quotient += 1
        rest //= 2
        if rest == 0:
            return quotient
        step_quotient += step_quotient
        step_remainder += step_remainder
        if step_remainder >= c:
            step_remainder -= c
            step_quotient += 1


@rule
def compare_products(a: int, b: int, c: int, d: int) -> int:
    """
    Return the sign of a * b - c * d without forming either product.

    Where all are positive it compares the continued fractions of a / d and c / b.
    Domain: |a|, |c| < 2**63, 0 <= b, d < 2**63.
    Source: elementary (Euclid).
    """
    left = sign(a) if b > 0 else 0
    right = sign(c) if d > 0 else 0
    if left != right:
        return 1 if left > right else -1
    if left == 0:
        return 0
    larger = left  # what to return when a / d is the larger of the two
    above, below = (a, d) if left > 0 else (-a, d)
    other_above, other_below = (c, b) if left > 0 else (-c, b)
    while True:
        whole = above // below
        other_whole = other_above // other_below
        if whole != other_whole:
            return larger if whole > other_whole else -larger
        above %= below
        other_above %= other_below
        if above == 0 or other_above == 0:
            if above == other_above:
                return 0
            return larger if above > 0 else -larger
        above, below = below, above
        other_above, other_below = other_below, other_above
        larger = -larger
