"""
From a seed to a scenario: a small world, drawn whole.

The table is what a scenario file would hold, in JSON's types alone, so that a failing world can be
written down and read again without this generator.
"""

from simulation.dice import Dice
from simulation.rulebooks import rulebook

COINS = (("AAA", 100_000, "0.001"), ("BBB", 4_000, "0.01"), ("CCC", 200, "0.1"))
WRAPPED = (("USDX", "USD", 1, "10"), ("WAAA", "AAA", "1.08", "0.001"))
SOURCES = ("north", "south", "east", "west")
START = 15 * 3600 + 59 * 60 + 50  # ten seconds before a funding time of any interval
STEPS = (10, 14, 20, 28, 40)
SPREADS = ("0.1 bps", "1 bps", "20 bps")
# What an asset's value does: factors on its first price at the start, at one third, in the step
# after it, and at the end.
COURSES = {
    "calm": (1, 1, 1, 1), "mild": (1, 1, "0.93", "0.95"), "crash": (1, 1, "0.5", "0.4"),
    "flash": (1, 1, "0.2", "0.9"), "rise": (1, 1, 3, 5), "collapse": (1, 1, "0.011", "0.012"),
    "rocket": (1, 1, 49, 50), "whip": (1, 1, "0.3", 3), "slide": (1, "0.9", "0.88", "0.8"),
    "climb": (1, "1.1", "1.12", "1.3"),
}  # fmt: skip


