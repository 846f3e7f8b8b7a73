"""The arrays of the world: one table per thing, its columns named.

Shapes: A accounts, P position slots, M markets, V venues, N assets, S sources, K makers a market,
L levels, T steps. Money is int64 quanta (1e-6 USD), size int64 lots, price int64 quanta per lot.
A table is a record array: `accounts.balance[row]` reads the same compiled and interpreted, and what
belongs together lies together in memory. A system receives only the tables that it needs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tacoma.world.limits import SHOCKS_MAX

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]
Table = Any  # numpy's record arrays have no static type for their columns


Row = tuple[str, str]


def _fields(wide: str, *narrow: Row) -> np.dtype[np.void]:
    """Return an aligned record type: int64 for every name in `wide`, other types as given."""
    return np.dtype([*((name, "i8") for name in wide.split()), *narrow], align=True)


# Where the world is in time (1,).
CLOCK = _fields("step steps step_seconds start_second_of_day", ("seed", "u8"))

# One row per instrument (M,): perpetuals and spot books of every venue, then the spot market.
MARKETS = _fields(
    "venue asset kind"
    " key"  # names its random draws, whatever other markets exist
    " mark previous_mark index last_price"
    " best_bid best_ask middle"  # top of the book, looked up twice a step; 0 for an empty side
    " margin_price"  # perpetual: mark; collateral: its price under the rulebook
    " seen_price"  # margin price at the last sweep of the trigger index
    " weight_ppm collateral_price_kind redemption_ratio_ppb"
    " underlying_market"  # a market of the same venue whose index redemption follows, or -1
    " fund"  # account that takes over positions, or -1
    " insurance_fund"  # account that pays debts and fees go to, or -1
    " fund_drawn"  # 1 while the fund has lost more of its peak than the rulebook allows
    " tier_first tier_count is_stepped"  # stepped: no deductions, maintenance jumps at a bound
    " steepest_rate_ppm"  # no tier rises faster; used only for the safety radius
    " margin_form long_rate_ppm short_rate_ppm"  # of schedules that are no tiers
    " premium_ppm coins_e6"  # growth of the rate with size; coins of one lot times 1e6
    " skew_lots scalar_ppm"  # of a schedule that grows with the share of a skew scale
    " fixed_quanta"  # maintenance per position, whatever its size
    " average_numerator average_denominator"  # of the mark over a longer time
    " is_blocked"  # 1 while the mark is too far from that average to liquidate
    " is_pooled"  # isolated positions have a collateral pool of their own
    " window_until window_lots"  # of a cap on lots taken over per window
    " index_deviation_ppm"
    " basis_sum basis_count"  # moving average of middle - index: sum, samples ever taken
    " basis_numerator basis_denominator local_numerator local_denominator"  # EMA states
    " external_market"  # perpetual on another venue that the mark also reads, or -1
    " premium_sum_ppb premium_count last_funding_ppb"
    " open_lots"  # sum of long positions
    " slot_first slot_last"  # range in positions.by_market
    " customer_lots"  # sum of positions of the crowd and of desks
    # Of an option. Its weight is 1: equity counts what it is worth, on both sides.
    " underlying_perpetual"  # of the same venue
    " is_call strike_quanta expiry_seconds is_settled"
    " volatility_ppm response_ppm"  # at the first price; its rise with the fall of the log price
    " first_underlying"  # the perpetual's first price
    " spot_rate_ppm value_rate_ppm"  # standard margin of a short: of underlying, of own value
    " short_quanta"  # standard maintenance of one short lot now
    # Of whatever a venue with portfolio margin lists beside options.
    " shock_count"  # scenarios of its grid; 0 without portfolio margin
    " loss_factor_ppm contingency_ppm",
    ("gains", f"({SHOCKS_MAX},)i8"),  # what one lot gains in each scenario, recomputed each step
)

# The scenarios of each market's grid (M, SHOCKS_MAX): move of the price, factor on volatility,
# part of the result that counts.
SHOCKS = _fields("move_ppm volatility_ppm cover_ppm")

# Maintenance tiers of all markets, flat.
TIERS = _fields("lower_quanta rate_numerator rate_denominator deduction_quanta")

# A rulebook per venue as integers (V,); intervals in steps.
RULES = _fields(
    "market_first market_count fees_account"
    " index_kind index_interval index_stale_steps"
    " mark_kind mark_interval"
    " basis_interval"  # between samples of the moving average
    " basis_decay_ppb local_decay_ppb"  # per mark interval
    " basis_band_ppm"
    " liquidation_interval liquidation_fee_ppm liquidation_order"
    " blocked_ppm average_decay_ppb"  # a mark this far from its average blocks liquidation
    " margin_excess"  # 1 where equity equal to maintenance is already too little
    " bound_kind bound_deviation_ppm bound_spread_ppm"
    " market_sizing health_ppm slice_above_quanta slice_ppm cooldown_steps"
    " takeover_interval takeover_numerator takeover_denominator capacity_kind"
    " transfer_kind takeover_fee_ppm insurance_share_ppm"
    " discount_start_ppm discount_end_ppm auction_steps"
    " takeover_sizing portion_ppm target_ppm window_steps"
    " adl_trigger adl_interval adl_rank adl_price adl_allocation adl_cap_ppm"
    " drawdown_ppm drawdown_steps share_kind"
    " settlement_order halt_steps"
    " liquidity_kind liquidity_fee_ppm"
    " funding_kind funding_interval_steps funding_interest_ppb funding_clamp_ppb funding_cap_ppb"
    " premium_kind premium_period_steps"
    " funding_decrease_ppb stable_threshold_ppm decrease_threshold_ppm"  # of adapting funding
    " funding_price"  # 0 mark, 1 index
)

# What a venue is in (V,).
VENUES = _fields(
    "halted_until"  # step before which nothing is liquidated, traded or funded
    " halts"  # how often it has halted
    " missing"  # money that its failed settlement lacked, in quanta
)

# The highest equity of each fund (F,) in the venue's window, and when that was.
PEAKS = _fields("equity step")

# One table for everybody (A,): 64 bytes, one cache line. A slot range holds an account's positions
# and collateral.
ACCOUNTS = _fields(
    "balance"
    " wallet"  # money outside the venue that the owner can bring
    " alert_slack"  # equity above maintenance below which the owner notices
    " key",  # names its random draws, whoever else exists
    ("slot_first", "i4"),
    ("slot_last", "i4"),
    ("wait_until", "i4"),  # step before which a sliced liquidation pauses
    ("since", "i4"),  # step at which it went into liquidation
    ("stamp", "i4"),  # last step at which it was a candidate for evaluation
    ("dense_market", "i2"),  # first market when the account has a slot for each, else -1
    ("venue", "i1"),
    ("kind", "i1"),
    ("mode", "i1"),
    ("status", "i1"),
    ("sliced", "i1"),  # the first slice was sent
    ("refused", "i1"),  # a take-over was refused for lack of capital
    ("has_options", "i1"),  # has a slot in an option: evaluated at every step, not by index
    ("is_touched", "i1"),
)

# One row per slot (P,): signed lots, signed cost, and its place in the trigger index.
POSITIONS = _fields(
    "lots entry",
    ("account", "i4"),
    ("following", "i4"),
    ("preceding", "i4"),
    ("trigger", "i4"),  # price at which to look, negative for a short, 0 when not in the index
    ("by_market", "i4"),  # all slots grouped by market; not this slot's own
    ("market", "i2"),
)

# Input records in the order of consumption; codes.py explains the fields by kind.
JOURNAL = _fields(
    "first second third fourth",
    ("step", "i4"),
    ("account", "i4"),
    ("market", "i2"),
    ("kind", "i1"),
)

TRIGGER_COUNTS = _fields("candidate batch alert")
TRIGGER_VENUES = _fields("evaluations everyone")  # everyone: all accounts want re-indexing
QUOTES = _fields("maker reference half_spread")
LEVELS_TYPE = _fields("consumed touched")  # lots taken, step of the last fill
CURVE = _fields("offset_q20 weight_q20")  # of each level; weight of the depth within 1 %
BOOK_BASE = _fields("calm_depth depth_factor_ppm replenish_q20 rest_count")
RESTS = _fields("price lots account")
HEARD = _fields("price heard")
SOURCE_STATE = _fields("mode lag factor_ppm")
AUDIT_STATE = _fields(
    "touched_count"
    " swept"  # the first of the touched are re-indexed already
    " total"  # the constant
    " interval"  # steps between full audits
    " enabled failed_step"  # -1 while all is well
    " failed_market"  # whose positions do not cancel, -1 for money
    " difference checked"
)
QUEUE = _fields("slot score leverage_ppm limit")  # limit: lots that it may lose
WINNERS = _fields("account weight share")
LIQUIDATIONS = _fields(
    "lots price equity",
    ("step", "i4"), ("account", "i4"), ("fund", "i4"), ("market", "i2"), ("stage", "i1"),
)  # fmt: skip
DELEVERAGINGS = _fields(
    "lots price pnl score leverage_ppm held",
    ("step", "i4"), ("winner", "i4"), ("bankrupt", "i4"), ("rank", "i4"), ("market", "i2"),
)  # fmt: skip
MOVES_TYPE = _fields("quanta", ("step", "i4"), ("account", "i4"), ("kind", "i1"))
EVENT_COUNTS = _fields("liquidations deleveragings moves")


def table(fields: np.dtype[np.void], *shape: int) -> Table:
    """Return a zeroed table whose columns are attributes."""
    return np.zeros(shape, dtype=fields).view(np.recarray)


class Triggers(NamedTuple):
    """The trigger index: list heads per market, side and price bucket, and work lists."""

    head: Small  # (M, 2 * BUCKETS)
    candidate: Small  # (A,) scratch: accounts to evaluate this step
    batch: Small  # (A,) accounts in liquidation
    alert: Small  # (A,) accounts that crossed their alert slack this step
    holders: Ints  # accounts with margin to keep and a slot in an option, in order
    counts: Table  # (1,) lengths of the three lists
    venues: Table  # (V,)


class Books(NamedTuple):
    """Ladders: K standing depth curves per market, and a few explicit resting orders."""

    quotes: Table  # (M, K)
    depth: Ints  # (M, K, 2) lots within 1 %
    levels: Table  # (M, K, 2, L)
    curve: Table  # (L,)
    base: Table  # (M,)
    rests: Table  # (M, RESTING_MAX)
    cursor: Ints  # (K,) scratch: how deep a walk is in each maker's curve


class Oracles(NamedTuple):
    """What the venues have heard: last price and step per asset and source."""

    heard: Table  # (N, S)
    source_weight: Ints  # (V, S)
    basis_ring: Ints  # (M, BASIS_SAMPLES) last samples of middle - index
    scratch: Ints  # (3, S) prices, weights, order


class Components(NamedTuple):
    """What can fail: gateways by venue (the spot market is the last), sources by asset."""

    availability_ppm: Ints  # (V + 1,)
    sources: Table  # (N, S)


class Flows(NamedTuple):
    """What this step moved, per market (M, columns) and per venue (V, columns)."""

    market: Ints
    venue: Ints


class Audit(NamedTuple):
    """Conservation: what was touched since the last check."""

    sums: Ints  # (M,) scratch of the full audit
    touched: Small  # (2 A + 1,) accounts; one touched before and after the sweep is in it twice
    seen_worth: Ints  # (A,) of each account at its last check
    net_lots: Ints  # (M,) change of the sum of positions since the last check
    state: Table  # (1,)


class Deleverage(NamedTuple):
    """Scratch for ADL: the queue of one market side, and winners who may share a loss."""

    queue: Table  # (P,)
    limits: Ints  # (3, P): of those in the queue, most lots, shares and weights
    histogram: Ints  # lots by score bucket
    winners: Table  # (A,)


class Events(NamedTuple):
    """What happened to whom."""

    liquidations: Table
    deleveragings: Table
    moves: Table
    counts: Table  # (1,)


class Journal(NamedTuple):
    """Input records: how many (1,), and their rows."""

    length: Ints
    rows: Table


class Record(NamedTuple):
    """The run's time series: (T + 1, M, columns), (T + 1, V, columns), (T + 1, funds, 2)."""

    market: Ints
    venue: Ints
    fund: Ints
    fund_account: Ints  # (F,)
    sensitivity: Floats  # (M, SENSITIVITIES) of one lot at this step, in quanta
    greeks: Floats  # (T + 1, V, SENSITIVITIES) of the venue's customers, in quanta; or (1, ...)


