"""
What only words say: that nothing is behind the last page, that a bound counts, that what is used stays.

A library by hand: books of a day, page by page, and loans of them.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml

from mockserver.exchange import Request, Response
from mockserver.tests.crud import GONE, NUMBER, TEXT, answer, body, in_path, in_query, listed, thing
from mockserver.tests.in_process import Here, judged

DAY = {"type": "string", "format": "date"}
NEW = thing({"title": TEXT, "bought_on": DAY}, "title", "bought_on")
BOOK = thing({"id": TEXT, "title": TEXT, "bought_on": DAY}, "id", "title", "bought_on")
LOAN = thing({"id": TEXT, "book_id": TEXT}, "id", "book_id")
INVALID = {"description": "Not valid."}
SOME = {"type": "integer", "minimum": 1, "maximum": 50, "default": 20}
WORDS = {
    "list": "`next` is null on the last page.",
    "since": "Books bought on this day or later.",
    "used": "The book is on loan.",
}


def document(words: dict[str, str]) -> dict[str, Any]:
    """Return the document, with these words."""
    page = thing({"items": listed(BOOK), "next": {"type": ["string", "null"]}}, "items")
    query = [
        in_query("cursor"),
        in_query("limit", SOME),
        in_query("bought_after", DAY, description=words["since"]),
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Library", "version": "1"},
        "paths": {
            "/books": {
                "get": {
                    "operationId": "list",
                    "description": words["list"],
                    "parameters": query,
                    "responses": {"200": answer(page), "400": INVALID},
                },
                "post": {
                    "operationId": "add",
                    "requestBody": body(NEW),
                    "responses": {"201": answer(BOOK), "400": INVALID},
                },
            },
            "/books/{id}": {
                "parameters": [in_path("id", TEXT)],
                "get": {"operationId": "read", "responses": {"200": answer(BOOK), "404": GONE}},
                "delete": {
                    "operationId": "remove",
                    "responses": {"204": GONE, "404": GONE, "409": {"description": words["used"]}},
                },
            },
            "/loans": {
                "get": {"operationId": "loans", "responses": {"200": answer(listed(LOAN))}},
                "post": {
                    "operationId": "lend",
                    "requestBody": body(thing({"book_id": TEXT, "days": NUMBER}, "book_id")),
                    "responses": {"201": answer(LOAN), "400": INVALID, "404": GONE},
                },
            },
        },
    }


class Library:
    """The books, and what is wrong with them."""

    def __init__(self, bug: str = "") -> None:
        self.bug = bug
        self.books: dict[str, dict[str, Any]] = {}
        self.lent: list[str] = []
        self.count = 0

    def __call__(self, request: Request) -> Response:
        """Answer."""
        status, said = self.answer(request)
        fields = [("content-type", "application/json")] if said is not None else []
        return Response(status, fields, json.dumps(said).encode() if said is not None else b"")

    def answer(self, request: Request) -> tuple[int, Any]:
        """Return status and body."""
        said = json.loads(request.body) if request.body else {}
        key = request.path.removeprefix("/books/")
        loans = [{"id": f"l{at}", "book_id": one} for at, one in enumerate(self.lent)]
        if request.path == "/loans" and request.method == "GET":
            return 200, loans
        if request.path == "/loans":
            if said.get("book_id") not in self.books:
                return 404, None
            self.lent.append(said["book_id"])
            return 201, {"id": f"l{len(loans)}", "book_id": said["book_id"]}
        if request.path != "/books" and key not in self.books:
            return 404, None
        if request.method == "DELETE":
            if key in self.lent and self.bug != "used_goes":
                return 409, None
            del self.books[key]
            return 204, None
        if request.method == "GET":
            return self.page(parse_qs(request.query)) if request.path == "/books" else (200, self.books[key])
        if not all(isinstance(said.get(one), str) for one in ("title", "bought_on")):
            return 400, None
        self.count += 1
        self.books[f"b{self.count}"] = {"id": f"b{self.count}", **said}
        return 201, self.books[f"b{self.count}"]

    def page(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        """Return one page."""
        start, limit = int(query.get("cursor", ["0"])[0]), int(query.get("limit", ["20"])[0])
        rows = list(self.books.values())
        if since := query.get("bought_after", [""])[0]:
            later = [one for one in rows if one["bought_on"] > since]
            same = [one for one in rows if one["bought_on"] == since]
            rows = later if self.bug == "bound_left_out" else later + same
        more = start + limit < len(rows) or (self.bug == "goes_on" and start < len(rows))
        return 200, {"items": rows[start : start + limit], "next": str(start + limit) if more else None}


BUGS = {"goes_on": "pages-are-whole", "bound_left_out": "filters-filter", "used_goes": "used-stays"}


def found(folder: Any, bug: str, words: dict[str, str], law: str) -> list[str]:
    file = folder / "library.yaml"
    file.write_text(yaml.safe_dump(document(words), sort_keys=False))
    return [one.rule for one in judged(str(file), Here(Library(bug)), only=law).findings]


@pytest.mark.parametrize("bug", BUGS)
def test_what_words_exclude_is_convicted(tmp_path: Any, bug: str) -> None:
    """
    Most of what a client relies on stands in a sentence, and in no schema.
    """
    assert found(tmp_path, bug, WORDS, BUGS[bug]) == [f"lockstep/{BUGS[bug]}"]
    assert found(tmp_path, "", WORDS, BUGS[bug]) == []


@pytest.mark.parametrize("bug", BUGS)
def test_what_no_words_exclude_is_acquitted(tmp_path: Any, bug: str) -> None:
    """
    A last page may name an empty one, "after" may mean later, and not all that is used has to stay.
    """
    silent = {"list": "Books.", "since": "When.", "used": "Only loans that are active keep it."}
    assert found(tmp_path, bug, silent, BUGS[bug]) == []
