"""The story of one second, as a venue tells it.

1. Everything from outside enters: quotes, orders, transfers, prices of sources, faults.
2. Venues form their indexes, price collateral, mark positions, and value options.
3. Whoever is below maintenance goes down the waterfall of the venue's rulebook.
4. Funding is paid when its time has come.
5. Nothing has appeared and nothing has vanished.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tacoma.reference.conservation import check_conservation
from tacoma.reference.events import Events, MarketFlow, VenueFlow
from tacoma.reference.funding import fund_positions
from tacoma.reference.intake import take_in
from tacoma.reference.liquidation import liquidate
from tacoma.reference.marks import update_marks
from tacoma.reference.options import price_options
from tacoma.reference.prices import look_up_tops, price_collateral, update_indexes
from tacoma.reference.stages.funds import write_down_funds

if TYPE_CHECKING:
    from tacoma.reference.intake import Record
    from tacoma.reference.state import State


def run_step(state: State, records: list[Record]) -> None:
    """Live through one step with the records that enter in it; `state.events` tells what came."""
    begin(state)

    take_in(state, records)

    look_up_tops(state)
    update_indexes(state)
    price_collateral(state)
    update_marks(state)
    price_options(state)

    liquidate(state)

    fund_positions(state)

    look_up_tops(state)
    write_down_funds(state)
    check_conservation(state)


def begin(state: State) -> None:
    """Let the clock go on, and start the notes of the step."""
    state.step += 1
    state.events = Events()
    for market in state.markets:
        market.flow = MarketFlow()
    for venue in state.venues:
        venue.flow = VenueFlow()
