"""
Lists that were asked for before, asked for again: what has changed since costs, and not what has not.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from mockserver.behavior import filtering
from mockserver.behavior.listing import Listing
from mockserver.tests.crud import NUMBER, TEXT, asking, crud, in_query, thing
from mockserver.tests.states import KINDS, state_url

STATUS = {"type": "string", "enum": ["new", "old"]}
FIELDS = {"name": TEXT, "price": NUMBER, "status": STATUS, "ownerId": NUMBER}
QUERY = [
    in_query("status", STATUS),
    in_query("min_price", NUMBER),
    *map(in_query, ("q", "sort")),
    in_query("per_page", NUMBER),
    in_query("page", NUMBER),
]
ROW = thing({"id": NUMBER, **FIELDS}, "id", "name")
PATHS = {
    **crud(ROW, thing(FIELDS, "name"), query=QUERY),
    **{
        f"/owners/{{ownerId}}{path}": item
        for path, item in crud(ROW, thing(FIELDS, "name"), query=QUERY).items()
        if path == "/things"
    },
}
PATHS["/owners/{ownerId}/things"]["parameters"] = [
    {"name": "ownerId", "in": "path", "required": True, "schema": NUMBER}
]
WISHES = (
    "",
    "status=old",
    "sort=-price,name",
    "q=a&sort=name",
    "min_price=3&status=new&sort=-name",
    "page=2",
)


def serve(state: str = "memory:") -> Any:
    return asking(PATHS, options={"state": state})


def pages(api: Any) -> list[Any]:
    """Return every list that there is, each as it is asked for."""
    paths = ("/things", "/owners/3/things")
    return [api.get(f"{path}?per_page=7&{wish}").json() for path in paths for wish in WISHES]


def change(api: Any, chance: random.Random, known: list[int]) -> None:
    """Make, change or delete one thing: a client's, or one that nobody made."""
    row = {
        "name": chance.choice("abcABC"),
        "price": chance.randrange(6),
        "status": chance.choice(["new", "old"]),
    }
    what = chance.randrange(5)
    if what < 2 or not known:
        path = chance.choice(["/things", "/owners/3/things"])
        known.append(api.post(path, {**row, "ownerId": 3} if "owners" in path else row).json()["id"])
    elif what == 2:
        api.patch(
            f"/things/{chance.choice([*known, 1, 2, 30])}", {"price": row["price"], "name": row["name"]}
        )
    elif what == 3:
        api.put(f"/things/{chance.choice([*known, 1, 3])}", {**row, "ownerId": chance.choice([3, 4])})
    else:
        api.delete(f"/things/{chance.choice([*known, 2, 4])}")


@pytest.mark.parametrize("seed", range(6))
def test_asked_on_the_way(seed: int) -> None:
    """A list that was followed through all changes is what a server shows that was never asked before."""
    often, once = serve(), serve()
    chances = random.Random(seed), random.Random(seed)
    mine: list[int] = []
    others: list[int] = []
    for _ in range(60):
        change(often, chances[0], mine)
        shown = pages(often)
    for _ in range(60):
        change(once, chances[1], others)
    assert (mine, shown) == (others, pages(once))


@pytest.mark.parametrize("state", KINDS)
def test_one_change_is_one_row(state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Of hundreds of rows one is looked at after it was changed: the whole would be looked at again and again.
    """
    with state_url(state, tmp_path) as url:
        api = serve(url)
        for number in range(300):
            api.post("/things", {"name": f"n{number}", "price": number % 5, "status": "old"})
        whole = pages(api)
        looked: list[int] = []
        narrowed = filtering.narrowed
        monkeypatch.setattr(
            filtering, "narrowed", lambda rows, asked: looked.append(len(rows)) or narrowed(rows, asked)
        )
        made = api.post("/things", {"name": "n", "price": 9, "status": "old"}).json()["id"]
        assert api.get("/things?per_page=7&status=old").json()[0]["id"] == made
        api.patch(f"/things/{made}", {"status": "new"})
        assert api.get("/things?per_page=7&status=old").json() == whole[1]
        assert looked
        assert max(looked) <= 110  # those that nobody made, at most


def test_another_order_begins_from_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Who belongs to a list is known before an order is asked for first: only the order is found out then.
    """
    api = serve()
    for number in range(50):
        api.post("/things", {"name": f"n{number % 7}", "price": number % 5, "status": "old"})
    listed = api.get("/things?per_page=200&status=old&sort=").json()
    candidates = Listing._candidates
    asked: list[int] = []
    monkeypatch.setattr(Listing, "_candidates", lambda self: asked.append(1) or candidates(self))
    asks = [f"/things?per_page=200&status=old&sort={sort}" for sort in ("price", "-price,name")]
    found = [api.get(ask).json() for ask in asks]
    assert asked == []
    assert found[0] == sorted(listed, key=lambda row: row["price"])
    by_name = sorted(listed, key=lambda row: row["name"])
    assert found[1] == sorted(by_name, key=lambda row: row["price"], reverse=True)
