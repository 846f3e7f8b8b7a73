"""From a seed to a rulebook: any kinds of rules that the format allows together, at any extreme."""

RATES = [0.0001, 0.1, 0.4, 0.5, 1, 2, 2.5, 5, 10, 12.5, 25, 50, 90, 99]
LEVERAGES = [1, 2, 3, 5, 10, 20, 25, 40, 50, 75, 100, 125, 500, 1000]
WIDTHS = [1, 1000, 50_000, 250_000, 5_000_000, 80_000_000]
PAIRS = (
    ("0.001 %", "1 %"), ("0.5 %", "1 %"), ("3 %", "5 %"), ("5 %", "5 %"), ("20 %", "50 %"),
    ("99 %", "100 %"), ("100 %", "100 %"),
)  # fmt: skip
MARGINS = (
    "tiers", "bracket_tiers", "maximum_leverage_tiers", "flat", "open_interest_scaled",
    "size_premium", "skew_linear", "health_weights", "isolated_or_max_loss", "scenario_grid",
)  # fmt: skip
STAGES = ("cancel", "market", "convert", "takeover", "insurance", "adl", "share")


def _brackets(dice, by_leverage):
    count, low, rows = dice.randint(1, 4), 0, []
    rates = sorted(dice.sample(RATES, count))
    leverages = sorted(dice.sample(LEVERAGES, count), reverse=True)
    for place in range(count):
        rows.append([f"{low} USD", leverages[place] if by_leverage else f"{rates[place]} %"])
        low += dice.one(*WIDTHS)
    return rows


def _everywhere(*values):
    return [{"default": value} for value in values]


def _weights(dice):
    asset = dice.one("0.5", "0.95", "0.99", "0.999", "0.9999", "0.01")
    liability = dice.one("1.05", "1.01", "1.0001", "1.5", "1.99")
    maintenance, initial = _everywhere(asset, asset if dice.chance(0.5) else "0.01")
    owed, owed_first = _everywhere(liability, liability if dice.chance(0.5) else "2")
    return {
        "kind": "health_weights", "asset_maintenance": maintenance, "asset_initial": initial,
        "liability_maintenance": owed, "liability_initial": owed_first,
    }  # fmt: skip


def _grid(dice):
    return {
        "kind": "scenario_grid",
        "price_range": {"default": dice.one("15 %", "5 %", "1 %", "40 %")},
        "price_steps": dice.one(1, 4, 16),
        "volatility_up": dice.one("50 %", "1 %", "100 %"),
        "volatility_down": dice.one("25 %", "0 %", "100 %"),
        "extremes": dice.one([], ["100 %"], ["66 %", "33 %"]),
        "extreme_share": dice.one("33 %", "1 %"),
        "contingency": dice.one("0.6 %", "0 %", "10 %"),
        "maintenance_factor": dice.one(1, "0.8", "0.1"),
        "initial_factor": dice.one("1.3", 1, 5),
    }


def _skew(dice):
    return {
        "kind": "skew_linear",
        "fraction": {"default": dice.one("0.5", "1.54", "0.0001", 5)},
        "minimum": {"default": dice.one("2 %", "0.1 %", "50 %")},
        "maintenance_scalar": {"default": dice.one(1, "28 %", "1 %")},
        "skew_scale": {"default": dice.one(12500, 1000, 100, 1, 1_000_000)},
        "fixed": dice.one("50 USD", "1 USD", "0.000001 USD"),
    }


def margin(dice, symbols):
    """Draw a margin schedule."""
    kind = dice.one(*MARGINS)
    if kind in {"tiers", "bracket_tiers", "maximum_leverage_tiers"}:
        by_leverage = kind == "maximum_leverage_tiers"
        names = ["default", symbols[0]]
        table = {"kind": kind, "tiers": {name: _brackets(dice, by_leverage) for name in names}}
        if by_leverage:
            table["maintenance_factor"] = [dice.one(1, 1, 2), dice.one(2, 3, 2, 10)]
        return table
    if kind == "health_weights":
        return _weights(dice)
    if kind == "scenario_grid":
        return _grid(dice)
    if kind == "skew_linear":
        return _skew(dice)
    kept, asked = _everywhere(*dice.one(*PAIRS))
    if kind == "open_interest_scaled":
        first, factor = _everywhere(dice.one("1 %", "5 %", "50 %"), dice.one(1, "0.6", "0.01"))
        return {"kind": kind, "initial": first, "maintenance_factor": factor}
    table = {"kind": kind, "maintenance": kept, "initial": asked}
    if kind == "size_premium":
        table["premium"] = {"default": dice.one("0 %", "0.02 %", "0.1 %", "1 %", "100 %")}
    if kind == "isolated_or_max_loss":
        table["options"] = {
            "initial": dice.one("15 %", "100 %"), "initial_least": dice.one("10 %", "1 %"),
            "maintenance_call": dice.one("7.5 %", "0.1 %", "100 %"),
            "maintenance_put": dice.one("7.5 %", "1 %"),
            "maintenance_put_mark": dice.one("7.5 %", "0 %", "100 %"),
        }  # fmt: skip
    return table


