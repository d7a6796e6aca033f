"""
Lists that clients can only read, in pages: `/me/posts`, `/albums/{id}/tracks`.
"""

from __future__ import annotations

from mockserver.tests.crud import (
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

PAGES = [in_query("limit", NUMBER), in_query("offset", NUMBER)]
OWNER = {"type": "object", "properties": {"name": {"type": ["string", "null"], "maxLength": 9}}}
POST = thing({"id": TEXT, "title": TEXT, "about": {"type": ["string", "null"]}, "by": OWNER}, "id", "title")
NAMED = {"type": "object", "properties": {"name": {"type": "string", "minLength": 10}}}
SUMMARY = thing({"id": TEXT, "title": TEXT, "about": TEXT, "by": NAMED}, "id", "title")
PAGE = thing(
    {"items": listed(SUMMARY), "total": NUMBER, "limit": NUMBER, "offset": NUMBER},
    *("items", "total", "limit", "offset"),
)


def posts() -> Asking:
    return asking(
        {
            "/posts/{id}": {
                "parameters": [in_path("id", TEXT)],
                "get": {"responses": {"200": answer(POST)}},
            },
            "/users/{userId}/posts": {
                "parameters": [in_path("userId", TEXT)],
                "get": {"responses": {"200": answer(listed(POST))}},
                "post": {"requestBody": body(thing({"title": TEXT})), "responses": {"201": answer(POST)}},
            },
            "/me/posts": {"get": {"parameters": PAGES, "responses": {"200": answer(PAGE)}}},
            "/tags/{id}/posts": {
                "parameters": [in_path("id", TEXT)],
                "get": {"parameters": PAGES, "responses": {"200": answer(PAGE)}},
            },
            "/reports": {"get": {"parameters": PAGES, "responses": {"200": answer(PAGE)}}},
        }
    )


class TestPages:
    def test_of_what_no_client_can_make(self):
        """A table that pages through reports gets others on the next page, and learns how many there are."""
        api = posts()
        pages = [api.get(f"/reports?limit=40&offset={at}").json() for at in (0, 40, 80)]
        assert [len(page["items"]) for page in pages] == [40, 40, 20]
        assert [page["offset"] for page in pages] == [0, 40, 80]
        assert len({one["id"] for page in pages for one in page["items"]}) == pages[0]["total"] == 100

    def test_below_a_thing(self):
        """The path names the tag, not the posts in its list: these have keys of their own."""
        shown = posts().get("/tags/red/posts?limit=5").json()["items"]
        assert len({one["id"] for one in shown}) == 5
        assert "red" not in {one["id"] for one in shown}


class TestRowsOfAnother:
    def test_what_is_listed_can_be_read(self):
        """Who opens a post from the list is shown that post, with what the summary left out."""
        api = posts()
        for path in ("/me/posts", "/tags/red/posts"):
            for one in api.get(f"{path}?limit=5").json()["items"]:
                assert one.items() >= {name: one[name] for name in ("id", "title")}.items()
                whole = api.get(f"/posts/{one['id']}").json()
                assert whole["title"] == one["title"]

    def test_what_is_made_is_listed(self):
        """A post that I made and that is not among mine would look lost."""
        api = posts()
        made = api.post("/users/ann/posts", {"title": "New"}).json()
        assert api.get("/me/posts?limit=1").json()["items"][0]["id"] == made["id"]

    def test_a_summary_that_allows_less(self):
        """A post without a text stands in its list without one; its page is not lost for that."""
        api = posts()
        pages = [api.get(f"/me/posts?limit=1&offset={at}").json() for at in range(40)]
        assert [page["limit"] for page in pages] == [1] * 40
        rows = [page["items"][0] for page in pages]
        assert any("about" not in row for row in rows)
        assert any("about" in row for row in rows)


class TestFilterWithChoices:
    def test_looks_for_no_text(self):
        """`filter` with "all" for a default asks for everything, not for what has "all" in it."""
        choice = in_query("filter", {"type": "string", "enum": ["all", "mine"], "default": "all"})
        api = asking(
            {"/notes": {"get": {"parameters": [choice, *PAGES], "responses": {"200": answer(listed(POST))}}}}
        )
        assert len(api.get("/notes?limit=5").json()) == 5


class TestSeveralHomes:
    def test_the_nearest_is_theirs(self):
        """What is made below a volume is read among the snapshots of volumes, not among all."""
        shot = thing({"id": TEXT, "name": TEXT}, "id", "name")
        one = {"get": {"responses": {"200": answer(shot)}}}
        api = asking(
            {
                "/snapshots/{id}": {"parameters": [in_path("id", TEXT)], **one},
                "/volumes/snapshots/{id}": {"parameters": [in_path("id", TEXT)], **one},
                "/volumes/{volume}/snapshots": {
                    "parameters": [in_path("volume", TEXT)],
                    "get": {"responses": {"200": answer(listed(shot))}},
                    "post": {"requestBody": body(thing({"name": TEXT})), "responses": {"201": answer(shot)}},
                },
            }
        )
        made = api.post("/volumes/v1/snapshots", {"name": "mine"}).json()
        assert api.get(f"/volumes/snapshots/{made['id']}").json() == made


class TestKeys:
    def test_that_only_the_server_writes(self):
        """A readOnly id in a request counts for nothing, also where only the request says so."""
        row = thing({"id": NUMBER, "name": TEXT}, "id", "name")
        new = thing({"id": {**NUMBER, "readOnly": True}, "name": TEXT}, "name")
        made = asking(crud(row, new)).post("/things", {"id": 900101, "name": "a"})
        assert made.json()["id"] != 900101


class TestNumbers:
    def test_of_which_each_thing_has_some(self):
        """The projects of a team, which say nothing of teams, are some of all that there are."""
        project = thing({"id": NUMBER, "name": TEXT}, "id", "name")
        shown = {"parameters": PAGES, "responses": {"200": answer(listed(project))}}
        api = asking(
            {
                "/projects": {"get": shown},
                "/projects/{id}": {
                    "parameters": [in_path("id")],
                    "get": {"responses": {"200": answer(project)}},
                },
                "/teams/{team}/projects": {"parameters": [in_path("team", TEXT)], "get": shown},
            }
        )
        for team in ("red", "blue", "3"):
            rows = api.get(f"/teams/{team}/projects?limit=4").json()
            assert [api.get(f"/projects/{one['id']}").json() for one in rows] == rows
            assert len(rows) == 4
