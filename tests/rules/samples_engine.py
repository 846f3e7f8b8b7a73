"""Random arguments of the rules of sizing and marks that the waterfall and the venues use."""

from rules.rule_samples import (
    LOTS,
    NOTIONAL,
    PPB,
    PPM,
    PRICE,
    draw,
    natural,
    positive,
    schedule,
    signed,
)
from tacoma.bounds import HEALTH_MAX, MARGIN_QUANTA_MAX


def index_with_funding(r: draw) -> list:
    interval = positive(r, 86_400)
    return [natural(r, PRICE), signed(r, PPB - 1), r.randrange(interval + 1), interval]


def discount(r: draw) -> list:
    start, end = sorted([natural(r, PPM), natural(r, PPM)])
    return [natural(r, 10**6), positive(r, 10**6), start, end]


def lots_to_health(r: draw) -> list:
    """Draw accounts that closing a part heals, besides any others."""
    lots, target = natural(r, LOTS), positive(r, HEALTH_MAX * PPM)
    maintenance = natural(r, MARGIN_QUANTA_MAX)
    own = r.choice([maintenance, natural(r, maintenance)])
    needed = maintenance * target // PPM
    equity = r.choice([signed(r, NOTIONAL), min(NOTIONAL, needed - natural(r, own))])
    return [lots, equity, maintenance, own, natural(r, r.choice([own, NOTIONAL])), target]


ARGUMENTS = {
    "mark.index_with_banded_basis": lambda r: [
        *(natural(r, PRICE), signed(r, PRICE), natural(r, PPM)),
    ],
    "mark.index_with_funding": index_with_funding,
    "sizing.discount_ppm": discount,
    "sizing.lots_above_notional": lambda r: [
        *(natural(r, LOTS), positive(r, PRICE), natural(r, NOTIONAL)),
    ],
    "sizing.lots_to_health": lots_to_health,
    "sizing.two_tiers_lower_quanta": lambda r: [
        value for place, value in enumerate(schedule(r)) if place in {0, 1, 5, 6}
    ],
}
