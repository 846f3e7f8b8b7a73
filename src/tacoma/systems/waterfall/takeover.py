"""Stage: a fund, vault, pool or liquidator takes positions over, on the rulebook's terms.

A position always moves at the mark; what its account loses or leaves beyond that moves as money.
With its share of the equity, positive or negative, that equals a sale at the bankruptcy price, to
the unit, without its rounding; with a fee it is a sale at the mark less the fee.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.liquidations.oracle_takeover import takeover_quote_quanta
from tacoma.rules.liquidations.sizing import closed_share_quanta, discount_ppm
from tacoma.rules.margins.margin import backstop_threshold_reached
from tacoma.rules.numbers.arithmetic import mul_div_floor
from tacoma.systems.ledger import find_slot, trade, transfer
from tacoma.systems.margin import (
    account_margin,
    has_positions,
    maintenance_alone,
    slot_requirement,
)
from tacoma.systems.record import note_liquidation, note_move
from tacoma.systems.waterfall.share_equity import (
    equity_share,
    is_blocked,
    is_option,
    is_perpetual,
)
from tacoma.systems.waterfall.takeover_size import give_back, lots_taken, steps_of_account
from tacoma.world.codes import INSURANCE, MOVE_FEE, MOVE_INSURANCE, SPOT, STAGE_TAKEOVER
from tacoma.world.layout import FLOW_TAKEOVER, VENUE_INSURANCE_PAID, VENUE_TAKEOVER
from tacoma.world.limits import PPM

CAPACITY_FUND_NOT_NEGATIVE = 1
CAPACITY_FUND_COVERS_MAINTENANCE = 2
TRANSFER_LESS_FEE = 2
TRANSFER_AUCTION = 3


@kernel
def has_capacity(accounts, positions, markets, tiers, rules, venue, fund, share, own):
    """Whether the fund's equity allows what brings this money and needs `own` maintenance."""
    kind = rules.capacity_kind[venue]
    if kind == CAPACITY_FUND_NOT_NEGATIVE:
        equity, _, _ = account_margin(markets, tiers, accounts, positions, fund)
        return equity > 0 and equity + share >= 0
    if kind == CAPACITY_FUND_COVERS_MAINTENANCE:
        equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, fund)
        return equity + share >= maintenance + own
    return True


@kernel
def fund_accepts(accounts, positions, markets, tiers, rules, venue, fund, market, share, own):
    """Whether the fund may take a position that brings this money and needs `own` maintenance."""
    return markets.fund_drawn[market] == 0 and has_capacity(
        accounts, positions, markets, tiers, rules, venue, fund, share, own
    )


@kernel
def money_that_moves(markets, rules, venue, slot_lots, taken, market, share):
    """What goes to the buyer with `taken` lots: the fee, or their part of the equity share."""
    if rules.transfer_kind[venue] == TRANSFER_LESS_FEE:
        mark = markets.margin_price[market]
        signed = taken if slot_lots > 0 else -taken
        quote = takeover_quote_quanta(signed, mark, rules.takeover_fee_ppm[venue])
        return signed * mark - quote
    if taken == abs(slot_lots):
        return share
    return closed_share_quanta(share, taken, slot_lots)


@kernel
def split_fee(accounts, markets, rules, audit, events, account, fund, market, money, step):
    """Give the insurance fund its share of a take-over's fee; return what is left for the buyer."""
    venue = np.int64(accounts.venue[account])
    insurance = markets.insurance_fund[market]
    if rules.transfer_kind[venue] != TRANSFER_LESS_FEE or insurance < 0 or insurance == fund:
        return money
    part = mul_div_floor(money, rules.insurance_share_ppm[venue], PPM)
    if part > 0:
        transfer(accounts, audit, account, insurance, part)
        note_move(events, step, account, MOVE_FEE, part)
    return money - part


@kernel
def take_slot(
    accounts, positions, markets, rules, audit, flows, events, slot, fund, taken, money, step
):
    """Move lots of one position, and the money that goes with them, to the fund."""
    account, market = np.int64(positions.account[slot]), np.int64(positions.market[slot])
    venue = np.int64(accounts.venue[account])
    lots, mark = positions.lots[slot], markets.margin_price[market]
    target = find_slot(accounts, positions, rules, fund, market)
    buyer, seller = (target, slot) if lots > 0 else (slot, target)
    trade(accounts, positions, markets, audit, buyer, seller, taken, mark)
    left = split_fee(accounts, markets, rules, audit, events, account, fund, market, money, step)
    transfer(accounts, audit, account, fund, left)
    flows.market[market, FLOW_TAKEOVER] += taken * mark
    flows.venue[venue, VENUE_TAKEOVER] += taken * mark
    if money < 0 and accounts.kind[fund] == INSURANCE:
        flows.venue[venue, VENUE_INSURANCE_PAID] -= money
        note_move(events, step, fund, MOVE_INSURANCE, -money)
    signed = taken if lots > 0 else -taken
    note_liquidation(events, step, account, market, STAGE_TAKEOVER, signed, mark, money, fund)


