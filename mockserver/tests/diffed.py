"""Small contracts, before and after, for the tests of `mockserver diff`."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from mockserver.contract.load import load
from mockserver.contract.model import Contract
from mockserver.verify.diff.changes import Difference
from mockserver.verify.diff.compare import compare

BOOK: dict[str, Any] = {
    "type": "object",
    "required": ["id", "title"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "title": {"type": "string"},
        "pages": {"type": "integer"},
    },
}

LENDING: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Lending", "version": "1"},
    "paths": {
        "/books": {
            "get": {
                "operationId": "listBooks",
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    {"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                ],
                "responses": {
                    "200": {
                        "description": "Books",
                        "headers": {"X-Total": {"required": True, "schema": {"type": "integer"}}},
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}}
                            }
                        },
                    },
                    "404": {"description": "None"},
                },
            },
            "post": {
                "operationId": "addBook",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}},
                },
                "responses": {"201": {"description": "Added"}},
            },
        },
        "/books/{bookId}": {
            "get": {
                "operationId": "readBook",
                "parameters": [
                    {"name": "bookId", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "description": "Book",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}},
                    }
                },
            }
        },
    },
    "components": {"schemas": {"Book": BOOK}},
}
"""A library: each book is taken by POST and given by GET."""


def put(document: Any, pointer: str, value: Any) -> None:
    """Put *value* at *pointer* ("/a/b/0", RFC 6901) of *document*; `...` takes away what is there."""
    *way, last = [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]
    for token in way:
        document = document[int(token)] if isinstance(document, list) else document.setdefault(token, {})
    if value is ...:
        del document[int(last) if isinstance(document, list) else last]
    elif isinstance(document, list):
        document.insert(int(last), value)
    else:
        document[last] = value


def edited(document: dict[str, Any], edits: dict[str, Any]) -> dict[str, Any]:
    """Return a copy of *document* with each of *edits* (pointer -> value) put."""
    made = copy.deepcopy(document)
    for pointer, value in edits.items():
        put(made, pointer, value)
    return made


def of_schema(schema: Any, **schemas: Any) -> dict[str, Any]:
    """Return a contract with one operation that takes *schema* in its body and gives it in its answer."""
    content = {"application/json": {"schema": schema}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "One", "version": "1"},
        "paths": {
            "/it": {
                "put": {
                    "requestBody": {"required": True, "content": content},
                    "responses": {"200": {"description": "It", "content": content}},
                }
            }
        },
        "components": {"schemas": schemas},
    }


def loaded(folder: Path, name: str, document: dict[str, Any]) -> Contract:
    """Return *document* as the contract in the file *name* in *folder*."""
    file = folder / name
    file.write_text(json.dumps(document, indent=1))
    return load(file)


def difference(folder: Path, old: dict[str, Any], new: dict[str, Any]) -> Difference:
    """Return what changed from *old* to *new*."""
    return compare(loaded(folder, "old.json", old), loaded(folder, "new.json", new))


def rules(found: Difference) -> dict[str, str]:
    """Return rule -> severity of all changes."""
    return {change.rule: change.severity for change in found.changes}
