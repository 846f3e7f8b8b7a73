"""
Hyperliquid's margin and liquidation numbers; schedules as [lower bound, maximum leverage].

What has no value (a liquidation price that no price meets, a ratio without balance) is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

from tacoma.conform.dialects.exact_scale import common_scale, fraction, scaled
from tacoma.rules.liquidations import liquidation_price
from tacoma.rules.margins import leverage_margin, margin

if TYPE_CHECKING:
    from tacoma.conform.dialects import Serve

Json = dict[str, Any]

TRANSFER_FLOOR = (1, 10)
BACKSTOP = (2, 3)
FULL = (1, 1)


@dataclass(frozen=True)
class Schedule:
    """A margin schedule as flat arrays, its money in quanta of 1 / unit."""

    unit: int
    lower: Any
    numerator: Any
    denominator: Any
    deduction: Any

    @property
    def place(self) -> tuple[int, int]:
        """Where in its arrays the schedule lies: first and count."""
        return 0, len(self.lower)

    def maintenance(self, notional: Fraction) -> Fraction:
        """Return the maintenance margin of one position."""
        quanta = margin.maintenance_quanta(
            scaled(notional, self.unit),
            self.lower,
            self.numerator,
            self.denominator,
            self.deduction,
            *self.place,
        )
        return Fraction(quanta, self.unit)

    def tier(self, notional: Fraction) -> int:
        """Return the tier of a notional, counted from 0."""
        return margin.tier_index(scaled(notional, self.unit), self.lower, *self.place)


Tiers = list[tuple[Fraction, int]]


def _tiers(value: Any) -> Tiers:  # noqa: ANN401 - one leverage, or pairs, or objects
    """Return [(lower bound, maximum leverage)]; a single leverage is a schedule of one tier."""
    if not isinstance(value, list | tuple):
        return [(Fraction(0), int(fraction(value)))]
    pairs = []
    for entry in value:
        if isinstance(entry, dict):
            lower = entry.get("lowerBound", entry.get("lower", 0))
            leverage = entry.get("maxLeverage", entry.get("max_leverage", entry.get("max_lev")))
        else:
            lower, leverage = entry
        pairs.append((fraction(lower), int(fraction(leverage))))
    return pairs


def _tiers_of(inputs: Json, default: Any = None) -> Tiers:  # noqa: ANN401
    """Return the schedule of a position, under whichever name it is given."""
    for name in ("tiers_lower_maxlev", "tiers", "max_leverage", "max_lev", "maxLeverage"):
        if inputs.get(name) is not None:
            return _tiers(inputs[name])
    if default is None:
        raise ValueError("no margin schedule is given")
    return _tiers(default)


def _fine_unit(tiers: Tiers, *amounts: Fraction) -> int:
    """Return a money unit at which margins, their backstop and transfers come out even."""
    rates = lcm(*(2 * leverage for _, leverage in tiers))
    return common_scale(*amounts, *(lower for lower, _ in tiers)) * rates * 30


def _schedule(tiers: Tiers, unit: int) -> Schedule:
    """Return the arrays of a schedule, in quanta of 1 / unit."""
    count = len(tiers)
    lower: Any = [scaled(bound, unit) for bound, _ in tiers]
    leverage: Any = [maximum for _, maximum in tiers]
    numerator: Any = [0] * count
    denominator: Any = [0] * count
    deduction: Any = [0] * count
    leverage_margin.write_leverage_schedule(
        lower, leverage, 0, count, numerator, denominator, deduction
    )
    return Schedule(unit, lower, numerator, denominator, deduction)


def _maintenance(notional: Fraction, tiers: Tiers) -> Fraction:
    return _schedule(tiers, _fine_unit(tiers, notional)).maintenance(notional)


def _initial(notional: Fraction, leverage: int) -> Fraction:
    unit = common_scale(notional) * leverage
    return Fraction(margin.initial_quanta(scaled(notional, unit), leverage), unit)


def _transfer(initial: Fraction, notional: Fraction) -> Fraction:
    unit = common_scale(initial, notional) * TRANSFER_FLOOR[1]
    quanta = leverage_margin.transfer_requirement_quanta(
        scaled(initial, unit), scaled(notional, unit), *TRANSFER_FLOOR
    )
    return Fraction(quanta, unit)


def _backstop(maintenance: Fraction) -> Fraction:
    unit = common_scale(maintenance) * BACKSTOP[1]
    return Fraction(leverage_margin.backstop_quanta(scaled(maintenance, unit), *BACKSTOP), unit)


def _removable(value: Fraction, requirement: Fraction, is_strict: bool) -> Fraction:
    unit = common_scale(value, requirement)
    quanta = leverage_margin.removable_quanta(
        scaled(value, unit), scaled(requirement, unit), is_strict
    )
    return Fraction(quanta, unit)


def signed_size(inputs: Json) -> Fraction:
    """Return the size of a position, negative for a short."""
    return fraction(inputs.get("signed_size", inputs.get("size", 0)))


def _notional(inputs: Json) -> Fraction:
    """Return |size| * mark, or the value that is given in its place."""
    for name in ("position_value", "notional", "total_notional"):
        if inputs.get(name) is not None:
            return abs(fraction(inputs[name]))
    return abs(signed_size(inputs)) * fraction(inputs["mark"])


def _leverage(inputs: Json) -> int:
    return int(fraction(inputs.get("leverage", inputs.get("lev", 1))))


def initial_margin(inputs: Json, _tables: Json) -> Json:
    """Notional over the user's own leverage."""
    initial = _initial(_notional(inputs), _leverage(inputs))
    return {"margin_used": initial, "initial": initial}


