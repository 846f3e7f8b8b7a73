"""The prices of a rulebook: index and mark, each kind named by a word."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tacoma.scenario.rulebook_types import Table, Weight
from tacoma.scenario.types import Duration, Model, Name, PositiveRate


class WeightedMedianIndex(Model):
    """Index price: the weighted median of the sources."""

    kind: Literal["weighted_median"]
    interval: Duration
    stale_after: Duration
    weights: Table[Weight]


class WeightedMeanCappedIndex(Model):
    """Index price: the weighted mean of the sources, each kept within `cap` of their median."""

    kind: Literal["weighted_mean_capped"]
    interval: Duration
    stale_after: Duration
    cap: PositiveRate
    cap_majors: PositiveRate
    majors: tuple[Name, ...] = ()
    weights: Table[Weight]


class WeightedMeanOrMedianIndex(Model):
    """
    Index price: the weighted mean without the source that deviates from the median.

    With more than one source further than `deviation` from the median, the median itself.
    """

    kind: Literal["weighted_mean_or_median"]
    interval: Duration
    stale_after: Duration
    deviation: PositiveRate
    weights: Table[Weight]


class MedianWithLastMark(Model):
    """Mark price: the median of index with funding, index with average basis, and last price."""

    kind: Literal["median_with_last"]
    interval: Duration
    basis_time: Duration


class MedianWithPerpetualsMark(Model):
    """Mark price: a median of oracle with average basis, the own book, and external perpetuals."""

    kind: Literal["median_with_perpetuals"]
    interval: Duration
    basis_time: Duration
    local_time: Duration
    external_venues: tuple[Name, ...] = ()


class IndexMark(Model):
    """Mark price: the index, as on venues that trade against an oracle."""

    kind: Literal["index"]
    interval: Duration


class FairBasisMark(Model):
    """Mark price: the index plus the funding that is still to be paid until the next funding."""

    kind: Literal["fair_basis"]
    interval: Duration


class BandedBasisMark(Model):
    """Mark price: the index plus the average of middle - index, at most `band` of the index."""

    kind: Literal["banded_basis"]
    interval: Duration
    basis_time: Duration
    band: PositiveRate


Index = WeightedMedianIndex | WeightedMeanCappedIndex | WeightedMeanOrMedianIndex
Mark = MedianWithLastMark | MedianWithPerpetualsMark | IndexMark | FairBasisMark | BandedBasisMark


class Prices(Model):
    """The prices that margin, funding and liquidation read."""

    index: Annotated[Index, Field(discriminator="kind")]
    mark: Annotated[Mark, Field(discriminator="kind")]
