"""
Several things in one request: `{"posts": [{...}, {...}]}` makes two posts, and the answer tells of each.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask, request

from mockserver.tests.crud import NUMBER, TEXT, answer, asking, body, in_path, in_query, listed, thing
from mockserver.tests.in_process import judged, of_app

URL = {"type": "string", "format": "uri"}
POST = thing({"id": NUMBER, "url": URL, "fee": {"type": "number"}}, "id", "url", "fee")
NEW = thing({"url": URL, "fee": {"type": "number", "default": 0}}, "url")
TAKEN = thing({"received": NUMBER, "rejected": listed(thing({"url": TEXT}))}, "received", "rejected")


def paths(example: Any = None) -> dict[str, Any]:
    """Return the paths of a list that takes several at once."""
    sent = body(thing({"posts": listed(NEW)}, "posts"))
    if example is not None:
        sent["content"]["application/json"]["example"] = example
    told = thing({"data": listed(POST), "meta": TAKEN}, "data", "meta")
    page = thing({"data": listed(POST), "total": NUMBER}, "data", "total")
    return {
        "/posts": {
            "get": {
                "parameters": [in_query("page", NUMBER), in_query("limit", {**NUMBER, "maximum": 50})],
                "responses": {"200": answer(page)},
            },
            "post": {"requestBody": sent, "responses": {"200": answer(told), "400": answer()}},
        }
    }


class TestRemembered:
    def test_each_is_listed_and_counted(self) -> None:
        """A client that sends two posts expects two, as it sent them, and no word of posts it never saw."""
        api = asking(paths())
        sent = [{"url": "https://a.test/1", "fee": 5}, {"url": "https://a.test/2"}]
        made = api.post("/posts", {"posts": sent}).json()
        assert [(one["url"], one["fee"]) for one in made["data"]] == [
            ("https://a.test/1", 5),
            ("https://a.test/2", 0),
        ]
        assert made["meta"] == {"received": 2, "rejected": []}
        rows = api.get("/posts?limit=2").json()["data"]
        assert sorted(one["id"] for one in rows) == sorted(one["id"] for one in made["data"])

    @pytest.mark.parametrize(
        ("schema", "sent"),
        [
            (listed(thing({"name": TEXT}, "name")), [{"name": "Ann"}, {"name": "Bob"}]),
            (
                thing({"items": listed(thing({"name": TEXT}, "name"))}),
                {"items": [{"name": "Ann"}, {"name": "Bob"}]},
            ),
        ],
        ids=["bare", "items"],
    )
    def test_however_it_is_written(self, schema: Any, sent: Any) -> None:
        """A bare list and one that is called as lists are say the same."""
        row = thing({"id": NUMBER, "name": TEXT}, "id", "name")
        api = asking(
            {
                "/users": {
                    "get": {"responses": {"200": answer(listed(row))}},
                    "post": {"requestBody": body(schema), "responses": {"201": answer(listed(row))}},
                },
                "/users/{id}": {"get": {"parameters": [in_path("id")], "responses": {"200": answer(row)}}},
            }
        )
        made = api.post("/users", sent).json()
        assert [one["name"] for one in made] == ["Ann", "Bob"]
        assert api.get(f"/users/{made[1]['id']}").json() == made[1]

    def test_a_list_that_is_a_property(self) -> None:
        """An order's items are the order's, not several orders."""
        line = thing({"sku": TEXT}, "sku")
        row = thing({"id": NUMBER, "items": listed(line)}, "id", "items")
        new = thing({"items": listed(line)}, "items")
        api = asking(
            {
                "/orders": {"post": {"requestBody": body(new), "responses": {"201": answer(row)}}},
                "/orders/{id}": {"get": {"parameters": [in_path("id")], "responses": {"200": answer(row)}}},
            }
        )
        made = api.post("/orders", {"items": [{"sku": "a"}, {"sku": "b"}]}).json()
        assert made["items"] == [{"sku": "a"}, {"sku": "b"}]
        assert api.get(f"/orders/{made['id']}").json() == made


def _shop(bug: str = "", *, once: bool = False) -> Flask:
    """Return a server of `paths`, written by hand; *once*: it takes no address twice, and says so."""
    app = Flask("posts")
    rows: list[dict[str, Any]] = []
    numbers = itertools.count(1)

    @app.post("/posts")
    def add() -> Any:
        sent = request.get_json(silent=True)
        posts = sent.get("posts") if isinstance(sent, dict) else None
        if not isinstance(posts, list) or not all(_good(one) for one in posts):
            return "", 400
        made, rejected = [], []
        for one in posts:
            if once and any(row["url"] == one["url"] for row in [*rows, *made]):
                rejected.append({"url": one["url"]})
                continue
            fee = one.get("fee", 1 if bug == "default" else 0)
            made.append({"id": next(numbers), "url": one["url"], "fee": fee})
        if bug != "lost":
            rows.extend(made)
        received = len(posts) + (bug == "miscounted")
        return {"data": made, "meta": {"received": received, "rejected": rejected}}

    @app.get("/posts")
    def page() -> Any:
        limit, number = int(request.args.get("limit", 20)), int(request.args.get("page", 1))
        start = max(0, (number - 1) * limit - (bug == "overlap"))
        return {"data": rows[start : start + limit], "total": len(rows)}

    return app


def _good(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("url"), str) or "://" not in one["url"]:
        return False
    fee = one.get("fee", 0)
    return isinstance(fee, int | float) and not isinstance(fee, bool)


@pytest.fixture
def spec(tmp_path: Path) -> Callable[[Any], str]:
    """Write the document, with an example of a request or without."""

    def write(example: Any = None) -> str:
        file = tmp_path / "posts.yaml"
        info = {"title": "Posts", "version": "1"}
        file.write_text(yaml.safe_dump({"openapi": "3.1.0", "info": info, "paths": paths(example)}))
        return str(file)

    return write


EXAMPLE = {
    "posts": [{"url": "https://www.video.test/@ann/1", "fee": 10}, {"url": "https://www.video.test/@ann/2"}]
}


class TestJudged:
    @pytest.mark.parametrize("example", [None, EXAMPLE], ids=["no-example", "example"])
    @pytest.mark.parametrize("once", [False, True], ids=["any", "once"])
    def test_sound_servers_are_acquitted(self, spec: Callable[[Any], str], example: Any, once: bool) -> None:
        """A server that takes an address once makes nothing of the second, and is right."""
        report = judged(spec(example), of_app(_shop(once=once)), level="smoke")
        assert not [(one.rule, one.detail) for one in report.findings]
        passed = {one.check for one in report.outcomes("passed")}
        assert {
            "lockstep/created-is-listed",
            "lockstep/pages-are-whole",
            "lockstep/default-is-applied",
        } <= passed

    @pytest.mark.parametrize(
        ("bug", "law"),
        [
            ("lost", "created-is-listed"),
            ("overlap", "pages-are-whole"),
            ("default", "default-is-applied"),
            ("miscounted", "several-are-counted"),
        ],
    )
    def test_bugs_are_convicted(self, spec: Callable[[Any], str], bug: str, law: str) -> None:
        """What was made among others is held to the same laws."""
        report = judged(spec(EXAMPLE), of_app(_shop(bug)), level="smoke", only=law)
        assert [one.rule for one in report.broken] == [f"lockstep/{law}"]
