"""
What is known of a thing that a request only points at: in the collection that it is read in.

Who adds the track 7 to a playlist sees in the playlist what `GET /tracks/7` shows. An address or a URI
leads there by its last word.
"""

from __future__ import annotations

import re

from mockserver.behavior.act import GONE, Act
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.looks import visible
from mockserver.behavior.pointing import Pointing
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.behavior.wording import noun, plain
from mockserver.exchange import Json

_ADDRESSES = ("uri", "url", "href", "link")


def fetched(known: Knowledge, act: Act, pointing: Pointing, name: Json) -> Row:
    """Return the row of the list of *act* that *name* stands for, with what is known of it elsewhere."""
    row, shape = pointing.row(name), act.stand.home.row
    *outside, called = pointing.path
    home = _home(known, noun(act.resource.path) if not outside else plain(outside[0]))
    if home is None or shape is None or home is act.stand.home:
        return row
    key = name
    if plain(called).endswith(_ADDRESSES) and plain(home.key) != plain(called):
        key = re.split(r"[:/]", str(name).rstrip("/"))[-1]
    elif home.key != called:
        return row
    there = Act(act.world, act.transaction, known.stand(home), act.operation, act.arguments)
    there.key = key
    found = there.row(key)
    thing = known.population(there.stand).base(there, key) if found is None else visible(found)
    if found is not None and GONE in found:
        return row
    if not outside:
        return {**{one: thing[one] for one in shape.names if one in thing}, **row}
    inside = shape.named(outside[0])
    return {outside[0]: {**{one: thing[one] for one in inside.names if one in thing}, called: name}}


def _home(known: Knowledge, word: str) -> Resource | None:
    """Return the collection at the top whose things are called *word* and can be read."""
    for one in known.resources.values():
        if (
            noun(one.path) == word
            and one.parameter
            and not one.parents
            and "read" in one.operations
            and one.key
        ):
            return one
    return None
