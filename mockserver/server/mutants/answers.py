"""
Answers that are wrong as a whole: status, media type, header fields, envelope, refusals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mockserver.exchange import MISSING, Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import answered, found, good, json_media, leaves, operations, refusals
from mockserver.server.mutants.call import Call, said, saying, with_fields
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.shape import on_success


def _with_body(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        if answered(operation) is not None:
            yield Spot(operation.id)


def _with_object(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        shape = answered(operation)
        if shape is not None and "object" in shape.kinds and "array" not in shape.kinds:
            yield Spot(operation.id)


def _undocumented(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        if good(operation) is not None and _other_status(operation.responses) is not None:
            yield Spot(operation.id)


def _other_status(documented: Iterable[str]) -> int | None:
    known = set(documented)
    if "default" in known or "2XX" in known:
        return None
    return next((status for status in (202, 206, 203, 226) if str(status) not in known), None)


def _change_status(response: Response, call: Call) -> Response:
    status = _other_status(call.contracted.responses)
    return Response(status or 299, response.headers, response.body, response.wire)


def _with_headers(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        success = good(operation)
        for name, header in success.promise.headers.items() if success is not None else ():
            if header.required:
                yield Spot(operation.id, name)


def _drop_header(api: Api, spot: Spot) -> Act:
    del api

    def act(call: Call) -> Response:
        response = call.proceed()
        if call.operation != spot.operation:
            return response
        return with_fields(response, **{spot.at: None})

    return act


def _closed(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        shape = answered(operation)
        if shape is None:
            continue
        closed = {leaf.path[:-1] for leaf in leaves(shape) if leaf.closed and not leaf.listed}
        yield from (Spot(operation.id, "".join(f"/{step}" for step in path)) for path in sorted(closed))


def _add_property(api: Api, spot: Spot) -> Act:
    path = tuple(spot.at.split("/")[1:])
    return on_success(lambda response, _: _in_object(response, path))(api, spot)


def _in_object(response: Response, path: tuple[str, ...]) -> Response:
    value = said(response)
    holders = [value] if not path else [holder[key] for holder, key in found(value, path)]
    for holder in holders:
        if isinstance(holder, dict):
            holder["_rowVersion"] = 3
    return response if value is MISSING else saying(response, value)


def _as_array(response: Response, call: Call) -> Response:
    del call
    value = said(response)
    return saying(response, [value]) if isinstance(value, dict) else response


def _unwrapped(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        shape = answered(operation)
        if shape is None or "object" not in shape.kinds:
            continue
        for leaf in leaves(shape):
            inner = leaf.shape
            if len(leaf.path) == 1 and leaf.surely and inner.typed and inner.kinds <= {"object", "array"}:
                yield Spot(operation.id, leaf.pointer)


def _unwrap(api: Api, spot: Spot) -> Act:
    def change(response: Response, _: Call) -> Response:
        value = said(response)
        return (
            saying(response, value[spot.at[1:]])
            if isinstance(value, dict) and spot.at[1:] in value
            else response
        )

    return on_success(change)(api, spot)


def _emptied(response: Response, call: Call) -> Response:
    del call
    return Response(response.status, response.headers, b"", response.wire)


def _torn(response: Response, call: Call) -> Response:
    del call
    return Response(response.status, response.headers, response.body[:-1], response.wire)


def _as_html(response: Response, call: Call) -> Response:
    del call
    return with_fields(response, Content_Type="text/html; charset=utf-8")


def _refusing(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        shapes = [shape for _, shape in refusals(operation)]
        if shapes and any(leaf.required for leaf in leaves(shapes[0])):
            yield Spot(operation.id)


def _refusals(change: Callable[[Response], Response]) -> Callable[[Api, Spot], Act]:
    def plant(api: Api, spot: Spot) -> Act:
        documented = {status for status, _ in refusals(api.contract.operations[spot.operation])}

        def act(call: Call) -> Response:
            response = call.proceed()
            return (
                change(response)
                if call.operation == spot.operation and response.status in documented
                else response
            )

        return act

    return plant


def _trace(response: Response) -> Response:
    made = b'Traceback (most recent call last):\n  File "app.py", line 214, in dispatch\nKeyError\n'
    return with_fields(
        Response(response.status, response.headers, made, response.wire), Content_Type="text/plain"
    )


def _bare(response: Response) -> Response:
    return saying(response, {"detail": "Bad request."}) if said(response) is not MISSING else response


def _media_of(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        success = good(operation)
        if success is not None and json_media(success.promise.content) is not None:
            offered = success.promise.content
            if not any(name.startswith("text/") or "*" in name for name in offered):
                yield Spot(operation.id)


def _serialized(response: Response, call: Call) -> Response:
    del call
    value = said(response)
    return saying(response, json.dumps(value)) if isinstance(value, (dict, list)) else response


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "shape", about, spots, plant)


KINDS = (
    _kind("extra-property", "answers a property that a closed object does not name", _closed, _add_property),
    _kind("array-for-object", "wraps its answer in an array", _with_object, on_success(_as_array)),
    _kind("unwrapped", "answers without its envelope", _unwrapped, _unwrap),
    _kind("double-encoded", "answers JSON as a text in JSON", _with_body, on_success(_serialized)),
    _kind("empty-body", "answers a success without its body", _with_body, on_success(_emptied)),
    _kind("torn-json", "answers JSON whose end is missing", _with_body, on_success(_torn)),
    _kind(
        "undocumented-status",
        "answers a success that is not documented",
        _undocumented,
        on_success(_change_status),
    ),
    _kind("wrong-media-type", "calls its JSON text/html", _media_of, on_success(_as_html)),
    _kind("missing-header", "leaves out a required header field", _with_headers, _drop_header),
    _kind("refusal-as-trace", "refuses with a traceback as text", _refusing, _refusals(_trace)),
    _kind("refusal-of-framework", "refuses in the shape of its framework", _refusing, _refusals(_bare)),
)
