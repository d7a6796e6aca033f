"""
The files that a contract stands in, found before they are asked for, and references that lead nowhere.

`Documents` reads a file when something in it is used. Two things must know the
files before that: who watches them for edits, and who goes on serving what stood
in them while somebody edits. So references are looked for in the text, which
costs a search and no parse; one that is found where it is none does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from mockserver.contract.model import Contract
from mockserver.contract.sources import join_pointer
from mockserver.errors import SpecError
from mockserver.exchange import Json, Place

_REFERENCE = re.compile(
    rb"""["']?(?:\$ref|externalValue)["']?\s*:\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s#"',}\]][^\s,}\]]*))"""
)

_NAMES = frozenset(
    (
        *("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas"),
        *("responses", "parameters", "headers", "requestBodies", "securitySchemes", "links", "callbacks"),
        *("pathItems", "paths", "webhooks", "content", "encoding"),
    )
)
"""Keywords whose object is keyed by names, none of which is a keyword, whatever it looks like."""

_DATA = frozenset(("enum", "const", "default", "example", "examples", "value", "dataValue", "mapping"))
"""Keywords whose value is data: what looks like a reference there is none."""


def named_in(data: bytes, file: str) -> list[str]:
    """Return the files that references in *data*, the content of *file*, name, as `Documents` calls them."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    base = quote(Path(file).as_posix())
    found: dict[str, None] = {}
    for match in _REFERENCE.finditer(data):
        said = next(filter(None, match.groups())).decode("utf-8", "replace").replace("\\/", "/")
        if said.startswith("#"):
            continue
        try:
            uri = urldefrag(urljoin(base, said))[0]
            if uri and uri != base and not urlsplit(uri).scheme:
                found[str(Path(unquote(uri)))] = None
        except ValueError:  # no URI can be made of it
            continue
    return list(found)


def dangling(contract: Contract) -> dict[tuple[str, str], SpecError]:
    """
    Return the references of *contract* that lead nowhere, by file and what is wrong; every file is read.

    They do not keep the rest of a contract from being served. But an edit that makes one is not finished.
    """
    documents = contract.schemas.documents
    found: dict[tuple[str, str], SpecError] = {}
    seen: set[tuple[str, str]] = set()
    waiting = [Place(documents.root, "")]
    while waiting:
        start = waiting.pop()
        try:
            tree = documents.at(start)
        except SpecError as error:
            found.setdefault((error.file, error.detail), error)
            continue
        for reference, place in _references(tree, start):
            try:
                target = documents.target(reference, place)
            except SpecError as error:
                found.setdefault((error.file, error.detail), error)
                continue
            key = (target.file, target.pointer)
            if target.file != documents.root and key not in seen:
                seen.add(key)
                waiting.append(target)
    return found


def _references(tree: Json, start: Place) -> Iterator[tuple[str, Place]]:
    """Yield every `$ref` below *tree*, which stands at *start*, with the object that it stands in."""
    waiting: list[tuple[Json, str, bool]] = [(tree, start.pointer, False)]
    seen: set[int] = set()
    while waiting:
        node, pointer, named = waiting.pop()
        if id(node) in seen:  # YAML's aliases share what they stand for
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and not named:
                yield reference, Place(start.file, pointer)
            for key, child in node.items():
                if type(child) not in (dict, list):
                    continue
                if not named and (key in _DATA or key.startswith("x-")):
                    continue
                waiting.append((child, join_pointer(pointer, key), not named and key in _NAMES))
        elif isinstance(node, list):
            waiting.extend((child, f"{pointer}/{index}", False) for index, child in enumerate(node))
