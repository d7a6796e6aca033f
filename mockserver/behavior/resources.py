"""
One inferred collection: what its schemas say of its rows, their key, and how answers show them.

What is inferred is data, with a sentence for each thing that was concluded, so that
`routes --explain` can show it and nothing has to be guessed about the guessing.
Schemas are looked at when a resource is first used, for a document of a thousand
operations is served at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.behavior import embedding, envelopes, uniqueness
from mockserver.behavior.calling import Carrier
from mockserver.behavior.embedding import Embedded
from mockserver.behavior.envelopes import Hints, Shown
from mockserver.behavior.merging import sparing
from mockserver.behavior.naming import inside, named_by
from mockserver.behavior.pointing import Pointing, pointings
from mockserver.behavior.values import named_values
from mockserver.behavior.wording import last_word, noun, plain
from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, MediaType, Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

_SENDING = ("create", "replace", "patch", "replace by body", "create all")
_SHOWING = ("read", "create", "replace", "patch", "list")
_MAKING = ("create", "create all", "replace by body")
_POINTING = ("create", "replace by body", "clear")
_NUMBERS = frozenset({"integer", "number"})


@dataclass(eq=False)
class Resource:
    """
    One inferred collection, or a single thing that can be set (`single`).

    Attributes:
        path: Template of the collection, e.g. "/users/{userId}/posts".
        item_path: Template of an item, "" where there is none.
        parents: Names of the path parameters of `path`.
        parameter: The path parameter that names an item, "" where there is none.
        operations: kind ("list", "create", "read", "replace", "patch", "delete") -> operation id.
        lists: Ids of all operations that list it: a search may stand beside the list.
        carried: Id of an operation on one -> where it says which, if not in its path.
        above: The collection below whose items this path stands directly, None where there is none.
        why: What was concluded from what, one sentence each.
    """

    path: str
    contract: Contract
    item_path: str = ""
    parents: tuple[str, ...] = ()
    parameter: str = ""
    single: bool = False
    operations: dict[str, str] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    carried: Mapping[str, Carrier] = field(default_factory=dict)
    above: Resource | None = None
    why: list[str] = field(default_factory=list)
    _shown: dict[str, Shown | None] = field(default_factory=dict, repr=False)
    _shown_many: dict[str, Shown | None] = field(default_factory=dict, repr=False)
    _unique: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict, repr=False)
    _pointings: dict[str, tuple[Pointing, ...]] = field(default_factory=dict, repr=False)
    _wrappers: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def operation(self, kind: str) -> Operation | None:
        """Return the operation of that kind, or None."""
        identifier = self.operations.get(kind)
        return self.contract.operations[identifier] if identifier else None

    @property
    def listed(self) -> bool:
        """Whether its own path lists it; a search beside it shows what is asked for, not what there is."""
        return "list" in self.operations

    @property
    def only_listed(self) -> bool:
        """Whether it can be listed, and nothing else be done with it."""
        return self.operations.keys() == {"list"} and not self.item_path

    @cached_property
    def hints(self) -> Hints:
        """What is known of one of it."""
        return Hints(self.sent_names, noun(self.path), plain(self.parameter))

    @cached_property
    def sent_names(self) -> frozenset[str]:
        """The properties that clients may send."""
        return frozenset().union(*(self.sent_by(kind) for kind in _SENDING))

    def sent_by(self, kind: str) -> frozenset[str]:
        """Return the properties that clients may send with the operation of that kind."""
        operation = self.operation(kind)
        found: set[str] = set()
        for media in operation.body.content.values() if operation and operation.body else ():
            if media.schema is not None:
                found.update(self.sent_in(media)[1].names)
        carried = self.carried.get(operation.id) if operation is not None else None
        return frozenset(found - {carried.name} if carried is not None else found)

    @cached_property
    def default_sent(self) -> dict[str, Json]:
        """The values of properties that are left out of a new one, as its create or else its PUT says."""
        found: dict[str, Json] = {}
        for kind in ("create", "replace"):
            operation = self.operation(kind)
            for media in operation.body.content.values() if operation and operation.body else ():
                if media.schema is not None:
                    shape = self.sent_in(media)[1]
                    for name in shape.names:
                        found.setdefault(name, shape.named(name).default)
        return found

    @cached_property
    def merges(self) -> bool:
        """Whether what is left out of a PUT that replaces stays as it was."""
        operation = self.operation("replace")
        if operation is None or self.single:
            return False
        bodies = operation.body.content.values() if operation.body is not None else ()
        free = "patch" not in self.operations and sparing([self.sent_in(media)[1] for media in bodies])
        why = "what PUT leaves out stays as it is: nothing has to be sent, and there is no PATCH"
        self.why += [why] if free else []
        return free

    def sent_in(self, media: MediaType) -> tuple[tuple[str, ...], Shape]:
        """Return (path, shape) of the thing in a request body of *media*; see `envelopes.sent`."""
        whole = Shape(media.schema.json("request") if media.schema is not None else {})
        return envelopes.sent(whole, Hints(frozenset(), noun(self.path), plain(self.parameter)), self._flat)

    @cached_property
    def choices(self) -> dict[str, list[str]]:
        """The values of properties that only a filter of the list names; see `values`."""
        operation = self.operation("list")
        return named_values(operation, self.row) if operation is not None and self.row is not None else {}

    def wrapper(self, media: MediaType) -> tuple[str, ...]:
        """Return the names that lead from a request body of *media* to the thing; see `envelopes.sent`."""
        known = self._wrappers.get(media.place.pointer)
        if known is None:
            known = self._wrappers[media.place.pointer] = self.sent_in(media)[0]
        return known

    @cached_property
    def _flat(self) -> frozenset[str]:
        """The names beside a key at the top of what is answered: no envelope is called so."""
        found: set[str] = set()
        hints = Hints(frozenset(), noun(self.path), plain(self.parameter))
        for kind in ("read", "create", "replace"):
            operation = self.operation(kind)
            mine = operation is not None and not self.shows_above(operation)
            whole = self._whole(operation) if operation is not None and mine else None
            if whole is not None and hints.named(whole):
                found.update(whole.names)
        return frozenset(found)

    @cached_property
    def row(self) -> Shape | None:
        """The shape of a row, by the answer that shows most of it; None where no answer shows one."""
        if self._answered is not None or self.embedded is None or not self.embedded.item.names:
            return self._answered
        return self.embedded.item

    @cached_property
    def _answered(self) -> Shape | None:
        """The shape of a row as the answers of its own show it; a receipt has nothing of what is listed."""
        operations = [one for one in map(self.operation, _SHOWING) if one is not None]
        found = [one for one in map(self.shown, operations) if one is not None and one.names]
        listed = set(found[-1].names) if found and found[-1].many and not self.item_path else set()
        alike = (one.shape for one in found if not listed or listed.intersection(one.names))
        return next(alike, None)

    @cached_property
    def embedded(self) -> Embedded | None:
        """How the things above show this list themselves; None where they do not."""
        above = self.above
        whole = above.row if above is not None and not self.single else None
        if above is None or whole is None or not embedding.lists_like(whole, self.path):
            return None
        listing, row = self.operation("list"), self._answered
        if row is None and listing is not None:
            shown = self.shown(listing)
            row = shown.shape if shown is not None else Shape({})
        found = embedding.embedded(whole, self.path, row, self.key if self._answered is not None else "")
        if found is not None:
            self.why.append(f"it is what {found.name} of {above.path} shows: {found.why}")
        return found

    def shows_above(self, operation: Operation) -> bool:
        """Return whether *operation*, done to this list, is answered with the thing above that shows it."""
        above = self.above
        if above is None or operation.id in self.lists:
            return False
        whole = self._whole(operation)
        if whole is None or above.row is None or not embedding.lists_like(above.row, self.path):
            return False
        shown = envelopes.one(whole, above.hints)
        return shown is not None and set(shown.names) == set(above.row.names)

    @cached_property
    def names(self) -> frozenset[str]:
        """The properties that some answer shows, of all that a row may have."""
        found: set[str] = set(self.row.names) if self.row is not None and self._answered is None else set()
        for identifier in {*self.operations.values(), *self.lists}:
            shown = self.shown(self.contract.operations[identifier])
            if shown is not None:
                found.update(shown.names)
        return frozenset(found)

    def spelled(self, name: str) -> str:
        """Return the property that clients call *name*, if only its spelling is another: `To` is `to`."""
        return name if name in self.names else self._spellings.get(plain(name), name)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {plain(name): name for name in sorted(self.names, reverse=True)}

    @cached_property
    def key(self) -> str:
        """The property of a row that names it, "" where no property does."""
        row = self.row
        if row is None or self.single:
            return ""
        told = self.embedded.called if self._answered is None and self.embedded is not None else ""
        return named_by(row, plain(self.parameter), noun(self.path), told, self._agree)

    @cached_property
    def inner_key(self) -> tuple[str, str] | None:
        """Where a row has its name, if not among its own properties: ("metadata", "name"); else None."""
        row, wanted = self.row, plain(self.parameter)
        if row is None or self.key or self.single or not wanted:
            return None
        return inside(row, wanted, self._agree)

    @cached_property
    def key_shape(self) -> Shape | None:
        """The shape of what names a row; None where it has no name."""
        row, inner = self.row, self.inner_key
        if row is None or (not self.key and inner is None):
            return None
        return row.named(self.key) if inner is None else row.named(inner[0]).named(inner[1])

    def key_of(self, row: Mapping[str, Json]) -> Json:
        """Return what names *row*, `MISSING` where nothing does."""
        if self.inner_key is None:
            return row.get(self.key, MISSING) if self.key else MISSING
        about = row.get(self.inner_key[0])
        return about.get(self.inner_key[1], MISSING) if isinstance(about, dict) else MISSING

    def _agree(self, others: frozenset[str]) -> bool:
        """Return whether a property of the kinds *others* may be what the path parameter says."""
        kinds = self._parameter_kinds
        return not kinds or bool(kinds & others) or bool(kinds & _NUMBERS and others & _NUMBERS)

    @cached_property
    def writable(self) -> bool:
        """Whether clients may choose the key."""
        makes = [one for kind in _MAKING if (one := self.operation(kind)) is not None]
        shapes = [self.row, *map(self._first_sent, makes)]
        faces = [face for shape in shapes if shape is not None for face in shape.named(self.key).faces]
        said = any(self.key in self.sent_by(kind) for kind in _MAKING)
        return said and not any(face.get("readOnly") for face in faces)

    @cached_property
    def only_read(self) -> frozenset[str]:
        """The properties that only the server writes (readOnly), but for the key, which a path may say."""
        row = self.row
        return frozenset(
            name
            for name in (row.names if row is not None else ())
            if name != self.key and any(face.get("readOnly") is True for face in row.named(name).faces)  # type: ignore[union-attr]
        )

    @cached_property
    def _parameter_kinds(self) -> frozenset[str]:
        shape = self.parameter_shape
        return shape.kinds if shape is not None and shape.typed else frozenset()

    @cached_property
    def parameter_shape(self) -> Shape | None:
        """The shape of the path parameter that names an item; None where the contract does not say."""
        for kind in ("read", "replace", "patch", "delete"):
            operation = self.operation(kind)
            carried = self.carried.get(operation.id) if operation is not None else None
            place = ("path", self.parameter) if carried is None else carried
            for parameter in operation.parameters if operation is not None else ():
                if (parameter.location, parameter.name) == place and parameter.schema:
                    return Shape(parameter.schema.json("request"))
        return None

    def shown(self, operation: Operation) -> Shown | None:
        """Return how the success of *operation* shows a row or rows; None where it shows none."""
        if operation.id not in self._shown:
            whole = self._whole(operation)
            find = (
                envelopes.many if operation.id in self.lists or self.takes_many(operation) else envelopes.one
            )
            mine = whole is not None and not self.shows_above(operation)
            self._shown[operation.id] = find(whole, self.hints) if whole is not None and mine else None
        return self._shown[operation.id]

    def shown_many(self, operation: Operation) -> Shown | None:
        """Return how the success of *operation*, which creates several at once, shows rows."""
        if operation.id not in self._shown_many:
            whole = self._whole(operation)
            found = envelopes.many(whole, self.hints) if whole is not None else None
            self._shown_many[operation.id] = found
        return self._shown_many[operation.id]

    def unique(self, operation: Operation) -> tuple[tuple[str, ...], ...]:
        """Return what no two things may share, by the 409 of *operation*; see `uniqueness`."""
        found = self._unique.get(operation.id)
        if found is None:
            create = self.operation("create")
            shapes = [self._first_sent(one) for one in (operation, create) if one is not None]
            sent = next((shape for shape in shapes if shape.names), Shape({}))
            found = self._unique[operation.id] = uniqueness.unique(operation, sent)
        return found

    def _first_sent(self, operation: Operation) -> Shape:
        contents = operation.body.content.values() if operation.body is not None else ()
        return next((self.sent_in(media)[1] for media in contents if media.schema is not None), Shape({}))

    def pointings(self, operation: Operation) -> tuple[Pointing, ...]:
        """Return the ways in which requests of *operation* only name rows of this list."""
        found = self._pointings.get(operation.id)
        if found is None:
            kinds = {kind for kind, name in self.operations.items() if name == operation.id}
            able = self.row is not None and not self.item_path and kinds & set(_POINTING)
            found = pointings(operation, self.path, self.row) if able and self.row is not None else ()
            self._pointings[operation.id] = found
            names = (
                f"{one.name} are the {'.'.join(one.path)} of rows, for {operation.method}" for one in found
            )
            self.why += names
        return found

    def takes_many(self, operation: Operation) -> bool:
        """Return whether a request of *operation* says several things at once, however it is written."""
        content = operation.body.content.values() if operation.body is not None else ()
        return bool(content) and all(envelopes.EACH in self.wrapper(media) for media in content)

    def _whole(self, operation: Operation) -> Shape | None:
        promise = operation.success
        for name, media in promise.content.items() if promise is not None else ():
            if media.schema is not None and (
                is_json(name.partition(";")[0]) or "*" in name or len(promise.content) == 1  # type: ignore[union-attr]
            ):
                return Shape(media.schema.json("response"))
        return None

    @staticmethod
    def exemplified(operation: Operation) -> bool:
        """Return whether the success of *operation* has a documented example."""
        promise = operation.success
        return promise is not None and any(media.examples for media in promise.content.values())

    def examples(self, operation: Operation) -> list[Json]:
        """Return the bodies that the documented examples of *operation* show, those with a row or rows."""
        promise, shown = operation.success, self.shown(operation)
        if promise is None or shown is None:
            return []
        bodies = [example.value for media in promise.content.values() for example in media.examples.values()]
        return [body for body in bodies if shown.found_in(body) is not MISSING]

    @cached_property
    def sample_key(self) -> str:
        """The text of a key that a documented answer shows, "" where none does."""
        for kind in ("read", "create", "list") if self.key else ():
            operation = self.operation(kind)
            shown = self.shown(operation) if operation is not None else None
            for body in self.examples(operation) if operation is not None and shown is not None else ():
                found = shown.found_in(body) if shown is not None else None
                for row in found if isinstance(found, list) else [found]:
                    value = row.get(self.key) if isinstance(row, dict) else None
                    if isinstance(value, (str, int)) and not isinstance(value, bool):
                        return str(value)
        return ""

    def like(self, other: Resource) -> bool:
        """
        Return whether the rows of *other* are clearly of the same kind: called and made alike.

        A list that can only be read may show less of them.
        """
        if self.row is None or other.row is None or last_word(self.path) != last_word(other.path):
            return False
        own, known = set(self.row.names), set(other.row.names)
        alike = own == known or (self.only_listed and own < known and other.key in own)
        return alike and bool(self.key and other.key)
