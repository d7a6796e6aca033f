"""
Let things say where they stand: `self`, `selfLink`, `_links: {self: {href}}`.

A client that follows links asks for what such a member says, and one that was
made up leads to nobody. Only members that mean nothing else are told, and only
those that an answer has anyway; what a page says of itself and of its neighbours
is told elsewhere (behavior/telling.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import quote

from mockserver.contract.model import Contract, Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.server.placing import bare

Tell = Callable[[dict[str, Json]], dict[str, Json]]

SELVES = frozenset(("self", "selflink", "selfurl", "selfuri", "selfhref"))
AROUND = "links"
"""Names of members, in lower case without anything between words."""

DEPTH = 3
"""Objects inside each other in which things, and their links, are looked for."""


class SelfLinks:
    """
    Tells the answers of one operation where their things stand.

    Args:
        contract: Says where a thing of a list is found: "/users/{id}" for "/users".
        operation: Whose answers are told.
    """

    def __init__(self, contract: Contract, operation: Operation) -> None:
        route = operation.route
        parent, _, last = route.template.rstrip("/").rpartition("/")
        below = [
            other.template.rpartition("/")[2][1:-1]
            for other in contract.routes
            if other.method == "GET" and _parent(other.template) == route.template.rstrip("/")
        ]
        self._key = below[0] if below else ""
        self._kin = {route.template, parent, *(f"{route.template.rstrip('/')}/{{{name}}}" for name in below)}
        self._contract = contract
        self._itself = bool(parent) and _is_variable(last) and route.method in ("GET", "PUT", "PATCH")

    def needed(self, shape: Shape) -> bool:
        """
        Whether a body of *shape* may have such members at all, and no client may write them.

        What a client has written is told as it was written.
        """
        return (self._itself or bool(self._key)) and _speaks(shape, DEPTH) and not any(self._written())

    def _written(self) -> Iterator[bool]:
        for route in self._contract.routes:
            if route.template in self._kin:
                body = self._contract.operations[route.id].body
                for media in body.content.values() if body is not None else ():
                    if media.schema is not None:
                        yield _speaks(Shape(media.schema.json("request")), DEPTH)

    def told(self, body: Json, url: str) -> Json:
        """Return *body* with its things' links set; *url* is what was asked for, without query."""
        base = url.rstrip("/")
        if self._itself:
            return _first(body, lambda thing: _linked(thing, base))
        return _first(body, self._below(base))

    def _below(self, base: str) -> Tell:
        def tell(thing: dict[str, Json]) -> dict[str, Json]:
            key = next((thing[name] for name in thing if bare(name) == bare(self._key)), thing.get("id"))
            if isinstance(key, bool) or not isinstance(key, (str, int)):
                return thing
            return _linked(thing, f"{base}/{quote(str(key), safe='')}")

        return tell


def _parent(template: str) -> str:
    """Return what *template* stands below where its last segment is a variable; "" where it is none."""
    parent, _, last = template.rstrip("/").rpartition("/")
    return parent if _is_variable(last) else ""


def _is_variable(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}") and segment.count("{") == 1


def _first(body: Json, tell: Tell, depth: int = DEPTH) -> Json:
    """Return *body* with *tell* done to its things: those of a list, itself, or what is inside of it."""
    if isinstance(body, list):
        return [tell(each) if isinstance(each, dict) else each for each in body]
    if not isinstance(body, dict):
        return body
    told = tell(body) if "id" in body or not _inside(body) else body
    if told is not body or not depth:
        return told
    for name in _inside(body):
        part = _first(body[name], tell, depth - 1)
        if part != body[name]:
            return {**body, name: part}
    return tell(body)


def _inside(body: dict[str, Json]) -> list[str]:
    """Return the names of what may be the things inside of *body*: not its links."""
    return [
        name
        for name, part in body.items()
        if isinstance(part, (dict, list)) and part and bare(name) != AROUND
    ]


def _linked(thing: dict[str, Json], url: str) -> dict[str, Json]:
    return {**thing, **dict(_links(thing, url))}


def _links(thing: dict[str, Json], url: str) -> Iterator[tuple[str, Json]]:
    for name, part in thing.items():
        word = bare(name)
        if word in SELVES and isinstance(part, str):
            yield name, url
        elif word in SELVES and isinstance(part, dict) and isinstance(part.get("href"), str):
            yield name, {**part, "href": url}
        elif word == AROUND and isinstance(part, dict):
            yield name, {**part, **dict(_links(part, url))}


def _speaks(shape: Shape, depth: int) -> bool:
    """Whether *shape*, or what is inside of it, has a member that says where a thing stands."""
    for name in shape.names:
        if bare(name) in SELVES:
            return True
        if depth and _speaks(shape.named(name), depth - 1):
            return True
    return bool(depth) and "array" in shape.kinds and shape.typed and _speaks(shape.item(0), depth - 1)
