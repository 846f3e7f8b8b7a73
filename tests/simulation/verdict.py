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
    counts: Counter = field(default_factory=Counter)

    @property
    def failed(self):
        """Whether an invariant failed."""
        return self.invariant is not None
