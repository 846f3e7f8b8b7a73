"""What happened to whom, in order; and what a step moved, added up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Liquidation(NamedTuple):
    """
    One event of a liquidation; `stage` is a stage's name, or trigger, bad_debt or halt.

    Lots carry the sign of the position, `equity` is in quanta, accounts are numbers, `fund` is -1
    where none took part.
    """

    step: int
    account: int
    market: int
    stage: str
    lots: int
    price: int
    equity: int
    fund: int = -1


class Deleveraging(NamedTuple):
    """One winner closed against one bankrupt account; lots carry the sign of the winner's."""

    step: int
    market: int
    winner: int
    bankrupt: int
    lots: int
    price: int
    pnl: int  # realised by the winner, in quanta
    score: int
    rank: int  # place in the queue, from 0
    leverage_ppm: int
    held: int  # lots of the winner before


class Move(NamedTuple):
    """A payment worth telling: top_up, insurance, fee or funding, in quanta."""

    step: int
    account: int
    kind: str
    quanta: int


@dataclass(slots=True)
class Events:
    """The events of the last step."""

    liquidations: list[Liquidation] = field(default_factory=list)
    deleveragings: list[Deleveraging] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


@dataclass(slots=True)
class MarketFlow:
    """What was traded in one market in a step: quanta, and in `net_lots` bought less sold."""

    traded: int = 0
    forced: int = 0  # by liquidation orders
    stop: int = 0
    panic: int = 0
    takeover: int = 0
    adl: int = 0
    trades: int = 0
    net_lots: int = 0


@dataclass(slots=True)
class VenueFlow:
    """What one venue's liquidations moved in a step, in quanta; and how many accounts."""

    liquidated: int = 0
    liquidated_accounts: int = 0
    market: int = 0
    takeover: int = 0
    adl: int = 0
    insurance_paid: int = 0
    shared: int = 0
    bad_debt: int = 0
    top_up: int = 0
    long_liquidated: int = 0
