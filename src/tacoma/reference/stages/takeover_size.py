"""How many lots of a position are taken over at once: the rulebook's sizing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.margin import margin_of, needed, perpetual_requirement
from tacoma.reference.state import OPTION, PERPETUAL
from tacoma.rules.liquidations.liquidation_share import share_steps_to_heal
from tacoma.rules.liquidations.sizing import lots_to_health
from tacoma.rules.liquidations.window_cap import liquidatable_now
from tacoma.rules.numbers.arithmetic import PPM, mul_div_ceil, mul_div_floor

if TYPE_CHECKING:
    from tacoma.reference.margin import Margin
    from tacoma.reference.state import Account, Market, Position, State

RATIO_SCALE = 100  # targets of shares are whole percents
PENALTY_MAX = 2**21


def lots_taken(state: State, position: Position, portions: int, share: int) -> int:
    """
    Return how many lots of one position are taken over now, unsigned.

    `portions` is how many portions of every position heal the account, `share` its part of the
    equity. Nothing but a take-over closes an option, so it goes whole.
    """
    rules, market, held = position.account.rules, position.market, abs(position.lots)
    if rules.takeover_sizing == "all" or market.kind == OPTION:
        return held
    if rules.takeover_sizing == "portion":
        return max(mul_div_floor(held, rules.portion_ppm, PPM), 1)
    if rules.takeover_sizing == "share_steps":
        return min(mul_div_ceil(held * portions, rules.portion_ppm, PPM), held)
    if rules.takeover_sizing == "to_health":
        return lots_that_heal(position, share)
    return lots_in_window(state, market, held)


def portions_to_health(account: Account, margin: Margin) -> int:
    """Return how many portions of all positions together heal the account, where that matters."""
    rules = account.rules
    if rules.takeover_sizing != "share_steps":
        return 0
    notional = sum(
        abs(position.lots) * position.market.margin_price
        for position in account.positions
        if position.market.kind == PERPETUAL
    )
    fee = mul_div_ceil(notional, rules.takeover_fee_ppm, PPM)
    paid, whole = min(fee, margin.maintenance), max(margin.maintenance, 1)
    penalty_ppm = min(-(-paid * PPM // whole), PENALTY_MAX)
    return share_steps_to_heal(
        margin.equity, margin.maintenance, PPM // rules.portion_ppm,
        rules.target_ppm * RATIO_SCALE // PPM, RATIO_SCALE, penalty_ppm, PPM, True,
    )  # fmt: skip


def lots_that_heal(position: Position, share: int) -> int:
    """Return the fewest lots whose take-over makes the account healthy again.

    Each costs its part of the fee, or else of a positive share of the equity.
    """
    account, rules = position.account, position.account.rules
    equity, maintenance, _ = margin_of(account)
    missing_if_equal = needed(account, maintenance) - maintenance
    held, cost = abs(position.lots), share
    if rules.transfer_kind == "at_mark_less_fee":
        notional = held * position.market.margin_price
        cost = mul_div_ceil(notional, rules.takeover_fee_ppm, PPM)
    own = perpetual_requirement(position.market, position.lots)
    return lots_to_health(
        held, equity - missing_if_equal, maintenance, own, max(cost, 0), rules.target_ppm
    )


def lots_in_window(state: State, market: Market, wanted: int) -> int:
    """Return how many lots the market's window still lets go, and count them in it.

    A window begins with the first take-over after the last one has ended. At least one lot fits.
    """
    rules = market.rules
    if state.step >= market.window_until:
        market.window_until = state.step + rules.window_steps
        market.window_lots = 0
    cap = max(mul_div_floor(market.open_lots(), rules.portion_ppm, PPM), 1)
    allowed = liquidatable_now(wanted, cap, market.window_lots, False, 0, 1, 0, PPM)
    market.window_lots += allowed
    return allowed


def give_back(market: Market, lots: int) -> None:
    """Leave lots that nobody took to others in the market's window."""
    if market.rules.takeover_sizing == "window_cap" and market.kind == PERPETUAL:
        market.window_lots -= lots
