"""Random arguments for the rules of a market with a skew scale, inside their domains."""

from rules.rule_samples import LOTS, NARROW, PPM, PRICE, draw, natural, positive, signed

MONEY = 2**50
DAYS = 10**9  # a thousand days in ppm


def initial_ratio(r: draw) -> list:
    scale = natural(r, LOTS)
    return [natural(r, LOTS), scale, natural(r, 10 * PPM), natural(r, PPM), PPM]


def skewed_price(r: draw) -> list:
    scale = positive(r, LOTS)
    skew = signed(r, min(LOTS, 1000 * scale))
    return [skew, natural(r, PRICE), scale, PPM]


def fill_price(r: draw) -> list:
    skew, price, scale, unit = skewed_price(r)
    size = signed(r, min(LOTS, 1000 * scale))
    return [skew, size, price, r.choice([0, scale, scale, scale]), unit]


def window(r: draw) -> list:
    times = sorted(natural(r, 100) for _ in range(r.randrange(0, 20)))
    return [times, [natural(r, LOTS) for _ in times], natural(r, 110), natural(r, 50)]


def liquidatable(r: draw) -> list:
    high = r.choice([5, LOTS])
    return [
        *(natural(r, high), natural(r, high), natural(r, high), r.randrange(2)),
        *(signed(r, high), positive(r, high), natural(r, PPM), PPM),
    ]


def eligible(r: draw) -> list:
    high = r.choice([3, MONEY])
    return [signed(r, high), natural(r, high), natural(r, high)]


def reward(r: draw) -> list:
    return [
        *(natural(r, MONEY), natural(r, MONEY), natural(r, MONEY), natural(r, MONEY)),
        *(natural(r, PPM), natural(r, MONEY), natural(r, PPM), PPM),
    ]


ARGUMENTS = {
    "keeper_reward.keeper_reward": reward,
    "keeper_reward.maximum_reward": lambda r: [
        *(natural(r, MONEY), natural(r, MONEY), natural(r, PPM), PPM),
    ],
    "keeper_reward.minimum_reward": lambda r: [
        *(natural(r, MONEY), natural(r, MONEY), natural(r, PPM), PPM),
    ],
    "keeper_reward.possible_liquidation_reward": lambda r: [
        *(natural(r, MONEY), natural(r, 2**31), natural(r, 1000)),
    ],
    "skew_fill_price.fill_price": fill_price,
    "skew_fill_price.price_with_premium": skewed_price,
    "skew_margin.initial_ratio": initial_ratio,
    "skew_margin.is_eligible_for_liquidation": eligible,
    "skew_margin.maintenance_ratio": lambda r: [natural(r, 2**40), natural(r, PPM), PPM],
    "skew_margin.required_margin": lambda r: [
        *(natural(r, NARROW), natural(r, 100 * PPM), natural(r, MONEY), PPM),
    ],
    "skew_margin.withdrawable_margin": lambda r: [
        *(signed(r, MONEY), natural(r, MONEY), natural(r, MONEY)),
    ],
    "velocity_funding.accrued": lambda r: [
        *(signed(r, LOTS), signed(r, 2**40), signed(r, 2**40), PPM),
    ],
    "velocity_funding.funding_per_size": lambda r: [
        *(signed(r, PPM), signed(r, PPM), natural(r, DAYS), natural(r, PRICE), PPM),
    ],
    "velocity_funding.rate_after": lambda r: [
        *(signed(r, 2**40), signed(r, PPM), natural(r, DAYS), PPM),
    ],
    "velocity_funding.velocity": lambda r: [
        *(signed(r, LOTS), natural(r, LOTS), natural(r, 10 * PPM), PPM),
    ],
    "window_cap.liquidatable_now": liquidatable,
    "window_cap.used_in_window": window,
    "window_cap.window_cap": lambda r: [
        *(natural(r, PPM), natural(r, PPM), natural(r, LOTS), natural(r, 10 * PPM)),
        *(natural(r, 3600), PPM),
    ],
    "window_cap.windows_needed": lambda r: [natural(r, LOTS), natural(r, LOTS)],
}
