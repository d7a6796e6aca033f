"""
One request on its way through a mutant.

A bug sees it here, may change it, have it answered, change the answer, and look
at what was remembered before and after. Worlds are copied, not changed in place:
a copy costs what is changed in it (behavior/store.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mockserver.behavior.act import GONE
from mockserver.behavior.store import Row
from mockserver.behavior.world import World
from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import Operation
from mockserver.contract.routes import Match
from mockserver.contract.written_bodies import write_body
from mockserver.exchange import MISSING, Arguments, Json, Request, Response, Violation, dumps
from mockserver.server.api import Api
from mockserver.server.session import Session

RowAt = tuple[str, Any]
"""Table and key of a row."""


@dataclass
class Difference:
    """What a call has changed: rows by table and key."""

    made: dict[RowAt, Row] = field(default_factory=dict)
    changed: dict[RowAt, tuple[Row, Row]] = field(default_factory=dict)
    gone: dict[RowAt, Row] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.made or self.changed or self.gone)


class Call:
    """
    One request.

    Attributes:
        operation: The id of what it is addressed to, "" for nothing.
        allow: The methods that its path has, where it has not this one.
    """

    def __init__(
        self,
        request: Request,
        api: Api,
        session: Session,
        match: Match | None,
        allow: tuple[str, ...],
        answer: Callable[[Request], Response],
    ) -> None:
        self.request = request
        self.api = api
        self.session = session
        self.allow = allow
        self.operation = match.route.id if match is not None else ""
        self._match = match
        self._answer = answer
        self._changed = False
        self._true: Response | None = None

    def proceed(self, request: Request | None = None) -> Response:
        """Have the request, or another one, answered as it should be."""
        response = self._answer(request or self.request)
        self._changed = self._changed or (request is not None and request is not self.request)
        self._true = Response(response.status, list(response.headers), response.body, response.wire)
        return response

    def bitten(self, response: Response) -> bool:
        """Return whether *response* is not the host's own, or what is remembered was changed."""
        return self._changed or response != self._true

    # ------------------------------------------------------------------ request

    @property
    def contracted(self) -> Operation:
        """What it is addressed to. To be asked only where `operation` is not ""."""
        return self.api.contract.operations[self.operation]

    @cached_property
    def read(self) -> tuple[Arguments, list[Violation]]:
        """The request as the contract reads it, and what is wrong with it."""
        if self._match is None:
            return Arguments(), []
        return self.api.prepared(self._match.route).reader.read(self._match.captured, self.request)

    @property
    def body(self) -> Json:
        """What was sent, safe to change; `MISSING` for nothing."""
        body = self.read[0].body
        return json.loads(dumps(body)) if isinstance(body, (dict, list)) else body

    def with_body(self, value: Json) -> Request:
        """Return the request with another body, written in the media type in which it came."""
        operation = self.contracted
        essence = self.read[0].media_type
        content = operation.body.content if operation.body is not None else {}
        media = content.get(essence) or next(iter(content.values()), None)
        if media is None:
            return self.request
        written = write_body(media, value)
        kept = [pair for pair in self.request.headers if pair[0] not in ("content-type", "content-length")]
        fields = (*kept, ("content-type", written.media_type))
        return Request(self.request.method, self.request.path, self.request.query, fields, written.content)

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """The query, pair by pair."""
        return parse_qsl(self.request.query, keep_blank_values=True)

    def asked(self, name: str) -> str | None:
        """Return the first value of the query parameter *name*."""
        return next((value for key, value in self.query if key == name), None)

    def with_query(self, name: str, *values: str) -> Request:
        """Return the request with other *values* of a query parameter; none takes it out."""
        pairs = [(key, value) for key, value in self.query if key != name]
        return self.with_pairs([*pairs, *((name, value) for value in values)])

    def with_pairs(self, pairs: list[tuple[str, str]]) -> Request:
        """Return the request with another query."""
        request = self.request
        return Request(request.method, request.path, urlencode(pairs), request.headers, request.body)

    def with_headers(self, **fields: str | None) -> Request:
        """Return the request with other header fields ("_" for "-"); None takes one out."""
        names = {name.replace("_", "-"): value for name, value in fields.items()}
        kept = [pair for pair in self.request.headers if pair[0] not in names]
        added = [(name, value) for name, value in names.items() if value is not None]
        request = self.request
        return Request(request.method, request.path, request.query, (*kept, *added), request.body)

    # -------------------------------------------------------------------- world

    @property
    def world(self) -> World:
        """What is remembered."""
        return self.session.worlds[self.api.name]

    @contextmanager
    def within(self, world: World) -> Iterator[None]:
        """Answer in another *world*, and come back to this one."""
        kept = self.world
        self._changed = True
        self.session.worlds[self.api.name] = world
        try:
            yield
        finally:
            self.session.worlds[self.api.name] = kept

    def back_to(self, world: World) -> None:
        """Remember what *world* does, and nothing else."""
        self._changed = True
        self.session.worlds[self.api.name] = world

    def observed(self, request: Request | None = None) -> tuple[Response, World, Difference]:
        """Have the request answered; return the answer, the world before it, and what has changed."""
        before = self.world.copy()
        response = self.proceed(request)
        return response, before, difference(before, self.world)

    def edit(self, rows: dict[RowAt, Row | None]) -> None:
        """Set rows; None takes one away."""
        self._changed = True
        world = self.world
        transaction = world.begin()
        for (table, key), row in rows.items():
            if row is None:
                transaction.delete(table, key)
            else:
                transaction.put(table, key, row)
        world.version += 1
        world.commit(transaction, by_client=False)


def difference(before: World, after: World) -> Difference:
    """Return what *after* has in place of what *before* had."""
    found = Difference()
    for name, table in after.tables.items():
        old, new = before.tables[name].rows if name in before.tables else {}, table.rows
        if old is new:
            continue
        for key, row in new.items():
            was = old.get(key)
            if was is row:
                continue
            there, here = was is not None and GONE not in was, GONE not in row
            if here and not there:
                found.made[name, key] = row
            elif here and was is not None:
                found.changed[name, key] = (was, row)
            elif there and was is not None:
                found.gone[name, key] = was
        found.gone.update(
            {(name, key): row for key, row in old.items() if key not in new and GONE not in row}
        )
    return found


# ------------------------------------------------------------------------------------------------- answers


def said(response: Response) -> Json:
    """Return the JSON of an answer, `MISSING` where it has none."""
    media = parsed(response.header("content-type"))
    if media is None or not is_json(media.essence) or not response.body:
        return MISSING
    return json.loads(response.body)


def saying(response: Response, value: Json) -> Response:
    """Return the answer with another JSON body."""
    return Response(response.status, response.headers, dumps(value), response.wire)


def succeeded(response: Response) -> bool:
    """Return whether an answer is a success of the API's own."""
    return 200 <= response.status < 300


def with_fields(response: Response, **fields: str | None) -> Response:
    """Return the answer with other header fields ("_" for "-"); None takes one out."""
    names = {name.replace("_", "-"): value for name, value in fields.items()}
    lower = {name.lower() for name in names}
    kept = [pair for pair in response.headers if pair[0].lower() not in lower]
    added = [(name, value) for name, value in names.items() if value is not None]
    return Response(response.status, [*kept, *added], response.body, response.wire)
