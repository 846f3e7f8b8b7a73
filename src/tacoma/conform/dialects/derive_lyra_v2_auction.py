"""Derive (Lyra v2): what a bid on a share of an account under auction pays."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from tacoma.conform.compare import number
from tacoma.conform.dialects.derive_lyra_v2_doubles import printed
from tacoma.rules.liquidations.dutch_auction import (
    bid_payment,
    buffer_margin,
    insolvent_price,
    most_proportion,
    solvent_price,
    solvent_price_share,
)

Json = Any

UNIT: Final = 10**18
AGREEMENT: Final = Fraction(1, 10**12)  # doubles have 15 to 16 digits, the rules 18 decimals
INSOLVENT_SECONDS: Final = 600


def _exact(inputs: dict[str, Json], name: str, default: int = 0) -> Fraction:
    """Return an input as the exact number that is printed."""
    value = number(inputs.get(name))
    return Fraction(default) if value is None else value


def _by_rules(inputs: dict[str, Json]) -> dict[str, int]:
    """Return the quote in integers of 10**-18."""

    def scaled(name: str, default: int = 0) -> int:
        return round(_exact(inputs, name, default) * UNIT)

    value, maintenance = scaled("mtm"), scaled("mm")
    reserved = scaled("reserved_cash")
    elapsed = scaled("t")
    margin = buffer_margin(value, maintenance, scaled("buffer_pct"), UNIT)
    if value <= 0:
        length = scaled("insolvent_len", INSOLVENT_SECONDS)
        price = insolvent_price(value, maintenance, elapsed, length)
        most = UNIT
    else:
        share = solvent_price_share(
            elapsed, scaled("start"), scaled("cutoff"), scaled("fast_len"), scaled("slow_len")
        )
        price = solvent_price(value, reserved, share, UNIT)
        most = most_proportion(margin, value, share, reserved, UNIT)
    bid = bid_payment(price, min(scaled("percent_want", 1), most), UNIT)
    return {"buffer_margin": margin, "max_proportion": most, "bid": bid}


def _in_doubles(inputs: dict[str, Json]) -> dict[str, float]:
    """Return the quote of a solvent account in doubles, in the order of the source's table."""

    def double(name: str, default: int = 0) -> float:
        return float(_exact(inputs, name, default))

    value, maintenance, reserved = double("mtm"), double("mm"), double("reserved_cash")
    start, cutoff, fast, slow = (
        double(name) for name in ("start", "cutoff", "fast_len", "slow_len")
    )
    elapsed = max(0.0, double("t"))
    margin = value + (maintenance - value) * (1.0 + double("buffer_pct"))
    if elapsed < fast:
        share = start - (start - cutoff) * elapsed / fast
    elif elapsed < fast + slow:
        share = cutoff - cutoff * (elapsed - fast) / slow
    else:
        share = 0.0
    most = 0.0
    if margin < 0.0:
        most = margin / (margin - value * share - reserved * (1.0 - share))
    bid = min(double("percent_want", 1), most) * max(0.0, value - reserved) * share
    return {"buffer_margin": margin, "max_proportion": most, "bid": bid}


def dutch_auction_bid(inputs: dict[str, Json], tables: dict[str, Json]) -> dict[str, Json]:
    """
    Serve `dutch_auction_bid`: the margin to restore, the share for sale, the payment.

    By the rules; where the source's doubles agree with them, as those print.
    """
    del tables
    exact = {name: Fraction(value, UNIT) for name, value in _by_rules(inputs).items()}
    if _exact(inputs, "mtm") <= 0:
        return dict(exact)
    doubles = _in_doubles(inputs)
    return {
        name: printed(doubles[name])
        if abs(value - Fraction(doubles[name])) <= AGREEMENT * max(Fraction(1), abs(value))
        else value
        for name, value in exact.items()
    }
