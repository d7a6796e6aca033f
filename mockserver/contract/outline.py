"""
The outline of a document: its paths, methods and base paths.

All that is walked when a document is loaded. What is wrong here is said at the
start; what is wrong inside an operation, when the operation is first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.contract.model import Route
from mockserver.contract.reading import Reading, below, mapping, text
from mockserver.errors import nearest
from mockserver.exchange import Json, Place

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""The keys of a Path Item Object that are operations (`query`: OpenAPI 3.2)."""

_BESIDE = frozenset(("summary", "description", "servers", "parameters", "additionalOperations", "$ref"))
"""Its other keys."""

_AUTHORITY = re.compile(r"[^/?#]*//[^/?#]*|[A-Za-z][A-Za-z0-9+.-]*:(?=[^/])")
_MOST_BASES = 100


class Outline:
    """
    The routes of one document, and where their path items stand.

    Attributes:
        bases: Base paths without trailing slash; a variable that takes any text stands as "{name}".
    """

    def __init__(self, reading: Reading, root: dict[str, Any]) -> None:
        self._reading = reading
        self._documents = reading.documents
        self._faults = reading.faults
        self._root = root
        self._top = Place(self._documents.root, "")
        self._items: dict[Route, Place] = {}
        self._bases: dict[str, None] = {}
        self._taken: set[tuple[str, str]] = set()
        self._callbacks: dict[Place, tuple[Route, ...]] = {}

    @property
    def bases(self) -> tuple[str, ...]:
        """Base paths of the servers of the document, its paths and operations."""
        return tuple(self._bases)

    def item_of(self, route: Route) -> Place:
        """Return the path item that *route* belongs to."""
        return self._items[route]

    def routes(self, section: str) -> Iterator[Route]:
        """Yield the operations under *section*: "paths" or "webhooks"."""
        named, top = self._reading.object(self._root, self._top, section), below(self._top, section)
        self._add_bases(self._root, self._top)
        if isinstance(named.get("$ref"), str):  # OpenAPI has no such reference, authors do
            found, top = self._reading.followed(top, section)
            named = found or {}
        for template, item in named.items():
            place = below(top, template)
            if template.startswith("x-"):
                continue
            if section == "paths" and not template.startswith("/"):
                template = f"/{template}"
                self._faults.add(place, f"a path begins with '/'; it is served as {template!r}")
            if item is None:
                continue
            if not isinstance(item, dict):
                self._faults.add(place, f"a path item must be an object, found {item!r:.40}")
                continue
            yield from self._of_item(section, template, item, place)

    def of_callback(self, address: str, item: Json, place: Place) -> Iterator[Route]:
        """Yield the operations of a callback, whose ids are their own or METHOD and *address*."""
        if not isinstance(item, dict):
            self._faults.add(place, f"a path item must be an object, found {item!r:.40}")
            return
        known = self._callbacks.get(place)
        if known is None:
            known = self._callbacks[place] = tuple(self._of_item(f"callback {place}", address, item, place))
        yield from known

    def _of_item(self, section: str, template: str, item: dict[str, Any], place: Place) -> Iterator[Route]:
        seen: set[str] = set()
        items = [(item, place)]
        if "$ref" in item:  # OpenAPI leaves open what siblings mean: here, what is written nearer counts
            found, where = self._reading.followed(place, "a path item")
            if found is not None:
                items.append((found, where))
        for node, where in items:
            self._add_bases(node, where, section)
            for method, at, operation in self._methods(node, where):
                if method in seen:
                    continue
                seen.add(method)
                if not isinstance(operation, dict) or "$ref" in operation:
                    operation, at = self._reading.followed(at, "an operation")
                    if operation is None:
                        continue
                self._add_bases(operation, at, section)
                identifier = self._identifier(section, method, template, operation, at)
                route = Route(method, template, identifier, at)
                self._items[route] = where
                yield route

    def _methods(self, item: dict[str, Any], place: Place) -> Iterator[tuple[str, Place, Json]]:
        for key, operation in item.items():
            if key in METHODS:
                yield key.upper(), below(place, key), operation
            elif key not in _BESIDE and not key.startswith("x-"):
                if key.lower() in METHODS:
                    self._faults.add(below(place, key), f"methods are written in lower case: {key.lower()!r}")
                    yield key.upper(), below(place, key), operation
                    continue
                near = nearest(key, (*METHODS, *_BESIDE))
                self._faults.add(below(place, key), f"there is no {key!r} in a path item.{near}")
        additional = self._reading.object(item, place, "additionalOperations")  # OpenAPI 3.2
        for method, operation in additional.items():
            yield method.upper(), below(place, "additionalOperations", method), operation

    def _identifier(
        self, section: str, method: str, template: str, operation: dict[str, Any], place: Place
    ) -> str:
        given = template if section == "webhooks" else operation.get("operationId")
        known = f"{method} {template}"
        if isinstance(given, str) and given and (section, given) not in self._taken:
            known = given
        elif section == "paths" and given is not None:
            said = "is taken already" if isinstance(given, str) and given else "is no name"
            detail = f"the operationId {given!r:.60} {said}; it is known as {known!r}"
            self._faults.add(below(place, "operationId"), detail)
        while (section, known) in self._taken:
            known += "'"
        self._taken.add((section, known))
        return known

    # ---------------------------------------------------------------- servers

    def _add_bases(self, holder: dict[str, Any], place: Place, section: str = "paths") -> None:
        if section.startswith("callback"):  # the servers of somebody else
            return
        if "basePath" in holder and place.pointer == "":  # Swagger 2.0
            self._bases.update(dict.fromkeys(_paths([text(holder["basePath"])])))
        servers = self._reading.list(holder, place, "servers") if "servers" in holder else ()
        for index, server in enumerate(servers):
            if not isinstance(server, dict) or not isinstance(server.get("url", ""), str):
                self._faults.add(below(place, "servers", index), "a server must be an object with a url")
                continue
            for base in _paths(self._urls(server)):
                if len(self._bases) < _MOST_BASES:
                    self._bases.setdefault(base)

    @staticmethod
    def _urls(server: dict[str, Any]) -> list[str]:
        """
        Return the URLs that a server stands for: every value of an enumerated variable (Server Variable).

        A variable without `enum` takes any text and stays as it is.
        """
        urls = [text(server.get("url"))]
        for name, said in mapping(server.get("variables")).items():
            values = mapping(said).get("enum")
            if isinstance(values, list) and values and "{" + name + "}" in urls[0]:
                listed = (mapping(said).get("default"), *values)
                texts = dict.fromkeys(str(value) for value in listed if value is not None)
                urls = [url.replace("{" + name + "}", one) for url in urls for one in texts][:_MOST_BASES]
        return urls


def _paths(urls: Iterable[str]) -> Iterator[str]:
    """Yield the path of each of *urls*, "" left out. A URL may be relative, and may begin with a variable."""
    for url in urls:
        path = re.split(r"[?#]", _AUTHORITY.sub("", url, count=1), maxsplit=1)[0].rstrip("/")
        path = re.sub(r"^(\.{1,2}/)+|^\.+$", "", path)
        if path:
            yield path if path.startswith("/") else "/" + path
