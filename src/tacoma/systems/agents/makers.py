"""Market makers: depth curves around a fair price that thin, refill and withdraw.

Fair price = value * exp(impact). A trade moves the impact by the part of its price move that makers
take for information; the impact of spot fades, that of a perpetual follows spot. Depth and spread
answer to short-horizon volatility, inventory, the gateway and a hedge lost to deleveraging: the
spread widens, and less stands behind it; withdrawal is fast, return is slow. All of this is a
model, with parameters in the scenario.
"""

import math

import numpy as np

from tacoma.compile import kernel
from tacoma.systems.agents.gateway import order_gets_through
from tacoma.systems.agents.pools import quote_pool
from tacoma.systems.record import write
from tacoma.world.codes import LIQUIDATING, MAKER, QUOTE, SPOT
from tacoma.world.layout import FLOW_NET_LOTS
from tacoma.world.limits import LOTS_MAX, PPM, PRICE_QUANTA_MAX

STRESS_FROM = 2.0  # volatility over calm volatility at which makers begin to withdraw
STRESS_SCALE = 6.0
MOVE_MAX = 0.02  # largest log move that makers take from one step
SATURATED = 0.02  # part of the depth still quoted on a side with no room for inventory
SKEW = 1.0  # reference moves by this many half spreads at full inventory
DEPTH_REACH = 0.01  # "depth" means within 1 %
REFRESH_STEPS = 30
LIQUIDITY_CONSTANT_PRODUCT = 1


@kernel
def update_impact(makers, flows, markets, books, market):
    """Move the impact by what the step's net flow told, then let it fade.

    Net flow Q against a depth of D within 1 % would walk a ladder whose depth grows like
    (x / 1 %) ** exponent to x = 1 % * (Q / D) ** (1 / exponent); makers keep a part of that.
    """
    state = makers.markets
    net = float(flows.market[market, FLOW_NET_LOTS])
    if net != 0.0:
        depth = state.depth_lots[market] * depth_factor(makers, state.withdrawal[market])
        depth = max(depth * float(books.base.depth_factor_ppm[market]) / PPM, 1.0)
        walked = DEPTH_REACH * math.exp(math.log(abs(net) / depth) / makers.depth_exponent)
        move = min(makers.information_share * walked, MOVE_MAX)
        state.impact[market] += move if net > 0.0 else -move
    spot = state.spot_market[market]
    if spot >= 0 and spot != market and markets.kind[market] != SPOT:
        state.impact[market] += makers.link * (state.impact[spot] - state.impact[market])
    else:
        state.impact[market] -= makers.resilience * state.impact[market]


@kernel
def depth_factor(makers, withdrawal):
    """Part of the calm depth that is still quoted behind the spread."""
    return 1.0 - withdrawal * (1.0 - makers.smallest_depth)


@kernel
def update_withdrawal(makers, components, markets, market):
    """Withdraw fast under volatility, trouble or a lost hedge; come back slowly."""
    state = makers.markets
    ratio = math.sqrt(state.variance[market]) / state.calm_sigma[market]
    stress = max(ratio - STRESS_FROM, 0.0) / STRESS_SCALE
    wanted = 1.0 - 1.0 / (1.0 + math.exp(makers.volatility_response * math.log(stress + 1e-9)))
    availability = float(components.availability_ppm[markets.venue[market]]) / PPM
    wanted = 1.0 - (1.0 - wanted) * availability * (1.0 - state.hedge_loss[market])
    now = state.withdrawal[market]
    rate = makers.withdraw_rate if wanted > now else makers.return_rate
    state.withdrawal[market] = now + rate * (wanted - now)
    state.hedge_loss[market] -= makers.return_rate * state.hedge_loss[market]


@kernel
def notice_lost_hedges(makers, accounts, events):
    """Remember in which markets a maker was deleveraged since the last step."""
    for row in range(makers.adl_seen[0], events.counts.deleveragings[0]):
        if accounts.kind[events.deleveragings.winner[row]] == MAKER:
            makers.markets.hedge_loss[np.int64(events.deleveragings.market[row])] = (
                makers.hedge_loss_withdrawal
            )
    makers.adl_seen[0] = events.counts.deleveragings[0]


