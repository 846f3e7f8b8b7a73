"""Everybody at once: a full check of all accounts at the speed of memory, for reports and audits.

The engine looks only at those whom prices reached (`trigger_index.py`). Where everybody must be
looked at, floats go first: they put each account's slack between two bounds, and whoever is surely
on one side is done after one pass over their rows. The rest, a few in a million, are checked by the
integers of `margin.py`, so the answer is exact.
"""

import numpy as np

from tacoma.compile import entry, kernel
from tacoma.systems.margin import account_margin
from tacoma.systems.trigger_index import excess
from tacoma.world.codes import EXEMPT, PERPETUAL, SPOT
from tacoma.world.limits import PPM
from tacoma.world.schedule import FORM_TIERS

# Of a sum in floats: a few operations of 2**-53 each, and some quanta for the roundings of a slot.
RELATIVE_ERROR = 1e-14
QUANTA_A_SLOT = 4.0
NO_BOUND = 1e300

COLLATERAL = 0
BRACKETS = 1  # a perpetual whose maintenance is a rate of its bracket
OTHER = 2  # asks for the exact check

# What the pass needs of a market and of a bracket, small enough to stay in the fastest memory.
SKETCH = np.dtype(
    [
        ("price", "i8"),
        ("what", "i8"),
        ("rate", "f8"),  # of the first bracket, or the weight of collateral
        ("first_bound", "f8"),  # of the first bracket, in quanta
        ("bracket", "i8"),
        ("last_bracket", "i8"),
    ]
)
BRACKET = np.dtype([(name, "f8") for name in ("lower", "rate", "deduction")])


@kernel
def sketch_brackets(tiers, brackets):
    """Note every bracket in floats."""
    for tier in range(tiers.lower_quanta.shape[0]):
        rate = float(tiers.rate_numerator[tier]) / float(tiers.rate_denominator[tier])
        brackets.rate[tier] = rate
        brackets.lower[tier] = float(tiers.lower_quanta[tier])
        brackets.deduction[tier] = float(tiers.deduction_quanta[tier])


@kernel
def sketch_markets(markets, brackets, sketch):
    """Note price, kind, and first bracket or weight of each market."""
    for market in range(markets.kind.shape[0]):
        row, first = sketch[market], markets.tier_first[market]
        row.price, row.what = markets.margin_price[market], OTHER
        row.bracket, row.last_bracket = first, first + markets.tier_count[market] - 1
        row.rate, row.first_bound = 0.0, NO_BOUND
        if markets.kind[market] == SPOT:
            row.what, row.rate = COLLATERAL, float(markets.weight_ppm[market]) / float(PPM)
        elif (
            markets.kind[market] == PERPETUAL
            and markets.margin_form[market] == FORM_TIERS
            and markets.fixed_quanta[market] == 0
            and row.last_bracket >= first
        ):
            row.what, row.rate = BRACKETS, brackets.rate[first]
            if row.last_bracket > first:
                row.first_bound = brackets.lower[first + 1]


@kernel
def later_bracket(brackets, row, notional):
    """Maintenance of a notional beyond the first bracket, in quanta, as a float."""
    bracket = np.uint64(row.bracket + 1)
    last = np.uint64(row.last_bracket)
    while bracket < last and brackets.lower[bracket + np.uint64(1)] <= notional:
        bracket += np.uint64(1)
    return notional * brackets.rate[bracket] - brackets.deduction[bracket]


@kernel
def sure_side(accounts, positions, sketch, brackets, account):
    """1 for an account surely above its maintenance, -1 for one surely below, else 0."""
    equity, need, gross = accounts.balance[account], 0.0, 0.0
    first = np.uint64(accounts.slot_first[account])
    last = np.uint64(accounts.slot_last[account])
    for slot in range(first, last):
        row = sketch[np.uint64(positions.market[slot])]
        value = positions.lots[slot] * row.price
        notional = float(abs(value))
        gross += notional
        if row.what == BRACKETS:
            equity += value - positions.entry[slot]
            if notional < row.first_bound:
                need += notional * row.rate
            else:
                need += later_bracket(brackets, row, notional)
        elif row.what == COLLATERAL:
            need -= float(value) * row.rate
        elif value != 0:
            return 0
    slack = float(equity) - need
    error = (gross + abs(float(equity))) * RELATIVE_ERROR
    error += QUANTA_A_SLOT * float(last - first + np.uint64(1))
    return 1 if slack > error else -1 if slack < -error else 0


@kernel
def is_beyond_margin(accounts, venues, account):
    """Whether nobody liquidates an account: a venue's own, or one on the spot market."""
    return accounts.status[account] == EXEMPT or np.int64(accounts.venue[account]) >= venues


@entry
def find_below(accounts, positions, markets, tiers, rules, sketch, brackets, found):
    """Write every account of a venue that has too little for its rulebook into `found`.

    Returns how many they are. `sketch` (M,) of type SKETCH and `brackets` (one per tier) of type
    BRACKET are scratch, `found` (A,) takes the rows.
    """
    sketch_brackets(tiers, brackets)
    sketch_markets(markets, brackets, sketch)
    count, venues = 0, rules.liquidation_interval.shape[0]
    for account in range(accounts.balance.shape[0]):
        side = sure_side(accounts, positions, sketch, brackets, account)
        if side > 0 or is_beyond_margin(accounts, venues, account):
            continue
        if side == 0:
            equity, need, _ = account_margin(markets, tiers, accounts, positions, account)
            if equity - need - excess(rules, accounts, account, need) >= 0:
                continue
        found[count] = account
        count += 1
    return count


@entry
def find_below_plainly(accounts, positions, markets, tiers, rules, found):
    """Do the same by the engine's own check of one account after the other: the yardstick."""
    count, venues = 0, rules.liquidation_interval.shape[0]
    for account in range(accounts.balance.shape[0]):
        if is_beyond_margin(accounts, venues, account):
            continue
        equity, need, _ = account_margin(markets, tiers, accounts, positions, account)
        if equity - need - excess(rules, accounts, account, need) < 0:
            found[count] = account
            count += 1
    return count
