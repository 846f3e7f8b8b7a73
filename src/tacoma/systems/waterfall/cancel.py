"""Stage: cancel the account's resting orders, so that nothing grows while it is closed."""

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.intake import cancel_resting


@kernel
def cancel(accounts, positions, books, account):
    """Cancel every resting order of the account in the markets where it has a slot."""
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        cancel_resting(books, np.int64(positions.market[slot]), account)


@kernel
def withdraw_quotes(accounts, positions, books, account):
    """Withdraw a maker's standing curves and orders wherever it has a slot."""
    cancel(accounts, positions, books, account)
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        market = np.int64(positions.market[slot])
        for maker in range(books.quotes.shape[1]):
            if books.quotes.maker[market, maker] == account:
                books.quotes.reference[market, maker] = 0
