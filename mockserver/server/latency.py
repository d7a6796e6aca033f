"""
How long something takes that takes its time: fixed, or drawn from a distribution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

LONGEST = 600_000.0
"""Milliseconds."""


@dataclass(frozen=True)
class Delay:
    """
    Attributes:
        kind: "fixed", "uniform" or "lognormal".
        first: Milliseconds; the lower bound; the median.
        second: -; the upper bound; sigma.
        most: Milliseconds at the most.
    """

    kind: str
    first: float
    second: float = 0.0
    most: float = LONGEST

    def drawn(self, random: Random) -> float:
        """Return seconds."""
        if self.kind == "uniform":
            made = random.uniform(self.first, self.second)
        elif self.kind == "lognormal":
            made = self._lognormal(random) if self.first > 0 else 0.0
        else:
            made = self.first
        return min(made, self.most) / 1000

    def _lognormal(self, random: Random) -> float:
        try:
            return random.lognormvariate(math.log(self.first), self.second)
        except OverflowError:  # longer than a number can tell
            return self.most