class World(NamedTuple):
    """Everything that the venues know and hold."""

    clock: Table
    markets: Table
    tiers: Table
    rules: Table
    venues: Table  # (V,)
    peaks: Table  # (F,)
    shocks: Table  # (M, SHOCKS_MAX), (1, 1) without portfolio margin of options
    waterfall: Ints  # (V, STAGES_MAX) stages in the rulebook's order
    accounts: Table
    positions: Table
    triggers: Triggers
    books: Books
    oracles: Oracles
    components: Components
    flows: Flows
    audit: Audit
    deleverage: Deleverage
    events: Events
    record: Record


# Columns of flows.market and record.market.
FLOW_TRADED = 0
FLOW_FORCED = 1
FLOW_STOP = 2
FLOW_PANIC = 3
FLOW_TAKEOVER = 4
FLOW_ADL = 5
FLOW_TRADES = 6
FLOW_NET_LOTS = 7  # bought less sold by takers
FLOW_MARKET_COLUMNS = 8

# Columns of flows.venue.
VENUE_LIQUIDATED = 0
VENUE_LIQUIDATED_ACCOUNTS = 1
VENUE_MARKET = 2
VENUE_TAKEOVER = 3
VENUE_ADL = 4
VENUE_INSURANCE_PAID = 5
VENUE_SHARED = 6
VENUE_BAD_DEBT = 7
VENUE_ALERTED = 8
VENUE_TOP_UP = 9
VENUE_LONG_LIQUIDATED = 10
FLOW_VENUE_COLUMNS = 11

# Columns of record.market beyond the prices.
MARKET_COLUMNS = (
    "mark", "index", "bid", "ask", "last", "depth_bid", "depth_ask", "traded", "forced", "stop",
    "panic", "takeover", "adl", "withdrawal_ppm", "open_lots",
)  # fmt: skip
VENUE_COLUMNS = (
    "liquidated", "liquidated_accounts", "market", "takeover", "adl", "insurance_paid", "shared",
    "bad_debt", "alerted_accounts", "top_up", "long_liquidated", "evaluations",
)  # fmt: skip
# Columns of record.sensitivity and record.greeks: per 100 % and per 1 % of the underlying's price,
# per percentage point of volatility, per day, per percentage point of interest.
SENSITIVITIES = (
    "delta_usd", "gamma_usd_per_percent", "vega_usd_per_point", "theta_usd_per_day",
    "rho_usd_per_point",
)  # fmt: skip
