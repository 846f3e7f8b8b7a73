"""What there is: accounts and their positions, markets, venues, funds; and a step's clock.

Money is quanta (1e-6 USD), size is lots, prices are quanta per lot: whole numbers of any size.
Everybody is one account, whether a customer, a market maker, a fund or the venue's own purse.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from tacoma.reference.events import Events, Liquidation, MarketFlow, Move, VenueFlow

if TYPE_CHECKING:
    from tacoma.reference.book import Book
    from tacoma.reference.rulebook import Rulebook

Integers = Any  # a list of integers; the rules' signatures name the arrays of compiled callers

PERPETUAL = "perpetual"
SPOT = "spot"
OPTION = "option"


class Status(Enum):
    """How a venue deals with an account."""

    FREE = "free"
    LIQUIDATING = "in liquidation"  # found below maintenance, and waiting for its venue's stages
    EXEMPT = "exempt"  # never checked: the venue's own, the spot market, and the written-off


@dataclass(eq=False, slots=True)
class Position:
    """What one account holds in one market: signed lots, and what they cost, signed too."""

    account: Account
    market: Market
    lots: int
    entry: int  # 0 where lots are paid in full: spot assets and options


@dataclass(eq=False, slots=True)
class Account:
    """Somebody with money, who may hold something in the markets of one venue."""

    number: int
    kind: str
    venue: Venue | None  # None on the spot market, which knows no margin
    is_isolated: bool  # its one position stands for itself
    status: Status
    balance: int
    wallet: int  # money outside the venue that the owner can bring
    since: int  # step at which its liquidation began, 0 for none, WRITTEN_OFF for ever after
    wait_until: int  # step before which no further liquidation order is sent
    is_sliced: bool  # the first slice was sent
    is_refused: bool  # nobody wanted to take it over
    positions: list[Position] = field(default_factory=list)  # one per market it may trade
    may_hold_options: bool = False  # and is margined with them

    @property
    def rules(self) -> Rulebook:
        """The rules of its venue."""
        assert self.venue is not None
        return self.venue.rules

    def position_in(self, market: Market) -> Position | None:
        """Return its place in a market, held or empty; None where it may not trade."""
        return market.by_account.get(self.number)

    def holds_positions(self) -> bool:
        """Say whether it holds any perpetual or option."""
        return any(
            position.lots != 0 and position.market.kind != SPOT for position in self.positions
        )


@dataclass(slots=True)
class Schedule:
    """
    A market's maintenance margin: one of four forms, and a fixed amount per position.

    `tiers` has brackets by notional, `sides` a rate for longs and one for shorts, `size` a rate
    that grows with the root of the size, `skew` one that grows with size over a scale.
    """

    form: str
    lower_quanta: Integers  # per bracket, as the next three
    rate_numerator: Integers
    rate_denominator: Integers
    deduction_quanta: Integers
    long_rate_ppm: int
    short_rate_ppm: int
    premium_ppm: int
    coins_e6: int  # coins of one lot times 1e6
    skew_lots: int
    scalar_ppm: int
    fixed_quanta: int


@dataclass(slots=True)
class OptionTerms:
    """What an option is: its underlying, strike and expiry; how it is valued and margined."""

    underlying: Market
    is_call: bool
    strike_quanta: int
    expiry_seconds: int
    volatility_ppm: int
    response_ppm: int  # by how much volatility rises with the fall of the log price
    first_underlying: int
    spot_rate_ppm: int
    value_rate_ppm: int
    is_settled: bool
    short_quanta: int  # standard maintenance of one short lot now


@dataclass(frozen=True, slots=True)
class Shock:
    """One scenario of a portfolio margin: move of price, factor on volatility, part that counts."""

    move_ppm: int
    volatility_ppm: int
    cover_ppm: int


@dataclass(eq=False, slots=True)
class Market:
    """One instrument on one venue (or on the spot market), with its prices and its book."""

    number: int
    kind: str
    venue: Venue | None
    asset: int
    schedule: Schedule
    book: Book

    # Prices.
    index: int
    mark: int
    previous_mark: int
    last_price: int
    best_bid: int  # 0 for an empty side, as the next
    best_ask: int
    middle: int
    margin_price: int  # at which margin is computed

    # As collateral.
    weight_ppm: int
    collateral_price_kind: str
    redemption_ratio_ppb: int

    # State of the mark's and the index's rules.
    index_deviation_ppm: int
    basis_count: int  # samples ever taken
    basis_numerator: int
    basis_denominator: int
    local_numerator: int
    local_denominator: int
    average_numerator: int
    average_denominator: int
    is_blocked: bool  # the mark is too far from its average to liquidate

    # Funding.
    premium_sum_ppb: int
    premium_count: int
    last_funding_ppb: int

    # Liquidation.
    is_pooled: bool  # isolated positions have a pool of collateral of their own
    is_fund_drawn: bool  # the fund has lost more of its peak than the rulebook allows
    window_until: int
    window_lots: int

    # Portfolio margin.
    loss_factor_ppm: int
    contingency_ppm: int
    shocks: list[Shock]
    gains: list[int]  # what one lot gains in each scenario

    basis_samples: list[int] = field(default_factory=list)  # the last of middle - index
    underlying: Market | None = None  # whose index redemption follows
    external: Market | None = None  # another venue's perpetual that the mark reads
    fund: Account | None = None  # takes positions over
    insurance_fund: Account | None = None  # pays debts
    option: OptionTerms | None = None
    listed: list[Market] = field(default_factory=list)  # all of its venue, or of the spot market
    positions: list[Position] = field(default_factory=list)  # of everybody, by account
    by_account: dict[int, Position] = field(default_factory=dict)
    flow: MarketFlow = field(default_factory=MarketFlow)

    @property
    def rules(self) -> Rulebook:
        """The rules of its venue."""
        assert self.venue is not None
        return self.venue.rules

    def open_lots(self) -> int:
        """Return the open interest: the sum of all long positions in lots."""
        return sum(position.lots for position in self.positions if position.lots > 0)


@dataclass(eq=False, slots=True)
class Venue:
    """A place with a rulebook."""

    number: int
    rules: Rulebook
    stages: tuple[str, ...]  # of its waterfall, in order
    source_weights: list[int]
    halted_until: int  # nothing is liquidated, traded or funded before this step
    halts: int
    missing: int  # quanta that a failed settlement lacked
    markets: list[Market] = field(default_factory=list)
    fees: Account = field(init=False)  # where fees go
    flow: VenueFlow = field(default_factory=VenueFlow)

    def is_halted(self, step: int) -> bool:
        """Say whether the venue stands still."""
        return step < self.halted_until

    def is_looking(self, step: int) -> bool:
        """Say whether the venue looks for accounts to liquidate at this step."""
        return step % self.rules.liquidation_interval == 0 and not self.is_halted(step)


@dataclass(slots=True)
class Fund:
    """An insurance fund or backstop vault: its account, and its equity at the end of each step."""

    account: Account
    equities: list[int]  # by step; the first is that at the start
    peak: int = 0  # the highest of its rulebook's window, and the last step at which it was
    peak_step: int = 0
    notional: int = 0


@dataclass(slots=True)
class Source:
    """A price source of one asset: what venues heard last; and its state, which they ignore."""

    price: int
    heard: int  # step
    mode: int
    lag: int
    factor_ppm: int


@dataclass(slots=True)
class State:
    """Everything that the venues know and hold."""

    step: int
    step_seconds: int
    start_second_of_day: int
    seed: int  # only told when something is wrong
    accounts: list[Account]
    markets: list[Market]
    venues: list[Venue]
    funds: list[Fund]
    sources: list[list[Source]]  # by asset, then by source
    gateways: list[int]  # availability in ppm by venue, the spot market last
    waiting: list[Account]  # everybody in liquidation, in the order in which they are dealt with
    total_quanta: int = 0  # all money there is, which never changes
    events: Events = field(default_factory=Events)

    def second_of_day(self) -> int:
        """Return the simulated time of day in seconds since midnight of the first day."""
        return self.start_second_of_day + self.step * self.step_seconds

    def note_liquidation(
        self,
        account: Account,
        market: Market,
        stage: str,
        *,
        equity: int,
        lots: int = 0,
        price: int = 0,
        fund: Account | None = None,
    ) -> None:
        """Write down one event of a liquidation."""
        number = -1 if fund is None else fund.number
        self.events.liquidations.append(
            Liquidation(
                self.step, account.number, market.number, stage, lots, price, equity, number
            )
        )

    def note_move(self, account: Account, kind: str, quanta: int) -> None:
        """Write down one payment worth telling."""
        self.events.moves.append(Move(self.step, account.number, kind, quanta))
