"""
Numbers that centralised exchanges print in their help pages: Bybit, BitMEX, Binance, Deribit.

Where a source contradicts itself, the reading is a parameter of the rule; here the numbers that it
prints decide (`strict` false: Bybit's example deleverages at exactly -30 %).
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

from tacoma.conform.dialects.exact_scale import common_scale, fraction, scaled, side_of
from tacoma.rules.liquidations import liquidation_price, takeover
from tacoma.rules.losses import adl, adl_lights, fund_drawdown
from tacoma.rules.margins import margin
from tacoma.rules.numbers.arithmetic import PPM, sign
from tacoma.rules.portfolios import contingency, shock_term_structure
from tacoma.rules.positions import inverse_contract
from tacoma.rules.prices import settlement_decay

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

Json = dict[str, Any]

LIGHTS = 5
LIGHT_PERCENT = 20
HALF = Fraction(1, 2)
SETTLEMENT_MINUTES = 30


def _fractions(inputs: Json, *names: str) -> list[Fraction]:
    return [fraction(inputs[name]) for name in names]


def bybit_adl_trigger(inputs: Json, _tables: Json) -> Json:
    """Whether the pool's drawdown starts deleveraging, and what winners carry of the loss."""
    amounts = _fractions(
        inputs, "symbol_pnl", "symbol_8h_max_pnl", "pool_8h_max", "balance", "trigger_threshold"
    )
    unit = common_scale(*amounts) * PPM
    pnl, peak, pool, balance, threshold = (scaled(amount, unit) for amount in amounts)
    limit = scaled(fraction(inputs.get("insurance_pnl_ratio", Fraction(-3, 10))), PPM)
    stop = scaled(fraction(inputs.get("stop_ratio", Fraction(-1, 4))), PPM)
    is_on = fund_drawdown.is_deleveraging(
        pnl, peak, pool, balance, threshold, limit, bool(inputs.get("strict", False))
    )
    subsidy = fund_drawdown.winners_subsidy_quanta(pnl, peak, pool, limit)
    ratio = None
    if pool > 0:
        ratio = Fraction(fund_drawdown.drawdown_ratio(pnl, peak, pool, pool), pool)
    return {
        "pnl_ratio": ratio,
        "adl": is_on,
        "winners_subsidy": Fraction(subsidy, unit),
        "stopped": balance > 0 and fund_drawdown.is_recovered(pnl, peak, pool, stop),
    }


def inverse_bankruptcy_price(inputs: Json, _tables: Json) -> Json:
    """The exact bankruptcy price of an inverse contract, and the same on a tick of a half."""
    side, entry = side_of(inputs["side"]), fraction(inputs["entry"])
    leverage = int(fraction(inputs["leverage"]))
    finer = max(1, leverage + side)  # the divisor: with it as the unit nothing is rounded
    scale = lcm(common_scale(entry, HALF), 2)
    exact, rounded = (
        inverse_contract.inverse_bankruptcy_price(side, scaled(entry, scale), leverage, finer, tick)
        for tick in (1, scaled(HALF, scale) * finer)
    )
    return {
        "price": Fraction(exact, scale * finer),
        "price_rounded_half": Fraction(rounded, scale * finer),
    }


def linear_bankruptcy_price(inputs: Json, _tables: Json) -> Json:
    """The price at which a linear position has lost its margin and the free balance."""
    entry, size, own, free = _fractions(
        inputs, "entry", "size", "position_margin", "wallet_balance"
    )
    size = abs(size) * side_of(inputs["side"])
    size_scale = common_scale(size)
    lots = scaled(size, size_scale)
    price_scale = common_scale(entry, own, free) * abs(lots)
    money = size_scale * price_scale
    price = takeover.bankruptcy_price(
        lots, lots * scaled(entry, price_scale), scaled(own + free, money)
    )
    return {"price": Fraction(price, price_scale)}


def insurance_fund_sign(inputs: Json, _tables: Json) -> Json:
    """Whether the fund gains or loses when a position is closed beside its bankruptcy price."""
    bankruptcy, fill = _fractions(inputs, "bankruptcy", "fill")
    scale = common_scale(bankruptcy, fill)
    move = scaled(fill, scale) - scaled(bankruptcy, scale)
    return {"if_sign": sign(side_of(inputs["side"]) * move)}


def _queue(inputs: Json) -> list[tuple[int, Fraction]]:
    """Return (account, size) from the highest rank to the lowest."""
    rows = sorted(inputs["accounts_qty_rank"], key=lambda row: -fraction(row[2]))
    return [(row[0], fraction(row[1])) for row in rows]


def adl_quintiles(inputs: Json, _tables: Json) -> Json:
    """The light of each account, as the end of its part of the queue in per cent."""
    queue = _queue(inputs)
    scale = common_scale(*(size for _, size in queue))
    sizes = [scaled(size, scale) for _, size in queue]
    before = 0
    lights = []
    for (account, _), size in zip(queue, sizes, strict=True):
        light = adl_lights.light_by_end(before, size, sum(sizes), LIGHTS)
        lights.append([account, light * LIGHT_PERCENT])
        before += size
    return {"quintile_pct": lights}


