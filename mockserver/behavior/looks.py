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
from mockserver.contract.shapes import Shape
from mockserver.errors import Ungeneratable
from mockserver.exchange import Json

HIDDEN = "_:"
"""What the names of bookkeeping begin with: no document has such a property."""

_DEPTH = 3
"""Objects inside each other of which parts are kept where the whole does not fit."""

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
        self._parts: dict[tuple[int, tuple[str, ...]], Maker] = {}
        self._alike: dict[int, bool] = {}
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
        if self._is_whole(shown) and (not shown.many or shown.required <= view.keys()):
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
        for given in (view, self._fitting(shown, view)):
            with suppress(Ungeneratable):
                return maker.value(seed, given=given, full=False)
        return view

    def _is_whole(self, shown: Shown) -> bool:
        """Return whether all that *shown* says of a row is what is said of the row itself."""
        known = self._alike.get(id(shown))
        if known is None:
            row = self._resource.row
            known = row is not None and shown.shape.document == row.document
            self._alike[id(shown)] = known
        return known

    def _fitting(
        self, shown: Shown, value: Row, shape: Shape | None = None, path: tuple[str, ...] = ()
    ) -> Row:
        """Return what of *value*, at *path* in a row, fits there: of an object that does not, what does."""
        found: Row = {}
        shape = shape or shown.shape
        for name, part in value.items():
            inner, at = shape.named(name), (*path, name)
            maker = self._parts.get((id(shown), at))
            if maker is None:
                maker = self._parts[id(shown), at] = self._makers(inner.document, name)
            if maker.accepts(part):
                found[name] = part
            elif isinstance(part, dict) and len(at) < _DEPTH:
                found[name] = self._fitting(shown, part, inner, at)
        return found

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
