"""What an account is worth and what it must keep: the check behind every liquidation."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tacoma.reference.state import OPTION, PERPETUAL, SPOT
from tacoma.rules.margins.margin import maintenance_quanta
from tacoma.rules.margins.size_premium import size_premium_ratio, size_root
from tacoma.rules.margins.skew_margin import initial_ratio, maintenance_ratio, required_margin
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil
from tacoma.rules.positions.collateral import collateral_value_quanta
from tacoma.world.limits import MARGIN_QUANTA_MAX

if TYPE_CHECKING:
    from tacoma.reference.state import Account, Market, Position, Schedule

RATE_MAX_PPM = 10 * PPM  # no position asks for more than ten times its notional
COINS_E6_MAX = 2**47  # a larger size has the rate of this one


class Margin(NamedTuple):
    """One account's equity, what it must keep, and the gross notional of its positions, in quanta.

    Notional is that of perpetuals, and of options at their own price.
    """

    equity: int
    maintenance: int
    notional: int


def margin_of(account: Account) -> Margin:
    """Look at one account: positions that a grid covers together, the others each for itself."""
    equity, maintenance, notional = account.balance, 0, 0
    as_portfolio = []
    for position in account.positions:
        if position.lots == 0:
            continue
        market = position.market
        equity += value_of(position)
        if market.kind == SPOT:
            continue
        notional += abs(position.lots) * market.margin_price
        if account.may_hold_options and market.shocks:
            as_portfolio.append(position)
        else:
            maintenance += requirement(position)
    maintenance += portfolio_requirement(as_portfolio)
    return Margin(equity, min(maintenance, MARGIN_QUANTA_MAX), notional)


def equity_of(account: Account) -> int:
    """Return an account's equity in quanta."""
    return margin_of(account).equity


def needed(account: Account, maintenance: int) -> int:
    """Return what equity must reach: maintenance, one more where equality is too little."""
    return maintenance + account.rules.margin_excess if maintenance != 0 else 0


def is_below(account: Account) -> bool:
    """Say whether an account has too little for its rulebook."""
    margin = margin_of(account)
    return margin.equity < needed(account, margin.maintenance)


def value_of(position: Position) -> int:
    """
    Return what a position adds to equity in quanta.

    A perpetual its unrealised profit; a spot asset or an option its value times its weight, rounded
    down. An option's weight is 1, and a short one counts against the account.
    """
    market = position.market
    if market.kind == PERPETUAL:
        return position.lots * market.margin_price - position.entry
    return collateral_value_quanta(position.lots, market.margin_price, market.weight_ppm)


def requirement(position: Position) -> int:
    """Return what one perpetual or option held alone asks for, in quanta, up to the maximum."""
    if position.market.kind == OPTION:
        return min(option_requirement(position), MARGIN_QUANTA_MAX)
    return perpetual_requirement(position.market, position.lots)


def perpetual_requirement(market: Market, lots: int) -> int:
    """Return the maintenance of a perpetual in quanta by its schedule, up to the maximum."""
    return min(scheduled_quanta(market, lots), MARGIN_QUANTA_MAX)


def scheduled_quanta(market: Market, lots: int) -> int:
    """Return what a market's schedule asks of a position, in quanta."""
    schedule = market.schedule
    notional = abs(lots) * market.margin_price
    if schedule.form == "tiers":
        return schedule.fixed_quanta + maintenance_quanta(
            notional, schedule.lower_quanta, schedule.rate_numerator, schedule.rate_denominator,
            schedule.deduction_quanta, 0, len(schedule.lower_quanta),
        )  # fmt: skip
    rate = rate_ppm(schedule, lots)
    if schedule.form == "skew":
        return required_margin(notional, rate, schedule.fixed_quanta, PPM)
    return schedule.fixed_quanta + mul_div_ceil(notional, rate, PPM)


def rate_ppm(schedule: Schedule, lots: int) -> int:
    """Return the rate that a schedule without brackets asks of a position."""
    base = schedule.long_rate_ppm if lots > 0 else schedule.short_rate_ppm
    if schedule.form == "sides":
        return base
    if schedule.form == "size":
        coins_of_lot = max(schedule.coins_e6, 1)
        coins_e6 = min(abs(lots), COINS_E6_MAX // coins_of_lot) * coins_of_lot
        rate = size_premium_ratio(size_root(coins_e6, PPM), schedule.premium_ppm, base, PPM)
    else:
        initial = initial_ratio(abs(lots), schedule.skew_lots, schedule.premium_ppm, base, PPM)
        rate = maintenance_ratio(initial, schedule.scalar_ppm, PPM)
    return min(rate, RATE_MAX_PPM)


def option_requirement(position: Position) -> int:
    """Return what an option held alone asks for: the worst of the grid, or what a short asks."""
    market = position.market
    assert market.option is not None
    if not market.shocks:
        return max(-position.lots, 0) * market.option.short_quanta
    return mul_div_ceil(worst_loss([position]), market.loss_factor_ppm, PPM)


def worst_loss(positions: list[Position]) -> int:
    """Return the largest loss of positions in one underlying together, over the scenarios."""
    gains = [
        sum(position.lots * position.market.gains[shock] for position in positions)
        for shock in range(len(positions[0].market.gains))
    ]
    return max(0, -min(gains))


def portfolio_requirement(positions: list[Position]) -> int:
    """
    Return what positions under a grid ask for together, in quanta.

    For each underlying the worst loss times the rulebook's factor, and for each perpetual a
    contingency on its notional, each rounded up. Underlyings do not offset each other.
    """
    total = 0
    by_asset: dict[int, list[Position]] = {}
    for position in positions:
        market = position.market
        by_asset.setdefault(market.asset, []).append(position)
        if market.kind == PERPETUAL:
            notional = abs(position.lots) * market.margin_price
            total += mul_div_ceil(notional, market.contingency_ppm, PPM)
    for group in by_asset.values():
        total += mul_div_ceil(worst_loss(group), group[0].market.loss_factor_ppm, PPM)
    return total


def requirement_alone(account: Account, maintenance: int) -> int:
    """
    Return what an account's equity divides by: its positions' requirements, each held alone.

    Without options that is its maintenance. A portfolio may ask for less than its parts, and shares
    by that would exceed the whole. At least 1 with options.
    """
    if not account.may_hold_options:
        return maintenance
    alone = sum(
        requirement(position)
        for position in account.positions
        if position.lots != 0 and position.market.kind != SPOT
    )
    return max(min(alone, MARGIN_QUANTA_MAX), 1)
