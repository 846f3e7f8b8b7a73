"""What happens during a scenario: one table per kind of event on the timeline."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tacoma.scenario.types import (
    Delay,
    Model,
    Money,
    Name,
    PositiveRatio,
    Ratio,
    Share,
    TimeOfDay,
)

ALL_VENUES = "all"


class NewsEvent(Model):
    """News becomes known: a mark on the time axis, and a jump if the anchors have one."""

    kind: Literal["news"]
    at: TimeOfDay
    until: TimeOfDay | None = None
    label: str = ""


class VolatilityEvent(Model):
    """Values move `factor` times as fast as on a calm day."""

    kind: Literal["volatility"]
    at: TimeOfDay
    until: TimeOfDay
    factor: PositiveRatio
    label: str = ""


class GatewayEvent(Model):
    """Only the part `availability` of orders and transfers gets through to a venue."""

    kind: Literal["gateway"]
    at: TimeOfDay
    until: TimeOfDay
    venue: Name
    availability: Share
    label: str = ""


class SellEvent(Model):
    """Somebody sells `amount` of an asset on a venue, evenly over the time."""

    kind: Literal["sell"]
    at: TimeOfDay
    until: TimeOfDay
    venue: Name
    asset: Name
    amount: Money
    label: str = ""


class DepthEvent(Model):
    """
    The depth of books is `factor` of what it would be.

    Of one `asset` or of several `assets`, on one venue or, with venue = "all", wherever they trade.
    """

    kind: Literal["depth"]
    at: TimeOfDay
    until: TimeOfDay
    venue: Name
    asset: Name | None = None
    assets: tuple[Name, ...] = ()
    factor: Ratio
    label: str = ""


class SourceEvent(Model):
    """
    A price source fails: it freezes, lags by `lag`, lies by `factor`, or dies.

    Without `assets` it fails for all of them.
    """

    kind: Literal["source"]
    at: TimeOfDay
    until: TimeOfDay
    source: Name
    mode: Literal["frozen", "lagging", "lying", "dead"]
    lag: Delay | None = None
    factor: PositiveRatio | None = None
    assets: tuple[Name, ...] = ()
    label: str = ""


TimelineEvent = Annotated[
    NewsEvent | VolatilityEvent | GatewayEvent | SellEvent | DepthEvent | SourceEvent,
    Field(discriminator="kind"),
]
