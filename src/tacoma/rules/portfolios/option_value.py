"""
Values and sensitivities of European options: models over floats, never a ledger's numbers.

Time is in years, volatility and rates are per year (0.2 is 20 %), prices are in one unit of the
caller's choice, and values come out in that unit. Two parametrisations of one formula:

- `black76_*` takes the forward price and a discount factor to expiry;
- `black_scholes_*` takes the spot price, an interest rate and a dividend (or borrowing) yield,
  both continuously compounded.

Sensitivities are raw derivatives: delta per unit of price, gamma per unit of price squared, theta
per year that passes, vega per 1.00 of volatility (divide by 100 for a percentage point), rho per
1.00 of rate. Divide theta by 365 for a calendar day.

At years = 0 or volatility = 0 the value is the discounted intrinsic value and every function
returns its limit. Exactly at the strike delta is the middle of its two sides; gamma and the decay
in theta have no finite limit there and count as 0. Negative years or volatility count as 0.

Domain of all: forward, spot, strike >= 0 with a ratio within 1e-300 .. 1e300, discount > 0.
"""

import math

from tacoma.compile import model

SQUARE_ROOT_OF_2 = math.sqrt(2.0)
NORMAL_DENSITY_AT_0 = 1.0 / math.sqrt(2.0 * math.pi)


@model
def normal_cdf(x: float) -> float:
    """
    Return the probability that a standard normal variable is at most x; accurate in both tails.

    Source: elementary (complementary error function).
    """
    return 0.5 * math.erfc(-x / SQUARE_ROOT_OF_2)


@model
def normal_pdf(x: float) -> float:
    """
    Return the density of a standard normal variable at x.

    Source: elementary.
    """
    return NORMAL_DENSITY_AT_0 * math.exp(-0.5 * x * x)


@model
def total_deviation(years: float, volatility: float) -> float:
    """
    Return the standard deviation of the logarithm of the price at expiry, never below 0.

    Source: Black (1976).
    """
    if years <= 0.0 or volatility <= 0.0:
        return 0.0
    return volatility * math.sqrt(years)


@model
def moneyness(forward: float, strike: float, deviation: float) -> float:
    """
    Return d1 of the formula: how many deviations the forward lies above the strike, plus a half.

    Without deviation, price or strike it is plus or minus infinity by which side is worth more,
    and 0 where both are equal.
    Source: Black (1976), "The pricing of commodity contracts".
    """
    if deviation <= 0.0 or forward <= 0.0 or strike <= 0.0:
        if forward > strike:
            return math.inf
        if forward < strike:
            return -math.inf
        return 0.0
    return math.log(forward / strike) / deviation + 0.5 * deviation


@model
def black76_value(
    forward: float, strike: float, years: float, volatility: float, discount: float, is_call: bool
) -> float:
    """
    Return the value of a European option on a forward price, never below 0.

    Source: Black (1976): discount * (forward * N(d1) - strike * N(d2)) for a call.
    """
    deviation = total_deviation(years, volatility)
    d1 = moneyness(forward, strike, deviation)
    d2 = d1 - deviation
    if is_call:
        value = discount * (forward * normal_cdf(d1) - strike * normal_cdf(d2))
    else:
        value = discount * (strike * normal_cdf(-d2) - forward * normal_cdf(-d1))
    return max(0.0, value)


@model
def black76_delta(
    forward: float, strike: float, years: float, volatility: float, discount: float, is_call: bool
) -> float:
    """
    Return the change of the value per unit of the forward price, the discount held.

    0 .. discount for a call, -discount .. 0 for a put.
    Source: Black (1976), derivative of the value.
    """
    d1 = moneyness(forward, strike, total_deviation(years, volatility))
    if is_call:
        return discount * normal_cdf(d1)
    return -discount * normal_cdf(-d1)


@model
def black76_gamma(
    forward: float, strike: float, years: float, volatility: float, discount: float
) -> float:
    """
    Return the change of delta per unit of the forward price; the same for calls and puts.

    Source: Black (1976), second derivative of the value.
    """
    deviation = total_deviation(years, volatility)
    if deviation <= 0.0 or forward <= 0.0:
        return 0.0
    d1 = moneyness(forward, strike, deviation)
    return discount * normal_pdf(d1) / (forward * deviation)


@model
def black76_vega(
    forward: float, strike: float, years: float, volatility: float, discount: float
) -> float:
    """
    Return the change of the value per 1.00 of volatility; the same for calls and puts.

    Source: Black (1976), derivative of the value.
    """
    if years <= 0.0:
        return 0.0
    d1 = moneyness(forward, strike, total_deviation(years, volatility))
    return discount * forward * normal_pdf(d1) * math.sqrt(years)


@model
def decay(forward: float, strike: float, years: float, volatility: float, discount: float) -> float:
    """
    Return the part of theta that the loss of optionality makes, per year, never above 0.

    Source: Black (1976), derivative of the value by the total variance.
    """
    if years <= 0.0 or volatility <= 0.0:
        return 0.0
    vega = black76_vega(forward, strike, years, volatility, discount)
    return -vega * volatility / (2.0 * years)


