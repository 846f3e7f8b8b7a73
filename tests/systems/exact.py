"""
Equity and maintenance by the rulebook's words, in Python's integers and fractions.

Written independently of the engine: rates and brackets come from the scenario, not from the
world's tables, and nothing is taken from `tacoma.rules`.
"""

import math
from fractions import Fraction

from systems.exact_options import Options
from tacoma.world.codes import OPTION, PERPETUAL


def brackets(scenario, market):
    """Return (from this notional on, maintenance rate) of a market, as its rulebook says."""
    margin = scenario.venues[market.venue].rules.margin
    if margin.kind == "isolated_or_max_loss":
        return [(0, margin.maintenance.get(market.symbol, margin.maintenance.get("default")))]
    if margin.kind == "scenario_grid":
        moves = [margin.price_range.get(market.symbol, margin.price_range.get("default"))]
        moves += [extreme * margin.extreme_share for extreme in margin.extremes]
        return [(0, max(moves) * margin.maintenance_factor + margin.contingency)]
    rows = margin.tiers.get(market.symbol, margin.tiers.get("default"))
    if margin.kind == "tiers":
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


class Scan:
    """A full scan of one world, account by account."""

    def __init__(self, scenario, built):
        markets = built.directory.markets
        self.world = built.world
        self.perpetual = [market.kind == PERPETUAL for market in markets]
        self.options = Options(scenario, built)
        self.is_option = [market.kind == OPTION for market in markets]
        self.has_slot = [self.options.has_slot(a) for a in range(len(built.world.accounts))]
        self.grid = [v.rules.margin.kind == "scenario_grid" for v in scenario.venues]
        self.rows = [brackets(scenario, m) if m.kind == PERPETUAL else None for m in markets]

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
                need += 0 if netted else maintenance(self.rows[market], abs(lots) * price)
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
        return equity, need, notional

    def below(self, account):
        """Say whether an account is below maintenance."""
        equity, need, _ = self.margin(account)
        return equity < need
