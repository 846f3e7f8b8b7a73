"""What a venue's door must reject, said again in plain Python."""

from tacoma.world.codes import (
    CANCEL,
    FAULT,
    FAULT_DEPTH,
    FAULT_GATEWAY,
    FAULT_SOURCE,
    LIMIT,
    OPTION,
    ORDER,
    PARAMETER,
    QUOTE,
    SOURCE,
    SPOT,
    TRANSFER,
)

LARGEST = 2**31 - 1  # of lots and of a price
MONEY = 2**62 - 1
MILLION = 10**6
KINDS = (QUOTE, ORDER, TRANSFER, SOURCE, FAULT, PARAMETER, LIMIT, CANCEL)


def _fault(world, row):
    what, component = row["market"], row["account"]
    assets, sources = world.components.sources.shape
    if what == FAULT_GATEWAY:
        known = 0 <= component < len(world.components.availability_ppm)
        return known and 0 <= row["first"] <= MILLION
    if what == FAULT_DEPTH:
        return 0 <= component < len(world.markets) and 0 <= row["first"] <= 1000 * MILLION
    if what == FAULT_SOURCE:
        known = 0 <= component < assets * sources
        state = 0 <= row["first"] <= 4 and 0 <= row["second"] < 600
        return known and state and 0 <= row["third"] <= 1000 * MILLION
    return False  # a label, which changes nothing


def _has_slot(world, account, market):
    first, last = int(world.accounts.slot_first[account]), int(world.accounts.slot_last[account])
    return market in world.positions.market[first:last].tolist()


def _money_or_order(world, row):
    """Say so of what names an account and a market that both exist."""
    kind, first, second = row["kind"], row["first"], row["second"]
    if kind == TRANSFER:
        return abs(first) <= MONEY
    if kind == CANCEL:
        return True
    if not _has_slot(world, row["account"], row["market"]):
        return False
    if kind == QUOTE:
        sizes = all(0 <= row[name] <= LARGEST for name in ("third", "fourth"))
        return 1 <= first <= LARGEST and 0 <= second <= LARGEST and sizes
    least = 1 if kind == LIMIT else 0
    return 0 < abs(first) <= LARGEST and least <= second <= LARGEST


def is_sound(world, row):
    """Say whether a record may change anything; every other one must leave no trace."""
    kind, market = row["kind"], row["market"]
    if kind not in KINDS:
        return False
    if kind == FAULT:
        return _fault(world, row)
    if kind == SOURCE:
        assets, sources = world.oracles.heard.shape
        known = 0 <= row["account"] < assets and 0 <= market < sources
        return known and 1 <= row["first"] <= LARGEST
    if not 0 <= market < len(world.markets):
        return False
    if int(world.markets.kind[market]) == OPTION and kind not in (TRANSFER, CANCEL):
        return False
    if kind == PARAMETER:
        on_venue = int(world.markets.venue[market]) < len(world.venues)
        is_collateral = on_venue and int(world.markets.kind[market]) == SPOT
        return is_collateral and 0 <= row["first"] <= MILLION
    return 0 <= row["account"] < len(world.accounts) and _money_or_order(world, row)
