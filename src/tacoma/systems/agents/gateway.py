"""Whether a request gets through: agents ask the gateway component of a venue."""

from tacoma.compile import kernel
from tacoma.systems.random import STREAM_GATEWAY, uniform
from tacoma.world.limits import PPM


@kernel
def gets_through(components, clock, venue, entity, step):
    """Draw whether one request of an entity passes the venue's gateway at this step."""
    availability = components.availability_ppm[venue]
    if availability >= PPM:
        return True
    draw = uniform(clock.seed[0], STREAM_GATEWAY, entity * 16 + venue, step)
    return draw * PPM < availability
