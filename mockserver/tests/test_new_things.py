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
