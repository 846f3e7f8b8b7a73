"""Random choices of one seed: a name and a seed give the same draws for ever."""

import random


class Dice(random.Random):
    """A source of choices that differs by purpose, so that one part's draws shift no other's."""

    def __init__(self, purpose, seed):
        """Start the stream of a purpose and a seed."""
        super().__init__(f"{purpose}/{seed}")

    def one(self, *values):
        """Return one of the values."""
        return values[self.randrange(len(values))]

    def chance(self, part):
        """Say yes with this probability."""
        return self.random() < part

    def some(self, values, least, most):
        """Return a few of the values, in their own order."""
        count = min(self.randint(least, most), len(values))
        kept = set(self.sample(range(len(values)), count))
        return [value for place, value in enumerate(values) if place in kept]
