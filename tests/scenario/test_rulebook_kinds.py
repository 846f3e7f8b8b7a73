"""Rulebooks by kind: every word is known, and what contradicts itself is named with its remedy."""

import tomllib
from decimal import Decimal
from importlib import resources
from typing import get_args

import pytest

from tacoma.errors import RulebookError, ScenarioError
from tacoma.scenario import bundled_rulebooks, from_dict, load, load_rulebook, raw
from tacoma.scenario.paths import set_value
from tacoma.scenario.rule_kinds import rule_kinds
from tacoma.scenario.rulebook import FundingRule, LiquidityRule
from tacoma.scenario.rulebook_prices import Index, Mark
from tacoma.scenario.rulebook_waterfall import (
    AdlStage,
    MarketStage,
    ShareStage,
    TakeoverStage,
)
from tacoma.scenario.transplant import transplanted
from tacoma.world import codes

RULEBOOKS = [entry.name for entry in bundled_rulebooks()]
DROP = object()


def words(model, field):
    """Return the words that a field may have."""
    annotation = model.model_fields[field].annotation
    return {word for word in get_args(annotation) if word is not None}


@pytest.mark.parametrize(
    ("model", "field", "known"),
    [
        (MarketStage, "bound", codes.BOUND_KINDS),
        (MarketStage, "sizing", codes.MARKET_SIZINGS),
        (TakeoverStage, "transfer", codes.TRANSFER_KINDS),
        (TakeoverStage, "capacity", codes.CAPACITY_KINDS),
        (TakeoverStage, "sizing", codes.TAKEOVER_SIZINGS),
        (AdlStage, "rank", codes.RANK_KINDS),
        (AdlStage, "price", codes.ADL_PRICE_KINDS),
        (AdlStage, "allocation", codes.ADL_ALLOCATIONS),
        (ShareStage, "kind", codes.SHARE_KINDS),
        (FundingRule, "kind", codes.FUNDING_KINDS),
        (FundingRule, "premium", codes.PREMIUM_KINDS),
        (LiquidityRule, "kind", codes.LIQUIDITY_KINDS),
    ],
)
def test_the_engine_knows_every_word(model, field, known):
    """Each word that a rulebook may use has a number in the engine, and no number is unused."""
    assert words(model, field) == set(known)


@pytest.mark.parametrize(("union", "known"), [(Index, codes.INDEX_KINDS), (Mark, codes.MARK_KINDS)])
def test_the_engine_knows_every_price(union, known):
    """Each kind of index and of mark that a rulebook may name is known to the engine."""
    kinds = {get_args(model.model_fields["kind"].annotation)[0] for model in get_args(union)}
    assert kinds == set(known)


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_bundled_rulebooks_load(rulebook):
    """Each bundled rulebook loads by itself, under a scenario, and again from its resolved form."""
    rules = load_rulebook(rulebook)
    assert set(rule_kinds(rules)) == set(rule_kinds(load_rulebook("okx")))
    scenario = transplanted(load("flash-crash", accounts=100), rulebook)
    assert from_dict(scenario.resolved()) == scenario


