"""
Schemas of a contract as self-contained JSON Schema 2020-12.

Validators and generators know one dialect and one document. So a schema is
translated when it is first used: OpenAPI 3.0's words (`nullable`, boolean
`exclusiveMinimum`, `$ref` that hides its siblings) become 2020-12's, every
reference becomes "#/$defs/NAME", and all that is reached comes along. Each
named schema is translated once per direction and shared by all that reach it.

The two directions differ: a `readOnly` property is not asked of a request, a
`writeOnly` one not of a response, even where `required` names it (OpenAPI
3.0.4 and 3.1.1, Schema Object).

What is wrong in a way that no validator takes (`required: true` on a property,
an unknown `type`, a bound that is text) is left out and noted in `faults`, so
that a slightly wrong document can be served.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from mockserver.contract.documents import Documents
from mockserver.contract.model import Direction, Schema
from mockserver.contract.sources import join_pointer, split_pointer
from mockserver.errors import SpecError
from mockserver.exchange import MISSING, Json, Place

_ONE = frozenset(
    [
        *("additionalProperties", "propertyNames", "unevaluatedProperties"),
        *("contains", "unevaluatedItems"),
        *("not", "if", "then", "else"),
        "contentSchema",
    ]
)
"""Keywords whose value is a schema."""

_SEVERAL = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_NAMED = frozenset(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"])
_NOT_OURS = frozenset(
    ["nullable", "externalDocs", "$schema", "$vocabulary", "$comment", "definitions", "$defs"]
)
_TYPES = frozenset(["null", "boolean", "object", "array", "number", "string", "integer"])
_COUNTED = ("Length", "Items", "Properties", "Contains")


def _is_count(value: Json) -> bool:
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 and value == int(value)
    )


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_names(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


_FIT: dict[str, Callable[[Json], bool]] = {
    **{f"{bound}{of}": _is_count for bound in ("min", "max") for of in _COUNTED},
    **dict.fromkeys(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"], _is_number),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "required": _is_names,
    "enum": lambda value: isinstance(value, list) and len(value) > 0,
    "pattern": lambda value: isinstance(value, str),
    "format": lambda value: isinstance(value, str),
    "uniqueItems": lambda value: isinstance(value, bool),
    **dict.fromkeys(_SEVERAL, lambda value: isinstance(value, list) and len(value) > 0),
    **dict.fromkeys(_NAMED, lambda value: isinstance(value, dict)),
}


class Schemas:
    """All schemas of one contract's files, each translated when it is first asked for."""

    def __init__(self, documents: Documents, *, version: str) -> None:
        self._documents = documents
        self._old = version.startswith(("2.", "3.0"))
        self._names: dict[tuple[str, str], str] = {}
        self._origins: dict[str, Place] = {}
        self._translated: dict[tuple[str, str, str], tuple[Json, frozenset[str]]] = {}
        self._compiled: dict[tuple[str, str, str], dict[str, Json]] = {}
        self.faults: list[SpecError] = []

    def schema(self, place: Place) -> Schema:
        """Return the schema at *place*."""
        return Schema(place, self)

    def raw(self, place: Place) -> Json:
        """Return the schema at *place* as written, its own `$ref` followed."""
        return self._documents.follow(place)[0]

    def named(self, component: str) -> Schema | None:
        """Return components/schemas/*component* of the document, or None."""
        for where in (("components", "schemas"), ("definitions",)):
            place = Place(self._documents.root, join_pointer("", *where, component))
            if self._documents.at(place) is not MISSING:
                return Schema(place, self)
        return None

    def components(self) -> tuple[str, ...]:
        """Return the names under components/schemas."""
        for pointer in ("/components/schemas", "/definitions"):
            found = self._documents.at(Place(self._documents.root, pointer))
            if isinstance(found, dict):
                return tuple(found)
        return ()

    def compiled(self, place: Place, direction: Direction) -> dict[str, Json]:
        """
        Return the schema at *place* as one JSON Schema 2020-12 document.

        Everything that it reaches stands under "$defs". The result is shared: do not change it.

        Raises:
            UnresolvedReference, ForbiddenReference: For a `$ref` that it reaches.
        """
        key = (place.file, place.pointer, direction)
        done = self._compiled.get(key)
        if done is None:
            schema, reached = self._translate(place, direction)
            names = sorted(self._closure(reached, direction))
            done = dict(schema) if isinstance(schema, dict) else ({} if schema else {"not": {}})
            if names:
                done["$defs"] = {name: self._translate(self._origins[name], direction)[0] for name in names}
            self._compiled[key] = done
        return done

    def origin(self, schema: Schema, path: Iterable[object]) -> Place:
        """
        Return the place in the contract of what *path* names in `schema.json(...)`.

        *path* is as jsonschema's `error.absolute_schema_path`: keys and indexes, with "$ref" where it
        followed one. Where the translation has no counterpart in the source, the nearest thing around it.
        """
        place = schema.place
        for token in path:
            if token == "$ref":
                node = self._documents.at(place)
                if isinstance(node, dict) and isinstance(node.get("$ref"), str):
                    place = self._documents.target(node["$ref"], place)
                continue
            if token == "$defs":
                continue
            if isinstance(token, str) and token in self._origins and place == schema.place:
                place = self._origins[token]
                continue
            step = Place(place.file, join_pointer(place.pointer, token))
            if self._documents.at(step) is not MISSING:
                place = step
        return place

    # ------------------------------------------------------------------ names

    def _name(self, place: Place) -> str:
        key = (place.file, place.pointer)
        name = self._names.get(key)
        if name is None:
            tokens = split_pointer(place.pointer)
            stem = re.sub(r"[^A-Za-z0-9_.-]", "_", tokens[-1] if tokens else "document") or "schema"
            name, count = stem, 1
            while name in self._origins:
                count += 1
                name = f"{stem}-{count}"
            self._names[key] = name
            self._origins[name] = place
        return name

    def _closure(self, reached: Iterable[str], direction: Direction) -> set[str]:
        names: set[str] = set()
        todo = list(reached)
        while todo:
            name = todo.pop()
            if name not in names:
                names.add(name)
                todo.extend(self._translate(self._origins[name], direction)[1])
        return names

    # ------------------------------------------------------------ translation

    def _translate(self, place: Place, direction: Direction) -> tuple[Json, frozenset[str]]:
        key = (place.file, place.pointer, direction)
        done = self._translated.get(key)
        if done is None:
            reached: set[str] = set()
            made = self._schema(self._documents.at(place), place, direction, reached)
            done = self._translated[key] = (made, frozenset(reached))
        return done

    def _refer(self, ref: str, place: Place, reached: set[str]) -> str:
        name = self._name(self._documents.target(ref, place))
        reached.add(name)
        return f"#/$defs/{name}"

    def _schema(self, node: Json, place: Place, direction: Direction, reached: set[str]) -> Json:
        if isinstance(node, bool):
            return node
        if not isinstance(node, dict):
            self._fault(place, f"a schema must be an object, found {node!r:.40}; anything is taken")
            return {}
        ref = node.get("$ref")
        made: dict[str, Json] = {}
        if isinstance(ref, str):
            made["$ref"] = self._refer(ref, place, reached)
            if self._old or len(node) == 1:
                return made
        if isinstance(node.get("$dynamicRef"), str):
            made["$dynamicRef"] = node["$dynamicRef"]
        for key, value in node.items():
            if key in _NOT_OURS or key in ("$ref", "$dynamicRef", "$id", "$anchor"):
                continue
            fit = _FIT.get(key)
            flag = self._old and isinstance(value, bool) and key.startswith("exclusive")
            if fit is not None and not fit(value) and not flag:
                self._fault(
                    self._below(place, key), f"{key}: {value!r:.40} means nothing here and is left out"
                )
                continue
            if key in _ONE:
                made[key] = self._schema(value, self._below(place, key), direction, reached)
            elif key == "items":
                self._items(made, value, place, direction, reached)
            elif key in _SEVERAL:
                made[key] = [
                    self._schema(child, self._below(place, key, index), direction, reached)
                    for index, child in enumerate(value)
                ]
            elif key in _NAMED:
                made[key] = {
                    name: self._schema(child, self._below(place, key, name), direction, reached)
                    for name, child in value.items()
                }
            else:
                made[key] = value
        self._mend_type(made, place)
        if "required" in made:
            self._mend_required(made, node, place, direction)
        if "discriminator" in made:
            self._mend_discriminator(made, node, place, reached)
        if "example" in made and "examples" not in made:
            made["examples"] = [made["example"]]
        if self._old:
            made = _from_30(made, node)
        return made

    def _items(
        self, made: dict[str, Json], value: Json, place: Place, direction: Direction, reached: set[str]
    ) -> None:
        if not isinstance(value, list):
            made["items"] = self._schema(value, self._below(place, "items"), direction, reached)
            return
        self._fault(self._below(place, "items"), "items is a list (an older draft's); read as prefixItems")
        made["prefixItems"] = [
            self._schema(child, self._below(place, "items", index), direction, reached)
            for index, child in enumerate(value)
        ]

    def _mend_type(self, made: dict[str, Json], place: Place) -> None:
        kind = made.get("type", MISSING)
        if kind is MISSING:
            return
        kinds = kind if isinstance(kind, list) else [kind]
        known = [name for name in kinds if isinstance(name, str) and name in _TYPES]
        if kind == "file":  # Swagger 2.0
            made.update(type="string", format="binary")
        elif len(known) != len(kinds) or not known:
            self._fault(
                self._below(place, "type"),
                f"there is no type {kind!r:.60}; known are {', '.join(sorted(_TYPES))}",
            )
            if known:
                made["type"] = known
            else:
                del made["type"]

    def _mend_required(
        self, made: dict[str, Json], node: dict[str, Any], place: Place, direction: Direction
    ) -> None:
        hidden = "readOnly" if direction == "request" else "writeOnly"
        properties = node.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        asked = [
            name
            for name in dict.fromkeys(made["required"])
            if name not in properties
            or not self._says(properties[name], self._below(place, "properties", name), hidden)
        ]
        if asked:
            made["required"] = asked
        else:
            del made["required"]

    def _says(self, node: Json, place: Place, keyword: str) -> bool:
        for _ in range(20):
            if not isinstance(node, dict):
                return False
            if node.get(keyword) is True:
                return True
            ref = node.get("$ref")
            if not isinstance(ref, str):
                return any(
                    self._says(child, self._below(place, "allOf", index), keyword)
                    for index, child in enumerate(node.get("allOf") or ())
                )
            place = self._documents.target(ref, place)
            node = self._documents.at(place)
        return False

    def _mend_discriminator(
        self, made: dict[str, Json], node: dict[str, Any], place: Place, reached: set[str]
    ) -> None:
        """
        Give every discriminator a full mapping to "#/$defs/NAME": explicit names, then the schemas' own
        (OpenAPI 3.1.1, Discriminator Object). A value that is no reference is a component's name.
        """
        said = made["discriminator"]
        if not isinstance(said, dict) or not isinstance(said.get("propertyName"), str):
            self._fault(
                self._below(place, "discriminator"), "a discriminator needs a propertyName; it is left out"
            )
            del made["discriminator"]
            return
        mapping: dict[str, str] = {}
        explicit = said.get("mapping")
        for value, ref in explicit.items() if isinstance(explicit, dict) else ():
            if not isinstance(ref, str):
                continue
            whole = ref if "/" in ref or "#" in ref or "." in ref else f"#/components/schemas/{ref}"
            mapping[value] = self._refer(whole, place, reached)
        taken = set(mapping.values())
        for branch in (*(node.get("oneOf") or ()), *(node.get("anyOf") or ())):
            if isinstance(branch, dict) and isinstance(branch.get("$ref"), str):
                ref = self._refer(branch["$ref"], place, reached)
                if ref not in taken:
                    mapping.setdefault(branch["$ref"].rpartition("/")[2].partition(".")[0], ref)
        made["discriminator"] = {"propertyName": said["propertyName"], "mapping": mapping}

    @staticmethod
    def _below(place: Place, *tokens: object) -> Place:
        return Place(place.file, join_pointer(place.pointer, *tokens))

    def _fault(self, place: Place, detail: str) -> None:
        self.faults.append(SpecError(place.file, self._documents.line(place), place.pointer, detail))


def _from_30(made: dict[str, Json], node: dict[str, Any]) -> dict[str, Json]:
    """Translate OpenAPI 3.0's own words (OpenAPI 3.0.4, Schema Object) in an otherwise translated schema."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = made.get(exclusive)
        if isinstance(flag, bool):
            del made[exclusive]
            if flag and bound in made:
                made[exclusive] = made.pop(bound)
    if node.get("nullable") is not True:
        return made
    if isinstance(made.get("enum"), list) and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    if isinstance(made.get("type"), str) and not any(key in made for key in ("allOf", "anyOf", "oneOf")):
        made["type"] = [made["type"], "null"]
        return made
    return {"anyOf": [made, {"type": "null"}]}
