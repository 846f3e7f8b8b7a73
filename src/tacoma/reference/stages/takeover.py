"""Stage takeover: a fund, vault, pool or liquidator takes positions over, on the rulebook's terms.

A position always moves at the mark; what its account loses or leaves beyond that moves as money:
its share of the equity, positive or negative (a sale at the bankruptcy price), or a fee.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.ledger import trade, transfer
from tacoma.reference.margin import equity_of, margin_of, requirement, requirement_alone
from tacoma.reference.stages.equity_share import equity_share
from tacoma.reference.stages.takeover_size import give_back, lots_taken, portions_to_health
from tacoma.reference.state import SPOT
from tacoma.rules.liquidations.oracle_takeover import takeover_quote_quanta
from tacoma.rules.liquidations.sizing import closed_share_quanta, discount_ppm
from tacoma.rules.margins.margin import backstop_threshold_reached
from tacoma.rules.numbers.arithmetic import PPM, mul_div_floor

if TYPE_CHECKING:
    from tacoma.reference.margin import Margin
    from tacoma.reference.state import Account, Market, Position, State


def take_over(state: State, account: Account) -> None:
    """Take over what an account holds, if its equity is low enough and the funds may."""
    rules = account.rules
    if state.step % rules.takeover_interval != 0:
        return
    account.is_refused = False
    margin = margin_of(account)
    if not is_due(account, margin):
        return
    stake = equity_at_stake(state, account, margin)
    if stake is None:
        return
    last_fund = take_positions(state, account, margin, stake)
    everything_goes = rules.transfer_kind in ("at_bankruptcy_price", "positions_and_margin")
    if last_fund is not None and everything_goes and not account.holds_positions():
        hand_over_rest(account, last_fund)


def is_due(account: Account, margin: Margin) -> bool:
    """Say whether the equity is below the rulebook's part of maintenance.

    Without maintenance to keep there is nothing to take over, but for debts on long options.
    """
    rules = account.rules
    if margin.maintenance <= 0 and not (account.may_hold_options and margin.equity < 0):
        return False
    return backstop_threshold_reached(
        margin.equity, margin.maintenance + rules.margin_excess, rules.takeover_numerator,
        rules.takeover_denominator,
    )  # fmt: skip


def equity_at_stake(state: State, account: Account, margin: Margin) -> int | None:
    """
    Return the equity that goes with the positions; None where no buyer wants them on these terms.

    All of it, but in an auction: there a part that grows with time, taken once it is worth the
    buyer's fee. A negative equity is not auctioned.
    """
    rules = account.rules
    if rules.transfer_kind != "auction" or margin.equity <= 0:
        return margin.equity
    discount = discount_ppm(
        state.step - account.since, rules.auction_steps, rules.discount_start_ppm,
        rules.discount_end_ppm,
    )  # fmt: skip
    offered = mul_div_floor(margin.equity, discount, PPM)
    fee = mul_div_floor(margin.notional, rules.takeover_fee_ppm, PPM)
    return offered if offered >= fee else None


def take_positions(state: State, account: Account, margin: Margin, stake: int) -> Account | None:
    """Move every position that a fund accepts, in their order; return the last fund.

    Shares of the stake are parts of what all positions ask for before any of them moves.
    """
    last_fund = None
    portions = portions_to_health(account, margin)
    whole = requirement_alone(account, margin.maintenance)
    for position in account.positions:
        market = position.market
        if position.lots == 0 or market.kind == SPOT or market.is_blocked:
            continue
        share = equity_share(position, stake, whole)
        taken = lots_taken(state, position, portions, share)
        if taken == 0:
            continue
        money = money_that_moves(position, taken, share)
        fund = market.fund
        if fund is None or not accepts(fund, market, money, requirement(position)):
            account.is_refused = True
            give_back(market, taken)
            continue
        move_lots(state, position, fund, taken, money)
        last_fund = fund
    return last_fund


def accepts(fund: Account, market: Market, money: int, requirement: int) -> bool:
    """Say whether a fund may take a position that brings this money and needs this margin."""
    return not market.is_fund_drawn and has_capacity(fund, money, requirement)


def has_capacity(fund: Account, money: int, requirement: int) -> bool:
    """Say whether a fund's equity allows what brings this money and needs this margin."""
    equity, maintenance, _ = margin_of(fund)
    if fund.rules.capacity_kind == "fund_not_negative":
        return equity > 0 and equity + money >= 0
    if fund.rules.capacity_kind == "fund_covers_maintenance":
        return equity + money >= maintenance + requirement
    return True


def money_that_moves(position: Position, taken: int, share: int) -> int:
    """Return what goes to the buyer with the lots: the fee, or their part of the equity share.

    The part is rounded down.
    """
    rules, mark = position.account.rules, position.market.margin_price
    if rules.transfer_kind == "at_mark_less_fee":
        signed = taken if position.lots > 0 else -taken
        return signed * mark - takeover_quote_quanta(signed, mark, rules.takeover_fee_ppm)
    return closed_share_quanta(share, taken, position.lots)


def move_lots(state: State, position: Position, fund: Account, taken: int, money: int) -> None:
    """Move lots of one position at the mark, and the money that goes with them, to the fund."""
    account, market = position.account, position.market
    mark, is_long = market.margin_price, position.lots > 0
    assert account.venue is not None
    target = fund.position_in(market)
    assert target is not None
    buyer, seller = (target, position) if is_long else (position, target)
    trade(buyer, seller, taken, mark)
    for_insurance = insurance_part(account, market, fund, money)
    if for_insurance > 0:
        assert market.insurance_fund is not None
        transfer(account, market.insurance_fund, for_insurance)
        state.note_move(account, "fee", for_insurance)
    transfer(account, fund, money - for_insurance)
    market.flow.takeover += taken * mark
    account.venue.flow.takeover += taken * mark
    if money < 0 and fund.kind == "insurance":
        account.venue.flow.insurance_paid -= money
        state.note_move(fund, "insurance", -money)
    signed = taken if is_long else -taken
    state.note_liquidation(
        account, market, "takeover", lots=signed, price=mark, equity=money, fund=fund
    )


def insurance_part(account: Account, market: Market, fund: Account, money: int) -> int:
    """Return the insurance fund's part of a take-over's fee, rounded down."""
    rules, insurance = account.rules, market.insurance_fund
    if rules.transfer_kind != "at_mark_less_fee" or insurance is None or insurance is fund:
        return 0
    return max(mul_div_floor(money, rules.insurance_share_ppm, PPM), 0)


def hand_over_rest(account: Account, fund: Account) -> None:
    """Hand over what is left without positions; a debt that the fund may not take stays."""
    rest = equity_of(account)
    if rest < 0 and not has_capacity(fund, rest, 0):
        return
    surrender_collateral(account, fund)
    transfer(account, fund, account.balance)


def surrender_collateral(account: Account, fund: Account) -> None:
    """Hand over collateral that no earlier stage converted: its value is part of the equity."""
    for position in account.positions:
        if position.market.kind == SPOT and position.lots > 0:
            target = fund.position_in(position.market)
            assert target is not None
            trade(target, position, position.lots, 0)
