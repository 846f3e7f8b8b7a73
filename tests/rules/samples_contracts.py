"""Random arguments of inverse contracts, settlement windows and surcharges of portfolio margin."""

from rules.rule_samples import PPM, draw, natural, positive, signed


def deltas(r: draw) -> list:
    gross = natural(r, 2**20)
    net = r.choice([-1, 1]) * natural(r, gross)
    return [gross, net, natural(r, 2**20), natural(r, 2**10), natural(r, 2**10), positive(r, PPM)]


ARGUMENTS = {
    "contingency.futures_spread_contingency": lambda r: [
        *(signed(r, 2**31), signed(r, 2**31), natural(r, PPM), positive(r, PPM)),
    ],
    "contingency.short_option_contingency": lambda r: [
        *(signed(r, 2**31), signed(r, 2**31), natural(r, PPM), positive(r, PPM)),
    ],
    "inverse_contract.inverse_bankruptcy_price": lambda r: [
        *(r.choice([-1, 1]), positive(r, 2**31), positive(r, 200), positive(r, 2**10)),
        positive(r, 2**10),
    ],
    "inverse_contract.inverse_pnl": lambda r: [
        *(signed(r, 2**20), positive(r, 2**31 - 1), positive(r, 2**31 - 1), positive(r, 2**10)),
    ],
    "min_delta_risk.hedged_delta_twice": lambda r: deltas(r)[:2],
    "min_delta_risk.min_delta_margin": deltas,
    "settlement_decay.coin_net_delta": lambda r: [signed(r, 2**61), signed(r, 2**61)],
    "settlement_decay.remaining_exposure": lambda r: [
        *(signed(r, 2**40), signed(r, 2000), positive(r, 2000)),
    ],
}
