"""
What of a contract was seen: its answers, its parameters, its enumerated values.

A row is one documented answer of one operation (Specmatic's model): tried, kept,
or not tested and why. What was answered and is not documented is a row too, and
never counts. It is told from the record alone, so that no phase need tell it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from mockserver.contract.media import chosen, parsed
from mockserver.contract.model import Operation, Promise, Schema
from mockserver.exchange import Json, Response, dumps
from mockserver.validation.requests import RequestReader
from mockserver.validation.responses import ResponseChecker
from mockserver.verify.context import Context
from mockserver.verify.findings import Exchanged
from mockserver.verify.phases import Checked

State = Literal["covered", "broken", "never seen", "undocumented", "not tested"]

UNPROVOKED = ("5", "429")
"""How statuses begin that a server says when it likes: no request can be made that must bring them."""


@dataclass
class Row:
    """
    One answer of one operation.

    Attributes:
        request: Media type of the request's body, "" where there is none or only one.
        status: The contract's key; of what is not documented, the code.
        media: Media type of the answer, "" for none.
        attempts: Answers of this kind that came.
        matches: Those of them that kept the contract.
        reason: Why it was not tested, "" where it was.
    """

    operation: str
    method: str
    path: str
    request: str
    status: str
    media: str
    documented: bool = True
    attempts: int = 0
    matches: int = 0
    reason: str = ""

    @property
    def state(self) -> State:
        """What is to be said of it."""
        if not self.documented:
            return "undocumented"
        if self.matches:
            return "covered"
        if self.attempts:
            return "broken"
        return "not tested" if self.reason else "never seen"

    @property
    def counts(self) -> bool:
        """Whether it is part of the percentage."""
        return self.documented and not (self.status.startswith(UNPROVOKED) and not self.attempts)


@dataclass
class Seen:
    """One parameter or enumeration: how often it was said well and badly; of an enumeration, which values."""

    operation: str
    name: str
    valid: int = 0
    invalid: int = 0
    values: tuple[Json, ...] = ()
    seen: set[bytes] = field(default_factory=set)

    @property
    def seen_values(self) -> list[Json]:
        """The enumerated values that were said, in the contract's order."""
        return [value for value in self.values if dumps(value) in self.seen]


@dataclass
class Coverage:
    """All that was seen."""

    rows: list[Row]
    parameters: list[Seen]

    @property
    def percent(self) -> float:
        """Covered rows of those that count, from 0 to 100; 100 where none counts."""
        counted = [row for row in self.rows if row.counts]
        if not counted:
            return 100.0
        return 100.0 * sum(row.state == "covered" for row in counted) / len(counted)

    def of(self, *states: State) -> list[Row]:
        """Return the rows in one of *states*."""
        return [row for row in self.rows if row.state in states]


def covered(context: Context, calls: Iterable[Exchanged], ran: Iterable[Checked]) -> Coverage:
    """Return what *calls* have covered of the operations of this run."""
    whys: dict[str, str] = {}
    for one in ran:
        if one.outcome in ("skipped", "inconclusive") and one.why:
            whys.setdefault(one.operation, one.why)
    tables = {
        identifier: _Table(operation, context.written.operations[identifier])
        for identifier in context.contract.operations
        if context.has(operation := context.contract.operations[identifier])
    }
    for call in calls:
        if call.operation in tables:
            table = tables[call.operation]
            table.add(call, context.captured(table.operation, call.request.path))
    rows, parameters = [], []
    for table in tables.values():
        rows += list(table.finished(whys.get(table.operation.id, "")))
        parameters += list(table.said.values())
    return Coverage(rows, parameters)


