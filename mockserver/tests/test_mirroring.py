"""
A list that a thing shows, and that a single thing below it sets: the two are one.
"""

from __future__ import annotations

import pytest

from mockserver.tests.crud import GONE, NUMBER, TEXT, Asking, Json, answer, asking, body, crud, listed, thing

REPO = thing({"id": NUMBER, "name": TEXT, "topics": listed(TEXT)}, "id", "name")
TOPICS = thing({"names": listed(TEXT)}, "names")


def repos(topics: Json = TOPICS) -> Asking:
    paths = crud(REPO)
    paths["/things/{id}/topics"] = {
        "parameters": paths["/things/{id}"]["parameters"],
        "get": {"responses": {"200": answer(topics), "404": GONE}},
        "put": {"requestBody": body(topics), "responses": {"200": answer(topics)}},
    }
    return asking(paths)


class TestOneList:
    def test_what_is_put_below_is_shown_above(self):
        """Topics that were put under `names` are the `topics` of the repository, and nothing else changes."""
        api = repos()
        before = api.get("/things/3").json()
        api.put("/things/3/topics", {"names": ["a", "b"]})
        assert api.get("/things/3").json() == {**before, "topics": ["a", "b"]}
        assert api.get("/things/3/topics").json() == {"names": ["a", "b"]}

    def test_what_is_changed_above_is_shown_below(self):
        """A repository that is given topics gives them to the path below it."""
        api = repos()
        made = api.post("/things", {"name": "n", "topics": ["x"]}).json()
        assert api.get(f"/things/{made['id']}/topics").json() == {"names": ["x"]}

    @pytest.mark.parametrize(
        "topics",
        [
            thing({"names": listed(TEXT), "more": listed(TEXT)}, "names"),
            thing({"names": listed(NUMBER)}, "names"),
        ],
        ids=["two lists", "another kind"],
    )
    def test_what_may_be_another_list_is_one(self, topics: Json):
        """Where it is not plain which list is meant, or numbers stand for texts, each is its own."""
        api = repos(topics)
        before = api.get("/things/3").json()
        sent = {
            name: [1] if topics["properties"][name] == listed(NUMBER) else ["a"]
            for name in topics["required"]
        }
        assert api.put("/things/3/topics", sent).status == 200
        assert api.get("/things/3").json() == before
