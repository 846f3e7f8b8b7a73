"""Options of all venues at one step: marks, margins, and how much they would change by.

An option's mark follows that of its underlying perpetual. Options are valued, not traded: no book
stands behind a mark.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.portfolios.option_value import (
    black76_delta,
    black76_gamma,
    black76_rho,
    black76_theta,
    black76_vega,
)
from tacoma.world.codes import OPTION, PERPETUAL
from tacoma.world.option_schedule import (
    YEAR_SECONDS,
    implied_volatility,
    price_option,
    seconds_left,
    update_gains,
    update_short,
)

DAYS_PER_YEAR = 365.0
PERCENT = 0.01


@kernel
def price_options(clock, markets, shocks, step):
    """Mark every option, and write what margins of it, and of perpetuals beside it, need."""
    for market in range(markets.kind.shape[0]):
        if markets.kind[market] == OPTION:
            price_option(markets, market, seconds_left(clock, markets, market, step))
            update_short(markets, market)
    for market in range(markets.kind.shape[0]):
        if markets.shock_count[market] > 0:
            update_gains(markets, shocks, market, seconds_left(clock, markets, market, step))


@kernel
def write_sensitivity(clock, markets, sensitivity, market, step):
    """Write by how much one lot of an option changes in value, in quanta; layout.py names them."""
    sensitivity[market, :] = 0.0
    if markets.is_settled[market] != 0:
        return
    forward = float(markets.margin_price[markets.underlying_perpetual[market]])
    strike = float(markets.strike_quanta[market])
    years = float(seconds_left(clock, markets, market, step)) / YEAR_SECONDS
    volatility = implied_volatility(markets, market)
    is_call = markets.is_call[market] != 0
    gamma = black76_gamma(forward, strike, years, volatility, 1.0)
    sensitivity[market, 0] = black76_delta(forward, strike, years, volatility, 1.0, is_call)
    sensitivity[market, 0] *= forward
    sensitivity[market, 1] = gamma * forward * forward * PERCENT
    sensitivity[market, 2] = black76_vega(forward, strike, years, volatility, 1.0) * PERCENT
    theta = black76_theta(forward, strike, years, volatility, 1.0, is_call)
    sensitivity[market, 3] = theta / DAYS_PER_YEAR
    rho = black76_rho(forward, strike, years, volatility, 1.0, is_call)
    sensitivity[market, 4] = rho * PERCENT


@kernel
def record_greeks(record, clock, markets, step):
    """Write the sensitivities of each market's lot, and of what each venue's customers hold."""
    if record.greeks.shape[0] == 1:  # no options anywhere
        return
    for market in range(markets.kind.shape[0]):
        venue = np.int64(markets.venue[market])
        if markets.kind[market] == OPTION:
            write_sensitivity(clock, markets, record.sensitivity, market, step)
        elif markets.kind[market] == PERPETUAL:
            record.sensitivity[market, 0] = float(markets.margin_price[market])
        else:
            continue
        lots = float(markets.customer_lots[market])
        for place in range(record.sensitivity.shape[1]):
            record.greeks[step, venue, place] += lots * record.sensitivity[market, place]
