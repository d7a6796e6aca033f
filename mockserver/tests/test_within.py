"""
A list that things show and that stands at a path below them is one list, whichever way it is changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.behavior.explaining import explain
from mockserver.server.app import create_app
from mockserver.tests.client import InProcess
from mockserver.tests.crud import (
    GONE,
    NUMBER,
    TEXT,
    Asking,
    Json,
    answer,
    asking,
    body,
    crud,
    in_path,
    in_query,
    listed,
    thing,
)

LINE = thing({"id": NUMBER, "sku": TEXT, "amount": {"type": "number"}}, "id", "sku", "amount")
NEW_LINE = thing({"sku": TEXT, "amount": {"type": "number"}}, "sku", "amount")
ORDER = thing(
    {
        "id": NUMBER,
        "note": TEXT,
        "lines": listed(LINE),
        "lines_count": {**NUMBER, "readOnly": True},
        "total": {"type": "number", "readOnly": True},
    },
    *("id", "lines", "lines_count", "total"),
)
NEW_ORDER = thing({"note": TEXT, "lines": listed(NEW_LINE)})
IN_ORDER = [in_path("id")]
IN_LINE = [in_path("id"), in_path("lineId")]


def orders(order: Json = ORDER, line: Json = LINE, **more: Any) -> dict[str, Any]:
    return {
        "/orders": {
            "get": {"responses": {"200": answer(listed(order))}},
            "post": {"requestBody": body(NEW_ORDER), "responses": {"201": answer(order)}},
        },
        "/orders/{id}": {
            "parameters": IN_ORDER,
            "get": {"responses": {"200": answer(order), "404": GONE}},
            "put": {"requestBody": body(NEW_ORDER), "responses": {"200": answer(order)}},
            "patch": {"requestBody": body(NEW_ORDER), "responses": {"200": answer(order)}},
            "delete": {"responses": {"204": GONE}},
        },
        "/orders/{id}/lines": {
            "parameters": IN_ORDER,
            "get": {"responses": {"200": answer(listed(line))}},
            "post": {"requestBody": body(NEW_LINE), "responses": {"201": answer(line)}},
            "delete": {"responses": {"204": GONE}},
        },
        "/orders/{id}/lines/{lineId}": {
            "parameters": IN_LINE,
            "get": {"responses": {"200": answer(line), "404": GONE}},
            "patch": {"requestBody": body({"type": "object"}), "responses": {"200": answer(line)}},
            "delete": {"responses": {"204": GONE, "404": GONE}},
        },
        **more,
    }


@pytest.fixture
def ask() -> Asking:
    return asking(orders())


def both(ask: Asking, order: Json = 1) -> list[Json]:
    """Return the list, that must be the same in both places."""
    inside = ask.get(f"/orders/{order}").json()["lines"]
    assert inside == ask.get(f"/orders/{order}/lines").json()
    return list(inside)


class TestOneList:
    def test_nobody_touched(self, ask: Asking):
        """
        What was made up for a thing is what its list shows, and what each row is by its own path.
        """
        found = both(ask)
        assert found
        for line in found:
            assert ask.get(f"/orders/1/lines/{line['id']}").json() == line

    def test_added_below(self, ask: Asking):
        """
        What is added below stands in the thing, behind what was there, and totals follow.
        """
        before = both(ask)
        line = ask.post("/orders/1/lines", {"sku": "A", "amount": 2.5}).json()
        assert both(ask) == [*before, line]
        order = ask.get("/orders/1").json()
        assert order["lines_count"] == len(before) + 1
        assert order["total"] == pytest.approx(sum(one["amount"] for one in order["lines"]))

    def test_created_with(self, ask: Asking):
        """
        What a thing is created with stands below, in its order, each under a key of its own.
        """
        sent = [{"sku": "A", "amount": 1}, {"sku": "B", "amount": 2}]
        order = ask.post("/orders", {"lines": sent}).json()
        found = both(ask, order["id"])
        assert [(one["sku"], one["amount"]) for one in found] == [("A", 1), ("B", 2)]
        assert len({one["id"] for one in found}) == 2
        assert order["lines"] == found
        assert order["total"] == 3
        assert order["lines_count"] == 2

    def test_created_with_nothing(self, ask: Asking):
        """
        A new thing has the list that was sent and no other: none where none was sent.
        """
        order = ask.post("/orders", {"note": "x", "lines": []}).json()
        assert both(ask, order["id"]) == []
        assert ask.post(f"/orders/{order['id']}/lines", {"sku": "A", "amount": 1}).status == 201
        assert [one["sku"] for one in both(ask, order["id"])] == ["A"]

    def test_changed_below(self, ask: Asking):
        """
        A row that is changed by its own path is changed where the thing shows it.
        """
        order = ask.post("/orders", {"lines": [{"sku": "A", "amount": 1}, {"sku": "B", "amount": 2}]}).json()
        path = f"/orders/{order['id']}/lines/{order['lines'][0]['id']}"
        assert ask.patch(path, {"amount": 10}).json()["amount"] == 10
        assert [one["amount"] for one in both(ask, order["id"])] == [10, 2]
        assert ask.get(f"/orders/{order['id']}").json()["total"] == 12

    def test_what_follows_from_a_change(self):
        """
        Who orders ten in place of two pays five times as much, for the line and for all of it.
        """
        sent = {"sku": TEXT, "quantity": NUMBER, "unitPrice": {"type": "number"}}
        amount = {"type": "number", "readOnly": True}
        line = thing({"id": NUMBER, **sent, "amount": amount}, "id", "sku", "quantity", "unitPrice", "amount")
        order = thing({"id": NUMBER, "lines": listed(line), "total": amount}, "id", "lines", "total")
        paths = orders(order, line)
        new = body(thing(sent, *sent))
        paths["/orders/{id}/lines"]["post"]["requestBody"] = new
        one = paths["/orders/{id}/lines/{lineId}"]
        one["put"] = {"requestBody": new, "responses": {"200": answer(line)}}
        ask = asking(paths)
        ask.put("/orders/1", {"lines": []})
        made = ask.post("/orders/1/lines", {"sku": "A", "quantity": 2, "unitPrice": 3.5}).json()
        assert made["amount"] == 7
        path = f"/orders/1/lines/{made['id']}"
        assert ask.put(path, {"sku": "A", "quantity": 10, "unitPrice": 3.5}).json()["amount"] == 35
        assert ask.get("/orders/1").json()["total"] == 35
        assert ask.patch(path, {"quantity": 1}).json()["amount"] == 3.5
        assert ask.get("/orders/1").json()["total"] == 3.5

    def test_deleted_below(self, ask: Asking):
        """
        A row that is deleted by its own path is gone from the thing, of whoever made it.
        """
        before = both(ask)
        assert ask.delete(f"/orders/1/lines/{before[0]['id']}").status == 204
        assert both(ask) == before[1:]
        assert ask.get(f"/orders/1/lines/{before[0]['id']}").status == 404

    def test_replaced_in_the_thing(self, ask: Asking):
        """
        A thing that is given another list gives it to the path: what is left out is gone there.
        """
        ask.post("/orders/1/lines", {"sku": "A", "amount": 1})
        gone = both(ask)[-1]
        ask.put("/orders/1", {"lines": [{"sku": "C", "amount": 7}]})
        assert [one["sku"] for one in both(ask)] == ["C"]
        assert ask.get(f"/orders/1/lines/{gone['id']}").status == 404
        ask.patch("/orders/1", {"lines": []})
        assert both(ask) == []

    def test_a_change_of_something_else(self, ask: Asking):
        """
        A thing that is changed elsewhere keeps its list.
        """
        line = ask.post("/orders/1/lines", {"sku": "A", "amount": 1}).json()
        before = both(ask)
        assert ask.patch("/orders/1", {"note": "later"}).json()["lines"] == before
        assert both(ask) == before
        assert line in before

    def test_emptied(self, ask: Asking):
        """
        DELETE on the path of a list leaves nothing of it.
        """
        assert both(ask)
        assert ask.delete("/orders/1/lines").status == 204
        assert both(ask) == []

    def test_the_list_of_things_shows_it_too(self, ask: Asking):
        """
        A list of things shows each with its list as it is now.
        """
        order = ask.post("/orders", {"lines": []}).json()
        line = ask.post(f"/orders/{order['id']}/lines", {"sku": "A", "amount": 1}).json()
        assert ask.get("/orders").json()[0]["lines"] == [line]

    def test_a_deleted_thing_takes_its_list_with_it(self, ask: Asking):
        """
        What is below a thing that is gone for good is gone, too.
        """
        order = ask.post("/orders", {"lines": [{"sku": "A", "amount": 1}]}).json()
        ask.delete(f"/orders/{order['id']}")
        assert ask.get(f"/orders/{order['id']}/lines").status == 404

    def test_sessions_are_apart(self, ask: Asking):
        """
        What is added in one world stands in no other.
        """
        before = both(ask)
        ask("POST", "/orders/1/lines", {"sku": "A", "amount": 1}, headers={"mock-session": "one"})
        assert both(ask) == before

    def test_any_list_is_emptied(self):
        """
        So is a list that nothing shows: what was made there is gone, and so is what was made up.
        """
        paths = crud()
        paths["/things"]["delete"] = {"responses": {"204": GONE}, "parameters": [in_query("name")]}
        ask = asking(paths)
        made = ask.post("/things", {"name": "x"}).json()
        before = ask.get("/things").json()
        ask.delete("/things?name=x")  # who knows what that means
        assert ask.get("/things").json() == before
        assert ask.delete("/things").status == 204
        assert ask.get("/things").json() == []
        assert ask.get(f"/things/{made['id']}").status == ask.get(f"/things/{before[-1]['id']}").status == 404
        again = ask.post("/things", {"name": "y"}).json()
        assert ask.get("/things").json() == [again]

    def test_it_is_explained(self, ask: Asking):
        """
        Who wonders why is told: at the list, and at the thing that shows it.
        """
        api = ask.host.apis[0]
        below = explain(api.engine, api.contract.operations["POST /orders/{id}/lines"])
        assert "it is what lines of /orders shows: lines has the same properties" in below.why
        above = explain(api.engine, api.contract.operations["GET /orders/{id}"])
        assert "its lines are those of /orders/{id}/lines: lines has the same properties" in above.why

    def test_put_by_hand(self, tmp_path: Path):
        """
        What a tester puts into the state of either place is in both.
        """
        file = tmp_path / "shop.json"
        info = {"openapi": "3.1.1", "info": {"title": "Shop", "version": "1"}}
        file.write_text(json.dumps({**info, "paths": orders()}))
        client = InProcess(create_app(str(file)))
        order = client.post("/orders", json={"lines": [{"sku": "A", "amount": 1}]}).json()
        line = order["lines"][0]
        below = f"/orders/{order['id']}/lines"
        state = f"/__admin/state/shop{below}"
        client.put(f"{state}/{line['id']}", json={**line, "amount": 5})
        assert client.get(below).json() == [{**line, "amount": 5}]
        assert client.get(f"/orders/{order['id']}").json()["lines"] == [{**line, "amount": 5}]
        thing = {**order, "lines": [{**line, "sku": "B"}]}
        client.put(f"/__admin/state/shop/orders/{order['id']}", json=thing)
        assert client.get(below).json() == thing["lines"]


class TestAgreeing:
    def test_a_summary_inside(self):
        """
        A thing may show less of each than the path does.
        """
        brief = thing({"id": NUMBER, "sku": TEXT}, "id", "sku")
        order = thing({"id": NUMBER, "lines": listed(brief)}, "id", "lines", additionalProperties=False)
        ask = asking(orders(order))
        line = ask.post("/orders/1/lines", {"sku": "A", "amount": 2.5}).json()
        assert ask.get("/orders/1").json()["lines"][-1] == {"id": line["id"], "sku": "A"}
        assert ask.get(f"/orders/1/lines/{line['id']}").json()["amount"] == 2.5
        below = ask.get("/orders/1/lines").json()
        assert [one["id"] for one in below] == [one["id"] for one in ask.get("/orders/1").json()["lines"]]

    def test_others_are_two_lists(self):
        """
        What is called alike and looks otherwise is another list.
        """
        order = thing({"id": NUMBER, "lines": listed(thing({"from": TEXT, "to": TEXT}))}, "id", "lines")
        ask = asking(orders(order))
        before = ask.get("/orders/1").json()["lines"]
        ask.post("/orders/1/lines", {"sku": "A", "amount": 2.5})
        assert ask.get("/orders/1").json()["lines"] == before

    def test_what_a_document_shows_below(self):
        """
        A documented list is shown inside the thing, where the document does not show the thing itself.
        """
        paths = orders()
        shown = [{"id": 7, "sku": "Z", "amount": 1}]
        paths["/orders/{id}/lines"]["get"]["responses"]["200"] = answer(listed(LINE), example=shown)
        assert both(asking(paths)) == shown


class TestPageInside:
    """What a thing shows of its list is a page: `{"items": [...], "total": 2}`."""

    PAGE = thing(
        {"items": listed(LINE), "total": NUMBER, "next": {"type": ["string", "null"]}},
        "items",
        "total",
        "next",
    )
    PAGED = thing({"id": NUMBER, "note": TEXT, "lines": PAGE}, "id", "lines")

    def test_is_the_list_at_the_path(self):
        """An order whose page of lines is empty beside a list of two is two orders."""
        ask = asking(orders(self.PAGED))
        order = ask.post("/orders", {"note": "a"}).json()
        assert order["lines"] == {"items": [], "total": 0, "next": None}
        lines = [ask.post(f"/orders/{order['id']}/lines", NEW).json() for _ in range(2)]
        shown = ask.get(f"/orders/{order['id']}").json()["lines"]
        assert shown == {"items": lines, "total": 2, "next": None}
        assert ask.get(f"/orders/{order['id']}/lines").json() == lines
        ask.delete(f"/orders/{order['id']}/lines/{lines[0]['id']}")
        assert ask.get(f"/orders/{order['id']}").json()["lines"]["items"] == lines[1:]

    def test_of_what_nobody_made(self):
        """Its lines are those that it shows, be they read here or there."""
        ask = asking(orders(self.PAGED))
        shown = ask.get("/orders/7").json()["lines"]
        assert shown["total"] == len(shown["items"])
        assert ask.get("/orders/7/lines").json() == shown["items"]


NEW: Json = {"sku": "a", "amount": 2}
