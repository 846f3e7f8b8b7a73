"""Stage: the insurance fund pays the debt of an account that has nothing left to close."""

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.ledger import transfer
from tacoma.systems.margin import account_margin, has_positions
from tacoma.systems.record import note_liquidation, note_move
from tacoma.world.codes import MOVE_INSURANCE, STAGE_INSURANCE
from tacoma.world.layout import VENUE_INSURANCE_PAID


@kernel
def pay_debt(accounts, positions, markets, tiers, audit, flows, events, account, step):
    """Pay a negative balance as far as the equity of the account's fund reaches."""
    equity, _, _ = account_margin(markets, tiers, accounts, positions, account)
    debt = -equity  # what collateral does not cover
    if debt <= 0 or has_positions(markets, accounts, positions, account):
        return
    market = np.int64(positions.market[np.int64(accounts.slot_first[account])])
    fund = markets.insurance_fund[market]
    if fund < 0:
        return
    capital, _, _ = account_margin(markets, tiers, accounts, positions, fund)
    paid = min(debt, max(capital, 0))
    if paid > 0:
        transfer(accounts, audit, fund, account, paid)
        flows.venue[np.int64(accounts.venue[account]), VENUE_INSURANCE_PAID] += paid
        note_move(events, step, fund, MOVE_INSURANCE, paid)
        note_liquidation(events, step, account, market, STAGE_INSURANCE, 0, 0, paid, fund)
