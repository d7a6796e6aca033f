"""
What a list leaves out by itself: drafts of a list that shows what is published, unless it is asked otherwise.

Who is not in such a list is not lost. A contract says so by the default of a filter, or
calls what is listed after one value of an enum.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from mockserver.behavior.actions import enumerated
from mockserver.behavior.paging import Way, ways
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.items import Item


def omits(item: Item, asked: Collection[Way] = ()) -> str:
    """
    Return why the list of its things may not show *item*, "" where nothing says so.

    *asked* are the parameters that are said.
    """
    thing = item.thing
    if thing.lister is None:
        return ""
    for one in thing.query.filters:
        default = ways(thing.lister)[one.way].default
        own = _own(item, one.path)
        if one.way in asked or default in (MISSING, None) or own is MISSING or one.by != "equals":
            continue
        if not alike(default, own):
            return f"{thing.lister.id} shows what has {one.path} {default!r}, unless it is asked otherwise"
    said = f"{thing.lister.summary}. {thing.lister.description}"
    for name in thing.row.names:
        own = _own(item, name)
        known = enumerated(thing.row.named(name))
        named = [value for value in known if re.search(rf"(?i)\b{re.escape(value)}\b", said)]
        if isinstance(own, str) and named and own not in named:
            return f"{thing.lister.id} is said to list what is {' or '.join(named)}"
    return ""


def _own(item: Item, name: str) -> Json:
    return item.row.get(name, item.sent.get(name, MISSING))
