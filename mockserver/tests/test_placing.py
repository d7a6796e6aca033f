"""
A thing that is only made up is the one that was asked for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mockserver.contract.locate import Located
from mockserver.contract.shapes import Shape
from mockserver.exchange import Request
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.placing import placed

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id", "shelf_id", "kind"],
                "properties": {
                    "id": {"type": "integer"},
                    "shelf_id": {"type": "string"},
                    "kind": {"type": "string", "example": "lamp"},
                },
            },
            "Few": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "integer", "maximum": 5}},
            },
        }
    },
}
THING: Any = {"$ref": "#/components/schemas/Thing"}
ENVELOPE: Any = {"type": "object", "required": ["data"], "properties": {"data": THING}}
ONE: Any = {"a": 1}
LIST: Any = {"type": "array", "minItems": 2, "items": THING}


@pytest.mark.parametrize(
    ("schema", "path", "told"),
    [
        (THING, "/shelves/a7/things/12", {"id": 12, "shelf_id": "a7", "kind": "lamp"}),
        (ENVELOPE, "/shelves/a7/things/12", {"data": {"id": 12, "shelf_id": "a7", "kind": "lamp"}}),
        ({"$ref": "#/components/schemas/Few"}, "/shelves/a/things/4", {"id": 4}),
        (
            {"type": "object", "required": ["a"], "properties": {"a": {"const": 1}}},
            "/shelves/a/things/4",
            {"a": 1},
        ),
    ],
    ids=["a thing", "in an envelope", "within its bounds", "of another kind"],
)
def test_a_thing_has_the_keys_of_its_path(tmp_path: Path, schema: Any, path: str, told: Any) -> None:
    """Asked for /shelves/a7/things/12, nobody wants to read of thing 3923 on shelf 4; examples stay."""
    assert asked(tmp_path, "/shelves/{shelfId}/things/{thingId}", schema, path) == told


def test_things_of_a_list_are_of_their_parent(tmp_path: Path) -> None:
    """Each is of the shelf whose list it is, and has an id of its own."""
    things = asked(tmp_path, "/shelves/{shelfId}/things", LIST, "/shelves/a7/things")
    assert {one["shelf_id"] for one in things} == {"a7"}
    assert len({one["id"] for one in things}) == len(things)


def test_a_key_that_the_schema_does_not_take(tmp_path: Path) -> None:
    """What would be invalid is not told."""
    few: Any = {"$ref": "#/components/schemas/Few"}
    assert asked(tmp_path, "/shelves/{shelfId}/things/{thingId}", few, "/shelves/a/things/40")["id"] <= 5


@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "in an envelope"])
def test_what_was_sent_is_told_again(tmp_path: Path, wrapped: bool) -> None:
    """Who books for the 7th is not told of another day; what only the answer has is made up."""
    day: Any = {"type": "string", "format": "date"}
    ticket: Any = {
        "type": "object",
        "required": ["id", "day", "seats", "kind", "note"],
        "properties": {
            "id": {"type": "integer"},
            "day": day,
            "seats": {"type": "integer", "maximum": 9},
            "kind": {"type": "string", "example": "general"},
            "note": {"type": "integer"},
        },
    }
    body = {"day": "2031-09-07", "seats": 3, "kind": "student", "note": "text"}
    envelope: Any = {"type": "object", "required": ["data"], "properties": {"data": ticket}}
    made = asked(tmp_path, "/tickets", envelope if wrapped else ticket, "/tickets", body)
    made = made["data"] if wrapped else made
    assert (made["day"], made["seats"], made["kind"]) == ("2031-09-07", 3, "general")
    assert isinstance(made["note"], int)


def asked(folder: Path, template: str, schema: Any, path: str, body: Any = None) -> Any:
    """Ask a server that remembers nothing for *path*, whose answer has *schema*."""
    kinds = {"shelfId": "string", "thingId": "integer"}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": kind}}
        for name, kind in kinds.items()
        if f"{{{name}}}" in template
    ]
    answer = {"description": "ok", "content": {"application/json": {"schema": schema}}}
    method = "get" if body is None else "post"
    item: Any = {method: {"parameters": parameters, "responses": {"200": answer}}}
    if body is not None:
        item["post"]["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
    file = folder / "t.json"
    file.write_text(json.dumps({**DOCUMENT, "paths": {template: item}}))
    host = build_host([Located("t", file)], journal=Journal(1), stateless=True)
    fields = (("content-type", "application/json"),) if body is not None else ()
    sent = json.dumps(body).encode() if body is not None else b""
    response = host.handle(Request(method.upper(), path, "", fields, sent))
    assert response.status == 200, response.body
    return json.loads(response.body)


class TestForms:
    """An answer that takes one of several forms."""

    ANIMAL: ClassVar[Any] = {
        "oneOf": [
            {"properties": {"kind": {"const": kind}, "name": {"type": "string"}, own: {"type": "integer"}}}
            | {"type": "object", "required": ["kind", own], "additionalProperties": False}
            for kind, own in (("cow", "milk"), ("horse", "speed"), ("pig", "weight"))
        ]
    }

    @pytest.mark.parametrize("sent", [{"kind": "cow", "milk": 5}, {"kind": "pig", "name": "x", "weight": 1}])
    def test_is_the_one_that_was_sent(self, tmp_path: Path, sent: Any) -> None:
        """Whoever feeds a cow is told of a cow."""
        told = asked(tmp_path, "/feed", self.ANIMAL, "/feed", sent)
        assert told == {**told, **sent}


class TestListBelow:
    def test_has_keys_of_its_own(self) -> None:
        """The artists like artist 7 are not all artist 7, whatever the parameter of the path is called."""
        item = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
        many = {"type": "array", "items": item, "minItems": 3}
        told = placed([{"id": "a"}, {"id": "b"}], {"id": "7"}, Shape(many), lambda _: True)
        assert told == [{"id": "a"}, {"id": "b"}]
