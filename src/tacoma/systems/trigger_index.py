"""The trigger index: who must be looked at when a price moves, and nobody else.

An account with slack S and risk G = sum of |lots| * price * (1 + steepest maintenance rate for
shorts) cannot fall below its threshold while no price has moved against it by more than S / G.
Each of its positions therefore gets a trigger price; positions with the same high bits of that
price share a list per market and side. When a price moves, the lists of the buckets that it crossed
are walked, and the accounts whose trigger it reached are evaluated exactly and re-indexed. The
result equals evaluating everybody at every step.

An account with a slot in an option is not in the lists, since its margin bends with the price: it
is evaluated at every step.

Floats choose only *when* an account is looked at, always too early, never too late; the decision
itself is the integer check of `margin.py`.
"""

import numpy as np

from tacoma.compile import allocating_kernel, kernel
from tacoma.systems.margin import account_margin
from tacoma.world.codes import (
    ALERTED,
    CALM,
    EXEMPT,
    LIQUIDATING,
    LONG,
    OPTION,
    PERPETUAL,
    SHORT,
)
from tacoma.world.layout import VENUE_ALERTED
from tacoma.world.limits import BUCKET_BITS, BUCKETS, PPM, PRICE_QUANTA_MAX
from tacoma.world.schedule import (
    FORM_TIERS,
    margin_at_rate,
    next_jump_quanta,
    position_maintenance,
    steepest_ppm,
)

NO_JUMP = 1e18
SAFETY = 1.0 - 1e-9  # more than covers the rounding of the two float operations below


@kernel
def price_bucket(price):
    """Bucket of a price: its bit length and the next bits; monotone, 0.05 to 0.1 % wide."""
    if price < (1 << (BUCKET_BITS + 1)):
        return max(price, 0)
    shift = 0
    if price >> (BUCKET_BITS + 1 + 16) != 0:
        shift += 16
    if price >> (shift + BUCKET_BITS + 1 + 8) != 0:
        shift += 8
    if price >> (shift + BUCKET_BITS + 1 + 4) != 0:
        shift += 4
    if price >> (shift + BUCKET_BITS + 1 + 2) != 0:
        shift += 2
    if price >> (shift + BUCKET_BITS + 1 + 1) != 0:
        shift += 1
    if price >> (shift + BUCKET_BITS + 1) != 0:
        shift += 1
    return (shift << BUCKET_BITS) + (price >> shift)


@kernel
def list_of(trigger):
    """Place of a trigger's list among those of its market: triggers of shorts are negative."""
    if trigger > 0:
        return LONG * BUCKETS + price_bucket(trigger)
    return SHORT * BUCKETS + price_bucket(-trigger)


@kernel
def unlink(positions, triggers, slot):
    """Take a slot out of its list."""
    trigger = np.int64(positions.trigger[slot])
    if trigger == 0:
        return
    following, preceding = positions.following[slot], positions.preceding[slot]
    if preceding >= 0:
        positions.following[preceding] = following
    else:
        triggers.head[np.int64(positions.market[slot]), list_of(trigger)] = following
    if following >= 0:
        positions.preceding[following] = preceding
    positions.trigger[slot] = 0


@kernel
def link(positions, triggers, slot, side, price):
    """Put a slot at the head of the list of its trigger price."""
    market = np.int64(positions.market[slot])
    trigger = max(price, 1) if side == LONG else -max(price, 1)
    bucket = list_of(trigger)
    head = triggers.head[market, bucket]
    positions.following[slot] = head
    positions.preceding[slot] = -1
    positions.trigger[slot] = trigger
    if head >= 0:
        positions.preceding[head] = slot
    triggers.head[market, bucket] = slot


@kernel
def slot_risk(markets, positions, slot):
    """Most that one slot can cost per unit of relative price move, in quanta."""
    market = np.int64(positions.market[slot])
    lots = positions.lots[slot]
    notional = abs(lots) * markets.margin_price[market]
    if markets.kind[market] == PERPETUAL:
        if lots < 0:
            return notional + margin_at_rate(notional, steepest_ppm(markets, market, lots))
        return notional
    return margin_at_rate(notional, markets.weight_ppm[market])


