"""
Compile of a huge schema only what values come to.

Where everything refers to everything, a validator of one schema would hold
thousands of others, of which a value meets a few. So such a schema is divided at
its references: one piece is a schema with what it joins in place, and each
reference to a part of the value, or to one of several branches, becomes the
keyword `ELSEWHERE`, whose function asks the piece of that name. A piece is compiled
when a value first comes to it, once for all that refer to it.

`unevaluatedProperties` and `unevaluatedItems` ask what the schemas beside them have looked
at. What is asked so stays in one piece.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.definitions import PREFIX, Definitions
from mockserver.exchange import Json

ELSEWHERE = "x-elsewhere"
"""Keyword: the name under "$defs" of a schema that is compiled apart, and holds for this value."""

_BRANCH = ("not", "if", "then", "else")
_BRANCHES = ("anyOf", "oneOf")
_PART = (
    *("items", "contains", "additionalProperties", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_PARTS = ("properties", "patternProperties")


def whole(schema: Json) -> Json:
    """Return *schema* with all that it reaches as a plain dict, unless that is too much."""
    definitions = schema.get("$defs") if isinstance(schema, dict) else None
    if not isinstance(definitions, Definitions) or not definitions.few():
        return schema
    return {**schema, "$defs": dict(definitions.items())}


def piece(schema: dict[str, Json]) -> dict[str, Json]:
    """Return *schema*, a document with `Definitions`, cut off from what is compiled apart."""
    return _Piece(schema).document


class _Piece:
    def __init__(self, schema: dict[str, Any]) -> None:
        self._definitions = schema["$defs"]
        self._joined: dict[str, bool] = {}
        self._todo: list[str] = []
        made = self._beside(schema, _asks(schema), False)
        definitions: dict[str, Json] = {}
        while self._todo:
            name = self._todo.pop()
            target = self._definitions[name]
            definitions[name] = self._beside(target, self._joined[name] or _asks(target), False)
        self.document: dict[str, Json] = {**made, "$defs": definitions}

    def _join(self, name: str, asked: bool) -> None:
        """Have the schema *name* in this piece; *asked* says whether what it looks at is asked for."""
        if name not in self._joined or (asked and not self._joined[name]):
            self._joined[name] = asked
            self._todo.append(name)

    def _part(self, node: Json) -> Any:
        return self._beside(node, _asks(node), True)

    def _beside(self, node: Any, asked: bool, apart: bool) -> Any:
        """Respell *node*; *apart* says whether it may be left to another piece."""
        if not isinstance(node, dict):
            return node
        made: dict[str, Any] = {}
        for key, value in node.items():
            if key == "$ref" and value.startswith(PREFIX):
                name = value[len(PREFIX) :]
                if apart and not asked:
                    made[ELSEWHERE] = name
                else:
                    made[key] = value
                    self._join(name, asked)
            elif key == "allOf":
                made[key] = [self._beside(child, asked, apart) for child in value]
            elif key in _BRANCHES:
                made[key] = [self._beside(child, asked, True) for child in value]
            elif key in _BRANCH:
                made[key] = self._beside(value, asked, True)
            elif key == "dependentSchemas":
                made[key] = {name: self._beside(child, asked, True) for name, child in value.items()}
            elif key in _PART:
                made[key] = self._part(value)
            elif key in _PARTS:
                made[key] = {name: self._part(child) for name, child in value.items()}
            elif key == "prefixItems":
                made[key] = [self._part(child) for child in value]
            elif key != "$defs":
                made[key] = value
        return made


def _asks(node: Json) -> bool:
    """Whether *node*, or what is written beside it in place, asks what others have looked at."""
    if not isinstance(node, dict):
        return False
    if "unevaluatedProperties" in node or "unevaluatedItems" in node:
        return True
    children = [child for key in ("allOf", *_BRANCHES) for child in node.get(key) or ()]
    children += [node[key] for key in _BRANCH if key in node]
    children += (node.get("dependentSchemas") or {}).values()
    return any(map(_asks, children))