def initial_and_transfer_margin(inputs: Json, _tables: Json) -> Json:
    """The initial margin, what a transfer leaves behind, and whether the tier allows it."""
    notional = _notional(inputs)
    leverage = _leverage(inputs)
    tiers = _tiers_of(inputs, leverage)
    tier = _schedule(tiers, _fine_unit(tiers, notional)).tier(notional)
    initial = _initial(notional, leverage)
    transfer = _transfer(initial, notional)
    return {
        "position_value": notional,
        "initial": initial,
        "transfer_requirement": transfer,
        "transfer": transfer,
        "tier_index": tier,
        "max_leverage": tiers[tier][1],
        "leverage_ok": leverage <= tiers[tier][1],
    }


def maintenance_margin(inputs: Json, _tables: Json) -> Json:
    """Rate, deduction and margin of one position by its tier."""
    notional = _notional(inputs)
    tiers = _tiers_of(inputs)
    schedule = _schedule(tiers, _fine_unit(tiers, notional))
    tier = schedule.tier(notional)
    maintenance = schedule.maintenance(notional)
    return {
        "position_value": notional,
        "tier_index": tier,
        "max_leverage": tiers[tier][1],
        "rate": Fraction(schedule.numerator[tier], schedule.denominator[tier]),
        "deduction": Fraction(schedule.deduction[tier], schedule.unit),
        "maintenance": maintenance,
        "backstop_threshold": _backstop(maintenance),
    }


def maintenance_margin_account(inputs: Json, _tables: Json) -> Json:
    """The margin of a whole account whose positions share one schedule without deductions."""
    notional = _notional(inputs)
    return {"cross_maintenance": _maintenance(notional, _tiers_of(inputs))}


def _position_facts(position: Json) -> tuple[Fraction, Fraction, Fraction]:
    """Return notional, initial and maintenance margin of one position of an account."""
    notional = _notional(position)
    leverage = _leverage(position)
    return (
        notional,
        _initial(notional, leverage),
        _maintenance(notional, _tiers_of(position, leverage)),
    )


def _isolated_row(position: Json) -> Json:
    """What one isolated position asks for and may give back."""
    notional, initial, maintenance = _position_facts(position)
    transfer = _transfer(initial, notional)
    value = fraction(position.get("value", position.get("isolated_value", 0)))
    removal = position.get("removal", position.get("marginRemoval", "allowed"))
    is_strict = bool(position.get("strict", removal == "strict"))
    return {
        "position_value": notional,
        "initial": initial,
        "maintenance": maintenance,
        "transfer": transfer,
        "mm_available": value - maintenance,
        "im_available": value - initial,
        "transfer_available": value - transfer,
        "max_removable": _removable(value, transfer, is_strict),
    }


def cross_account(inputs: Json, _tables: Json) -> Json:
    """Sums over the cross positions of an account; isolated ones stand alone."""
    value = fraction(inputs.get("cross_value", 0))
    facts = [_position_facts(position) for position in inputs.get("cross_positions", [])]
    rows = [_isolated_row(position) for position in inputs.get("isolated_positions", [])]
    notional, initial, maintenance = (
        sum((fact[column] for fact in facts), Fraction(0)) for column in range(3)
    )
    transfer = _transfer(initial, notional)
    return {
        "position_value": notional,
        "initial": initial,
        "maintenance": maintenance,
        "transfer": transfer,
        "mm_available": value - maintenance,
        "im_available": value - initial,
        "transfer_available": value - transfer,
        "max_removable": _removable(value, transfer, is_strict=False),
        "backstop": _backstop(maintenance),
        "isolated": rows,
        "isolated_max_removable": rows[0]["max_removable"] if rows else Fraction(0),
    }


def _token(dex: Json) -> str:
    return str(dex.get("token", 0))


def _spot_totals(inputs: Json) -> dict[str, Fraction]:
    """Return the balance of each collateral token."""
    given = inputs.get("spot_total")
    for name in ("spot_totals", "spot_balances", "spot"):
        given = inputs.get(name, given)
    if isinstance(given, dict):
        return {str(token): fraction(total) for token, total in given.items()}
    if isinstance(given, list):
        pairs = [
            (entry["token"], entry["total"]) if isinstance(entry, dict) else tuple(entry)
            for entry in given
        ]
        return {str(token): fraction(total) for token, total in pairs}
    total = fraction(given if given is not None else 0)
    return {_token(dex): total for dex in inputs.get("dexes", [])}


