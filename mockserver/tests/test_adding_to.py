"""
What is added to a list that a thing shows is answered as the document says: the row, the list, or the thing.
"""

from __future__ import annotations

import pytest

from mockserver.tests.crud import GONE, NUMBER, TEXT, Asking, answer, asking, body, in_path, listed, thing

LINE = thing({"id": NUMBER, "sku": TEXT, "amount": {"type": "number"}}, "id", "sku", "amount")
NEW_LINE = thing({"sku": TEXT, "amount": {"type": "number"}}, "sku", "amount")
IN_ORDER = [in_path("id")]


class TestAdding:
    CART = thing(
        {"id": TEXT, "items": listed(LINE), "total": {"type": "number", "readOnly": True}}, "id", "items"
    )

    def cart(self) -> Asking:
        """Serve a cart whose items can only be added to."""
        return asking(
            {
                "/carts/{id}": {
                    "parameters": [in_path("id", TEXT)],
                    "get": {"responses": {"200": answer(self.CART)}},
                },
                "/carts/{id}/items": {
                    "parameters": [in_path("id", TEXT)],
                    "post": {"requestBody": body(NEW_LINE), "responses": {"200": answer(self.CART)}},
                },
            }
        )

    def test_the_thing_is_the_answer(self):
        """
        Who adds to a cart is told the cart, though its items can be read nowhere else.
        """
        ask = self.cart()
        before = ask.get("/carts/c1").json()["items"]
        told = ask.post("/carts/c1/items", {"sku": "A", "amount": 2}).json()
        assert told == ask.get("/carts/c1").json()
        assert [one["sku"] for one in told["items"]] == [*(one["sku"] for one in before), "A"]

    def test_names_are_put_on(self):
        """
        Labels are put on a thing by their names, each once; the answer is all that it has.
        """
        label = thing({"id": NUMBER, "name": TEXT, "color": TEXT}, "id", "name", "color")
        either = {"oneOf": [TEXT, thing({"id": NUMBER, "name": TEXT, "color": TEXT})]}
        issue = thing(
            {"number": NUMBER, "title": TEXT, "labels": listed(either)}, "number", "title", "labels"
        )
        several = {
            "oneOf": [thing({"labels": listed(TEXT)}), listed(TEXT), listed(thing({"name": TEXT}, "name"))]
        }
        new = thing({"title": TEXT, "labels": listed(either)}, "title")
        at, named = [in_path("number")], [in_path("number"), in_path("name", TEXT)]
        ask = asking(
            {
                "/issues": {
                    "get": {"responses": {"200": answer(listed(issue))}},
                    "post": {"requestBody": body(new), "responses": {"201": answer(issue)}},
                },
                "/issues/{number}": {
                    "parameters": at,
                    "get": {"responses": {"200": answer(issue)}},
                    "patch": {"requestBody": body(new), "responses": {"200": answer(issue)}},
                },
                "/issues/{number}/labels": {
                    "parameters": at,
                    "get": {"responses": {"200": answer(listed(label))}},
                    "post": {"requestBody": body(several), "responses": {"200": answer(listed(label))}},
                    "put": {"requestBody": body(several), "responses": {"200": answer(listed(label))}},
                    "delete": {"responses": {"204": GONE}},
                },
                "/issues/{number}/labels/{name}": {
                    "parameters": named,
                    "delete": {"responses": {"200": answer(listed(label)), "404": GONE}},
                },
                "/labels": {
                    "get": {"responses": {"200": answer(listed(label))}},
                    "post": {
                        "requestBody": body(thing({"name": TEXT, "color": TEXT}, "name")),
                        "responses": {"201": answer(label)},
                    },
                },
                "/labels/{name}": {
                    "parameters": [in_path("name", TEXT)],
                    "get": {"responses": {"200": answer(label)}},
                },
            }
        )

        def names(number: int) -> list[str]:
            inside = ask.get(f"/issues/{number}").json()["labels"]
            assert inside == ask.get(f"/issues/{number}/labels").json()
            return [one["name"] for one in inside]

        bug = ask.post("/labels", {"name": "bug", "color": "red"}).json()
        first = ask.post("/issues", {"title": "One", "labels": ["bug"]}).json()["number"]
        second = ask.post("/issues", {"title": "Two", "labels": []}).json()["number"]
        assert ask.get(f"/issues/{first}/labels").json() == [bug]
        told = ask.post(f"/issues/{second}/labels", ["help", "bug"]).json()
        assert [one["name"] for one in told] == ["help", "bug"]
        assert bug in told
        assert [
            one["name"] for one in ask.post(f"/issues/{second}/labels", {"labels": ["bug", "new"]}).json()
        ] == [
            "help",
            "bug",
            "new",
        ]
        assert names(second) == ["help", "bug", "new"]
        assert names(first) == ["bug"]
        assert [one["name"] for one in ask.delete(f"/issues/{second}/labels/bug").json()] == ["help", "new"]
        assert names(second) == ["help", "new"]
        ask.put(f"/issues/{second}/labels", {"labels": ["new", "old"]})
        assert names(second) == ["new", "old"]
        ask.patch(f"/issues/{second}", {"title": "Two", "labels": ["bug"]})
        assert ask.get(f"/issues/{second}/labels").json() == [bug]
        ask.delete(f"/issues/{second}/labels")
        assert names(second) == []

    def test_texts(self):
        """
        A list of nothing but texts is the same in both places, too.
        """
        post = thing({"id": NUMBER, "tags": listed(TEXT)}, "id", "tags")
        ask = asking(
            {
                "/posts/{id}": {"parameters": IN_ORDER, "get": {"responses": {"200": answer(post)}}},
                "/posts/{id}/tags": {
                    "parameters": IN_ORDER,
                    "get": {"responses": {"200": answer(listed(TEXT))}},
                    "post": {"requestBody": body(listed(TEXT)), "responses": {"200": answer(listed(TEXT))}},
                },
                "/posts/{id}/tags/{tag}": {
                    "parameters": [*IN_ORDER, in_path("tag", TEXT)],
                    "delete": {"responses": {"204": GONE}},
                },
            }
        )
        before = ask.get("/posts/1/tags").json()
        assert ask.get("/posts/1").json()["tags"] == before
        assert ask.post("/posts/1/tags", ["a", "b"]).json() == [*before, "a", "b"]
        assert ask.delete("/posts/1/tags/a").status == 204
        assert ask.get("/posts/1").json()["tags"] == [*before, "b"] == ask.get("/posts/1/tags").json()


