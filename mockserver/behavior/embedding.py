"""
A list that things show, and that has a path of its own below them: `order.lines` and `/orders/{id}/lines`.

The two are one list where their names say the same and the things in them agree:
all that is shown inside is known below. So they are where the thing shows a page of it
(`{"items": [...], "total": 2}`), which is then the whole. What is only told by number or by an
address (`lines_count`, `lines_url`) is no list; counts are for `counted`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from mockserver.behavior.envelopes import LISTS, Hints, is_list, many
from mockserver.behavior.paging import DEFAULT_LIMIT, Paging
from mockserver.behavior.telling import Page, Telling
from mockserver.behavior.wording import last_word, noun, plain, singular
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json

_SPOKEN = ("login", "username", "name", "title", "label", "tag", "slug", "code", "value", "key", "email")
"""What people call the one property of a thing that stands for the whole of it."""


@dataclass(frozen=True)
class Embedded:
    """
    Where things show a list that stands below them.

    Attributes:
        name: The property that holds it.
        inside: The name of the list in a page, where the property holds one; else "".
        page: What a page tells.
        item: The shape of what is in it.
        called: The property of a row that stands for all of it, where the list may hold texts; else "".
        why: In a sentence.
    """

    name: str
    item: Shape
    called: str = ""
    why: str = ""
    inside: str = ""
    page: Telling | None = None

    def items(self, row: Mapping[str, Json]) -> list[Json] | None:
        """Return the list that *row*, a thing, shows; None where it shows none."""
        found = row.get(self.name)
        if self.inside:
            found = found.get(self.inside) if isinstance(found, dict) else None
        return found if isinstance(found, list) else None

    def given(self, row: Mapping[str, Json], items: list[Json]) -> dict[str, Json]:
        """Return *row* with *items* for its list, and with what its page tells of them."""
        if self.page is None:
            return {**row, self.name: items}
        before = row.get(self.name)
        page = before if isinstance(before, dict) else {}
        told = self.page.told(page, Page(Paging(), 0, max(DEFAULT_LIMIT, len(items)), len(items), len(items)))
        return {**row, self.name: {**page, **told, self.inside: items}}

    @property
    def texts(self) -> bool:
        """Whether the list holds nothing but texts or numbers."""
        return self.item.scalar


def lists_like(whole: Shape, path: str) -> tuple[str, ...]:
    """
    Return the property of *whole* that is a list of what the last word of *path* names, () without one.

    Where it is a page, the name of the list in that follows.
    """
    wanted, own = noun(path), plain(last_word(path))
    for name in whole.names if wanted else ():
        word = plain(name)
        if word == own or (singular(word) == wanted and word != wanted):
            shape = whole.named(name)
            if is_list(shape):
                return (name,)
            if shape.typed and shape.kinds <= {"object", "null"}:
                shown = many(shape, Hints(frozenset(), wanted))
                if shown is not None and len(shown.path) == 1 and plain(shown.path[0]) in LISTS:
                    return name, shown.path[0]
    return ()


def embedded(whole: Shape, path: str, row: Shape | None, key: str) -> Embedded | None:
    """
    Return how *whole*, the shape of a thing, shows the list at *path*, whose rows have the shape *row*.

    None where it shows none that agrees. A list without *row* (None) is of texts, or of what no answer of
    its own shows. *key* names its rows.
    """
    steps = lists_like(whole, path)
    if not steps:
        return None
    name, listed = steps[0], whole.named(steps[0])
    found = _of(name, listed.named(steps[1]).item(0) if len(steps) > 1 else listed.item(0), row, key)
    if found is None or len(steps) == 1:
        return found
    return replace(found, inside=steps[1], page=Telling(listed, (steps[1],), Paging()))


def _of(name: str, item: Shape, row: Shape | None, key: str) -> Embedded | None:
    if not item.typed and not item.names:
        return None
    if row is None or not row.names:
        if item.names and row is None:
            return Embedded(name, item, _called(item.names, key), f"{name} holds them, and nothing else does")
        if item.scalar and (row is None or row.scalar):
            return Embedded(name, item, "", f"{name} holds the same values")
        return None
    if item.names:
        if not _agree(item.names, row.names, key):
            return None
        said = "the same properties" if set(item.names) == set(row.names) else "some of their properties"
        return Embedded(name, item, _called(row.names, key), f"{name} has {said}")
    called = _called(row.names, key)
    if item.scalar and "string" in item.kinds and called and "string" in row.named(called).kinds:
        return Embedded(name, item, called, f"{name} holds the {called} of each")
    return None


def _agree(inside: Collection[str], below: Collection[str], key: str) -> bool:
    """Return whether things with the properties *inside* are parts of things with those *below*."""
    shared = set(inside)
    return shared <= set(below) and (key in shared or len(shared) > 1 or shared == set(below))


def _called(names: Collection[str], key: str) -> str:
    if plain(key).endswith(_SPOKEN):
        return key
    known = {plain(name): name for name in names}
    return next((known[word] for word in _SPOKEN if word in known), "")
