"""The only functions that move money or positions. Everything moves from one account to another.

For every account, worth = balance + wallet - sum of entries, where an entry is the signed cost of
a perpetual position. A trade and a transfer leave the sum of worth over all accounts unchanged and
the sum of lots per market at zero; `audit.py` checks that after every step.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.rules.liquidations.sizing import closed_share_quanta
from tacoma.world.codes import DESK, PERPETUAL
from tacoma.world.limits import BALANCE_QUANTA_MAX, OPEN_LOTS_MAX


@kernel
def touch(accounts, audit, account):
    """Note that an account changed, so that it is audited and re-indexed at the end of the step."""
    if accounts.is_touched[account] == 0:
        accounts.is_touched[account] = 1
        audit.touched[audit.state.touched_count[0]] = account
        audit.state.touched_count[0] += 1


@kernel
def transfer(accounts, audit, source, target, quanta):
    """Move money from one balance to another; negative quanta move it back."""
    accounts.balance[source] -= quanta
    accounts.balance[target] += quanta
    touch(accounts, audit, source)
    touch(accounts, audit, target)


@kernel
def withdraw_from_wallet(accounts, audit, account, quanta):
    """Bring money of the owner to the venue; return what the wallet could give."""
    moved = min(quanta, accounts.wallet[account])
    accounts.wallet[account] -= moved
    accounts.balance[account] += moved
    touch(accounts, audit, account)
    return moved


@kernel
def find_slot(accounts, positions, rules, account, market):
    """Find the slot of an account in a market, or -1."""
    first = np.int64(accounts.slot_first[account])
    dense = np.int64(accounts.dense_market[account])
    last = np.int64(accounts.slot_last[account])
    if dense >= 0:
        slot = first + market - dense
        return slot if first <= slot < last else np.int64(-1)
    for slot in range(first, last):
        if positions.market[slot] == market:
            return slot
    return -1


@kernel
def room_to_open(markets, market):
    """Lots that may still be opened on a market's venue; its markets are neighbours.

    A fill opens at most what its taker opens, so what is open, and with it every holding, stays
    within OPEN_LOTS_MAX.
    """
    venue, lots, row = markets.venue[market], np.int64(0), market
    while row >= 0 and markets.venue[row] == venue:
        lots += markets.open_lots[row]
        row -= 1
    row = market + 1
    while row < markets.shape[0] and markets.venue[row] == venue:
        lots += markets.open_lots[row]
        row += 1
    return max(OPEN_LOTS_MAX - lots, 0)


@kernel
def may_trade(accounts, account):
    """Whether a balance is so far inside 64 bits that any fill keeps it there."""
    return -BALANCE_QUANTA_MAX <= accounts.balance[account] <= BALANCE_QUANTA_MAX


@kernel
def apply_fill(accounts, positions, markets, audit, slot, lots, price):
    """Add signed lots at a price to one slot; return the profit realised in quanta.

    Closing releases its share of the cost (rounded down); what is left keeps the rest, so no
    quantum is lost. A spot asset or an option is paid in full, and nothing is owed.
    """
    account = np.int64(positions.account[slot])
    market = np.int64(positions.market[slot])
    held = positions.lots[slot]
    touch(accounts, audit, account)
    audit.net_lots[market] += lots
    if accounts.kind[account] <= DESK:
        markets.customer_lots[market] += lots
    realised = np.int64(0)
    if markets.kind[market] != PERPETUAL:
        accounts.balance[account] -= lots * price
        positions.lots[slot] = held + lots
        markets.open_lots[market] += max(held + lots, 0) - max(held, 0)
        return realised
    opening = lots
    if held != 0 and (held > 0) != (lots > 0):
        closed = min(abs(lots), abs(held))
        share = closed_share_quanta(positions.entry[slot], closed, abs(held))
        signed_closed = closed if lots > 0 else -closed
        realised = -signed_closed * price - share
        accounts.balance[account] += realised
        positions.entry[slot] -= share
        opening = lots - signed_closed
    positions.entry[slot] += opening * price
    positions.lots[slot] = held + lots
    markets.open_lots[market] += max(held + lots, 0) - max(held, 0)
    return realised


@kernel
def trade(accounts, positions, markets, audit, buyer_slot, seller_slot, lots, price):
    """Buyer takes lots (positive) from seller at a price; return the seller's realised profit."""
    apply_fill(accounts, positions, markets, audit, buyer_slot, lots, price)
    return apply_fill(accounts, positions, markets, audit, seller_slot, -lots, price)
