"""
Names of properties and schemas, as the words they are made of.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Hint(NamedTuple):
    """
    What a value is called, for semantics only.

    Attributes:
        name: Of the property, e.g. "name"; "" for none.
        owner: What the object around it is called, e.g. "Campaign" or "billing_address".
    """

    name: str = ""
    owner: str = ""


PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """Return the lower-case words of *name*, however it is written: "createdAt", "created_at", "Created-At"."""
    return tuple(part.lower() for part in PARTS.findall(name))


def singular(name: str) -> str:
    """Return what one of *name* is called: "campaigns" are each a "campaign"."""
    if len(name) < 4 or not name.endswith("s") or name.endswith(("ss", "us", "is", "news")):
        return name
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes", "uses")):
        return name[:-2]
    return name[:-1]
