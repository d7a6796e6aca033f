"""
Which changes touch what a recorded consumer did.

The record is the mock's own journal (`GET /__admin/requests`, WireMock's shape), made against the older
contract. A change is only called unused where the record can tell: the operation was never called, the
parameter never sent, the status never answered. Whether a consumer reads a property of an answer cannot be
seen, so one that was answered counts.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl

from mockserver.contract.media import parsed
from mockserver.contract.model import Contract
from mockserver.contract.routes import Match, Routes
from mockserver.contract.sources import split_pointer
from mockserver.contract.urls import parts_of
from mockserver.errors import UsageError
from mockserver.exchange import MISSING, Json
from mockserver.verify.diff.changes import Change, Difference

_ASKED = ("added-required", "added-required-with-default", "became-required")
"""Aspects that touch a consumer that does not send it yet."""


@dataclass
class Call:
    """One recorded call: names are lower case for headers; bodies are `MISSING` where they are no JSON."""

    operation: str
    sent: Mapping[str, frozenset[str]]
    media: str
    body: Json
    status: int
    answered_media: str
    answer: Json


@dataclass
class Record:
    """
    What a consumer was seen to do.

    Attributes:
        entries: How many calls the record has.
        unknown: How many of them the older contract has no operation for.
    """

    calls: dict[str, list[Call]] = field(default_factory=dict)
    entries: int = 0
    unknown: int = 0

    def uses(self, change: Change) -> bool:
        """Return whether a recorded call is touched by *change*; True where that cannot be told."""
        if not change.operation:
            return bool(self.calls)
        calls = self.calls.get(change.operation, [])
        where = change.where
        if where is None:
            return bool(calls)
        return any(_touches(change, call) for call in calls)


def read(file: Path, contract: Contract) -> Record:
    """
    Return the record in *file*, its calls matched with the operations of *contract*.

    Raises:
        UsageError: The file is not there, or is not what `GET /__admin/requests` answers.
    """
    try:
        said = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"--against-journal {file}: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"{file}: not JSON: {error}") from error
    entries = said.get("requests") if isinstance(said, dict) else said
    if not isinstance(entries, list):
        raise UsageError(f"{file}: no list of requests, as GET /__admin/requests answers it")
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise UsageError(f"{file}: /{index}: a request is expected, an object; found {entry!r:.40}")
    record = Record(entries=len(entries))
    routes = Routes(contract.routes)
    for entry in entries:
        call = _call(entry, contract, routes)
        if call is None:
            record.unknown += 1
        else:
            record.calls.setdefault(call.operation, []).append(call)
    return record


def marked(difference: Difference, record: Record) -> None:
    """Say of each change whether the record is touched by it."""
    difference.changes = [replace(change, used=record.uses(change)) for change in difference.changes]


# -------------------------------------------------------------------------------------------------- reading


def _call(entry: Json, contract: Contract, routes: Routes) -> Call | None:
    request = entry.get("request", entry) if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        return None
    url = parts_of(str(request.get("url") or request.get("absoluteUrl") or ""))
    method = str(request.get("method", "")).upper()
    noted = entry.get("mock") if isinstance(entry.get("mock"), dict) else {}
    found = _match(routes, method, url.path, contract)
    own = noted.get("api") in (None, "", contract.name)
    operation = found.route.id if found is not None else str(noted.get("operation", "")) if own else ""
    if operation not in contract.operations:
        return None
    response = entry.get("response") if isinstance(entry.get("response"), dict) else {}
    headers, answered = _headers(request), _headers(response)
    cookies = request.get("cookies")
    media = headers.get("content-type", "")
    return Call(
        operation=operation,
        sent={
            "query": frozenset(_query_names(url.query)),
            "header": frozenset(headers),
            "cookie": frozenset(cookies) if isinstance(cookies, dict) else frozenset(),
        },
        media=media,
        body=_body(request, media),
        status=response["status"] if isinstance(response.get("status"), int) else 0,
        answered_media=answered.get("content-type", ""),
        answer=_body(response, answered.get("content-type", "")),
    )


def _match(routes: Routes, method: str, path: str, contract: Contract) -> Match | None:
    """Match *path* as it stands, below a base path, or below the API's name as the mock mounts it."""
    for prefix in (
        "",
        *contract.bases,
        f"/{contract.name}",
        *(f"/{contract.name}{b}" for b in contract.bases),
    ):
        if path.startswith(f"{prefix}/"):
            found = routes.match(method, path[len(prefix) :])
            if isinstance(found, Match):
                return found
    return None


