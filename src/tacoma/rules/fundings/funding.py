"""Funding: the premium of a perpetual, the rate made of it, and what the two sides pay."""

from tacoma.compile import rule
from tacoma.rules.fundings.interest_clamped_funding import capped_rate, interval_rate, scaled_rate
from tacoma.rules.numbers.arithmetic import PPB, absolute, mul_div_ceil, mul_div_floor
from tacoma.rules.prices.premium import impact_premium

HOURS_OF_RATE = 8


@rule
def premium_ppb(impact_bid: int, impact_ask: int, oracle: int) -> int:
    """
    Return the premium of the book over the oracle in ppb, rounded down (toward minus infinity).

    (max(impact bid - oracle, 0) - max(oracle - impact ask, 0)) / oracle.
    Domain: 0 <= impact prices < 2**31, 0 < oracle < 2**31; an empty side of the book is passed as
    the oracle price.
    Source: Hyperliquid docs, trading/funding; Binance USD-M "Funding Rates" (premium index).
    """
    return impact_premium(impact_bid, impact_ask, oracle, PPB)


@rule
def rate_interest_clamped_eighth_ppb(
    premium_ppb: int, interest_ppb: int, clamp_ppb: int, cap_ppb: int
) -> int:
    """
    Return the hourly funding rate in ppb, rounded down, positive when longs pay.

    (premium + clamp(interest - premium, +-clamp)) / 8, limited to +-cap. Interest and clamp are
    per 8 hours (0.01 %, 0.05 %), the cap per hour (4 %).
    Domain: all below 2**53 in absolute value, clamp_ppb, cap_ppb >= 0.
    Source: Hyperliquid docs, trading/funding.
    """
    eight_hours = interval_rate(premium_ppb, interest_ppb, -clamp_ppb, clamp_ppb)
    return capped_rate(scaled_rate(eight_hours, 1, HOURS_OF_RATE), cap_ppb)


@rule
def rate_interest_clamped_ppb(
    average_premium_ppb: int, interest_ppb: int, clamp_ppb: int, cap_ppb: int
) -> int:
    """
    Return the funding rate of one 8-hour interval in ppb, exact, positive when longs pay.

    average premium + clamp(interest - average premium, +-clamp), limited to +-cap.
    Domain: all below 2**53 in absolute value, clamp_ppb, cap_ppb >= 0.
    Source: Binance USD-M "Funding Rates" (interest 0.01 %, clamp 0.05 % per 8 hours).
    """
    rate = interval_rate(average_premium_ppb, interest_ppb, -clamp_ppb, clamp_ppb)
    return capped_rate(rate, cap_ppb)


@rule
def payment_paid_quanta(lots_abs: int, price: int, rate_ppb: int) -> int:
    """
    Return what a position that pays funding is charged in quanta, rounded up.

    lots * price * |rate|; the caller decides by signs who pays. Rounding is against the payer and
    the receiver alike, so that a venue never pays out more than it took in; the dust goes to its
    fee account.
    Domain: lots_abs >= 0, lots * price < 2**61, |rate_ppb| <= 1e9.
    Source: Hyperliquid docs, trading/funding (position size * oracle price * funding rate).
    """
    return mul_div_ceil(lots_abs * price, absolute(rate_ppb), PPB)


@rule
def payment_received_quanta(lots_abs: int, price: int, rate_ppb: int) -> int:
    """
    Return what a position that receives funding is credited in quanta, rounded down.

    lots * price * |rate|; see `payment_paid_quanta` for where the dust goes.
    Domain: lots_abs >= 0, lots * price < 2**61, |rate_ppb| <= 1e9.
    Source: Hyperliquid docs, trading/funding (position size * oracle price * funding rate).
    """
    return mul_div_floor(lots_abs * price, absolute(rate_ppb), PPB)
