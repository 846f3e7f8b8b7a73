"""Random arguments for the rules of Dutch auctions."""

from rules.rule_samples import PPM, natural, positive, signed

VALUE = 2**42
SECONDS = 2**32


def falling(r) -> list:
    """Draw a time and a falling price."""
    cutoff, start = sorted(natural(r, PPM) for _ in range(2))
    lengths = natural(r, 7200), natural(r, 86_400)
    return [signed(r, 100_000), start, cutoff, *lengths]


ARGUMENTS = {
    "dutch_auction.bid_payment": lambda r: [signed(r, VALUE), natural(r, PPM), PPM],
    "dutch_auction.buffer_margin": lambda r: [
        *(signed(r, VALUE), signed(r, VALUE), natural(r, PPM // 2), PPM),
    ],
    "dutch_auction.insolvent_price": lambda r: [
        *(signed(r, VALUE), signed(r, VALUE), natural(r, 7200), positive(r, 7200)),
    ],
    "dutch_auction.most_proportion": lambda r: [
        *(signed(r, VALUE), natural(r, VALUE), natural(r, PPM), natural(r, VALUE), PPM),
    ],
    "dutch_auction.share_of_remainder": lambda r: [
        *sorted([natural(r, PPM), positive(r, PPM)]),
        PPM,
    ],
    "dutch_auction.solvent_price": lambda r: [
        *(signed(r, VALUE), natural(r, VALUE), natural(r, PPM), PPM),
    ],
    "dutch_auction.solvent_price_share": falling,
}
