"""
Make the things of a collection: those that nobody touched, and what a client left out of a new one.

A thing belongs to its identity (collection, parent, key) and to nothing else, so it
is the same on every machine, in every process, and in a list. What the schema
itself shows (`example` at its properties) is one thing: the first of the
collection, the one with the key shown, and any that no list has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Protocol

from mockserver.behavior.envelopes import Shown, branching, required
from mockserver.behavior.keys import Keys
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.behavior.wording import last_word, noun, plain
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json

_MOST_KEPT = 20_000
_STAMP = re.compile(
    r"(created|added|registered|inserted|modified|updated|changed)(at|on|date|time|datetime|timestamp|)?\Z"
)
_UPDATED = re.compile(r"(last)?(modified|updated|changed)(at|on|date|time|datetime|timestamp|)?\Z")
_SPOKEN = ("name", "slug", "login", "handle", "permalink", "title")
"""Endings of a key that is made of words."""
_COUNTS = re.compile(r".*(count|total)\Z|(number|num)of.*|total.*")


class Maker(Protocol):
    """Makes values of one schema."""

    @property
    def accepts(self) -> Callable[[Json], bool]:
        """Whether a whole value is valid."""

    def value(self, seed: str, *, given: Json = ..., full: bool = ..., shown: bool = ...) -> Json:
        """Return a value that belongs to *seed*, with *given* kept. Raises Ungeneratable."""


Makers = Callable[[Json, str], Maker]
"""Makes the maker for a self-contained JSON Schema, and what its values are called."""


class Entities:
    """
    The things of one collection.

    Args:
        resource: The collection.
        makers: Makes makers.
        dynamic: Whether what the schema shows is left aside.
    """

    def __init__(self, resource: Resource, makers: Makers, *, dynamic: bool = False) -> None:
        self.resource = resource
        self._makers = makers
        self._dynamic = dynamic
        self._kept: dict[tuple[str, Json], Row] = {}
        self._by_shown: dict[int, Maker] = {}
        self._aliases: dict[int, str] = {}
        self._by_path: dict[str, dict[str, str]] = {}
        row = resource.row.named(resource.key) if resource.row is not None and resource.key else None
        spoken = plain(resource.key or resource.parameter).endswith(_SPOKEN)
        make = lambda seed: self._key_maker.value(seed)  # noqa: E731 - made when the first key is
        self.keys = Keys(resource.path, row, resource.parameter_shape, make, spoken=spoken)

    @cached_property
    def _key_maker(self) -> Maker:
        resource = self.resource
        row = resource.row.named(resource.key) if resource.row is not None and resource.key else None
        documents = [one.document for one in (row, resource.parameter_shape) if one is not None]
        objects = [one for one in documents if isinstance(one, dict)]
        definitions = {name: one for document in objects for name, one in document.get("$defs", {}).items()}
        return self._makers({"allOf": objects, "$defs": definitions}, resource.key or resource.parameter)

    @cached_property
    def maker(self) -> Maker | None:
        """What makes whole rows; None where no answer shows one."""
        row = self.resource.row
        return self._makers(row.document, last_word(self.resource.path)) if row is not None else None

    # --------------------------------------------------------------- untouched

    def known(self, seed: str, key: Json) -> Row | None:
        """Return the thing with *key* that nobody touched, if it was made before."""
        return self._kept.get((seed, key))

    def made(self, seed: str, key: Json, given: Row, *, shown: bool) -> Row:
        """
        Return the thing with *key* that nobody touched; it is shared, so do not change it.

        *seed* stands for the world and the parent; *given* is known of it.
        """
        row = self._make(f"{seed}|{self.resource.path}|{key}", self._keyed(key, given), shown)
        return self._keep(seed, key, row)

    def _keep(self, seed: str, key: Json, row: Row) -> Row:
        if len(self._kept) > _MOST_KEPT:
            self._kept.clear()
        self._kept[seed, key] = row
        return row

    def _make(self, seed: str, given: Row, shown: bool) -> Row:
        if self.maker is None:
            return dict(given)
        for attempt in (given, {}) if given else ({},):
            try:
                made = self.maker.value(seed, given=attempt, full=True, shown=shown and not self._dynamic)
            except Ungeneratable:
                continue
            if isinstance(made, dict):
                return made
        return dict(given)

    def _keyed(self, key: Json, given: Row) -> Row:
        name, row = self.resource.key, self.resource.row
        if not name or row is None or name in given:
            return given
        typed = self.keys.typed(key)
        kinds = row.named(name).kinds
        if isinstance(typed, str) and "string" not in kinds:
            return given
        return {name: typed, **given}

    def exemplified(self, seed: str, key: Json, example: Row) -> Row:
        """Return what a documented *example* shows: as it stands, completed where it is invalid."""
        row = self._valid(f"{seed}|{self.resource.path}|{key}", self._keyed(key, example))
        return self._keep(seed, key, row)

    def parents(self, path: str, values: Mapping[str, Json]) -> Row:
        """Return the properties that say whose a thing is, for the path parameters *values* of *path*."""
        row = self.resource.row
        found: Row = {}
        if row is None or "{" not in path:
            return found
        for parameter, name in self.owners(path).items():
            value, shape = values.get(parameter), row.named(name)
            if isinstance(value, str) and "string" not in shape.kinds:
                value = int(value) if value.isascii() and value.isdecimal() else None
            elif isinstance(value, (int, float)) and not shape.kinds & {"integer", "number"}:
                value = str(value)
            if value is not None and shape.scalar:
                found[name] = value
        return found

    def owners(self, path: str) -> dict[str, str]:
        """Return parameter -> property that says the same, of the parameters of the collection's *path*."""
        found = self._by_path.get(path)
        if found is not None:
            return found
        found = self._by_path[path] = {}
        row = self.resource.row
        names = {plain(name): name for name in row.names} if row is not None else {}
        above = ""
        for segment in path.split("/"):
            if segment.startswith("{") and segment.endswith("}"):
                own = plain(segment[1:-1])
                either = [above + own, f"{above}id"] if own in ("id", "uuid", "key") else [own, f"{above}id"]
                name = next((names[one] for one in either if one in names), "")
                if name and name != self.resource.key:
                    found[segment[1:-1]] = name
            else:
                above = noun(segment)
        return found

    # ------------------------------------------------------------------- new

    def completed(self, seed: str, key: Json, sent: Row, *, old: Row | None = None, now: str = "") -> Row:
        """
        Return what was *sent* with its key, what is required, and what only the server sets.

        Args:
            seed: Stands for the world and the parent.
            key: Of the row.
            sent: Is not changed.
            old: The row that it replaces: what only the server sets stays as it was.
            now: For stamps.
        """
        row = dict(sent)
        shape = self.resource.row
        if shape is None:
            return row
        if self.resource.key:
            row = self._keyed(key, row)
        if self._branching:
            return self._valid(f"{seed}|{self.resource.path}|{key}", row)
        for name, default in self._defaults.items():
            row.setdefault(name, default)
        if old is not None:
            kept = (*self._own, *self._wanted)
            row.update({name: old[name] for name in kept if name not in row and name in old})
        for name in self._stamps:
            if name not in row or (old is not None and _UPDATED.match(plain(name))):
                row[name] = now
        for name, value in self._beginnings.items():
            row.setdefault(name, value)
        seed = f"{seed}|{self.resource.path}|{key}"
        if (missing := [name for name in self._wanted if name not in row]) and self.maker is not None:
            made = self._make(seed, row, False)
            row.update({name: made[name] for name in missing if name in made})
        return self._valid(seed, row)

    def changed(self, seed: str, key: Json, row: Row, *, now: str) -> Row:
        """Return *row*, that a client has changed, with its stamp and valid."""
        for name in self._stamps:
            if name in row and _UPDATED.match(plain(name)):
                row[name] = now
        return self._valid(f"{seed}|{self.resource.path}|{key}", row)

    def _valid(self, seed: str, row: Row) -> Row:
        """Return *row* so that it is valid: completed, else without what breaks the schema."""
        if self.maker is None or self.maker.accepts(row):
            return row
        for attempt in (row, self._fitting(row)):
            try:
                made = self.maker.value(seed, given=attempt, full=False)
            except Ungeneratable:
                continue
            if isinstance(made, dict):
                return {**made, **{name: value for name, value in row.items() if name not in self._declared}}
        return row

    def _fitting(self, row: Row) -> Row:
        """Return the properties of *row* that are valid by themselves."""
        shape = self.resource.row
        assert shape is not None
        return {
            name: value
            for name, value in row.items()
            if name in self._declared and self._makers(shape.named(name).document, name).accepts(value)
        }

    @cached_property
    def _branching(self) -> bool:
        return self.resource.row is not None and branching(self.resource.row)

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(self.resource.row.names if self.resource.row is not None else ())

    @cached_property
    def _defaults(self) -> Row:
        shape = self.resource.row
        assert shape is not None
        found = {name: shape.named(name).default for name in shape.names}
        return {name: value for name, value in found.items() if value is not MISSING}

    @cached_property
    def _own(self) -> tuple[str, ...]:
        """The properties that only the server sets: those that are readOnly, or that no request can send."""
        shape = self.resource.row
        assert shape is not None
        sendable = self.resource.sent_names
        return tuple(name for name in shape.names if name not in sendable or self._read_only(name))

    def _read_only(self, name: str) -> bool:
        shape = self.resource.row
        assert shape is not None
        return any(face.get("readOnly") for face in shape.named(name).faces)

    @cached_property
    def _wanted(self) -> tuple[str, ...]:
        """The properties that a new row has for sure: what is required, and what is readOnly."""
        shape = self.resource.row
        assert shape is not None
        needed = required(shape)
        return tuple(name for name in shape.names if name in needed or self._read_only(name))

    @cached_property
    def _stamps(self) -> tuple[str, ...]:
        """The properties that tell when a row was made or changed."""
        return tuple(
            name for name in self._own if _STAMP.match(plain(name).removeprefix("last")) and self._timed(name)
        )

    def _timed(self, name: str) -> bool:
        shape = self.resource.row
        assert shape is not None
        return any(face.get("format") == "date-time" for face in shape.named(name).faces)

    @cached_property
    def _beginnings(self) -> Row:
        """What the server's own properties are in a new row, where they are asked for: nothing yet."""
        shape = self.resource.row
        assert shape is not None
        found: Row = {}
        for name in self._own:
            if name not in self._wanted or name in self._stamps or name == self.resource.key:
                continue
            own = shape.named(name)
            allowed = next((face["enum"] for face in own.faces if isinstance(face.get("enum"), list)), None)
            for value in (None, allowed[0] if allowed else None, 0 if _COUNTS.match(plain(name)) else None):
                possible = value is not None or "null" in own.kinds
                if possible and own.typed and self._makers(own.document, name).accepts(value):
                    found[name] = value
                    break
        return found

    # ----------------------------------------------------------------- showing

    def shown(self, shown: Shown, row: Row, key: Json, seed: str) -> Json:
        """Return *row* as the answer *shown* knows it."""
        if shown.scalar:
            return row.get(self.resource.key, key)
        names = shown.names
        if names:
            view = {name: row[name] for name in names if name in row}
            if shown.shape.open:
                view.update((name, value) for name, value in visible(row).items() if name not in view)
        else:
            view = visible(row)
        if alias := self._alias(shown):
            view.setdefault(alias, self.keys.typed(key))
        if shown.shape is self.resource.row or shown.required <= view.keys():
            return view
        maker = self._by_shown.get(id(shown))
        if maker is None:
            maker = self._by_shown[id(shown)] = self._makers(
                shown.shape.document, last_word(self.resource.path)
            )
        try:
            return maker.value(f"{seed}|{self.resource.path}|{key}", given=view, full=False)
        except Ungeneratable:
            return view

    def _alias(self, shown: Shown) -> str:
        """Return the property of *shown* that is the key under another name: `{"userId": 7, "note": ""}`."""
        known = self._aliases.get(id(shown))
        if known is None:
            known = ""
            if self.resource.key not in shown.names:
                wanted = ("id", plain(self.resource.parameter), f"{noun(self.resource.path)}id")
                fits = [
                    name for name in shown.names if plain(name) in wanted and shown.shape.named(name).scalar
                ]
                known = fits[0] if fits else ""
            self._aliases[id(shown)] = known
        return known


def visible(row: Mapping[str, Json]) -> Row:
    """Return what clients are shown of a row: all but the bookkeeping."""
    return {name: value for name, value in row.items() if not name.startswith(HIDDEN)}


HIDDEN = "_:"
"""What the names of bookkeeping begin with: no document has such a property."""
