"""What a default fund's layers bore, and whether it would have covered its two largest defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tacoma.rules.losses.default_waterfall import consume_layers, cover_n_quanta
from tacoma.units import QUANTA_PER_USD
from tacoma.world.codes import STAGES

if TYPE_CHECKING:
    from tacoma.lab.drive import Driven
    from tacoma.scenario.schema import Scenario
    from tacoma.world.layout import Ints

COVER = 2  # the standard of systemically important clearing houses (PFMI 4)


def clearing(scenario: Scenario, driven: Driven, venue: int) -> dict[str, Any]:
    """
    Return what each layer of a venue's insurance bore, in USD; nothing where it has no layers.

    The loss is what its funds had at the start less the least they had. `cover_2_usd` adds up the
    two largest debts that single accounts left: a fund of that standard holds at least as much.
    """
    layers = scenario.venues[venue].rules.insurance.layers
    if not layers:
        return {}
    directory = driven.built.directory
    mine = [
        place
        for place, fund in enumerate(directory.funds)
        if (fund.venue, fund.kind) == (venue, "insurance")
    ]
    start = sum(directory.funds[place].capital_quanta for place in mine)
    equity = driven.built.world.record.fund[1 : driven.steps + 1][:, mine, 0].sum(axis=1)
    loss = start - int(equity.min())
    capacities = np.array([int(start * layer.share) for layer in layers], dtype=np.int64)
    borne = np.zeros(len(layers), dtype=np.int64)
    uncovered = consume_layers(loss, capacities, len(layers), borne)
    debts = _debts(driven, venue)
    return {
        "layers": [
            {
                "name": layer.name,
                "capital_usd": int(capacity) / QUANTA_PER_USD,
                "used_usd": int(used) / QUANTA_PER_USD,
            }
            for layer, capacity, used in zip(layers, capacities, borne, strict=True)
        ],
        "beyond_layers_usd": int(uncovered) / QUANTA_PER_USD,
        "cover_2_usd": int(cover_n_quanta(debts, len(debts), COVER)) / QUANTA_PER_USD,
    }


def _debts(driven: Driven, venue: int) -> Ints:
    """Return what each account of a venue owed when it was taken over or written off."""
    accounts = driven.built.world.accounts
    rows = driven.liquidations
    lost = np.isin(rows.stage, [STAGES.index("takeover"), STAGES.index("bad_debt")])
    rows = rows[lost & (accounts.venue[rows.account] == venue) & (rows.equity < 0)]
    debts: Ints = np.zeros(len(accounts), dtype=np.int64)
    np.add.at(debts, rows.account, -rows.equity)
    return debts[debts > 0]
