"""The roster: every account with its slots, written straight into the tables of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tacoma.world.codes import OPTION
from tacoma.world.layout import ACCOUNTS, POSITIONS
from tacoma.world.memory import reserved
from tacoma.world.streams import row_key

if TYPE_CHECKING:
    from tacoma.world.directory import Directory
    from tacoma.world.layout import Ints, Table

NO_MARKET = -1
SLOTS_A_PERSON = 5  # at most: three perpetuals, one collateral asset, one option
INSTITUTIONS = 4_096  # room for them, and for their slots; both grow where it is not enough
INSTITUTION_SLOTS = 65_536


class Roster:
    """Adds accounts in order; rows are numbered as they are added."""

    def __init__(self, directory: Directory, people: int) -> None:
        """Start empty, with room for `people` accounts of the crowd."""
        self.count = 0
        self.slots = 0
        self._accounts = reserved(ACCOUNTS, people + INSTITUTIONS)
        self._positions = reserved(POSITIONS, people * SLOTS_A_PERSON + INSTITUTION_SLOTS)
        self._is_option = np.array([market.kind == OPTION for market in directory.markets])
        self._venues = directory.venues
        self._alike: dict[tuple[int, int], int] = {}  # how many of a kind a venue has

    def add(
        self,
        slots: Ints,
        market: Ints,
        lots: Ints,
        entry: Ints,
        *,
        venue: int,
        kind: int,
        **columns: Ints | int,
    ) -> int:
        """Add accounts with `slots` (n,) slots each, flattened; return the first row.

        Other columns of the account table are arrays (n,) or one number for all of them.
        """
        first, size, held = self.count, len(slots), len(market)
        self._make_room(size, held)
        self.count, last = first + size, self.slots + np.cumsum(slots)
        accounts = self._accounts[first : self.count]
        accounts.venue, accounts.kind = venue, kind
        accounts.slot_first, accounts.slot_last = last - slots, last
        accounts.stamp = -1
        accounts.dense_market = NO_MARKET
        accounts.key = self._keys(venue, kind, size)
        for name, values in columns.items():
            accounts[name] = values
        positions = self._positions[self.slots : self.slots + held]
        positions.account = np.repeat(np.arange(first, self.count, dtype=np.int32), slots)
        positions.market, positions.lots, positions.entry = market, lots, entry
        positions.following = positions.preceding = -1
        # An account is evaluated at every step where any of its slots is an option's.
        accounts.has_options[positions.account[self._is_option[market]] - first] = 1
        self.slots += held
        return first

    def add_dense(
        self,
        markets: range,
        lots: Ints | None = None,
        entry: Ints | None = None,
        *,
        venue: int,
        kind: int,
        **columns: Ints | int,
    ) -> int:
        """Add one account with a slot in every market of a venue; return its row."""
        size = len(markets)
        zero = np.zeros(size, dtype=np.int64)
        return self.add(
            np.array([size]),
            np.array(markets, dtype=np.int64),
            zero if lots is None else lots,
            zero if entry is None else entry,
            venue=venue,
            kind=kind,
            dense_market=markets.start if size else NO_MARKET,
            **columns,
        )

    @property
    def accounts(self) -> Table:
        """Every account so far."""
        return self._accounts[: self.count]

    @property
    def positions(self) -> Table:
        """Every slot so far."""
        return self._positions[: self.slots]

    def _keys(self, venue: int, kind: int, size: int) -> Ints:
        """Return whose draws are whose: kind, venue, and the place among those alike."""
        place = self._alike.get((venue, kind), 0)
        self._alike[venue, kind] = place + size
        keys: Ints = row_key(f"{self._venues[venue]}/{kind}", place) + np.arange(size)
        return keys

    def _make_room(self, size: int, held: int) -> None:
        """Move to larger tables where these accounts or slots no longer fit."""
        if self.count + size > len(self._accounts):
            larger = reserved(ACCOUNTS, 2 * (self.count + size))
            larger[: self.count] = self.accounts
            self._accounts = larger
        if self.slots + held > len(self._positions):
            larger = reserved(POSITIONS, 2 * (self.slots + held))
            larger[: self.slots] = self.positions
            self._positions = larger
