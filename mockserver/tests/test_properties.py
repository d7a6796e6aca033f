"""
What schemathesis finds, and what of it is held against a server.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request

from mockserver.contract.load import load
from mockserver.contract.locate import locate
from mockserver.exchange import Request
from mockserver.exchange import Response as Answer
from mockserver.tests.judged.switches import served
from mockserver.verify.context import NOT_OURS
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.properties.acceptance import Accepted
from mockserver.verify.runner import run
from mockserver.verify.setup import Wanted, prepared, settle

DOCUMENT = """\
openapi: 3.1.0
info: {title: Notes, version: "1"}
servers: [{url: "https://notes.example.org/v2"}]
security: [{key: []}]
paths:
  /notes:
    get:
      operationId: listNotes
      responses:
        "200":
          description: All of them.
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}
        "401": {description: No key.}
    post:
      operationId: addNote
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewNote"}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}
        "401": {description: No key.}
        "422": {description: Invalid.}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}]
    put:
      operationId: replaceNote
      parameters: [{name: If-Match, in: header, schema: {type: string}}]
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewNote"}}}
      responses:
        "200":
          description: As it is now.
          content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}
        "401": {description: No key.}
        "404": {description: Not there.}
        "412": {description: It has been changed in the meantime.}
        "422": {description: Invalid.}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}
  schemas:
    NewNote: {type: object, required: [text], properties: {text: {type: string, minLength: 1, maxLength: 50}}}
    Note:
      type: object
      required: [id, text]
      properties: {id: {type: integer}, text: {type: string}}
"""


def notes(*, anybody: bool = False) -> Flask:
    """Return the application; *anybody*: it does not look at keys."""
    app, texts = Flask("notes"), dict[int, str]()

    def said(value: Any, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/json")

    @app.before_request
    def known() -> Response | None:
        if (
            request.path.startswith("/v2/")
            and not anybody
            and request.headers.get("X-API-Key") != "test-token"
        ):
            return Response("", 401)
        return None

    def text() -> str | None:
        try:
            found = json.loads(request.get_data().decode()).get("text")
        except (ValueError, AttributeError):
            return None
        return found if isinstance(found, str) and 1 <= len(found) <= 50 else None

    @app.get("/v2/notes")
    def every() -> Response:
        return said([{"id": key, "text": one} for key, one in texts.items()])

    @app.post("/v2/notes")
    def add() -> Response:
        if (one := text()) is None:
            return Response("", 422)
        texts[len(texts) + 1] = one
        return said({"id": len(texts), "text": one}, 201)

    @app.put("/v2/notes/<int:key>")
    def replace(key: int) -> Response:
        if key not in texts:
            return Response("", 404)
        tag = f'"{hashlib.sha256(texts[key].encode()).hexdigest()}"'
        if request.headers.get("If-Match") not in (None, "", "*", tag):
            return Response("", 412)
        if (one := text()) is None:
            return Response("", 422)
        texts[key] = one
        return said({"id": key, "text": one})

    return app


@pytest.fixture
def document(tmp_path: Path) -> str:
    file = tmp_path / "notes.yaml"
    file.write_text(DOCUMENT)
    return str(file)


def findings(document: str, app: Flask, key: str = "test-token") -> list[Finding]:
    """Judge *app* by its properties, without its base path."""
    with served(app) as url:
        wanted = Wanted(locate(document), url, (f"x-api-key: {key}",), (), ("properties",))
        context, phases = prepared(wanted)
        assert settle(context)
        return run(context, phases).broken


class TestCertain:
    def test_what_is_right_is_acquitted(self, document: str):
        """
        A key is the account's own in whatever letters its field is written, and 412 is no word on the data.
        """
        assert [(one.rule, one.detail) for one in findings(document, notes())] == []

    def test_who_looks_at_no_key_is_convicted(self, document: str):
        """A field that a security scheme calls X-API-Key carries credentials as Authorization does."""
        rules = {one.rule for one in findings(document, notes(anybody=True))}
        assert "properties/ignored-auth" in rules


NOBODYS = """\
openapi: 3.1.0
info: {title: Machines, version: "1"}
paths:
  /machines/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    delete:
      operationId: removeMachine
      responses: {"204": {description: Gone.}, "404": {description: None.}}
"""


def test_what_is_held_back_says_why(tmp_path: Path):
    """Nobody makes a machine: that none is deleted is our care, and no trouble with patterns or formats."""
    file = tmp_path / "machines.yaml"
    file.write_text(NOBODYS)
    with served(Flask("machines")) as url:
        context, phases = prepared(Wanted(locate(str(file)), url, (), (), ("properties",)))
        report = run(context, phases)
    assert not report.calls
    assert {one.why for one in report.outcomes("inconclusive")} == {NOT_OURS}


class TestAccepted:
    @pytest.mark.parametrize(
        ("path", "fields", "body", "told"),
        [
            ("/notes/1", (), b'{"text": "b"}', "body/text"),
            ("/notes/2", (), b'{"text": "a"}', ""),
            ("/notes/1", (("if-match", '"x"'),), b'{"text": "a"}', ""),
            ("/notes/1", (("if-match", '"x"'),), b'{"text": "b"}', ""),
        ],
        ids=["another text", "another thing", "another tag", "a tag, and another text"],
    )
    def test_one_value_makes_the_difference(
        self, document: str, path: str, fields: tuple[tuple[str, str], ...], body: bytes, told: str
    ):
        """Another thing has another state, and a field that is documented is a part of what is asked."""
        operation = load(document).operations["replaceNote"]
        media = ("content-type", "application/json")

        def call(path: str, body: bytes, fields: tuple[tuple[str, str], ...], status: int) -> Exchanged:
            asked = Request("PUT", path, "", (media, *fields), body)
            return Exchanged(asked, Answer(status, [], b""), "replaceNote")

        accepted = Accepted()
        accepted.note(operation, call("/notes/1", b'{"text": "a"}', (), 200))
        found = accepted.only_difference(operation, call(path, body, fields, 422))
        assert (found[0] if found is not None else "") == told


class TestSettle:
    @pytest.mark.parametrize(("below", "found"), [("", "/v2"), ("/v2", ""), ("/v3", "")])
    def test_stands_below_the_base_path_of_a_server(self, document: str, below: str, found: str):
        """
        A URL without the base path of the contract's servers is easily given, and all would be 404.

        Where nothing is found below it either, the URL stays as it was given.
        """
        with served(notes()) as url:
            context, _ = prepared(Wanted(locate(document), url + below, ("X-API-Key: test-token",)))
            assert settle(context) is bool(found)
            assert context.target.url == url + below + found
