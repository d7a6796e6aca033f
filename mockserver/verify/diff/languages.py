"""Whether one pattern takes all that another takes: asked of the languages, not of the texts."""

from __future__ import annotations

from functools import lru_cache

from mockserver.errors import Ungeneratable
from mockserver.generation.algebra import TooHard
from mockserver.generation.automata import Automaton, conditional, refers_back
from mockserver.generation.ecma import BadPattern, parse


@lru_cache(maxsize=1_000)
def contains(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool | None:
    """
    Return whether every text that matches all of *inner* matches all of *outer* too.

    None where nobody can say: a pattern that cannot be read, looks around or refers back, or a search that is
    too long.
    """
    try:
        trees = [parse(pattern) for pattern in (*outer, *inner)]
        if any(conditional(tree) or refers_back(tree) for tree in trees):
            return None
        for pattern in outer:
            automaton = Automaton(list(inner), [pattern], [], 0, None)
            if automaton.algebra.away(automaton.start) >= 0:
                return False
    except (BadPattern, Ungeneratable, TooHard, RecursionError):
        return None
    return True
