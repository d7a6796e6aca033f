"""
What a contract does not say is held against nobody, and what it does say is, in the same place.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask, Response, request

from mockserver.contract.load import load
from mockserver.contract.written_bodies import says_objects
from mockserver.tests.in_process import judged, of_app
from mockserver.verify.refusals import wrong_requests
from mockserver.verify.report import Report


def _document(*, keyed_rows: bool = True, keyed_answer: bool = True, media: str = "application/json") -> str:
    """Return a document of tags, whose rows or whose answers to making one may be without a key."""
    text = {"type": "string"}
    tag = {"type": "object", "required": ["id", "name"], "properties": {"id": text, "name": text}}
    bare = {"type": "object", "required": ["name"], "properties": {"name": text}}

    def shown(schema: object) -> dict[str, object]:
        return {"description": "It.", "content": {"application/json": {"schema": schema}}}

    body = {"required": True, "content": {media: {"schema": bare}}}
    key = {"name": "id", "in": "path", "required": True, "schema": text}
    item = {
        "parameters": [key],
        "get": {"operationId": "readTag", "responses": {"200": shown(tag), "404": {"description": "None."}}},
        "delete": {
            "operationId": "deleteTag",
            "responses": {"204": {"description": "Gone."}, "404": {"description": "None."}},
        },
    }
    rows = {"type": "array", "items": tag if keyed_rows else bare}
    every = {
        "get": {"operationId": "listTags", "responses": {"200": shown(rows)}},
        "post": {
            "operationId": "addTag",
            "requestBody": body,
            "responses": {"201": shown(tag if keyed_answer else bare), "400": {"description": "Invalid."}},
        },
    }
    info = {"title": "Tags", "version": "1"}
    return yaml.safe_dump({"openapi": "3.1.0", "info": info, "paths": {"/tags": every, "/tags/{id}": item}})


def _tags(
    *, location: bool = False, keyed: bool = True, rows: bool = True, bug: str = "", again: int = 404
) -> Flask:
    """Return the application; *bug* "unlisted" shows no list, "unread" no tag."""
    app, tags = Flask("tags"), dict[str, str]()
    gone: set[str] = set()

    def said(value: object, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/json")

    @app.get("/tags")
    def every() -> Response:
        shown = [] if bug == "unlisted" else list(tags.items())
        return said([{"id": key, "name": name} if rows else {"name": name} for key, name in shown])

    @app.post("/tags")
    def add() -> Response:
        body = request.get_json(silent=True, force=True)
        if not isinstance(body, dict) or not isinstance(body.get("name"), str):
            return Response("", 400)
        key = f"t{len(tags) + len(gone) + 1}"
        tags[key] = body["name"]
        answer = said({"id": key, **body} if keyed else body, 201)
        if location:
            answer.headers["Location"] = f"/tags/{key}"
        return answer

    @app.get("/tags/<key>")
    def read(key: str) -> Response:
        if key not in tags or bug == "unread":
            return Response("", 404)
        return said({"id": key, "name": tags[key]})

    @app.delete("/tags/<key>")
    def delete(key: str) -> Response:
        if key in gone:
            return Response("", again)
        gone.add(key)
        return Response("", 204 if tags.pop(key, None) is not None else 404)

    return app


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tags.yaml"


def _outcome(report: Report, check: str) -> list[str]:
    return [
        one.why
        for outcome in ("skipped", "inconclusive")
        for one in report.outcomes(outcome)
        if one.check.endswith(check)
    ]


class TestKeys:
    @pytest.mark.parametrize("keyed", [True, False], ids=["with keys", "without"])
    def test_rows_without_their_key_are_not_looked_for(self, file: Path, keyed: bool) -> None:
        """Who is missing in a list of names cannot be told; in one of keys it can."""
        file.write_text(_document(keyed_rows=keyed))
        report = judged(str(file), of_app(_tags(rows=keyed, bug="unlisted")), only="created-is-listed")
        assert bool(report.broken) is keyed
        assert (
            any("listed without their id" in why for why in _outcome(report, "created-is-listed"))
            is not keyed
        )

    @pytest.mark.parametrize(
        ("location", "broken"), [(True, True), (False, False)], ids=["a Location", "nothing"]
    )
    def test_what_was_made_is_found_by_what_its_answer_says(
        self, file: Path, location: bool, broken: bool
    ) -> None:
        """A key may stand in the Location alone; where nothing says it, nothing can be read."""
        file.write_text(_document(keyed_answer=False))
        app = _tags(location=location, keyed=False, bug="unread")
        report = judged(str(file), of_app(app), only="created-is-readable")
        assert bool(report.broken) is broken
        assert bool(_outcome(report, "created-is-readable")) is not broken

    @pytest.mark.parametrize("way", [{"rows": False}, {"keyed": False}, {"keyed": False, "location": True}])
    def test_who_says_no_more_is_acquitted(self, file: Path, way: dict[str, Any]) -> None:
        """All laws, on what the contract leaves out."""
        file.write_text(_document(keyed_rows="rows" not in way, keyed_answer="keyed" not in way))
        report = judged(str(file), of_app(_tags(**way)))
        assert not [(one.rule, one.detail) for one in report.findings]


class TestMedia:
    @pytest.mark.parametrize(
        ("media", "known"),
        [
            *[("application/json", True), ("application/problem+json", True), ("application/*", True)],
            *[
                ("application/x-www-form-urlencoded", True),
                ("multipart/form-data", True),
                ("text/plain", True),
            ],
            *[("application/octet-stream", False), ("image/png", False), ("application/pdf", False)],
        ],
    )
    def test_objects_are_written_where_it_is_known_how(self, media: str, known: bool) -> None:
        """An object as application/pdf would be JSON under a wrong name, and whoever refuses it right."""
        assert says_objects(media) is known

    def test_what_cannot_be_written_is_not_sent(self, file: Path) -> None:
        """No law makes a thing of a body that nothing says how to write."""
        file.write_text(_document(media="application/octet-stream"))
        target = of_app(_tags())
        report = judged(str(file), target)
        assert not report.findings
        assert not [one for one in target.asked if one.method == "POST" and one.body]


class TestDeletedTwice:
    @pytest.mark.parametrize(
        ("status", "broken"), [(404, False), (410, False), (204, False), (500, True), (409, True)]
    )
    def test_again(self, file: Path, status: int, broken: bool) -> None:
        """RFC 9110, 9.2.2: to delete again may say that it is gone, or that it is done; it is no failure."""
        file.write_text(_document())
        report = judged(str(file), of_app(_tags(again=status)), only="deleted-twice")
        assert bool(report.broken) is broken


class TestUndeclared:
    def test_a_path_with_a_query_has_the_methods_of_the_path(self, file: Path) -> None:
        """What stands behind "?" in a template is no part of the path: POST /tags is declared beside it."""
        document = yaml.safe_load(_document())
        newest = {"get": {"operationId": "newest", "responses": {"200": {"description": "They."}}}}
        document["paths"]["/tags?order=newest"] = newest
        file.write_text(yaml.safe_dump(document))
        asked = [one for one in wrong_requests(load(str(file))) if one.status == "405"]
        methods = {one.operation.id: one.method for one in asked}
        assert methods["newest"] == methods["listTags"] == "PATCH"
