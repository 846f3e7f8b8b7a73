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
