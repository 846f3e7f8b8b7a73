"""What options are worth now, and what that makes their margins: models, rounded once.

The value of an option is the only float that a venue knows. It is rounded to the nearest quantum
per lot; everything that follows is whole numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tacoma.reference.state import OPTION
from tacoma.rules.numbers.arithmetic import PPM, mul_div_floor
from tacoma.rules.portfolios.isolated_option_margin import (
    short_call_maintenance,
    short_put_maintenance,
)
from tacoma.rules.portfolios.option_value import black76_value
from tacoma.world.limits import PRICE_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Market, OptionTerms, Shock, State

YEAR_SECONDS = 365.0 * 86_400.0


def price_options(state: State) -> None:
    """Mark every option, and compute what margins of it, and of whatever a grid covers, need."""
    for market in state.markets:
        if market.option is not None:
            mark_option(state, market, market.option)
            market.option.short_quanta = short_requirement(market, market.option)
    for market in state.markets:
        market.gains = [gain_of_lot(state, market, shock) for shock in market.shocks]


def seconds_left(state: State, option: OptionTerms) -> int:
    """Return the time to expiry, 0 once expired."""
    return max(option.expiry_seconds - state.step * state.step_seconds, 0)


def implied_volatility(option: OptionTerms) -> float:
    """Return the volatility now: that at the first price, and more the further it has fallen."""
    now = max(option.underlying.margin_price, 1)
    fall = max(math.log(float(option.first_underlying) / float(now)), 0.0)
    return (float(option.volatility_ppm) + fall * float(option.response_ppm)) / float(PPM)


def value_quanta(option: OptionTerms, forward: int, seconds: int, volatility: float) -> int:
    """Return the value of one lot by Black's formula without interest, to the nearest quantum."""
    value = black76_value(
        float(forward), float(option.strike_quanta), float(seconds) / YEAR_SECONDS, volatility,
        1.0, option.is_call,
    )  # fmt: skip
    return int(min(value + 0.5, float(PRICE_QUANTA_MAX)))


def mark_option(state: State, market: Market, option: OptionTerms) -> None:
    """Mark an option by its underlying; at expiry it is worth what it pays, and stays so."""
    market.previous_mark = market.mark
    if option.is_settled:
        return
    seconds = seconds_left(state, option)
    forward, volatility = option.underlying.margin_price, implied_volatility(option)
    market.mark = market.margin_price = value_quanta(option, forward, seconds, volatility)
    option.is_settled = seconds == 0


def short_requirement(market: Market, option: OptionTerms) -> int:
    """Return the standard maintenance of one short lot beyond its value, which equity counts.

    0 once it is settled.
    """
    if option.is_settled:
        return 0
    value, spot = market.margin_price, option.underlying.margin_price
    if option.is_call:
        asked = short_call_maintenance(-value, spot, -PPM, option.spot_rate_ppm, PPM)
    else:
        asked = short_put_maintenance(
            -value, spot, -PPM, option.spot_rate_ppm, option.value_rate_ppm, PPM
        )
    return -asked - value


def gain_of_lot(state: State, market: Market, shock: Shock) -> int:
    """
    Return what one lot gains in a scenario, in quanta; the part that counts is rounded down.

    A perpetual gains the move of its price, an option the change of its value.
    """
    option = market.option if market.kind == OPTION else None
    price = option.underlying.margin_price if option is not None else market.margin_price
    moved = max(price + mul_div_floor(shock.move_ppm, price, PPM), 0)
    gain = moved - price
    if option is not None and option.is_settled:
        gain = 0
    elif option is not None:
        volatility = implied_volatility(option) * float(shock.volatility_ppm) / float(PPM)
        value = value_quanta(option, moved, seconds_left(state, option), volatility)
        gain = value - market.margin_price
    return mul_div_floor(gain, shock.cover_ppm, PPM)
