from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.contract.runtime import LeadsNowhere
from mockserver.exchange import MISSING, Json, Request, Response
from mockserver.tests.loaded import contract
from mockserver.verify.findings import Exchanged
from mockserver.verify.links import Asked, evaluated, links_of
from mockserver.verify.requests import Said

LINKED = contract(
    """
    /books:
      post:
        operationId: addBook
        responses:
          "201":
            description: made
            links:
              read: {operationId: readBook, parameters: {id: $response.body#/id}}
              placed: {operationId: readBook, parameters: {path.id: $response.body#/id, query.full: true}}
              pointed: {operationRef: "#/paths/~1books~1%7Bid%7D/get", parameters: {id: 7}}
              sent: {operationId: addBook, requestBody: {title: $request.body#/title, tags: [$method, new]}}
              elsewhere: {operationId: readBook, server: {url: "https://example.com"}}
              unknown: {operationId: nothing}
    /books/{id}:
      get:
        operationId: readBook
        parameters:
          - {name: id, in: path, required: true, schema: {type: string}}
          - {name: full, in: query, schema: {type: boolean}}
        responses: {"200": {description: ok}}
    """
)


def asked(answer: Json = MISSING, **said: Any) -> Asked:
    """A call of addBook that was answered with *answer*."""
    fields = [("Content-Type", "application/json; charset=utf-8"), ("Location", "/books/7")]
    content = b"" if answer is MISSING else json.dumps(answer).encode()
    request = Request("POST", "/books", "x=1", (), b"")
    exchanged = Exchanged(request, Response(201, fields, content))
    return Asked(LINKED.operations["addBook"], Said(**said), exchanged)


class TestExpressions:
    @pytest.mark.parametrize(
        ("expression", "value"),
        [
            ("$method", "POST"),
            ("$statusCode", 201),
            ("$url", "/books?x=1"),
            ("$response.body", {"id": "7", "a/b": [1, 2]}),
            ("$response.body#/id", "7"),
            ("$response.body#/a~1b/1", 2),
            ("$response.header.location", "/books/7"),
            ("$request.body#/title", "Dune"),
            ("$request.query.x", 1),
            ("$request.path.id", "b"),
            ("$request.header.x-trace", "t"),
        ],
    )
    def test_what_was_said_and_answered(self, expression: str, value: Json):
        """OpenAPI 3.1.1, Runtime Expressions: the table's every kind."""
        parameters = {("query", "x"): 1, ("path", "id"): "b", ("header", "X-Trace"): "t"}
        call = asked({"id": "7", "a/b": [1, 2]}, parameters=parameters, body={"title": "Dune"})
        assert evaluated(expression, call) == value

    def test_embedded_in_text(self):
        """ "{$...}" inside a constant is replaced, constants stay."""
        assert evaluated("id {$response.body#/id} of {title}", asked({"id": 7})) == "id 7 of {title}"
        assert evaluated([1, None, {"a": "b"}], asked()) == [1, None, {"a": "b"}]

    @pytest.mark.parametrize(
        "expression",
        [
            "$response.body#/items/0/id",
            "$response.body#/items/-",
            "$request.query.none",
            "$respone.body",
            "$",
        ],
    )
    def test_what_is_not_there(self, expression: str):
        """An empty list has no first item: the link leads nowhere, and says why."""
        with pytest.raises(LeadsNowhere, match=r"\$"):
            evaluated(expression, asked({"items": []}))


class TestLinks:
    LINKS = {link.name: link for link in links_of(LINKED, LINKED.operations["addBook"], 201)}  # noqa: RUF012

    def test_which(self):
        """A link to another server, or to nothing, is not ours to follow."""
        assert list(self.LINKS) == ["read", "placed", "pointed", "sent"]

    @pytest.mark.parametrize(
        ("name", "parameters", "body"),
        [
            ("read", {("path", "id"): "bk_1"}, MISSING),
            ("placed", {("path", "id"): "bk_1", ("query", "full"): True}, MISSING),
            ("pointed", {("path", "id"): 7}, MISSING),
        ],
    )
    def test_what_the_next_request_says(self, name: str, parameters: Any, body: Json):
        """The link's values, by name or by place and name."""
        said = self.LINKS[name].said(asked({"id": "bk_1"}))
        assert (said.parameters, said.body) == (parameters, body)
        assert self.LINKS[name].target.id == "readBook"
