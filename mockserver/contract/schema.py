"""
Schemas of a contract as self-contained JSON Schema 2020-12.

Validators and generators know one dialect and one document. So a schema is
translated when it is first used (see `translate`): every reference becomes
"#/$defs/NAME", and all that is reached comes along. Each named schema is
translated once per direction and shared by all that reach it.

The two directions differ: a `readOnly` property is not asked of a request, a
`writeOnly` one not of a response, even where `required` names it (OpenAPI
3.0.4 and 3.1.1, Schema Object).

A `$dynamicRef` means another schema for each way that leads to it (JSON Schema
2020-12 Core, 8.2.3.2). The ways are few: what a reference may mean depends on the
dynamic anchors met so far, the first of each name. So a schema reached in two
ways that differ in these is two schemas here, and no validator ever sees a
dynamic reference.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mockserver.contract.discriminators import Heirs
from mockserver.contract.documents import Anchors, Documents
from mockserver.contract.model import Direction, Schema
from mockserver.contract.reading import Faults, below
from mockserver.contract.sources import join_pointer, split_pointer
from mockserver.contract.translate import Translation, Used, Way
from mockserver.exchange import MISSING, Json, Place

_DIRECTIONS: tuple[Direction, ...] = ("request", "response")

MOST_COMPILED = 1_000
"""Compiled documents that are kept; each lists all that it reaches."""


class Schemas:
    """
    All schemas of one contract's files, each translated when it is first asked for.

    Args:
        version: Of the document, e.g. "3.0.4": the words of a schema differ.
        faults: Takes what is wrong with them.
    """

    def __init__(self, documents: Documents, *, version: str, faults: Faults | None = None) -> None:
        self.documents = documents
        self.faults = faults if faults is not None else Faults(documents.line)
        self.version = version
        self.heirs = Heirs(documents)
        self._names: dict[Way, str] = {}
        self._origins: dict[str, Way] = {}
        self._counts: dict[str, int] = {}
        self._translated: dict[tuple[Way, Direction], Used] = {}
        self._by_name: dict[tuple[str, Direction], Used] = {}
        self._sound: set[tuple[str, Direction]] = set()
        self._compiled: OrderedDict[tuple[str, str, Direction], dict[str, Json]] = OrderedDict()
        self._standing_in: dict[tuple[str, str], Json] = {}
        self._cut: dict[Way, set[str]] = {}

    def schema(self, place: Place) -> Schema:
        """Return the schema at *place*."""
        return Schema(place, self)

    def standing_in(self, place: Place, node: Json) -> Schema:
        """
        Return the schema *node* that stands for what is at *place*, which is no schema there.

        So is a parameter of Swagger 2.0, and a form that is a list of parameters. Where *node* has a `Place`
        in it, it means the schema there.
        """
        self._standing_in[place.file, place.pointer] = node
        return Schema(place, self)

    def at(self, place: Place) -> Json:
        """Return the schema at *place* as written, or what stands in for it; `MISSING` for neither."""
        node = self._standing_in.get((place.file, place.pointer), MISSING)
        return self.documents.at(place) if node is MISSING else node

    def raw(self, place: Place) -> Json:
        """Return the schema at *place* as written, its own `$ref` followed. Raises UnresolvedReference."""
        return self.documents.follow(place)[0]

    def named(self, component: str) -> Schema | None:
        """Return components/schemas/*component* of the document, or None."""
        for where in (("components", "schemas"), ("definitions",)):
            place = Place(self.documents.root, join_pointer("", *where, component))
            if self.documents.at(place) is not MISSING:
                return Schema(place, self)
        return None

    def components(self) -> tuple[str, ...]:
        """Return the names under components/schemas."""
        for pointer in ("/components/schemas", "/definitions"):
            found = self.documents.at(Place(self.documents.root, pointer))
            if isinstance(found, dict):
                return tuple(found)
        return ()

    def compiled(self, place: Place, direction: Direction) -> dict[str, Json]:
        """
        Return the schema at *place* as one JSON Schema 2020-12 document.

        Everything that it reaches stands under "$defs". The result is shared: do not change it. A `$ref` that
        leads nowhere is a fault of the contract, and takes anything.
        """
        key = (place.file, place.pointer, direction)
        done = self._compiled.get(key)
        if done is not None:
            self._compiled.move_to_end(key)
            return done
        start = self.way(place, ())
        while True:
            names = sorted(self._closure(self.used(start, direction).reached, direction))
            if not self._cut_circles(start, names, direction):
                break
        schema = self.used(start, direction).schema
        done = dict(schema) if isinstance(schema, dict) else ({} if schema else {"not": {}})
        if names:
            done["$defs"] = {name: self._named(name, direction).schema for name in names}
        self._compiled[key] = done
        if len(self._compiled) > MOST_COMPILED:
            self._compiled.popitem(last=False)
        return done

    def opened(self, place: Place, direction: Direction) -> dict[str, Json]:
        """
        Return the schema at *place* as a document whose "$defs" are translated when they are looked up.

        For who follows few of the references: `compiled` lists all that is reached, which may be thousands.
        Circles of references by which a schema would apply to a value without end are still in it.
        """
        schema = self.used(self.way(place, ()), direction).schema
        done = dict(schema) if isinstance(schema, dict) else ({} if schema else {"not": {}})
        done["$defs"] = _Definitions(self, direction)
        return done

    def origin(self, schema: Schema, path: Iterable[object]) -> Place:
        """
        Return the place in the contract of what *path* names in `schema.json(...)`.

        *path* is as jsonschema's `error.absolute_schema_path`: keys and indexes; "$ref" may stand where one
        was followed, or be left out. Where the translation has no counterpart in the source, the next thing
        around it.
        """
        place = schema.place
        document = self.compiled(place, "response")
        node: Json = document
        for token in path:
            while isinstance(node, dict) and token not in node and isinstance(node.get("$ref"), str):
                name = node["$ref"].rpartition("/")[2]
                place, node = self._origins[name].place, document["$defs"].get(name)
            if node is document and token == "$defs":
                node = document["$defs"]
                continue
            if token in self._origins and node is document.get("$defs", MISSING):
                place, node = self._origins[str(token)].place, document["$defs"].get(token)
                continue
            if token == "$ref" and isinstance(node, dict) and isinstance(node.get("$ref"), str):
                name = node["$ref"].rpartition("/")[2]
                place, node = self._origins[name].place, document["$defs"].get(name)
                continue
            node = _child(node, token)
            step = below(place, token)
            if self.documents.at(step) is not MISSING:
                place = step
        while place.pointer and self.documents.at(place) is MISSING:  # what stands in stands nowhere
            place = Place(place.file, place.pointer.rpartition("/")[0])
        return place

    # --------------------------------------------------------- for `Translation`

    def way(self, place: Place, anchors: Anchors) -> Way:
        """Return the schema at *place* as reached by a way on which *anchors* were met."""
        return Way(place, self.documents.entered(place, anchors))

    def name(self, way: Way) -> str:
        """Return the name under "$defs" of the schema that *way* leads to."""
        name = self._names.get(way)
        if name is None:
            tokens = split_pointer(way.place.pointer)
            said = tokens[-1] if tokens else Path(way.place.file).name.partition(".")[0]  # a file of its own
            stem = re.sub(r"[^A-Za-z0-9_.-]", "_", said) or "schema"
            name = stem
            while name in self._origins:
                self._counts[stem] = self._counts.get(stem, 1) + 1
                name = f"{stem}-{self._counts[stem]}"
            self._names[way] = name
            self._origins[name] = way
        return name

    def used(self, way: Way, direction: Direction) -> Used:
        """Return the schema that *way* leads to, translated."""
        key = (way, direction)
        done = self._translated.get(key)
        if done is None:
            translation = Translation(self, direction, self._cut.get(way, ()))
            done = self._translated[key] = translation.used(self.at(way.place), way)
        return done

    # -------------------------------------------------------------------- closure

    def named_schema(self, name: str, direction: Direction) -> Json:
        """Return the schema called *name* under "$defs". Raises KeyError where none has been called so."""
        return self._named(name, direction).schema

    def _named(self, name: str, direction: Direction) -> Used:
        """Return the schema called *name* under "$defs", translated."""
        used = self._by_name.get((name, direction))
        if used is None:
            used = self._by_name[name, direction] = self.used(self._origins[name], direction)
        return used

    def _closure(self, reached: Iterable[str], direction: Direction) -> set[str]:
        names: set[str] = set()
        todo = list(reached)
        while todo:
            name = todo.pop()
            if name not in names:
                names.add(name)
                todo.extend(self._named(name, direction).reached)
        return names

    def _cut_circles(self, start: Way, names: list[str], direction: Direction) -> bool:
        """
        Leave out references by which a schema would apply to a value again and again without end.

        Return whether there were any. (JSON Schema 2020-12 Core, 9.4.1: such a schema has no meaning.)
        """
        found = False
        for name in (self.name(start), *names):
            if (name, direction) in self._sound:
                continue
            trail: dict[str, None] = {}
            todo: list[str | None] = [name]
            while todo:
                at = todo.pop()
                if at is None:
                    self._sound.add((trail.popitem()[0], direction))
                elif at not in trail and (at, direction) not in self._sound:
                    trail[at] = None
                    todo.append(None)
                    for beside in self._named(at, direction).beside:
                        if beside in trail:
                            found = True
                            self._cut_off(at, beside)
                        else:
                            todo.append(beside)
        if found:
            self._sound.clear()
        return found

    def _cut_off(self, name: str, other: str) -> None:
        """Leave the reference to *other* out of the schema called *name*."""
        way = self._origins[name]
        self.faults.add(way.place, f"the schema refers to itself ({other}) without end; that is left out")
        self._cut.setdefault(way, set()).add(other)
        for direction in _DIRECTIONS:
            self._translated.pop((way, direction), None)
            self._by_name.pop((name, direction), None)


class _Definitions(dict[str, Json]):
    """What stands under "$defs", each translated when it is first looked up."""

    def __init__(self, schemas: Schemas, direction: Direction) -> None:
        super().__init__()
        self._schemas = schemas
        self._direction = direction

    def __missing__(self, name: str) -> Json:
        found = self[name] = self._schemas.named_schema(name, self._direction)
        return found


def _child(node: Any, token: object) -> Json:
    if isinstance(node, dict):
        return node.get(token)
    if isinstance(node, list) and isinstance(token, int) and token < len(node):
        return node[token]
    return None
