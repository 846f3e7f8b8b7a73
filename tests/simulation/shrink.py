"""
From a failing world to a small one in which the same invariant still fails.

Every step proposes a simpler case and keeps it if the invariant fails there too: fewer steps, fewer
records (delta debugging), no timeline, fewer accounts, venues, markets and collateral assets, and
each rule put back to a plain one.
"""

import copy

from simulation import stepping
from simulation.runner import run_case

PLAIN_RULES = {
    "collateral": {},
    "margin": {"kind": "flat", "maintenance": {"default": "1 %"}, "initial": {"default": "2 %"}},
    "liquidity": {"kind": "order_book", "fee": "0 %"},
    "liquidation": {
        "comparison": "equity < maintenance", "price": "mark", "interval": "1 s", "fee": "0 %",
        "order": "account",
    },
    "settlement": {"order": "insurance_first", "isolated_pools": [], "halt": "5 s"},
    "funding": {
        "kind": "none", "interval": "8 h", "interest": "0 %", "clamp": "0 %", "cap": "0 %",
        "price": "mark", "premium": "impact",
    },
    "account": {"modes": ["cross"]},
}  # fmt: skip
PLAIN_STAGES = {
    "market": {
        "bound": "bankruptcy", "sizing": "slices", "first_slice": "1", "cooldown": "0 s",
    },
    "takeover": {
        "by": "insurance", "transfer": "at_bankruptcy_price", "interval": "1 s", "sizing": "all",
        "threshold": [1, 1], "capacity": "fund_not_negative",
    },
    "adl": {
        "trigger": "negative_equity", "interval": "1 s", "rank": "profit",
        "price": "bankruptcy", "allocation": "greedy",
    },
    "share": {"kind": "none"},
}  # fmt: skip
PLAIN_PEOPLE = {
    "isolated_share": "0", "hedged_share": "0", "positions": ["1", "0", "0"], "entry_spread": "0",
    "short_entry_premium": "0", "collateral_share": "0", "option_share": "0", "stop_share": "0",
    "profit_share": "0", "top_up_share": "0", "alert_slack": "0",
}  # fmt: skip


class Shrinker:
    """Proposes simpler cases until none fails any more, or the budget of runs is used up."""

    def __init__(self, case, verdict, *, pieces=stepping, budget=400, run=run_case):
        """Start from a failing case; `budget` is the most runs to make."""
        self.case, self.verdict = case, verdict
        self.pieces, self.left, self.run = pieces, budget, run

    def try_case(self, case):
        """Keep a simpler case if the same invariant fails in it; say whether."""
        if self.left <= 0:
            return False
        self.left -= 1
        verdict = self.run(case, pieces=self.pieces, deep=self.second_runs())
        if not verdict.same(self.verdict):
            return False
        self.case, self.verdict = case, verdict
        return True

    def second_runs(self):
        """Return which second runs are needed to see the failure."""
        from simulation.twice import CHECKS

        return [self.verdict.invariant] if self.verdict.invariant in CHECKS else []

    def edited(self, edit):
        """Try the case with its scenario changed in place by a function."""
        table = copy.deepcopy(self.case.scenario)
        if edit(table) is False or table == self.case.scenario:
            return False
        return self.try_case(self.case.change(scenario=table))

    def shrink(self):
        """Return the smallest case found and its verdict."""
        before = None
        while before != self.case and self.left > 0:
            before = self.case
            self.fewer_steps()
            self.fewer_records()
            self.fewer_accounts()
            self.fewer_things()
            self.plainer_rules()
        return self.case, self.verdict

    def fewer_steps(self):
        """End at the step that failed, or earlier."""
        if 0 < self.verdict.step < self.case.steps:
            kept = [r for r in self.case.records if r["step"] <= self.verdict.step]
            self.try_case(self.case.change(steps=self.verdict.step, records=kept))
        low, high = 0, self.case.steps
        while high - low > 1:
            middle = (low + high) // 2
            if self.try_case(self.case.change(steps=middle)):
                high = min(middle, self.case.steps)
            else:
                low = middle

    def fewer_records(self):
        """Leave out records by halves, quarters, and so on, as delta debugging does."""
        size = len(self.case.records)
        while size >= 1:
            first = 0
            while first < len(self.case.records):
                records = self.case.records
                fewer = records[:first] + records[first + size :]
                if not self.try_case(self.case.change(records=fewer)):
                    first += size
            size //= 2

    def fewer_accounts(self):
        """Draw the population anew with fewer in it, the fewest first."""
        for accounts in (2, 3, 4, 6, 8, 12, 16, 24):
            if accounts < self.case.accounts and self.try_case(self.case.change(accounts=accounts)):
                return

    def fewer_things(self):
        """Leave out events, venues, markets, options, collateral, makers, desks."""
        for place in reversed(range(len(self.case.scenario["timeline"]))):
            self.edited(lambda t, place=place: t["timeline"].pop(place) and None)
        for place in reversed(range(len(self.case.scenario["venues"]))):
            self.edited(lambda t, place=place: without_venue(t, place))
        for symbol in [a["symbol"] for a in self.case.scenario["assets"]][::-1]:
            self.edited(lambda t, symbol=symbol: without_asset(t, symbol))
        for key, value in PLAIN_PEOPLE.items():
            self.edited(lambda t, key=key, value=value: t["population"].update({key: value}))
        self.edited(lambda t: t["makers"].update(count=1, shares=["1"]))
        self.edited(lambda t: t["desks"].update(count=1))
        self.edited(lambda t: t["arbitrage"].update(desks=0))
        for asset in range(len(self.case.scenario["assets"])):
            self.edited(lambda t, asset=asset: flat_prices(t, asset))

    def plainer_rules(self):
        """Put rules back to plain ones, drop stages, and drop what a venue lists besides."""
        for place in range(len(self.case.scenario["venues"])):
            for key in ("options", "backstop", "spot_markets"):
                self.edited(lambda t, p=place, k=key: t["venues"][p].pop(k, None) and None)
            for option in reversed(
                range(len(self.case.scenario["venues"][place].get("options", [])))
            ):
                self.edited(lambda t, p=place, o=option: t["venues"][p]["options"].pop(o) and None)
            for key, value in PLAIN_RULES.items():
                self.edited(
                    lambda t, p=place, k=key, v=value: t["venues"][p]["rules"].update({k: v})
                )
            rules = self.case.scenario["venues"][place]["rules"]
            for stage in list(rules["waterfall"]["order"]):
                self.edited(lambda t, p=place, s=stage: without_stage(t, p, s))
            for stage, plain in PLAIN_STAGES.items():
                self.edited(lambda t, p=place, s=stage, v=plain: plain_stage(t, p, s, v))


