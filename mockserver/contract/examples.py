"""
The examples of parameters and bodies, whatever way they are written.

OpenAPI has `example`, a map `examples` of Example Objects with `value`,
`externalValue` and, since 3.2, `dataValue` and `serializedValue`. Authors also
write lists, bare values in place of Example Objects, and JSON as text. All of
it is read as the value that was meant.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mockserver.contract.documents import Documents
from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import Example, Schema
from mockserver.contract.reading import Reading, below, text
from mockserver.contract.shapes import Shape
from mockserver.contract.sources import parse, text_of
from mockserver.errors import SpecError
from mockserver.exchange import MISSING, Json, Place

_EXAMPLE = frozenset(
    ("value", "dataValue", "serializedValue", "externalValue", "summary", "description", "$ref")
)
"""The keys of an Example Object (OpenAPI 3.2.0)."""

LARGEST = 100_000
"""Parts of a value that are looked at for references: these may be a circle, or grow without end."""


class Examples:
    """Reads the examples of one contract."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._faults = reading.faults

    def of(
        self, node: dict[str, Any], place: Place, media: str = "", schema: Schema | None = None
    ) -> dict[str, Example]:
        """
        Return the examples of *node*, a parameter or media type at *place*, by name; `example` is "".

        *media* and *schema* say what an example may be.
        """
        found: dict[str, Example] = {}
        if "example" in node:
            found[""] = Example("", node["example"], below(place, "example"))
        listed = node.get("examples")
        if isinstance(listed, list):
            where = below(place, "examples")
            self._faults.add(where, "examples must be an object of named examples")
            for index, value in enumerate(listed):
                found[str(index + 1)] = Example(str(index + 1), value, below(where, index))
        else:
            found.update(self._named(node, place, media))
        return self.meant(found, media, schema)

    def meant(self, found: dict[str, Example], media: str, schema: Schema | None) -> dict[str, Example]:
        """
        Return the examples *found* as they were meant.

        JSON that is written as text is read, where no text is asked for, and a reference in a value gives
        way to what it names: literally taken (OpenAPI 3.2.0, Example Object) it is nobody's answer.
        """
        return {name: self._meant(self._referred(example), media, schema) for name, example in found.items()}

    def _referred(self, example: Example) -> Example:
        if not _refers(example.value):
            return example
        value = _Spelling(self._reading.documents).of(example.value, example.place)
        if value == example.value:
            return example
        self._faults.add(example.place, "a value cannot hold a $ref; it is read as what the $ref names")
        return Example(example.name, value, example.place, example.summary)

    def _named(self, node: dict[str, Any], place: Place, media: str) -> Iterator[tuple[str, Example]]:
        for name, said in self._reading.object(node, place, "examples").items():
            where = below(place, "examples", name)
            if isinstance(said, dict) and isinstance(said.get("$ref"), str):
                target, where = self._reading.followed(where, "an example")
                if target is None:
                    continue
                said = target
            example = self._one(name, said, where, media)
            if example is not None:
                yield name, example

    def _one(self, name: str, said: Json, place: Place, media: str) -> Example | None:
        if not isinstance(said, dict) or not (said.keys() & _EXAMPLE):
            self._faults.add(place, f"the example {name!r} is the value itself; it belongs under 'value'")
            return Example(name, said, place)
        summary = text(said.get("summary"))
        for word in ("value", "dataValue"):
            if word in said:
                return Example(name, said[word], below(place, word), summary)
        if isinstance(said.get("serializedValue"), str) and media:
            value = _read(said["serializedValue"], media)
            return Example(name, value, below(place, "serializedValue"), summary)
        value = self._external(said, place)
        return None if value is MISSING else Example(name, value, below(place, "externalValue"), summary)

    def _external(self, said: dict[str, Any], place: Place) -> Json:
        if not isinstance(said.get("externalValue"), str):
            return MISSING
        try:
            target = self._reading.documents.target(said["externalValue"], place)
            whole = text_of(Path(target.file))
            return parse(whole, target.file) if target.file.endswith((".json", ".yaml", ".yml")) else whole
        except SpecError as error:
            self._faults.caught(error)
            return MISSING

    def _meant(self, example: Example, media: str, schema: Schema | None) -> Example:
        value = example.value
        if not isinstance(value, str) or schema is None or value.lstrip()[:1] not in ("{", "["):
            return example
        name = parsed(media)
        if name is None or not is_json(name.essence):
            return example
        read = _read(value, media)
        if isinstance(read, str) or "string" in Shape(schema.json("response")).kinds:
            return example
        self._faults.add(
            example.place, "the example is JSON written as text; it is read as the value it holds"
        )
        return Example(example.name, read, example.place, example.summary)


class _Spelling:
    """Puts what references name in their place, in one value."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._left = LARGEST

    def of(self, value: Json, place: Place) -> Json:
        """Return *value*, which stands at *place*; a reference that leads nowhere stays as it is."""
        self._left -= 1
        if self._left < 0:
            return value
        if isinstance(value, list):
            return [self.of(item, below(place, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if not _is_ref(value):
            return {key: self.of(item, below(place, key)) for key, item in value.items()}
        try:
            node, found = self._documents.follow(place)
        except SpecError:
            return value
        if isinstance(node, dict) and "value" in node and node.keys() <= _EXAMPLE:
            node, found = node["value"], below(found, "value")
        return self.of(node, found)


def _is_ref(value: dict[str, Any]) -> bool:
    return value.keys() == {"$ref"} and isinstance(value["$ref"], str)


def _refers(value: Json) -> bool:
    if isinstance(value, dict):
        return _is_ref(value) or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))


def _read(written: str, media: str) -> Json:
    """Return what *written* says in *media*: JSON is read, anything else stays text."""
    name = parsed(media)
    if name is None or not is_json(name.essence):
        return written
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        return written
