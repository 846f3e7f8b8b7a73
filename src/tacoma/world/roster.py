"""The roster: every account of the world with its slots, before they become arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tacoma.world.layout import Ints

NO_MARKET = -1


class Roster:
    """Collects accounts in order; rows are numbered as they are added."""

    def __init__(self) -> None:
        """Start empty."""
        self.count = 0
        self._columns: dict[str, list[Ints]] = {
            name: []
            for name in ("venue", "kind", "mode", "status", "balance", "wallet", "alert_slack",
                         "dense_market", "slots", "market", "lots", "entry")
        }  # fmt: skip

    def add(
        self, size: int, slots: Ints, market: Ints, lots: Ints, entry: Ints, **columns: Ints | int
    ) -> int:
        """Add `size` accounts with `slots` (size,) slots each, flattened; return the first row."""
        first = self.count
        self.count += size
        for name in (
            "venue",
            "kind",
            "mode",
            "status",
            "balance",
            "wallet",
            "alert_slack",
            "dense_market",
        ):
            value = columns.get(name, NO_MARKET if name == "dense_market" else 0)
            self._columns[name].append(np.broadcast_to(np.asarray(value, dtype=np.int64), (size,)))
        for name, array in (("slots", slots), ("market", market), ("lots", lots), ("entry", entry)):
            self._columns[name].append(np.asarray(array, dtype=np.int64))
        return first

    def add_dense(
        self,
        markets: range,
        lots: Ints | None = None,
        entry: Ints | None = None,
        **columns: Ints | int,
    ) -> int:
        """Add one account with a slot in every market of a venue; return its row."""
        size = len(markets)
        zero = np.zeros(size, dtype=np.int64)
        return self.add(
            1,
            np.array([size]),
            np.array(markets),
            zero if lots is None else lots,
            zero if entry is None else entry,
            dense_market=markets.start if size else NO_MARKET,
            **columns,
        )

    def column(self, name: str) -> Ints:
        """Return one column of all accounts (or of all slots)."""
        parts = self._columns[name]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
