"""The lights of a deleveraging queue: which part of it a place belongs to."""

from tacoma.compile import rule
from tacoma.rules.numbers.arithmetic import ceil_div


@rule
def light_by_end(size_before: int, size: int, total_size: int, lights: int) -> int:
    """
    Return which of the lights a place of the queue shows, 1 at its front, by where it ends.

    ceil(lights * (size before it + its own) / total), so with five lights the first shows 20 %.
    Domain: 0 <= size_before, 0 <= size, size_before + size <= total_size, lights >= 1,
    lights * total_size < 2**63. A total of 0 returns the last light.
    Source: BitMEX, autoDeleveragingExamples (20 % lights; its table follows the end of each place).
    """
    if total_size <= 0:
        return lights
    return max(1, ceil_div(lights * (size_before + size), total_size))


@rule
def light_by_start(size_before: int, total_size: int, lights: int) -> int:
    """
    Return which of the lights a place of the queue shows, 1 at its front, by where it starts.

    Domain: 0 <= size_before <= total_size, lights >= 1, lights * total_size < 2**63. A total of 0
    returns the last light.
    Source: the other reading of the same words; BitMEX's table contradicts
    it, see `light_by_end`.
    """
    if total_size <= 0:
        return lights
    return min(lights, lights * size_before // total_size + 1)
