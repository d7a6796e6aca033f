"""
Lists of words, written as text: a table of two hundred quoted strings is not read by anyone.
"""

from __future__ import annotations

import re
from typing import TypeVar

T = TypeVar("T")


def listed(text: str) -> frozenset[str]:
    """Return the words of *text* as a set."""
    return frozenset(text.split())


def sequence(text: str) -> tuple[str, ...]:
    """Return the words of *text* in their order."""
    return tuple(text.split())


def each(text: str, value: T) -> dict[str, T]:
    """Return a dict with *value* for each word of *text*."""
    return dict.fromkeys(text.split(), value)


def table(text: str) -> dict[str, str]:
    """
    Read lines of "kind: name, name" into name -> kind.

    A line that begins with a blank goes on with the one above it, be it in the middle of a name.
    """
    found: dict[str, str] = {}
    for line in re.sub(r"\n +", " ", text.strip("\n")).splitlines():
        kind, _, names = line.partition(":")
        found |= {name.strip(): kind for name in names.split(",")}
    return found