@kernel
def update_fair(makers, value, markets, market, step):
    """New fair price and its short-horizon variance."""
    asset = markets.asset[market]
    impact = makers.markets.impact[market]
    underlying = value.assets.underlying[asset]
    if markets.kind[market] == SPOT and underlying >= 0:
        followed = value.assets.spot_market[underlying]
        if followed >= 0:
            impact += makers.markets.impact[followed]
    fair = value.price[asset, step] * math.exp(impact)
    fair = min(max(fair, 1.0), float(PRICE_QUANTA_MAX))  # what a quote can say
    if makers.markets.fair[market] > 0.0:
        change = math.log(fair / makers.markets.fair[market])
        makers.markets.variance[market] += makers.volatility_decay * (
            change * change - makers.markets.variance[market]
        )
    makers.markets.fair[market] = fair


@kernel
def quote(makers, accounts, positions, markets, books, outbox, market, maker, step):
    """Write one maker's new curve, if it differs enough from the standing one."""
    account = books.quotes.maker[market, maker]
    fair = makers.markets.fair[market]
    withdrawal = makers.markets.withdrawal[market]
    factor = depth_factor(makers, withdrawal) * float(books.base.depth_factor_ppm[market]) / PPM
    depth = makers.markets.depth_lots[market] * makers.share[maker]
    slot = (
        np.int64(accounts.slot_first[account]) + market - np.int64(accounts.dense_market[account])
    )
    inventory = float(positions.lots[slot]) / max(depth * makers.inventory_multiple, 1.0)
    inventory = min(max(inventory, -1.0), 1.0)
    calm = makers.markets.half_spread[market]
    half = calm + withdrawal * withdrawal * (makers.widest_spread - calm)
    reference = fair * (1.0 - SKEW * inventory * half)
    moved = abs(reference / max(makers.quoted.reference[market, maker], 1.0) - 1.0)
    stale = step - makers.quoted.step[market, maker] >= REFRESH_STEPS
    if moved < makers.requote and not stale:
        return
    bid = np.int64(depth * factor * min(max(1.0 - inventory, SATURATED), 1.0))
    ask = np.int64(depth * factor * min(max(1.0 + inventory, SATURATED), 1.0))
    if accounts.status[account] == LIQUIDATING:
        bid, ask = np.int64(0), np.int64(0)
    makers.quoted.reference[market, maker] = reference
    makers.quoted.step[market, maker] = step
    price = max(np.int64(min(reference + 0.5, float(PRICE_QUANTA_MAX))), 1)
    spread = max(np.int64(min(fair * half, float(PRICE_QUANTA_MAX))), 1)
    write(
        outbox, step + 1, QUOTE, account, market, price, spread,
        min(bid, LOTS_MAX), min(ask, LOTS_MAX),
    )  # fmt: skip


@kernel
def is_pool(markets, rules, market):
    """Whether a market's liquidity is a constant-product pool."""
    venue = markets.venue[market]
    on_venue = venue < rules.liquidity_kind.shape[0] and markets.kind[market] != SPOT
    return on_venue and rules.liquidity_kind[venue] == LIQUIDITY_CONSTANT_PRODUCT


@kernel
def make_markets(
    makers, value, clock, components, accounts, positions, markets, rules, books, flows, events,
    outbox, step,
):  # fmt: skip
    """Update every market's fair price and let its makers quote; maker k every k + 1 steps."""
    notice_lost_hedges(makers, accounts, events)
    for market in range(markets.kind.shape[0]):
        if makers.markets.depth_lots[market] <= 0.0:
            continue
        update_impact(makers, flows, markets, books, market)
    for market in range(markets.kind.shape[0]):
        if makers.markets.depth_lots[market] <= 0.0:
            continue
        update_fair(makers, value, markets, market, step)
        update_withdrawal(makers, components, markets, market)
        if is_pool(markets, rules, market):
            quote_pool(
                makers.pools, accounts, positions, markets, rules, books, outbox, market, step
            )
            continue
        for maker in range(books.quotes.shape[1]):
            account = books.quotes.maker[market, maker]
            if account < 0 or step % (maker + 1) != 0:
                continue
            if order_gets_through(components, clock, accounts, markets, account, market, step):
                quote(makers, accounts, positions, markets, books, outbox, market, maker, step)