def unified_account_ratio(inputs: Json, _tables: Json) -> Json:
    """Maintenance margin over free balance, by collateral token; the largest is the account's."""
    totals = _spot_totals(inputs)
    rows: list[Json] = []
    for token in sorted({_token(dex) for dex in inputs.get("dexes", [])}):
        dexes = [dex for dex in inputs["dexes"] if _token(dex) == token]
        cross = sum((fraction(dex.get("mm", 0)) for dex in dexes), Fraction(0))
        isolated = sum((fraction(dex.get("iso", 0)) for dex in dexes), Fraction(0))
        balance = totals[token]
        scale = common_scale(cross, isolated, balance)
        unit = max(1, scaled(balance - isolated, scale))
        share = leverage_margin.used_share(
            scaled(cross, scale), scaled(isolated, scale), scaled(balance, scale), unit
        )
        rows.append(
            {
                "token": token,
                "mm": cross,
                "iso": isolated,
                "available": balance - isolated,
                "ratio": Fraction(share, unit) if share >= 0 else None,
            }
        )
    ratios = [row["ratio"] for row in rows]
    worst = None if None in ratios else max(ratios, default=Fraction(0))
    return {
        "available": rows[0]["available"] if rows else sum(totals.values(), Fraction(0)),
        "ratio": worst,
        "account_ratio": worst,
        "ratios": ratios,
        "tokens": rows,
    }


def _other_maintenance(inputs: Json) -> Fraction:
    """Return the maintenance margin of all other cross positions, whose prices stand still."""
    total = Fraction(0)
    for entry in inputs.get("other_cross_positions_notional_tiers", []):
        if isinstance(entry, dict):
            total += _maintenance(_notional(entry), _tiers_of(entry))
        else:
            *factors, tiers = entry
            notional = Fraction(1)
            for factor in factors:  # a notional, or a size and its mark
                notional *= abs(fraction(factor))
            total += _maintenance(notional, _tiers(tiers))
    return total + fraction(inputs.get("other_maintenance", 0))


def _margin_value(inputs: Json) -> Fraction:
    """Return what carries the position: its own margin value, or the account's cross value."""
    for name in ("margin_available_value", "isolated_value", "cross_value", "account_value"):
        if inputs.get(name) is not None:
            return fraction(inputs[name])
    raise ValueError("no value that carries the position is given")


def _root(inputs: Json, tiers: Tiers, other: Fraction, factor: tuple[int, int]) -> Fraction | None:
    """Return the price at which the margin available meets factor * margin, or None."""
    size, mark = signed_size(inputs), fraction(inputs["mark"])
    value = _margin_value(inputs)
    size_scale = common_scale(size)
    lots = scaled(size, size_scale)
    price_scale = common_scale(mark) * _fine_unit(tiers, value, other)
    unit = size_scale * price_scale  # of money: lots * quanta per lot
    schedule = _schedule(tiers, unit)
    slopes = [
        liquidation_price.root_slope(lots, numerator, denominator, *factor)
        for numerator, denominator in zip(schedule.numerator, schedule.denominator, strict=True)
    ]
    finer = lcm(*(abs(slope) for slope in slopes if slope), 1)
    price = liquidation_price.price_at_margin(
        lots,
        scaled(mark, price_scale),
        scaled(value, unit),
        scaled(other, unit),
        schedule.lower,
        schedule.numerator,
        schedule.denominator,
        schedule.deduction,
        *schedule.place,
        *factor,
        finer,
    )
    return Fraction(price, finer * price_scale) if price else None


def liquidation_price_of(inputs: Json, _tables: Json) -> Json:
    """The prices at which the position meets its margin, and two thirds of it."""
    tiers = _tiers_of(inputs)
    other = _other_maintenance(inputs)
    size, mark = signed_size(inputs), fraction(inputs["mark"])
    price = _root(inputs, tiers, other, FULL)
    backstop = _root(inputs, tiers, other, BACKSTOP)
    own = _maintenance(abs(size) * mark, tiers)
    out: Json = {
        "liq_price": price,
        "backstop_price": backstop,
        "at_or_below_maintenance": _margin_value(inputs) <= own + other,
        "liq_notional": None if price is None else abs(size) * price,
        "adverse_distance": None if price is None else (mark - price) * (1 if size > 0 else -1),
        "tier_index": None,
    }
    if price is not None:
        notional = abs(size) * price
        out["tier_index"] = _schedule(tiers, _fine_unit(tiers, notional)).tier(notional)
    return out


FUNCTIONS: dict[str, Serve] = {
    "cross_account": cross_account,
    "initial_and_transfer_margin": initial_and_transfer_margin,
    "initial_margin": initial_margin,
    "liquidation_price": liquidation_price_of,
    "maintenance_margin": maintenance_margin,
    "maintenance_margin_account": maintenance_margin_account,
    "unified_account_ratio": unified_account_ratio,
}
