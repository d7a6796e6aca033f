"""
A refusal in the API's own shape tells the truth, though nobody wrote down what stands in it.
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
from mockserver.server.pipeline import Host

DOCUMENT = """openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      security: [{key: []}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
        "400": {$ref: "#/components/responses/Error"}
        "401": {$ref: "#/components/responses/Error"}
        "409": {description: no, content: {application/json: {schema: {$ref: "#/components/schemas/Nested"}}}}
        default: {$ref: "#/components/responses/Error"}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: K}}
  responses:
    Error: {description: no, content: {application/json: {schema: {$ref: "#/components/schemas/Error"}}}}
  schemas:
    Error:
      type: object
      required: [code, message, hint]
      properties: {code: {type: integer}, message: {type: string}, hint: {type: string, example: Look again}}
    Nested:
      type: object
      required: [error]
      properties:
        error:
          type: object
          required: [status, message, code, description]
          properties:
            status: {type: integer, maximum: 99}
            code: {type: string, enum: [conflict]}
            message: {type: string, minLength: 20}
            description: {type: string, example: As documented}
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """The document, served."""
    file = tmp_path / "t.yaml"
    file.write_text(DOCUMENT)
    return build_host([Located("t", file)], journal=Journal(10), stateless=True)


def asked(host: Host, path: str, **fields: str) -> tuple[int, Any]:
    """Ask with these header fields."""
    response = host.handle(Request("GET", path, "", tuple(fields.items()), b""))
    return response.status, json.loads(response.body)


class TestRefusals:
    def test_what_is_wrong(self, host: Host) -> None:
        """The status, and what the request did wrong; what the document shows stays."""
        said = "The header 'K' is required."
        assert asked(host, "/things/7") == (401, {"code": 401, "message": said, "hint": "Look again"})
        said = '"seven" is not of type integer.'
        assert asked(host, "/things/seven", k="1") == (
            400,
            {"code": 400, "message": said, "hint": "Look again"},
        )

    def test_what_was_asked_for(self, host: Host) -> None:
        """Of a status that is asked for nothing is known but the status."""
        _, body = asked(host, "/things/7", k="1", prefer="code=503")
        assert body["code"] == 503
        assert "not available" in body["message"]

    def test_what_the_schema_does_not_take(self, host: Host) -> None:
        """Members that may not hold the truth are made up; those inside are told as well."""
        status, body = asked(host, "/things/7", k="1", prefer="code=409")
        assert status == 409
        error = body["error"]
        assert error["status"] <= 99
        assert error["code"] == "conflict"
        assert "conflicts" in error["message"]
        assert error["description"] == "As documented"

    def test_an_answer_that_is_none(self, host: Host) -> None:
        """What is no refusal says what it wants."""
        assert asked(host, "/things/7", k="1")[0] == 200


class TestCodesInWords:
    @pytest.mark.parametrize(
        ("member", "code"), [({}, "not_found"), ({"enum": ["gone", "not_found"]}, "not_found")], ids=str
    )
    def test_say_the_status(self, tmp_path: Path, member: Any, code: str) -> None:
        """A 404 whose code is "rate_limited" sends whoever reads it the wrong way."""
        file = tmp_path / "t.yaml"
        schema = {"required": ["code"], "properties": {"code": {"type": "string", **member}}}
        answer = {"description": "no", "content": {"application/json": {"schema": schema}}}
        info = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}
        file.write_text(json.dumps({**info, "paths": {"/x": {"get": {"responses": {"404": answer}}}}}))
        host = build_host([Located("t", file)], journal=Journal(1))
        said = json.loads(host.handle(Request("GET", "/x", "__code=404")).body)["code"]
        assert said.lower() == code
