"""Derive (Lyra v2), standard margin: options each for themselves or by worst loss, perpetuals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tacoma.conform.compare import number
from tacoma.rules.numbers.fixed_point import divide_truncated, multiply_truncated
from tacoma.rules.portfolios.isolated_option_margin import (
    expiry_margin,
    short_call_initial,
    short_call_maintenance,
    short_put_initial,
    short_put_maintenance,
    worst_loss,
)
from tacoma.rules.portfolios.option_value import black76_value
from tacoma.rules.prices.price_confidence import depeg_rate, depeg_surcharge, distrust_surcharge

Json = Any

UNIT: Final = 10**18
SECONDS_PER_YEAR: Final = 365 * 86_400
UNDERLYINGS: Final = ("ETH", "BTC")  # 0 and 1 in the file
SETTLEMENT_SECONDS: Final = 3600  # below it the source's tests take the settlement price
STRIKE_STEP: Final = 10**10  # an option's identifier holds 8 decimals of its strike
# The table writes 10000 where its results count 10000 * 10**18: below a millionth of a dollar, an
# amount of cash is meant in whole dollars.
LEAST_CASH: Final = 10**12


@dataclass(frozen=True)
class Market:
    """Prices and holdings of one underlying, in integers of 10**-18."""

    spot: int
    spot_confidence: int
    perpetual: int
    perpetual_price: int
    perpetual_confidence: int
    profit: int
    base: int
    options: dict[int, list[Option]] = field(default_factory=dict)


@dataclass(frozen=True)
class Option:
    """One option position, with the market of its expiry."""

    strike: int
    is_call: bool
    amount: int
    forward: int
    confidence: int
    value: int


@dataclass(frozen=True)
class Totals:
    """Initial margin, maintenance margin and value; each adds up."""

    initial: int = 0
    maintenance: int = 0
    value: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.initial + other.initial,
            self.maintenance + other.maintenance,
            self.value + other.value,
        )


def _integer(value: Json, default: int = 0) -> int:
    """Return a number of the file as an integer; nothing counts as the default."""
    exact = number(value)
    return default if exact is None else round(exact)


def _parameters(inputs: dict[str, Json]) -> dict[str, int]:
    """Return the rates of the file in integers of 10**-18."""
    return {name: round((number(rate) or 0) * UNIT) for name, rate in inputs["params"].items()}


def _item(values: Json, place: int, default: int) -> int:
    """Return an entry of a list that may be too short or missing."""
    return _integer(values[place], default) if values and place < len(values) else default


def _option_market(inputs: dict[str, Json], place: int) -> tuple[int, int]:
    """Return the forward price and the least confidence of the feeds behind an option."""
    name = UNDERLYINGS[_integer(inputs["OptionUnderlying"][place])]
    seconds = _integer(inputs["OptionExpiries"][place])
    expiries = [_integer(value) for value in inputs.get("FeedExpiries") or []]
    feed = place if place < len(expiries) and expiries[place] == seconds else -1
    if feed < 0:
        feed = expiries.index(seconds)
    forward = _integer(inputs["Forwards"][feed])
    settlement = number(inputs.get(f"SettlementPrice{name}"))
    if seconds < SETTLEMENT_SECONDS and settlement is not None:
        forward = round(settlement)
    confidence = min(
        _item(inputs.get("ForwardConfidences"), feed, UNIT),
        _item(inputs.get("OptionVolConfidences"), place, UNIT),
    )
    return forward, confidence


def _option(inputs: dict[str, Json], place: int) -> Option:
    """Return one option, valued without discount: cash margin earns the interest."""
    forward, confidence = _option_market(inputs, place)
    strike = _integer(inputs["OptionStrikes"][place]) // STRIKE_STEP * STRIKE_STEP
    is_call = _integer(inputs["OptionIsCall"][place]) == 1
    amount = _integer(inputs["OptionAmounts"][place])
    value = black76_value(
        forward / UNIT,
        strike / UNIT,
        max(0, _integer(inputs["OptionExpiries"][place])) / SECONDS_PER_YEAR,
        _integer(inputs["OptionVols"][place]) / UNIT,
        1.0,
        is_call,
    )
    worth: int = multiply_truncated(round(value * UNIT), amount, UNIT)
    return Option(strike, is_call, amount, forward, confidence, worth)


def _market(inputs: dict[str, Json], which: int) -> Market:
    """Return what an account holds of one underlying, and at which prices."""
    name = UNDERLYINGS[which]
    amount = _integer(inputs.get(f"Perps_{name}"))
    price = _item(inputs.get("PerpPrice"), which, 0)
    confidences = inputs.get("SpotPerpConfidences") or [[UNIT, UNIT], [UNIT, UNIT]]
    profit = 0
    if amount != 0:
        entry = _integer(inputs.get(f"LastEntry{name}"), price)
        paid = _integer(inputs.get(f"{name}GlobalFundingIndex"))
        funding = _integer(inputs.get(f"Account{name}FundingIndex"), paid) - paid
        profit = multiply_truncated(price - entry, amount, UNIT)
        profit += multiply_truncated(funding, amount, UNIT)
    market = Market(
        spot=_integer(inputs.get(f"{name}SpotPrice")),
        spot_confidence=_item(confidences[which], 0, UNIT),
        perpetual=amount,
        perpetual_price=price,
        perpetual_confidence=_item(confidences[which], 1, UNIT),
        profit=profit,
        base=_integer(inputs.get(f"w{name}")),
    )
    for place, underlying in enumerate(inputs.get("OptionUnderlying") or []):
        if _integer(underlying) == which:
            expiry = _integer(inputs["OptionExpiries"][place])
            market.options.setdefault(expiry, []).append(_option(inputs, place))
    return market


def _isolated(option: Option, spot: int, rates: dict[str, int]) -> tuple[int, int]:
    """Return initial and maintenance margin of one option for itself; a long one needs none."""
    if option.amount >= 0:
        return 0, 0
    bounds = rates["max_spot_req"], rates["min_spot_req"]
    at = option.strike, spot, option.amount
    if option.is_call:
        return (
            short_call_initial(option.value, *at, *bounds, UNIT),
            short_call_maintenance(option.value, spot, option.amount, rates["mm_call"], UNIT),
        )
    maintenance = short_put_maintenance(
        option.value, spot, option.amount, rates["mm_put"], rates["mm_put_mtm"], UNIT
    )
    multiple = rates["mm_offset"]
    return short_put_initial(option.value, maintenance, *at, *bounds, multiple, UNIT), maintenance


def _expiry_totals(options: list[Option], market: Market, rates: dict[str, int]) -> Totals:
    """Return the margins of the options of one expiry, with the surcharge for distrust."""
    isolated = [_isolated(option, market.spot, rates) for option in options]
    initial, maintenance = (
        expiry_margin(sum(pair[place] for pair in isolated), _worst_loss(options, rates[rate]))
        for place, rate in enumerate(("unpaired_im", "unpaired_mm"))
    )
    initial -= distrust_surcharge(
        min(market.spot_confidence, *(option.confidence for option in options)),
        rates["oc_threshold"],
        rates["oc_factor"],
        market.spot,
        _short(options),
        UNIT,
    )
    return Totals(initial, maintenance, sum(option.value for option in options))


def _worst_loss(options: list[Option], unpaired_rate: int) -> int:
    """Return the worst payoff of the options of one expiry."""
    lots: tuple[Any, Any, Any] = (
        [option.strike for option in options],
        [int(option.is_call) for option in options],
        [option.amount for option in options],
    )
    worst: int = worst_loss(*lots, len(options), options[0].forward, unpaired_rate, UNIT)
    return worst


def _short(options: list[Option]) -> int:
    """Return the sum of the short amounts, positive."""
    return sum(max(0, -option.amount) for option in options)


def _perpetual_totals(market: Market, rates: dict[str, int]) -> Totals:
    """Return the margins of a perpetual and its profit."""
    if market.perpetual == 0:
        return Totals()
    size = abs(market.perpetual)
    notional = multiply_truncated(size, market.perpetual_price, UNIT)
    initial = -multiply_truncated(notional, rates["perp_im"], UNIT)
    initial -= distrust_surcharge(
        min(market.spot_confidence, market.perpetual_confidence),
        rates["oc_threshold"],
        rates["oc_factor"],
        market.spot,
        size,
        UNIT,
    )
    maintenance = -multiply_truncated(notional, rates["perp_mm"], UNIT)
    profit = market.profit
    return Totals(initial + profit, maintenance + profit, profit)


def _base_totals(market: Market, stable: int, rates: dict[str, int]) -> Totals:
    """Return what the underlying held itself adds."""
    if market.base == 0:
        return Totals()
    notional = multiply_truncated(market.base, market.spot, UNIT)
    maintenance = multiply_truncated(notional, rates["base_factor"], UNIT)
    initial = multiply_truncated(maintenance, rates["base_im_scale"], UNIT)
    initial -= distrust_surcharge(
        market.spot_confidence,
        rates["oc_threshold"],
        rates["oc_factor"],
        market.spot,
        market.base,
        UNIT,
    )
    return Totals(initial, maintenance, divide_truncated(notional, stable, UNIT))


def standard_margin(inputs: dict[str, Json], tables: dict[str, Json]) -> dict[str, Json]:
    """Serve `standard_margin`: initial and maintenance margin and value, cash included."""
    del tables
    rates = _parameters(inputs)
    stable = _integer(inputs.get("USDCValue"), UNIT)
    depeg = depeg_rate(stable, rates["depeg_threshold"], rates["depeg_factor"], UNIT)
    cash = _integer(inputs.get("Cash"))
    if abs(cash) < LEAST_CASH:
        cash *= UNIT
    total = Totals(cash, cash, cash)
    for which in range(len(UNDERLYINGS)):
        market = _market(inputs, which)
        exposed = abs(market.perpetual)
        for options in market.options.values():
            total += _expiry_totals(options, market, rates)
            exposed += _short(options)
        total += _perpetual_totals(market, rates)
        total += _base_totals(market, stable, rates)
        total += Totals(initial=-depeg_surcharge(depeg, exposed, market.spot, UNIT))
    return {"IM": total.initial, "MM": total.maintenance, "MTM": total.value}
