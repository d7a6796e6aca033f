"""
What follows from what clients do is seen, too: counts, totals, and the time at which a state was reached.
"""

from __future__ import annotations

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
    listed,
    thing,
)


class TestCounts:
    @pytest.fixture
    def api(self) -> Asking:
        """Shelves that say how many books they have."""
        shelf = thing(
            {"id": NUMBER, "name": TEXT, "books_count": NUMBER, "count": NUMBER}, "id", "books_count"
        )
        book = thing({"id": NUMBER, "name": TEXT}, "id", "name")
        paths = crud(shelf, thing({"name": TEXT}, "name"), path="/shelves", parameter="shelf")
        below = crud(book, thing({"name": TEXT}, "name"), path="/shelves/{shelf}/books")
        for path in below.values():
            path["parameters"] = [in_path("shelf"), *path.get("parameters", ())]
        return asking({**paths, **below})

    def test_what_was_put_there_is_counted(self, api: Asking):
        """A shelf that goes on saying 0 looks as if the book was lost."""
        made = api.post("/shelves", {"name": "Top"}).json()
        books = [api.post(f"/shelves/{made['id']}/books", {"name": name}).json() for name in "AB"]
        assert made["books_count"] == 0
        assert api.get(f"/shelves/{made['id']}").json()["books_count"] == 2
        (listed_too,) = (one for one in api.get("/shelves").json() if one["id"] == made["id"])
        assert listed_too["books_count"] == 2
        assert api.delete(f"/shelves/{made['id']}/books/{books[0]['id']}").status == 204
        assert api.get(f"/shelves/{made['id']}").json()["books_count"] == 1

    def test_a_number_called_as_the_list_is(self):
        """`comments: 868` on an issue that was just opened is what whoever opened it sees first."""
        issue = thing({"id": NUMBER, "name": TEXT, "comments": NUMBER}, "id", "comments")
        comment = thing({"id": NUMBER, "name": TEXT}, "id")
        paths = crud(issue, thing({"name": TEXT}, "name"), path="/issues")
        paths["/issues/{id}/comments"] = {
            "parameters": [in_path("id")],
            "get": {"responses": {"200": answer(listed(comment))}},
            "post": {
                "requestBody": body(thing({"name": TEXT}, "name")),
                "responses": {"201": answer(comment)},
            },
        }
        paths["/comments/{comment_id}"] = {
            "parameters": [in_path("comment_id")],
            "get": {"responses": {"200": answer(comment)}},
            "delete": {"responses": {"204": GONE}},
        }
        api = asking(paths)
        made = api.post("/issues", {"name": "Bug"}).json()
        assert made["comments"] == 0
        comments = [api.post(f"/issues/{made['id']}/comments", {"name": name}).json()["id"] for name in "AB"]
        assert api.get(f"/issues/{made['id']}").json()["comments"] == 2
        assert api.delete(f"/comments/{comments[0]}").status == 204
        assert api.get(f"/issues/{made['id']}").json()["comments"] == 1

    def test_of_what_nobody_made(self, api: Asking):
        """Its number was made up; one more is one more."""
        before = api.get("/shelves/7").json()
        api.post("/shelves/7/books", {"name": "A"})
        after = api.get("/shelves/7").json()
        assert after == {**before, "books_count": before["books_count"] + 1}


LINE = thing({"sku": TEXT, "quantity": NUMBER, "price": {"type": "number"}}, "sku", "quantity", "price")
PRICED = thing({**LINE["properties"], "subtotal": {"type": "number", "readOnly": True}}, "sku", "subtotal")


@pytest.mark.parametrize(("kind", "costs"), [("number", 7.5), ("integer", 7)])
def test_a_total_is_what_the_lines_cost(kind: str, costs: float) -> None:
    """
    A cart whose total stays 0 is the first thing that whoever builds a checkout sees.
    """
    total = {"type": kind, "readOnly": True}
    row = thing({"id": NUMBER, "name": TEXT, "lines": listed(PRICED), "total": total}, "id", "total")
    api = asking(crud(row, thing({"name": TEXT, "lines": listed(LINE)}, "name")))
    line = {"sku": "a", "quantity": 3, "price": costs / 3}
    made = api.post("/things", {"name": "Ann", "lines": [line]}).json()
    assert made["total"] == pytest.approx(costs)
    assert made["lines"][0]["subtotal"] == pytest.approx(costs)
    changed = api.patch(f"/things/{made['id']}", {"lines": [line, {**line, "quantity": 6}]}).json()
    assert changed["total"] == pytest.approx(3 * costs)
    assert api.get(f"/things/{made['id']}").json() == changed
    assert api.post("/things", {"name": "Bob"}).json()["total"] == 0


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_change_of_state_is_dated(method: str) -> None:
    """
    An issue that is closed and has no closed_at is drawn as open by whoever looks at the time.
    """
    moment = {"type": ["string", "null"], "format": "date-time"}
    row = thing(
        {
            "id": NUMBER,
            "name": TEXT,
            "state": {"enum": ["open", "closed"]},
            "archived": {"type": "boolean"},
            **{name: {**moment, "readOnly": True} for name in ("closed_at", "archivedAt")},
        },
        "id",
        "state",
    )
    properties = row["properties"]
    new = thing({name: properties[name] for name in ("name", "state", "archived")}, "name")
    api = asking(crud(row, new))
    made = api.post("/things", {"name": "A", "state": "open", "archived": False}).json()
    where = f"/things/{made['id']}"
    assert (made["closed_at"], made["archivedAt"]) == (None, None)
    closed = api(method, where, {"name": "A", "state": "closed", "archived": True}).json()
    assert closed["closed_at"]
    assert closed["archivedAt"]
    assert api.get(where).json() == closed
    opened = api(method, where, {"name": "A", "state": "open", "archived": False}).json()
    assert (opened["closed_at"], opened["archivedAt"]) == (None, None)
