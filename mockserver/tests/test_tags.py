"""
An entity tag says which state was seen: who names an old one is refused, who has the current one is told so.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.tests.crud import (
    GONE,
    NUMBER,
    TEXT,
    Asking,
    answer,
    asking,
    body,
    crud,
    in_path,
    in_query,
    listed,
    thing,
)

NEW = thing({"name": TEXT}, "name")
ROW = thing({"id": NUMBER, "name": TEXT, "notesCount": NUMBER}, "id", "name")
NOTE = thing({"text": TEXT}, "text")


def tagged(schema: Any, **responses: Any) -> dict[str, Any]:
    """Return responses whose success has an ETag of *schema*."""
    field = {"headers": {"ETag": {"schema": schema}}}
    return {"200": {**answer(ROW), **field}, "404": GONE, **responses}


def things(schema: Any = TEXT, **refusals: Any) -> Asking:
    """Serve things with entity tags, whose changes have *refusals* too."""
    paths = crud(ROW, NEW)
    one = paths["/things/{id}"]
    one["get"]["responses"] = tagged(schema, **{"304": GONE})
    for method in ("put", "patch"):
        one[method]["responses"] = tagged(schema, **refusals)
    one["delete"]["responses"].update(refusals)
    paths["/things"]["post"]["responses"] = {"201": tagged(schema)["200"]}
    paths["/things/{id}/notes"] = {
        "parameters": [in_path("id")],
        "get": {"responses": {"200": answer(listed(NOTE))}},
        "post": {"requestBody": body(NOTE), "responses": {"201": answer(NOTE)}},
    }
    return asking(paths)


LATE = {"412": {"description": "It has changed."}}


def test_a_tag_is_of_a_state() -> None:
    """
    A cache that shows the old name after a change is worse than none.
    """
    api = things(**LATE)
    made = api.post("/things", {"name": "Ann"})
    where = f"/things/{made.json()['id']}"
    first = made.headers["etag"]
    assert api.get(where).headers["etag"] == first
    second = api.patch(where, {"name": "Bob"}).headers["etag"]
    assert second not in ("", first)
    assert api.get(where).headers["etag"] == second
    assert api.patch(where, {"name": "Ann"}).headers["etag"] == first
    assert api.post(f"{where}/notes", {"text": "x"}).status == 201
    assert api.get(where).headers["etag"] != first


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_of_an_old_state_is_refused(method: str) -> None:
    """
    The lost update is what If-Match is for.
    """
    api = things(**LATE)
    made = api.post("/things", {"name": "Ann"})
    where, old = f"/things/{made.json()['id']}", made.headers["etag"]
    sent = None if method == "DELETE" else {"name": "Cy"}
    new = api.patch(where, {"name": "Bob"}).headers["etag"]
    assert api(method, where, sent, headers={"if-match": old}).status == 412
    assert api.get(where).json()["name"] == "Bob"
    assert api(method, where, sent, headers={"if-match": f'"other", {new}'}).status in (200, 204)


def test_what_nobody_changed_has_a_tag_too() -> None:
    """
    A frontend starts with what the mock lists, not with what it has made.
    """
    api = things(**LATE)
    tag = api.get("/things/7").headers["etag"]
    assert api.patch("/things/7", {"name": "x"}, headers={"if-match": '"other"'}).status == 412
    assert api.patch("/things/7", {"name": "x"}, headers={"if-match": tag}).status == 200
    assert api.patch("/things/7", {"name": "y"}, headers={"if-match": tag}).status == 412
    assert api.patch("/things/7", {"name": "y"}, headers={"if-match": "*"}).status == 200
    assert api.patch("/things/7", {"name": "z"}).status == 200


def test_where_no_412_is_documented_nothing_is_refused() -> None:
    """
    An answer that the contract does not know helps nobody.
    """
    api = things()
    assert api.patch("/things/7", {"name": "x"}, headers={"if-match": '"other"'}).status == 200


def test_who_has_it_is_told_so() -> None:
    """
    304 is what a client's cache asks for.
    """
    api = things()
    made = api.post("/things", {"name": "Ann"})
    where, tag = f"/things/{made.json()['id']}", made.headers["etag"]
    same = api.get(where, headers={"if-none-match": f"W/{tag}"})
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", tag)
    assert api.get(where, headers={"if-none-match": '"other"'}).status == 200
    api.patch(where, {"name": "Bob"})
    assert api.get(where, headers={"if-none-match": tag}).status == 200


def test_a_precondition_that_is_wanted_is_asked_for() -> None:
    """
    428 (RFC 6585, 3) is documented to keep clients from overwriting blindly.
    """
    api = things(**LATE, **{"428": {"description": "Say which state."}})
    made = api.post("/things", {"name": "Ann"})
    where = f"/things/{made.json()['id']}"
    assert api.patch(where, {"name": "x"}).status == 428
    assert api.patch(where, {"name": "x"}, headers={"if-match": made.headers["etag"]}).status == 200


def test_put_where_nothing_may_be() -> None:
    """
    If-None-Match: * is how a client creates without overwriting (RFC 9110, 13.1.2).
    """
    api = things(**LATE)
    where = f"/things/{api.post('/things', {'name': 'Ann'}).json()['id']}"
    assert api.put(where, {"name": "Bob"}, headers={"if-none-match": "*"}).status == 412
    assert api.get(where).json()["name"] == "Ann"


@pytest.mark.parametrize("pattern", ['^W/"[0-9a-f]+"$', "^[0-9a-f]{16}$"])
def test_a_tag_is_written_as_documented(pattern: str) -> None:
    """
    Some APIs leave the quotes out, or say weak ones only; their clients compare what they were given.
    """
    api = things({"type": "string", "pattern": pattern}, **LATE)
    made = api.post("/things", {"name": "Ann"})
    where, tag = f"/things/{made.json()['id']}", made.headers["etag"]
    assert api.get(where, headers={"if-none-match": tag}).status == 304
    assert api.patch(where, {"name": "x"}, headers={"if-match": tag}).status == 200
    assert api.patch(where, {"name": "x"}, headers={"if-match": tag}).status == 412


def test_the_tag_of_a_list() -> None:
    """
    A list has another tag when anything in it has changed, and each of its pages has its own.
    """
    paths = crud(ROW, NEW, query=[in_query("page", NUMBER), in_query("per_page", NUMBER)])
    field = {"headers": {"ETag": {"schema": TEXT}}}
    paths["/things"]["get"]["responses"] = {"200": {**answer(listed(ROW)), **field}, "304": GONE}
    api = asking(paths)
    first = api.get("/things")
    tag = first.headers["etag"]
    assert api.get("/things").headers["etag"] == tag
    assert api.get("/things", headers={"if-none-match": tag}).status == 304
    assert api.get("/things?page=2").headers["etag"] != tag
    made = api.post("/things", {"name": "x"}).json()
    again = api.get("/things", headers={"if-none-match": tag})
    assert again.status == 200
    assert again.headers["etag"] != tag
    api.patch(f"/things/{made['id']}", {"name": "y"})
    assert api.get("/things").headers["etag"] not in (tag, again.headers["etag"])
