"""Worlds under any rulebook: the invented crash with its first venue's rules exchanged."""

import functools

from systems import worlds
from tacoma.scenario import bundled_rulebooks, from_dict
from tacoma.scenario.paths import set_value
from tacoma.scenario.transplant import transplanted
from tacoma.world.codes import LIQUIDATING, PERPETUAL

RULEBOOKS = [entry.name for entry in bundled_rulebooks()]
VENUE = "binance"  # the first venue keeps its name, whatever its rules


@functools.cache
def _resolved(rulebook, accounts, calm):
    table = worlds.table(accounts, timeline=[]) if calm else worlds.table(accounts)
    return transplanted(from_dict(table), rulebook)


def under(rulebook, accounts=100, *, calm=False, path=None, rules=None, fields=None):
    """
    Return flash-crash under a rulebook; `path` are the assets' prices as parts of the first.

    `rules` replaces fields of the venue's rules, `fields` those of the scenario, by their paths.
    """
    scenario = _resolved(rulebook, accounts, calm)
    table = scenario.resolved()
    for place, value in (rules or {}).items():
        set_value(table, f"venues.{VENUE}.rules.{place}", value)
    for place, value in (fields or {}).items():
        set_value(table, place, value)
    for asset in table["assets"] if path else ():
        if asset.get("anchors"):
            first = scenario.first_price(asset["symbol"])
            lot = [round(first * 1000 * part) / 1000 for _, part in path]
            asset["anchors"] = [[at, price] for (at, _), price in zip(path, lot, strict=True)]
    return from_dict(table)


class Made(tuple):
    """A scenario and its world; what failing tests print of it is short."""

    __slots__ = ()

    def __repr__(self):
        return f"<{self[0].title}>"


def made(scenario):
    """Return a scenario and its world, books opened."""
    return Made((scenario, worlds.start(scenario)))


# Down by a sixth and up by a third within half a minute: both sides fail.
SHAKE = [("15:55", 1), ("15:55:02", 1), ("15:55:14", 0.84), ("15:55:30", 1.14), ("16:05", 1)]


class Hands:
    """One account of a calm world with positions made by hand, its funds, and stages to run."""

    def __init__(self, package, scenario, built, account=None):
        from systems.exact import Scan

        self.package, self.scenario, self.built = package, scenario, built
        self.world, self.directory = built.world, built.directory
        self.scan = Scan(scenario, built)
        self.account = built.found.makers[0][2] if account is None else account
        self.venue = int(self.world.accounts.venue[self.account])
        markets = [m.row for m in self.directory.of_venue(self.venue) if m.kind == PERPETUAL]
        funds = {int(self.world.markets.fund[m]) for m in markets}
        funds |= {int(self.world.markets.insurance_fund[m]) for m in markets}
        self.funds = sorted(funds - {-1})
        for holder in (self.account, *self.funds):
            self.clear(holder)
        self.world.accounts.status[self.account] = LIQUIDATING
        self.world.accounts.wait_until[self.account] = self.world.accounts.sliced[self.account] = 0
        self.world.accounts.since[self.account] = 0
        for name in ("liquidations", "deleveragings", "moves"):
            self.world.events.counts[name][0] = 0
        self.world.markets.window_until[:] = self.world.markets.window_lots[:] = 0

    def slots(self, account=None):
        """Return the slots of an account."""
        account = self.account if account is None else account
        accounts = self.world.accounts
        return range(int(accounts.slot_first[account]), int(accounts.slot_last[account]))

    def clear(self, account):
        """Take everything away from an account."""
        for slot in self.slots(account):
            self.world.positions.lots[slot] = self.world.positions.entry[slot] = 0
        self.world.accounts.balance[account] = 0

    def slot(self, symbol, account=None, kind=PERPETUAL):
        """Return the slot of an account in a coin."""
        for slot in self.slots(account):
            market = self.directory.markets[int(self.world.positions.market[slot])]
            if (market.symbol, market.kind) == (symbol, kind):
                return slot
        raise AssertionError(symbol)

    def market(self, symbol):
        """Return the row of the venue's perpetual in a coin."""
        return int(self.world.positions.market[self.slot(symbol)])

    def price(self, symbol, price=None):
        """Return the margin price of a coin, after setting it where one is given."""
        row = self.market(symbol)
        if price is not None:
            for column in ("margin_price", "mark", "index", "seen_price", "previous_mark"):
                self.world.markets[column][row] = price
        return int(self.world.markets.margin_price[row])

    def hold(self, symbol, lots, account=None, *, entry=None):
        """Give an account a position bought at its price, or at this cost; return its slot."""
        slot = self.slot(symbol, account)
        cost = lots * self.price(symbol) if entry is None else entry
        self.world.positions.lots[slot], self.world.positions.entry[slot] = lots, cost
        return slot

    def set_equity(self, equity, account=None):
        """Give an account the balance that makes its equity this."""
        account = self.account if account is None else account
        self.world.accounts.balance[account] += equity - self.scan.margin(account)[0]

    def equity(self, account=None):
        """Return the equity of an account by the independent scan."""
        return self.scan.margin(self.account if account is None else account)[0]

    def need(self, account=None):
        """Return the maintenance of an account by the independent scan."""
        return self.scan.margin(self.account if account is None else account)[1]

    def lots(self, symbol, account=None):
        """Return what an account holds of a coin."""
        return int(self.world.positions.lots[self.slot(symbol, account)])

    def take_over(self, step=0):
        """Run the take-over stage for the account."""
        world = self.world
        self.package.takeover.take_over(
            world.accounts, world.positions, world.markets, world.tiers, world.rules, world.audit,
            world.flows, world.events, self.account, step,
        )  # fmt: skip

    def rules(self, **columns):
        """Set columns of the venue's rules."""
        for name, value in columns.items():
            self.world.rules[name][self.venue] = value
