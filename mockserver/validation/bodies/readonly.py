"""
Take `readOnly` properties out of what a client sends.

A server may ignore or reject them (JSON Schema 2020-12 Validation, 9.4; OpenAPI
3.1.1, Schema Object: they "SHOULD NOT be sent as part of the request"). We
ignore them: a client that reads a thing, changes a field and sends it back is
the rule, and refusing its `id` would teach it nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from mockserver.contract.definitions import Definitions
from mockserver.contract.model import Schema
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json


class _Plan:
    """What to drop at one place, and where to look further. Made when first needed: schemas recur."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self.drop = frozenset(name for name in shape.names if _is_read_only(shape, name))
        self._below: dict[str | int, _Plan] = {}

    def apply(self, value: Json) -> None:
        if isinstance(value, dict):
            for name in [name for name in value if name in self.drop]:
                del value[name]
            for name, item in value.items():
                if isinstance(item, (dict, list)) and name in self._shape.names:
                    self._at(name).apply(item)
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, (dict, list)):
                    self._at(0).apply(item)

    def _at(self, key: str | int) -> _Plan:
        plan = self._below.get(key)
        if plan is None:
            shape = self._shape.named(key) if isinstance(key, str) else self._shape.item(key)
            plan = self._below[key] = _Plan(shape)
        return plan


def _is_read_only(shape: Shape, name: str) -> bool:
    """Every branch that declares the property must say so."""
    nodes = [face["properties"][name] for face in shape.faces if name in (face.get("properties") or ())]
    return all(any(face.get("readOnly") is True for face in Shape(node, shape.root).sure) for node in nodes)


def _speaks(node: Json) -> bool:
    """Whether a property may be read-only: where too much is reached to look at all of it, one may be."""
    if isinstance(node, Definitions) and not node.few():
        return True
    if isinstance(node, dict):
        return node.get("readOnly") is True or any(_speaks(child) for child in node.values())
    return isinstance(node, list) and any(_speaks(child) for child in node)


def stripper(schema: Schema) -> Callable[[Json], None] | None:
    """Return the function that takes read-only properties out of a body in place; None for none."""
    document = schema.json("request")
    if not _speaks(document):
        return None
    plan = _Plan(Shape(document))

    def strip(value: Json) -> None:
        try:
            plan.apply(value)
        except RecursionError:
            return  # the validator says that it is nested too deeply

    return strip
