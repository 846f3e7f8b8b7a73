"""State and parameters of the agents: floats live here, and never in the ledger."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tacoma.world.layout import Floats, Ints, Journal, Small, Table

# Directions of a conditional order: it waits for the mark to fall, or to rise, to its price.
DOWN = 0
UP = 1

ASSET_LINKS = np.dtype([("spot_market", "i8"), ("underlying", "i8")])
SAID = np.dtype([(name, "i8") for name in ("price", "step", "local_market", "key")])
SOURCE_VIEW = np.dtype([("noise", "f8"), ("lag", "i8"), ("local_share", "f8")])
MAKER_MARKETS = np.dtype(
    [
        ("impact", "f8"),  # log
        ("variance", "f8"),  # of log returns per step
        ("withdrawal", "f8"),  # 0 .. 1
        ("hedge_loss", "f8"),
        ("fair", "f8"),  # last fair price
        ("calm_sigma", "f8"),  # per step
        ("half_spread", "f8"),  # relative, calm
        ("depth_lots", "f8"),  # within 1 %, one side, all makers, calm
        ("spot_market", "i8"),  # market whose impact it follows, or -1
    ]
)
POOLS = np.dtype([("base_lots", "i8"), ("price", "i8")])  # reserves and price at the start
QUOTED = np.dtype([("reference", "f8"), ("step", "i8")])
PAIRS = np.dtype(
    [(name, "i8") for name in ("market_a", "market_b", "account_a", "account_b", "lots_max")]
)
# following: the next who acts at the same step; says something only while the account is listed.
CROWD_ACCOUNTS = np.dtype([("following", "i4"), ("tries", "i1"), ("is_listed", "i1")], align=True)
STOPS = np.dtype([("slot", "i4"), ("price", "i4")])
STOP_GROUPS = np.dtype([("cursor", "i8"), ("last", "i8")])
SALES = np.dtype([(name, "i8") for name in ("account", "market", "lots", "begin", "end")])


class Value(NamedTuple):
    """The exogenous value path: (N, T + 1) quanta per lot, and where each asset is traded.

    Columns of `assets` (N,): reference spot market, asset followed by redemption, or -1.
    """

    price: Floats
    assets: Table


class Publishers(NamedTuple):
    """Sources: what they last said, and how they see the market."""

    said: Table  # (N, S) with the perpetual whose gap to spot leaks in, or -1
    history: Ints  # (N, LAG_SECONDS_MAX) spot middle by step
    sources: Table  # (S,)


class Makers(NamedTuple):
    """Market makers: what moves their quotes, per market, and their parameters."""

    markets: Table  # (M,)
    quoted: Table  # (M, K)
    pools: Table  # (M,) of venues whose liquidity is a constant-product pool
    share: Floats  # (K,)
    adl_seen: Ints  # (1,)
    information_share: float
    resilience: float  # per step
    link: float  # per step, of a perpetual towards spot
    volatility_decay: float  # per step
    volatility_response: float
    withdraw_rate: float
    return_rate: float
    smallest_depth: float  # part of the calm depth that stays behind the spread
    widest_spread: float  # half, relative
    depth_exponent: float
    requote: float
    inventory_multiple: float
    hedge_loss_withdrawal: float


class Investors(NamedTuple):
    """Value investors: one account on the spot market, its limits per asset, their parameters."""

    account: int
    lots_max: Ints  # (N,)
    threshold: float
    full_gap: float
    speed: float


class Arbitrage(NamedTuple):
    """Pairs of markets (Q,) that arbitrage desks hold together."""

    pairs: Table
    cost: float
    speed: float


class Crowd(NamedTuple):
    """The leveraged population: who has noticed, what they will do and when, and stop orders."""

    calendar: Small  # (T + 2,) first account that acts at a step
    accounts: Table  # (A,)
    stops: Table  # conditional orders grouped by market and direction, nearest first
    groups: Table  # (2 M,)
    reaction_steps: float
    reaction_spread: float
    top_up_share: float
    close_share: float
    alert_part: float


class Keepers(NamedTuple):
    """Vaults and funds that work inventory into the book, and sellers of the timeline."""

    fund_account: Ints  # (F,)
    sales: Table  # (E,)
    unwind_ppm: int  # of the inventory per step
    participation_ppm: int  # of the depth within 1 % per step


class Agents(NamedTuple):
    """Everybody who decides; they speak to the venues only through the outbox."""

    value: Value
    publishers: Publishers
    makers: Makers
    arbitrage: Arbitrage
    investors: Investors
    crowd: Crowd
    keepers: Keepers
    outbox: Journal
