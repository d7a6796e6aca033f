"""
Lists that are got ready while their rows come: the first who asks does not wait until all were looked at.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from mockserver.behavior import ahead, lists
from mockserver.behavior.ordered import Ordered
from mockserver.behavior.store import Table
from mockserver.contract.locate import wanted
from mockserver.exchange import Request
from mockserver.server import pipeline
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.tests import test_long_lists as inferred
from mockserver.tests.states import KINDS, state_url

CAMPAIGNS = "/api/campaigns"


class Ruled:
    """A bundled API with rules, asked without a socket."""

    def __init__(self, state: str) -> None:
        self.host = build_host(wanted(("tendsocial",)), journal=Journal(), state=state)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer's body."""
        path, _, query = path.partition("?")
        headers = (
            ("host", "localhost"),
            ("authorization", "Bearer test-token"),
            ("content-type", "application/json"),
        )
        data = json.dumps(body).encode() if body is not None else b""
        return json.loads(self.host.handle(Request(method, path, query, headers, data)).body)


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Lists are got ready soon; how many rows each had that was made anew."""
    monkeypatch.setattr(pipeline, "LOOK", 1)
    monkeypatch.setattr(ahead, "LARGE", 10)
    monkeypatch.setattr(ahead, "EVERY", 4)
    monkeypatch.setattr(lists, "LEAST", 10)
    begin, sizes = Ordered._begin, []

    def counted(self: Ordered, choose: Any, keys: Any) -> None:
        sizes.append(len(keys))
        begin(self, choose, keys)

    monkeypatch.setattr(Ordered, "_begin", counted)
    return sizes


@pytest.mark.parametrize("state", KINDS)
def test_by_rules(state: str, begun: list[int], tmp_path: Path) -> None:
    """Sixty campaigns are made, and nothing was ever listed: the first page has looked at few of them."""
    with state_url(state, tmp_path) as url:
        api = Ruled(url)
        for number in range(60):
            api.ask("POST", CAMPAIGNS, {"name": f"Number {number}", "type": "RECURRING"})
        page = api.ask("GET", f"{CAMPAIGNS}?limit=3")
        assert [one["name"] for one in page["items"]] == ["Number 59", "Number 58", "Number 57"]
        assert page["total"] > 100
        found = api.ask("GET", f"{CAMPAIGNS}?search=NUMBER%2031&type=RECURRING")
        assert [one["name"] for one in found["items"]] == ["Number 31"]
        assert 0 < max(begun) < 60


@pytest.mark.parametrize("state", KINDS)
def test_inferred(state: str, begun: list[int], tmp_path: Path) -> None:
    """A filter that was never asked for begins from what is in order already."""
    with state_url(state, tmp_path) as url:
        api = inferred.serve(url)
        for number in range(60):
            api.post("/things", {"name": f"n{number}", "price": number % 5, "status": "old"})
        found = api.get("/things?q=N31&status=old&min_price=1&per_page=50").json()
        assert [one["name"] for one in found] == ["n31"]
        assert 0 < max(begun) < 40


def test_what_was_kept(begun: list[int], tmp_path: Path) -> None:
    """Who asks a server that has just begun, and found many rows, does not wait for them either."""
    state = f"sqlite:///{tmp_path / 'state.db'}"
    before = Ruled(state)
    before.ask("POST", CAMPAIGNS, {"name": "Kept"})
    before.host.close()
    after = Ruled(state)
    made = len(begun)
    assert after.ask("GET", CAMPAIGNS)["items"][0]["name"] == "Kept"
    assert len(begun) == made


@pytest.mark.parametrize("seed", range(4))
def test_as_if_it_had_not_been(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was got ready shows what is shown where nothing was, whatever has been changed in between."""
    plain, chance, known = inferred.serve(), random.Random(seed), []
    for _ in range(60):
        inferred.change(plain, chance, known)
    expected = inferred.pages(plain)
    monkeypatch.setattr(pipeline, "LOOK", 1)
    monkeypatch.setattr(ahead, "LARGE", 3)
    monkeypatch.setattr(ahead, "EVERY", 2)
    ready, chance, known = inferred.serve(), random.Random(seed), []
    for _ in range(60):
        inferred.change(ready, chance, known)
    assert inferred.pages(ready) == expected


def test_rows_that_are_shown_as_others() -> None:
    """What is derived of a row is another object; a list that leaves some out still knows their places."""
    table = Table()
    for number in range(6):
        table.put(number, {"n": number})
    made = Ordered(table, (), newest=False)

    def odd(rows: list[Any]) -> list[Any]:
        return [{**row, "twice": 2 * row["n"]} for row in rows if row["n"] % 2]

    made.update(odd, lambda: list(table.rows))
    table.put(9, {"n": 9})
    made.update(odd, lambda: list(table.rows))
    assert [row["twice"] for row in made] == [2, 6, 10, 18]
