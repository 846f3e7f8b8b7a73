"""Funding that accrues every second through an index, quoted per interval."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import mul_div_floor


@rule
def funding_amount(
    rate: int, rate_unit: int, spot: int, settlement_price: int, settlement_unit: int
) -> int:
    """
    Return what one coin pays per interval in the settlement asset, in spot's unit, rounded down.

    rate * spot / settlement price, the rate in 1 / rate unit and the price of the settlement asset
    in 1 / settlement unit (equal to the unit while it holds its peg).
    Domain: |rate| * spot * settlement_unit < 2**62, rate_unit * settlement_price < 2**62, both
    positive.
    Source: Paradex docs, funding-mechanism (funding premium).
    """
    return rate * spot * settlement_unit // (rate_unit * settlement_price)


@rule
def index_advance(
    amount: int, elapsed_seconds: int, interval_seconds: int, gap_seconds: int
) -> int:
    """
    Return by how much the funding index moves, in the unit of the amount, rounded down.

    amount * elapsed / interval. Nothing where the time since the last step exceeds the gap
    (strictly): a pause costs nobody anything. A gap of 0 stands for no limit.
    Domain: |amount| < 2**60, 0 <= elapsed_seconds, 0 < interval_seconds, elapsed * interval <
    2**62, result within int64.
    Source: Paradex docs, funding-mechanism (funding index; 30 seconds).
    """
    if 0 < gap_seconds < elapsed_seconds:
        return 0
    return mul_div_floor(amount, elapsed_seconds, interval_seconds)


@rule
def accrued_funding(lots: int, index_move: int) -> int:
    """
    Return what a position gained by funding, in the index's unit times lots; exact.

    -lots * move of the index: a long pays where the index rises.
    Domain: |lots * index_move| < 2**63.
    Source: Paradex docs, funding-mechanism (accrued funding PnL).
    """
    return -lots * index_move


@rule
def weight_after_tick(weight: int, is_liquid: bool, full_weight: int, step: int) -> int:
    """
    Return the weight of a venue's own quotes after one tick, 0 .. full weight, exact.

    A step up when the book is liquid, a step down when not.
    Domain: 0 <= weight <= full_weight, step >= 0.
    Source: Paradex docs, funding-mechanism (liquidity weight: 1/1800 per second).
    """
    if is_liquid:
        return min(full_weight, weight + step)
    return max(0, weight - step)


@rule
def fair_basis(external: int, liquid: int, weight: int, full_weight: int) -> int:
    """
    Return the basis between the outside median and the venue's own, by weight, rounded down.

    ((full - weight) * external + weight * liquid) / full, in the unit of both.
    Domain: 0 <= weight <= full_weight, |basis| * full_weight < 2**62.
    Source: Paradex docs, funding-mechanism (fair basis).
    """
    return ((full_weight - weight) * external + weight * liquid) // full_weight
