"""Stated maxima of every quantity, so that products fit in 64 bits."""

from tacoma.rules.numbers.arithmetic import PPB, PPM
from tacoma.units import QUANTA_PER_USD

__all__ = ["PPB", "PPM", "QUANTA_PER_USD"]

LOTS_MAX = 2**31 - 1
PRICE_QUANTA_MAX = 2**31 - 1
MONEY_QUANTA_MAX = 2**62 - 1

LEVELS = 24  # price levels of one maker's curve and side
RESTING_MAX = 32  # explicit orders resting in one market
LAG_SECONDS_MAX = 600
BASIS_SAMPLES = 30  # of the moving average of a basis

SHOCKS_MAX = 128  # scenarios of a portfolio margin: 33 prices, three volatilities, 28 extremes

Q20_BITS = 20  # binary fractions of the book: reference * offset and depth * weight fit easily

# The trigger index keeps 11 significant bits of a price: a bucket is 0.05 to 0.1 % wide.
BUCKET_BITS = 10
BUCKETS = 32 << BUCKET_BITS

# Deleveraging scores fall into buckets of their bit length and the next bits.
SCORE_MANTISSA_BITS = 5
HISTOGRAM = 64 << SCORE_MANTISSA_BITS

assert LOTS_MAX * PRICE_QUANTA_MAX < 2**62  # a notional fits, and so does the sum of two
assert PPB * PPB < 2**63  # a remainder times a rate fits (mul_div)
