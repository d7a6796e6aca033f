"""
What a step says of a row that is there: a property of it, or a word to look for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.exchange import MISSING, Json


@dataclass(frozen=True)
class Of:
    """What a row has: its property *name*, as it is; or one *word* of it, in capitals unless *exact*."""

    name: str
    word: bool = False
    exact: bool = False

    def value(self, row: Mapping[str, Json]) -> Json:
        """Return it; `MISSING` where the row has nothing to say."""
        found = row.get(self.name, MISSING)
        if not self.word or not isinstance(found, str):
            return found if isinstance(found, (str, int, float)) else MISSING
        words = re.findall(r"\w+", found)
        if not words:
            return MISSING
        if self.exact:
            return max(words, key=_telling)
        others = {
            word.lower()
            for name, value in row.items()
            for word in (re.findall(r"\w+", value) if name != self.name and isinstance(value, str) else ())
        }  # a word of two texts finds the row by either of them
        word: str = max(words, key=lambda one: (one.lower() not in others, *_telling(one)))
        return word.upper()


def _telling(word: str) -> tuple[bool, int]:
    """Rank words: the one with digits in it was made up to be told from all others."""
    return any(sign.isdigit() for sign in word), len(word)
