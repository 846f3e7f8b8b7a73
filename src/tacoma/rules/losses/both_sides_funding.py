"""
Losses that nobody is left to pay: what the funds cover, and the rest charged to everyone.

A perpetual's loss goes to both sides' funding index, a loan's loss to the depositors' interest.
"""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import absolute, ceil_div


@rule
def insurance_payment(loss: int, vault: int, claim_left: int, reserve: int) -> int:
    """
    Return what an insurance fund pays of a loss: all, up to its claim and all but a reserve.

    Domain: loss, vault, claim_left, reserve >= 0.
    Source: Drift v2 controller/liquidation.rs, resolve_perp_bankruptcy (the vault keeps 1).
    """
    return min(loss, max(0, vault - reserve), claim_left)


@rule
def funding_index_charge(loss: int, open_base: int, base_unit: int, index_per_quote: int) -> int:
    """
    Return by how much a loss moves both sides' funding index, rounded up before the last step.

    |loss| * base unit / open base, rounded up, * index units per unit of quote. Longs' index rises
    by it and shorts' index falls: each side pays per unit of size. `open_base` is longs plus
    shorts.
    Domain: open_base > 0, |loss| * base_unit < 2**63, the result too.
    Source: Drift v2 math/liquidation.rs, calculate_funding_rate_deltas_to_resolve_bankruptcy.
    """
    return ceil_div(absolute(loss) * base_unit, open_base) * index_per_quote


@rule
def deposit_index_haircut(interest_index: int, loss: int, deposits: int) -> int:
    """
    Return by how much the depositors' interest index falls for a loss, rounded up.

    index * loss / deposits; 0 where nobody has deposited. A loss above the deposits returns more
    than the index: the caller decides what happens then.
    Domain: all >= 0, interest_index * loss < 2**63.
    Source: Drift v2 math/liquidation.rs,
    calculate_cumulative_deposit_interest_delta_to_resolve_bankruptcy.
    """
    if deposits == 0:
        return 0
    return ceil_div(interest_index * loss, deposits)
