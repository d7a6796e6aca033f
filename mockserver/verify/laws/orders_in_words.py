"""
What the words of a list say of its order: "the newest first", "sorted by name".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.behavior.wording import plain, singular
from mockserver.verify.laws.naming import is_created
from mockserver.verify.laws.things import Thing, told_of

_MADE = re.compile(
    r"(?P<down>(newest|latest|most recent|last (added|created))( \w+)? (come )?first|reverse chronological)"
    r"|(oldest|earliest)( \w+)? first"
    r"|in (the )?order (in which )?(they|it) (were|was|are) "
    r"(added|created|made|sent|received|submitted|written|placed|posted|entered|recorded|registered|opened)"
    r"|in (the )?order (in which )?they (came in|arrived|arrive|come in)|in (the )?order of arrival"
    r"|in (the )?order of (creation|addition|their creation)|in creation order",
    re.IGNORECASE,
)


_ORDERED = re.compile(
    r"(?:in (?:the )?order of|(?:sorted|ordered) by)(?: their| its| the)? `?(\w+)`?"
    r"(?P<down>,? \(?(descending|(highest|largest|newest|latest|most recent) first))?",
    re.IGNORECASE,
)


def _words_of(thing: Thing) -> str:
    """Return what the contract says of the list in words."""
    return told_of(thing.lister) if thing.lister is not None else ""


def words_of_making(thing: Thing) -> re.Match[str] | None:
    """Return what is said of an order that may be the one of making; None where nothing is."""
    return _MADE.search(_words_of(thing))


def order_of_making(thing: Thing) -> tuple[str, bool] | None:
    """Return (how it is said, whether the newest come first); None where the words are not of making."""
    found = words_of_making(thing)
    if found is None or _may_be_of_another_time(thing, found[0]):
        return None
    return found[0], bool(found["down"])


_PRICED = re.compile(r"\b((?P<cheap>cheapest)|most expensive|dearest) (\w+ )?first", re.IGNORECASE)
_WHEN = re.compile(r"earliest|latest|soonest", re.IGNORECASE)


def _may_be_of_another_time(thing: Thing, words: str) -> bool:
    """
    Return whether *words* may mean a time that clients say: the earliest meeting begins first.

    "Newest" and "oldest" are of making where rows tell when they were made.
    """
    if not _WHEN.search(words) and any(map(is_created, thing.row.names)):
        return False
    if "first" not in words.lower():
        return False
    return any(
        str(face.get("format")) in ("date", "date-time") and not is_created(name)
        for name in thing.clients
        for face in thing.row.named(name).faces
    )


def worded_orders(thing: Thing) -> Iterator[tuple[str, bool]]:
    """Yield (property, whether down) of the order that is said in words."""
    names = {plain(name): name for name in thing.row.names}
    if (words := _PRICED.search(_words_of(thing))) and (name := names.get("price", names.get("cost"))):
        yield name, not words["cheap"]
        return
    for words in _ORDERED.finditer(_words_of(thing)):
        name = names.get(plain(words[1]), names.get(singular(plain(words[1]))))
        if name is not None and thing.row.named(name).scalar:
            yield name, bool(words["down"])
            return
