"""
Portfolio margin by sixteen scenarios: the price scanned by thirds, volatility up or down.

Scenarios 1 to 14 move the price by 0, +1/3, -1/3, +2/3, -2/3, +1 and -1 of the price scan range,
each with volatility up, then down. Scenarios 15 and 16 are extreme moves, up and down (twice the
range by convention), of whose result only a fraction counts (35 % by convention, so that a future
moves by 0.7 of the range). Scenarios are counted from 0 here: scenario 13 of the literature is 12.

What an instrument gains is a model over floats; its risk array is written as whole quanta, rounded
down. Arrays hold gains of one long lot (a loss is negative); the literature often has losses
positive. From there on everything is integers: the scan risk and the charges around it are rules.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tacoma.compile import model, rule
from tacoma.rules.portfolios.option_value import black76_value

SCENARIOS = 16
EXTREME_UP = 14


@model
def price_move(scenario: int, extreme_multiple: float) -> float:
    """
    Return by how many price scan ranges a scenario moves the price.

    Source: CME Group, SPAN (risk scenarios); McMillan, Options as a Strategic Investment, ch. 34.
    """
    if scenario == EXTREME_UP:
        return extreme_multiple
    if scenario > EXTREME_UP:
        return -extreme_multiple
    third = (scenario + 2) // 4
    move = third / 3.0
    return move if scenario % 4 >= 2 else -move


@model
def volatility_move(scenario: int) -> float:
    """
    Return whether a scenario raises volatility (1), lowers it (-1) or leaves it (0, extreme moves).

    Source: CME Group, SPAN (risk scenarios).
    """
    if scenario >= EXTREME_UP:
        return 0.0
    return 1.0 if scenario % 2 == 0 else -1.0


@model
def covered_fraction(scenario: int, extreme_cover: float) -> float:
    """
    Return which fraction of a scenario's result counts: all, or the cover of an extreme move.

    Source: CME Group, SPAN (extreme move covered fraction).
    """
    return extreme_cover if scenario >= EXTREME_UP else 1.0


@model
def future_gain(
    scenario: int, price_scan_range: float, extreme_multiple: float, extreme_cover: float
) -> float:
    """
    Return what one long lot of a future gains in a scenario, in the range's money.

    Source: CME Group, SPAN (risk array of a future).
    """
    cover = covered_fraction(scenario, extreme_cover)
    return price_move(scenario, extreme_multiple) * price_scan_range * cover


@model
def option_gain(
    scenario: int,
    forward: float,
    strike: float,
    years: float,
    volatility: float,
    discount: float,
    is_call: bool,
    price_scan_range: float,
    volatility_scan_range: float,
    look_ahead_years: float,
    extreme_multiple: float,
    extreme_cover: float,
) -> float:
    """
    Return what one long lot of an option on a future gains in a scenario, in the price's money.

    The value at the moved forward price (never below 0), the moved volatility (never below 0) and
    the time that is left after the look-ahead, minus the value now. The volatility scan range is
    absolute: 0.05 moves 20 % to 25 % and 15 %.
    Source: CME Group, SPAN (risk array of an option); Black (1976) as the pricing model.
    """
    moved = forward + price_move(scenario, extreme_multiple) * price_scan_range
    shocked = volatility + volatility_move(scenario) * volatility_scan_range
    left = max(0.0, years - look_ahead_years)
    now = black76_value(forward, strike, years, volatility, discount, is_call)
    then = black76_value(max(0.0, moved), strike, left, max(0.0, shocked), discount, is_call)
    return (then - now) * covered_fraction(scenario, extreme_cover)


@model
def future_risk_array(
    price_scan_range: float,
    extreme_multiple: float,
    extreme_cover: float,
    out: NDArray[np.int64],
) -> None:
    """
    Write what one long lot of a future gains in each scenario, in whole quanta rounded down.

    Source: CME Group, SPAN (risk array).
    """
    for scenario in range(SCENARIOS):
        gain = future_gain(scenario, price_scan_range, extreme_multiple, extreme_cover)
        out[scenario] = math.floor(gain)


@model
def option_risk_array(
    forward: float,
    strike: float,
    years: float,
    volatility: float,
    discount: float,
    is_call: bool,
    price_scan_range: float,
    volatility_scan_range: float,
    look_ahead_years: float,
    extreme_multiple: float,
    extreme_cover: float,
    out: NDArray[np.int64],
) -> None:
    """
    Write what one long lot of an option gains in each scenario, in whole quanta rounded down.

    Prices are in quanta per lot.
    Source: CME Group, SPAN (risk array).
    """
    for scenario in range(SCENARIOS):
        gain = option_gain(
            scenario,
            forward,
            strike,
            years,
            volatility,
            discount,
            is_call,
            price_scan_range,
            volatility_scan_range,
            look_ahead_years,
            extreme_multiple,
            extreme_cover,
        )
        out[scenario] = math.floor(gain)


@rule
def add_risk_array(
    lots: int, gains_quanta: NDArray[np.int64], count: int, total_quanta: NDArray[np.int64]
) -> int:
    """
    Add a position's gain in each scenario to a portfolio's, and return how many were added.

    `lots` is signed; a short position gains what a long one loses. Exact.
    Domain: |lots| * |gain| < 2**53 and totals below 2**62.
    Source: CME Group, SPAN (scanning risk of a combined commodity).
    """
    for scenario in range(count):
        total_quanta[scenario] += lots * gains_quanta[scenario]
    return count


@rule
def scan_risk_quanta(total_quanta: NDArray[np.int64], count: int) -> int:
    """
    Return the largest loss of a portfolio over its scenarios, in quanta, never below 0.

    Domain: |total| < 2**62. Exact.
    Source: CME Group, SPAN (scanning risk).
    """
    worst = 0
    for scenario in range(count):
        worst = max(worst, -total_quanta[scenario])
    return worst


@rule
def active_scenario(total_quanta: NDArray[np.int64], count: int) -> int:
    """
    Return the scenario of the largest loss, the first among equals, or -1 where nothing is lost.

    Source: CME Group, SPAN (active scenario).
    """
    worst = 0
    active = -1
    for scenario in range(count):
        if -total_quanta[scenario] > worst:
            worst = -total_quanta[scenario]
            active = scenario
    return active


@rule
def inter_month_charge_quanta(month_lots: NDArray[np.int64], count: int, charge_quanta: int) -> int:
    """
    Return the charge for long lots of one month that offset short lots of another, in quanta.

    The scan assumes that all months move together; each spread that it netted, the smaller of all
    long and all short lots (or lots of delta), pays the charge. Exact.
    Domain: sums of lots below 2**31, 0 <= charge_quanta < 2**31.
    Source: CME Group, SPAN (intra-commodity, or inter-month, spread charge).
    """
    long_lots = 0
    short_lots = 0
    for month in range(count):
        if month_lots[month] > 0:
            long_lots += month_lots[month]
        else:
            short_lots -= month_lots[month]
    return min(long_lots, short_lots) * charge_quanta


@rule
def short_option_minimum_quanta(
    short_calls: int, short_puts: int, charge_quanta: int, is_greater_side: bool
) -> int:
    """
    Return the least that a portfolio's short options cost, in quanta.

    All short options times the charge, or only the greater of calls and puts, as the clearing house
    has it. Lots are counted without sign. Exact.
    Domain: lots >= 0 below 2**31, 0 <= charge_quanta < 2**31.
    Source: CME Group, SPAN (short option minimum).
    """
    if is_greater_side:
        return max(short_calls, short_puts) * charge_quanta
    return (short_calls + short_puts) * charge_quanta


@rule
def scan_requirement_quanta(
    scan_risk_quanta: int,
    inter_month_quanta: int,
    inter_commodity_credit_quanta: int,
    short_option_minimum_quanta: int,
    net_option_value_quanta: int,
) -> int:
    """
    Return what a portfolio of one commodity must hold, in quanta, never below 0.

    The greater of scan risk + inter-month charge - inter-commodity credit and the short option
    minimum, less what its options are worth (net of short ones; 0 for options paid by the day).
    Domain: all below 2**60 in absolute value. Exact.
    Source: CME Group, SPAN (SPAN risk and total margin requirement).
    """
    risk = scan_risk_quanta + inter_month_quanta - inter_commodity_credit_quanta
    return max(0, max(risk, short_option_minimum_quanta) - net_option_value_quanta)
