"""The words by which a rulebook names its rules: one row per venue, one column per kind of rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tacoma.scenario.rulebook import Rulebook

NONE = "-"


def rule_kinds(rules: Rulebook) -> dict[str, str]:
    """Return the kind of each rule of a rulebook, in the order in which they act."""
    waterfall = rules.waterfall
    market = waterfall.market if "market" in waterfall.order else None
    takeover = waterfall.takeover if "takeover" in waterfall.order else None
    adl = waterfall.adl if "adl" in waterfall.order else None
    share = waterfall.share if "share" in waterfall.order else None
    return {
        "accounts": ", ".join(rules.account.modes),
        "liquidity": rules.liquidity.kind,
        "index": rules.prices.index.kind,
        "mark": rules.prices.mark.kind,
        "margin": rules.margin.kind,
        "trigger": rules.liquidation.comparison,
        "stages": " > ".join(waterfall.order),
        "book": f"{market.sizing}, bound {market.bound}" if market else NONE,
        "take-over": (
            f"{takeover.by}: {takeover.sizing}, {takeover.transfer}" if takeover else NONE
        ),
        "insurance": _insurance(rules),
        "ADL": f"{adl.trigger}: {adl.rank}, {adl.allocation}, {adl.price}" if adl else NONE,
        "loss sharing": share.kind if share else NONE,
        "funding": rules.funding.kind,
        "settlement": _settlement(rules),
    }


def _insurance(rules: Rulebook) -> str:
    """Return the scope of the insurance funds and their layers."""
    pools = rules.insurance.pools
    if not pools:
        return NONE
    scope = "one fund" if len(pools) == 1 else f"{len(pools)} funds"
    layers = rules.insurance.layers
    return f"{scope}, {len(layers)} layers" if layers else scope


def _settlement(rules: Rulebook) -> str:
    """Return how pools settle, where there are any."""
    pools = rules.settlement.isolated_pools
    return f"{rules.settlement.order} ({len(pools)} pools)" if pools else NONE
