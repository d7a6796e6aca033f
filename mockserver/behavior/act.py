"""
One request on one inferred collection: where its rows stand, and what it says of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.behavior.resources import Resource, success_of
from mockserver.behavior.store import Row, Transaction
from mockserver.behavior.world import World
from mockserver.contract.model import Operation
from mockserver.contract.pairs import paired
from mockserver.exchange import Arguments, Upload


class Act:
    """One operation on one resource: where its rows stand, and what was sent."""

    __slots__ = ("arguments", "key", "operation", "resource", "scope", "transaction", "world")

    def __init__(
        self,
        world: World,
        transaction: Transaction,
        resource: Resource,
        operation: Operation,
        arguments: Arguments,
    ) -> None:
        self.world = world
        self.transaction = transaction
        self.resource = resource
        self.operation = operation
        self.arguments = arguments
        self.scope = _scope(resource, arguments)
        self.key: Any = arguments.path.get(resource.parameter, "")

    def at(self, key: Any) -> Act:
        """Return the same act on another key."""
        made = Act.__new__(Act)
        for name in Act.__slots__:
            setattr(made, name, getattr(self, name))
        made.key = key
        return made

    def row(self) -> Row | None:
        """Return the row as it was left, a tombstone too; None where nobody touched it."""
        return self.transaction.get(self.resource.path, f"{self.scope}|{self.key}")

    def put(self, row: Row) -> None:
        """Remember *row* under the key."""
        self.transaction.put(self.resource.path, f"{self.scope}|{self.key}", {"_scope": self.scope, **row})

    @property
    def unwrapped(self) -> str:
        """The one property that the body wraps the entity in, "" where it does not."""
        body, shape = self.arguments.body, self.resource.row
        if isinstance(body, dict) and len(body) == 1 and shape is not None:
            name = next(iter(body))
            if name not in shape.names and isinstance(body[name], dict):
                return str(name)
        return ""

    def sent(self) -> Row:
        """Return what the request says of the entity; files are not remembered."""
        body = self.arguments.body
        if not isinstance(body, dict):
            return {}
        body = body[self.unwrapped] if self.unwrapped else body
        names = frozenset(self.resource.row.names) if self.resource.row is not None else frozenset()
        is_open = self.resource.row is None or self.resource.row.open or not names
        return {
            name: value
            for name, value in body.items()
            if not isinstance(value, Upload) and not name.startswith("_") and (is_open or name in names)
        }

    def pair(self) -> Row | None:
        """Return the entity of the documented answer, where the request is that of a documented call."""
        name = paired(self.operation, self.arguments)
        promise = success_of(self.operation) if name else None
        for media in promise.content.values() if promise is not None else ():
            if name in media.examples:
                shown = self.resource.shown(self.operation)
                value = media.examples[name].value
                for step in shown.path if shown is not None else ():
                    value = value.get(step) if isinstance(value, dict) else None
                return value if isinstance(value, dict) else {}
        return None

    def exemplified(self) -> bool:
        """Return whether the success of the operation has a documented example."""
        promise = success_of(self.operation)
        return promise is not None and any(media.examples for media in promise.content.values())

    def location(self) -> str:
        """Return the path of the item."""
        path = self.resource.item_path
        for name, value in {**self.arguments.path, self.resource.parameter: self.key}.items():
            path = path.replace("{" + name + "}", str(value))
        return path


def exemplified_entities(resource: Resource, operation: Operation) -> list[Row]:
    """Return the entities that the documented examples of *operation* show."""
    promise = success_of(operation)
    shown = resource.shown(operation)
    found: list[Row] = []
    if promise is None or shown is None:
        return found
    for media in promise.content.values():
        for example in media.examples.values():
            value = example.value
            for name in shown.path:
                value = value.get(name) if isinstance(value, dict) else None
            found += [row for row in (value if isinstance(value, list) else [value]) if isinstance(row, dict)]
    return found


def _scope(resource: Resource, arguments: Arguments) -> str:
    return "|".join(str(arguments.path.get(name, "")) for name in resource.parents)


def key_of(resource: Resource, arguments: Arguments, key: Any) -> str:
    """Return the table's key of the item *key* of *resource*."""
    return f"{_scope(resource, arguments)}|{key}"


def bookkeeping(row: Mapping[str, Any] | None) -> Row:
    """Return what a row carries that nobody is shown."""
    return {name: value for name, value in (row or {}).items() if name.startswith("_")}
