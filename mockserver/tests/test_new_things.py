"""
What a new thing is like, and a changed one, where the document says little of it.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from mockserver.tests.crud import NUMBER, TEXT, Asking, answer, asking, body, crud, in_path, listed, thing

STAMP = {"type": "integer", "description": "Seconds since the Unix epoch."}
ITEM = thing({"id": TEXT, "price": TEXT}, "id", "price")
ROW = thing(
    {
        "id": NUMBER,
        "name": TEXT,
        "tags": listed(TEXT),
        "metadata": {"type": "object", "additionalProperties": TEXT},
        "items": thing({"data": listed(ITEM), "has_more": {"type": "boolean"}}, "data", "has_more"),
        "likes": listed(TEXT),
        "num_likes": {**NUMBER, "readOnly": True},
        "created": {**STAMP, "readOnly": True},
        "updated": {"type": "integer", "format": "unix-time", "readOnly": True},
    },
    *("id", "name", "tags", "metadata", "num_likes", "created", "updated", "items"),
)
SENT = {
    "name": TEXT,
    "tags": listed(TEXT),
    "metadata": {"type": "object", "additionalProperties": TEXT},
    "items": listed(thing({"price": TEXT})),
}


@pytest.fixture
def api() -> Asking:
    return asking(crud(ROW, thing(SENT, "name")))


class TestBeginning:
    def test_has_nothing_in_it_that_was_not_sent(self, api: Asking):
        """A form that was sent without tags shows none: not three that nobody chose."""
        made = api.post("/things", {"name": "a"}).json()
        assert (made["tags"], made["metadata"], made["num_likes"]) == ([], {}, 0)

    def test_was_made_now_in_seconds(self, api: Asking):
        """Seconds since 1970 are a time like any other: a new thing is not a year old."""
        made = api.post("/things", {"name": "a"}).json()
        now = datetime.fromisoformat("2026-01-01T12:00:00+00:00").timestamp()
        assert now <= made["created"] == made["updated"] <= now + 60
        changed = api.patch(f"/things/{made['id']}", {"name": "b"}).json()
        assert changed["created"] == made["created"]
        assert changed["updated"] > made["updated"]

    def test_shows_a_page_of_what_was_sent_as_a_list(self, api: Asking):
        """`"items": [...]` comes back as `"items": {"data": [...]}`, with what was ordered in it."""
        made = api.post("/things", {"name": "a", "items": [{"price": "p1"}, {"price": "p2"}]}).json()
        assert [one["price"] for one in made["items"]["data"]] == ["p1", "p2"]


class TestListWithoutType:
    def test_is_a_list(self):
        """`items` without `type: array` are meant as a list; what is added to it is in it."""
        many = thing({"data": {"items": ITEM}})
        wrapped = thing({"data": ITEM})
        api = asking(
            {
                "/things/{id}/items": {
                    "parameters": [in_path("id")],
                    "get": {"responses": {"200": answer(many)}},
                    "post": {
                        "requestBody": body(thing({"data": thing({"price": TEXT})})),
                        "responses": {"201": answer(wrapped)},
                    },
                }
            }
        )
        made = api.post("/things/7/items", {"data": {"price": "5"}}).json()["data"]
        assert made["price"] == "5"
        assert api.get("/things/7/items").json()["data"][0] == made


class TestPut:
    @pytest.mark.parametrize(
        ("required", "described", "patch", "kept"),
        [
            ((), "", False, True),
            ((), "", True, False),
            (("name",), "", False, False),
            (("name",), "Only the fields provided will be updated.", False, True),
            (("name",), "Any unspecified fields will\nremain unchanged.", False, True),
            (("name",), "Updates other things.", False, False),
        ],
    )
    def test_what_is_left_out(self, required: tuple[str, ...], described: str, patch: bool, kept: bool):
        """Where PUT is the only way to change a name, and need not say more, the note is not lost with it."""
        sent = thing({"name": TEXT, "note": TEXT}, *required)
        paths = crud(thing({"id": NUMBER, "name": TEXT, "note": TEXT}, "id"), sent)
        one = paths["/things/{id}"]
        one["put"]["description"] = described
        if not patch:
            del one["patch"]
        api = asking(paths)
        key = api.post("/things", {"name": "a", "note": "b"}).json()["id"]
        assert api.put(f"/things/{key}", {"name": "c"}).json()["name"] == "c"
        shown = api.get(f"/things/{key}").json()
        assert shown.get("note") == ("b" if kept else None)


class TestMarks:
    def test_of_a_text_that_is_said_to_be_a_time(self):
        """`updated_at` without a format is a time where it is described as one, and moves with a change."""
        stamp = {"type": "string", "description": "When it was changed, in RFC 3339 format."}
        row = thing({"id": NUMBER, "name": TEXT, "updated_at": stamp}, "id", "name", "updated_at")
        api = asking(crud(row, thing({"name": TEXT}, "name")))
        made = api.post("/things", {"name": "a"}).json()
        changed = api.patch(f"/things/{made['id']}", {"name": "b"}).json()
        assert made["updated_at"].startswith("2026-01-01T12:00")
        assert changed["updated_at"] > made["updated_at"]

    @pytest.mark.parametrize(
        ("said", "last"), [("Incremented with each change.", 3), ("Of the format.", None)]
    )
    def test_a_version_counts_the_changes(self, said: str, last: int | None):
        """Who updates with the version that was read last is told the next one, whatever was sent for it."""
        version = {**NUMBER, "description": said}
        row = thing({"id": NUMBER, "name": TEXT, "version": version}, "id", "name", "version")
        api = asking(crud(row, thing({"name": TEXT, "version": version}, "name")))
        made = api.post("/things", {"name": "a", "version": 7}).json()
        one = f"/things/{made['id']}"
        api.patch(one, {"name": "b", "version": 1})
        shown = api.put(one, {"name": "c", "version": 2}).json()["version"]
        assert (made["version"], shown) == ((1, last) if last else (7, 2))


class TestWrapped:
    def test_by_a_name_of_two_words(self):
        """`{"idempotency_key": ..., "device_code": {...}}` makes a device code, that is found by its id."""
        code = thing({"id": TEXT, "name": TEXT})
        whole = thing({"device_code": code, "errors": listed(thing({"detail": TEXT}))})
        new = thing({"idempotency_key": TEXT, "device_code": thing({"name": TEXT})}, "device_code")
        api = asking(
            {
                "/codes": {"post": {"requestBody": body(new), "responses": {"200": answer(whole)}}},
                "/codes/{id}": {
                    "parameters": [in_path("id", TEXT)],
                    "get": {"responses": {"200": answer(whole)}},
                },
            }
        )
        made = api.post("/codes", {"idempotency_key": "k", "device_code": {"name": "a"}}).json()[
            "device_code"
        ]
        assert made["name"] == "a"
        assert api.get(f"/codes/{made['id']}").json()["device_code"] == made

    def test_a_key_that_no_request_has(self):
        """An id that is sent beside what may be sent is not taken for the key of the new thing."""
        api = asking(crud())
        made = api.post("/things", {"id": 900101, "name": "a"}).json()
        assert made["id"] != 900101
        assert api.get(f"/things/{made['id']}").json() == made