@model
def black76_theta(
    forward: float, strike: float, years: float, volatility: float, discount: float, is_call: bool
) -> float:
    """
    Return the change of the value per year that passes, forward price and interest rate held.

    The rate is the one that the discount implies, -log(discount) / years; at expiry it is 0.
    Source: Black (1976), derivative of the value.
    """
    lost = decay(forward, strike, years, volatility, discount)
    if years <= 0.0:
        return lost
    rate = -math.log(discount) / years
    return lost + rate * black76_value(forward, strike, years, volatility, discount, is_call)


@model
def black76_rho(
    forward: float, strike: float, years: float, volatility: float, discount: float, is_call: bool
) -> float:
    """
    Return the change of the value per 1.00 of interest rate, the forward price held.

    Source: Black (1976), derivative of the value with discount = exp(-rate * years).
    """
    value = black76_value(forward, strike, years, volatility, discount, is_call)
    return -max(0.0, years) * value


@model
def forward_price(spot: float, years: float, rate: float, dividend: float) -> float:
    """
    Return the forward price of an asset that pays a yield.

    Source: elementary (cost of carry).
    """
    return spot * math.exp((rate - dividend) * max(0.0, years))


@model
def discount_factor(years: float, rate: float) -> float:
    """
    Return today's value of 1 paid at expiry.

    Source: elementary (continuous compounding).
    """
    return math.exp(-rate * max(0.0, years))


@model
def black_scholes_value(
    spot: float,
    strike: float,
    years: float,
    rate: float,
    dividend: float,
    volatility: float,
    is_call: bool,
) -> float:
    """
    Return the value of a European option on a spot price, never below 0.

    Source: Black and Scholes (1973), Merton (1973) for the yield.
    """
    forward = forward_price(spot, years, rate, dividend)
    discount = discount_factor(years, rate)
    return black76_value(forward, strike, years, volatility, discount, is_call)


@model
def black_scholes_delta(
    spot: float,
    strike: float,
    years: float,
    rate: float,
    dividend: float,
    volatility: float,
    is_call: bool,
) -> float:
    """
    Return the change of the value per unit of the spot price.

    Source: Black and Scholes (1973), derivative of the value.
    """
    forward = forward_price(spot, years, rate, dividend)
    carried = discount_factor(years, dividend)
    return black76_delta(forward, strike, years, volatility, carried, is_call)


@model
def black_scholes_gamma(
    spot: float, strike: float, years: float, rate: float, dividend: float, volatility: float
) -> float:
    """
    Return the change of delta per unit of the spot price; the same for calls and puts.

    Source: Black and Scholes (1973), second derivative of the value.
    """
    growth = forward_price(1.0, years, rate, dividend)
    carried = discount_factor(years, dividend)
    return growth * black76_gamma(spot * growth, strike, years, volatility, carried)


@model
def black_scholes_vega(
    spot: float, strike: float, years: float, rate: float, dividend: float, volatility: float
) -> float:
    """
    Return the change of the value per 1.00 of volatility; the same for calls and puts.

    Source: Black and Scholes (1973), derivative of the value.
    """
    forward = forward_price(spot, years, rate, dividend)
    return black76_vega(forward, strike, years, volatility, discount_factor(years, rate))


@model
def black_scholes_theta(
    spot: float,
    strike: float,
    years: float,
    rate: float,
    dividend: float,
    volatility: float,
    is_call: bool,
) -> float:
    """
    Return the change of the value per year that passes, spot price and rates held.

    Source: Black and Scholes (1973), derivative of the value.
    """
    deviation = total_deviation(years, volatility)
    forward = forward_price(spot, years, rate, dividend)
    discount = discount_factor(years, rate)
    d1 = moneyness(forward, strike, deviation)
    d2 = d1 - deviation
    lost = decay(forward, strike, years, volatility, discount)
    if is_call:
        carried = dividend * forward * normal_cdf(d1) - rate * strike * normal_cdf(d2)
    else:
        carried = rate * strike * normal_cdf(-d2) - dividend * forward * normal_cdf(-d1)
    return lost + discount * carried


@model
def black_scholes_rho(
    spot: float,
    strike: float,
    years: float,
    rate: float,
    dividend: float,
    volatility: float,
    is_call: bool,
) -> float:
    """
    Return the change of the value per 1.00 of interest rate, spot price and yield held.

    Source: Black and Scholes (1973), derivative of the value.
    """
    deviation = total_deviation(years, volatility)
    forward = forward_price(spot, years, rate, dividend)
    owed = max(0.0, years) * strike * discount_factor(years, rate)
    d2 = moneyness(forward, strike, deviation) - deviation
    if is_call:
        return owed * normal_cdf(d2)
    return -owed * normal_cdf(-d2)
