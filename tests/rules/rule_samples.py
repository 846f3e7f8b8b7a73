"""
Random arguments for every rule, drawn inside its stated domain, or as widely as it holds beyond;
the parity test uses them.

Magnitudes are spread evenly over the powers of two. Rules of other files of this folder are
sampled by `samples_<module>.py`, each with a table ARGUMENTS of its own.
"""

import importlib
import pkgutil
import random
from pathlib import Path

import numpy as np

import tacoma.rules
from tacoma.compile import Rule

NOTIONAL = 2**61 - 1  # what one account can hold
NARROW = 2**53 - 1  # of rules that say so, none of which the engine uses
LOTS = 2**31 - 1
PRICE = 2**31 - 1
PPM = 10**6
PPB = 10**9

draw = random.Random


def positive(r: draw, high: int) -> int:
    """Draw from 1 .. high, each power of two equally likely, the ends now and then."""
    if r.random() < 0.1:
        return r.choice([1, high])
    return min(high, r.randrange(1, 2 ** r.randrange(1, high.bit_length() + 1) + 1))


def natural(r: draw, high: int) -> int:
    return 0 if high == 0 or r.random() < 0.1 else positive(r, high)


def signed(r: draw, high: int) -> int:
    return r.choice([-1, 1]) * natural(r, high)


