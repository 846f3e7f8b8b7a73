"""Integer arithmetic with named rounding, exact where a plain product would overflow int64."""

from tacoma.compile import rule

PPM = 1_000_000
PPB = 1_000_000_000
INT64_MAX = 2**63 - 1
WIDE_RESULT_MAX = 2**62
TOP_BIT = 1 << 62


@rule
def floor_div(a: int, b: int) -> int:
    """
    Return a / b rounded toward minus infinity.

    Domain: b != 0. Source: elementary.
    """
    return a // b


@rule
def ceil_div(a: int, b: int) -> int:
    """
    Return a / b rounded toward plus infinity.

    Domain: b != 0, a > -2**63. Source: elementary.
    """
    return -((-a) // b)


@rule
def trunc_div(a: int, b: int) -> int:
    """
    Return a / b rounded toward zero.

    Domain: b != 0, a > -2**63. Source: elementary.
    """
    if (a < 0) != (b < 0):
        return -((-a) // b)
    return a // b


@rule
def integer_square_root(n: int) -> int:
    """
    Return the square root of n rounded down.

    Newton's steps from above, so the first that does not fall is the result.
    Domain: 0 <= n < 2**62. Source: elementary (Newton).
    """
    if n < 2:
        return n
    root = n
    bound = 1
    while bound < n:  # a power of two at or above the root
        bound *= 2
        n_left = n // bound
        if n_left <= bound:
            root = bound
            break
    better = (root + n // root) // 2
    while better < root:
        root = better
        better = (root + n // root) // 2
    return root


@rule
def mul_div_floor(a: int, b: int, c: int) -> int:
    """
    Return a * b / c rounded toward minus infinity, without forming a * b.

    Domain: any sign of a, b >= 0, c > 0, b * c < 2**63, result within int64.
    Source: elementary (a = (a // c) * c + a % c).
    """
    return (a // c) * b + ((a % c) * b) // c


@rule
def mul_div_ceil(a: int, b: int, c: int) -> int:
    """
    Return a * b / c rounded toward plus infinity, without forming a * b.

    Domain: any sign of a, b >= 0, c > 0, b * c < 2**63, result within int64.
    Source: elementary (a = (a // c) * c + a % c).
    """
    return (a // c) * b - (-((a % c) * b)) // c


@rule
def mul_div_wide_capped(a: int, b: int, c: int, cap: int) -> int:
    """
    Return min(floor(a * b / c), cap) for any a and b, however wide their product.

    Long multiplication bit by bit, the division carried along: the remainder stays below c, and
    the quotient only grows, so the first moment it reaches the cap settles the result.
    Domain: 0 <= a, b < 2**63, 0 < c < 2**62, 0 <= cap <= 2**62. Source: elementary.
    """
    if a == 0 or b == 0:
        return 0
    if a <= INT64_MAX // b:
        quotient = (a * b) // c
        return min(cap, quotient)
    step_quotient = b // c
    step_remainder = b % c
    if step_quotient >= cap:
        return cap
    quotient = 0
    remainder = 0
    bit = TOP_BIT
    while bit > 0:
        quotient += quotient
        remainder += remainder
        if remainder >= c:
            remainder -= c
            quotient += 1
        if quotient >= cap:
            return cap
        if (a & bit) != 0:
            quotient += step_quotient
            remainder += step_remainder
            if remainder >= c:
                remainder -= c
                quotient += 1
            if quotient >= cap:
                return cap
        bit >>= 1
    return quotient


@rule
def mul_div_wide_floor(a: int, b: int, c: int) -> int:
    """
    Return a * b / c rounded down, exact although a * b may need 126 bits.

    Domain: 0 <= a, b < 2**63, 0 < c < 2**62, result < 2**62 (a larger one returns 2**62).
    Source: elementary.
    """
    return mul_div_wide_capped(a, b, c, WIDE_RESULT_MAX)


@rule
def mul_mod_wide(a: int, b: int, c: int) -> int:
    """
    Return the remainder of a * b divided by c, exact although a * b may need 126 bits.

    Domain: 0 <= a, b < 2**63, 0 < c < 2**62. Source: elementary.
    """
    if b == 0 or a <= INT64_MAX // b:
        return (a * b) % c
    step = b % c
    remainder = 0
    bit = TOP_BIT
    while bit > 0:
        remainder += remainder
        if remainder >= c:
            remainder -= c
        if (a & bit) != 0:
            remainder += step
            if remainder >= c:
                remainder -= c
        bit >>= 1
    return remainder


@rule
def greatest_common_divisor(a: int, b: int) -> int:
    """
    Return the greatest common divisor of a and b.

    Domain: a, b >= 0, not both 0. Source: elementary (Euclid).
    """
    while b != 0:
        a, b = b, a % b
    return a


@rule
def clamp(x: int, low: int, high: int) -> int:
    """
    Return x limited to low..high, both ends included.

    Domain: low <= high. Source: elementary.
    """
    if x < low:
        return low
    if x > high:
        return high
    return x


@rule
def median3(a: int, b: int, c: int) -> int:
    """
    Return the middle of three integers.

    Source: elementary.
    """
    if a > b:
        a, b = b, a
    if c <= a:
        return a
    if c >= b:
        return b
    return c


@rule
def absolute(x: int) -> int:
    """
    Return x without its sign.

    Domain: x > -2**63. Source: elementary.
    """
    return -x if x < 0 else x


@rule
def sign(x: int) -> int:
    """
    Return -1, 0 or 1, the sign of x.

    Source: elementary.
    """
    if x > 0:
        return 1
    if x < 0:
        return -1
    return 0
