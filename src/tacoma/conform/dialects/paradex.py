"""
Paradex's numbers: worked examples of its documents, in dollars and coins.

Where the documents contradict themselves, the reading is a parameter: the penalty rate of a
liquidation (70 % in the text, 50 % in the table) comes with each case; whether offsetting orders
net in the open size is the key `offsets_net`, by default true as in the formula; the total that a
socialised loss is taken of is the sum of the users' balances, as the printed 25 % needs.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.conform.dialects.exact_scale import common_scale, fraction, scaled, side_of
from tacoma.rules.fundings import continuous_funding, interest_clamped_funding
from tacoma.rules.liquidations import liquidation_share, takeover
from tacoma.rules.losses import socialised_loss
from tacoma.rules.margins import order_cancel, order_margin
from tacoma.rules.numbers.arithmetic import PPM
from tacoma.rules.portfolios import min_delta_risk, scan_grid
from tacoma.rules.positions import position_fill

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

Json = dict[str, Any]

EXAMPLE_WITHDRAWAL = 500
HUNDREDTHS_OF_PERCENT = 10_000
DEFAULT_STEP = Fraction(1, 5)
DEFAULT_TARGET = Fraction(9, 10)
GRIDS = (scan_grid.MAJOR, scan_grid.MAJOR, scan_grid.MINOR, scan_grid.MINOR)  # BTC ETH HYPE CL


def _fractions(inputs: Json, *names: str) -> list[Fraction]:
    return [fraction(inputs[name]) for name in names]


def _penalty_rate(inputs: Json) -> Fraction:
    return fraction(inputs.get("penalty_rate", inputs.get("penalty_rate_used_in_table", "0.7")))


def _after_share(
    value: Fraction, margin: Fraction, share: Fraction, rate: Fraction
) -> tuple[Fraction, Fraction, Fraction]:
    """Return penalty, margin and equity after a share of all positions is taken."""
    unit = common_scale(value, margin) * share.denominator * rate.denominator
    steps = (share.numerator, share.denominator)
    quanta = scaled(margin, unit)
    penalty = liquidation_share.share_penalty_quanta(
        quanta, *steps, rate.numerator, rate.denominator
    )
    left = liquidation_share.share_maintenance_quanta(quanta, *steps)
    return Fraction(penalty, unit), Fraction(left, unit), value - Fraction(penalty, unit)


def _ratio(value: Fraction, margin: Fraction, unit: int) -> Fraction | None:
    """Return margin / equity in 1 / unit, rounded up to it; None without equity."""
    scale = common_scale(value, margin)
    ratio = liquidation_share.margin_ratio(scaled(value, scale), scaled(margin, scale), unit)
    return None if ratio < 0 else Fraction(ratio)


def liquidation_share_row(inputs: Json, _tables: Json) -> Json:
    """One row of the table: what a given share of liquidation leaves."""
    value, margin, share = _fractions(inputs, "account_value", "mmr", "share")
    penalty, left, equity = _after_share(value, margin, share, _penalty_rate(inputs))
    exact = scaled(equity, common_scale(equity, left))
    ratio = _ratio(equity, left, exact) if exact > 0 else None
    return {
        "new_mmr": left,
        "penalty": penalty,
        "new_account_value": equity,
        "margin_ratio_pct": None if ratio is None else ratio / exact * 100,
    }


def liquidation_share_select(inputs: Json, _tables: Json) -> Json:
    """The least share that heals the account, and what is left of it."""
    value, margin = _fractions(inputs, "account_value", "mmr")
    step = fraction(inputs.get("step", DEFAULT_STEP))
    target = fraction(inputs.get("target_ratio", DEFAULT_TARGET))
    rate = _penalty_rate(inputs)
    steps = scaled(1 / step, 1)
    unit = common_scale(value, margin) * steps * rate.denominator
    taken = liquidation_share.share_steps_to_heal(
        scaled(value, unit),
        scaled(margin, unit),
        steps,
        *(target.numerator, target.denominator),
        *(rate.numerator, rate.denominator),
        bool(inputs.get("strict", True)),
    )
    share = taken * step
    penalty, left, equity = _after_share(value, margin, share, rate)
    ratios = []
    for count in range(1, steps):
        _, margin_then, equity_then = _after_share(value, margin, count * step, rate)
        ratios.append(_percent_to_hundredths(equity_then, margin_then))
    out: Json = {
        "share": share,
        "penalty": penalty,
        "new_mmr": left,
        "new_account_value": equity,
        "ratios_pct": ratios,
    }
    if "collateral" in inputs:
        collateral, profit = fraction(inputs["collateral"]), fraction(inputs.get("upnl", 0))
        out["collateral_after"] = collateral + share * profit - penalty
    if "positions" in inputs:
        out["positions_after"] = [fraction(size) * (1 - share) for size in inputs["positions"]]
    return out


def _percent_to_hundredths(value: Fraction, margin: Fraction) -> Fraction | None:
    """Return a margin ratio in per cent as the table prints it, to two decimals, half up."""
    if value <= 0:
        return None
    return Fraction((margin / value * HUNDREDTHS_OF_PERCENT + Fraction(1, 2)).__floor__(), 100)


def _unrealised(size: Fraction, entry: Fraction, mark: Fraction) -> Fraction:
    size_scale, price_scale = common_scale(size), common_scale(entry, mark)
    lots = scaled(size, size_scale)
    quanta = position_fill.unrealised_quanta(
        lots, lots * scaled(entry, price_scale), scaled(mark, price_scale)
    )
    return Fraction(quanta, size_scale * price_scale)


def _open_margin(size: Fraction, mark: Fraction, rate: Fraction) -> Fraction:
    """Return |size| * mark * rate."""
    size_scale = common_scale(size)
    price_scale = common_scale(mark) * rate.denominator
    quanta = order_margin.open_margin_quanta(
        scaled(size, size_scale), scaled(mark, price_scale), rate.numerator, rate.denominator
    )
    return Fraction(quanta, size_scale * price_scale)


def account_value(inputs: Json, _tables: Json) -> Json:
    """Unrealised profit, maintenance margin and value of an account at one margin fraction."""
    rate = fraction(inputs["mmf"])
    profit = margin = Fraction(0)
    for position in inputs.get("positions", []):
        size, entry, mark = (fraction(number) for number in position)
        profit += _unrealised(size, entry, mark)
        margin += _open_margin(size, mark, rate)
    value = fraction(inputs["collateral"]) + profit
    return {"upnl": profit, "mmr": margin, "account_value": value}


def socialized_loss_factor(inputs: Json, _tables: Json) -> Json:
    """What the venue is short of, and what a withdrawal loses by it."""
    fund = fraction(inputs.get("insurance_fund", inputs.get("if_account_value", 0)))
    bankrupt = max(Fraction(0), -fraction(inputs.get("bankrupt_account_usdc", 0)))
    total = sum((fraction(balance) for balance in inputs.get("user_balances", [])), Fraction(0))
    if inputs.get("total_includes_fund", False):
        total += fund
    scale = common_scale(fund, bankrupt, total)
    missing = socialised_loss.shortfall_quanta(scaled(bankrupt, scale), scaled(fund, scale))
    held = scaled(total, scale)
    base = held + missing
    factor = Fraction(0)
    if missing:
        factor = Fraction(socialised_loss.withdrawal_haircut_quanta(base, missing, held), base)
    withdrawal = fraction(inputs.get("withdrawal", EXAMPLE_WITHDRAWAL))
    return {
        "exchange_bankruptcy": Fraction(missing, scale),
        "factor": factor,
        "withdraw_500_receives": withdrawal * (1 - factor),
        "if_receives": withdrawal * factor,
    }


def funding_step(inputs: Json, _tables: Json) -> Json:
    """Rate, premium, index and payment of one holding window at constant prices."""
    basis, baseline, pull, limit = _fractions(
        inputs, "premium_rate", "baseline", "clamp", "max_rate"
    )
    multiplier = fraction(inputs.get("multiplier", 1))
    rate_scale = common_scale(basis, baseline, pull, limit) * multiplier.denominator
    rates = [scaled(term, rate_scale) for term in (basis, baseline, pull, limit)]
    pulled = interest_clamped_funding.interval_rate(rates[0], rates[1], -rates[2], rates[2])
    rate = interest_clamped_funding.capped_rate(
        interest_clamped_funding.scaled_rate(pulled, multiplier.numerator, multiplier.denominator),
        rates[3],
    )
    spot, peg = fraction(inputs["spot"]), fraction(inputs.get("usdc", 1))
    elapsed, period = fraction(inputs["seconds"]), fraction(inputs.get("period", 28_800))
    time_scale = common_scale(elapsed, period)
    times = (scaled(elapsed, time_scale), scaled(period, time_scale))
    peg_scale = common_scale(peg)
    spot_scale = common_scale(spot) * rate_scale * scaled(peg, peg_scale) * times[1]
    amount = continuous_funding.funding_amount(
        rate, rate_scale, scaled(spot, spot_scale), scaled(peg, peg_scale), peg_scale
    )
    move = continuous_funding.index_advance(
        amount, *times, scaled(fraction(inputs.get("gap", 0)), time_scale)
    )
    size = fraction(inputs.get("size", 0))
    size_scale = common_scale(size)
    gained = continuous_funding.accrued_funding(scaled(size, size_scale), move)
    return {
        "raw_rate": Fraction(rate, rate_scale),
        "funding_premium": Fraction(amount, spot_scale),
        "index_delta": Fraction(move, spot_scale),
        "pnl": Fraction(gained, size_scale * spot_scale) * peg,
    }


def pm_min_delta_risk(inputs: Json, _tables: Json) -> Json:
    """The least margin by the net and the hedged delta."""
    deltas = [fraction(delta) for delta in inputs["deltas"]]
    spot, unhedged, hedged = _fractions(inputs, "spot", "unhedged", "hedged")
    net, gross = sum(deltas, Fraction(0)), sum((abs(delta) for delta in deltas), Fraction(0))
    rate_scale = common_scale(unhedged, hedged)
    delta_scale = common_scale(net, gross)
    spot_scale = common_scale(spot) * 2 * rate_scale
    net_units, gross_units = scaled(net, delta_scale), scaled(gross, delta_scale)
    twice = min_delta_risk.hedged_delta_twice(gross_units, net_units)
    risk = min_delta_risk.min_delta_margin(
        gross_units,
        net_units,
        scaled(spot, spot_scale),
        scaled(unhedged, rate_scale),
        scaled(hedged, rate_scale),
        rate_scale,
    )
    return {
        "net": net,
        "gross": gross,
        "hedged_delta": Fraction(twice, 2 * delta_scale),
        "risk": Fraction(risk, delta_scale * spot_scale),
    }


def _open_size(position: Fraction, orders: list[Fraction], is_offset_netted: bool) -> Fraction:
    """Return the larger open size of a position with signed orders."""
    scale = common_scale(position, *orders)
    units = [scaled(order, scale) for order in orders]
    lots = order_margin.worst_open_lots(
        scaled(position, scale),
        sum(unit for unit in units if unit > 0),
        -sum(unit for unit in units if unit < 0),
        is_offset_netted,
    )
    return Fraction(lots, scale)


def order_risk_check(inputs: Json, _tables: Json) -> Json:
    """Whether a new order is accepted, and the margin before and after it."""
    collateral, position, mark, rate = _fractions(inputs, "collateral", "position", "mark", "imf")
    entry = fraction(inputs.get("entry", mark))
    orders = [fraction(order) for order in inputs.get("open_orders", [])]
    is_netted = bool(inputs.get("offsets_net", True))
    size = _open_size(position, orders, is_netted)
    after = _open_size(position, [*orders, fraction(inputs.get("new_order", 0))], is_netted)
    value = collateral + _unrealised(position, entry, mark)
    required, required_after = _open_margin(size, mark, rate), _open_margin(after, mark, rate)
    scale = common_scale(value, required, required_after)
    amounts = [scaled(amount, scale) for amount in (value, required, required_after)]
    return {
        "upnl": value - collateral,
        "account_value": value,
        "imr": required,
        "imr_after": required_after,
        "open_size": size,
        "open_size_after": after,
        "accepted": order_margin.is_order_accepted(amounts[0], amounts[1], amounts[2]),
    }


def pm_scan_table(inputs: Json, _tables: Json) -> Json:
    """The scenario table of an asset."""
    figures = GRIDS[int(inputs["asset_index"])]
    return {
        "spot_vol_weight": [list(scenario) for scenario in scan_grid.scenarios(figures)],
        "unhedged": figures.unhedged_rate,
        "hedged": figures.hedged_rate,
        "min_vol_up": figures.volatility_up_floor,
        "dte_floor": scan_grid.DAYS_FLOOR,
        "vega_power_short": scan_grid.POWER_SHORT,
        "vega_power_long": scan_grid.POWER_LONG,
    }


def cross_imr(inputs: Json, _tables: Json) -> Json:
    """Open sizes of both sides of a market, and the margin of the larger."""
    position, buys, sells = _fractions(inputs, "position", "buy_orders", "sell_orders")
    scale = common_scale(position, buys, sells)
    lots = scaled(position, scale)
    buy = order_margin.open_lots(lots, 1, scaled(buys, scale))
    sell = order_margin.open_lots(lots, -1, scaled(sells, scale))
    size = _open_size(position, [buys, -sells], is_offset_netted=True)
    return {
        "buy_open": Fraction(buy, scale),
        "sell_open": Fraction(sell, scale),
        "net_imr": _open_margin(size, fraction(inputs["mark"]), fraction(inputs["imf"])),
    }


def cancel_orders_below_imr(inputs: Json, _tables: Json) -> Json:
    """The orders that survive once an account is below its initial margin."""
    orders = inputs["orders_side_size_price"]
    rows = [(side_of(order[0]), fraction(order[1]), fraction(order[2])) for order in orders]
    position = fraction(inputs["position"])
    scale = common_scale(position, *(size for _, size, _ in rows))
    price_scale = common_scale(*(price for _, _, price in rows))
    sides: Any = [side for side, _, _ in rows]
    sizes: Any = [scaled(size, scale) for _, size, _ in rows]
    prices: Any = [scaled(price, price_scale) for _, _, price in rows]
    cancelled: Any = [0] * len(rows)
    order_cancel.mark_orders_to_cancel(
        scaled(position, scale), sides, sizes, prices, len(rows), cancelled
    )
    kept = [order for order, is_gone in zip(orders, cancelled, strict=True) if not is_gone]
    return {"remaining_orders": kept}


def position_limit(inputs: Json, _tables: Json) -> Json:
    """The largest order of each side that the position limit allows."""
    limit, position = _fractions(inputs, "limit", "position")
    buys, sells = (fraction(inputs.get(name, 0)) for name in ("buy_orders", "sell_orders"))
    scale = common_scale(limit, position, buys, sells)
    held = (scaled(limit, scale), scaled(position, scale))
    sell = order_margin.order_room_lots(*held, -1, scaled(sells, scale))
    buy = order_margin.order_room_lots(*held, 1, scaled(buys, scale))
    return {"max_sell": Fraction(sell, scale), "max_buy": Fraction(buy, scale)}


def price_band(inputs: Json, _tables: Json) -> Json:
    """The band around the mark, and the example's two orders against it."""
    mark, width = _fractions(inputs, "mark", "bandwidth")
    scale = common_scale(mark) * PPM
    down, up = (
        takeover.price_bound_from_mark(scaled(mark, scale), side, scaled(width, PPM))
        for side in (-1, 1)
    )
    return {
        "down": Fraction(down, scale),
        "up": Fraction(up, scale),
        "sell_94_rejected": order_margin.is_beyond_band(-1, 94 * scale, down, up),
        "passive_buy_90_rejected": order_margin.is_beyond_band(1, 90 * scale, down, up),
    }


FUNCTIONS: dict[str, Serve] = {
    "account_value": account_value,
    "cancel_orders_below_imr": cancel_orders_below_imr,
    "cross_imr": cross_imr,
    "funding_step": funding_step,
    "liquidation_share_row": liquidation_share_row,
    "liquidation_share_select": liquidation_share_select,
    "order_risk_check": order_risk_check,
    "pm_min_delta_risk": pm_min_delta_risk,
    "pm_scan_table": pm_scan_table,
    "position_limit": position_limit,
    "price_band": price_band,
    "socialized_loss_factor": socialized_loss_factor,
}
