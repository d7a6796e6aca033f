"""
Requests that only say which things they mean, as those for playlists, favourites and members do.
"""

from __future__ import annotations

import pytest

from mockserver.behavior.pointing import pointings
from mockserver.contract.shapes import Shape
from mockserver.tests.crud import (
    GONE,
    NUMBER,
    TEXT,
    Asking,
    Json,
    answer,
    asking,
    body,
    in_path,
    in_query,
    listed,
    thing,
)

TRACK = thing({"id": TEXT, "uri": TEXT, "name": TEXT}, "id", "uri", "name")
ENTRY = thing({"addedBy": thing({"id": TEXT, "uri": TEXT}), "track": TRACK}, "track")
PAGES = [in_query("limit", NUMBER), in_query("offset", NUMBER)]
IDS = [in_query("ids", TEXT, required=True)]
DONE = {"200": answer(thing({"version": TEXT}))}


def music() -> Asking:
    sent = body(thing({"uris": listed(TEXT), "position": NUMBER}))
    taken = body(thing({"tracks": listed(thing({"uri": TEXT})), "version": TEXT}, "tracks"))
    return asking(
        {
            "/tracks/{id}": {
                "parameters": [in_path("id", TEXT)],
                "get": {"responses": {"200": answer(TRACK), "404": GONE}},
            },
            "/lists/{id}/tracks": {
                "parameters": [in_path("id", TEXT)],
                "get": {"parameters": PAGES, "responses": {"200": answer(listed(ENTRY))}},
                "post": {"requestBody": sent, "responses": DONE},
                "put": {"requestBody": sent, "responses": DONE},
                "delete": {"requestBody": taken, "responses": DONE},
            },
            "/me/tracks": {
                "get": {"parameters": PAGES, "responses": {"200": answer(listed(ENTRY))}},
                "put": {"parameters": IDS, "responses": {"204": GONE}},
                "delete": {"parameters": IDS, "responses": {"204": GONE}},
            },
        }
    )


def uris(api: Asking) -> list[str]:
    return [one["track"]["uri"] for one in api.get("/lists/mine/tracks?limit=1000").json()]


class TestPlaylist:
    def test_what_is_added_stands_in_it(self):
        """Two tracks that were added are two entries of these tracks, and not one of another."""
        api = music()
        before = uris(api)
        api.post("/lists/mine/tracks", {"uris": ["x:track:1", "x:track:2"]})
        assert sorted(uris(api)) == sorted([*before, "x:track:1", "x:track:2"])

    def test_it_is_the_track_that_can_be_read(self):
        """The title in a playlist is the title of the track; its address ends in its key."""
        api = music()
        api.put("/lists/mine/tracks", {"uris": ["x:track:17"]})
        (entry,) = api.get("/lists/mine/tracks").json()
        assert entry["track"] == {**api.get("/tracks/17").json(), "uri": "x:track:17"}

    def test_what_is_put_is_all_that_there_is(self):
        """A list that is replaced by none is empty."""
        api = music()
        api.put("/lists/mine/tracks", {"uris": ["x:track:1", "x:track:2"]})
        assert uris(api) == ["x:track:1", "x:track:2"]
        api.put("/lists/mine/tracks", {"uris": []})
        assert uris(api) == []

    def test_what_is_taken_out_is_gone(self):
        """Those that are named, be they added or found there; the others stay."""
        api = music()
        api.post("/lists/mine/tracks", {"uris": ["x:track:1", "x:track:2"]})
        found = uris(api)[-1]
        rest = [one for one in uris(api) if one not in ("x:track:1", found)]
        api("DELETE", "/lists/mine/tracks", {"tracks": [{"uri": "x:track:1"}, {"uri": found}]})
        assert uris(api) == rest


class TestFavourites:
    def test_are_there_once(self):
        """A heart that is clicked twice is one heart; taken away it is none."""
        api = music()
        for _ in range(2):
            api.put("/me/tracks?ids=a1,b2")
        shown = [one["track"]["id"] for one in api.get("/me/tracks?limit=1000").json()]
        assert sorted(shown[:2]) == ["a1", "b2"]
        assert len(shown) == len(set(shown))
        api("DELETE", "/me/tracks?ids=a1")
        assert next(one["track"]["id"] for one in api.get("/me/tracks").json()) == "b2"


class TestWhich:
    @pytest.mark.parametrize(
        ("path", "name", "row", "where"),
        [
            ("/lists/{id}/tracks", "uris", ENTRY, ("track", "uri")),
            ("/lists/{id}/tracks", "trackIds", ENTRY, ("track", "id")),
            ("/teams/{id}/members", "member_ids", thing({"id": TEXT, "name": TEXT}), ("id",)),
            ("/teams/{id}/members", "user_ids", thing({"user_id": TEXT}), ("user_id",)),
            ("/teams/{id}/members", "user_ids", thing({"user": thing({"id": TEXT})}), ("user", "id")),
            ("/teams/{id}/members", "colors", thing({"user": thing({"id": TEXT})}), None),
            ("/teams/{id}/members", "ids", thing({"a": thing({"id": TEXT}), "b": thing({"id": TEXT})}), None),
            ("/teams/{id}/members", "names", thing({"id": TEXT, "names": listed(TEXT)}), None),
        ],
    )
    def test_says_the_name(self, path: str, name: str, row: Json, where: tuple[str, ...] | None):
        """What is called after nothing in a row, or is a property of its own, points at nothing."""
        api = asking({path: {"post": {"requestBody": body(thing({name: listed(TEXT)})), "responses": DONE}}})
        (operation,) = api.host.apis[0].contract.operations.values()
        found = pointings(operation, path, Shape(row))
        assert [one.path for one in found] == ([] if where is None else [where])


class TestDescribed:
    def test_things_with_properties_of_their_own(self):
        """`{"posts": [{"url": ..., "fee": 5}]}` describes posts: their fees would be lost."""
        post = thing({"id": NUMBER, "url": TEXT, "fee": NUMBER}, "id", "url")
        new = body(thing({"posts": listed(thing({"url": TEXT, "fee": NUMBER}))}, "posts"))
        shown = {"200": answer(listed(post))}
        api = asking(
            {"/posts": {"get": {"responses": shown}, "post": {"requestBody": new, "responses": shown}}}
        )
        (made,) = api.post("/posts", {"posts": [{"url": "a", "fee": 5}]}).json()
        assert (made["url"], made["fee"]) == ("a", 5)
