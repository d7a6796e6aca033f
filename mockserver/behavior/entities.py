"""
Make the things of a collection: those that nobody touched, and what a client left out of a new one.

A thing belongs to its identity (collection, parent, key) and to nothing else, so it
is the same on every machine, in every process, and in a list. What the schema
itself shows (`example` at its properties) is one thing: the first of the
collection, the one with the key shown, and any that no list has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from zlib import crc32

from mockserver.behavior.adapting import adapted
from mockserver.behavior.beginnings import begins, told_at_first, told_when_made
from mockserver.behavior.envelopes import branching, required
from mockserver.behavior.keys import Keys
from mockserver.behavior.looks import Looks, Maker, Makers
from mockserver.behavior.resources import Resource
from mockserver.behavior.stamps import Marks
from mockserver.behavior.store import Row
from mockserver.behavior.wording import last_word, noun, plain
from mockserver.contract.definitions import joined
from mockserver.contract.shapes import Shape
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json

_MOST_KEPT = 20_000
_SPOKEN = ("name", "slug", "login", "handle", "permalink", "title")
"""Endings of a key that is made of words."""
_STATES = ("status", "state", "phase", "stage", "visibility", "role", "priority")
"""Endings of a property whose example says how a thing begins."""
_USUAL = re.compile(r"(active|enabled|visible|available|valid|public|open)\Z")
"""Endings of a flag that is set from the beginning."""
_SUMS = re.compile(r"(amount|sum|cost|net|gross)\Z")
_COUNTS = re.compile(r".*(count|total)\Z|numberof.*|num(?!ber|eric).+|total.*")


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
        self._parts: dict[str, Maker] = {}
        self._by_path: dict[str, dict[str, str]] = {}
        row, inner = resource.key_shape, resource.inner_key
        spoken = plain(inner[1] if inner else resource.key or resource.parameter).endswith(_SPOKEN)
        make = lambda seed: self._key_maker.value(seed)  # noqa: E731 - made when the first key is
        sent, sample = resource.parameter_shape, "" if dynamic else resource.sample_key
        self.keys = Keys(resource.path, row, sent, make, spoken=spoken, documented=sample)
        self.looks = Looks(resource, self.keys, makers)

    @cached_property
    def _key_maker(self) -> Maker:
        resource = self.resource
        row = resource.key_shape
        documents = [one.document for one in (row, resource.parameter_shape) if one is not None]
        objects = [one for one in documents if isinstance(one, dict)]
        name = resource.key or resource.parameter
        return self._makers(joined(objects), f"{noun(resource.path)}_id" if plain(name) == "id" else name)

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
        whole = f"{seed}|{self.resource.path}|{key}"
        given = self._keyed(key, given)
        for name, values in self.resource.choices.items() if not shown else ():
            given = {name: values[crc32(f"{whole}|{name}".encode()) % len(values)], **given}
        return self._keep(seed, key, self._make(whole, given, shown))

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
        return dict(given) if isinstance(given, dict) else {}

    def _keyed(self, key: Json, given: Row) -> Row:
        name, row = self.resource.key, self.resource.row
        inner = self.resource.inner_key
        if inner is not None:
            about = given.get(inner[0])
            about = about if isinstance(about, dict) else {}
            return {**given, inner[0]: {inner[1]: self.keys.typed(key), **about}}
        if not name or row is None or name in given:
            return given
        typed = self.keys.typed(key)
        if isinstance(typed, str) and "string" not in self._key_kinds:
            return given
        return {name: typed, **given}

    @cached_property
    def _key_kinds(self) -> frozenset[str]:
        """Of which kinds the property is that names a thing."""
        row = self.resource.row
        return row.named(self.resource.key).kinds if row is not None else frozenset()

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
        if self.resource.key or self.resource.inner_key:
            row = self._keyed(key, row)
        if self._branching:
            return self._valid(f"{seed}|{self.resource.path}|{key}", row)
        for name, default in self._defaults.items():
            row.setdefault(name, default)
        if old is not None:
            kept = (*self._own, *self._wanted)
            row.update({name: old[name] for name in kept if name not in row and name in old})
        self._marks.put(row, old, now)
        for name, value in self._beginnings.items():
            row.setdefault(name, value)
        seed = f"{seed}|{self.resource.path}|{key}"
        if (missing := [name for name in self._wanted if name not in row]) and self.maker is not None:
            made = self._make(seed, _adapted(shape, row), False)
            row.update({name: self._fresh(name, made[name]) for name in missing if name in made})
        return self._agreed(self._valid(seed, row), [name for name in self._reckoned if name not in sent])

    def changed(self, seed: str, key: Json, row: Row, *, now: str, before: Row) -> Row:
        """Return *row*, that a client has changed, with its stamp, and valid: *before* helps."""
        self._marks.move(row, before, now)
        return self._agreed(self._valid(f"{seed}|{self.resource.path}|{key}", row, before), self._reckoned)

    def _agreed(self, row: Row, names: Sequence[str]) -> Row:
        """Return *row* with those of *names* that follow from the rest of it, as far as it stays valid."""
        if not names or self.maker is None:
            return row
        agreed = self.maker.agreed(row, names)
        return agreed if agreed == row or self.maker.accepts(agreed) else row

    def _valid(self, seed: str, row: Row, before: Mapping[str, Json] | None = None) -> Row:
        """
        Return *row* so that it is valid: completed, else adapted, else without what breaks the schema, for
        which there is what *before* has.
        """
        if self.maker is None or self.maker.accepts(row):
            return row
        for given in self._attempts(row, before or {}):
            try:
                made = self.maker.value(seed, given=given, full=False)
            except Ungeneratable:
                continue
            if isinstance(made, dict):
                return {**made, **{name: value for name, value in row.items() if name not in self._declared}}
        return row

    def _attempts(self, row: Row, before: Mapping[str, Json]) -> Iterator[Row]:
        """Yield *row* with less and less of what may be wrong with it."""
        shape = self.resource.row
        assert shape is not None
        yield row
        fitted = _adapted(shape, row)
        yield fitted
        makers = {name: self._part(name) for name in fitted if name in self._declared}
        good = {name: fitted[name] for name, maker in makers.items() if maker.accepts(fitted[name])}
        for name, maker in makers.items():  # an object or list that only lacks something
            if name not in good and isinstance(fitted[name], (dict, list)):
                with suppress(Ungeneratable):
                    good[name] = maker.value(self.resource.path, given=fitted[name], full=False)
        kept = {name: before[name] for name, maker in makers.items() if name not in good and name in before}
        yield {**good, **kept}
        yield good
        yield {name: value for name, value in good.items() if name == self.resource.key}

    def _part(self, name: str) -> Maker:
        """Return what makes the property *name*."""
        maker = self._parts.get(name)
        if maker is None:
            shape = self.resource.row
            assert shape is not None
            maker = self._parts[name] = self._makers(shape.named(name).document, name)
        return maker

    @cached_property
    def _branching(self) -> bool:
        return self.resource.row is not None and branching(self.resource.row)

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(self.resource.row.names if self.resource.row is not None else ())

    @cached_property
    def _defaults(self) -> Row:
        shape, sent = self.resource.row, self.resource.default_sent
        assert shape is not None
        found = {name: shape.named(name).default for name in shape.sure_names}
        found.update({name: sent[name] for name in found if found[name] is MISSING and name in sent})
        return {name: value for name, value in found.items() if value is not MISSING}

    @cached_property
    def _own(self) -> tuple[str, ...]:
        """The properties that only the server sets: those that are readOnly, or that a PUT cannot send."""
        shape = self.resource.row
        if shape is None:
            return ()
        sendable = self.resource.sent_by("replace") or self.resource.sent_names
        sendable = frozenset(map(self.resource.spelled, sendable))
        return tuple(name for name in shape.sure_names if name not in sendable or self._read_only(name))

    def _read_only(self, name: str) -> bool:
        shape = self.resource.row
        assert shape is not None
        return any(face.get("readOnly") for face in shape.named(name).faces)

    @cached_property
    def _wanted(self) -> tuple[str, ...]:
        """
        The properties that a new row has for sure: what is required, and what is readOnly.

        Where nothing at all is required the document is silent about that, and all that only the server
        sets is taken for sure: what others have of a thing that nobody made, a new one has as well.
        """
        shape = self.resource.row
        assert shape is not None
        needed = required(shape)
        own = frozenset() if needed else frozenset(shape.sure_names) - self._sendable
        return tuple(
            name for name in shape.sure_names if name in needed or name in own or self._read_only(name)
        )

    @cached_property
    def _sendable(self) -> frozenset[str]:
        """The properties that clients can say of a new thing."""
        return frozenset(map(self.resource.spelled, self.resource.sent_by("create")))

    def _fresh(self, name: str, value: Json) -> Json:
        """
        Return what was made up for the property *name* as a new thing has it: with nothing in it yet.

        What has to be there is so too, if the client could have said what is in it.
        """
        shape = self.resource.row
        assert shape is not None
        if not isinstance(value, (dict, list)) or (name in required(shape) and name not in self._sendable):
            return value
        if isinstance(value, dict) and not shape.named(name).names and self._part(name).accepts({}):
            return {}
        empty = _emptied(value)
        return empty if self._part(name).accepts(empty) else value

    @cached_property
    def _marks(self) -> Marks:
        """What tells when a row was made or changed."""
        return Marks(self.resource.row, self._own)

    @cached_property
    def _reckoned(self) -> tuple[str, ...]:
        """The properties that only the server sets, and that may follow from what clients send: totals."""
        return tuple(name for name in self._own if _COUNTS.match(plain(name)) or _SUMS.search(plain(name)))

    @cached_property
    def _beginnings(self) -> Row:
        """What is asked of a new row and was not sent: nothing yet, none so far, the first of the states."""
        shape = self.resource.row
        assert shape is not None
        found: Row = {}
        for name in self._wanted:
            if name in self._marks.stamps or name == self.resource.key:
                continue
            own = shape.named(name)
            said = self.resource.choices.get(name) or own.enum
            word = plain(name)
            if said is None and word.endswith(_STATES):
                said = [face["example"] for face in own.faces if isinstance(face.get("example"), str)]
            count, yes = (0 if _COUNTS.match(word) else None), bool(_USUAL.search(word))
            told = told_at_first(name, own)
            if told is MISSING and word.endswith(_STATES):
                told = told_when_made(self.resource.operation("create"), own)
            first = () if told is MISSING else (told,)
            for value in (*first, None, begins(said), count, yes if "boolean" in own.kinds else None):
                possible = value is not None or "null" in own.kinds
                if possible and own.typed and self._part(name).accepts(value):
                    found[name] = value
                    break
        return found


def _adapted(shape: Shape, row: Row) -> Row:
    """Return *row* adapted to *shape*; as it is where that is the shape of no object."""
    fitted = adapted(shape, row)
    return fitted if isinstance(fitted, dict) else row


def _emptied(value: Json) -> Json:
    """Return *value* with empty lists in place of all lists, and counts that say so."""
    if isinstance(value, list):
        return []
    if not isinstance(value, dict):
        return value
    counts = {name for name, child in value.items() if isinstance(child, int) and _COUNTS.match(plain(name))}
    return {name: 0 if name in counts else _emptied(child) for name, child in value.items()}