@kernel
def remove_account(accounts, positions, triggers, account):
    """Take all slots of an account out of the index."""
    for slot in range(
        np.int64(accounts.slot_first[account]), np.int64(accounts.slot_last[account])
    ):
        unlink(positions, triggers, slot)


@kernel
def jump_radius(markets, tiers, positions, slot):
    """Relative rise of the price at which a short's stepped maintenance jumps; large for none."""
    market = np.int64(positions.market[slot])
    lots = positions.lots[slot]
    if lots >= 0 or markets.kind[market] != PERPETUAL:
        return NO_JUMP
    notional = -lots * markets.margin_price[market]
    jump = next_jump_quanta(markets, tiers, market, notional)
    if jump < 0 or notional <= 0:
        return NO_JUMP
    return float(jump - notional) / float(notional) * SAFETY


@kernel
def rise_cost(markets, tiers, positions, slot):
    """Most of its slack that a long can lose while its own price rises, in quanta.

    Equity grows with the price, but a bracket may ask for more than that of the whole position, and
    so does a rate above 100 %, without end.
    """
    market = np.int64(positions.market[slot])
    lots = positions.lots[slot]
    if lots <= 0 or markets.kind[market] != PERPETUAL:
        return 0.0
    if markets.is_stepped[market] == 0:
        return NO_JUMP if steepest_ppm(markets, market, lots) > PPM else 0.0
    price = markets.margin_price[market]
    notional, cost = lots * price, np.int64(0)
    now = position_maintenance(markets, tiers, market, lots, price)
    jump = next_jump_quanta(markets, tiers, market, notional)
    while jump >= 0:
        asked = position_maintenance(markets, tiers, market, np.int64(1), jump)
        cost = max(cost, asked - now - (jump - notional))
        jump = next_jump_quanta(markets, tiers, market, jump)
    return float(cost)


@kernel
def place_account(markets, tiers, accounts, positions, triggers, account, slack):
    """Re-index an account that may lose `slack` quanta (>= 0) before it must be looked at."""
    risk, kept = 0.0, 0.0
    first = np.int64(accounts.slot_first[account])
    last = np.int64(accounts.slot_last[account])
    for slot in range(first, last):
        unlink(positions, triggers, slot)
        if positions.lots[slot] != 0:
            risk += float(slot_risk(markets, positions, slot))
            kept += rise_cost(markets, tiers, positions, slot)
    if risk <= 0.0:
        return
    # Rounding of maintenance and of collateral can cost a few quanta a slot.
    radius = max(float(slack) - kept - 4.0 * float(last - first), 0.0) / risk * SAFETY
    for slot in range(first, last):
        if positions.lots[slot] < 0:
            radius = min(radius, jump_radius(markets, tiers, positions, slot))
    for slot in range(first, last):
        lots = positions.lots[slot]
        if lots == 0:
            continue
        price = markets.margin_price[np.int64(positions.market[slot])]
        if lots > 0:
            if radius < 1.0:
                link(positions, triggers, slot, LONG, price - np.int64(float(price) * radius))
        else:
            above = float(price) * (1.0 + radius)
            if above < float(PRICE_QUANTA_MAX):
                link(positions, triggers, slot, SHORT, np.int64(above))


@kernel
def add_candidate(accounts, triggers, account, step):
    """Put an account on the list to evaluate at this step, once."""
    if accounts.stamp[account] != step:
        accounts.stamp[account] = step
        triggers.candidate[triggers.counts.candidate[0]] = account
        triggers.counts.candidate[0] += 1


@kernel
def sweep_list(accounts, positions, triggers, market, bucket, lowest, highest, step):
    """Make candidates of the accounts in one list whose trigger lies between two, inclusive."""
    slot = triggers.head[market, bucket]
    while slot >= 0:
        if lowest <= positions.trigger[slot] <= highest:
            add_candidate(accounts, triggers, np.int64(positions.account[slot]), step)
        slot = positions.following[slot]


