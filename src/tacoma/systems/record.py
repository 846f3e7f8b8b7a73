"""What is written down of each step: journal records, events, and the time series."""

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.book import depth_within
from tacoma.systems.margin import account_margin
from tacoma.world.codes import ASK, BID, SPOT
from tacoma.world.layout import (
    FLOW_ADL,
    FLOW_FORCED,
    FLOW_PANIC,
    FLOW_STOP,
    FLOW_TAKEOVER,
    FLOW_TRADED,
    FLOW_VENUE_COLUMNS,
)
from tacoma.world.limits import PPM

DEPTH_REACH_PPM = 10_000  # "depth" everywhere means within 1 % of the middle


@kernel
def write(journal, step, kind, account, market, first, second, third, fourth):
    """Append one input record."""
    row = journal.length[0]
    journal.rows.step[row] = step
    journal.rows.kind[row] = kind
    journal.rows.account[row] = account
    journal.rows.market[row] = market
    journal.rows.first[row] = first
    journal.rows.second[row] = second
    journal.rows.third[row] = third
    journal.rows.fourth[row] = fourth
    journal.length[0] = row + 1


@kernel
def note_liquidation(events, step, account, market, stage, lots, price, equity, fund):
    """Append one event of a liquidation; lots carry the sign of the liquidated position."""
    row = events.counts.liquidations[0]
    events.liquidations.step[row] = step
    events.liquidations.account[row] = account
    events.liquidations.market[row] = market
    events.liquidations.stage[row] = stage
    events.liquidations.lots[row] = lots
    events.liquidations.price[row] = price
    events.liquidations.equity[row] = equity
    events.liquidations.fund[row] = fund
    events.counts.liquidations[0] = row + 1


@kernel
def note_move(events, step, account, kind, quanta):
    """Append one transfer worth telling."""
    row = events.counts.moves[0]
    events.moves.step[row] = step
    events.moves.account[row] = account
    events.moves.kind[row] = kind
    events.moves.quanta[row] = quanta
    events.counts.moves[0] = row + 1


@kernel
def quoted_depth(books, market):
    """Lots that all makers quote within 1 % on both sides, before consumption."""
    total = np.int64(0)
    for maker in range(books.quotes.shape[1]):
        total += books.depth[market, maker, BID] + books.depth[market, maker, ASK]
    return total


@kernel
def record_markets(record, markets, books, flows, step):
    """Write the row of each market."""
    for market in range(markets.kind.shape[0]):
        row = record.market[step, market]
        middle = markets.middle[market]
        on_venue = markets.venue[market] < flows.venue.shape[0]  # else the spot market
        row[0] = markets.mark[market] if on_venue else middle
        row[1] = markets.index[market]
        row[2] = markets.best_bid[market]
        row[3] = markets.best_ask[market]
        row[4] = markets.last_price[market]
        row[5] = depth_within(books, market, BID, middle, DEPTH_REACH_PPM, step)
        row[6] = depth_within(books, market, ASK, middle, DEPTH_REACH_PPM, step)
        row[7] = flows.market[market, FLOW_TRADED]
        row[8] = flows.market[market, FLOW_FORCED]
        row[9] = flows.market[market, FLOW_STOP]
        row[10] = flows.market[market, FLOW_PANIC]
        row[11] = flows.market[market, FLOW_TAKEOVER]
        row[12] = flows.market[market, FLOW_ADL]
        calm = max(books.base.calm_depth[market], 1)
        quoted = min(quoted_depth(books, market), calm)
        row[13] = PPM - quoted * PPM // calm
        row[14] = markets.open_lots[market] if markets.kind[market] != SPOT else 0


@kernel
def record_venues(record, flows, triggers, step):
    """Write the row of each venue."""
    for venue in range(flows.venue.shape[0]):
        for column in range(FLOW_VENUE_COLUMNS):
            record.venue[step, venue, column] = flows.venue[venue, column]
        record.venue[step, venue, FLOW_VENUE_COLUMNS] = triggers.venues.evaluations[venue]


@kernel
def record_funds(record, markets, tiers, accounts, positions, step):
    """Write equity and gross inventory of each fund."""
    for fund in range(record.fund_account.shape[0]):
        equity, _, notional = account_margin(
            markets, tiers, accounts, positions, record.fund_account[fund]
        )
        record.fund[step, fund, 0] = equity
        record.fund[step, fund, 1] = notional
