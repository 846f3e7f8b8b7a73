"""
Options by the words of scenario and rulebook, in Python's integers and its own normal distribution.

Written independently of the engine, like `exact.py`: terms and grids come from the scenario, and
nothing is taken from `tacoma.rules`.
"""

import math
from fractions import Fraction
from statistics import NormalDist

from tacoma.world.codes import OPTION, PERPETUAL

YEAR = 365 * 86_400
PPM = 1_000_000
STANDARD = Fraction(9, 100)  # of a rulebook that knows no options


def value(forward, strike, seconds, volatility, is_call):
    """Return what an option is worth by Black's formula without interest, to the nearest."""
    if seconds <= 0 or volatility <= 0 or forward <= 0:
        return max(forward - strike if is_call else strike - forward, 0)
    deviation = volatility * math.sqrt(seconds / YEAR)
    first = math.log(forward / strike) / deviation + deviation / 2
    normal = NormalDist().cdf
    if is_call:
        worth = forward * normal(first) - strike * normal(first - deviation)
    else:
        worth = strike * normal(deviation - first) - forward * normal(-first)
    return math.floor(max(worth, 0) + 0.5)


def away(ratio):
    """Return a ratio in parts per million, away from zero."""
    return math.ceil(ratio * PPM) if ratio >= 0 else -math.ceil(-ratio * PPM)


def shocks(margin, symbol):
    """Return a grid's scenarios: (move, factor on volatility, part that counts), the first ppm."""
    widest = margin.price_range.get(symbol, margin.price_range.get("default"))
    up, down = 1 + margin.volatility_up, 1 - margin.volatility_down
    found = []
    for third in range(-margin.price_steps, margin.price_steps + 1):
        found += [(away(widest * third / margin.price_steps), v, 1) for v in (up, 1, down)]
    for extreme in margin.extremes:
        found += [(away(way * extreme), up, margin.extreme_share) for way in (-1, 1)]
    return found


class Options:
    """The options of one world, valued at any moment from the marks of their underlyings."""

    def __init__(self, scenario, built):
        self.scenario, self.world, self.directory = scenario, built.world, built.directory
        self.kinds = [market.kind for market in built.directory.markets]
        self.settled = {}  # the mark of what has expired

    def margin_of(self, row):
        """Return the margin rules of a market's venue."""
        return self.scenario.venues[self.directory.markets[row].venue].rules.margin

    def underlying(self, row):
        """Return the row of an option's perpetual."""
        market = self.directory.markets[row]
        return self.directory.market(market.venue_name, market.symbol, PERPETUAL).row

    def seconds(self, row):
        """Return the seconds that an option has left."""
        now = int(self.world.clock.step[0]) * self.scenario.step_ms // 1000
        return max(self.directory.markets[row].entry.expiry // 1000 - now, 0)

    def volatility(self, row):
        """Return an option's implied volatility."""
        here = self.underlying(row)
        first = self.directory.markets[here].price_quanta
        fall = max(math.log(first / int(self.world.markets.margin_price[here])), 0.0)
        option = self.directory.markets[row].entry
        return float(option.volatility) + fall * float(self.scenario.volatility_response)

    def worth(self, row, price=None, factor=1):
        """Return an option's value at its underlying's mark or at another price."""
        if row in self.settled:
            return self.settled[row]
        option = self.directory.markets[row].entry
        if price is None:
            price = int(self.world.markets.margin_price[self.underlying(row)])
        strike = int(option.strike * self.scenario.quanta_per_lot(option.asset))
        volatility = self.volatility(row) * float(factor)
        found = value(price, strike, self.seconds(row), volatility, option.kind == "call")
        if self.seconds(row) == 0:
            self.settled[row] = found
        return found

    def short(self, row):
        """Return the standard maintenance of one short lot, beyond its value."""
        margin, option = self.margin_of(row), self.directory.markets[row].entry
        rules = getattr(margin, "options", None)
        price = int(self.world.markets.margin_price[self.underlying(row)])
        if self.seconds(row) == 0:
            return 0
        if option.kind == "call":
            return math.floor(price * (rules.maintenance_call if rules else STANDARD))
        spot = math.floor(price * (rules.maintenance_put if rules else STANDARD))
        own = math.floor(self.worth(row) * (rules.maintenance_put_mark if rules else STANDARD))
        return max(spot, own)

    def gain(self, row, move, factor):
        """Return what a lot of an option or perpetual gains in one scenario, before its part."""
        here = self.underlying(row)
        price = int(self.world.markets.margin_price[here])
        moved = max(price + math.floor(Fraction(move * price, PPM)), 0)
        if self.kinds[row] == PERPETUAL:
            return moved - price
        if self.seconds(row) == 0:
            return 0
        return self.worth(row, moved, factor) - self.worth(row)

    def portfolio(self, held):
        """Return the maintenance of {row: lots} as a portfolio, one worst loss per underlying."""
        need = 0
        for symbol in sorted({self.directory.markets[row].symbol for row in held}):
            mine = {r: n for r, n in held.items() if self.directory.markets[r].symbol == symbol}
            margin = self.margin_of(next(iter(mine)))
            worst = 0
            for move, factor, part in shocks(margin, symbol):
                worst = max(worst, -sum(
                    lots * math.floor(self.gain(row, move, factor) * Fraction(part))
                    for row, lots in mine.items()
                ))  # fmt: skip
            need += math.ceil(worst * margin.maintenance_factor)
            for row, lots in mine.items():
                if self.kinds[row] == PERPETUAL:
                    notional = abs(lots) * int(self.world.markets.margin_price[row])
                    need += math.ceil(notional * margin.contingency)
        return need

    def has_slot(self, account):
        """Say whether an account has a slot in any option."""
        accounts = self.world.accounts
        slots = range(int(accounts.slot_first[account]), int(accounts.slot_last[account]))
        return any(self.kinds[int(self.world.positions.market[slot])] == OPTION for slot in slots)
