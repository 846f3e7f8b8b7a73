"""Sizes of the world's tables, and the stated maxima under the names that kernels use."""

from tacoma.bounds import (
    ACCOUNTS_MAX,
    AMOUNT_QUANTA_MAX,
    BALANCE_QUANTA_MAX,
    LOTS_MAX,
    MARGIN_QUANTA_MAX,
    OPEN_LOTS_MAX,
    PREMIUM_PPB_MAX,
    PRICE_QUANTA_MAX,
    SHOCK_FACTOR_MAX,
    SLOTS_MAX,
    STEPS_MAX,
    TOTAL_QUANTA_MAX,
)
from tacoma.rules.numbers.arithmetic import PPB, PPM
from tacoma.units import QUANTA_PER_USD

__all__ = [
    "ACCOUNTS_MAX",
    "AMOUNT_QUANTA_MAX",
    "BALANCE_QUANTA_MAX",
    "LOTS_MAX",
    "MARGIN_QUANTA_MAX",
    "OPEN_LOTS_MAX",
    "PPB",
    "PPM",
    "PREMIUM_PPB_MAX",
    "PRICE_QUANTA_MAX",
    "QUANTA_PER_USD",
    "SHOCK_FACTOR_MAX",
    "SLOTS_MAX",
    "STEPS_MAX",
    "TOTAL_QUANTA_MAX",
]

MONEY_QUANTA_MAX = TOTAL_QUANTA_MAX  # of one transfer, and what stands for "no amount is as large"

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

assert PPB * PPB < 2**63  # a remainder times a rate fits (mul_div)
