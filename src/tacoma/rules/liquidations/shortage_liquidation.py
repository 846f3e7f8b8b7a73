"""
One step of a liquidation that sells just enough of a perpetual position to cover a shortage.

Whoever liquidates takes the position over at the oracle price less a fee, and must afford it.
Pure Python over whole accounts, exact over unbounded integers. The accounts are changed in place;
after a refusal they are to be thrown away.

Order of steps: funding is settled, the margin tested, all orders cancelled, the margin tested
again, the price's distance to its average checked, the size found, the position handed over, the
liquidator's initial margin tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tacoma.rules.liquidations.liquidation_fee_ramp import (
    fee_after_idle_time,
    fee_within_margin,
    insurance_fee_from_margin,
    largest_fee,
    share_liquidatable,
)
from tacoma.rules.liquidations.shortage import base_to_cover_shortage
from tacoma.rules.margins.margin_account import margin_of_account, perp_ratio
from tacoma.rules.margins.margin_records import (
    NEVER_RELAXED,
    Account,
    Margin,
    Markets,
    PerpMarket,
    PerpPosition,
    Purpose,
    Totals,
)
from tacoma.rules.positions.collateral_weight import STAGE_INITIAL, STAGE_MAINTENANCE
from tacoma.rules.positions.perp_value import funding_from_index, liability_value
from tacoma.rules.positions.position_change import (
    cost_after_trade,
    round_down_to_step,
    round_up_to_step,
)
from tacoma.rules.prices.oracle_guard import is_price_off_average

UNLIMITED = 2**64 - 1


class Refusal(Enum):
    """Why a liquidation does not take place."""

    ACCOUNT_BANKRUPT = "the account or its liquidator is bankrupt"
    NO_POSITION = "there is no position in that market"
    NOTHING_TO_CLOSE = "there is neither a position nor an order"
    SUFFICIENT_MARGIN = "the account's margin is sufficient"
    PRICE_INVALID = "the price is not valid"
    PRICE_OFF_AVERAGE = "the price is too far from its average"
    SIZE_BELOW_STEP = "the liquidator's largest size is below the step"
    LIMIT_PRICE = "the hand-over price does not satisfy the liquidator's limit"
    LIQUIDATOR_MARGIN = "the liquidator cannot afford the position"


@dataclass(frozen=True)
class Terms:
    """A venue's settings for liquidations; rates in the unit of fees, shares in 1e-4."""

    buffer: int  # margin ratio on top, in the unit of ratios
    initial_share: int
    duration_slots: int
    divergence_limit: int
    slot: int
    least_divergence_limit: int = 500_000
    share_unit: int = 10_000
    grace_slots: int = 1_500
    fee_step: int = 1
    fee_multiple: int = 3
    small_quote: int = 50 * 10**6


@dataclass(frozen=True)
class Sale:
    """What a step hands over: a size, its value and the two fees, all positive."""

    base: int
    value: int
    liquidator_fee: int
    insurance_fee: int


def liquidate_perp_step(
    account: Account,
    liquidator: Account,
    market_number: int,
    largest_base: int,
    limit_price: int | None,
    markets: Markets,
    terms: Terms,
) -> Refusal | None:
    """
    Hand over as much of a position as covers the shortage, in place; return why not, if not.

    None also where the account left liquidation by cancelling its orders, or nothing may be closed
    yet. Rounding: as in the rules it calls; the size is rounded up to the step.
    Source: Drift v2 controller/liquidation.rs, liquidate_perp; state/liquidation_mode.rs.
    """
    position = account.perp(market_number)
    if position is None:
        return Refusal.NO_POSITION
    if _state(account, position).is_bankrupt or liquidator.is_bankrupt:
        return Refusal.ACCOUNT_BANKRUPT
    market = markets.perps[market_number]
    taken = _position_to_take(liquidator, market_number)
    _settle_funding(position, market, markets)
    _settle_funding(taken, market, markets)

    keep = Purpose(STAGE_MAINTENANCE, terms.buffer)
    margin = margin_of_account(account, markets, keep)
    totals = _totals(margin, position)
    if _state(account, position).is_being_liquidated:
        if totals.may_leave:
            _leave(account, position)
            return None
    elif totals.is_sufficient:
        return Refusal.SUFFICIENT_MARGIN
    if position.base == 0 and not position.has_orders:
        return Refusal.NOTHING_TO_CLOSE
    _enter(account, position, terms.slot)

    if _cancel_orders(account, position):
        margin = margin_of_account(account, markets, keep)
        shortage_before, totals = totals.shortage, _totals(margin, position)
        _free(account, position, shortage_before - totals.shortage)
        if totals.may_leave:
            _leave(account, position)
            return None
    if market.valuation_price <= 0:
        return Refusal.PRICE_INVALID
    if position.base == 0:
        return None
    largest_base = round_down_to_step(largest_base, market.step)
    if largest_base == 0:
        return Refusal.SIZE_BELOW_STEP
    if _is_price_off(market, markets, terms):
        return Refusal.PRICE_OFF_AVERAGE

    to_cover, sale, price = _size(account, position, margin, largest_base, markets, terms)
    if sale.base == 0:
        return None
    if limit_price is not None:
        # A long's buyer wants at most, a short's seller at least the limit.
        is_worse = price > limit_price if position.base > 0 else price < limit_price
        if is_worse:
            return Refusal.LIMIT_PRICE
    _hand_over(position, taken, market, sale)

    left = _totals(margin_of_account(account, markets, keep), position)
    _free(account, position, totals.shortage - left.shortage)
    if sale.base >= to_cover:
        _leave(account, position)
    elif _has_only_debt(account, position):
        _state(account, position).is_being_liquidated = False
        _state(account, position).is_bankrupt = True
    if not margin_of_account(liquidator, markets, Purpose(STAGE_INITIAL)).is_sufficient:
        return Refusal.LIQUIDATOR_MARGIN
    return None


