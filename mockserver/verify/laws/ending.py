"""
What words say of the last page of a list: that its cursor is null.

Elsewhere a server may name a next page that turns out to be empty; where the words are plain it may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.behavior.wording import plain
from mockserver.exchange import Json
from mockserver.verify.laws.asking import Broken
from mockserver.verify.laws.lists import NEXT, Walk
from mockserver.verify.laws.things import answer_shape
from mockserver.verify.laws.trial import Trial, short

_ENDS = re.compile(
    r"(?P<name>\w+)[`'\"]? is null (on|for|at) the last page"
    r"|\bnull\b[^.]*\b(last page|no (more|further|next)|nothing (more|follows))",
    re.IGNORECASE,
)
"""What is said of the cursor behind the last page."""


def goes_on(trial: Trial, found: Walk) -> Broken | None:
    """Return that the last page names a next one, where words say that it does not; else None."""
    thing = trial.thing
    lister = thing.lister
    assert lister is not None
    if "cursor" not in thing.query.paging.roles or not found.complete or not lister.success:
        return None
    last = found.replies[-2 if len(found.replies) > 1 and not found.pages[-1] else -1]
    said = _ENDS.search(f"{lister.description} {lister.success.description}")
    shape = answer_shape(lister)
    for name, value in _named(last.body, 3):
        own = shape.named(name) if shape is not None and name in shape.names else None
        described = own.described if own else ""
        cursor = plain(name) in NEXT and _ENDS.search(described)
        if value is not None and (cursor or (said is not None and said["name"] == name)):
            detail = f"Nothing is behind this page, and {name} is {short(value)} where words say null."
            return trial.broken(lister, detail, last, pointer=f"/{name}", expected=None, found=value)
    return None


def _named(body: Json, depth: int) -> Iterator[tuple[str, Json]]:
    """Yield the values of an answer beside its rows, by name."""
    for name, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, dict) and depth > 1:
            yield from _named(value, depth - 1)
        elif not isinstance(value, (dict, list)):
            yield name, value
