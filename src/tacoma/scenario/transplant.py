"""
One population, one shock, another rulebook: a scenario whose accounts stand on another venue.

The first venue of the scenario stays, with all accounts, its markets, makers and books; its rules
become the rulebook's, its funds those that the rulebook names. The other venues go.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tacoma.scenario.load import from_dict, load_rulebook

if TYPE_CHECKING:
    from pathlib import Path

    from tacoma.scenario.rulebook import Rulebook
    from tacoma.scenario.schema import Scenario, Venue

VAULT = "Backstop"


def transplanted(scenario: Scenario, rulebook: str | Path) -> Scenario:
    """
    Return the scenario with all its accounts under another rulebook.

    The capital of all funds of the scenario's venues, together, stands behind the new venue: it is
    shared over the insurance pools by open interest, and where a rulebook has both pools and a
    backstop, half of it is the backstop's. Rules that need what the scenario lacks are left out:
    collateral without a book, prices of other venues; and options where nobody could take them
    over. Raises RulebookError, ScenarioError.
    """
    rules = load_rulebook(rulebook)
    venue = scenario.venues[0]
    table = scenario.resolved()
    entry: dict[str, Any] = next(v for v in table["venues"] if v["name"] == venue.name)
    entry |= {"rulebook": str(rulebook), "account_share": "1"}
    entry["rules"] = _rules(rules, scenario, venue)
    entry |= _funds(rules, scenario, venue)
    if "takeover" not in rules.waterfall.order:
        entry["options"] = []
    if not entry["options"]:
        table["population"]["option_share"] = "0"
    gone = {other.name for other in scenario.venues[1:]}
    table["venues"] = [entry]
    table["title"] = f"under {rules.name}: {scenario.title}"
    table["timeline"] = [event for event in table["timeline"] if event.get("venue") not in gone]
    for source in table["sources"]:
        if source.get("local_venue") in gone:
            del source["local_venue"], source["local_share"]
    return from_dict(table, file=f"{scenario.name} under {rules.name}")


def _rules(rules: Rulebook, scenario: Scenario, venue: Venue) -> dict[str, Any]:
    """Return a rulebook's table without what the scenario cannot give."""
    table: dict[str, Any] = rules.model_dump(mode="json", exclude_none=True)
    books = {market.asset for market in venue.spot_markets}
    kept = venue.rules.collateral
    table["collateral"] = {
        symbol: rule
        for symbol, rule in table["collateral"].items()
        if symbol in books and symbol in kept
    }
    if "external_venues" in table["prices"]["mark"]:
        table["prices"]["mark"]["external_venues"] = []
    sources = {source.name for source in scenario.sources}
    weights = table["prices"]["index"]["weights"]
    table["prices"]["index"]["weights"] = {
        name: weight for name, weight in weights.items() if name in sources
    }
    return table


def _funds(rules: Rulebook, scenario: Scenario, venue: Venue) -> dict[str, Any]:
    """Return the pools and vaults that a rulebook names, with the capital of all the scenario's."""
    capital = 0
    for place in scenario.venues:
        capital += sum(pool.capital for pool in place.insurance)
        capital += sum(vault.capital for vault in place.backstop)
    takeover = rules.waterfall.takeover if "takeover" in rules.waterfall.order else None
    interest: dict[str, int] = {}
    for market in venue.markets:
        pool = rules.insurance.pool_of(market.asset)
        if pool is not None:
            interest[pool] = interest.get(pool, 0) + market.open_interest
    has_vault = takeover is not None and takeover.by == "backstop"
    insured = capital // 2 if has_vault and interest else capital
    funds: dict[str, Any] = {"insurance": [], "backstop": []}
    for pool, share in interest.items():
        quanta = int(insured * Fraction(share, sum(interest.values())))
        funds["insurance"].append({"pool": pool, "capital": _money(quanta)})
    if has_vault:
        left = capital - insured if interest else capital
        assets = [market.asset for market in venue.markets]
        funds["backstop"] = [{"vault": VAULT, "capital": _money(left), "assets": assets}]
    return funds


def _money(quanta: int) -> str:
    from tacoma.units import money_text

    return money_text(max(quanta, 1))
