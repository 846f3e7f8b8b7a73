"""
Equity and maintenance by the rulebook's words, in Python's integers and fractions.

Written independently of the engine: rates and brackets come from the scenario, not from the
world's tables, and nothing is taken from `tacoma.rules`.
"""

import math
from fractions import Fraction

from tacoma.world.codes import PERPETUAL


def brackets(scenario, market):
    """Return (from this notional on, maintenance rate) of a market, as its rulebook says."""
    margin = scenario.venues[market.venue].rules.margin
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
        self.rows = [brackets(scenario, m) if m.kind == PERPETUAL else None for m in markets]

    def margin(self, account):
        """Return (equity, maintenance, notional) of one account in quanta."""
        accounts, positions = self.world.accounts, self.world.positions
        equity, need, notional = int(accounts.balance[account]), 0, 0
        for slot in range(int(accounts.slot_first[account]), int(accounts.slot_last[account])):
            lots = int(positions.lots[slot])
            if lots == 0:
                continue
            market = int(positions.market[slot])
            price = int(self.world.markets.margin_price[market])
            if self.perpetual[market]:
                equity += lots * price - int(positions.entry[slot])
                need += maintenance(self.rows[market], abs(lots) * price)
                notional += abs(lots) * price
            else:
                weight = int(self.world.markets.weight_ppm[market])
                equity += lots * price * weight // 1_000_000
        return equity, need, notional

    def below(self, account):
        """Say whether an account is below maintenance."""
        equity, need, _ = self.margin(account)
        return equity < need
