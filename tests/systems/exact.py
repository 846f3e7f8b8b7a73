"""
Equity and maintenance by the rulebook's words, in Python's integers and fractions.

Written independently of the engine: rates and brackets come from the scenario, not from the
world's tables, and nothing is taken from `tacoma.rules`.
"""

import math
from fractions import Fraction

from systems.exact_options import Options
from tacoma.bounds import MARGIN_QUANTA_MAX
from tacoma.world.codes import OPTION, PERPETUAL

PPM = 10**6
ROOT_UNIT = 10**5


def own(table, symbol):
    """Return what a table of a rulebook says of an asset."""
    return table.get(symbol, table.get("default"))


def flat_rate(margin, symbol):
    """Return the maintenance rate of a schedule that has one for every size; else None."""
    if margin.kind in {"flat", "isolated_or_max_loss"}:
        return own(margin.maintenance, symbol)
    if margin.kind == "open_interest_scaled":
        return own(margin.initial, symbol) * own(margin.maintenance_factor, symbol)
    if margin.kind == "scenario_grid":
        far = [move * margin.extreme_share for move in margin.extremes]
        worst = max([own(margin.price_range, symbol), *far])
        return worst * margin.maintenance_factor + margin.contingency
    return None


def brackets(scenario, market):
    """Return (from this notional on, maintenance rate) of a market, as its rulebook says."""
    margin = scenario.venues[market.venue].rules.margin
    rate = flat_rate(margin, market.symbol)
    if rate is not None:
        return [(0, rate)]
    rows = own(margin.tiers, market.symbol)
    if margin.kind in {"tiers", "bracket_tiers"}:
        return [(row.lower_quanta, row.rate) for row in rows]
    factor = Fraction(*margin.maintenance_factor)
    return [(row.lower_quanta, factor / row.leverage) for row in rows]


def maintenance(rows, notional):
    """Return the maintenance margin: rate of the bracket rounded up, less its deduction."""
    deduction, rate = 0, rows[0][1]
    for (lower, here), (_, before) in zip(rows[1:], rows, strict=False):
        if notional < lower:
            break
        deduction += math.floor(lower * (here - before))
        rate = here
    return max(0, math.ceil(notional * rate) - deduction)


def stepped(rows, notional):
    """Return the maintenance margin of the whole notional at the rate of its bracket."""
    return math.ceil(notional * max(rate for lower, rate in rows if lower <= notional))


def sized_rate(margin, symbol, coins):
    """Return the larger of a rate, and 4/5 of it with a premium on the root of the coins, in ppm.

    The root has five decimals; a tenth of 1e-9 coins is added below it; every part rounds down.
    """
    base = math.ceil(own(margin.maintenance, symbol) * PPM)
    premium = math.floor(own(margin.premium, symbol) * PPM)
    root = math.isqrt(10 * math.floor(coins * 10**9) + 1)
    return max(base, base - base // 5 + root * premium // ROOT_UNIT) if premium else base


def skewed_rate(margin, symbol, lots, lot):
    """
    Return scalar * (size / skew scale * fraction + minimum) in ppm, every product down.

    The scale counts in whole lots, and no position asks for more than ten times its notional.
    """
    scale_lots = max(1, math.floor(own(margin.skew_scale, symbol) / lot))
    share = abs(lots) * PPM // scale_lots
    initial = share * math.floor(own(margin.fraction, symbol) * PPM) // PPM
    initial += math.ceil(own(margin.minimum, symbol) * PPM)
    return min(initial * math.floor(own(margin.maintenance_scalar, symbol) * PPM) // PPM, 10 * PPM)


def required(scenario, market, lots, price):
    """Return the maintenance margin of one perpetual position, as its rulebook says."""
    margin, symbol = scenario.venues[market.venue].rules.margin, market.symbol
    lot = scenario.asset(market.symbol).lot
    notional, coins = abs(lots) * price, abs(lots) * lot
    if margin.kind == "health_weights":
        rate = (
            1 - own(margin.asset_maintenance, symbol)
            if lots > 0
            else own(margin.liability_maintenance, symbol) - 1
        )
        return math.ceil(Fraction(notional * math.ceil(rate * PPM), PPM))
    if margin.kind == "size_premium":
        rate = min(sized_rate(margin, symbol, coins), 10 * PPM)
        return math.ceil(Fraction(notional * rate, PPM))
    if margin.kind == "skew_linear":
        return notional * skewed_rate(margin, symbol, lots, lot) // PPM + margin.fixed
    if margin.kind == "bracket_tiers":
        return stepped(brackets(scenario, market), notional)
    return maintenance(brackets(scenario, market), notional)


class Scan:
    """A full scan of one world, account by account."""

    def __init__(self, scenario, built):
        self.scenario, self.world = scenario, built.world
        self.markets = built.directory.markets
        self.perpetual = [market.kind == PERPETUAL for market in self.markets]
        tiered = [
            market.kind == PERPETUAL and scenario.venues[market.venue].rules.margin.kind
            in {"tiers", "bracket_tiers", "maximum_leverage_tiers"}
            for market in self.markets
        ]  # fmt: skip
        self.rows = [
            brackets(scenario, market) if has else None
            for market, has in zip(self.markets, tiered, strict=True)
        ]
        self.equal_fails = [
            venue.rules.liquidation.comparison == "equity <= maintenance"
            for venue in scenario.venues
        ]
        self.options = Options(scenario, built)
        self.is_option = [market.kind == OPTION for market in self.markets]
        self.has_slot = [self.options.has_slot(a) for a in range(len(built.world.accounts))]
        self.grid = [v.rules.margin.kind == "scenario_grid" for v in scenario.venues]

    def margin(self, account):
        """Return (equity, maintenance, notional) of one account in quanta."""
        accounts, positions = self.world.accounts, self.world.positions
        equity, need, notional = int(accounts.balance[account]), 0, 0
        venue, netted = int(accounts.venue[account]), {}
        as_portfolio = self.has_slot[account] and self.grid[venue]
        for slot in range(int(accounts.slot_first[account]), int(accounts.slot_last[account])):
            lots = int(positions.lots[slot])
            if lots == 0:
                continue
            market = int(positions.market[slot])
            price = int(self.world.markets.margin_price[market])
            if as_portfolio and (self.perpetual[market] or self.is_option[market]):
                netted[market] = lots
            if self.perpetual[market]:
                equity += lots * price - int(positions.entry[slot])
                if not netted:
                    need += required(self.scenario, self.markets[market], lots, price)
                notional += abs(lots) * price
            elif self.is_option[market]:
                price = self.options.worth(market)
                equity += lots * price
                need += 0 if netted else max(-lots, 0) * self.options.short(market)
                notional += abs(lots) * price
            else:
                weight = int(self.world.markets.weight_ppm[market])
                equity += lots * price * weight // 1_000_000
        need += self.options.portfolio(netted) if netted else 0
        return equity, min(need, MARGIN_QUANTA_MAX), notional

    def below(self, account):
        """Say whether an account has too little, by its venue's comparison."""
        equity, need, _ = self.margin(account)
        venue = int(self.world.accounts.venue[account])
        if need > 0 and self.equal_fails[venue]:
            return equity <= need
        return equity < need
