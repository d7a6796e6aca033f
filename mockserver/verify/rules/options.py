"""
What the rules say before anything is asked: which collection a list shows, and what else may be chosen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from mockserver.behavior.expressions import Expression
from mockserver.behavior.model import Listing
from mockserver.exchange import Json
from mockserver.server.api import Api


def listed_in(api: Api, listing: Listing) -> str:
    """Return the collection whose rows are listed, "" where that is no matter of one."""
    if listing.collection:
        return listing.collection
    named = re.match(r"\w+", listing.of.text) if isinstance(listing.of, Expression) else None
    return named[0] if named is not None and named[0] in api.behavior.collections else ""


def others(api: Api, asked: Iterable[str]) -> Iterator[dict[str, Json]]:
    """Yield other options of the choices *asked* for: of one of them, then of two at once."""
    options = [[{name: one} for one in api.behavior.choices[name].options] for name in asked]
    for each in options:
        yield from each
    for one, other in itertools.combinations(options, 2):
        yield from ({**left, **right} for left in one for right in other)