class _Table:
    """The rows of one operation: what *documented* promises, and what else came."""

    def __init__(self, operation: Operation, documented: Operation) -> None:
        self.operation = operation
        self.calls = 0
        self.rows = {(row.request, row.status, row.media): row for row in _documented(documented)}
        self.said = {one.name: one for one in _enumerated(operation)}

    @cached_property
    def checker(self) -> ResponseChecker:
        return ResponseChecker(self.operation)

    @cached_property
    def reader(self) -> RequestReader:
        return RequestReader(self.operation)

    def add(self, call: Exchanged, captured: Mapping[str, str] | None) -> None:
        if call.request.method != self.operation.method:
            return
        self.calls += 1
        if captured is not None:
            self._heard(call, captured)
        if call.response is not None:
            self._answered(call, call.response)

    def _answered(self, call: Exchanged, response: Response) -> None:
        promise = self.operation.promise(response.status)
        media = _media(promise, response)
        if promise is None:
            status = str(response.status)
        else:
            status = promise.status
            if media is None:
                media = next(iter(promise.content), "")  # documented, in another media type
        key = (_request_media(self.operation, call), status, media or "")
        if key not in self.rows:
            self.rows[key] = _row(self.operation, *key, documented=promise is not None)
        row = self.rows[key]
        row.attempts += 1
        if row.documented:
            row.matches += not self.checker.check(
                response.status, response.headers, response.body, method=call.request.method
            )

    def _heard(self, call: Exchanged, captured: Mapping[str, str]) -> None:
        if not self.said:
            return
        arguments, violations = self.reader.read(captured, call.request)
        wrong = {f"{one.where}.{one.pointer.strip('/').partition('/')[0]}" for one in violations}
        body = arguments.body if isinstance(arguments.body, dict) else {}
        values = {
            **{f"path.{name}": value for name, value in arguments.path.items()},
            **{f"query.{name}": value for name, value in arguments.query.items()},
            **{f"header.{name}": value for name, value in arguments.header.items()},
            **{f"cookie.{name}": value for name, value in arguments.cookie.items()},
            **{f"body.{name}": value for name, value in body.items()},
        }
        for name, one in self.said.items():
            if name in wrong:
                one.invalid += 1
            elif name in arguments.explicit or (name.startswith("body.") and name in values):
                one.valid += 1
                if one.values and name in values:
                    said = values[name]
                    for value in said if isinstance(said, list) else [said]:
                        one.seen.add(dumps(value))

    def finished(self, why: str) -> Iterator[Row]:
        for row in self.rows.values():
            if not row.attempts and row.documented:
                if row.status.startswith(UNPROVOKED):
                    row.reason = "no request can bring it about"
                elif not self.calls:
                    row.reason = why or "the operation was never called"
            yield row


def _documented(operation: Operation) -> Iterator[Row]:
    requests = list(operation.body.content) if operation.body is not None else []
    for request in requests if len(requests) > 1 else [""]:
        for status, promise in operation.responses.items():
            for media in promise.content or [""]:
                yield _row(operation, request, status, media)


def _row(operation: Operation, request: str, status: str, media: str, *, documented: bool = True) -> Row:
    route = operation.route
    return Row(operation.id, route.method, route.template, request, status, media, documented)


def _media(promise: Promise | None, response: Response) -> str | None:
    """Return the documented name of an answer's media type; of none that is documented, its own."""
    name = parsed(response.header("content-type"))
    if name is None:
        return "" if promise is None or not promise.content else None
    if promise is None:
        return name.essence
    found = chosen(promise.content, name)
    return found.name if found is not None else None


def _request_media(operation: Operation, call: Exchanged) -> str:
    content = operation.body.content if operation.body is not None else {}
    if len(content) < 2:
        return ""
    name = parsed(call.request.header("content-type"))
    found = chosen(content, name) if name is not None else None
    return found.name if found is not None else next(iter(content))


def _enumerated(operation: Operation) -> Iterator[Seen]:
    """Yield the parameters, and the body's properties that are enumerations."""
    for parameter in operation.parameters:
        yield Seen(operation.id, f"{parameter.location}.{parameter.name}", values=_values(parameter.schema))
    for media in operation.body.content.values() if operation.body is not None else ():
        raw = media.schema.json("request") if media.schema is not None else {}
        properties = raw.get("properties") if isinstance(raw, dict) else None
        for name, schema in properties.items() if isinstance(properties, dict) else ():
            if isinstance(schema, dict) and isinstance(schema.get("enum"), list):
                yield Seen(operation.id, f"body.{name}", values=tuple(schema["enum"]))


def _values(schema: Schema | None) -> tuple[Json, ...]:
    found = schema.json("request") if schema is not None else {}
    if not isinstance(found, dict):
        return ()
    items = found.get("items")
    enum = found.get("enum") or (items.get("enum") if isinstance(items, dict) else None)
    return tuple(enum) if isinstance(enum, list) else ()
