"""
What an answer to several things at once tells of them: how many were taken, and which were not.
"""

from __future__ import annotations

from mockserver.behavior.envelopes import Shown
from mockserver.behavior.wording import plain, singular, words
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

_TAKEN = words(
    "accepted added count created done imported inserted item ok processed received saved stored submitted "
    "succeeded success successful total"
)
_LEFT = words(
    "deleted duplicate duplicated error errored fail failed failure ignored invalid merged missing rejected "
    "rejection skipped unchanged unprocessed unsupported updated warning"
)
_DEPTH = 2


def tallied(body: Json, shown: Shown, taken: int) -> Json:
    """
    Return *body*, an answer as *shown* shows it, with what it tells of a request whose *taken* things were
    all taken: their number, no errors. What is called otherwise stays as it is.
    """
    return _told(body, shown.whole, shown.path, taken, _DEPTH) if shown.path else body


def _told(body: Json, shape: Shape, path: tuple[str, ...], taken: int, depth: int) -> Json:
    told = dict(body) if isinstance(body, dict) else {}
    for name in shape.names:
        child = shape.named(name)
        if path and name == path[0]:
            if len(path) > 1:
                told[name] = _told(told.get(name), child, path[1:], taken, depth - 1)
        elif (value := _value(name, child, taken)) is not MISSING:
            told[name] = value
        elif depth > 1 and child.typed and "object" in child.kinds and child.names:
            inner = _told(told.get(name), child, (), taken, depth - 1)
            if inner:
                told[name] = inner
    return told


def _value(name: str, shape: Shape, taken: int) -> Json:
    word = plain(name).removesuffix("count").removesuffix("items") or plain(name)
    if not shape.typed or (word not in _TAKEN | _LEFT and singular(word) not in _TAKEN | _LEFT):
        return MISSING
    left = word in _LEFT or singular(word) in _LEFT
    if shape.kinds & {"integer", "number"} and not shape.kinds & {"string", "array", "object"}:
        return 0 if left else taken
    return [] if left and shape.kinds <= {"array", "null"} else MISSING
