"""From the world's arrays to tables that people read: names, UTC seconds, dollars beside quanta."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tacoma.lab.option_tables import (
    account_greeks,
    customers_with_options,
    open_interest,
    option_name,
    options_table,
    venue_greeks,
)
from tacoma.units import QUANTA_PER_USD
from tacoma.world.codes import (
    ACCOUNT_KINDS,
    BACKSTOP,
    FAULT,
    FAULT_KINDS,
    FAULT_SOURCE,
    INSURANCE,
    MARKET_KINDS,
    MOVES,
    OPTION,
    PERPETUAL,
    STAGES,
)
from tacoma.world.layout import MARKET_COLUMNS, VENUE_COLUMNS
from tacoma.world.limits import PPM

if TYPE_CHECKING:
    from tacoma.lab.drive import Driven
    from tacoma.scenario.schema import Scenario
    from tacoma.world.build import Built
    from tacoma.world.layout import Floats, Ints, Table, World

Frames = dict[str, pl.DataFrame]
ACCOUNTS_AT_ONCE = 1 << 22  # memory decides
COUNTED = ("liquidated_accounts", "alerted_accounts", "evaluations")


def usd(quanta: Ints) -> Floats:
    """Return dollars."""
    return np.asarray(quanta) / QUANTA_PER_USD


def _names(choices: list[str], codes: Ints) -> pl.Series:
    """Return codes as names, stored once each."""
    kind = pl.Enum(list(dict.fromkeys(choices)))
    table = np.array(choices, dtype=object)
    return pl.Series(table[np.asarray(codes, dtype=np.int64)], dtype=kind)


class Tables:
    """Builds every table of one run."""

    def __init__(self, scenario: Scenario, driven: Driven, before: Ints) -> None:
        """Remember the names; `before` is everybody's equity at the start in quanta."""
        self.scenario, self.driven, self.before = scenario, driven, before
        self.world, self.directory = driven.built.world, driven.built.directory
        self.rows = slice(1, driven.steps + 1)
        self.seconds = np.arange(1, driven.steps + 1) * scenario.step_ms // 1000
        markets = self.directory.markets
        self.venue_of = [market.venue_name for market in markets]
        self.symbol_of = [market.symbol for market in markets]
        self.lot = np.array([float(self.directory.lots[market.asset]) for market in markets])
        self.option_of = [option_name(scenario, market) for market in markets]
        self.funds = {fund.account: fund.name for fund in self.directory.funds}

    def all(self) -> Frames:
        """Return every table by name; `options` only where there are any."""
        tables = {
            "steps": self.steps(),
            "venues": self.venues(),
            "funds": self.fund_steps(),
            "liquidations": self.liquidations(),
            "adl": self.deleveragings(),
            "transfers": self.transfers(),
            "faults": self.faults(),
            "accounts": self.accounts(),
        }
        if self.directory.has_options:
            tables["options"] = options_table(self.scenario, self.driven)
        return tables

    def _option_column(self, rows: Ints) -> dict[str, pl.Series]:
        """Return the name of each row's option; no column at all where there are no options."""
        return {"option": _names(self.option_of, rows)} if self.directory.has_options else {}

    def steps(self) -> pl.DataFrame:
        """One row per step and market."""
        record = self.world.record.market[self.rows]
        steps, count = record.shape[:2]
        column = {name: record[:, :, place].ravel() for place, name in enumerate(MARKET_COLUMNS)}
        rows = np.tile(np.arange(count), steps)
        per_coin = np.tile(self.lot * QUANTA_PER_USD, steps)
        kinds = [MARKET_KINDS[market.kind] for market in self.directory.markets]
        is_option = np.array([market.kind == OPTION for market in self.directory.markets])[rows]
        data: dict[str, object] = {
            "second": np.repeat(self.seconds, count).astype(np.int32),
            "venue": _names(self.venue_of, rows),
            "asset": _names(self.symbol_of, rows),
            "kind": _names(kinds, rows),
        }
        for name in ("mark", "index", "bid", "ask", "last"):
            price = column[name] / per_coin
            missing = (column[name] == 0) & ~(is_option & (name == "mark"))
            data[f"{name}_usd"] = pl.Series(price).set(pl.Series(missing), None)
        data["mark_quanta"], data["index_quanta"] = column["mark"], column["index"]
        for name in (
            "depth_bid",
            "depth_ask",
            "traded",
            "forced",
            "stop",
            "panic",
            "takeover",
            "adl",
        ):
            data[f"{name}_usd"] = usd(column[name])
        data["withdrawal"] = np.where(is_option, 0, column["withdrawal_ppm"]) / PPM
        interest = (column["open_lots"] * column["mark"]).reshape(steps, count)
        data["open_interest_usd"] = usd(open_interest(self.directory, record, interest).ravel())
        return pl.DataFrame(data | self._option_column(rows))

    def venues(self) -> pl.DataFrame:
        """One row per step and venue."""
        record = self.world.record.venue[self.rows]
        steps, count = record.shape[:2]
        data: dict[str, object] = {
            "second": np.repeat(self.seconds, count).astype(np.int32),
            "venue": _names(list(self.directory.venues), np.tile(np.arange(count), steps)),
        }
        for place, name in enumerate(VENUE_COLUMNS):
            values = record[:, :, place].ravel()
            data[name if name in COUNTED else f"{name}_usd"] = (
                values if name in COUNTED else usd(values)
            )
        fund = self.world.record.fund[self.rows]
        for kind in ("insurance", "backstop"):
            equity = np.zeros((steps, count), dtype=np.int64)
            for place, entry in enumerate(self.directory.funds):
                if entry.kind == kind:
                    equity[:, entry.venue] += fund[:, place, 0]
            data[f"{kind}_equity_usd"] = usd(equity.ravel())
        if self.directory.has_options:
            data |= venue_greeks(self.driven)
        return pl.DataFrame(data)

    def fund_steps(self) -> pl.DataFrame:
        """One row per step and fund."""
        record = self.world.record.fund[self.rows]
        steps, count = record.shape[:2]
        rows = np.tile(np.arange(count), steps)
        funds = self.directory.funds
        if not funds:
            return pl.DataFrame(
                schema={
                    "second": pl.Int32,
                    **dict.fromkeys(("venue", "fund", "kind"), pl.String),
                    **dict.fromkeys(("equity_usd", "inventory_usd"), pl.Float64),
                }
            )
        return pl.DataFrame(
            {
                "second": np.repeat(self.seconds, count).astype(np.int32),
                "venue": _names([self.directory.venues[fund.venue] for fund in funds], rows),
                "fund": _names([fund.name for fund in funds], rows),
                "kind": _names([fund.kind for fund in funds], rows),
                "equity_usd": usd(record[:, :, 0].ravel()),
                "inventory_usd": usd(record[:, :, 1].ravel()),
            }
        )

    def _second(self, step: Ints) -> Ints:
        """Return seconds since the start of the clock."""
        seconds: Ints = (step.astype(np.int64) * self.scenario.step_ms // 1000).astype(np.int32)
        return seconds

    def _fund_names(self, account: Ints) -> pl.Series:
        """Return the names of funds, empty for none."""
        choices = ["", *dict.fromkeys(self.funds.values())]
        places = {row: choices.index(name) for row, name in self.funds.items()}
        codes = np.array([places.get(int(row), 0) for row in np.unique(account)], dtype=np.int64)
        return _names(choices, codes[np.unique(account, return_inverse=True)[1]])

    def liquidations(self) -> pl.DataFrame:
        """One row per event of a liquidation."""
        rows = self.driven.liquidations
        return pl.DataFrame(
            {
                "second": self._second(rows.step),
                "venue": _names(self.venue_of, rows.market),
                "asset": _names(self.symbol_of, rows.market),
                "account": rows.account.astype(np.int64),
                "stage": _names(list(STAGES), rows.stage),
                "side": _names(["short", "long"], (rows.lots >= 0).astype(np.int64)),
                "lots": np.abs(rows.lots),
                "price_quanta": np.ascontiguousarray(rows.price),
                "notional_usd": usd(np.abs(rows.lots) * rows.price),
                "equity_usd": usd(rows.equity),
                "fund": self._fund_names(rows.fund),
                **self._option_column(rows.market),
            }
        )

    def deleveragings(self) -> pl.DataFrame:
        """One row per fill of a deleveraged winner."""
        rows = self.driven.deleveragings
        kind = self.world.accounts.kind[rows.bankrupt]
        return pl.DataFrame(
            {
                "second": self._second(rows.step),
                "venue": _names(self.venue_of, rows.market),
                "asset": _names(self.symbol_of, rows.market),
                "account": rows.winner.astype(np.int64),
                "bankrupt": rows.bankrupt.astype(np.int64),
                "bankrupt_is_fund": np.isin(kind, (BACKSTOP, INSURANCE)),
                "side": _names(["short", "long"], (rows.lots >= 0).astype(np.int64)),
                "lots": np.abs(rows.lots),
                "price_quanta": np.ascontiguousarray(rows.price),
                "notional_usd": usd(np.abs(rows.lots) * rows.price),
                "pnl_usd": usd(rows.pnl),
                "score": np.ascontiguousarray(rows.score),
                "rank": rows["rank"].astype(np.int32),
                "leverage": rows.leverage_ppm / PPM,
                "partial": np.abs(rows.lots) < np.abs(rows.held),
            }
        )

    def transfers(self) -> pl.DataFrame:
        """One row per transfer worth telling."""
        rows = self.driven.moves
        venue = self.world.accounts.venue[rows.account]
        return pl.DataFrame(
            {
                "second": self._second(rows.step),
                "venue": _names(list(self.directory.venues), venue),
                "account": rows.account.astype(np.int64),
                "kind": _names(list(MOVES), rows.kind),
                "amount_usd": usd(rows.quanta),
            }
        )

    def faults(self) -> pl.DataFrame:
        """The timeline as it was applied."""
        rows = self.driven.built.inputs.rows
        data: dict[str, list[object]] = {
            name: [] for name in ("second", "kind", "target", "value", "label")
        }
        for row in rows[: self.driven.built.inputs.length[0]]:
            if row.kind != FAULT or row.step > self.driven.steps:
                continue
            second = int(row.step) * self.scenario.step_ms // 1000
            data["second"].append(second)
            kind = FAULT_KINDS[row.market]
            target = self._target(int(row.market), int(row.account))
            data["kind"].append(kind)
            data["target"].append(target)
            data["value"].append(self._value(kind, int(row.account), int(row.first)))
            data["label"].append(self._label(kind, second, target))
        schema = {"second": pl.Int32, "kind": pl.String, "target": pl.String, "value": pl.Float64,
                  "label": pl.String}  # fmt: skip
        return pl.DataFrame(data, schema=schema)

    def _target(self, what: int, component: int) -> str:
        """Return the name of the component that a fault changed."""
        kind = FAULT_KINDS[what]
        if kind == "gateway":
            return self.directory.venues[component]
        if kind in ("depth", "sell"):
            return f"{self.venue_of[component]} {self.symbol_of[component]}"
        if what == FAULT_SOURCE:
            asset, source = divmod(component, len(self.directory.sources))
            return f"{self.directory.sources[source]} {self.directory.assets[asset]}"
        return ""

    def _value(self, kind: str, component: int, first: int) -> float:
        """Return what changed: a factor, or for a sale the dollars in all."""
        if kind == "sell":
            return first * self.directory.markets[component].price_quanta / QUANTA_PER_USD
        return first / PPM

    def _label(self, kind: str, second: int, target: str) -> str:
        """Return the label of the timeline event that begins or ends here and now."""
        for event in self.scenario.timeline:
            times = [event.at] + ([event.until] if event.until else [])
            now = any(abs(self.scenario.second_of(time) - second) <= 1 for time in times)
            names = {getattr(event, "asset", None), *getattr(event, "assets", ())} - {None}
            if event.kind == kind and now and (not names or names & set(target.split())):
                return event.label
        return ""

    def accounts(self) -> pl.DataFrame:
        """One row per account that was liquidated or deleveraged, or has a slot in an option."""
        liquidated = self._sum_by_account(
            self.driven.liquidations, "account", STAGES.index("trigger")
        )
        deleveraged = self._sum_by_account(self.driven.deleveragings, "winner", None)
        rows = np.union1d(np.flatnonzero(liquidated), np.flatnonzero(deleveraged))
        greeks: dict[str, Floats] = {}
        if self.directory.has_options:
            rows = np.union1d(rows, customers_with_options(self.driven))
            greeks = account_greeks(self.driven, rows)
        after = equities(self.driven.built)
        accounts = self.world.accounts
        return pl.DataFrame(
            {
                "account": rows,
                "venue": _names(list(self.directory.venues), accounts.venue[rows]),
                "kind": _names(list(ACCOUNT_KINDS), accounts.kind[rows]),
                "initial_equity_usd": usd(self.before[rows]),
                "final_equity_usd": usd(after[rows]),
                "liquidated_usd": usd(liquidated[rows]),
                "adl_usd": usd(deleveraged[rows]),
                **greeks,
            }
        )

    def _sum_by_account(self, events: Table, column: str, stage: int | None) -> Ints:
        """Return the notional in quanta of an account's events."""
        total = np.zeros(len(self.world.accounts), dtype=np.int64)
        mine = events if stage is None else events[events.stage == stage]
        np.add.at(total, mine[column], np.abs(mine.lots) * mine.price)
        return total


def equities(built: Built) -> Ints:
    """Return everybody's equity in quanta: the engine's formula over whole columns."""
    accounts = built.world.accounts
    parts = [
        _equities(built.world, accounts[first : first + ACCOUNTS_AT_ONCE])
        for first in range(0, len(accounts), ACCOUNTS_AT_ONCE)
    ]
    return np.concatenate(parts)


def _equities(world: World, accounts: Table) -> Ints:
    """Return the equity of consecutive accounts in quanta."""
    begin, end = accounts.slot_first[0], accounts.slot_last[-1]
    positions, markets = world.positions[begin:end], world.markets
    market = positions.market
    value = positions.lots * markets.margin_price[market]
    weight = markets.weight_ppm[market]
    weighted = value // PPM * weight + value % PPM * weight // PPM
    perpetual = markets.kind[market] == PERPETUAL
    worth = np.where(perpetual, value - positions.entry, weighted)
    total = np.concatenate([[0], np.cumsum(worth)])
    gain = total[accounts.slot_last - begin] - total[accounts.slot_first - begin]
    equity: Ints = accounts.balance + gain
    return equity