def prices(dice, sources, others):
    """Draw an index and a mark."""
    kind = dice.one("weighted_median", "weighted_mean_capped", "weighted_mean_or_median")
    index = {
        "kind": kind, "interval": dice.one("1 s", "2 s", "5 s"),
        "stale_after": dice.one("5 s", "60 s", "1 s"),
        "weights": {name: dice.one(1, 1, 2) for name in sources},
    }  # fmt: skip
    if kind == "weighted_mean_capped":
        index |= {"cap": dice.one("5 %", "0.01 %"), "cap_majors": "3 %"}
    if kind == "weighted_mean_or_median":
        index |= {"deviation": dice.one("5 %", "0.01 %", "100 %")}
    kind = dice.one(
        "median_with_last", "median_with_perpetuals", "index", "fair_basis", "banded_basis"
    )
    mark = {"kind": kind, "interval": dice.one("1 s", "2 s", "3 s")}
    if kind in {"median_with_last", "median_with_perpetuals", "banded_basis"}:
        mark["basis_time"] = dice.one("150 s", "30 s", "1 s", "5 min")
    if kind == "median_with_perpetuals":
        mark["local_time"] = dice.one("150 s", "1 s")
        if others:
            mark["external_venues"] = others
    if kind == "banded_basis":
        mark["band"] = dice.one("0.1 %", "5 %", "100 %")
    return {"index": index, "mark": mark}


def liquidation(dice):
    """Draw when and how accounts are looked at."""
    table = {
        "comparison": dice.one("equity < maintenance", "equity <= maintenance"), "price": "mark",
        "interval": dice.one("1 s", "1 s", "1 s", "2 s", "5 s", "60 s", "500 ms"),
        "fee": dice.one("0 %", "0.5 %", "1.5 %", "20 %", "100 %", "0.0001 %"),
        "order": dice.one("account", "account", "pseudo_random"),
    }  # fmt: skip
    if dice.chance(0.2):
        table |= {
            "blocked_above": dice.one("0.1 %", "5 %", "50 %"),
            "average_time": dice.one("5 min", "10 s"),
        }
    return table


def _market(dice):
    sizing = dice.one("slices", "clips", "two_tiers", "to_health")
    bound = dice.one("bankruptcy", "mark_deviation", "fillable", "none")
    table = {
        "bound": bound, "sizing": sizing, "first_slice": "1",
        "cooldown": dice.one("0 s", "1 s", "30 s", "5 min"),
    }  # fmt: skip
    if bound == "mark_deviation":
        table["deviation"] = dice.one("0.01 %", "10 %", "100 %")
    if bound == "fillable":
        table["spread_to_maintenance"] = dice.one("10 %", "100 %", "1 bps")
    if sizing == "to_health":
        table["health"] = dice.one(1, "1.05", 2, 8)
    if sizing in {"slices", "clips"}:
        table["first_slice"] = dice.one("20 %", "0.0000001", "1 %", "99 %")
    if sizing == "slices":
        table["first_slice_above"] = dice.one("none", "100_000 USD", "0.000001 USD", "1 M USD")
    return table


def _takeover(dice):
    transfer = dice.one(
        "at_bankruptcy_price", "positions_and_margin", "at_mark_less_fee", "auction"
    )
    whole = transfer in {"positions_and_margin", "auction"}
    sizing = "all" if whole else dice.one(
        "all", "portion", "share_steps", "to_health", "window_cap"
    )  # fmt: skip
    table = {
        "by": dice.one("insurance", "insurance", "backstop"), "transfer": transfer,
        "interval": dice.one("1 s", "1 s", "2 s", "3 s", "5 s", "60 s"), "sizing": sizing,
        "threshold": dice.one([1, 1], [2, 3], [1, 1_000_000], [999_999, 1_000_000]),
        "capacity": dice.one("fund_not_negative", "fund_covers_maintenance", "unlimited"),
    }  # fmt: skip
    if transfer in {"auction", "at_mark_less_fee"}:
        table["fee"] = dice.one("0 %", "1 %", "5 %", "100 %")
    if transfer == "at_mark_less_fee":
        table["insurance_share"] = dice.one(0, "0.5", 1)
    if transfer == "auction":
        table["discount_start"] = dice.one(0, "0.2")
        table["discount_end"] = dice.one("0.5", 1)
        table["auction_time"] = dice.one("1 s", "10 min", "60 s")
    if sizing in {"portion", "window_cap"}:
        table["portion"] = dice.one("20 %", "1", "0.00000001", "1 %", "99.9999 %")
    if sizing == "share_steps":
        table["portion"] = dice.one("0.2", "1", "0.001", "0.5")
        table["target"] = dice.one("0.9", "1", "0.01", "0.001")
    if sizing == "to_health":
        table["target"] = dice.one(1, "1.05", 3, 8)
    if sizing == "window_cap":
        table["window"] = dice.one("1 s", "30 s", "5 min")
    return table