@kernel
def surrender_collateral(accounts, positions, markets, rules, audit, account, fund):
    """Hand over collateral that no earlier stage converted: its value is part of the equity."""
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        lots = positions.lots[slot]
        if lots > 0 and markets.kind[np.int64(positions.market[slot])] == SPOT:
            market = np.int64(positions.market[slot])
            target = find_slot(accounts, positions, rules, fund, market)
            trade(accounts, positions, markets, audit, target, slot, lots, 0)


@kernel
def hand_over_rest(accounts, positions, markets, tiers, rules, audit, account, fund):
    """
    Hand over what is left of an account whose positions are gone: collateral and balance.

    What a position asks no margin for takes no part of the equity with it, so the rest may be a
    debt; one that the fund may not take stays with the account, for the stages that follow.
    """
    venue = np.int64(accounts.venue[account])
    rest, _, _ = account_margin(markets, tiers, accounts, positions, account)
    if rest < 0 and not has_capacity(
        accounts, positions, markets, tiers, rules, venue, fund, rest, np.int64(0)
    ):
        return
    surrender_collateral(accounts, positions, markets, rules, audit, account, fund)
    transfer(accounts, audit, account, fund, accounts.balance[account])


@kernel
def equity_at_stake(rules, accounts, venue, account, equity, notional, step):
    """Equity that goes with the positions, and whether a buyer wants them on these terms.

    In an auction the buyer's part grows with time; it is taken once it is worth the buyer's fee.
    A negative equity is not auctioned: it goes with the positions at once.
    """
    if rules.transfer_kind[venue] != TRANSFER_AUCTION or equity <= 0:
        return equity, True
    elapsed = step - np.int64(accounts.since[account])
    discount = discount_ppm(
        elapsed, rules.auction_steps[venue], rules.discount_start_ppm[venue],
        rules.discount_end_ppm[venue],
    )  # fmt: skip
    offered = mul_div_floor(equity, discount, PPM)
    return offered, offered >= mul_div_floor(notional, rules.takeover_fee_ppm[venue], PPM)


@kernel
def take_positions(
    accounts, positions, markets, tiers, rules, audit, flows, events, account, equity,
    maintenance, stake, step,
):  # fmt: skip
    """Move every position that a fund accepts; return the last fund, -1 when none did."""
    venue = np.int64(accounts.venue[account])
    last_fund = np.int64(-1)
    steps = steps_of_account(
        markets, positions, accounts, rules, venue, account, equity, maintenance
    )
    alone = maintenance_alone(markets, tiers, accounts, positions, account, maintenance)
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        is_held = is_perpetual(markets, positions, slot) or is_option(markets, positions, slot)
        if not is_held or is_blocked(markets, positions, slot):
            continue
        market = np.int64(positions.market[slot])
        fund = markets.fund[market]
        share = equity_share(markets, tiers, positions, slot, stake, alone)
        own = slot_requirement(markets, tiers, positions, slot)
        held = positions.lots[slot]
        taken = lots_taken(
            markets, tiers, rules, accounts, positions, slot, account, steps, share, step
        )
        if taken == 0:
            continue
        money = money_that_moves(markets, rules, venue, held, taken, market, share)
        if fund < 0 or not fund_accepts(
            accounts, positions, markets, tiers, rules, venue, fund, market, money, own
        ):
            accounts.refused[account] = 1
            give_back(markets, rules, venue, market, taken)
            continue
        take_slot(
            accounts, positions, markets, rules, audit, flows, events, slot, fund, taken, money,
            step,
        )  # fmt: skip
        last_fund = fund
    return last_fund


@kernel
def take_over(accounts, positions, markets, tiers, rules, audit, flows, events, account, step):
    """Take over what an account holds, if its equity is low enough and the fund may."""
    venue = np.int64(accounts.venue[account])
    if step % rules.takeover_interval[venue] != 0:
        return
    accounts.refused[account] = 0
    equity, maintenance, notional = account_margin(markets, tiers, accounts, positions, account)
    owes = equity < 0 and accounts.has_options[account] != 0  # long options ask for no margin
    if (maintenance <= 0 and not owes) or not backstop_threshold_reached(
        equity, maintenance + rules.margin_excess[venue], rules.takeover_numerator[venue],
        rules.takeover_denominator[venue],
    ):  # fmt: skip
        return
    stake, wanted = equity_at_stake(rules, accounts, venue, account, equity, notional, step)
    if not wanted:
        return
    last_fund = take_positions(
        accounts, positions, markets, tiers, rules, audit, flows, events, account, equity,
        maintenance, stake, step,
    )  # fmt: skip
    everything = rules.transfer_kind[venue] < TRANSFER_LESS_FEE
    if last_fund >= 0 and everything and not has_positions(markets, accounts, positions, account):
        hand_over_rest(accounts, positions, markets, tiers, rules, audit, account, last_fund)
