"""Sizes of many positions that must add up: weights become whole lots of one total."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tacoma.world.layout import Floats, Ints


def fit_lots(weights: Floats, target_lots: int, largest_share: float) -> Ints:
    """Scale weights to whole lots that add up to at most the target; nobody above the share."""
    if len(weights) == 0 or target_lots <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    cap = max(largest_share, 1.0 / len(weights))
    share = weights / weights.sum()
    for _ in range(20):
        above = share > cap
        if not above.any():
            break
        free = share[~above].sum()
        room = 1.0 - cap * above.sum()
        share = np.where(above, cap, share * (room / free if free > 0 else 0.0))
    lots: Ints = np.floor(share * target_lots).astype(np.int64)
    short = int(target_lots - lots.sum())
    if 0 < short <= len(lots):  # the rounding's rest goes to the largest, one lot each
        lots[np.argsort(-share, kind="stable")[:short]] += 1
    return lots
