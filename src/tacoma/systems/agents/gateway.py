"""Whether a request gets through: agents ask the gateway component of a venue."""

from tacoma.compile import kernel
from tacoma.systems.random import STREAM_GATEWAY, uniform
from tacoma.world.limits import PPM

MARKET_STRIDE = 1_000_003  # keys stay below 2**56


@kernel
def request_key(accounts, markets, account, market):
    """Name an account's requests in one market, independent of who and what else exists."""
    return accounts.key[account] + markets.key[market] * MARKET_STRIDE


@kernel
def gets_through(components, clock, venue, key, step):
    """Draw whether one request passes the venue's gateway at this step; `key` names who asks."""
    availability = components.availability_ppm[venue]
    if availability >= PPM:
        return True
    draw = uniform(clock.seed[0], STREAM_GATEWAY, key, step)
    return draw * PPM < availability


@kernel
def order_gets_through(components, clock, accounts, markets, account, market, step):
    """Draw whether an account's request in one market passes the gateway of that market's venue."""
    key = request_key(accounts, markets, account, market)
    return gets_through(components, clock, markets.venue[market], key, step)
