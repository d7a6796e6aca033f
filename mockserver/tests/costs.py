"""What something costs, beside something else that is run here and now: seconds differ by machine."""

from __future__ import annotations

import time
from collections.abc import Callable

NOISE = 0.002
"""CPU seconds below which nothing can be told apart."""


def cost(call: Callable[[], object], *, best_of: int = 3) -> float:
    """Return the CPU seconds of *call*, of several tries the least, and at least what can be measured."""
    tries = []
    for _ in range(best_of):
        started = time.process_time()
        call()
        tries.append(time.process_time() - started)
    return max(NOISE, min(tries))


def growth(call: Callable[[int], object], size: int, *, times: int = 8) -> float:
    """
    Return how many times as much *call* costs with *times* the *size*.

    What grows with the size gives about *times*, what grows with its square *times* squared, and what
    backtracks without end never comes back.
    """
    small = cost(lambda: call(size))
    return cost(lambda: call(size * times)) / small
