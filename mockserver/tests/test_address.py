from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.contract.locate import Located
from mockserver.contract.routes import Match, Miss
from mockserver.exchange import Request
from mockserver.server.address import Addresses
from mockserver.server.api import Api

Find = Callable[..., tuple[str, str]]

BOOKS = """openapi: 3.1.0
info: {title: Books, version: "1"}
servers: [{url: https://books.example/v2}, {url: "https://books.example/{tenant}/api"}]
paths:
  /books: {get: {responses: {"200": {description: ok}}}}
  /books/{id}: {get: {responses: {"200": {description: ok}}}, delete: {responses: {"204": {description: ok}}}}
  /films: {get: {responses: {"200": {description: ok}}}}
"""
FILMS = """openapi: 3.1.0
info: {title: Films, version: "1"}
paths:
  /films: {get: {responses: {"200": {description: ok}}}}
  /: {get: {responses: {"200": {description: ok}}}}
"""


@pytest.fixture
def apis(tmp_path: Path) -> list[Api]:
    made = []
    for name, text in (("books", BOOKS), ("my films", FILMS)):
        file = tmp_path / f"{name}.yaml"
        file.write_text(text)
        made.append(Api(Located(name, file)))
    return made


def find(apis: list[Api], line: str, host: str = "127.0.0.1:4010") -> tuple[str, str]:
    """Return (API, operation), or (API or "", what is allowed or near)."""
    method, path = line.split(" ")
    found = Addresses(apis).find(Request(method, path, "", (("host", host),)))
    name = found.api.name if found.api is not None else ""
    if isinstance(found.found, Match):
        return name, found.found.route.id
    assert isinstance(found.found, Miss)
    return name, " ".join(found.found.allow or found.found.nearest)


class TestOne:
    def test_at_the_root_by_name_and_by_host(self, apis: list[Api]) -> None:
        """All three are the same operation."""
        for line, host in (
            ("GET /books/1", "127.0.0.1"),
            ("GET /books/books/1", "127.0.0.1"),
            ("GET /books/1", "books.localhost:4010"),
            ("GET /books/1", "BOOKS.localhost"),
        ):
            assert find(apis[:1], line, host) == ("books", "GET /books/{id}")

    def test_a_path_of_the_contract_wins(self, apis: list[Api]) -> None:
        """ "/books/films" is the book called "films", and not the films below "/books"."""
        assert find(apis[:1], "GET /books/films") == ("books", "GET /books/{id}")
        assert find(apis[:1], "GET /films") == find(apis[:1], "GET /books/v2/films")

    @pytest.mark.parametrize("path", ["/v2/books", "/books/v2/books", "/acme/api/books", "/a%20b/api/books"])
    def test_with_the_base_path(self, apis: list[Api], path: str) -> None:
        """With and without that of a server; a variable in it takes any text."""
        assert find(apis[:1], f"GET {path}") == ("books", "GET /books")

    @pytest.mark.parametrize("path", ["/v2books", "/v22/books", "/a/b/api/books", "/V2/books"])
    def test_what_only_looks_like_it(self, apis: list[Api], path: str) -> None:
        """A base path ends where a segment ends."""
        assert find(apis[:1], f"GET {path}")[1] != "GET /books"

    def test_another_method(self, apis: list[Api]) -> None:
        """What the path does have, wherever it was found."""
        for path in ("/books/1", "/v2/books/1", "/books/books/1"):
            assert find(apis[:1], f"PUT {path}") == ("books", "DELETE GET HEAD")

    def test_nothing_there(self, apis: list[Api]) -> None:
        """The nearest path of that API."""
        name, near = find(apis[:1], "GET /boks")
        assert name == "books"
        assert near.startswith("/books")


class TestSeveral:
    def test_by_name(self, apis: list[Api]) -> None:
        """A name that a URL must escape is escaped there; the root belongs to nobody."""
        assert find(apis, "GET /books/books") == ("books", "GET /books")
        assert find(apis, "GET /my%20films/films") == ("my films", "GET /films")
        assert find(apis, "GET /my%20films/") == find(apis, "GET /my%20films") == ("my films", "GET /")

    def test_by_host(self, apis: list[Api]) -> None:
        """Each as it would stand alone; another host's name says nothing."""
        assert find(apis, "GET /films", "books.localhost") == ("books", "GET /films")
        assert find(apis, "GET /films", "my%20films.localhost:80") == ("my films", "GET /films")
        assert find(apis, "GET /books/films", "none.localhost") == ("books", "GET /films")

    def test_without_a_name(self, apis: list[Api]) -> None:
        """Where the same path would be found."""
        assert find(apis, "GET /films") == ("", "/books/films /my%20films/films")
        assert find(apis, "DELETE /v2/books/1") == ("", "/books/v2/books/1")

    def test_nowhere(self, apis: list[Api]) -> None:
        """The APIs' own roots."""
        assert find(apis, "GET /zzz") == ("", "/books/ /my%20films/")
