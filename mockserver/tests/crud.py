"""
Documents of the kinds that people have, and a client that asks them without a socket.

`crud()` draws the paths of one collection; `asking()` serves a document in this process.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mockserver.contract.locate import wanted
from mockserver.exchange import Request, Response
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host

Json = Any
TEXT: Json = {"type": "string"}
NUMBER: Json = {"type": "integer"}
GONE = {"description": "None."}


def thing(properties: Mapping[str, Json], *required: str, **more: Json) -> Json:
    """Return the schema of an object."""
    return {"type": "object", "properties": dict(properties), "required": list(required), **more}


def listed(schema: Json) -> Json:
    """Return the schema of a list."""
    return {"type": "array", "items": schema}


def body(schema: Json, media: str = "application/json", required: bool = True) -> Json:
    """Return a request body."""
    return {"required": required, "content": {media: {"schema": schema}}}


def answer(schema: Json | None = None, **media: Json) -> Json:
    """Return a response; *media* (example, examples) stands beside the schema."""
    if schema is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": {"application/json": {"schema": schema, **media}}}


def in_path(name: str, schema: Json = NUMBER) -> Json:
    """Return a path parameter."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_query(name: str, schema: Json = TEXT, **more: Json) -> Json:
    """Return a query parameter."""
    return {"name": name, "in": "query", "schema": schema, **more}


PROPERTIES = {
    "name": TEXT,
    "price": {"type": "number", "minimum": 0, "maximum": 1000},
    "tags": listed(TEXT),
    "size": thing({"wide": NUMBER, "high": NUMBER}),
}
ROW = thing({"id": NUMBER, **PROPERTIES}, "id", "name")
NEW = thing(PROPERTIES, "name")


def crud(
    row: Json = ROW,
    new: Json = NEW,
    *,
    path: str = "/things",
    parameter: str = "id",
    key: Json = NUMBER,
    query: Sequence[Json] = (),
    one: Callable[[Json], Json] = lambda schema: schema,
    many: Callable[[Json], Json] = listed,
    sent: Callable[[Json], Json] = lambda schema: schema,
    created: Mapping[str, Json] | None = None,
    put: Mapping[str, Json] | None = None,
    missing: Json = GONE,
) -> dict[str, Any]:
    """Return the paths of a collection at *path*, with all that can be done to it."""
    patch = {
        "required": True,
        "content": {
            "application/json": {"schema": sent({"type": "object"})},
            "application/merge-patch+json": {"schema": sent({"type": "object"})},
            "application/json-patch+json": {"schema": listed({"type": "object"})},
        },
    }
    return {
        path: {
            "get": {"parameters": list(query), "responses": {"200": answer(many(row))}},
            "post": {"requestBody": body(sent(new)), "responses": created or {"201": answer(one(row))}},
        },
        f"{path}/{{{parameter}}}": {
            "parameters": [in_path(parameter, key)],
            "get": {"responses": {"200": answer(one(row)), "404": missing}},
            "put": {"requestBody": body(sent(new)), "responses": put or {"200": answer(one(row))}},
            "patch": {"requestBody": patch, "responses": {"200": answer(one(row)), "404": missing}},
            "delete": {"responses": {"204": GONE, "404": missing}},
        },
    }


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Json:
        """Return the body; MISSING bodies are None."""
        return json.loads(self.body) if self.body else None

    @property
    def source(self) -> str:
        """What the answer was made of."""
        return self.headers.get("mock-source", "")


class Asking:
    """A document served in this process."""

    def __init__(self, document: Mapping[str, Json], **options: Any) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "api.yaml")
            file.write_text(yaml.safe_dump(dict(document), sort_keys=False))
            self.host = build_host(wanted((str(file),)), journal=Journal(0), **options)
            for operation in self.host.apis[0].contract.operations.values():  # while the file is there
                assert operation.id

    def __call__(
        self,
        method: str,
        target: str,
        sent: Json = None,
        *,
        media: str = "application/json",
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; *sent* goes as JSON, *raw* as it is."""
        path, _, query = target.partition("?")
        fields = [("host", "127.0.0.1:4010"), *(headers or {}).items()]
        content = raw if raw is not None else b"" if sent is None else json.dumps(sent).encode()
        if content:
            fields.append(("content-type", media))
        response = self.host.handle(Request(method, path, query, tuple(fields), content))
        return Answer(
            response.status, {name.lower(): value for name, value in response.headers}, response.body
        )

    def get(self, target: str, **options: Any) -> Answer:
        """Send a GET."""
        return self("GET", target, **options)

    def post(self, target: str, sent: Json = None, **options: Any) -> Answer:
        """Send a POST."""
        return self("POST", target, sent, **options)

    def put(self, target: str, sent: Json = None, **options: Any) -> Answer:
        """Send a PUT."""
        return self("PUT", target, sent, **options)

    def patch(self, target: str, sent: Json = None, **options: Any) -> Answer:
        """Send a PATCH."""
        return self("PATCH", target, sent, **options)

    def delete(self, target: str, **options: Any) -> Answer:
        """Send a DELETE."""
        return self("DELETE", target, **options)


def asking(paths: Mapping[str, Json], *, options: Mapping[str, Any] | None = None, **top: Json) -> Asking:
    """Serve the document of *paths* (and *top*: components, servers ...)."""
    info = {"openapi": "3.1.1", "info": {"title": "Test", "version": "1"}}
    return Asking({**info, "paths": dict(paths), **top}, **(options or {}))


def responded(answer: Callable[[Request], tuple[int, Json]], request: Request) -> Response:
    """Return the (status, body) of *answer*; of a `LookupError` that it raises, the status and no body."""
    try:
        status, said = answer(request)
    except LookupError as refusal:
        status, said = refusal.args[0], None
    text = b"" if said is None else json.dumps(said).encode()
    return Response(status, [("content-type", "application/json")] if text else [], text)