def time_of(step, seconds):
    """Return the time of day of a step."""
    second = START + step * seconds
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def _anchors(dice, price, steps, seconds):
    course = COURSES[dice.one(*COURSES)]
    third = max(1, steps // 3)
    times = [0, third, third + 1, steps]
    return [
        [time_of(step, seconds), str(round(price * float(factor), 6))]
        for step, factor in zip(times, course, strict=True)
    ]


def _assets(dice, coins, wrapped, steps, seconds):
    assets = []
    for symbol, price, lot in coins:
        size = dice.one("1", "1", "2", "0.2", "0.3")
        assets.append({
            "symbol": symbol, "lot": str(round(float(lot) * float(size), 9)),
            "volatility": dice.one("40 %", "0.001 %", "300 %"), "loading": dice.one(1, 0),
            "anchors": _anchors(dice, price, steps, seconds),
        })  # fmt: skip
    for symbol, underlying, ratio, lot in wrapped:
        assets.append({
            "symbol": symbol, "lot": lot, "volatility": dice.one("1 %", "100 %"), "loading": 0,
            "redemption": {"underlying": underlying, "ratio": ratio},
        })  # fmt: skip
    # The largest price of a lot has to fit.
    peaks = {a["symbol"]: max(float(p) for _, p in a["anchors"]) for a in assets[: len(coins)]}
    for asset in assets:
        redeemed = asset.get("redemption", {"underlying": asset["symbol"], "ratio": 1})
        peak = peaks.get(redeemed["underlying"], 1) * float(redeemed["ratio"])
        if peak * float(asset["lot"]) >= 2_000:
            asset["lot"] = "0.0002"
    return assets


def _options(dice, symbols):
    listed = []
    for _ in range(dice.randint(1, 3)):
        listed.append({
            "asset": dice.one(*symbols), "kind": dice.one("put", "call"),
            "strike": dice.one("95 %", "105 %", "300 %", "1 %", "100 %"),
            "expiry": dice.one("72 h", "30 s", "10 s", "720 h"),
            "volatility": dice.one("60 %", "1000 %", "5 %"),
            "open_interest": dice.one("120 M USD", "1 M USD", "50 M USD"),
        })  # fmt: skip
    unique = {(o["asset"], o["kind"], o["strike"], o["expiry"]): o for o in listed}
    return list(unique.values())


def _perpetual(dice, symbol):
    return {
        "asset": symbol,
        "open_interest": dice.one("300 M USD", "300 M USD", "10 M USD", "200_000 USD", "2 B USD"),
        "long_share": dice.one("0.6", "1", "0.01", "0.3"),
        "short_share": dice.one("0.4", "1", "0.3", "0.02"),
        "depth": dice.one("6 M USD", "60 M USD", "1 USD", "100_000 USD"),
        "half_spread": dice.one(*SPREADS),
    }


def _venue(dice, name, share, coins, wrapped, others):
    symbols = [symbol for symbol, _, _ in coins]
    collateral = {}
    for symbol, underlying, _, _ in wrapped:
        if dice.chance(0.7):
            redeemable = underlying == "USD" or underlying in symbols
            kinds = ["own_book", "redemption"] if redeemable else ["own_book"]
            collateral[symbol] = dice.one(*kinds, "index" if underlying != "USD" else "own_book")
    rules = rulebook(dice, symbols, collateral, SOURCES, others)
    takeover = rules["waterfall"].get("takeover")
    capital = ("1 USD", "100_000 USD", "3 M USD", "500 M USD")
    table = {
        "name": name, "rulebook": "drawn", "account_share": share, "rules": rules,
        "markets": [_perpetual(dice, symbol) for symbol in symbols],
        "spot_markets": [
            {"asset": symbol, "depth": dice.one("10 M USD", "1000 USD"), "half_spread": "3 bps"}
            for symbol in collateral
        ],
        "insurance": [
            {"pool": pool, "capital": dice.one(*capital)} for pool in rules["insurance"]["pools"]
        ],
    }  # fmt: skip
    if takeover and takeover["by"] == "backstop":
        cut = dice.randint(1, len(symbols))
        parts = [part for part in (symbols[:cut], symbols[cut:]) if part]
        table["backstop"] = [
            {"vault": f"vault {place}", "capital": dice.one(*capital), "assets": part}
            for place, part in enumerate(parts)
        ]
    if takeover and dice.chance(0.2):
        table["options"] = _options(dice, symbols)
    return table


def _population(dice, has_options):
    groups = dice.one(
        [("all", 1, 1, [1, 40])],
        [("low", "0.5", "0.7", [1.5, 5]), ("high", "0.5", "0.3", [15, 40])],
        [("all", 1, 1, [100, 1000])],
        [("all", 1, 1, [1, 1])],
        [("middle", 1, 1, [5, 15])],
    )
    return {
        "size_tail": dice.one("0.9", "2", "0.5"),
        "largest_share": dice.one("20 %", "50 %", "100 %"),
        "isolated_share": dice.one("35 %", "0", "1"), "hedged_share": dice.one("6 %", "1"),
        "positions": dice.one(["0.70", "0.22", "0.08"], ["0", "0", "1"], ["1", "0", "0"]),
        "entry_spread": dice.one("6 %", "0", "30 %"), "short_entry_premium": dice.one("5 %", "0"),
        "collateral_share": dice.one("20 %", "1", "0"), "collateral_part": dice.one("70 %", "1"),
        "option_share": dice.one("0.2", "1") if has_options else "0",
        "wallet_share": "45 %", "wallet_part": dice.one("50 %", "10"),
        "stop_share": dice.one("12 %", "1"), "stop_distances": ["1 %", "3 %", "10 %"],
        "profit_share": "40 %", "profit_distances": ["4 %", "10 %"],
        "alert_slack": dice.one("45 %", "0", "1"), "reaction_time": dice.one("2 s", "30 s"),
        "reaction_spread": 1, "top_up_share": dice.one("30 %", "100 %", "0"),
        "close_share": "0",
        "groups": [
            {"name": name, "accounts": part, "interest": interest, "leverage": leverage}
            for name, part, interest, leverage in groups
        ],
    }  # fmt: skip


def _timeline(dice, venues, steps, seconds):
    def span():
        first = dice.randint(1, steps - 1)
        last = dice.one(min(steps, first + dice.randint(1, 10)), steps)
        return {"at": time_of(first, seconds), "until": time_of(max(last, first + 1), seconds)}

    events, places = [], [venue["name"] for venue in venues]
    for _ in range(dice.one(0, 0, 1, 2, 4)):
        kind = dice.one("gateway", "depth", "source", "source", "volatility")
        event = {"kind": kind, "label": kind} | span()
        if kind == "gateway":
            event |= {"venue": dice.one(*places), "availability": dice.one("0 %", "40 %")}
        elif kind == "depth":
            factor = dice.one("0", "0", "0.04", "10")
            event |= {"venue": "all", "asset": venues[0]["markets"][0]["asset"], "factor": factor}
        elif kind == "source":
            mode = dice.one("frozen", "lagging", "lying", "dead")
            event |= {"source": dice.one(*SOURCES), "mode": mode}
            if mode == "lagging":
                event["lag"] = f"{seconds * dice.one(1, 5)} s"
            if mode == "lying":
                event["factor"] = dice.one("0.9", "0.01", "50", "2")
        else:
            event["factor"] = dice.one("3", "30")
        events.append(event)
    if dice.chance(0.1):  # all of them at once
        events += [
            {"kind": "source", "label": "dead", "source": name, "mode": "dead",
             "at": time_of(2, seconds), "until": time_of(steps, seconds)} for name in SOURCES
        ]  # fmt: skip
    sold = [v for v in venues if v["spot_markets"]]
    if sold and dice.chance(0.2):
        place = dice.one(*sold)
        events.append({
            "kind": "sell", "label": "sale", "venue": place["name"], "amount": "1 M USD",
            "asset": place["spot_markets"][0]["asset"],
        } | span())  # fmt: skip
    return events


def scenario_table(seed, attempt=0):
    """
    Return the scenario of a seed as a table; another attempt draws another world.

    Rules are drawn independently of each other, so some tables contradict themselves: `case.drawn`
    takes the first attempt that the loader accepts.
    """
    dice = Dice("world", f"{seed}/{attempt}")
    steps, seconds = dice.one(*STEPS), dice.one(1, 1, 1, 1, 5, 60)
    coins = list(COINS[: dice.one(1, 1, 2, 3)])
    wrapped = dice.some(WRAPPED if coins[0][0] == "AAA" else WRAPPED[:1], 0, 2)
    shares = dice.one(["1"], ["1"], ["1"], ["0.6", "0.4"], ["0.5", "0.3", "0.2"])
    names = [f"venue{place}" for place in range(len(shares))]
    venues = [
        _venue(
            dice, name, share, dice.some(coins, 1, 3) if place else coins, wrapped, names[:place]
        )
        for place, (name, share) in enumerate(zip(names, shares, strict=True))
    ]
    makers = dice.one(1, 2)
    return {
        "name": "drawn", "title": f"Drawn from seed {seed}", "seed": seed % 2**63, "accounts": 100,
        "clock": {
            "start": f"2026-01-15T{time_of(0, seconds)}Z",
            "end": f"2026-01-15T{time_of(steps, seconds)}Z", "step": f"{seconds} s",
        },
        "assets": _assets(dice, coins, wrapped, steps, seconds),
        "sources": [
            {"name": name, "noise": dice.one("0 bps", "2 bps"), "lag": f"{seconds * (place % 2)} s"}
            | ({"local_venue": names[0], "local_share": "0.7"} if place == 0 else {})
            for place, name in enumerate(SOURCES)
        ],
        "spot": {"name": "spot", "gateway_availability": "100 %", "markets": [
            {"asset": symbol, "depth": dice.one("60 M USD", "1 M USD"), "half_spread": "0.5 bps"}
            for symbol, _, _ in coins
        ]},
        "venues": venues,
        "population": _population(dice, any(venue.get("options") for venue in venues)),
        "desks": {"count": dice.one(1, 1, 3), "leverage": dice.one(["0.5", "2.5"], [3, 20])},
        "makers": {
            "count": makers, "shares": ["1"] if makers == 1 else ["0.7", "0.3"],
            "capital": dice.one("120 %", "1 %", "1000 %"), "inventory_multiple": 6,
            "depth_exponent": "0.85", "reach": dice.one("60 %", "5 %"), "replenish_time": "20 s",
            "requote": "0.5 bps", "information_share": "0.6", "resilience_time": "4 min",
            "volatility_time": "30 s", "volatility_response": dice.one("1.6", "0"),
            "withdraw_time": "4 s", "return_time": "3 min", "smallest_depth": dice.one("8 %", "0"),
            "widest_spread": "1.2 %", "hedge_loss_withdrawal": "0.5",
        },
        "arbitrage": {
            "desks": dice.one(0, 1), "capital": dice.one("150 M USD", "10_000 USD"),
            "cost": "4 bps", "speed": "0.1", "limit": 3,
        },
        "investors": {
            "capital": "500 M USD", "threshold": "2 %", "full_gap": "15 %", "speed": "0.1",
        },
        "vaults": {"unwind_time": dice.one("60 s", "1 s"), "participation": dice.one("10 %", "1")},
        "timeline": _timeline(dice, venues, steps, seconds),
        "engine": {"audit_interval": 1},
    }  # fmt: skip