def _query_names(query: str) -> Iterator[str]:
    """Yield the names in *query*; "filter[status]" is also "filter"."""
    for name, _ in parse_qsl(query, keep_blank_values=True):
        yield name
        yield name.partition("[")[0]


def _headers(message: Mapping[str, Json]) -> dict[str, str]:
    headers = message.get("headers")
    if not isinstance(headers, dict):
        return {}
    first = {
        name: value[0] if isinstance(value, list) and value else value for name, value in headers.items()
    }
    return {name.lower(): str(value) for name, value in first.items()}


def _body(message: Mapping[str, Json], media: str) -> Json:
    name = parsed(media)
    if name is None or not (name.subtype == "json" or name.subtype.endswith("+json")):
        return MISSING
    try:
        encoded = message.get("bodyAsBase64")
        text = base64.b64decode(encoded) if isinstance(encoded, str) else str(message.get("body", ""))
        return json.loads(text)
    except (ValueError, binascii.Error):
        return MISSING


# ----------------------------------------------------------------------------------------------- touching


def _touches(change: Change, call: Call) -> bool:
    where = change.where
    assert where is not None
    if where.kind.startswith("webhook") or change.aspect.endswith("-status-added"):
        return True  # nothing that was recorded could show it
    if where.status:
        if not _covers_status(where.status, call.status):
            return False
        if where.kind == "response-body" and where.media and not _is_media(where.media, call.answered_media):
            return False
        return not change.pointer or _reaches(call.answer, change)
    if where.location:
        if where.location == "path":
            return True
        name = where.name.lower() if where.location == "header" else where.name
        sent = name in call.sent.get(where.location, frozenset())
        if where.location == "query" and not sent:
            sent = f"{name}[]" in call.sent["query"]
        return sent != (change.aspect in _ASKED) if not change.pointer else sent
    if where.media and call.media and not _is_media(where.media, call.media):
        return False
    if not change.pointer:
        return not (change.aspect in _ASKED and call.body is not MISSING)
    return _reaches(call.body, change)


def _covers_status(key: str, status: int) -> bool:
    return not status or key in ("default", str(status), f"{status // 100}XX")


def _is_media(name: str, sent: str) -> bool:
    outer, inner = parsed(name), parsed(sent)
    return outer is None or inner is None or outer.covers(inner, strict=False)


def _reaches(body: Json, change: Change) -> bool:
    """Whether the value that *change* is about is in *body*; of one that is asked for, whether it is not."""
    if body is MISSING:
        return True
    *way, last = split_pointer(change.pointer)
    asked = change.aspect in _ASKED and change.rule.startswith("request")
    if asked:
        return any(isinstance(node, dict) and last not in node for node in _along(body, way))
    return any(True for _ in _along(body, [*way, last]))


def _along(node: Json, way: list[str]) -> Iterator[Json]:
    if not way:
        yield node
        return
    token, rest = way[0], way[1:]
    if token == "*":
        children = node if isinstance(node, list) else node.values() if isinstance(node, dict) else ()
        for child in children:
            yield from _along(child, rest)
    elif isinstance(node, dict) and token in node:
        yield from _along(node[token], rest)
    elif isinstance(node, list) and token.isdigit() and int(token) < len(node):
        yield from _along(node[int(token)], rest)