@pytest.mark.parametrize("name", ["orderId", "id"])
def test_parameters_of_other_names(name: str):
    """
    One path says `{id}` and the next `{orderId}`: they mean the same order, as they stand in the same place.
    """
    order = thing({"id": NUMBER, "lines": listed(LINE), "lines_count": NUMBER}, "id", "lines", "lines_count")
    new = body(thing({"lines": listed(NEW_LINE)}))
    below, at = [in_path(name)], [in_path("order_id"), in_path("id")]
    ask = asking(
        {
            "/orders": {"post": {"requestBody": new, "responses": {"201": answer(order)}}},
            "/orders/{id}": {
                "parameters": IN_ORDER,
                "get": {"responses": {"200": answer(order), "404": GONE}},
                "delete": {"responses": {"204": GONE}},
            },
            f"/orders/{{{name}}}/lines": {
                "parameters": below,
                "get": {"responses": {"200": answer(listed(LINE)), "404": GONE}},
                "post": {"requestBody": body(NEW_LINE), "responses": {"201": answer(LINE)}},
            },
            "/orders/{order_id}/lines/{id}": {
                "parameters": at,
                "get": {"responses": {"200": answer(LINE), "404": GONE}},
                "delete": {"responses": {"204": GONE}},
            },
        }
    )
    first, second = (ask.post("/orders", {"lines": []}).json()["id"] for _ in range(2))
    line = ask.post(f"/orders/{first}/lines", {"sku": "A", "amount": 1}).json()
    assert ask.get(f"/orders/{first}/lines").json() == [line]
    assert ask.get(f"/orders/{first}/lines/{line['id']}").json() == line
    assert ask.get(f"/orders/{first}").json()["lines"] == [line]
    assert ask.get(f"/orders/{first}").json()["lines_count"] == 1
    assert ask.get(f"/orders/{second}/lines").json() == []
    assert ask.delete(f"/orders/{first}/lines/{line['id']}").status == 204
    assert ask.get(f"/orders/{first}/lines").json() == []
    ask.delete(f"/orders/{first}")
    assert ask.get(f"/orders/{first}/lines").status == 404
    assert ask.get(f"/orders/{second}/lines").status == 200
