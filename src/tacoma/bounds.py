"""
Stated maxima of every quantity, so that no sum and no product leaves 64 bits.

What enters from outside is refused beyond its maximum; what the engine computes cannot pass its
own, is cut off there (stated where that happens), or stops the run. `MAXIMA` says why each holds;
the tests evaluate the engine's rules and kernels at the corners, and docs/limits.md prints the
table.
"""

from __future__ import annotations

from typing import NamedTuple

# Lots and prices. A price is that of one lot.
LOTS_MAX = 2**31 - 1
OPEN_LOTS_MAX = 2**30 - 1
PRICE_QUANTA_MAX = 2**31 - 1
LOT_QUANTA_MIN = 1_000
LOT_UNITS_MAX = 10**8

# Money.
AMOUNT_QUANTA_MAX = 10**18 - 1
DEPTH_QUANTA_MAX = 10**16
BALANCE_QUANTA_MAX = 2**60
MARGIN_QUANTA_MAX = 2**59
TOTAL_QUANTA_MAX = 2**62 - 1

# Counts, by the integer types of the tables.
ACCOUNTS_MAX = 200_000_000
SLOTS_MAX = 2**31 - 1
MARKETS_MAX = 2**15 - 1
VENUES_MAX = 2**7 - 2
SOURCES_MAX = 64
STEPS_MAX = 3 * 86_400
SEED_MAX = 2**63 - 1

# Rates and factors.
MARGIN_RATE_MAX = 10
HEALTH_MAX = 8
SHOCK_FACTOR_MAX = 1_000
DEPTH_GROWTH_MAX = 100
REFILLS_MAX = 30
EXPONENT_MIN, EXPONENT_MAX = 0.1, 10
LEVERAGE_MIN, LEVERAGE_MAX = 0.1, 1_000
SPREAD_OF_LOGS_MAX = 10
RATE_DENOMINATOR_MAX = 2**31 - 1
AVERAGE_SECONDS_MAX = 1_000
PREMIUM_PPB_MAX = 10**12


class Maximum(NamedTuple):
    """One stated maximum: its name here, value, unit, what it bounds and what happens beyond."""

    name: str
    value: int | float
    unit: str
    bounds: str
    beyond: str


REFUSED = "refused at load"
AT_THE_DOOR = "record rejected"