def adl_allocation(inputs: Json, _tables: Json) -> Json:
    """Who gives how much, greedily along the queue, and at which price."""
    queue = _queue(inputs)
    wanted, bankruptcy = _fractions(inputs, "liquidated_size", "bankruptcy_price")
    scale = common_scale(wanted, *(size for _, size in queue))
    rest = scaled(wanted, scale)
    taken = []
    for account, size in queue:
        lots = adl.take(rest, scaled(size, scale))
        rest -= lots
        if lots:
            taken.append([account, Fraction(lots, scale)])
    price_scale = common_scale(bankruptcy)
    price = adl.adl_price(adl.PRICE_BANKRUPTCY, scaled(bankruptcy, price_scale), 0, 0)
    return {"taken": taken, "close_price": Fraction(price, price_scale)}


def tier_deduction(inputs: Json, _tables: Json) -> Json:
    """The deduction that makes a tier continue the one below it."""
    previous_rate, rate, lower, previous = _fractions(
        inputs, "prev_rate", "rate", "lower_bound", "prev_deduction"
    )
    unit = common_scale(lower, previous) * common_scale(previous_rate, rate)
    quanta = margin.tier_deduction(
        previous_rate.numerator,
        previous_rate.denominator,
        rate.numerator,
        rate.denominator,
        scaled(lower, unit),
        scaled(previous, unit),
    )
    return {"deduction": Fraction(quanta, unit)}


def delta_decay(inputs: Json, _tables: Json) -> Json:
    """What is left of an option's delta in the settlement window, gross and net of its value."""
    delta, mark = fraction(inputs["delta"]), fraction(inputs.get("mark", 0))
    elapsed = fraction(inputs["elapsed_min"])
    window = fraction(inputs.get("window_min", SETTLEMENT_MINUTES))
    time_scale = common_scale(elapsed, window)
    times = (scaled(elapsed, time_scale), scaled(window, time_scale))
    scale = common_scale(delta, mark) * times[1]
    gross = scaled(delta, scale)
    net = settlement_decay.coin_net_delta(gross, scaled(mark, scale))
    return {
        "delta_now": Fraction(settlement_decay.remaining_exposure(gross, *times), scale),
        "net_delta": Fraction(settlement_decay.remaining_exposure(net, *times), scale),
    }


def pm_short_option_contingency(inputs: Json, _tables: Json) -> Json:
    """The surcharge on options of one strike that are short on balance."""
    calls, puts, charge = _fractions(inputs, "call_position", "put_position", "per_option")
    scale = common_scale(calls, puts)
    extra = contingency.short_option_contingency(
        scaled(calls, scale) * charge.denominator,
        scaled(puts, scale) * charge.denominator,
        charge.numerator,
        charge.denominator,
    )
    return {"extra": Fraction(extra, scale * charge.denominator)}


def pm_future_contingency(inputs: Json, _tables: Json) -> Json:
    """The surcharge on futures that offset each other."""
    longs, shorts, rate = _fractions(inputs, "long", "short", "rate")
    scale = common_scale(longs, shorts)
    extra = contingency.futures_spread_contingency(
        scaled(longs, scale) * rate.denominator,
        scaled(shorts, scale) * rate.denominator,
        rate.numerator,
        rate.denominator,
    )
    return {"extra": Fraction(extra, scale * rate.denominator)}


def pm_vol_shock(inputs: Json, _tables: Json) -> Json:
    """The relative volatility shock at a time to expiry."""
    days, base, power = _fractions(inputs, "dte", "base", "power")
    floor = float(fraction(inputs.get("dte_floor", 0)))
    factor = shock_term_structure.term_factor(float(days), float(power), floor)
    return {"shock": base * Fraction(factor)}


def cross_liq_price(inputs: Json, _tables: Json) -> Json:
    """The liquidation price of one position of a cross account at a flat maintenance rate."""
    equity, size, mark, rate, other = _fractions(
        inputs, "equity", "size", "mark", "mm_rate", "other_mm"
    )
    if "side" in inputs:
        size = abs(size) * side_of(inputs["side"])
    size_scale = common_scale(size)
    lots = scaled(size, size_scale)
    price_scale = common_scale(equity, mark, other)
    money = size_scale * price_scale
    slope = liquidation_price.root_slope(lots, rate.numerator, rate.denominator, 1, 1)
    finer = abs(slope) or 1
    schedule: tuple[Any, Any, Any, Any] = ([0], [rate.numerator], [rate.denominator], [0])
    price = liquidation_price.price_at_margin(
        lots,
        scaled(mark, price_scale),
        scaled(equity, money),
        scaled(other, money),
        *schedule,
        *(0, 1),
        *(1, 1),
        finer,
    )
    if price == 0:
        return {"liq_price": None, "distance_pct": None}
    exact = Fraction(price, finer * price_scale)
    return {"liq_price": exact, "distance_pct": abs(mark - exact) / mark * 100}


FUNCTIONS: dict[str, Serve] = {
    "adl_allocation": adl_allocation,
    "adl_quintiles": adl_quintiles,
    "bybit_adl_trigger": bybit_adl_trigger,
    "cross_liq_price": cross_liq_price,
    "delta_decay": delta_decay,
    "insurance_fund_sign": insurance_fund_sign,
    "inverse_bankruptcy_price": inverse_bankruptcy_price,
    "linear_bankruptcy_price": linear_bankruptcy_price,
    "pm_future_contingency": pm_future_contingency,
    "pm_short_option_contingency": pm_short_option_contingency,
    "pm_vol_shock": pm_vol_shock,
    "tier_deduction": tier_deduction,
}
