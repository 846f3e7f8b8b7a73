"""
A made-up run with every table of the results contract, for the tests of report and store.

Nothing here is simulated: smooth curves with a crash in the middle, small enough to be fast.
"""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import polars as pl

from tacoma.report.data import COLUMNS

START = datetime(2025, 10, 10, 20, 45, tzinfo=UTC)
PRICES = {"BTC": 117_034.61, "ETH": 4_017.17, "DOGE": 0.23373}
FALLS = {"BTC": 0.09, "ETH": 0.14, "DOGE": 0.55}
COLLATERAL = {"USDE": (1.0, 0.34), "WBETH": (4_334.0, 0.85)}
VENUES = ("binance", "hyperliquid")
FUNDS = {
    "binance": [("majors", "insurance", 1.23e9), ("others", "insurance", 1.5e8)],
    "hyperliquid": [("Liquidator", "backstop", 6.0e5), ("Liquidator 2", "backstop", 7.5e6)],
}
EVENTS = [
    (300, "news", "", 0.0, "Tariff announcement"),
    (300, "volatility", "", 3.0, "Value moves faster after the news"),
    (1980, "gateway", "binance", 0.45, "Orders and transfers fail on one venue"),
    (3060, "sell", "binance:USDE", 6e7, "USDe sold on one venue"),
    (3300, "depth", "binance:USDE", 0.026, "Depth of USDe falls from 89 to 2 M USD"),
    (5460, "gateway", "binance", 1.0, "Orders and transfers fail on one venue"),
]


def shape(seconds, low_s, width_s):
    """A dip of depth 1 around a second: fast in, slow out."""
    side = np.where(seconds < low_s, width_s, width_s * 4)
    return np.exp(-(((seconds - low_s) / side) ** 2))


def market(random, seconds, venue, asset, kind):
    """The rows of one market in `steps`."""
    count = seconds.shape[0]
    if asset in PRICES:
        first, fall = PRICES[asset], FALLS[asset]
        fall *= {"binance": 1.0, "hyperliquid": 0.85, "spot": 0.7}[venue]
        dip = shape(seconds, 2000, 500)
    else:
        first, low = COLLATERAL[asset]
        fall, dip = 1 - low, shape(seconds, 3400, 120)
    noise = np.cumsum(random.normal(0, 4e-5, count))
    last = first * (1 - fall * dip) * np.exp(noise - noise.mean())
    index = np.full(count, first) if asset in COLLATERAL else last * (1 + 0.006 * dip)
    spread = last * {"binance": 1.0, "hyperliquid": 2.5, "spot": 1.5}[venue] * (1e-5 + 3e-3 * dip)
    depth = (
        {"binance": 1.6e8, "hyperliquid": 4.5e7, "spot": 9e7}[venue]
        * (0.02 + 0.98 * (1 - dip))
        * (first / 117_034) ** 0.3
    )
    perpetual = kind == "perpetual"
    forced = np.where(random.random(count) < dip, 4e6 * dip**2 * random.random(count), 0.0)
    empty = (dip > 0.995) & (random.random(count) < 0.5)
    bid = [None if gone else value for gone, value in zip(empty, last - spread, strict=True)]
    zeros = np.zeros(count)
    return pl.DataFrame(
        {
            "second": pl.Series(seconds, dtype=pl.Int32),
            "venue": [venue] * count,
            "asset": [asset] * count,
            "kind": [kind] * count,
            "mark_usd": (last + index) / 2 if perpetual else last,
            "index_usd": index,
            "bid_usd": pl.Series(bid, dtype=pl.Float64),
            "ask_usd": last + spread,
            "last_usd": last,
            "mark_quanta": (last * 1e3).astype(np.int64),
            "index_quanta": (index * 1e3).astype(np.int64),
            "depth_bid_usd": np.where(empty, 0.0, depth),
            "depth_ask_usd": depth * 1.1,
            "traded_usd": 1e6 * (1 + 10 * dip),
            "forced_usd": forced if perpetual and venue != "spot" else zeros,
            "stop_usd": 1e5 * dip,
            "panic_usd": 1e5 * dip,
            "takeover_usd": zeros,
            "adl_usd": zeros,
            "withdrawal": dip,
            "open_interest_usd": first * 1e5 * (1 - 0.4 * np.cumsum(dip) / max(dip.sum(), 1.0)),
        }
    )


def steps_table(random, seconds):
    places = [(venue, asset, "perpetual") for venue in VENUES for asset in PRICES]
    places += [("binance", asset, "spot") for asset in COLLATERAL]
    places += [("spot", asset, "spot") for asset in PRICES]
    frames = [market(random, seconds, *place) for place in places]
    return pl.concat(frames).with_columns(pl.col("venue", "asset").cast(pl.Categorical))


