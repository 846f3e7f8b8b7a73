"""Mark prices, and the exponential averages they are built on."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import (
    PPB,
    PPM,
    clamp,
    median3,
    mul_div_floor,
    mul_div_wide_floor,
)

MICROSECONDS_PER_MS = 1000


@rule
def ema_decay(value: int, decay_ppb: int) -> int:
    """
    Return value * decay, rounded toward zero.

    Toward zero, not down: an average of mirrored samples is then the mirrored average, and what is
    negative fades to 0 as what is positive does (rounded down it would stay at -1 for ever).
    Domain: |value| < 2**62, 0 <= decay_ppb <= 1e9.
    Source: Hyperliquid docs, trading/robust-price-indices (the rounding is Tacoma's).
    """
    if value < 0:
        return -mul_div_floor(-value, decay_ppb, PPB)
    return mul_div_floor(value, decay_ppb, PPB)


@rule
def ema_push(
    numerator: int, denominator: int, sample: int, elapsed_ms: int, decay_ppb: int
) -> tuple[int, int]:
    """
    Return the (numerator, denominator) of a time-weighted average after one more sample.

    numerator * decay + sample * elapsed, denominator * decay + elapsed; both start at 0. The
    denominator is in microseconds, the numerator in the sample's unit times microseconds, each
    decay rounded toward zero. `decay_ppb` is exp(-elapsed / period) in ppb, computed once by the
    caller when the world is built.
    Domain: |sample| < 2**31, 0 <= elapsed_ms <= 1e6, 0 <= decay_ppb <= 1e9, and
    elapsed / (1 - decay) <= 1000 s, which bounds |numerator| below 2**61.
    Source: Hyperliquid docs, trading/robust-price-indices (numerator and denominator, 150 s).
    """
    elapsed_us = elapsed_ms * MICROSECONDS_PER_MS
    return (
        ema_decay(numerator, decay_ppb) + sample * elapsed_us,
        ema_decay(denominator, decay_ppb) + elapsed_us,
    )


@rule
def ema_value(numerator: int, denominator: int) -> int:
    """
    Return the average in the sample's unit, rounded down; 0 before the first sample.

    Domain: denominator >= 0.
    Source: Hyperliquid docs, trading/robust-price-indices.
    """
    if denominator <= 0:
        return 0
    return numerator // denominator


@rule
def index_with_funding(
    index: int, last_funding_ppb: int, seconds_to_funding: int, funding_interval_s: int
) -> int:
    """
    Return index * (1 + last funding rate * time to funding / interval), rounded down.

    Domain: 0 <= index < 2**31, |last_funding_ppb| < 1e9, 0 <= seconds_to_funding <=
    funding_interval_s, 0 < funding_interval_s < 2**31.
    Source: BitMEX "Fair Price Marking"; Binance USD-M "Mark Price and Price Index" (price 1).
    """
    whole = PPB * funding_interval_s
    return mul_div_wide_floor(index, whole + last_funding_ppb * seconds_to_funding, whole)


@rule
def median_with_last(
    index: int,
    last_funding_ppb: int,
    seconds_to_funding: int,
    funding_interval_s: int,
    basis_average: int,
    last_price: int,
) -> int:
    """
    Return a mark in quanta per lot: the median of two fair prices and the last trade.

    Price 1 is index * (1 + last funding rate * time to funding / interval), rounded down; price 2
    is index + moving average of (mid - index).
    Domain: 0 <= index < 2**31, |last_funding_ppb| < 1e9, 0 <= seconds_to_funding <=
    funding_interval_s, 0 < funding_interval_s < 2**31.
    Source: Binance USD-M "Mark Price and Price Index".
    """
    price_1 = index_with_funding(index, last_funding_ppb, seconds_to_funding, funding_interval_s)
    price_2 = index + basis_average
    return median3(price_1, price_2, last_price)


@rule
def median_with_perpetuals(
    index: int,
    basis_ema: int,
    best_bid: int,
    best_ask: int,
    last: int,
    external_perp_median: int,
    local_ema: int,
    has_external: int,
) -> int:
    """
    Return a mark in quanta per lot: the median of three prices, no rounding.

    index + 150 s average of (mid - index); median of best bid, best ask and last trade; median of
    other venues' perpetuals. Without the last (`has_external` = 0) exactly two exist, and the 30 s
    average of the second takes the third place.
    Domain: all prices present; a caller with an empty side of the book passes its last price there.
    Source: Hyperliquid docs, trading/robust-price-indices.
    """
    fair = index + basis_ema
    local = median3(best_bid, best_ask, last)
    if has_external != 0:
        return median3(fair, local, external_perp_median)
    return median3(fair, local, local_ema)


@rule
def index_with_banded_basis(index: int, basis_ema: int, band_ppm: int) -> int:
    """
    Return index + average basis, the basis within +-band of the index (rounded down).

    Domain: 0 <= index < 2**31, |basis_ema| < 2**31, 0 <= band_ppm <= 1e6.
    Source: Deribit docs, perpetual mark price (index plus a 30 s average, within 0.5 %).
    """
    limit = mul_div_floor(index, band_ppm, PPM)
    return index + clamp(basis_ema, -limit, limit)