def position(r: draw) -> tuple[int, int]:
    """Draw (lots, price) whose notional is below 2**53."""
    lots = positive(r, LOTS)
    return lots, natural(r, min(PRICE, NOTIONAL // lots))


def schedule(r: draw) -> list:
    """Draw a notional and three margin schedules, one after the other in flat arrays."""
    counts = [r.randrange(1, 8) for _ in range(3)]
    lower, numerator, denominator, deduction = [], [], [], []
    for count in counts:
        lower += [0, *sorted(natural(r, NOTIONAL) for _ in range(count - 1))]
        scales = [r.choice([PPM, 2 * positive(r, 100)]) for _ in range(count)]
        numerator += [positive(r, scale) for scale in scales]
        denominator += scales
        deduction += [natural(r, 10**9) for _ in range(count)]
    which = r.randrange(3)
    notional = r.choice([natural(r, NOTIONAL), r.choice(lower)])
    return [notional, lower, numerator, denominator, deduction, sum(counts[:which]), counts[which]]


def sources(r: draw) -> list:
    """Draw prices, weights, their count and a scratch array."""
    count = r.randrange(0, 17)
    centre = positive(r, PRICE // 2)
    prices = [max(1, centre + signed(r, max(1, centre // 10))) for _ in range(count)]
    weights = [natural(r, 2**28 - 1) for _ in range(count)]
    return [prices, weights, count, [0] * 16]


def tier_deduction(r: draw) -> list:
    denominators = [r.choice([PPM, 2 * positive(r, 100)]) for _ in range(2)]
    numerators = [positive(r, denominator) for denominator in denominators]
    return [
        *(numerators[0], denominators[0], numerators[1], denominators[1]),
        *(natural(r, NOTIONAL), natural(r, 2**52)),
    ]


def mul_div(r: draw) -> list:
    c = positive(r, 2**40)
    b = natural(r, (2**63 - 1) // c)
    return [signed(r, min(2**62, (2**62) * c // max(b, 1))), b, c]


def wide(r: draw) -> list:
    return [natural(r, 2**63 - 1), natural(r, 2**63 - 1), positive(r, 2**62 - 1)]


def ema(r: draw) -> list:
    return [
        *(signed(r, 2**60), natural(r, PPB), signed(r, PRICE)),
        *(natural(r, PPM), natural(r, PPB)),
    ]


def allocation(r: draw) -> list:
    weights = [natural(r, r.choice([5, 2**56])) for _ in range(r.randrange(0, 30))]
    return [natural(r, 2**62 - 1), weights, len(weights), [0] * len(weights)]


def price_gain_score(r: draw) -> list:
    lots, price = position(r)
    return [
        *(price, natural(r, NOTIONAL), lots),
        *(natural(r, NOTIONAL), signed(r, NOTIONAL), r.choice([-1, 1])),
    ]


def funding_payment(r: draw) -> list:
    return [*position(r), signed(r, PPB)]


def mark_with_last(r: draw) -> list:
    interval = positive(r, 86_400)
    return [
        *(natural(r, PRICE), signed(r, PPB - 1), r.randrange(interval + 1), interval),
        *(signed(r, PRICE // 10), natural(r, PRICE)),
    ]


def closed_share(r: draw) -> list:
    lots = positive(r, LOTS)
    return [signed(r, NOTIONAL), r.choice([-1, 1]) * natural(r, lots), r.choice([-1, 1]) * lots]


def remainder_threshold(r: draw) -> list:
    high = positive(r, 2**62 - 1)
    remainders = [natural(r, high) for _ in range(r.randrange(1, 30))]
    return [remainders, len(remainders), high, r.randrange(len(remainders))]


def collateral(r: draw) -> list:
    lots, price = position(r)
    return [r.choice([-1, 1]) * lots, price, natural(r, 2**30)]


def rates(r: draw) -> list:
    return [signed(r, NOTIONAL), signed(r, PPM), natural(r, PPM), natural(r, 10**8)]


ARGUMENTS = {
    "adl.adl_price": lambda r: [r.randrange(3), *(natural(r, PRICE) for _ in range(3))],
    "adl.ratio_ppm_capped": lambda r: [natural(r, 2**62 - 1), signed(r, 2**62 - 1)],
    "adl.score_price_gain_times_leverage": price_gain_score,
    "adl.score_profit_times_leverage": lambda r: [signed(r, NOTIONAL) for _ in range(4)],
    "adl.take": lambda r: [natural(r, LOTS), natural(r, LOTS)],
    "arithmetic.absolute": lambda r: [signed(r, 2**63 - 1)],
    "arithmetic.ceil_div": lambda r: [signed(r, 2**62), r.choice([-1, 1]) * positive(r, 2**62)],
    "arithmetic.clamp": lambda r: [
        signed(r, 2**62),
        -natural(r, 2**62),
        natural(r, 2**62),
    ],
    "arithmetic.floor_div": lambda r: [signed(r, 2**62), r.choice([-1, 1]) * positive(r, 2**62)],
    "arithmetic.greatest_common_divisor": lambda r: [positive(r, 2**62), natural(r, 2**62)],
    "arithmetic.integer_square_root": lambda r: [natural(r, 2**62 - 1)],
    "arithmetic.median3": lambda r: [signed(r, r.choice([2, 2**62])) for _ in range(3)],
    "arithmetic.mul_div_ceil": mul_div,
    "arithmetic.mul_div_floor": mul_div,
    "arithmetic.mul_div_wide_capped": lambda r: [*wide(r), natural(r, 2**62)],
    "arithmetic.mul_div_wide_floor": wide,
    "arithmetic.mul_mod_wide": wide,
    "arithmetic.sign": lambda r: [signed(r, 2**62)],
    "arithmetic.trunc_div": lambda r: [signed(r, 2**62), r.choice([-1, 1]) * positive(r, 2**62)],
    "collateral.collateral_value_quanta": collateral,
    "collateral.redemption_price": lambda r: [natural(r, PRICE), natural(r, 2**33 - 1)],
    "funding.payment_paid_quanta": funding_payment,
    "funding.payment_received_quanta": funding_payment,
    "funding.premium_ppb": lambda r: [natural(r, PRICE), natural(r, PRICE), positive(r, PRICE)],
    "funding.rate_interest_clamped_ppb": rates,
    "funding.rate_interest_clamped_eighth_ppb": rates,
    "index.order_by_price": sources,
    "index.plain_median": sources,
    "index.weighted_mean_capped": lambda r: insert_before_scratch(sources(r), natural(r, PPM)),
    "index.weighted_mean_or_median": lambda r: insert_before_scratch(sources(r), natural(r, PPM)),
    "index.weighted_median": sources,
    "margin.backstop_threshold_reached": lambda r: [
        *(signed(r, 2**53), natural(r, 2**53)),
        *sorted([natural(r, 2**31 - 1), positive(r, 2**31 - 1)]),
    ],
    "margin.initial_quanta": lambda r: [natural(r, NOTIONAL), positive(r, 200)],
    "margin.is_below_maintenance": lambda r: [
        signed(r, r.choice([2, NOTIONAL])),
        natural(r, r.choice([2, NOTIONAL])),
    ],
    "margin.maintenance_quanta": schedule,
    "margin.tier_deduction": tier_deduction,
    "margin.tier_index": lambda r: [
        value for k, value in enumerate(schedule(r)) if k in {0, 1, 5, 6}
    ],
    "mark.ema_decay": lambda r: [signed(r, 2**62 - 1), natural(r, PPB)],
    "mark.ema_push": ema,
    "mark.ema_value": lambda r: [signed(r, 2**61), natural(r, 2**33)],
    "mark.median_with_last": mark_with_last,
    "mark.median_with_perpetuals": lambda r: [
        *(natural(r, PRICE), signed(r, PRICE // 10)),
        *(natural(r, PRICE) for _ in range(5)),
        r.randrange(2),
    ],
    "sharing.allocate_pro_rata": allocation,
    "sharing.pro_rata_share": lambda r: [
        natural(r, 2**62 - 1),
        *sorted([natural(r, 2**62 - 1), positive(r, 2**62 - 1)]),
    ],
    "sharing.remainder_threshold": remainder_threshold,
    "sizing.closed_share_quanta": closed_share,
    "sizing.first_slice_lots": lambda r: [
        *(natural(r, LOTS), natural(r, NOTIONAL), natural(r, NOTIONAL), natural(r, PPM)),
    ],
    "takeover.bankruptcy_price": lambda r: [
        *(signed(r, LOTS), signed(r, NOTIONAL), signed(r, NOTIONAL)),
    ],
    "takeover.price_bound_from_mark": lambda r: [
        *(natural(r, PRICE), r.choice([-1, 1]), natural(r, 2**30 - 1)),
    ],
}


def insert_before_scratch(arguments: list, value: int) -> list:
    return [*arguments[:-1], value, arguments[-1]]


def samplers() -> dict:
    """Return the arguments of every rule: those above, and those of the samples_*.py files."""
    found = dict(ARGUMENTS)
    for path in sorted(Path(__file__).parent.glob("samples_*.py")):
        more = importlib.import_module(f"rules.{path.stem}").ARGUMENTS
        assert not found.keys() & more.keys(), "a rule is sampled twice"
        found |= more
    return found


def rules() -> dict[str, Rule]:
    """Return every rule of the package by `module.name`."""
    found = {}
    for info in pkgutil.walk_packages(tacoma.rules.__path__, "tacoma.rules."):
        module = importlib.import_module(info.name)
        for name, value in vars(module).items():
            if type(value) is Rule and value.__module__ == module.__name__:
                found[f"{info.name.rpartition('.')[2]}.{name}"] = value
    return found


def to_mode(value: object, mode: str) -> object:
    """Turn an argument into what the mode passes: plain integers and lists, or numpy's."""
    if isinstance(value, list):
        return list(value) if mode == "unbounded" else np.array(value, dtype=np.int64)
    return np.int64(value) if mode == "int64" else value


def plain(value: object) -> object:
    """Turn a result or an array into plain integers; a float would betray itself as an error."""
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    assert not isinstance(value, float | np.floating), value
    return int(value)


def evaluate(rule: Rule, sample: list, mode: str) -> list:
    """Return the result and the arrays after one call: unbounded, int64 or machine."""
    arguments = [to_mode(value, mode) for value in sample]
    result = plain((rule.machine if mode == "machine" else rule)(*arguments))
    return [result, [plain(value) for value in arguments if isinstance(value, list | np.ndarray)]]