def liquidations_table(random, count, last_second):
    second = np.sort(np.clip(random.normal(2000, 260, count), 0, last_second)).astype(np.int32)
    notional = np.minimum(2_000 * (1 + random.pareto(0.95, count)), 3e7)
    stages = np.array(["trigger", "market", "takeover", "adl", "bad_debt"])
    return pl.DataFrame(
        {
            "second": second,
            "venue": random.choice(VENUES, count, p=[0.7, 0.3]),
            "asset": random.choice(list(PRICES), count),
            "account": random.integers(0, count, count),
            "stage": stages[random.choice(5, count, p=[0.55, 0.3, 0.1, 0.04, 0.01])],
            "side": random.choice(["long", "short"], count, p=[0.94, 0.06]),
            "lots": random.integers(1, 1000, count),
            "price_quanta": random.integers(1, 10**8, count),
            "notional_usd": notional,
            "equity_usd": notional * random.normal(0.01, 0.02, count),
            "fund": [""] * count,
        }
    )


def adl_table(random, count, last_second):
    burst = random.choice([1890, 2010, 2200, 2480], count)
    rank = random.zipf(1.6, count).clip(1, 20_000).astype(np.int32)
    return pl.DataFrame(
        {
            "second": np.minimum(burst + random.integers(0, 9, count), last_second).astype(
                np.int32
            ),
            "venue": random.choice(VENUES, count, p=[0.2, 0.8]),
            "asset": random.choice(list(PRICES), count),
            "account": random.integers(0, max(count // 3, 1), count),
            "bankrupt": random.integers(0, 100, count),
            "bankrupt_is_fund": random.random(count) < 0.3,
            "side": random.choice(["short", "long"], count, p=[0.97, 0.03]),
            "lots": random.integers(1, 1000, count),
            "price_quanta": random.integers(1, 10**8, count),
            "notional_usd": 1_500 * (1 + random.pareto(1.0, count)).clip(0, 500),
            "pnl_usd": random.normal(3e3, 2e3, count),
            "score": random.integers(1, 10**6, count),
            "rank": rank,
            "leverage": random.lognormal(1.6, 0.8, count),
            "partial": random.random(count) < 0.1,
        }
    ).sort("second")


def venues_table(seconds, liquidations, adl):
    rows = []
    for venue in VENUES:
        events = liquidations.filter(pl.col("venue") == venue)
        wins = adl.filter(pl.col("venue") == venue)

        def per_second(stage, events=events):
            sums = np.zeros(seconds.shape[0])
            part = events.filter(pl.col("stage") == stage)
            np.add.at(sums, part["second"].to_numpy(), part["notional_usd"].to_numpy())
            return sums

        deleveraged = np.zeros(seconds.shape[0])
        np.add.at(deleveraged, wins["second"].to_numpy(), wins["notional_usd"].to_numpy())
        zeros = np.zeros(seconds.shape[0])
        columns = {
            "second": pl.Series(seconds, dtype=pl.Int32),
            "venue": [venue] * seconds.shape[0],
            "liquidated_usd": per_second("trigger"),
            "liquidated_accounts": (per_second("trigger") > 0).astype(np.int64),
            "market_usd": per_second("market"),
            "takeover_usd": per_second("takeover"),
            "adl_usd": deleveraged,
            "bad_debt_usd": per_second("bad_debt") * 0.01,
        }
        for name in ("insurance_paid_usd", "shared_usd", "alerted_accounts", "top_up_usd"):
            columns[name] = zeros
        rows.append(pl.DataFrame(columns))
    return pl.concat(rows)


def funds_table(seconds):
    frames = []
    for venue, funds in FUNDS.items():
        for place, (name, kind, capital) in enumerate(funds):
            dip = shape(seconds, 2000, 300)
            used = np.cumsum(dip) / max(dip.sum(), 1.0)
            frames.append(
                pl.DataFrame(
                    {
                        "second": pl.Series(seconds, dtype=pl.Int32),
                        "venue": [venue] * seconds.shape[0],
                        "fund": [name] * seconds.shape[0],
                        "kind": [kind] * seconds.shape[0],
                        "equity_usd": capital * (1 - (0.15, 0.7)[place] * used + 0.2 * dip * place),
                        "inventory_usd": capital * 3 * dip,
                    }
                )
            )
    return pl.concat(frames)


def accounts_table(random, liquidations):
    lost = (
        liquidations.filter(pl.col("stage") == "trigger")
        .group_by("account", "venue")
        .agg(pl.col("notional_usd").sum().alias("liquidated_usd"))
        .sort("account", "venue")
    )
    equity = lost["liquidated_usd"].to_numpy() / random.uniform(2, 20, lost.height)
    return lost.with_columns(
        pl.lit("high").alias("kind"),
        pl.Series("initial_equity_usd", equity),
        pl.Series("final_equity_usd", equity * random.uniform(0, 0.3, lost.height)),
        pl.lit(0.0).alias("adl_usd"),
    )


def totals(tables, venue=None):
    """The summary's numbers, overall or of one venue."""

    def pick(name):
        frame = tables[name]
        return frame if venue is None else frame.filter(pl.col("venue") == venue)

    venues, events, adl = pick("venues"), pick("liquidations"), pick("adl")
    begun = events.filter(pl.col("stage") == "trigger")
    whole = float(begun["notional_usd"].sum())
    return {
        "liquidated_usd": whole,
        "liquidated_accounts": begun["account"].n_unique(),
        "market_usd": float(venues["market_usd"].sum()),
        "backstop_usd": float(venues["takeover_usd"].sum()) * 0.6,
        "insurance_takeover_usd": float(venues["takeover_usd"].sum()) * 0.4,
        "insurance_paid_usd": whole * 0.003,
        "adl_usd": float(adl["notional_usd"].sum()),
        "adl_accounts": adl["account"].n_unique(),
        "shared_usd": 0.0,
        "bad_debt_usd": float(venues["bad_debt_usd"].sum()),
        "min_price": {
            f"{place}:{asset}": first * (1 - FALLS[asset])
            for place in VENUES
            for asset, first in PRICES.items()
            if venue in (None, place)
        },
        "min_spot": {asset: first * (1 - 0.7 * FALLS[asset]) for asset, first in PRICES.items()},
        "peak_minute_usd": whole * 0.11,
        "peak_minute": "21:18",
        "long_share": 0.94,
        "largest_adl_usd": float(adl["notional_usd"].max() or 0.0),
        "insurance_start_usd": 1.38e9,
        "insurance_end_usd": 1.18e9,
        "backstop_start_usd": 8.1e6,
        "backstop_end_usd": 5.2e6,
    }


SCENARIO = SimpleNamespace(
    name="synthetic",
    title="A made-up evening <with> markup & more",
    description="Nothing here is simulated.",
    seed=7,
    accounts=100_000,
    clock=SimpleNamespace(start=START),
    provenance=(
        SimpleNamespace(paths=("clock.*",), kind="fact", source="a calendar"),
        SimpleNamespace(
            paths=("population.*", "makers.*"),
            kind="assumption",
            source="<script>alert(1)</script>",
        ),
    ),
)


def run(seed=7, minutes=100, events=9000, calm=False):
    """A whole run; with `calm` one in which nobody is liquidated."""
    random = np.random.Generator(np.random.Philox(seed))
    seconds = np.arange(minutes * 60)
    last = minutes * 60 - 1
    liquidations = liquidations_table(random, events, last)
    adl = adl_table(random, max(events // 3, 1), last)
    if calm:
        liquidations, adl = liquidations.clear(), adl.clear()
    tables = {
        "steps": steps_table(random, seconds),
        "venues": venues_table(seconds, liquidations, adl),
        "funds": funds_table(seconds),
        "liquidations": liquidations,
        "adl": adl,
        "transfers": pl.DataFrame({"second": [1], "account": [1], "amount_usd": [1.0]}),
        "faults": pl.DataFrame(
            EVENTS, schema=["second", "kind", "target", "value", "label"], orient="row"
        ),
        "accounts": accounts_table(random, liquidations),
    }
    summary = totals(tables)
    per_minute = np.zeros(minutes)
    begun = liquidations.filter(pl.col("stage") == "trigger")
    np.add.at(per_minute, begun["second"].to_numpy() // 60, begun["notional_usd"].to_numpy())
    alone = per_minute * 0.55
    macro = {"liquidated_usd": float(alone.sum()), "liquidated_by_minute_usd": alone.tolist()}
    control = dict.fromkeys(("market_usd", "insurance_paid_usd", "bad_debt_usd", "adl_usd"), 0.0)
    control |= {"liquidated_usd": 1.2e6 * (not calm), "liquidated_accounts": 41}
    summary |= {
        "scenario": "synthetic",
        "seed": seed,
        "hash": "0123456789abcdef" * 4,
        "steps": minutes * 60,
        "accounts": 100_000,
        "conserved": True,
        "amplification": None if calm else 1 / 0.55,
        "control": {key: control[key] for key in ("liquidated_usd", "adl_usd", "bad_debt_usd")},
        "venues": {venue: totals(tables, venue) for venue in VENUES},
        "wall_s": 8.91,
        "compile_s": 0.0,
        "run_dir": "runs/demo",
        "report": "runs/demo/report.html",
    }
    return SimpleNamespace(
        scenario=SCENARIO,
        seed=seed,
        hash="0123456789abcdef" * 4,
        steps=minutes * 60,
        accounts=100_000,
        conserved=True,
        tables=tables,
        summary=summary,
        control=control,
        macro=macro,
        wall_s=8.91,
        compile_s=0.0,
    )


def empty():
    """A run whose tables have no rows, without control and without macro run."""
    whole = run(minutes=1, events=1, calm=True)
    tables = {name: pl.DataFrame(schema=columns) for name, columns in COLUMNS.items()}
    return SimpleNamespace(**vars(whole) | {"tables": tables, "control": None, "macro": None})
