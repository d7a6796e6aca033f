"""
Make the calls of a finding once more.

What an answer gave is said with the value that it gives now: a key that a later
call names is another one after the first call was made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import orjson

from mockserver.exchange import Json, Request
from mockserver.verify.context import Context
from mockserver.verify.findings import Exchanged


def replayed(context: Context, calls: Sequence[Exchanged]) -> Exchanged | None:
    """Make *calls* in order, and return the last; None where there are none, or where no time is left."""
    last = None
    changed: dict[str, str] = {}
    for call in calls:
        if context.budget.over:
            return None
        last = context.send(_with(call.request, changed), call.operation)
        changed.update(_changes(call, last))
    return last


def _changes(before: Exchanged, now: Exchanged) -> Iterator[tuple[str, str]]:
    """Yield the texts and numbers of an answer that are others now: what it was, what it is."""
    if before.response is None or now.response is None or before.request.method != "POST":
        return
    pairs = [_json(one.response.body) for one in (before, now) if one.response is not None]
    yield from _differing(pairs[0], pairs[1])
    old, new = (one.response.header("location") for one in (before, now) if one.response is not None)
    if old and new and old != new:
        yield old.rpartition("/")[2], new.rpartition("/")[2]


def _differing(old: Json, new: Json) -> Iterator[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in old.keys() & new.keys():
            yield from _differing(old[name], new[name])
    elif isinstance(old, (str, int)) and isinstance(new, (str, int)) and old != new:
        yield str(old), str(new)


def _json(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _with(request: Request, changed: dict[str, str]) -> Request:
    if not changed:
        return request
    quoted = {quote(old, safe=""): quote(new, safe="") for old, new in changed.items()}
    path = "/".join(quoted.get(segment, segment) for segment in request.path.split("/"))
    body = request.body
    said = _json(body)
    if said is not None:
        body = orjson.dumps(_replaced(said, changed))
    return Request(request.method, path, request.query, request.headers, body)


def _replaced(value: Json, changed: dict[str, str]) -> Json:
    if isinstance(value, dict):
        return {name: _replaced(inner, changed) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, changed) for inner in value]
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value) in changed:
        new = changed[str(value)]
        return int(new) if isinstance(value, int) and new.isdecimal() else new
    return value
