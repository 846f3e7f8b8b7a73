"""
What margin is computed from and what comes out: markets, positions, accounts, totals.

Plain records without rules; `margin_account` computes with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tacoma.rules.numbers.arithmetic import trunc_div

QUOTE_TOKEN = 0
NEVER_RELAXED, ALWAYS_RELAXED, RELAXED_TO_KEEP = 0, 1, 2  # an account's leverage mode


@dataclass(frozen=True)
class Scales:
    """Units of an account's numbers, and the fixed amounts of its venue."""

    base: int = 10**9
    quote: int = 10**6  # of prices too
    ratio: int = 10**4  # of weights too
    fee: int = 10**6
    balance_digits: int = 19  # digits of an index and of a balance, together
    funding: int = 10**12
    order_margin: int = 10**4  # asked for each open order
    initial_profit_cap: int = 100 * 10**6  # unrealised profit counts up to this for opening
    highest_binary_price: int = 10**6


@dataclass
class TokenMarket:
    """A token that can be deposited or borrowed: its price, weights and interest."""

    price: int
    average_price: int = 0
    decimals: int = 0
    initial_asset_weight: int = 0
    maintenance_asset_weight: int = 0
    initial_debt_weight: int = 0
    maintenance_debt_weight: int = 0
    size_factor_ppm: int = 0
    deposit_index: int = 0
    debt_index: int = 0
    deposit_balance: int = 0
    scale_weight_start: int = 0

    @property
    def unit(self) -> int:
        """How many of its steps make a whole token."""
        unit: int = 10**self.decimals
        return unit


@dataclass
class PerpMarket:
    """A perpetual: its price, margin ratios, weights of profit, fees and funding."""

    price: int
    average_price: int = 0
    initial_ratio: int = 0
    maintenance_ratio: int = 0
    relaxed_initial_ratio: int = 0
    relaxed_maintenance_ratio: int = 0
    size_factor_ppm: int = 0
    initial_profit_weight: int = 0
    maintenance_profit_weight: int = 0
    profit_factor_ppm: int = 0
    max_imbalance: int = 0
    imbalance: int = 0
    liquidator_fee: int = 0
    insurance_fee: int = 0
    step: int = 1
    is_settled: bool = False
    settlement_price: int = 0
    is_binary: bool = False
    quote_token: int = QUOTE_TOKEN
    long_funding_index: int = 0
    short_funding_index: int = 0
    liquidation_fees: int = 0

    @property
    def allows_relaxed(self) -> bool:
        """Whether accounts may choose the relaxed ratios here."""
        return self.relaxed_initial_ratio > 0 and self.relaxed_maintenance_ratio > 0

    @property
    def valuation_price(self) -> int:
        """The price that values positions."""
        return self.settlement_price if self.is_settled else self.price


@dataclass
class TokenPosition:
    """A deposit or a debt, and open orders in that token."""

    market: int
    balance: int = 0
    is_debt: bool = False
    orders: int = 0
    bids: int = 0
    asks: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it takes part in margin."""
        return self.balance != 0 or self.orders != 0


@dataclass
class PerpPosition:
    """A perpetual position with its open orders, and its own collateral where it is isolated."""

    market: int
    base: int = 0
    quote: int = 0
    entry: int = 0
    break_even: int = 0
    orders: int = 0
    bids: int = 0
    asks: int = 0
    last_funding_index: int = 0
    custom_ratio: int = 0
    is_isolated: bool = False
    isolated_balance: int = 0
    is_being_liquidated: bool = False
    is_bankrupt: bool = False

    @property
    def has_orders(self) -> bool:
        """Whether anything rests in a book."""
        return self.orders != 0 or self.bids != 0 or self.asks != 0

    @property
    def is_open(self) -> bool:
        """Whether it takes part in margin."""
        return self.base != 0 or self.quote != 0 or self.has_orders or self.isolated_balance != 0


@dataclass
class Account:
    """An account: positions, its own choices, and where it stands in a liquidation."""

    tokens: list[TokenPosition] = field(default_factory=list)
    perps: list[PerpPosition] = field(default_factory=list)
    custom_ratio: int = 0
    leverage_mode: int = NEVER_RELAXED
    is_being_liquidated: bool = False
    is_bankrupt: bool = False
    margin_freed: int = 0
    last_active_slot: int = 0

    def perp(self, market: int) -> PerpPosition | None:
        """Return the position in a market, or None."""
        return next((p for p in self.perps if p.market == market), None)


@dataclass
class Markets:
    """All markets by number, and the units of their numbers."""

    tokens: dict[int, TokenMarket]
    perps: dict[int, PerpMarket]
    scales: Scales = field(default_factory=Scales)


@dataclass(frozen=True)
class Purpose:
    """What the margin is computed for."""

    stage: int
    buffer: int = 0  # ratio on top, below which a liquidation goes on
    is_strict: bool = False
    custom_ratio: int = 0  # at least this, in every stage


@dataclass
class Totals:
    """Collateral and requirement of an account, or of one isolated position."""

    collateral: int = 0
    collateral_buffer: int = 0
    requirement: int = 0
    requirement_with_buffer: int = 0

    def credit(self, value: int, buffer: int, unit: int) -> None:
        """Add collateral; a loss also counts with the buffer, rounded toward zero."""
        self.collateral += value
        if value < 0:
            self.collateral_buffer += trunc_div(value * buffer, unit)

    def require(self, amount: int, liability: int, buffer: int, unit: int) -> None:
        """Add a requirement; the buffer is taken on the liability's value, rounded down."""
        self.requirement += amount
        self.requirement_with_buffer += amount + liability * buffer // unit

    @property
    def is_sufficient(self) -> bool:
        """Collateral at least covers the requirement: no liquidation may start."""
        return self.collateral >= self.requirement

    @property
    def may_leave(self) -> bool:
        """Collateral covers the requirement with its buffer: a liquidation ends."""
        return self.shortage == 0

    @property
    def shortage(self) -> int:
        """What is missing to the requirement with its buffer, never below 0."""
        return max(0, self.requirement_with_buffer - self.collateral - self.collateral_buffer)


@dataclass
class Margin:
    """The margin of an account: shared by all, of each isolated position, and of each perpetual."""

    shared: Totals = field(default_factory=Totals)
    isolated: dict[int, Totals] = field(default_factory=dict)
    requirement_by_perp: dict[int, int] = field(default_factory=dict)

    @property
    def is_sufficient(self) -> bool:
        """All parts have enough."""
        return self.shared.is_sufficient and all(
            part.is_sufficient for part in self.isolated.values()
        )
