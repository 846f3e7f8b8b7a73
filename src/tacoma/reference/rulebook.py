"""A venue's rulebook: what it decides, as words and whole numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rulebook:
    """
    One venue's rules.

    Intervals and durations are in steps; `_ppm` is parts per million, `_ppb` parts per billion,
    `_quanta` money. The words are those of the rulebook files; docs/rulebook-fields.md explains
    them.
    """

    # The index: how prices of sources become one.
    index_kind: str
    index_interval: int
    index_stale_steps: int

    # The mark, at which positions are valued.
    mark_kind: str
    mark_interval: int
    basis_interval: int  # between samples of the moving average
    basis_decay_ppb: int  # per mark interval, as the next
    local_decay_ppb: int
    basis_band_ppm: int
    blocked_ppm: int  # a mark this far from its average stops liquidations; 0 for never
    average_decay_ppb: int

    # When an account has too little, and in which order accounts are dealt with.
    liquidation_interval: int
    liquidation_order: str
    margin_excess: int  # 1 where equity equal to maintenance is too little already

    # Stage market: orders into the book.
    liquidation_fee_ppm: int
    bound_kind: str
    bound_deviation_ppm: int
    bound_spread_ppm: int
    market_sizing: str
    health_ppm: int
    slice_above_quanta: int
    slice_ppm: int
    cooldown_steps: int

    # Stage takeover: a fund takes positions over.
    takeover_interval: int
    takeover_numerator: int  # equity below this part of maintenance is taken over
    takeover_denominator: int
    capacity_kind: str
    transfer_kind: str
    takeover_fee_ppm: int
    insurance_share_ppm: int
    discount_start_ppm: int
    discount_end_ppm: int
    auction_steps: int
    takeover_sizing: str
    portion_ppm: int
    target_ppm: int
    window_steps: int

    # Stage adl: winners are closed against the bankrupt.
    adl_trigger: str
    adl_interval: int
    adl_rank: str
    adl_price: str
    adl_allocation: str
    adl_cap_ppm: int
    drawdown_ppm: int
    drawdown_steps: int

    # Stage share: the others pay.
    share_kind: str

    # Settlement between pools of collateral.
    settlement_order: str
    halt_steps: int

    # Funding.
    funding_kind: str
    funding_interval_steps: int
    funding_interest_ppb: int
    funding_clamp_ppb: int
    funding_cap_ppb: int
    premium_kind: str
    premium_period_steps: int
    funding_decrease_ppb: int
    stable_threshold_ppm: int
    decrease_threshold_ppm: int
    funding_price: str
