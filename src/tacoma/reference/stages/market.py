"""Stage market: close positions in the book, with immediate-or-cancel orders inside a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.book import send_order
from tacoma.reference.ledger import transfer
from tacoma.reference.margin import (
    equity_of,
    margin_of,
    needed,
    perpetual_requirement,
    requirement_alone,
)
from tacoma.reference.stages.equity_share import equity_share, position_bankruptcy_price
from tacoma.reference.stages.insurance import pay_debt
from tacoma.reference.stages.settlement import settle
from tacoma.reference.state import PERPETUAL
from tacoma.rules.liquidations.fillable_price import fillable_price
from tacoma.rules.liquidations.sizing import (
    first_slice_lots,
    lots_above_notional,
    lots_to_health,
    two_tiers_lower_quanta,
)
from tacoma.rules.liquidations.takeover import price_bound_from_mark
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil
from tacoma.world.codes import REASON_LIQUIDATION

if TYPE_CHECKING:
    from tacoma.reference.margin import Margin
    from tacoma.reference.state import Account, Position, State


def close_in_market(state: State, account: Account) -> None:
    """
    Close an account's perpetuals in their order until it is healthy or the bound stops it.

    Whoever sends less than a whole position then waits for the rulebook's pause.
    """
    venue = account.venue
    assert venue is not None
    if state.step < account.wait_until:
        return
    sends_a_part = False
    for position in account.positions:
        market, held = position.market, position.lots
        if held == 0 or market.kind != PERPETUAL or market.is_blocked:
            continue
        margin = margin_of(account)
        if margin.equity >= needed(account, margin.maintenance):
            break
        wanted = lots_ordered(position, margin)
        sends_a_part = sends_a_part or wanted < abs(held)
        limit = worst_price(position, margin)
        order = -wanted if held > 0 else wanted
        filled, money = send_order(position, order, limit, REASON_LIQUIDATION, state.step)
        if filled == 0:
            continue
        venue.flow.market += money
        state.note_liquidation(
            account,
            market,
            "market",
            lots=filled if held > 0 else -filled,
            price=money // filled,
            equity=margin.equity,
        )
        charge_fee(state, position, money)
        settle(state, position, money)
        if venue.rules.bound_kind == "fillable" and not venue.is_halted(state.step):
            # The fund that lets an order fill beyond bankruptcy pays with the fill, so that the
            # next order sees what it has left.
            pay_debt(state, account)
    if sends_a_part:
        account.is_sliced = True
        account.wait_until = state.step + venue.rules.cooldown_steps


def lots_ordered(position: Position, margin: Margin) -> int:
    """Return how many lots the next order closes, unsigned, by the rulebook's sizing."""
    account, market = position.account, position.market
    rules, held, price = account.rules, abs(position.lots), position.market.margin_price
    if rules.market_sizing == "slices":
        if account.is_sliced:
            return held
        return first_slice_lots(held, held * price, rules.slice_above_quanta, rules.slice_ppm)
    if rules.market_sizing == "clips":
        return first_slice_lots(held, held * price, -1, rules.slice_ppm)
    if rules.market_sizing == "two_tiers":
        lower = market.schedule.lower_quanta
        if not lower:
            return held
        bound = two_tiers_lower_quanta(held * price, lower, 0, len(lower))
        return lots_above_notional(held, price, bound)
    own = perpetual_requirement(market, position.lots)
    missing_if_equal = needed(account, margin.maintenance) - margin.maintenance
    return lots_to_health(
        held, margin.equity - missing_if_equal, margin.maintenance, own, 0, rules.health_ppm
    )


def worst_price(position: Position, margin: Margin) -> int:
    """Return the worst price that the order may take, by the rulebook's bound; 0 for none."""
    rules, market, lots = position.account.rules, position.market, position.lots
    mark = market.margin_price
    if rules.bound_kind == "none":
        return 0
    if rules.bound_kind == "mark_deviation":
        side = -1 if lots > 0 else 1
        return max(price_bound_from_mark(mark, side, rules.bound_deviation_ppm), 1)
    whole = requirement_alone(position.account, margin.maintenance)
    share = equity_share(position, margin.equity, whole)
    bankruptcy = position_bankruptcy_price(position, share)
    if rules.bound_kind == "bankruptcy":
        return bankruptcy
    # Fillable: worse, the nearer to bankruptcy; and in any case as far as insurance can still pay.
    worst = fillable_price(
        lots, mark, margin.equity, margin.maintenance,
        perpetual_requirement(market, lots), PPM, rules.bound_spread_ppm,
    )  # fmt: skip
    fund = market.insurance_fund
    capital = max(equity_of(fund), 0) if fund is not None else 0
    if lots > 0:
        return max(worst, bankruptcy - capital // lots, 1)
    return max(min(worst, bankruptcy + capital // -lots), 1)


def charge_fee(state: State, position: Position, money: int) -> None:
    """Take the clearance fee on the filled amount, but no more than what the account has left."""
    account = position.account
    fee = mul_div_ceil(money, account.rules.liquidation_fee_ppm, PPM)
    fee = min(fee, max(equity_of(account), 0))
    if fee == 0:
        return
    assert account.venue is not None
    fund = position.market.insurance_fund
    transfer(account, account.venue.fees if fund is None else fund, fee)
    state.note_move(account, "fee", fee)
