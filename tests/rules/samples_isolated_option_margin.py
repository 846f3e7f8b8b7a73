"""Random arguments for the rules of isolated option margin and of distrust of prices."""

from rules.rule_samples import PPM, natural, positive, signed

PRICE = 2**40
AMOUNT = 2**20
RATE = 2 * PPM


def short(r) -> list:
    """Draw value, spot and amount of a short option."""
    return [-natural(r, PRICE), positive(r, PRICE), -natural(r, AMOUNT)]


def lots(r) -> list:
    """Draw the options of one expiry as four arguments."""
    count = r.randrange(0, 6)
    return [
        [natural(r, PRICE) for _ in range(count)],
        [r.randrange(2) for _ in range(count)],
        [signed(r, AMOUNT) for _ in range(count)],
        count,
    ]


def call_initial(r) -> list:
    value, spot, amount = short(r)
    return [value, natural(r, PRICE), spot, amount, natural(r, RATE), natural(r, RATE), PPM]


def put_initial(r) -> list:
    value, spot, amount = short(r)
    at = [natural(r, PRICE), spot, amount]
    return [value, -natural(r, PRICE), *at, *(natural(r, RATE) for _ in range(3)), PPM]


ARGUMENTS = {
    "isolated_option_margin.expiry_margin": lambda r: [-natural(r, 2**62), -natural(r, 2**62)],
    "isolated_option_margin.initial_spot_rate": lambda r: [natural(r, RATE) for _ in range(3)],
    "isolated_option_margin.loss_at_price": lambda r: [*lots(r), natural(r, PRICE), PPM],
    "isolated_option_margin.out_of_the_money_rate": lambda r: [
        *(natural(r, PRICE), positive(r, PRICE), r.randrange(2) == 1, PPM),
    ],
    "isolated_option_margin.settlement_value": lambda r: [
        *(natural(r, PRICE), r.randrange(2) == 1, signed(r, AMOUNT), natural(r, PRICE), PPM),
    ],
    "isolated_option_margin.short_call_initial": call_initial,
    "isolated_option_margin.short_call_maintenance": lambda r: [*short(r), natural(r, RATE), PPM],
    "isolated_option_margin.short_put_initial": put_initial,
    "isolated_option_margin.short_put_maintenance": lambda r: [
        *(*short(r), natural(r, RATE), natural(r, RATE), PPM),
    ],
    "isolated_option_margin.spot_requirement": lambda r: [
        *(natural(r, RATE), natural(r, PRICE), signed(r, AMOUNT), PPM),
    ],
    "isolated_option_margin.worst_loss": lambda r: [
        *(*lots(r), natural(r, PRICE), natural(r, RATE), PPM),
    ],
    "price_confidence.depeg_rate": lambda r: [*(natural(r, RATE) for _ in range(3)), PPM],
    "price_confidence.depeg_surcharge": lambda r: [
        *(natural(r, RATE), natural(r, AMOUNT), natural(r, PRICE), PPM),
    ],
    "price_confidence.distrust_surcharge": lambda r: [
        *(natural(r, PPM), natural(r, PPM), natural(r, RATE)),
        *(natural(r, PRICE), natural(r, AMOUNT), PPM),
    ],
}
