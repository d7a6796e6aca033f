"""
A collection of notes, by hand, whose permitted choices are functions: does the judge let them pass?

`notes(...)` is the document, `Notes(...)` the server; `verdict` judges one by the other.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import yaml

from mockserver.exchange import Request, Response
from mockserver.tests.crud import GONE, answer, body, in_path, listed, thing
from mockserver.tests.in_process import Here, judged
from mockserver.verify.report import Report

Json = Any
Row = dict[str, Any]

REFUSED = {"description": "Refused."}
TOKENS = {"Bearer test-token": "first", "Bearer other-token": "second"}


def notes(
    properties: Mapping[str, Json],
    *required: str,
    query: Sequence[Json] = (),
    created: str = "201",
    changed: str = "200",
    read_only: Mapping[str, Json] | None = None,
    list_said: str = "Lists notes",
    said: str = "",
    page: Json = None,
) -> dict[str, Any]:
    """Return the document of notes that have *properties*, beside an id and what is *read_only*."""
    row = thing({"id": {"type": "integer"}, **properties, **(read_only or {})}, "id", *required)
    many = page(row) if page is not None else listed(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1", "description": said},
        "security": [{"bearer": []}],
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/notes": {
                "get": {
                    "operationId": "listNotes",
                    "summary": list_said,
                    "parameters": list(query),
                    "responses": {"200": answer(many), "401": REFUSED},
                },
                "post": {
                    "operationId": "makeNote",
                    "requestBody": body(thing(properties, *required)),
                    "responses": {created: answer(row), "401": REFUSED},
                },
            },
            "/notes/{id}": {
                "parameters": [in_path("id")],
                "get": {
                    "operationId": "readNote",
                    "responses": {"200": answer(row), "401": REFUSED, "404": GONE},
                },
                "patch": {
                    "operationId": "changeNote",
                    "requestBody": body(thing(properties)),
                    "responses": {changed: answer(row), "401": REFUSED, "403": REFUSED, "404": GONE},
                },
                "delete": {
                    "operationId": "deleteNote",
                    "responses": {"204": GONE, "401": REFUSED, "403": REFUSED, "404": GONE},
                },
            },
        },
    }


class Notes:
    """
    The server.

    Attributes:
        keep: (name, value) -> what is kept of a value that was sent.
        lists: (rows, query) -> the rows of a list.
        sees, may: (account, row) -> whether it is shown to somebody, and may be changed.
        guarded: Methods that not everybody may ask for.
        made, done: Status of creating, and of changing.
        late: Requests after which is there what was answered 202.
        show: (row) -> what else an answer shows.
        fields: Of every answer.
        located: The Location of what was made, with "{id}" in it; "" for none.
        page: (rows, query) -> the body of a list.
    """

    def __init__(
        self,
        *,
        keep: Callable[[str, Json], Json] = lambda name, value: value,
        lists: Callable[[list[Row], Mapping[str, str]], list[Row]] = lambda rows, query: rows,
        sees: Callable[[str, Row], bool] = lambda account, row: True,
        may: Callable[[str, Row], bool] = lambda account, row: True,
        guarded: Sequence[str] = ("PATCH", "DELETE"),
        made: int = 201,
        done: int = 200,
        late: int = 0,
        show: Callable[[Row], Row] = lambda row: {},
        fields: Sequence[tuple[str, str]] = (),
        page: Callable[[list[Row], Mapping[str, str]], Json] = lambda rows, query: rows,
        located: str = "",
    ) -> None:
        self.keep, self.lists, self.sees, self.may = keep, lists, sees, may
        self.made, self.done, self.late, self.show, self.guarded = made, done, late, show, guarded
        self.fields, self.page, self.located = list(fields), page, located
        self.rows: dict[int, Row] = {}
        self.waiting: list[tuple[int, Callable[[], None]]] = []
        self.asked = 0
        self.number = 0

    def __call__(self, request: Request) -> Response:
        """Answer."""
        self.asked += 1
        due = [change for at, change in self.waiting if at <= self.asked]
        self.waiting = [one for one in self.waiting if one[0] > self.asked]
        for change in due:
            change()
        account = TOKENS.get(request.header("authorization"))
        if account is None:
            return Response(401, [("WWW-Authenticate", "Bearer")], b"")
        found = re.fullmatch(r"/notes(?:/(?:note-)?(\d+))?", request.path)
        if found is None:
            return Response(404, [], b"")
        if found[1] is None:
            return self._collection(request, account)
        return self._one(request, account, int(found[1]))

    def _later(self, status: int, change: Callable[[], None]) -> None:
        if status == 202:
            self.waiting.append((self.asked + self.late, change))
        else:
            change()

    def _said(self, body: Json, status: int, *more: tuple[str, str]) -> Response:
        return Response(
            status, [("Content-Type", "application/json"), *self.fields, *more], json.dumps(body).encode()
        )

    def _shown(self, row: Row) -> Row:
        return {name: value for name, value in {**row, **self.show(row)}.items() if not name.startswith("_")}

    def _collection(self, request: Request, account: str) -> Response:
        if request.method == "GET":
            query = {name: values[0] for name, values in parse_qs(request.query).items()}
            rows = [row for row in self.rows.values() if self.sees(account, row)]
            return self._said(self.page([self._shown(row) for row in self.lists(rows, query)], query), 200)
        if request.method != "POST":
            return Response(405, [("Allow", "GET, POST")], b"")
        self.number += 1
        sent = {name: self.keep(name, value) for name, value in json.loads(request.body).items()}
        row = {**sent, "id": self.number, "_account": account, "_at": time.monotonic()}
        self._later(self.made, lambda: self.rows.update({row["id"]: row}))
        place = [("Location", self.located.format(**row))] if self.located else []
        return self._said(self._shown(row), self.made, *place)

    def _one(self, request: Request, account: str, key: int) -> Response:
        row = self.rows.get(key)
        if row is None or not self.sees(account, row):
            return Response(404, [], b"")
        if request.method == "GET":
            return self._said(self._shown(row), 200)
        if request.method not in ("PATCH", "DELETE"):
            return Response(405, [("Allow", "GET, PATCH, DELETE")], b"")
        if request.method in self.guarded and not self.may(account, row):
            return Response(403, [], b"")
        if request.method == "DELETE":
            del self.rows[key]
            return Response(204, [], b"")
        sent = {name: self.keep(name, value) for name, value in json.loads(request.body).items()}
        fresh = {**row, **sent}
        self._later(self.done, lambda: self.rows.update({key: fresh}))
        return self._said(self._shown(row if self.done == 202 else fresh), self.done)


def verdict(
    folder: Path, document: Mapping[str, Any], server: Notes, only: str = "", settles: float = 0.0
) -> Report:
    """Judge *server* by *document*, by one law where *only* names it; it *settles* in so many seconds."""
    file = folder / "notes.yaml"
    file.write_text(yaml.safe_dump(dict(document), sort_keys=False), "utf-8")
    here = Here(server)
    here.settles = settles
    return judged(str(file), here, only=only)


def accused(report: Report) -> list[tuple[str, str]]:
    """Return what a report accuses of: (rule, detail)."""
    return [(one.rule, one.detail) for one in report.broken]
