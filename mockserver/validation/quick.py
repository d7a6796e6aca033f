"""
A schema, respelled so that jsonschema-rs says what our jsonschema says.

Formats of numbers become bounds (jsonschema-rs asks format functions about text
only), and a `pattern` that its engine would not take, or not match in limited
time, becomes a format of its own, whose function we give. `dependencies`, which 2020-12 no longer has,
goes. What need not change is shared with the original, not copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.exchange import Json
from mockserver.validation import formats

_ONE = (
    *(
        "items",
        "contains",
        "unevaluatedItems",
        "additionalProperties",
        "propertyNames",
        "unevaluatedProperties",
    ),
    *("not", "if", "then", "else"),
)
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")


class Unquick(Exception):
    """This schema asks for what only jsonschema can do here."""


class Quickened:
    """
    The respelling of one schema document.

    Attributes:
        schema: For jsonschema-rs.
        functions: Format name -> function, for those formats that `schema` names and we check.
    """

    def __init__(
        self,
        schema: Json,
        spell: Callable[[str], str | None],
        search: Callable[[str], Callable[[str], bool]],
    ) -> None:
        """
        Args:
            schema: JSON Schema 2020-12, self-contained. It is not changed.
            spell: Gives the spelling of a pattern that jsonschema-rs can be trusted with, None for none.
            search: Gives the function that matches a pattern with which it cannot.

        Raises:
            Unquick: For a key of `patternProperties` that cannot be trusted to it.
        """
        self._spell = spell
        self._search = search
        self.functions: dict[str, Callable[[str], bool]] = {}
        self.schema = self._node(schema)

    def _node(self, node: Json) -> Json:
        if not isinstance(node, dict):
            return node
        changed: dict[str, Any] = {}
        for key in _ONE:
            child = node.get(key)
            if isinstance(child, dict) and (made := self._node(child)) is not child:
                changed[key] = made
        for key in _SEVERAL:
            children = node.get(key)
            if isinstance(children, list):
                several = [self._node(child) for child in children]
                if any(new is not old for new, old in zip(several, children, strict=True)):
                    changed[key] = several
        for key in _NAMED:
            children = node.get(key)
            if isinstance(children, dict):
                named = {name: self._node(child) for name, child in children.items()}
                if key == "patternProperties":
                    named = {self._key(pattern): child for pattern, child in named.items()}
                if named.keys() != children.keys() or any(
                    new is not children[name] for name, new in named.items()
                ):
                    changed[key] = named
        extra = self._bounds(node) + self._patterns(node, changed)
        if not changed and not extra and "dependencies" not in node:
            return node
        whole = {**node, **changed}
        whole.pop("dependencies", None)
        if whole.get("pattern", "") is None:
            del whole["pattern"]
        if extra:
            whole["allOf"] = [*whole.get("allOf", ()), *extra]
        return whole

    def _bounds(self, node: dict[str, Any]) -> list[Json]:
        name = node.get("format")
        if not isinstance(name, str):
            return []
        if name in formats.STRINGS:
            self.functions[name] = formats.STRINGS[name]
        if name not in formats.RANGES:
            return []
        low, high = formats.RANGES[name]
        whole = {"multipleOf": 1} if name in formats.WHOLE else {}
        return [{"minimum": low, "maximum": high, **whole}]

    def _patterns(self, node: dict[str, Any], changed: dict[str, Any]) -> list[Json]:
        pattern = node.get("pattern")
        if not isinstance(pattern, str):
            return []
        spelling = self._spell(pattern)
        if spelling == pattern:
            return []
        changed["pattern"] = spelling
        if spelling is not None:
            return []
        name = f"mockserver pattern {pattern}"
        self.functions[name] = self._search(pattern)
        return [{"format": name}]

    def _key(self, pattern: str) -> str:
        spelling = self._spell(pattern)
        if spelling is None:
            raise Unquick(pattern)
        return spelling
