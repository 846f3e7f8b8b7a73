"""Conservation: after every step, what the step touched must add up to what it was before.

Every step checks the accounts that were touched; every `interval` steps, and at the end, a full
audit adds up everybody, so that a change which never went through the ledger is found too.
"""

import numpy as np

from tacoma.compile import kernel
from tacoma.world.limits import BALANCE_QUANTA_MAX

TOO_LARGE = -2  # in place of the market: a balance has left its bounds


@kernel
def worth(accounts, positions, account):
    """Balance plus wallet minus the cost of all positions, in quanta."""
    total = accounts.balance[account] + accounts.wallet[account]
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        total -= positions.entry[slot]
    return total


@kernel
def fail(audit, step, market, difference):
    """Keep the first violation."""
    if audit.state.failed_step[0] < 0:
        audit.state.failed_step[0] = step
        audit.state.failed_market[0] = market
        audit.state.difference[0] = difference


@kernel
def keep_unswept(audit):
    """Forget what the trigger index has re-indexed already; keep what was touched after that."""
    swept, count = audit.state.swept[0], audit.state.touched_count[0]
    for place in range(swept, count):
        audit.touched[place - swept] = audit.touched[place]
    audit.state.touched_count[0] = count - swept
    audit.state.swept[0] = 0


@kernel
def check_touched(accounts, positions, audit, step):
    """Check that the touched accounts gained as much as they lost, and every fill had two sides.

    No balance may leave its bounds: beyond them, sums could leave 64 bits unseen.
    """
    difference = np.int64(0)
    for place in range(audit.state.touched_count[0]):
        account = np.int64(audit.touched[place])
        now = worth(accounts, positions, account)
        difference += now - audit.seen_worth[account]
        audit.seen_worth[account] = now
        balance = accounts.balance[account]
        if not -BALANCE_QUANTA_MAX <= balance <= BALANCE_QUANTA_MAX:
            fail(audit, step, TOO_LARGE, balance)
    keep_unswept(audit)
    if difference != 0:
        fail(audit, step, -1, difference)
    for market in range(audit.net_lots.shape[0]):
        if audit.net_lots[market] != 0:
            fail(audit, step, market, audit.net_lots[market])
            audit.net_lots[market] = 0
    audit.state.checked[0] += 1


@kernel
def total_worth(accounts, positions):
    """Add up all money: balances and wallets less the cost of positions."""
    total = np.int64(0)
    for account in range(accounts.balance.shape[0]):
        total += accounts.balance[account] + accounts.wallet[account]
    for slot in range(positions.entry.shape[0]):
        total -= positions.entry[slot]
    return total


@kernel
def check_everybody(accounts, positions, audit, step):
    """Full audit: the sum of all money is the constant, the sum of lots per market is zero."""
    difference = total_worth(accounts, positions) - audit.state.total[0]
    if difference != 0:
        fail(audit, step, -1, difference)
    audit.sums[:] = 0
    for slot in range(positions.lots.shape[0]):
        audit.sums[np.int64(positions.market[slot])] += positions.lots[slot]
    for market in range(audit.sums.shape[0]):
        if audit.sums[market] != 0:
            fail(audit, step, market, audit.sums[market])


@kernel
def check(accounts, positions, audit, step, last):
    """Check this step; `last` asks for the full audit in any case."""
    if audit.state.enabled[0] == 0:
        keep_unswept(audit)
        return
    check_touched(accounts, positions, audit, step)
    if last or step % audit.state.interval[0] == 0:
        check_everybody(accounts, positions, audit, step)
