"""
What a path says that it does is done, where a thing has a property that shows it.
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

TIME = {"type": "string", "format": "date-time", "readOnly": True}
MAYBE = {"type": ["string", "null"], "format": "date-time", "readOnly": True}
FLAG = {"type": "boolean", "readOnly": True}
NEW = thing({"name": TEXT, "owner": TEXT}, "name")


def states(*names: str) -> dict[str, Any]:
    """Return a property that only the server sets."""
    return {"type": "string", "enum": list(names), "readOnly": True}


def acting(
    word: str,
    method: str = "post",
    success: dict[str, Any] | None = None,
    refusal: str = "",
    **properties: Any,
) -> Asking:
    """Serve things with *properties*, and an action on them that answers the thing, or *success*."""
    row = thing({"id": NUMBER, "name": TEXT, "owner": TEXT, "updatedAt": TIME, **properties}, "id", "name")
    paths = crud(row, NEW)
    operation = {"responses": {"200": answer(row), "404": GONE}} if success is None else dict(success)
    if refusal:
        operation["responses"]["409"] = {"description": refusal}
    where = f"/things/{{id}}/{word}" if word[:1] != ":" else f"/things/{{id}}{word}"
    paths[where] = {"parameters": [in_path("id")], method: operation}
    return asking(paths)


def made(api: Asking) -> dict[str, Any]:
    """Return a thing that a client made."""
    answered: dict[str, Any] = api.post("/things", {"name": "Ann"}).json()
    return answered


@pytest.mark.parametrize(
    ("word", "properties", "becomes"),
    [
        ("cancel", {"status": states("open", "cancelled")}, {"status": "cancelled"}),
        ("cancel", {"status": states("NEW", "CANCELED")}, {"status": "CANCELED"}),
        ("pay", {"state": states("due", "paid")}, {"state": "paid"}),
        (":publish", {"stage": states("draft", "published")}, {"stage": "published"}),
        ("archive", {"archived": FLAG}, {"archived": True}),
        ("activate", {"isActive": FLAG}, {"isActive": True}),
        ("deactivate", {"status": states("active", "inactive")}, {"status": "inactive"}),
        ("mark-as-read", {"read": FLAG}, {"read": True}),
        ("complete", {"status": states("open", "done")}, {"status": "done"}),
        ("resume", {"status": states("running", "paused")}, {"status": "running"}),
    ],
)
def test_the_word_of_the_path_shows(word: str, properties: dict[str, Any], becomes: dict[str, Any]) -> None:
    """
    Who cancels an order looks whether it is cancelled.
    """
    api = acting(word, **properties)
    one, other = made(api), made(api)
    path = f"/things/{one['id']}"
    told = api.post(f"{path}{word}" if word[:1] == ":" else f"{path}/{word}").json()
    assert {name: told[name] for name in becomes} == becomes
    assert (told["id"], told["name"]) == (one["id"], "Ann")
    assert api.get(path).json() == told
    assert api.get(f"/things/{other['id']}").json() == other


def test_the_time_is_told_and_taken_back() -> None:
    """
    What says when something was done is as much of the state as that it was.
    """
    row = thing({"id": NUMBER, "name": TEXT, "lockedAt": MAYBE, "locked": FLAG}, "id", "name")
    paths = crud(row, NEW)
    for word in ("lock", "unlock"):
        paths[f"/things/{{id}}/{word}"] = {
            "parameters": [in_path("id")],
            "post": {"responses": {"200": answer(row)}},
        }
    api = asking(paths)
    one = made(api)
    locked = api.post(f"/things/{one['id']}/lock").json()
    assert locked["locked"] is True
    assert locked["lockedAt"]
    unlocked = api.post(f"/things/{one['id']}/unlock").json()
    assert (unlocked["locked"], unlocked["lockedAt"]) == (False, None)


def test_deleting_what_was_put_takes_it_back() -> None:
    """
    PUT and DELETE of /lock are one switch.
    """
    row = thing({"id": NUMBER, "name": TEXT, "locked": FLAG}, "id", "name")
    paths = crud(row, NEW)
    nothing = {"responses": {"204": GONE}}
    paths["/things/{id}/lock"] = {"parameters": [in_path("id")], "put": nothing, "delete": nothing}
    api = asking(paths)
    one = made(api)
    assert api("PUT", f"/things/{one['id']}/lock").status == 204
    assert api.get(f"/things/{one['id']}").json()["locked"] is True
    assert api("DELETE", f"/things/{one['id']}/lock").status == 204
    assert api.get(f"/things/{one['id']}").json()["locked"] is False


def test_words_come_before_the_path() -> None:
    """
    What a document says of its own action is better than what its path is called.
    """
    success = {
        "description": "Sets the status to `on_hold`.",
        "responses": {"200": {"description": "Done."}},
    }
    api = acting("close", success=success, status=states("open", "closed", "on_hold"))
    one = made(api)
    assert api.post(f"/things/{one['id']}/close").status == 200
    assert api.get(f"/things/{one['id']}").json()["status"] == "on_hold"


def test_what_is_sent_along_is_kept() -> None:
    """
    POST /assign with an owner answers the thing with that owner, and so does the next GET.
    """
    row = thing({"id": NUMBER, "name": TEXT, "owner": TEXT}, "id", "name")
    success = {"requestBody": body(thing({"owner": TEXT}, "owner")), "responses": {"200": answer(row)}}
    api = acting("assign", success=success)
    one = made(api)
    told = api.post(f"/things/{one['id']}/assign", {"owner": "Bob"}).json()
    assert (told["owner"], told["name"]) == ("Bob", "Ann")
    assert api.get(f"/things/{one['id']}").json()["owner"] == "Bob"


def test_what_is_made_below_changes_nothing() -> None:
    """
    POST /things/{id}/notes with a name is no change of the thing's own name.
    """
    note = thing({"id": NUMBER, "name": TEXT, "text": TEXT}, "id")
    success = {
        "requestBody": body(thing({"name": TEXT, "text": TEXT}, "text")),
        "responses": {"201": answer(note)},
    }
    api = acting("notes", success=success, status=states("open", "noted"))
    one = made(api)
    assert api.post(f"/things/{one['id']}/notes", {"name": "Bob", "text": "hi"}).status == 201
    assert api.get(f"/things/{one['id']}").json() == one


def test_a_word_that_leads_nowhere_answers_the_thing_as_it_is() -> None:
    """
    An answer under the id of a thing that is somebody else's is a lie.
    """
    api = acting("recalculate", status=states("open", "closed"))
    one = made(api)
    assert api.post(f"/things/{one['id']}/recalculate").json() == one
    far = api.post("/things/987654/recalculate").json()
    assert far == api.get("/things/987654").json()


def test_what_was_done_already_is_a_conflict() -> None:
    """
    A 409 is documented for that; without it the second time is as good as the first.
    """
    api = acting("cancel", refusal="Not possible.", status=states("open", "cancelled"))
    one = made(api)
    where = f"/things/{one['id']}/cancel"
    assert [api.post(where).status for _ in range(2)] == [200, 409]
    assert [api.post("/things/55/cancel").status for _ in range(2)] == [200, 409]
    lenient = acting("cancel", status=states("open", "cancelled"))
    where = f"/things/{made(lenient)['id']}/cancel"
    assert [lenient.post(where).status for _ in range(2)] == [200, 200]
    idempotent = acting(
        "cancel", refusal="Other trouble; doing it again is idempotent.", status=states("cancelled")
    )
    where = f"/things/{made(idempotent)['id']}/cancel"
    assert [idempotent.post(where).status for _ in range(2)] == [200, 200]


def test_a_state_closes_what_its_409_names() -> None:
    """
    "The thing is archived already" is when a change of it is refused, by whatever way it got there.
    """
    row = thing({"id": NUMBER, "name": TEXT, "status": states("open", "archived")}, "id", "name")
    paths = crud(row, NEW)
    paths["/things/{id}"]["patch"]["responses"]["409"] = {"description": "The thing is archived."}
    paths["/things/{id}"]["delete"]["responses"]["409"] = {"description": "The thing is open."}
    paths["/things/{id}/notes"] = {
        "parameters": [in_path("id")],
        "get": {"responses": {"200": answer(listed(NEW))}},
        "post": {
            "requestBody": body(NEW),
            "responses": {"201": answer(NEW), "409": {"description": "It is archived."}},
        },
    }
    paths["/things/{id}/archive"] = {"parameters": [in_path("id")], "post": {"responses": {"204": GONE}}}
    api = asking(paths)
    where = f"/things/{made(api)['id']}"
    note = {"name": "x"}
    assert api.patch(where, {"name": "Bob"}).status == 200
    assert api.post(f"{where}/notes", note).status == 201
    assert api.delete(where).status == 409
    assert api.post(f"{where}/archive").status == 204
    assert api.patch(where, {"name": "Cy"}).status == 409
    assert api.post(f"{where}/notes", note).status == 409
    assert api.get(where).json()["name"] == "Bob"
    assert api.delete(where).status == 204
    assert api.post(f"{where}/archive").status == 404


def test_what_sort_of_thing_it_is_closes_nothing() -> None:
    """
    "The note is on the folder already" is about the note: a folder is a folder all its life.
    """
    row = thing({"id": NUMBER, "name": TEXT, "type": {"enum": ["folder", "file"]}}, "id", "name", "type")
    paths = crud(row, NEW)
    already = {"description": "It has already been applied to this folder."}
    paths["/things/{id}/notes"] = {
        "parameters": [in_path("id")],
        "get": {"responses": {"200": answer(listed(NEW))}},
        "post": {"requestBody": body(NEW), "responses": {"201": answer(NEW), "409": already}},
    }
    api = asking(paths)
    one = made(api)
    assert one["type"] == "folder"
    assert api.post(f"/things/{one['id']}/notes", {"name": "x"}).status == 201


def test_beside_verbs() -> None:
    """
    `/camp/pause.json` is told in its body which one it pauses.
    """
    row = thing({"id": NUMBER, "name": TEXT, "status": states("running", "paused")}, "id")
    one = body(thing({"id": NUMBER}, "id"))
    api = asking(
        {
            "/camp/list.json": {"get": {"responses": {"200": answer(listed(row))}}},
            "/camp/get.json": {
                "get": {
                    "parameters": [in_query("id", NUMBER, required=True)],
                    "responses": {"200": answer(row)},
                }
            },
            "/camp/add.json": {"post": {"requestBody": body(NEW), "responses": {"200": answer(row)}}},
            "/camp/pause.json": {"post": {"requestBody": one, "responses": {"200": answer(row)}}},
        }
    )
    made = api.post("/camp/add.json", {"name": "Ann"}).json()
    assert made["status"] == "running"
    assert api.post("/camp/pause.json", {"id": made["id"]}).json()["status"] == "paused"
    assert api.get(f"/camp/get.json?id={made['id']}").json()["status"] == "paused"