@kernel
def sweep_prices(markets, accounts, positions, triggers, step):
    """Make candidates of all whose trigger a price has reached since the last sweep."""
    top = np.int64(PRICE_QUANTA_MAX)
    for market in range(markets.kind.shape[0]):
        if markets.kind[market] == OPTION:
            continue
        now, before = markets.margin_price[market], markets.seen_price[market]
        if now < before:
            for bucket in range(price_bucket(now), price_bucket(before) + 1):
                place = LONG * BUCKETS + bucket
                sweep_list(accounts, positions, triggers, market, place, now, top, step)
        elif now > before:
            for bucket in range(price_bucket(before), price_bucket(now) + 1):
                place = SHORT * BUCKETS + bucket
                sweep_list(accounts, positions, triggers, market, place, -now, 0, step)
            if markets.is_stepped[market] != 0 or markets.margin_form[market] != FORM_TIERS:
                # Longs that a rise may harm have no room: they are listed at the last price.
                place = LONG * BUCKETS + price_bucket(before)
                sweep_list(accounts, positions, triggers, market, place, 0, top, step)
        markets.seen_price[market] = now


@kernel
def sweep_touched(accounts, audit, triggers, step):
    """Make candidates of all accounts that a fill, a transfer or a rule change touched."""
    for place in range(audit.state.touched_count[0]):
        account = np.int64(audit.touched[place])
        accounts.is_touched[account] = 0
        if accounts.status[account] != EXEMPT:
            add_candidate(accounts, triggers, account, step)
    audit.state.swept[0] = audit.state.touched_count[0]


@kernel
def sweep_holders(accounts, triggers, step):
    """Make candidates of all accounts with a slot in an option."""
    for place in range(triggers.holders.shape[0]):
        account = triggers.holders[place]
        if accounts.status[account] != EXEMPT:  # written off since
            add_candidate(accounts, triggers, account, step)


@kernel
def sweep_everyone(accounts, triggers, step):
    """Make candidates of all accounts of the venues that ask for it (funding, weights)."""
    wanted = 0
    for venue in range(triggers.venues.shape[0]):
        wanted += triggers.venues.everyone[venue]
    if wanted == 0:
        return
    for account in range(accounts.status.shape[0]):
        if accounts.status[account] == EXEMPT:
            continue
        if triggers.venues.everyone[np.int64(accounts.venue[account])] != 0:
            add_candidate(accounts, triggers, account, step)
    triggers.venues.everyone[:] = 0


@kernel
def excess(rules, accounts, account, maintenance):
    """What equity must be above maintenance: 1 quantum where equality is too little already."""
    if maintenance == 0:
        return np.int64(0)
    return rules.margin_excess[np.int64(accounts.venue[account])]


@kernel
def evaluate(markets, tiers, accounts, positions, rules, triggers, flows, account):
    """Check one account exactly and re-index it; True when it has too little for its rulebook."""
    equity, maintenance, _ = account_margin(markets, tiers, accounts, positions, account)
    triggers.venues.evaluations[np.int64(accounts.venue[account])] += 1
    slack = equity - maintenance - excess(rules, accounts, account, maintenance)
    if slack < 0:
        remove_account(accounts, positions, triggers, account)
        return True
    if accounts.status[account] == CALM:
        if slack >= accounts.alert_slack[account]:
            slack -= accounts.alert_slack[account]
        else:
            accounts.status[account] = ALERTED
            flows.venue[np.int64(accounts.venue[account]), VENUE_ALERTED] += 1
            triggers.alert[triggers.counts.alert[0]] = account
            triggers.counts.alert[0] += 1
    if accounts.has_options[account] == 0:
        place_account(markets, tiers, accounts, positions, triggers, account, max(slack, 0))
    return False


@allocating_kernel
def find_liquidatable(markets, tiers, accounts, positions, rules, triggers, flows, audit, step):
    """Evaluate this step's candidates in order of account; move the failing ones to the batch.

    Returns the place in the batch at which the new ones begin.
    """
    sweep_prices(markets, accounts, positions, triggers, step)
    sweep_touched(accounts, audit, triggers, step)
    sweep_everyone(accounts, triggers, step)
    sweep_holders(accounts, triggers, step)
    count = triggers.counts.candidate[0]
    triggers.candidate[:count].sort()
    begin = triggers.counts.batch[0]
    for place in range(count):
        account = np.int64(triggers.candidate[place])
        if accounts.status[account] == LIQUIDATING:
            continue
        if evaluate(markets, tiers, accounts, positions, rules, triggers, flows, account):
            accounts.status[account] = LIQUIDATING
            triggers.batch[triggers.counts.batch[0]] = account
            triggers.counts.batch[0] += 1
    triggers.counts.candidate[0] = 0
    return begin
