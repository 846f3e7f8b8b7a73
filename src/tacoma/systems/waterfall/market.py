"""Stage: close positions in the book with immediate-or-cancel orders inside the venue's bound."""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.liquidations.fillable_price import fillable_price
from tacoma.rules.liquidations.takeover import price_bound_from_mark
from tacoma.rules.numbers.arithmetic import mul_div_ceil
from tacoma.systems.book import walk
from tacoma.systems.ledger import transfer
from tacoma.systems.margin import account_margin, maintenance_alone, slot_maintenance
from tacoma.systems.record import note_liquidation, note_move
from tacoma.systems.trigger_index import excess
from tacoma.systems.waterfall.insurance import pay_debt
from tacoma.systems.waterfall.market_size import lots_ordered
from tacoma.systems.waterfall.settlement import is_halted, settle
from tacoma.systems.waterfall.share_equity import (
    equity_share,
    is_blocked,
    is_perpetual,
    position_bankruptcy_price,
)
from tacoma.world.codes import MOVE_FEE, REASON_LIQUIDATION, STAGE_MARKET
from tacoma.world.layout import VENUE_MARKET
from tacoma.world.limits import PPM

BOUND_BANKRUPTCY = 1
BOUND_MARK_DEVIATION = 2
BOUND_FILLABLE = 3


@kernel
def order_limit(
    markets, tiers, rules, accounts, positions, venue, slot, share, equity, maintenance
):
    """Worst price the order may take, 0 for none."""
    lots = positions.lots[slot]
    kind = rules.bound_kind[venue]
    market = np.int64(positions.market[slot])
    if kind == BOUND_BANKRUPTCY:
        return position_bankruptcy_price(markets, positions, slot, share)
    if kind == BOUND_MARK_DEVIATION:
        side = -1 if lots > 0 else 1
        mark = markets.margin_price[market]
        return max(price_bound_from_mark(mark, side, rules.bound_deviation_ppm[venue]), 1)
    if kind == BOUND_FILLABLE:
        own = slot_maintenance(markets, tiers, positions, slot)
        worst = fillable_price(
            lots, markets.margin_price[market], equity, maintenance, own, PPM,
            rules.bound_spread_ppm[venue],
        )  # fmt: skip
        payable = price_insurance_pays(
            accounts, positions, markets, tiers, slot, market, share, abs(lots)
        )
        return max(max(worst, payable) if lots > 0 else min(worst, payable), 1)
    return np.int64(0)


@kernel
def price_insurance_pays(accounts, positions, markets, tiers, slot, market, share, lots):
    """Worst price whose loss beyond bankruptcy the insurance fund can still pay."""
    bankruptcy = position_bankruptcy_price(markets, positions, slot, share)
    fund, capital = markets.insurance_fund[market], np.int64(0)
    if fund >= 0:
        equity, _, _ = account_margin(markets, tiers, accounts, positions, fund)
        capital = max(equity, 0)
    if positions.lots[slot] > 0:
        return bankruptcy - capital // lots
    return bankruptcy + capital // lots


@kernel
def charge_fee(
    accounts, positions, markets, tiers, rules, audit, events, account, fund, money, step
):
    """Take the clearance fee on the filled amount, never more than what is left."""
    venue = np.int64(accounts.venue[account])
    fee = mul_div_ceil(money, rules.liquidation_fee_ppm[venue], PPM)
    equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
    fee = min(fee, max(equity, 0))
    if fee > 0:
        target = fund if fund >= 0 else rules.fees_account[venue]
        transfer(accounts, audit, account, target, fee)
        note_move(events, step, account, MOVE_FEE, fee)


@kernel
def close_in_market(
    accounts, positions, markets, tiers, rules, venues, books, audit, flows, events, account, step
):
    """Close one account's positions in slot order until it is healthy or the bound stops it.

    A position above the venue's slice threshold first sends a fraction, then waits.
    """
    if step < accounts.wait_until[account]:
        return
    venue = np.int64(accounts.venue[account])
    waits = False
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        if not is_perpetual(markets, positions, slot) or is_blocked(markets, positions, slot):
            continue
        equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, account)
        if equity >= maintenance + excess(rules, accounts, account, maintenance):
            break
        market = np.int64(positions.market[slot])
        held = positions.lots[slot]
        wanted = lots_ordered(markets, tiers, rules, accounts, positions, slot, equity, maintenance)
        waits = waits or wanted < abs(held)
        alone = maintenance_alone(markets, tiers, accounts, positions, account, maintenance)
        share = equity_share(markets, tiers, positions, slot, equity, alone)
        limit = order_limit(
            markets, tiers, rules, accounts, positions, venue, slot, share, equity, maintenance
        )
        filled, money = walk(
            accounts, positions, markets, rules, books, audit, flows, slot,
            -wanted if held > 0 else wanted, limit, REASON_LIQUIDATION, step,
        )  # fmt: skip
        if filled == 0:
            continue
        flows.venue[venue, VENUE_MARKET] += money
        note_liquidation(
            events, step, account, market, STAGE_MARKET,
            filled if held > 0 else -filled, money // filled, equity, -1,
        )  # fmt: skip
        fund = markets.insurance_fund[market]
        charge_fee(
            accounts, positions, markets, tiers, rules, audit, events, account, fund, money, step
        )
        settle(accounts, positions, markets, tiers, rules, venues, events, slot, money, step)
        if rules.bound_kind[venue] == BOUND_FILLABLE and not is_halted(venues, venue, step):
            # The fund that lets an order fill beyond bankruptcy pays with the fill, so that the
            # next order of the batch sees what it has left.
            pay_debt(accounts, positions, markets, tiers, audit, flows, events, account, step)
    if waits:
        accounts.sliced[account] = 1
        accounts.wait_until[account] = step + rules.cooldown_steps[venue]
