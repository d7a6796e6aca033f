"""
What stands under "$defs" of one schema document, translated when it is looked up.

In some documents every schema reaches every other by some way: 9,000 of them,
where one value holds twenty. So who follows a reference pays for that reference,
and only who lists them all (iterates, counts) has all of them translated.

To Python it is a dict of everything that is reached, whichever part of it is
there yet. Code in C that reads a dict's own table sees that part alone: hand it
`dict(definitions)`.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Sequence, ValuesView
from threading import RLock
from typing import TYPE_CHECKING, Any

from mockserver.contract.reading import mapping
from mockserver.exchange import Json

if TYPE_CHECKING:
    from mockserver.contract.model import Direction
    from mockserver.contract.schema import Schemas

PREFIX = "#/$defs/"
"""How a translated schema refers to another."""

MANY = 300
"""Schemas that one document may reach and still be looked at, and compiled, as a whole."""


class Definitions(dict[str, Json]):
    """
    The schemas that one document reaches, by name.

    Args:
        schemas: Translates them.
        reached: The names that the document itself refers to.
    """

    def __init__(self, schemas: Schemas, direction: Direction, reached: Iterable[str]) -> None:
        super().__init__()
        self.schemas = schemas
        self.direction = direction
        self._names: dict[str, None] = {}
        self._start = sorted(reached)
        self._todo = self._start[::-1]
        self._vast = False
        self._sorted: list[str] | None = None
        self._lock = RLock()

    def within(self, node: Json) -> Definitions:
        """Return the definitions that *node*, a part of the document, reaches."""
        return Definitions(self.schemas, self.direction, set(_references(node)))

    def few(self) -> bool:
        """Whether no more than `MANY` schemas are reached; no more than that are looked at to tell."""
        with self._lock:
            vast = self.schemas.vast
            while self._todo and len(self._names) <= MANY and not self._vast:
                self._vast = (self._todo[-1], self.direction) in vast
                self._look()
            if len(self._names) > MANY:
                self._vast = True
            if self._vast:
                vast.update((name, self.direction) for name in self._start)
            return not self._vast

    def _look(self) -> None:
        """Look at one schema that is reached: what does it reach?"""
        name = self._todo.pop()
        if name not in self._names:
            self._names[name] = None
            self._todo.extend(self.schemas.named_schema(name, self.direction).reached)

    def _all(self) -> list[str]:
        """The names of all that is reached; afterwards all of it is there."""
        with self._lock:
            if self._sorted is None:
                while self._todo:
                    self._look()
                names = sorted(self._names)
                for name in names:
                    self[name]
                self._sorted = names
            return self._sorted

    def __missing__(self, name: str) -> Json:
        found = self[name] = self.schemas.named_schema(name, self.direction).schema
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return the schema called *name*, or *default*."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self.schemas.knows(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        return bool(self._names or self._todo)

    def __eq__(self, other: object) -> bool:
        return dict(self.items()) == (dict(other.items()) if isinstance(other, Definitions) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return the names."""
        return KeysView(self)

    def values(self) -> ValuesView[Json]:  # type: ignore[override]
        """Return the schemas."""
        return ValuesView(self)

    def items(self) -> ItemsView[str, Json]:  # type: ignore[override]
        """Return the names, each with its schema."""
        return ItemsView(self)


def _references(node: Json) -> Iterator[str]:
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(PREFIX):
            yield reference[len(PREFIX) :].replace("~1", "/").replace("~0", "~")
        targets = mapping(mapping(node.get("discriminator")).get("mapping"))
        yield from (str(target)[len(PREFIX) :] for target in targets.values())
        for key, child in node.items():
            if key != "$defs":
                yield from _references(child)
    elif isinstance(node, list):
        for child in node:
            yield from _references(child)


def beside(document: Json, node: Json) -> Json:
    """Return what *node*, a part of *document*, may refer to, for its own "$defs"."""
    definitions = document.get("$defs", {}) if isinstance(document, dict) else {}
    return definitions.within(node) if isinstance(definitions, Definitions) else definitions


def joined(documents: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """Return the document that holds to all of *documents*: those of one contract call one schema alike."""
    parts: list[Json] = [{key: one[key] for key in one if key != "$defs"} for one in documents]
    definitions: dict[str, Json] = {}
    for one, part in zip(documents, parts, strict=True):
        own = beside(one, part)
        if own and isinstance(own, Definitions) and not definitions:
            definitions = Definitions(own.schemas, own.direction, set(_references(parts)))
        elif own and not isinstance(definitions, Definitions):
            definitions = {**definitions, **mapping(own)}
    return {"allOf": parts, "$defs": definitions}