MAXIMA = (
    Maximum(
        "OPEN_LOTS_MAX", OPEN_LOTS_MAX, "lots",
        "lots open on one venue, all its markets together: what any account holds there",
        "refused at load; during a run nobody opens more, closing stays possible",
    ),
    Maximum("LOTS_MAX", LOTS_MAX, "lots", "an order, one side of a quote", AT_THE_DOOR),
    Maximum(
        "PRICE_QUANTA_MAX", PRICE_QUANTA_MAX, "quanta a lot",
        "every price: of a quote, a trade, a source, an index, a mark, a strike, an option",
        "anchors, strikes, value paths refused; records rejected; marks stop, asks are left out",
    ),
    Maximum(
        "LOT_UNITS_MAX", LOT_UNITS_MAX, "units", "units of an asset in one lot", REFUSED,
    ),
    Maximum(
        "AMOUNT_QUANTA_MAX", AMOUNT_QUANTA_MAX, "quanta",
        "an amount of money in a file: open interest, capital, a tier's bound, a sale", REFUSED,
    ),
    Maximum(
        "DEPTH_QUANTA_MAX", DEPTH_QUANTA_MAX, "quanta", "depth of one book within 1 %", REFUSED,
    ),
    Maximum(
        "BALANCE_QUANTA_MAX", BALANCE_QUANTA_MAX, "quanta",
        "balance or wallet of one account, either sign",
        "refused before the first step; later it trades no more, and the audit stops the run",
    ),
    Maximum(
        "MARGIN_QUANTA_MAX", MARGIN_QUANTA_MAX, "quanta",
        "maintenance margin of one account", "cut off there: nobody has as much equity",
    ),
    Maximum(
        "TOTAL_QUANTA_MAX", TOTAL_QUANTA_MAX, "quanta",
        "everybody's balances, wallets and costs of positions together, signs ignored",
        "refused before the first step",
    ),
    Maximum("ACCOUNTS_MAX", ACCOUNTS_MAX, "accounts", "the leveraged population", REFUSED),
    Maximum("SLOTS_MAX", SLOTS_MAX, "slots", "places for positions (32 bits)", REFUSED),
    Maximum("MARKETS_MAX", MARKETS_MAX, "markets", "books and options (16 bits)", REFUSED),
    Maximum("VENUES_MAX", VENUES_MAX, "venues", "beside the spot market (8 bits)", REFUSED),
    Maximum("SOURCES_MAX", SOURCES_MAX, "sources", "price sources", REFUSED),
    Maximum("STEPS_MAX", STEPS_MAX, "steps", "72 hours of one-second steps", REFUSED),
    Maximum("SEED_MAX", SEED_MAX, "", "the seed", REFUSED),
    Maximum(
        "MARGIN_RATE_MAX", MARGIN_RATE_MAX, "times notional",
        "what a schedule that grows with size can ask for", "cut off there",
    ),
    Maximum(
        "HEALTH_MAX", HEALTH_MAX, "times maintenance",
        "equity that a liquidation aims at (health, target)", REFUSED,
    ),
    Maximum(
        "SHOCK_FACTOR_MAX", SHOCK_FACTOR_MAX, "times",
        "factor of a depth, volatility or lying source event; overlapping ones together", REFUSED,
    ),
    Maximum(
        "DEPTH_GROWTH_MAX", DEPTH_GROWTH_MAX, "times",
        "depth of a maker's whole curve over that within 1 %", REFUSED,
    ),
    Maximum(
        "REFILLS_MAX", REFILLS_MAX, "times", "a step over the time in which a level fills again",
        REFUSED,
    ),
    Maximum("LEVERAGE_MAX", LEVERAGE_MAX, "times", "leverage of a group or of desks", REFUSED),
    Maximum(
        "SPREAD_OF_LOGS_MAX", SPREAD_OF_LOGS_MAX, "",
        "standard deviation of the log of reaction times or entry prices", REFUSED,
    ),
    Maximum(
        "RATE_DENOMINATOR_MAX", RATE_DENOMINATOR_MAX, "",
        "denominator of a margin rate as a fraction, and that common to neighbouring tiers",
        REFUSED,
    ),
    Maximum(
        "AVERAGE_SECONDS_MAX", AVERAGE_SECONDS_MAX, "s",
        "period plus interval of an exponential average of prices", REFUSED,
    ),
    Maximum(
        "PREMIUM_PPB_MAX", PREMIUM_PPB_MAX, "ppb",
        "one sample of a perpetual's premium", "cut off there: a thousand times the index",
    ),
)  # fmt: skip


def table() -> str:
    """Return the maxima as a table in Markdown, for docs/limits.md."""
    lines = ["| maximum | of | beyond it |", "|---|---|---|"]
    for entry in MAXIMA:
        value = f"{entry.value:,} {entry.unit}".strip()
        lines.append(f"| `{entry.name}` = {value} | {entry.bounds} | {entry.beyond} |")
    return "\n".join(lines) + "\n"


# The arithmetic behind the choices. An account holds at most what is open on its venue, so its
# gross notional, and the cost of all its positions, stay below 2**61.
GROSS_QUANTA_MAX = OPEN_LOTS_MAX * PRICE_QUANTA_MAX
EQUITY_QUANTA_MAX = BALANCE_QUANTA_MAX + GROSS_QUANTA_MAX

assert LOTS_MAX * PRICE_QUANTA_MAX < 2**62  # an order's worth, and the sum of two
assert GROSS_QUANTA_MAX < 2**61
assert EQUITY_QUANTA_MAX < 2**62  # what wide products take
assert EQUITY_QUANTA_MAX + HEALTH_MAX * MARGIN_QUANTA_MAX < 2**63  # shortage of the poorest
assert MARGIN_RATE_MAX * MARGIN_QUANTA_MAX < 2**63
