"""
What an answer shows of a row: the part that it knows, under the names that it uses.

A row holds all there is to know of a thing. A list may show a summary of it, a
creation only its key, a deletion only that it is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Protocol

from mockserver.behavior.envelopes import Shown
from mockserver.behavior.keys import Keys
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.behavior.wording import last_word, noun, plain
from mockserver.errors import Ungeneratable
from mockserver.exchange import Json

HIDDEN = "_:"
"""What the names of bookkeeping begin with: no document has such a property."""

_DONE = ("deleted", "isdeleted", "removed", "success", "ok", "succeeded", "acknowledged")
"""What an answer calls the fact that something is gone."""


class Maker(Protocol):
    """Makes values of one schema."""

    @property
    def accepts(self) -> Callable[[Json], bool]:
        """Whether a whole value is valid."""

    def value(self, seed: str, *, given: Json = ..., full: bool = ..., shown: bool = ...) -> Json:
        """Return a value that belongs to *seed*, with *given* kept. Raises Ungeneratable."""

    def agreed(self, value: Row, names: Collection[str]) -> Row:
        """Return *value* with those of *names* changed that follow from what else is in it."""


Makers = Callable[[Json, str], Maker]
"""Makes the maker for a self-contained JSON Schema, and what its values are called."""


class Looks:
    """
    How the things of one collection look in answers.

    Args:
        resource: The collection.
        keys: Of its things.
        makers: Makes makers.
    """

    def __init__(self, resource: Resource, keys: Keys, makers: Makers) -> None:
        self._resource = resource
        self._keys = keys
        self._makers = makers
        self._whole: dict[int, Maker] = {}
        self._parts: dict[tuple[int, str], Maker] = {}
        self._aliases: dict[int, str] = {}

    def of(self, shown: Shown, row: Row, key: Json, seed: str) -> Json:
        """Return *row* as the answer *shown* knows it."""
        resource = self._resource
        if shown.scalar:
            return row.get(resource.key, key)
        names = shown.names
        if names:
            view = {name: row[name] for name in names if name in row}
            if shown.shape.open:
                view.update((name, value) for name, value in visible(row).items() if name not in view)
        else:
            view = visible(row)
        if alias := self._alias(shown):
            view.setdefault(alias, self._keys.typed(key))
        if shown.shape is resource.row or (shown.many and shown.required <= view.keys()):
            return view
        return self._fitted(shown, view, f"{seed}|{resource.path}|{key}")

    def gone(self, shown: Shown, row: Row, key: Json, seed: str) -> Json:
        """Return what the answer *shown* says of the *row* that was deleted."""
        flags = {
            name: True
            for name in shown.names
            if name not in row and plain(name) in _DONE and "boolean" in shown.shape.named(name).kinds
        }
        if not flags:
            return self.of(shown, row, key, seed)
        name = self._resource.key if self._resource.key in shown.names else self._alias(shown)
        return {**({name: row.get(name, self._keys.typed(key))} if name else {}), **flags}

    def _fitted(self, shown: Shown, view: Row, seed: str) -> Json:
        """Return *view* so that it is valid as *shown*, with as much of it as can be."""
        maker = self._whole.get(id(shown))
        if maker is None:
            name = last_word(self._resource.path)
            maker = self._whole[id(shown)] = self._makers(shown.shape.document, name)
        if maker.accepts(view):
            return view
        for given in (
            view,
            {name: view[name] for name in view if self._part(shown, name).accepts(view[name])},
        ):
            with suppress(Ungeneratable):
                return maker.value(seed, given=given, full=False)
        return view

    def _part(self, shown: Shown, name: str) -> Maker:
        maker = self._parts.get((id(shown), name))
        if maker is None:
            maker = self._parts[id(shown), name] = self._makers(shown.shape.named(name).document, name)
        return maker

    def _alias(self, shown: Shown) -> str:
        """Return the property of *shown* that is the key under another name: `{"userId": 7, "note": ""}`."""
        known = self._aliases.get(id(shown))
        if known is None:
            resource, known = self._resource, ""
            if resource.key not in shown.names:
                wanted = ("id", plain(resource.parameter), f"{noun(resource.path)}id")
                fits = (
                    name for name in shown.names if plain(name) in wanted and shown.shape.named(name).scalar
                )
                known = next(fits, "")
            self._aliases[id(shown)] = known
        return known


def visible(row: Mapping[str, Json]) -> Row:
    """Return what clients are shown of a row: all but the bookkeeping."""
    return {name: value for name, value in row.items() if not name.startswith(HIDDEN)}
