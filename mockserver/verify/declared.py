"""
Where the contract declares what a finding is about.

Laws and rules tell of a property of an answer, wherever an envelope or a list holds
it. The line that says most of it is the property's own: its default, its unit, its
words stand there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from mockserver.contract.model import Contract, Operation
from mockserver.contract.sources import join_pointer, split_pointer
from mockserver.errors import MockserverError
from mockserver.exchange import Place
from mockserver.verify.findings import Exchanged

MOST = 400
"""Schemas that are looked through for one name."""

_BRANCHES = ("allOf", "oneOf", "anyOf")


def declared(contract: Contract, operation: Operation, pointer: str, exchanged: Exchanged | None) -> Place:
    """
    Return where the property at *pointer* is declared; the operation where nothing says so.

    Args:
        pointer: Into a row of the answer, or into the whole of it: "/name", "/data/0/name".
        exchanged: The call whose answer it is.
    """
    names = [step for step in split_pointer(pointer) if not _row(step)] if pointer.startswith("/") else []
    response = exchanged.response if exchanged is not None else None
    promise = operation.promise(response.status) if response is not None else None
    for media in promise.content.values() if promise is not None and names else ():
        place = media.schema.place if media.schema is not None else None
        for name in names:
            place = _property(contract, place, name) if place is not None else None
        if place is not None:
            return contract.located(place)
    return contract.located(operation.place)


def _row(step: str) -> bool:
    return step == "*" or step.isdecimal()


def _property(contract: Contract, start: Place, name: str) -> Place | None:
    """Return the nearest property called *name* in the schema at *start*, whatever is wrapped around it."""
    documents = contract.schemas.documents
    waiting, seen = deque([start]), set[tuple[str, str]]()
    while waiting and len(seen) < MOST:
        place = waiting.popleft()
        node = documents.at(place)
        if (place.file, place.pointer) in seen or not isinstance(node, dict):
            continue
        seen.add((place.file, place.pointer))
        properties = node.get("properties")
        if isinstance(properties, dict) and name in properties:
            return _below(place, "properties", name)
        if isinstance(node.get("$ref"), str):
            try:
                waiting.appendleft(documents.target(node["$ref"], place))
            except MockserverError:
                continue  # `check` tells of it
        waiting += _within(place, node)
    return None


def _within(place: Place, node: dict[str, Any]) -> Iterator[Place]:
    """Yield the schemas of the same value first, then those of its parts."""
    for keyword in _BRANCHES:
        branches = node.get(keyword)
        for index in range(len(branches)) if isinstance(branches, list) else ():
            yield _below(place, keyword, str(index))
    if "items" in node:
        yield _below(place, "items")
    properties = node.get("properties")
    for inner in properties if isinstance(properties, dict) else ():
        yield _below(place, "properties", inner)


def _below(place: Place, *steps: str) -> Place:
    return Place(place.file, join_pointer(place.pointer, *steps))
