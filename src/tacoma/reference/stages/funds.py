"""How the funds stand: what they lost of their peak, and what they owe to winners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.margin import equity_of, margin_of, value_of
from tacoma.reference.state import PERPETUAL
from tacoma.rules.losses.fund_drawdown import is_deleveraging
from tacoma.rules.numbers.arithmetic import PPM, mul_div_floor

if TYPE_CHECKING:
    from tacoma.reference.state import Account, State


def watch_funds(state: State) -> None:
    """Note whether a fund has lost more of its peak than its rulebook allows.

    The peak is the highest equity at the end of the steps in the window before this one; before the
    first step it is that of the start.
    """
    for fund in state.funds:
        account, venue = fund.account, fund.account.venue
        assert venue is not None
        if venue.rules.adl_trigger != "fund_drawdown":
            continue
        equity = equity_of(account)
        if state.step == 1:
            fund.equities[0] = equity
        first = max(state.step - venue.rules.drawdown_steps, 0)
        fund.peak = max(fund.equities[first:])
        fund.peak_step = max(
            step for step in range(first, state.step) if fund.equities[step] == fund.peak
        )
        drawn = is_deleveraging(
            equity, fund.peak, fund.peak, equity, 0, -venue.rules.drawdown_ppm, False
        )
        for market in venue.markets:
            if market.fund is account:
                market.is_fund_drawn = drawn


def write_down_funds(state: State) -> None:
    """Note each fund's equity at the end of the step."""
    for fund in state.funds:
        equity, _, fund.notional = margin_of(fund.account)
        fund.equities.append(equity)


def is_drawn(account: Account) -> bool:
    """Say whether a fund has lost more of its peak than its rulebook allows."""
    return any(
        position.market.fund is account and position.market.is_fund_drawn
        for position in account.positions
    )


def owes_too_much(account: Account, equity: int) -> bool:
    """Say whether one side's profit in one of a fund's markets exceeds the allowed part of it."""
    assert account.venue is not None
    limit = mul_div_floor(max(equity, 0), account.rules.drawdown_ppm, PPM)
    for market in account.venue.markets:
        if market.fund is not account or market.kind != PERPETUAL:
            continue
        others = [one for one in market.positions if one.account is not account]
        longs = sum(value_of(one) for one in others if one.lots > 0)
        shorts = sum(value_of(one) for one in others if one.lots < 0)
        if longs > limit or shorts > limit:
            return True
    return False
