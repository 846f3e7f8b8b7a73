"""The deleveraging queue of one side of a market: who is closed first, and how much at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tacoma.reference.margin import margin_of
from tacoma.reference.state import Status
from tacoma.rules.losses.adl import (
    ratio_ppm_capped,
    score_price_gain_times_leverage,
    score_profit_times_leverage,
)
from tacoma.rules.losses.adl_allocation import allocate_capped
from tacoma.rules.losses.adl_random import first_position
from tacoma.rules.losses.adl_risk import (
    score_effective_leverage,
    score_pool_profit,
    weight_by_leverage,
)
from tacoma.rules.numbers.arithmetic import PPM, mul_div_floor

if TYPE_CHECKING:
    from tacoma.reference.state import Market, Position, State

WEIGHTS_MAX = 2**61  # of all together


@dataclass(slots=True)
class Place:
    """One place in the queue: a position, why it stands there, and lots that it may lose."""

    position: Position
    score: int
    leverage_ppm: int
    limit: int


def build_queue(state: State, market: Market, of_longs: bool, needed_lots: int) -> list[Place]:
    """
    Return the queue of one side: highest score first, among equals the lower account number.

    Funds, the venue's own and those in liquidation do not queue. A greedy rulebook takes everybody
    in turn, winners and then losers, with all they hold. Otherwise only who has a score above 0
    is in the queue, and the needed lots are shared out over all of them.
    """
    places = [
        Place(position, score_of(position), leverage_of(position), abs(position.lots))
        for position in market.positions
        if position.lots != 0
        and (position.lots > 0) == of_longs
        and position.account.status == Status.FREE
    ]
    if market.rules.adl_rank == "pseudo_random":
        rank_by_place(places, state.step, market.number)
    if market.rules.adl_allocation != "greedy":
        places = [place for place in places if place.score > 0]
    queue = sorted(places, key=lambda place: (-place.score, place.position.account.number))
    if market.rules.adl_allocation != "greedy":
        share_out(market, queue, needed_lots)
    return queue


def leverage_of(position: Position) -> int:
    """Return the leverage of a position's account in ppm."""
    margin = margin_of(position.account)
    return ratio_ppm_capped(margin.notional, margin.equity)


def score_of(position: Position) -> int:
    """Return a position's score by its venue's rank; without a rank everybody has 1."""
    rank, market, lots = position.market.rules.adl_rank, position.market, position.lots
    equity, _, gross = margin_of(position.account)
    profit = lots * market.margin_price - position.entry
    cost = abs(position.entry)
    if rank == "profit_times_leverage":
        return score_profit_times_leverage(profit, cost, gross, equity)
    if rank == "price_gain_times_leverage":
        side = 1 if lots > 0 else -1
        price = market.margin_price
        return score_price_gain_times_leverage(price, cost, abs(lots), gross, equity, side)
    if rank == "leverage":
        return score_effective_leverage(gross, equity)
    if rank == "profit":
        return score_pool_profit(profit)
    return 1


def rank_by_place(places: list[Place], step: int, salt: int) -> None:
    """Let the list of accounts begin at a pseudo-random place and wrap around."""
    count = len(places)
    if count == 0:
        return
    first = first_position(step, salt, count)
    for rank, place in enumerate(places[first:] + places[:first]):
        place.score = count - rank


def share_out(market: Market, queue: list[Place], needed_lots: int) -> None:
    """
    Share the needed lots out by weight, nobody above what the rulebook lets it lose.

    The weight is what each may lose, or, in a risk-weighted allocation, notional times leverage.
    """
    rules = market.rules
    lots_max: Any = [place.limit for place in queue]
    if rules.adl_allocation == "capped_pro_rata":
        lots_max = [mul_div_floor(limit, rules.adl_cap_ppm, PPM) for limit in lots_max]
    weights = lots_max
    if rules.adl_allocation == "risk_weighted":
        margins = [margin_of(place.position.account) for place in queue]
        weights = [
            min(weight_by_leverage(one.notional, one.equity, 1), WEIGHTS_MAX // len(queue))
            for one in margins
        ]
    shares: Any = [0] * len(queue)
    allocate_capped(needed_lots, weights, lots_max, len(queue), shares)
    for place, share in zip(queue, shares, strict=True):
        place.limit = int(share)
