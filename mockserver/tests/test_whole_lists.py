"""
A list at one path, whose items have none: it is read, set, added to and taken from there.
"""

from __future__ import annotations

from mockserver.tests.crud import NUMBER, TEXT, Asking, Json, answer, asking, body, in_query, listed, thing

TRACK = thing({"added_at": {"type": "string", "format": "date-time"}, "title": TEXT})
PAGE = thing({"items": listed(TRACK), "total": NUMBER, "limit": NUMBER}, "items", "total")
RECEIPT = thing({"snapshot": TEXT}, "snapshot")
PAGES = [in_query("limit", NUMBER), in_query("offset", NUMBER)]


def checks() -> Asking:
    """Serve names that are set, added and taken away as a whole."""
    names, sent = {"200": answer(listed(TEXT))}, body(listed(TEXT))
    return asking(
        {
            "/main/checks": {
                "get": {"responses": names},
                "put": {"requestBody": sent, "responses": names},
                "post": {"requestBody": sent, "responses": names},
                "delete": {"requestBody": sent, "responses": names},
            }
        }
    )


def tracks(setting: Json = None, **more: Json) -> Asking:
    """Serve a list with pages that is added to by what is no track; the answer is a receipt."""
    new = body(setting or thing({"uris": listed(TEXT)}))
    receipt = {"200": answer(RECEIPT)}
    return asking(
        {
            "/mix/tracks": {
                "get": {"parameters": PAGES, "responses": {"200": answer(PAGE)}},
                "put": {"requestBody": new, "responses": receipt},
                **({"post": {"requestBody": new, "responses": receipt}} if not more else {}),
            }
        }
    )


class TestValues:
    def test_set_added_and_taken(self):
        """What was put is the list, in its order; what is added comes first; what is named is taken away."""
        api = checks()
        assert api.put("/main/checks", ["a", "b"]).json() == ["a", "b"]
        api.post("/main/checks", ["c"])
        assert api.get("/main/checks").json() == ["c", "a", "b"]
        assert api.delete("/main/checks", sent=["a"]).json() == ["c", "b"]
        assert api.get("/main/checks").json() == ["c", "b"]

    def test_set_to_nothing(self):
        """An empty list is a list: nothing is made up in its place."""
        api = checks()
        assert api.get("/main/checks").json()
        api.put("/main/checks", [])
        assert api.get("/main/checks").json() == []


class TestPages:
    def test_are_pages_of_one_list(self):
        """A path that is set and has pages is a list, and no single thing that happens to hold one."""
        page = tracks(put=True).get("/mix/tracks?limit=2&offset=1").json()
        assert (len(page["items"]), page["limit"]) == (2, 2)
        assert all(one["title"] for one in page["items"])

    def test_a_receipt_is_no_row(self):
        """What POST answers with has nothing of a track, so a track is what the list shows."""
        api = tracks()
        before = api.get("/mix/tracks?limit=1").json()["total"]
        assert api.post("/mix/tracks", {"uris": ["a"]}).json().keys() == {"snapshot"}
        assert api.get("/mix/tracks?limit=1").json()["total"] == before + 1

    def test_sent_as_it_is_shown(self):
        """Who sends `items` and is shown `items` sets a single thing that has them."""
        api = tracks(thing({"items": listed(TRACK), "total": NUMBER, "limit": NUMBER}, "items"))
        api.put("/mix/tracks", {"items": [{"title": "x"}], "total": 1, "limit": 5})
        assert api.get("/mix/tracks").json()["items"] == [{"title": "x"}]
