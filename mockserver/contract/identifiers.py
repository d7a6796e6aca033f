"""
The names that a file gives to its parts: `$id`, `$self`, and anchors.

A schema with an `$id` is a resource of its own: it is the base of the references
below it and holds its own anchors (JSON Schema 2020-12 Core, 8.2.1). Everything
else of a file belongs to the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urldefrag, urljoin

from mockserver.contract.sources import join_pointer
from mockserver.exchange import Json

RECURSIVE = "$recursiveAnchor"
"""Stands as the name of a dynamic anchor that has none (JSON Schema 2019-09, 8.2.4.2)."""

_WORDS = ("$id", "$self", "$anchor", "$dynamicAnchor", RECURSIVE)
_VALUES = frozenset(("enum", "const", "example", "examples", "default"))
"""Keywords that hold values, in which `$id` is a property like any other."""

_DEEPEST = 200


class Identifiers:
    """
    The names in one file.

    Attributes:
        uris: URI without fragment -> pointer of what it names.
        anchors: (pointer of the resource, anchor) -> pointer.
        dynamic: Pointer of the resource -> its dynamic anchors with their pointers, the first of each name.
    """

    def __init__(self, uri: str) -> None:
        self._bases = {"": uri}
        self.uris: dict[str, str] = {}
        self.anchors: dict[tuple[str, str], str] = {}
        self.dynamic: dict[str, dict[str, str]] = {}

    @staticmethod
    def of(tree: Json, uri: str, text: str) -> Identifiers:
        """Return the names in *tree*, the content of the file at *uri*; *text* is how it is written."""
        made = Identifiers(uri)
        if any(word in text for word in _WORDS):
            own = tree.get("$self") if isinstance(tree, dict) else None
            if isinstance(own, str):  # OpenAPI 3.2.0, 4.1.2.2.1
                made._bases[""] = urldefrag(urljoin(uri, own))[0]
                made.uris[made._bases[""]] = ""
            made._walk(tree, "", "", made._bases[""], 0)
        return made

    def resource(self, pointer: str) -> str:
        """Return the pointer of the resource that *pointer* stands in; "" is the file."""
        if len(self._bases) == 1:
            return ""
        while pointer and pointer not in self._bases:
            pointer = pointer.rpartition("/")[0]
        return pointer

    def base(self, pointer: str) -> str:
        """Return the URI against which references at *pointer* are resolved."""
        return self._bases[self.resource(pointer)]

    def anchor_names(self, resource: str) -> Iterator[str]:
        """Yield the names of the anchors of *resource*."""
        return (name for where, name in self.anchors if where == resource)

    def _walk(self, node: Any, pointer: str, resource: str, base: str, depth: int) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(node, list):
            for index, child in enumerate(node):
                if type(child) in (dict, list):
                    self._walk(child, f"{pointer}/{index}", resource, base, depth + 1)
            return
        identifier = node.get("$id")
        if isinstance(identifier, str) and identifier and not identifier.startswith("#"):
            base = urldefrag(urljoin(base, identifier))[0]
            self.uris.setdefault(base, pointer)
            self._bases[pointer] = base
            resource = pointer
        for keyword in ("$anchor", "$dynamicAnchor"):
            anchor = node.get(keyword)
            if isinstance(anchor, str):
                self.anchors.setdefault((resource, anchor), pointer)
                if keyword == "$dynamicAnchor":
                    self.dynamic.setdefault(resource, {}).setdefault(anchor, pointer)
        if node.get(RECURSIVE) is True:
            self.dynamic.setdefault(resource, {}).setdefault(RECURSIVE, pointer)
        for key, child in node.items():
            if type(child) in (dict, list) and key not in _VALUES:
                self._walk(child, join_pointer(pointer, key), resource, base, depth + 1)
