"""
A refusal lists what is wrong as its document says: each item about one field, and by its name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.locate import Located
from mockserver.exchange import Request
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host

TEXT = {"type": "string"}
BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "tags": {
            "type": "array",
            "items": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
        },
    },
}

SAID = ['"abc" is not of type integer.', "'name' is required.", '"x" is not of type integer.']


def item(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def items(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


@pytest.fixture
def refused(tmp_path: Path) -> Any:
    """Answers a request with three faults by a refusal of the schema given."""

    def ask(schema: dict[str, Any]) -> Any:
        operation = {
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
            "responses": {
                "200": {"description": "ok"},
                "422": {"description": "no", "content": {"application/json": {"schema": schema}}},
            },
        }
        info = {"title": "T", "version": "1"}
        file = tmp_path / "t.json"
        file.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": {"/x": {"post": operation}}}))
        host = build_host([Located("t", file)], journal=Journal(10), stateless=True)
        head = (("content-type", "application/json"),)
        response = host.handle(Request("POST", "/x", "limit=abc", head, b'{"tags": [{"a": "x"}]}'))
        assert response.status == 422
        return json.loads(response.body)

    return ask


class TestItemized:
    def test_a_location_of_names_and_numbers(self, refused: Any) -> None:
        """As FastAPI documents it for every operation: a client finds the field by it."""
        loc = items({"anyOf": [TEXT, {"type": "integer"}]})
        schema = item(detail=items(item("loc", "msg", "type", loc=loc, msg=TEXT, type=TEXT)))
        assert refused(schema)["detail"] == [
            {"loc": ["query", "limit"], "msg": SAID[0], "type": "type"},
            {"loc": ["body", "name"], "msg": SAID[1], "type": "required"},
            {"loc": ["body", "tags", 0, "a"], "msg": SAID[2], "type": "type"},
        ]

    def test_texts_by_field(self, refused: Any) -> None:
        """A map from field to texts."""
        schema = item(errors={"type": "object", "additionalProperties": items(TEXT)})
        assert refused(schema)["errors"] == {"limit": SAID[:1], "name": SAID[1:2], "tags.0.a": SAID[2:]}

    def test_texts(self, refused: Any) -> None:
        """A list of nothing but texts."""
        assert refused(item("errors", errors=items(TEXT))) == {"errors": SAID}

    def test_a_pointer_or_a_parameter(self, refused: Any) -> None:
        """JSON:API, 11: a source is one of both."""
        source = item(pointer=TEXT, parameter=TEXT)
        schema = item("errors", errors=items(item(status=TEXT, title=TEXT, detail=TEXT, source=source)))
        first, second, _ = refused(schema)["errors"]
        title = "Unprocessable Entity"
        assert first == {"status": "422", "title": title, "detail": SAID[0], "source": {"parameter": "limit"}}
        assert second["source"] == {"pointer": "/name"}

    def test_what_the_schema_does_not_take(self, refused: Any) -> None:
        """A word of a closed list stays as it was made up, as does what must be there and says nothing."""
        code = {"type": "string", "enum": ["missing_field", "invalid"]}
        schema = item(
            "errors",
            errors=items(item("code", "resource", code=code, resource=TEXT, field=TEXT, message=TEXT)),
        )
        found = refused(
            {**schema, "properties": {"errors": {**schema["properties"]["errors"], "minItems": 1}}}
        )
        assert [(one["field"], one["message"]) for one in found["errors"]] == list(
            zip(("limit", "name", "tags.0.a"), SAID, strict=True)
        )
        assert all(one["code"] in code["enum"] and one["resource"] for one in found["errors"])

    def test_a_list_of_something_else(self, refused: Any) -> None:
        """Without a text in its items a list is about something else, and as it was made up."""
        schema = item(
            "links", links={**items(item("rel", "href", rel=TEXT, href=TEXT)), "minItems": 2, "maxItems": 2}
        )
        found = refused(schema)
        assert len(found["links"]) == 2
