"""What became of one world."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """A seed's result: the invariant that failed first, or None, and what the world exercised."""

    seed: int
    invariant: str | None = None
    step: int = -1
    detail: str = ""
    place: str = ""  # of a crash: which error, in which function
    counts: Counter = field(default_factory=Counter)

    def same(self, other):
        """Say whether another failure is the same one, as far as can be told."""
        return (self.invariant, self.place) == (other.invariant, other.place)

    @property
    def failed(self):
        """Whether an invariant failed."""
        return self.invariant is not None
