"""
Made-up answers that are asked for again: they are the same, and made once.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.exchange import Request
from mockserver.generation import Generator
from mockserver.tests.crud import NUMBER, TEXT, Asking, answer, asking, body, in_path, thing

THING = thing({"id": NUMBER, "name": TEXT, "tags": {"type": "array", "items": TEXT}}, "id", "name")
PATHS = {
    "/things/{id}": {"parameters": [in_path("id")], "get": {"responses": {"200": answer(THING)}}},
    "/rooms/{id}": {"parameters": [in_path("id", TEXT)], "get": {"responses": {"200": answer(THING)}}},
    "/drafts": {"post": {"requestBody": body(THING), "responses": {"200": answer(THING)}}},
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The seeds of what is made."""
    seeds: list[str] = []
    value = Generator.value

    def counted(self: Generator, seed: str, **options: Any) -> Any:
        seeds.append(seed)
        return value(self, seed, **options)

    monkeypatch.setattr(Generator, "value", counted)
    return seeds


def ask(api: Asking, path: str, prefer: str, number: int) -> Any:
    fields = (("host", "localhost"), ("prefer", prefer), ("x-request-id", str(number)))
    return api.host.handle(Request("GET", path, "", fields, b"")).body


def test_made_once(made: list[str]) -> None:
    """A test suite reads one thing many times, and says something else beside it: it is not made anew."""
    api = asking(PATHS)
    asked = ("dynamic=true", "dynamic=true, seed=2", "dynamic=true, locale=de", "dynamic=true, items=2")
    first = [ask(api, path, prefer, 1) for path in ("/things/7", "/things/8") for prefer in asked]
    count = len(made)
    again = [ask(api, path, prefer, 2) for path in ("/things/7", "/things/8") for prefer in asked]
    assert again == first
    assert len(set(first)) >= 6, "each wish and each thing has an answer of its own"
    assert len(made) == count + 2, "a list's length is no part of what is kept"


def test_many_others(made: list[str]) -> None:
    """Who asks for very many things fills no memory: the first one is made again, and is the same."""
    api = asking(PATHS)
    first = ask(api, "/rooms/a", "dynamic=true", 0)
    for number in range(40):
        ask(api, f"/rooms/{number}", "dynamic=true", number)
    count = len(made)
    assert ask(api, "/rooms/a", "dynamic=true", 99) == first
    assert len(made) == count + 1


def test_what_was_sent_is_told_again() -> None:
    """Two that send other things are told other things."""
    api = asking(PATHS)
    names = []
    for name in ("one", "two"):
        fields = (("host", "localhost"), ("prefer", "dynamic=true"), ("content-type", "application/json"))
        sent = f'{{"id": 1, "name": "{name}"}}'.encode()
        names.append(api.host.handle(Request("POST", "/drafts", "", fields, sent)).body)
    assert b'"one"' in names[0]
    assert b'"two"' in names[1]