def without_venue(table, place):
    """Leave out one venue, and what refers to it; False if it is the last."""
    if len(table["venues"]) == 1:
        return False
    name = table["venues"].pop(place)["name"]
    table["venues"][0]["account_share"] = "1"
    for venue in table["venues"][1:]:
        venue["account_share"] = "0"
    parts = {1: ["1"], 2: ["0.5", "0.5"]}[len(table["venues"])]
    for venue, part in zip(table["venues"], parts, strict=True):
        venue["account_share"] = part
        venue["rules"]["prices"]["mark"].pop("external_venues", None)
    for source in table["sources"]:
        if source.get("local_venue") == name:
            del source["local_venue"], source["local_share"]
    table["timeline"] = [event for event in table["timeline"] if event.get("venue") != name]
    return None


def without_asset(table, symbol):
    """Leave out one asset with its markets; False where something needs it."""
    if sum("anchors" in asset for asset in table["assets"]) == 1 and any(
        asset["symbol"] == symbol and "anchors" in asset for asset in table["assets"]
    ):
        return False
    table["assets"] = [asset for asset in table["assets"] if asset["symbol"] != symbol]

    def kept(rows):
        return [row for row in rows if row["asset"] != symbol]

    table["spot"]["markets"] = kept(table["spot"]["markets"])
    for venue in table["venues"]:
        for key in ("markets", "spot_markets", "options"):
            if key in venue:
                venue[key] = kept(venue[key])
        venue["rules"]["collateral"].pop(symbol, None)
        for vault in venue.get("backstop", []):
            vault["assets"] = [name for name in vault["assets"] if name != symbol]
    table["timeline"] = [event for event in table["timeline"] if event.get("asset") != symbol]
    return None


def flat_prices(table, place):
    """Keep an asset at its first price."""
    for anchor in table["assets"][place].get("anchors", []):
        anchor[1] = table["assets"][place]["anchors"][0][1]


def without_stage(table, place, stage):
    """Leave a stage out of a waterfall; False if it is the last."""
    waterfall = table["venues"][place]["rules"]["waterfall"]
    if len(waterfall["order"]) == 1:
        return False
    waterfall["order"] = [name for name in waterfall["order"] if name != stage]
    waterfall.pop(stage, None)
    return None


def plain_stage(table, place, stage, plain):
    """Put one stage back to its plain form."""
    waterfall = table["venues"][place]["rules"]["waterfall"]
    if stage not in waterfall:
        return False
    waterfall[stage] = plain
    return None


def shrink(case, verdict, **options):
    """Return the smallest case found in which the same invariant fails, and its verdict."""
    return Shrinker(case, verdict, **options).shrink()