def file_of(rulebook):
    """Return a bundled rulebook as its file says."""
    text = (resources.files("tacoma") / f"rulebooks/{rulebook}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def broken(rulebook, changes):
    """Return the message about flash-crash under a rulebook with these fields changed."""
    table = raw("flash-crash")
    place = table["venues"][0]
    place["rules"] = file_of(rulebook)
    place["rules"]["collateral"] = {}
    place["rules"]["prices"]["mark"].pop("external_venues", None)
    place["insurance"] = [
        {"pool": pool, "capital": "1 M USD"} for pool in place["rules"]["insurance"]["pools"]
    ] if place["rules"].get("insurance") else []  # fmt: skip
    takeover = place["rules"]["waterfall"].get("takeover")
    if takeover and takeover["by"] == "backstop":
        place["backstop"] = [{"vault": "V", "capital": "1 M USD", "assets": ["BTC", "ETH", "SOL"]}]
    from_dict(table)  # sound before it is broken
    for path, value in changes.items():
        parts = path.split(".")
        if value is DROP:
            holder = place["rules"]
            for part in parts[:-1]:
                holder = holder[part]
            del holder[parts[-1]]
        elif path.startswith("venue."):
            place[parts[1]] = value
        else:
            set_value(place["rules"], path, value)
    with pytest.raises(ScenarioError) as caught:
        from_dict(table, file="x.toml")
    assert caught.value.exit_code == 2
    return str(caught.value)


R = "x.toml: venues.binance.rules."
M = f"{R}margin."
W = f"{R}waterfall."
STEPS = [[0, "1 %"], [100, "2 %"]]
BROKEN = [
    # -- words and missing fields
    ("okx", {"margin.kind": "brackets"}, f'{M}kind = "brackets": must be one of "tiers", "bracket'),
    ("okx", {"margin.kind": DROP}, f'{M}kind: is missing; it must be one of "tiers", "bracket'),
    ("okx", {"prices.mark.kind": "last"}, f'{R}prices.mark.kind = "last": must be one of "median'),
    ("okx", {"funding.kind": "hourly"}, f'{R}funding.kind = "hourly": must be "interest_clamped'),
    ("okx", {"waterfall.order": ["sell"]}, f'{W}order[0] = "sell": must be "cancel", "market"'),
    ("okx", {"waterfall.adl.rank": "size"}, f'{W}adl.rank = "size": must be "profit_times_lev'),
    ("vertex", {"waterfall.share.kind": "all"}, f'{W}share.kind = "all": must be "none", "profit'),
    ("vertex", {"margin.asset_initial": DROP}, f"{M}asset_initial: is missing"),
    ("synthetix-v3", {"margin.fixed": DROP}, f"{M}fixed: is missing; write it like fixed = "),
    ("okx", {"margin.premium": "1 %"}, f'{M}premium = "1 %": is not a known field; known here'),
    ("okx", {"funding.rate": "1 %"}, f'{R}funding.rate = "1 %": is not a known field'),
    # -- tiers: gaps, overlaps, order
    ("okx", {"margin.tiers.BTC": []}, f"{M}tiers.BTC = []: must have at least one tier, which"),
    ("okx", {"margin.tiers.BTC": [[5, "1 %"]]}, f'{M}tiers.BTC[0] = [5, "1 %"]: must start at 0'),
    ("okx", {"margin.tiers.BTC": [[0, "1 %"], [9, "2 %"], [9, "3 %"]]},
     f'{M}tiers.BTC[2] = [9, "3 %"]: must start above the tier before it (9 USD)'),
    ("bitmex", {"margin.tiers.BTC": [[0, "2 %"], [9, "2 %"]]},
     f'{M}tiers.BTC[1] = [9, "2 %"]: must have a higher rate than the tier before it (2 %)'),
    ("okx", {"margin.tiers.BTC": [[0, "100 %"]]}, "must be more than 0 % and below 100 %"),
    ("okx", {"margin.tiers": {}}, f"{M}tiers = {{}}: must have tiers; write it like default = "),
    ("hyperliquid", {"margin.tiers.BTC": [[0, 10], [9, 20]]},
     f"{M}tiers.BTC[1] = [9, 20]: must have a lower maximum leverage than the tier before it (10)"),
    # -- maintenance above initial, in every schedule
    ("okx", {"margin.tiers.BTC": STEPS, "margin.initial": {"BTC": [[0, "0.5 %"], [100, "3 %"]]}},
     f'{M}initial.BTC[0] = [0, "0.5 %"]: asks for less (0.5 %) than the maintenance margin (1'),
    ("okx", {"margin.tiers.BTC": STEPS, "margin.initial": {"BTC": [[0, "1.5 %"]]}},
     f'{M}initial.BTC[0] = [0, "1.5 %"]: asks for less (1.5 %) than the maintenance margin (2 %)'),
    ("bybit-linear", {"margin.tiers.BTC": STEPS, "margin.initial": {"BTC": [[0, "1.5 %"]]}},
     f'{M}initial.BTC[0] = [0, "1.5 %"]: asks for less (1.5 %) than the maintenance margin (2 %)'),
    ("okx", {"margin.tiers.BTC": STEPS, "margin.initial": {"BTC": [[9, "5 %"]]}},
     f'{M}initial.BTC = [[9, "5 %"]]: must have tiers, the first of which starts at 0 USD'),
    ("hyperliquid", {"margin.maintenance_factor": [3, 2]},
     f"{M}maintenance_factor = [3, 2]: must be at most 1, as [numerator, denominator]"),
    ("lighter", {"margin.maintenance": {"default": "9 %"}, "margin.initial": {"default": "8 %"}},
     f'{M}maintenance.default = "9 %": gives a maintenance rate (9 %) above the initial one (8 %)'),
    ("drift-v2", {"margin.maintenance.BTC": "60 %"}, f'{M}maintenance.BTC = "60 %": gives a'),
    ("derive-standard", {"margin.initial.BTC": "1 bps"}, "gives a maintenance rate ("),
    ("vertex", {"margin.asset_initial.BTC": "98 %"},
     f'{M}asset_initial.BTC = "98 %": must not be above the maintenance weight (0.97)'),
    ("vertex", {"margin.asset_initial.SOL": "98 %"},
     f'{M}asset_initial.SOL = "98 %": must not be above the maintenance weight (0.95)'),
    ("vertex", {"margin.liability_initial.SOL": 1.02},
     f"{M}liability_initial.SOL = 1.02: must not be below the maintenance weight (1.05)"),
    ("vertex", {"margin.asset_maintenance.BTC": 1}, f"{M}asset_maintenance.BTC = 1: must be below"),
    ("vertex", {"margin.liability_maintenance.BTC": 1}, "must be above 1 and below 2"),
    ("deribit", {"margin.maintenance_factor": 3}, f"{M}maintenance_factor = 3: must not be above"),
    ("dydx-v4", {"margin.maintenance_factor.default": 2}, "must be more than 0 and at most 1 (100"),
    ("dydx-v4", {"margin.lower": {"BTC": "5 USD"}}, f"{M}upper.BTC: is missing: lower and upper"),
    ("dydx-v4", {"margin.lower": {"BTC": "5 USD"}, "margin.upper": {"BTC": "5 USD"}},
     f'{M}upper.BTC = "5 USD": must be above lower.BTC (5 USD)'),
    ("synthetix-v3", {"margin.minimum.BTC": "100 %"}, f'{M}minimum.BTC = "100 %": must be below'),
    ("synthetix-v3", {"margin.skew_scale.SOL": DROP},
     'has no value for SOL and no "default"'),
    # -- stages and the accounts that they name
    ("okx", {"waterfall.order": ["adl", "adl"]}, f'{W}order[1] = "adl": must not repeat a stage'),
    ("okx", {"waterfall.takeover": DROP}, f"{W}takeover: is missing: waterfall.order has the sta"),
    ("okx", {"insurance": {"pools": {}}, "venue.insurance": []},
     f'{W}takeover.by = "insurance": names no account: insurance.pools is empty; add a pool, as'),
    ("dydx-v4", {"insurance": {"pools": {}}, "venue.insurance": []},
     f'{W}order[1] = "insurance": names no account: insurance.pools is empty; add a pool'),
    ("hyperliquid-hip3", {"waterfall.adl.trigger": "pool_profit", "waterfall.adl.drawdown": "5 %"},
     f'{W}adl.trigger = "pool_profit": names no account: insurance.pools is empty; add a pool'),
    ("hyperliquid-hip3", {"waterfall.adl.trigger": "takeover_refused"},
     f'{W}adl.trigger = "takeover_refused": needs the stage takeover in waterfall.order; add it'),
    ("okx", {"insurance.pools": {"a": ["*"], "b": ["*"]}},
     f'{R}insurance.pools.b[0] = "*": must be in one pool only; the others (*) is in a too'),
    ("okx", {"insurance.pools": {"a": ["BTC"]}, "venue.insurance": [
        {"pool": "a", "capital": "1 USD"}]}, "must cover every market, since insurance takes over"),
    ("vertex", {"venue.insurance": []},
     "venues.binance.insurance = []: must give the capital of pool fund, which covers BTC, ETH"),
    ("vertex", {"venue.insurance": [{"pool": "fund", "capital": "1 USD"},
                                    {"pool": "found", "capital": "1 USD"}]},
     'venues.binance.insurance.found.pool = "found": must be a pool of the rulebook: fund'),
    ("ccp-span", {"insurance.layers": [{"name": "a", "share": "50 %"}]}, "have shares that add up"),
    # -- fields that a kind needs, and fields without meaning
    ("okx", {"waterfall.adl.window": DROP}, f"{W}adl.window: is missing: trigger is fund_drawdown"),
    ("okx", {"waterfall.adl.drawdown": DROP}, f"{W}adl.drawdown: is missing: trigger is fund_dra"),
    ("dydx-v4", {"waterfall.market.spread_to_maintenance": DROP},
     f"{W}market.spread_to_maintenance: is missing: bound is fillable; write it like spread_to_ma"),
    ("synthetix-v3", {"waterfall.takeover.window": DROP}, f"{W}takeover.window: is missing: siz"),
    ("derive-standard", {"waterfall.takeover.auction_time": DROP}, "missing: transfer is auction"),
    ("derive-standard", {"waterfall.takeover.discount_start": 1}, "must be above discount_start"),
    ("derive-standard", {"waterfall.takeover.sizing": "portion"}, 'be "all": transfer auction'),
    ("dydx-v4-isolated", {"settlement.order": "collateral_first"}, f"{R}settlement.halt: is missi"),
    ("dydx-v4", {"waterfall.market.deviation": "5 %"},
     f'{W}market.deviation = "5 %": has no meaning with bound = fillable; remove it'),
    ("dydx-v4", {"waterfall.market.health": 2}, "has no meaning with sizing = slices; remove it"),
    ("okx", {"waterfall.market.first_slice": "20 %"}, "has no meaning with sizing = two_tiers"),
    ("okx", {"waterfall.takeover.fee": "1 %"}, "no meaning with transfer = at_bankruptcy_price"),
    ("okx", {"waterfall.takeover.portion": "50 %"}, "has no meaning with sizing = all; remove it"),
    ("okx", {"waterfall.takeover.window": "50 s"}, "has no meaning with sizing = all; remove it"),
    ("mango-v4", {"waterfall.takeover.auction_time": "9 s"}, "no meaning with transfer = at_mar"),
    ("dydx-v4", {"waterfall.adl.drawdown": "5 %"}, "has no meaning with trigger = negative_equity"),
    ("dydx-v4", {"waterfall.adl.cap": "5 %"}, "has no meaning with allocation = greedy; remove it"),
    ("dydx-v4", {"waterfall.market.sizing": "to_health", "waterfall.market.health": 0.5},
     f"{W}market.health = 0.5: must be at least 1: equity ends at this many times maintenance"),
    ("vertex", {"waterfall.takeover.target": 0.5}, f"{W}takeover.target = 0.5: must be at least 1"),
    ("paradex", {"waterfall.takeover.target": 1.5}, f"{W}takeover.target = 1.5: must be at most 1"),
    ("paradex", {"waterfall.takeover.portion": "30 %"},
     f'{W}takeover.portion = "30 %": must be one of at most 1000 equal parts of the whole'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rulebook", "changes", "message"), BROKEN, ids=[" ".join([r, *c]) for r, c, _ in BROKEN]
)
def test_what_contradicts_itself_is_named(rulebook, changes, message):
    """The message names file, field, value, what is allowed, and what to do."""
    assert message in broken(rulebook, changes)


# ------------------------------------------------------------------- rulebooks by themselves


def written(path, table):
    """Write a rulebook's text without one of its rules' sources; return its path."""
    path.write_text(table, encoding="utf-8")
    return path


def text_of(rulebook):
    return (resources.files("tacoma") / f"rulebooks/{rulebook}.toml").read_text(encoding="utf-8")


def test_a_rule_without_a_source(tmp_path):
    """A rule that no provenance entry covers is named, with an entry to copy."""
    text = text_of("lighter").replace('"liquidation.', '"liquidated.')
    with pytest.raises(RulebookError) as caught:
        load_rulebook(written(tmp_path / "mine.toml", text))
    message = str(caught.value)
    assert "mine.toml: liquidation.comparison" in message
    assert 'has no source; cover it with a [[provenance]] entry: paths = ["liquidation.' in message


def test_a_rulebook_of_its_own_is_found_by_its_path(tmp_path):
    """A copy of a bundled rulebook, given by its path, is that rulebook and can be transplanted."""
    path = written(tmp_path / "mine.toml", text_of("gmx-v2"))
    assert load_rulebook(path) == load_rulebook("gmx-v2")
    moved = transplanted(load("flash-crash", accounts=100), path)
    assert moved.venues[0].rules.margin == load_rulebook("gmx-v2").margin


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        ({"all": ["*"]}, {"BTC": "all", "SOL": "all"}),
        ({"big": ["BTC"], "rest": ["*"]}, {"BTC": "big", "SOL": "rest"}),
        ({"a-rest": ["*"], "big": ["BTC"]}, {"BTC": "big", "SOL": "a-rest"}),
        ({"big": ["BTC"]}, {"BTC": "big", "SOL": None}),
        ({}, {"BTC": None}),
    ],
)
def test_a_pool_for_all_others(pools, expected):
    """The pool that names a coin serves it; "*" serves every other, in whatever order they are."""
    rule = type(load_rulebook("okx").insurance).model_validate({"pools": pools})
    assert {asset: rule.pool_of(asset) for asset in expected} == expected
