"""
A retry under one Idempotency-Key makes nothing twice: so clients are written, and so the mock has to be.
"""

from __future__ import annotations

from typing import Any

from mockserver.tests.crud import TEXT, Asking, asking, crud


def keeping(**responses: Any) -> Asking:
    """Serve things whose POST documents the header field."""
    paths = crud()
    post = paths["/things"]["post"]
    post["parameters"] = [{"name": "Idempotency-Key", "in": "header", "schema": TEXT}]
    post["responses"]["201"]["headers"] = {"Location": {"schema": TEXT}}
    post["responses"].update({status.removeprefix("on_"): said for status, said in responses.items()})
    return asking(paths)


def under(key: str) -> dict[str, str]:
    """Return the header field."""
    return {"idempotency-key": key}


def test_a_retry_is_told_what_was_made() -> None:
    """
    A payment that is made twice because an answer was lost is the bug that the field exists for.
    """
    api = keeping()
    first = api.post("/things", {"name": "Ann"}, headers=under("a"))
    again = api.post("/things", {"name": "Ann"}, headers=under("a"))
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["location"] == first.headers["location"]
    other = api.post("/things", {"name": "Ann"}, headers=under("b"))
    plain = [api.post("/things", {"name": "Ann"}).json()["id"] for _ in range(2)]
    assert len({first.json()["id"], other.json()["id"], *plain}) == 4


def test_a_key_with_other_content_is_refused_where_that_is_documented() -> None:
    """
    The draft has 422 for it; who documents none is told what was made.
    """
    api = keeping(on_422={"description": "Another content."}, on_409={"description": "Conflict."})
    api.post("/things", {"name": "Ann"}, headers=under("a"))
    assert api.post("/things", {"name": "Bob"}, headers=under("a")).status == 422
    lenient = keeping()
    first = lenient.post("/things", {"name": "Ann"}, headers=under("a"))
    assert lenient.post("/things", {"name": "Bob"}, headers=under("a")).json() == first.json()


def test_what_was_deleted_is_made_anew() -> None:
    """
    The key is forgotten with the thing.
    """
    api = keeping()
    first = api.post("/things", {"name": "Ann"}, headers=under("a")).json()
    assert api.patch(f"/things/{first['id']}", {"name": "Cy"}).status == 200
    assert api.post("/things", {"name": "Ann"}, headers=under("a")).json()["id"] == first["id"]
    api.delete(f"/things/{first['id']}")
    assert api.post("/things", {"name": "Ann"}, headers=under("a")).json()["id"] != first["id"]


def test_a_refused_request_keeps_no_key() -> None:
    """
    Who mends what was wrong sends it again under the same key.
    """
    api = keeping()
    assert api.post("/things", {"name": 5}, headers=under("a")).status in (400, 422)
    assert api.post("/things", {"name": "Ann"}, headers=under("a")).status == 201