def _is_price_off(market: PerpMarket, markets: Markets, terms: Terms) -> bool:
    """Say whether the price is too far from its average to liquidate; never in settlement."""
    return not market.is_settled and is_price_off_average(
        market.price,
        market.average_price,
        markets.scales.fee,
        terms.divergence_limit,
        terms.least_divergence_limit,
    )


def _size(
    account: Account,
    position: PerpPosition,
    margin: Margin,
    largest_base: int,
    markets: Markets,
    terms: Terms,
) -> tuple[int, Sale, int]:
    """Return the size that covers the shortage, what is sold of it now, and at what price."""
    market, scales = markets.perps[position.market], markets.scales
    price, base = market.valuation_price, abs(position.base)
    quote_price = markets.tokens[market.quote_token].price
    to_fee = scales.fee // scales.ratio
    # Either relaxed mode relaxes the maintenance ratio.
    relaxed = account.leverage_mode != NEVER_RELAXED
    ratio = perp_ratio(market, base, STAGE_MAINTENANCE, relaxed, scales)
    ratio_with_buffer = (ratio + terms.buffer) * to_fee
    base_fee = market.liquidator_fee
    if relaxed and market.allows_relaxed:
        base_fee = fee_within_margin(base_fee, market.relaxed_maintenance_ratio * to_fee)
    liquidator_fee = fee_after_idle_time(
        base_fee,
        largest_fee(market.liquidator_fee, terms.fee_multiple, market.maintenance_ratio * to_fee),
        terms.slot - account.last_active_slot,
        terms.grace_slots,
        terms.fee_step,
    )
    totals = _totals(margin, position)
    shortage, tracked = totals.shortage, 0
    if totals.requirement > 0:
        tracked = shortage * margin.requirement_by_perp[position.market] // totals.requirement
    insurance_fee = insurance_fee_from_margin(
        *(tracked, base, ratio_with_buffer, liquidator_fee, price, quote_price),
        *(scales.quote, scales.base, scales.quote, market.insurance_fee),
    )
    to_cover = base_to_cover_shortage(
        *(shortage, ratio_with_buffer, liquidator_fee, insurance_fee, scales.fee),
        *(price, quote_price, scales.quote, scales.base, UNLIMITED),
    )
    if to_cover != UNLIMITED:
        to_cover = round_up_to_step(to_cover, market.step)
    share = terms.share_unit
    if not position.is_isolated:
        share = share_liquidatable(
            *(shortage, account.margin_freed, terms.slot - account.last_active_slot),
            *(terms.duration_slots, terms.initial_share, terms.share_unit, terms.small_quote),
        )
    allowed = to_cover * share // terms.share_unit
    if allowed == 0:
        return to_cover, Sale(0, 0, 0, 0), price
    if liability_value(base, price, 0, scales.base) <= terms.small_quote:
        allowed = max(allowed, base)
    sold = round_up_to_step(min(base, largest_base, allowed), market.step)
    value = liability_value(sold, price, 0, scales.base)
    sale = Sale(
        sold, value, value * liquidator_fee // scales.fee, value * insurance_fee // scales.fee
    )
    fee_in_price = price * liquidator_fee // scales.fee
    return to_cover, sale, price - fee_in_price if position.base > 0 else price + fee_in_price


