"""
Make a `Contract` from an OpenAPI document, or from one of Swagger 2.0.

Only the document's outline is walked here: paths, methods, names. An operation
is built when it is first asked for, and a schema translated when it is first
used, so starting costs the outline and no more.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mockserver.contract.documents import Documents
from mockserver.contract.model import Contract, Operations
from mockserver.contract.openapi import Builder
from mockserver.contract.outline import Outline
from mockserver.contract.reading import Faults, Reading, text
from mockserver.contract.schema import Schemas
from mockserver.errors import SpecError, Unreadable, closest
from mockserver.exchange import Json, Place


def load(path: str | Path, *, name: str = "", outside: bool = False) -> Contract:
    """
    Return the contract in the OpenAPI document at *path*.

    Args:
        path: YAML or JSON file.
        name: What to call it; the file's name without its ending when empty.
        outside: Whether its references may leave its folder, or ask the network.

    Raises:
        Unreadable: It is no OpenAPI document of a version that is served (2.0, 3.0, 3.1, 3.2).
        SpecError: Nothing in it can be served.
    """
    file = Path(path)
    documents = Documents(file, outside=outside)
    faults = Faults(documents.line)
    documents.notice = faults.caught
    root, version = _root(documents, faults)
    reading = Reading(documents, faults)
    outline = Outline(reading, root)
    routes = tuple(outline.routes("paths"))
    hooks = tuple(outline.routes("webhooks"))
    if not routes and not hooks:
        raise _empty(documents, root, faults)
    schemas = Schemas(documents, version=version, faults=faults)
    maker = Builder
    if version == "2.0":
        from mockserver.contract.swagger import SwaggerBuilder  # few documents are

        maker = SwaggerBuilder
    builder = maker(reading, root, outline, schemas)
    info = reading.object(root, Place(documents.root, ""), "info")
    return Contract(
        name=name or file.name.partition(".")[0],
        title=text(info.get("title")),
        version=str(info.get("version", "")),
        openapi=version,
        file=documents.root,
        bases=outline.bases,
        routes=routes,
        operations=Operations(routes, builder.operation),
        webhooks=Operations(hooks, builder.operation),
        security_schemes=builder.schemes,
        schemas=schemas,
        line=documents.line,
        files=documents.read_files,
        document=root,
        faults=faults,
    )


def _root(documents: Documents, faults: Faults) -> tuple[dict[str, Any], str]:
    """Return the document and its version: "2.0", or what `openapi` says."""
    file = documents.root
    root = documents.tree(file)
    if not isinstance(root, dict):
        raise Unreadable(file, 1, "", f"not an OpenAPI document: it is {_kind(root)}, not an object")
    for key, served in (("openapi", r"3\.[0-9]+(\.|$|-)"), ("swagger", r"2(\.0|$)")):
        if key not in root:
            continue
        said = str(root[key])
        place = Place(file, f"/{key}")
        if not re.match(served, said):
            known = "3.0, 3.1 and 3.2 are" if key == "openapi" else "2.0 is"
            detail = f"{key} {said!r:.40} is not served; {known}"
            raise Unreadable(file, documents.line(place), place.pointer, detail)
        if key == "swagger":
            return root, "2.0"
        if not re.match(r"3\.[012](\.|$|-)", said):
            faults.add(place, f"OpenAPI {said!r:.40} is not known; it is read as 3.2")
            said = "3.2.0"
        return root, said
    near = _misspelt(root, "openapi", "swagger")
    raise Unreadable(file, 1, "", f"not an OpenAPI document: there is no 'openapi' at its top.{near}")


def _misspelt(root: dict[str, Any], *words: str) -> str:
    """Return a sentence about the key that stands in place of one of *words*, "" where none does."""
    for word in words:
        near = closest(word, root)
        if near is not None:
            return f" There is {near!r}: did you mean {word!r}?"
    return ""


def _kind(node: Json) -> str:
    kinds = {list: "a list", str: "text", bool: "true or false", type(None): "empty"}
    return kinds.get(type(node), "a number")


def _empty(documents: Documents, root: dict[str, Any], faults: Faults) -> SpecError:
    """Say that nothing can be served, and the first reason where one is known."""
    place = Place(documents.root, "/paths" if "paths" in root else "")
    first = next(iter(faults), None)
    if first is not None:
        return SpecError(
            first.file, first.line, first.pointer, f"there is no operation to serve: {first.detail}"
        )
    near = "" if root.get("paths") is not None else _misspelt(root, "paths")
    return SpecError(
        place.file, documents.line(place), place.pointer, f"there is no operation to serve.{near}"
    )
