"""
Hyperliquid's numbers: decimals in dollars and coins.

Positions become lots, prices quanta per lot and money quanta, at a scale that keeps every rule
exact (see exact_scale). What has no value (the entry of a flat position, the average price of an
order that got nothing) is None.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.conform.dialects import hyperliquid_margin
from tacoma.conform.dialects.exact_scale import common_scale, fraction, scaled, side_of
from tacoma.conform.dialects.hyperliquid_margin import signed_size
from tacoma.rules.fundings import continuous_funding, interest_clamped_funding
from tacoma.rules.positions import position_fill
from tacoma.rules.prices import book_walk, premium

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tacoma.conform.dialects import Serve

Json = dict[str, Any]

DEFAULT_INTEREST = Fraction(1, 10_000)
DEFAULT_CLAMP = (Fraction(-5, 10_000), Fraction(5, 10_000))
DEFAULT_HOURS = 8


def _book_prices(inputs: Json) -> tuple[Fraction, Fraction, Fraction]:
    bid, ask, oracle = (fraction(inputs[name]) for name in ("impact_bid", "impact_ask", "oracle"))
    return bid, ask, oracle


def premium_index(inputs: Json, _tables: Json) -> Json:
    """How far the oracle price lies outside the impact prices, relative to it."""
    prices = _book_prices(inputs)
    scale = common_scale(*prices)
    bid, ask, oracle = (scaled(price, scale) for price in prices)
    difference = premium.impact_difference(bid, ask, oracle)
    return {
        "premium": Fraction(premium.impact_premium(bid, ask, oracle, oracle), oracle),
        "difference": Fraction(difference, scale),
    }


def premium_index_hip3(inputs: Json, _tables: Json) -> Json:
    """How far the middle of the impact prices lies from the oracle price, relative to it."""
    prices = _book_prices(inputs)
    scale = common_scale(*prices)
    bid, ask, oracle = (scaled(price, scale) for price in prices)
    unit = 2 * oracle
    return {"premium": Fraction(premium.middle_premium(bid, ask, oracle, unit), unit)}


def _clamp_bounds(given: Any) -> tuple[Fraction, Fraction]:  # noqa: ANN401 - a bound or two
    if given is None:
        return DEFAULT_CLAMP
    if isinstance(given, list | tuple):
        return fraction(given[0]), fraction(given[1])
    return -abs(fraction(given)), abs(fraction(given))


def funding_rate(inputs: Json, _tables: Json) -> Json:
    """The hour's share of the clamped rate of an interval, before and after the hourly cap."""
    hours = int(fraction(inputs.get("hours", DEFAULT_HOURS)))
    terms = [
        fraction(inputs["premium"]),
        fraction(inputs.get("interest", DEFAULT_INTEREST)),
        *_clamp_bounds(inputs.get("clamp")),
    ]
    cap = inputs.get("hourly_cap", inputs.get("cap"))
    scale = common_scale(*terms, fraction(cap if cap is not None else 0)) * hours
    quoted = [scaled(term, scale) for term in terms]
    interval = interest_clamped_funding.interval_rate(quoted[0], quoted[1], quoted[2], quoted[3])
    hourly = interest_clamped_funding.scaled_rate(interval, 1, hours)
    capped = hourly
    if cap is not None:
        capped = interest_clamped_funding.capped_rate(hourly, scaled(fraction(cap), scale))
    return {
        "base_interval_rate": Fraction(interval, scale),
        "uncapped_hourly": Fraction(hourly, scale),
        "hourly": Fraction(capped, scale),
        "capped": capped != hourly,
    }


def funding_payment(inputs: Json, _tables: Json) -> Json:
    """Size * oracle price * rate: what a long pays at a positive rate, and a short receives."""
    size, oracle, rate = signed_size(inputs), fraction(inputs["oracle"]), fraction(inputs["rate"])
    size_scale, rate_scale = common_scale(size), common_scale(rate)
    price_scale = common_scale(oracle) * rate_scale
    amount = continuous_funding.funding_amount(
        scaled(rate, rate_scale), rate_scale, scaled(oracle, price_scale), 1, 1
    )
    gained = continuous_funding.accrued_funding(scaled(size, size_scale), amount)
    delta = Fraction(gained, size_scale * price_scale)
    return {"payment": -delta, "account_delta": delta}


