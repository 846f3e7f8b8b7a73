"""Small worlds with options: the two venues of options-crash that list them, and nothing else."""

import copy

import numpy as np

from systems import worlds
from tacoma.scenario import from_dict, raw
from tacoma.world.codes import OPTION

PORTFOLIO, STANDARD = 0, 1  # rows of the venues: Deribit's rules, Derive's


def table(accounts=200, **changes):
    """Return the scenario as a table to change; keywords replace fields at the top."""
    result = copy.deepcopy(raw("options-crash")) | {"accounts": accounts, "timeline": []} | changes
    result["venues"] = [v for v in result["venues"] if v["name"] in ("deribit", "derive")]
    for venue in result["venues"]:
        venue["account_share"] = 0.5
    for source in result["sources"]:
        source.pop("local_venue", None)
        source.pop("local_share", None)
    return worlds.narrow(result, ["BTC", "ETH"])


def crashing(accounts=200, drop=0.2, **changes):
    """Return a scenario whose prices fall within seconds, for good."""
    return from_dict(worlds.fall(table(accounts, **changes), drop))


def rows_of_options(built):
    """Return the market rows of all options."""
    return [market.row for market in built.directory.markets if market.kind == OPTION]


def holders(built, venue, way):
    """Return the accounts of the crowd at a venue that are long (1) or short (-1) of an option."""
    world = built.world
    market = world.positions.market.astype(np.int64)
    mine = (world.markets.kind[market] == OPTION) & (np.sign(world.positions.lots) == way)
    accounts = world.positions.account[mine].astype(np.int64)
    kept = (world.accounts.venue[accounts] == venue) & (world.accounts.kind[accounts] == 0)
    return accounts[kept].tolist()
