"""
An option's price and margin on one market: what its model says, rounded, and what that asks for.

The value of an option is a model over floats. It is rounded once, to the nearest quantum per lot,
and from there on everything is integers: marks, what a lot gains in each scenario of a portfolio
margin, and the requirements that follow.
"""

import math

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.numbers.arithmetic import mul_div_floor
from tacoma.rules.portfolios.isolated_option_margin import (
    short_call_maintenance,
    short_put_maintenance,
)
from tacoma.rules.portfolios.option_value import black76_value
from tacoma.world.codes import OPTION
from tacoma.world.limits import MARGIN_QUANTA_MAX, PPM, PRICE_QUANTA_MAX
from tacoma.world.schedule import margin_at_rate

YEAR_SECONDS = 365.0 * 86_400.0


@kernel
def seconds_left(clock, markets, market, step):
    """Seconds to an option's expiry, 0 once expired."""
    return max(markets.expiry_seconds[market] - step * clock.step_seconds[0], 0)


@kernel
def implied_volatility(markets, market):
    """Volatility of an option now: that at the first price, and more below that."""
    first = float(markets.first_underlying[market])
    now = float(max(markets.margin_price[markets.underlying_perpetual[market]], 1))
    fall = max(math.log(first / now), 0.0)
    return (
        float(markets.volatility_ppm[market]) + fall * float(markets.response_ppm[market])
    ) / float(PPM)


@kernel
def option_quanta(markets, market, forward, seconds, volatility):
    """Value of one lot of an option by Black's formula without interest, to the nearest quantum."""
    value = black76_value(
        float(forward), float(markets.strike_quanta[market]), float(seconds) / YEAR_SECONDS,
        volatility, 1.0, markets.is_call[market] != 0,
    )  # fmt: skip
    return np.int64(min(value + 0.5, float(PRICE_QUANTA_MAX)))


@kernel
def price_option(markets, market, seconds):
    """Mark an option; at expiry it is worth what it pays, and stays so."""
    markets.previous_mark[market] = markets.mark[market]
    if markets.is_settled[market] != 0:
        return
    forward = markets.margin_price[markets.underlying_perpetual[market]]
    volatility = implied_volatility(markets, market)
    markets.mark[market] = option_quanta(markets, market, forward, seconds, volatility)
    markets.margin_price[market] = markets.mark[market]
    if seconds == 0:
        markets.is_settled[market] = 1


@kernel
def update_short(markets, market):
    """Write the standard maintenance of one short lot, without its value; 0 once it is settled.

    The rule's requirement holds the value too, which equity already counts.
    """
    if markets.is_settled[market] != 0:
        markets.short_quanta[market] = 0
        return
    mark = markets.margin_price[market]
    spot = markets.margin_price[markets.underlying_perpetual[market]]
    rate = markets.spot_rate_ppm[market]
    if markets.is_call[market] != 0:
        asked = short_call_maintenance(-mark, spot, -PPM, rate, PPM)
    else:
        asked = short_put_maintenance(-mark, spot, -PPM, rate, markets.value_rate_ppm[market], PPM)
    markets.short_quanta[market] = -mark - asked


@kernel
def update_gains(markets, shocks, market, seconds):
    """Write what one lot of a market gains in each scenario of its venue's grid.

    A perpetual by the move of its price, an option by its value at the moved price and volatility,
    rounded to the nearest quantum, less its mark. The part that counts is rounded down.
    """
    is_option = markets.kind[market] == OPTION
    underlying = markets.underlying_perpetual[market] if is_option else market
    price = markets.margin_price[underlying]
    volatility = 0.0
    if is_option:
        volatility = implied_volatility(markets, market)
    for shock in range(markets.shock_count[market]):
        moved = max(price + mul_div_floor(shocks.move_ppm[market, shock], price, PPM), 0)
        gain = moved - price
        if is_option and markets.is_settled[market] != 0:
            gain = 0
        elif is_option:
            shocked = volatility * float(shocks.volatility_ppm[market, shock]) / float(PPM)
            value = option_quanta(markets, market, moved, seconds, shocked)
            gain = value - markets.margin_price[market]
        markets.gains[market, shock] = mul_div_floor(gain, shocks.cover_ppm[market, shock], PPM)


@kernel
def option_maintenance(markets, market, lots):
    """Maintenance of one option position held alone, in quanta.

    Under a grid the worst of its scenarios times the factor, rounded up; else what a short asks.
    """
    if markets.shock_count[market] == 0:
        return min(max(-lots, 0) * markets.short_quanta[market], MARGIN_QUANTA_MAX)
    worst = np.int64(0)
    for shock in range(markets.shock_count[market]):
        worst = max(worst, -lots * markets.gains[market, shock])
    return margin_at_rate(worst, markets.loss_factor_ppm[market])