def apply_fill(inputs: Json, _tables: Json) -> Json:
    """Size, average entry price and realised profit after one fill."""
    size = fraction(inputs.get("signed_size") or 0)
    entry = fraction(inputs.get("entry") or 0)
    price = fraction(inputs["price"])
    traded = abs(fraction(inputs.get("size", inputs.get("fill_size", 0))))
    traded *= side_of(inputs.get("side", 1))
    size_scale, price_scale = common_scale(size, traded), common_scale(entry, price)
    money = size_scale * price_scale
    lots, fill_lots = scaled(size, size_scale), scaled(traded, size_scale)
    cost = lots * scaled(entry, price_scale)
    fill = (lots, cost, fill_lots, scaled(price, price_scale))
    cost_after = position_fill.entry_after_fill_quanta(*fill)
    gross = Fraction(position_fill.realised_quanta(*fill), money)
    fee = fraction(inputs.get("fee") or 0)
    if inputs.get("fee_rate") is not None:
        fee = abs(traded) * price * fraction(inputs["fee_rate"])
    after = lots + fill_lots
    return {
        "signed_size": Fraction(after, size_scale),
        "entry": Fraction(cost_after, after * price_scale) if after else None,
        "gross_pnl": gross,
        "fee": fee,
        "closed_pnl": gross - fee,
        "closed_size": Fraction(abs(position_fill.closed_lots(lots, fill_lots)), size_scale),
    }


def unrealized_pnl(inputs: Json, _tables: Json) -> Json:
    """What closing at the mark would realise."""
    size, mark = signed_size(inputs), fraction(inputs["mark"])
    entry = fraction(inputs.get("entry") or 0)
    size_scale, price_scale = common_scale(size), common_scale(entry, mark)
    lots = scaled(size, size_scale)
    quanta = position_fill.unrealised_quanta(
        lots, lots * scaled(entry, price_scale), scaled(mark, price_scale)
    )
    return {
        "upnl": Fraction(quanta, size_scale * price_scale),
        "position_value": abs(size) * mark,
    }


def _levels(inputs: Json, names: Sequence[str]) -> list[tuple[Fraction, Fraction]]:
    for name in names:
        if name in inputs:
            return [(fraction(level[0]), fraction(level[1])) for level in inputs[name]]
    return []


def book_vwap(inputs: Json, _tables: Json) -> Json:
    """What an order gets along one side of the book, and at which average price."""
    is_sale = any(name in inputs for name in ("sell_size", "sell_notional"))
    is_sale = is_sale or ("side" in inputs and side_of(inputs["side"]) < 0)
    levels = _levels(inputs, ("bids",) if is_sale else ("asks",))
    budget = inputs.get("sell_notional" if is_sale else "buy_notional", inputs.get("notional"))
    wanted = inputs.get("sell_size" if is_sale else "buy_size", inputs.get("size"))
    step = Fraction(1, 10 ** int(fraction(inputs.get("sz_decimals", 8))))
    size = fraction(wanted if wanted is not None else 0)
    money_asked = fraction(budget if budget is not None else 0)
    size_scale = common_scale(size, step, *(lots for _, lots in levels))
    price_scale = common_scale(money_asked, *(price for price, _ in levels))
    prices: Any = [scaled(price, price_scale) for price, _ in levels]
    sizes: Any = [scaled(lots, size_scale) for _, lots in levels]
    book = (0, len(levels))
    money = size_scale * price_scale
    if wanted is None and budget is not None:
        lots = book_walk.affordable_lots(
            prices, sizes, *book, scaled(money_asked, money), scaled(step, size_scale)
        )
    else:
        lots = book_walk.walked_lots(sizes, *book, scaled(size, size_scale))
    quanta = book_walk.walked_quanta(prices, sizes, *book, lots)
    average = Fraction(quanta, lots * price_scale) if lots else None
    filled = Fraction(lots, size_scale)
    notional = Fraction(quanta, money)
    unfilled = size - filled if wanted is not None else money_asked - notional
    out: Json = {"filled": filled, "notional": notional, "vwap": average, "unfilled": unfilled}
    if "reference" in inputs and average is not None:
        reference = fraction(inputs["reference"])
        sign = -1 if is_sale else 1
        out["slippage_bps"] = sign * (average - reference) / reference * 10_000
    return out


FUNCTIONS: dict[str, Serve] = {
    **hyperliquid_margin.FUNCTIONS,
    "apply_fill": apply_fill,
    "book_vwap": book_vwap,
    "funding_payment": funding_payment,
    "funding_rate": funding_rate,
    "premium_index": premium_index,
    "premium_index_hip3": premium_index_hip3,
    "unrealized_pnl": unrealized_pnl,
}
