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

from mockserver.contract.definitions import Definitions
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
        self.vast: set[tuple[str, Direction]] = set()
        """Names of schemas that are known to reach more than `definitions.MANY`."""
        self.apart: dict[tuple[str, Direction], Any] = {}
        """What validation compiled of schemas by name, where whole documents are too large."""

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

        Everything that it reaches stands under "$defs" (see `Definitions`). The result is shared: do not
        change it. A `$ref` that leads nowhere is a fault of the contract, and takes anything.
        """
        key = (place.file, place.pointer, direction)
        done = self._compiled.get(key)
        if done is not None:
            self._compiled.move_to_end(key)
            return done
        start = self.way(place, ())
        self._cut_circles(self.name(start), direction)
        used = self.used(start, direction)
        done = dict(used.schema) if isinstance(used.schema, dict) else ({} if used.schema else {"not": {}})
        if used.reached:
            done["$defs"] = Definitions(self, direction, used.reached)
        self._compiled[key] = done
        if len(self._compiled) > MOST_COMPILED:
            self._compiled.popitem(last=False)
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

    # ------------------------------------------------------------ for `Definitions`

    def named_schema(self, name: str, direction: Direction) -> Used:
        """
        Return the schema called *name* under "$defs", without references that never end.

        Raises KeyError where none has been called so.
        """
        if (name, direction) not in self._sound:
            self._cut_circles(name, direction)
        return self._named(name, direction)

    def settle(self) -> None:
        """Translate all that was referred to so far, both ways: then all that is wrong with it is known."""
        done = 0
        while done < len(self._origins):
            names = list(self._origins)[done:]
            done += len(names)
            for name in names:
                for direction in _DIRECTIONS:
                    self.named_schema(name, direction)

    def knows(self, name: object) -> bool:
        """Whether a schema is called *name* under "$defs"."""
        return name in self._origins

    # -------------------------------------------------------------------- circles

    def _named(self, name: str, direction: Direction) -> Used:
        """Return the schema called *name* under "$defs", translated."""
        used = self._by_name.get((name, direction))
        if used is None:
            used = self._by_name[name, direction] = self.used(self._origins[name], direction)
        return used

    def _cut_circles(self, name: str, direction: Direction) -> None:
        """
        Leave out references by which the schema *name* would apply to a value again and again without end.

        (JSON Schema 2020-12 Core, 9.4.1: such a schema has no meaning.) All that applies to the very same
        value is looked at, so whatever is handed out has no such circle in it.
        """
        while self._cut_some(name, direction):
            self._sound.clear()

    def _cut_some(self, name: str, direction: Direction) -> bool:
        found = False
        trail: dict[str, None] = {}
        todo: list[str | None] = [name]
        while todo:
            at = todo.pop()
            if at is None:
                self._sound.add((trail.popitem()[0], direction))
            elif at not in trail and (at, direction) not in self._sound:
                trail[at] = None
                todo.append(None)
                for beside in sorted(self._named(at, direction).beside):
                    if beside in trail:
                        found = True
                        self._cut_off(at, beside)
                    else:
                        todo.append(beside)
        return found

    def _cut_off(self, name: str, other: str) -> None:
        """Leave the reference to *other* out of the schema called *name*."""
        way = self._origins[name]
        self.faults.add(way.place, f"the schema refers to itself ({other}) without end; that is left out")
        self._cut.setdefault(way, set()).add(other)
        for direction in _DIRECTIONS:
            self._translated.pop((way, direction), None)
            self._by_name.pop((name, direction), None)


def _child(node: Any, token: object) -> Json:
    if isinstance(node, dict):
        return node.get(token)
    if isinstance(node, list) and isinstance(token, int) and token < len(node):
        return node[token]
    return None