def _adl(dice, has_takeover):
    trigger = dice.one(
        *(("takeover_refused",) * 2 if has_takeover else ()), "negative_equity", "fund_drawdown",
        "pool_profit",
    )  # fmt: skip
    allocation = dice.one("greedy", "greedy", "pro_rata", "capped_pro_rata", "risk_weighted")
    table = {
        "trigger": trigger, "interval": dice.one("1 s", "1 s", "2 s", "5 s", "60 s"),
        "rank": dice.one(
            "profit_times_leverage", "price_gain_times_leverage", "leverage", "profit",
            "pseudo_random",
        ),
        "price": dice.one("bankruptcy", "previous_mark", "mark"), "allocation": allocation,
    }  # fmt: skip
    if trigger in {"fund_drawdown", "pool_profit"}:
        table["drawdown"] = dice.one("30 %", "100 %", "0.001 %")
    if trigger == "fund_drawdown":
        table["window"] = dice.one("1 s", "10 s", "8 h")
    if allocation == "capped_pro_rata":
        table["cap"] = dice.one("10 %", "1", "0.0000001")
    return table


def waterfall(dice):
    """Draw stages in an order, most often that of a real venue, and what each does."""
    order = dice.sample(STAGES, dice.randint(1, 7))
    if dice.chance(0.6):
        order = [stage for stage in STAGES if stage in order]
    sharing = dice.one(
        "none", "profit_pro_rata", "open_interest", "deposits", "equity", "token_print"
    )
    made = {
        "market": _market(dice), "takeover": _takeover(dice),
        "adl": _adl(dice, "takeover" in order), "share": {"kind": sharing},
    }  # fmt: skip
    return {"order": order} | {stage: made[stage] for stage in order if stage in made}


def funding(dice):
    """Draw a funding rule."""
    kind = dice.one(
        "interest_clamped", "interest_clamped_eighth", "premium", "deadband", "velocity",
        "adaptive_skew", "none",
    )  # fmt: skip
    table = {
        "kind": kind, "interval": dice.one("1 s", "5 s", "1 min", "1 h", "8 h"),
        "interest": dice.one("0 %", "0.01 %", "100 %"), "clamp": dice.one("0.05 %", "0 %", "100 %"),
        "cap": dice.one("4 %", "0 %", "100 %"), "price": dice.one("mark", "index"),
        "premium": dice.one("impact", "middle"),
    }  # fmt: skip
    if dice.chance(0.5):
        table["period"] = dice.one("8 h", "1 s", "500 ms", "1500 ms")
    if kind == "adaptive_skew":
        table |= {
            "decrease": dice.one("0 %", "1 %", "100 %"),
            "stable_threshold": dice.one("5 %", "0 %", "100 %"),
            "decrease_threshold": dice.one("0 %", "3 %"),
        }
    return table


def rulebook(dice, symbols, collateral, sources, others):
    """Draw all rules of a venue with these perpetuals and collateral assets."""
    cut = dice.randint(1, len(symbols))
    pools = {"first": symbols[:cut], "others": ["*"]} if dice.chance(0.5) else {"fund": ["*"]}
    pool = dice.one("order_book", "order_book", "order_book", "constant_product")
    return {
        "name": "drawn", "title": "Drawn from a seed",
        "units": {"quote": "USD", "money_decimals": 6},
        "account": {"modes": dice.one(["cross"], ["isolated"], ["cross", "isolated"])},
        "collateral": {
            name: {"weight": dice.one(1, "0.9", "0.5", "0.01"), "price": price}
            for name, price in collateral.items()
        },
        "prices": prices(dice, sources, others), "margin": margin(dice, symbols),
        "liquidity": {
            "kind": pool,
            "fee": dice.one("0 %", "0.1 %", "50 %") if pool != "order_book" else "0 %",
        },
        "liquidation": liquidation(dice), "waterfall": waterfall(dice),
        "insurance": {"pools": pools, "layers": []},
        "settlement": {
            "order": dice.one("insurance_first", "collateral_first", "collateral_first"),
            "isolated_pools": dice.one([], symbols[:1], symbols),
            "halt": dice.one("5 s", "5 s", "60 s", "8 h"),
        },
        "funding": funding(dice),
    }  # fmt: skip
