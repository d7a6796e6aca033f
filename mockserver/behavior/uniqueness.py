"""
What no two things of a collection may share, as far as a contract says so.

A 409 beside a create says that there are conflicts; its description, and those of the
properties, say which: "The name is taken", "Unique within the account".
"""

from __future__ import annotations

import re

from mockserver.behavior.wording import plain
from mockserver.contract.model import Operation, Promise
from mockserver.contract.shapes import Shape

_TAKEN = re.compile(
    r"exist|taken|duplicat|already|unique|in use|same name|another .*(name|code|email|slug)|not free",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"limit|quota|state|status|version|progress|lock|running|delet|archiv|closed|concurren|stock|capacity|full\b|overlap"
    r"|available|balance|idempot|edit",
    re.IGNORECASE,
)
_OR = re.compile(
    r"\bor\b[^.]*\b(space|storage|quota|limit|locked|run out|in progress|processed)\b", re.IGNORECASE
)
_UNIQUE = re.compile(r"\bunique\b(?! (id|identifier|key)\b)", re.IGNORECASE)
_NATURAL = re.compile(
    r"(name|title|slug|email|username|login|handle|code|sku|key|isbn|ean|label|subject|domain|hostname|identifier)"
)


def is_natural(name: str) -> bool:
    """Return whether people tell things apart by this property."""
    word = plain(name)
    return _NATURAL.fullmatch(word) is not None or word.endswith(("name", "title", "email", "slug", "code"))


def undecided(operation: Operation, sent: Shape) -> str:
    """
    Return why *operation* may take a thing twice, "" where its 409 can only mean that it must not.

    *sent* is the shape of the thing in its request.
    """
    promise = operation.responses.get("409")
    if promise is None:
        return f"{operation.id} documents no 409"
    named = any(is_natural(name) for name in sent.names)
    said = _said(promise)
    if (not _TAKEN.search(said) and _ELSE.search(said)) or _OR.search(said):
        return f"the 409 of {operation.id} is about something else: {promise.description}"
    return "" if named else f"the 409 of {operation.id} does not say what must be unique"


def unique(operation: Operation, sent: Shape) -> tuple[tuple[str, ...], ...]:
    """
    Return groups of properties that no two things may share together; () where nothing says so.

    Each property that is described as unique is a group of its own; without one, all that people tell things
    apart by are one group.
    """
    promise = operation.responses.get("409")
    if promise is None or not _TAKEN.search(_said(promise)) or undecided(operation, sent):
        return ()
    alone = tuple((name,) for name in sent.names if _described(sent.named(name)))
    together = tuple(name for name in sent.names if is_natural(name))
    return alone or ((together,) if together else ())


def _described(shape: Shape) -> bool:
    return shape.scalar and any(_UNIQUE.search(str(face.get("description", ""))) for face in shape.faces)


def _said(promise: Promise) -> str:
    examples = [one for media in promise.content.values() for one in media.examples.values()]
    return " ".join((promise.description, *(f"{one.name} {one.summary} {one.value}" for one in examples)))
