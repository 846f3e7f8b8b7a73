"""Integer names for the kinds of things in the world's arrays."""

# Sides of a book and of a position in the trigger index.
BID = 0
ASK = 1
LONG = 0
SHORT = 1

# markets.kind
PERPETUAL = 0
SPOT = 1
OPTION = 2
MARKET_KINDS = ("perpetual", "spot", "option")

# accounts.kind; everything up to ARBITRAGEUR has margin to keep, the rest is the venue's own.
RETAIL = 0
DESK = 1
MAKER = 2
ARBITRAGEUR = 3
BACKSTOP = 4
INSURANCE = 5
FEES = 6
SELLER = 7
ISSUER = 8
INVESTOR = 9
ACCOUNT_KINDS = (
    "retail", "desk", "maker", "arbitrageur", "backstop", "insurance", "fees", "seller", "issuer",
    "investor",
)  # fmt: skip

# accounts.mode
CROSS = 0
ISOLATED = 1

# accounts.status
CALM = 0  # has more than its alert slack
ALERTED = 1  # has noticed; watched down to maintenance
LIQUIDATING = 2  # below maintenance, in the waterfall
EXEMPT = 3  # never checked: the venue's own accounts and everybody on the spot market

# accounts.since of somebody whose debt was written off: no order, no quote, for ever.
WRITTEN_OFF = -1

# Kinds of input records. first..fourth are explained beside each.
QUOTE = 1  # first: reference price, second: half spread, third: bid lots in 1 %, fourth: ask lots
ORDER = 2  # first: signed lots, second: limit price (0 none), third: reason, fourth: reduce only
TRANSFER = 3  # first: quanta from the wallet to the balance (negative: back)
SOURCE = 4  # account: asset, market: source, first: price per lot
FAULT = 5  # account: component, market: what, first: value
PARAMETER = 6  # account: collateral market, first: new weight in ppm
LIMIT = 7  # first: signed lots, second: price
CANCEL = 8  # cancels the account's resting orders in the market
RECORD_KINDS = {
    QUOTE: "quote", ORDER: "order", TRANSFER: "transfer", SOURCE: "source", FAULT: "fault",
    PARAMETER: "parameter", LIMIT: "limit", CANCEL: "cancel",
}  # fmt: skip

# What a FAULT record changes (its `market` field).
FAULT_GATEWAY = 0  # component: venue, first: availability in ppm
FAULT_DEPTH = 1  # component: market, first: depth factor in ppm
FAULT_SOURCE = 2  # component: asset * sources + source, first: mode, second: lag s, third: ppm
FAULT_NEWS = 3  # a label only
FAULT_VOLATILITY = 4  # component: all, first: factor in ppm (the value path already contains it)
FAULT_SELL = 5  # component: market, first: lots in all
FAULT_KINDS = ("gateway", "depth", "source", "news", "volatility", "sell")

# How a price source behaves.
SOURCE_LIVE = 0
SOURCE_FROZEN = 1  # keeps repeating its last price, looks alive
SOURCE_LAGGING = 2  # reports the past
SOURCE_LYING = 3  # multiplies by a factor
SOURCE_DEAD = 4  # says nothing
SOURCE_MODES = ("live", "frozen", "lagging", "lying", "dead")

# Reasons of an order, and the flow it counts as.
REASON_USER = 0
REASON_STOP = 1
REASON_PANIC = 2
REASON_ARBITRAGE = 3
REASON_UNWIND = 4
REASON_SELL = 5
REASON_LIQUIDATION = 6

# Waterfall stages and events of a liquidation.
STAGE_NONE = -1
STAGE_CANCEL = 0
STAGE_MARKET = 1
STAGE_CONVERT = 2
STAGE_TAKEOVER = 3
STAGE_INSURANCE = 4
STAGE_ADL = 5
STAGE_SHARE = 6
EVENT_TRIGGER = 7
EVENT_BAD_DEBT = 8
EVENT_HALT = 9
STAGES = (
    "cancel", "market", "convert", "takeover", "insurance", "adl", "share", "trigger", "bad_debt",
    "halt",
)  # fmt: skip
STAGES_MAX = 8

# transfers.kind
MOVE_TOP_UP = 0
MOVE_INSURANCE = 1
MOVE_FEE = 2
MOVE_FUNDING = 3
MOVES = ("top_up", "insurance", "fee", "funding")

# Words of a rulebook as numbers: the place of a word in its tuple.
INDEX_KINDS = ("weighted_median", "weighted_mean_capped", "weighted_mean_or_median")
MARK_KINDS = (
    "median_with_last", "median_with_perpetuals", "index", "fair_basis", "banded_basis",
)  # fmt: skip
MARGIN_FORMS = ("tiers", "sides", "size", "skew")
BOUND_KINDS = ("none", "bankruptcy", "mark_deviation", "fillable")
MARKET_SIZINGS = ("slices", "clips", "two_tiers", "to_health")
TRANSFER_KINDS = ("at_bankruptcy_price", "positions_and_margin", "at_mark_less_fee", "auction")
CAPACITY_KINDS = ("unlimited", "fund_not_negative", "fund_covers_maintenance")
TAKEOVER_SIZINGS = ("all", "portion", "share_steps", "to_health", "window_cap")
RANK_KINDS = (
    "profit_times_leverage", "price_gain_times_leverage", "leverage", "profit", "pseudo_random",
)  # fmt: skip
ADL_PRICE_KINDS = ("bankruptcy", "previous_mark", "mark")
ADL_TRIGGERS = ("negative_equity", "takeover_refused", "never", "fund_drawdown", "pool_profit")
ADL_ALLOCATIONS = ("greedy", "pro_rata", "capped_pro_rata", "risk_weighted")
COLLATERAL_PRICE_KINDS = ("own_book", "index", "redemption")
SHARE_KINDS = ("none", "profit_pro_rata", "open_interest", "deposits", "equity", "token_print")
SETTLEMENT_ORDERS = ("insurance_first", "collateral_first")
LIQUIDITY_KINDS = ("order_book", "constant_product")
LIQUIDATION_ORDERS = ("account", "pseudo_random")
FUNDING_KINDS = (
    "interest_clamped_eighth", "interest_clamped", "premium", "deadband", "velocity",
    "adaptive_skew", "none",
)  # fmt: skip
FUNDING_PRICES = ("mark", "index")
PREMIUM_KINDS = ("impact", "middle")