def _hand_over(position: PerpPosition, taken: PerpPosition, market: PerpMarket, sale: Sale) -> None:
    """Move the sold size at its value, and charge both fees to the account that is liquidated."""
    side = 1 if position.base > 0 else -1
    _trade(position, -side * sale.base, side * sale.value, market)
    _trade(taken, side * sale.base, -side * sale.value, market)
    for who, amount in (
        (position, -sale.liquidator_fee - sale.insurance_fee),
        (taken, sale.liquidator_fee),
    ):
        who.quote += amount
        who.break_even += amount
    market.liquidation_fees += sale.insurance_fee


def _trade(position: PerpPosition, base: int, quote: int, market: PerpMarket) -> None:
    """Change a position by a trade; a new side starts at today's funding index."""
    before = position.base
    position.entry = cost_after_trade(position.entry, before, base, quote)
    position.break_even = cost_after_trade(position.break_even, before, base, quote)
    position.quote += quote
    position.base += base
    if position.base == 0:
        position.last_funding_index = 0
    elif before == 0 or (before > 0) != (position.base > 0):
        position.last_funding_index = (
            market.long_funding_index if position.base > 0 else market.short_funding_index
        )


def _settle_funding(position: PerpPosition, market: PerpMarket, markets: Markets) -> None:
    """Bring a position's quote up to date with the funding index of its side."""
    if position.base == 0:
        return
    index = market.long_funding_index if position.base > 0 else market.short_funding_index
    received = funding_from_index(
        position.base, index, position.last_funding_index, markets.scales.funding
    )
    position.quote += received
    position.break_even += received
    position.last_funding_index = index


def _position_to_take(liquidator: Account, market_number: int) -> PerpPosition:
    """Return the liquidator's position in a market, opened where there is none."""
    taken = liquidator.perp(market_number)
    if taken is None:
        taken = PerpPosition(market_number)
        liquidator.perps.append(taken)
    return taken


def _state(account: Account, position: PerpPosition) -> Account | PerpPosition:
    """Return who is in liquidation: an isolated position by itself, else the account."""
    return position if position.is_isolated else account


def _totals(margin: Margin, position: PerpPosition) -> Totals:
    """Return the totals that a position belongs to."""
    if position.is_isolated:
        return margin.isolated.get(position.market, Totals())
    return margin.shared


def _enter(account: Account, position: PerpPosition, slot: int) -> None:
    """Mark the start of a liquidation, unless one is under way."""
    if _state(account, position).is_being_liquidated:
        return
    others = account.is_being_liquidated or any(p.is_being_liquidated for p in account.perps)
    if not position.is_isolated:
        account.margin_freed = 0
    if not position.is_isolated or not others:
        account.last_active_slot = slot
    _state(account, position).is_being_liquidated = True


def _leave(account: Account, position: PerpPosition) -> None:
    """Mark the end of a liquidation."""
    state = _state(account, position)
    state.is_being_liquidated = state.is_bankrupt = False
    if not position.is_isolated:
        account.margin_freed = 0


def _free(account: Account, position: PerpPosition, amount: int) -> None:
    """Count margin that a step has freed; isolated positions do not count."""
    if not position.is_isolated:
        account.margin_freed += max(0, amount)


def _cancel_orders(account: Account, position: PerpPosition) -> bool:
    """Cancel the orders of an isolated position, or all others; say whether there were any."""
    found = False
    perps = [position] if position.is_isolated else [p for p in account.perps if not p.is_isolated]
    for one in (*perps, *(() if position.is_isolated else account.tokens)):
        found = found or one.orders > 0
        one.orders = one.bids = one.asks = 0
    return found


def _has_only_debt(account: Account, position: PerpPosition) -> bool:
    """Say whether nothing is left but a debt."""
    if position.is_isolated:
        return (
            position.isolated_balance == 0
            and position.base == 0
            and position.quote < 0
            and not position.has_orders
        )
    perps = [p for p in account.perps if not p.is_isolated]
    if any(t.balance > 0 and not t.is_debt for t in account.tokens):
        return False
    if any(p.base != 0 or p.quote > 0 or p.has_orders for p in perps):
        return False
    return any(t.balance > 0 for t in account.tokens) or any(p.quote < 0 for p in perps)
