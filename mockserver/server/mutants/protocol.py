"""
Answers that are not as HTTP has them (RFC 9110), whatever their bodies say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.exchange import MISSING, Response, Wire, dumps
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import answered, good, leaves, operations, refusals, sent
from mockserver.server.mutants.call import Call, said, succeeded, with_fields
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.shape import on_success
from mockserver.server.mutants.sight import sight
from mockserver.server.mutants.values import free_text


def _every(api: Api) -> Iterator[Spot]:
    yield from (Spot(operation.id) for operation in operations(api))


def _elsewhere(change: Callable[[Response, Call], Response]) -> Callable[[Api, Spot], Act]:
    """Return what plants a change of the answers to methods that the path of an operation does not have."""

    def plant(api: Api, spot: Spot) -> Act:
        template = api.contract.operations[spot.operation].route.template
        method = api.contract.operations[spot.operation].method

        def act(call: Call) -> Response:
            response = call.proceed()
            if call.operation or method not in call.allow:
                return response
            here = api.routes.match(method, call.request.path)
            route = getattr(here, "route", None)
            return change(response, call) if route is not None and route.template == template else response

        return act

    return plant


def _no_allow(response: Response, call: Call) -> Response:
    del call
    return with_fields(response, Allow=None)


def _taken(response: Response, call: Call) -> Response:
    if call.request.method in ("HEAD", "OPTIONS"):
        return response
    return Response(200, [("Content-Type", "application/json")], b"{}")


def _wrong_allow(response: Response, call: Call) -> Response:
    return with_fields(response, Allow=", ".join(sorted({*call.allow, "PURGE", "TRACE"})))


def _crash(response: Response, call: Call) -> Response:
    del call
    return Response(500, [("Content-Type", "text/plain")], b"Internal Server Error", response.wire)


def _permitted(api: Api, operation: str) -> set[Any]:
    """Return the options of the choices that the statuses of an operation's answers hang on."""
    rule = api.behavior.rules.get(operation)
    asked = [
        argument
        for answer in (rule.answers if rule is not None else ())
        for function, argument in getattr(answer.status, "asked", ())
        if function == "choice"
    ]
    return {
        one for name in asked if name in api.behavior.choices for one in api.behavior.choices[name].options
    }


def _with_status(status: int, other: int) -> Callable[[Api], Iterator[Spot]]:
    def spots(api: Api) -> Iterator[Spot]:
        for operation in operations(api):
            success = good(operation)
            known = operation.responses.keys()
            if (
                success is not None
                and success.status == status
                and not known & {str(other), "2XX", "default"}
                and other not in _permitted(api, operation.id)
            ):
                yield Spot(operation.id)

    return spots


def _as(status: int, body: bytes | None = None) -> Callable[[Response, Call], Response]:
    def change(response: Response, call: Call) -> Response:
        del call
        if body is None:
            return Response(status, response.headers, response.body, response.wire)
        fields = with_fields(response, Content_Type="application/json").headers
        return Response(status, fields, body, response.wire)

    return change


def _located(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        success = good(operation)
        if success is not None and any(name.lower() == "location" for name in success.promise.headers):
            yield Spot(operation.id)


def _to_nowhere(response: Response, call: Call) -> Response:
    del call
    place = response.header("location")
    return with_fields(response, Location=f"{place}-moved") if place else response


def _heads(api: Api) -> Iterator[Spot]:
    """Yield what can be read by a documented HEAD, too: no contract says anything of another one."""
    heads = {one.route.template for one in operations(api) if one.method == "HEAD"}
    for operation in operations(api):
        if operation.method == "GET" and operation.route.template in heads:
            yield Spot(operation.id)


def _allowing(api: Api) -> Iterator[Spot]:
    """Yield what documents a 405 with Allow: else which methods there are is the server's to say."""
    for operation in operations(api):
        promise = operation.responses.get("405")
        if promise is not None and any(name.lower() == "allow" for name in promise.headers):
            yield Spot(operation.id)


def _on_head(api: Api, spot: Spot) -> Act:
    del api

    def act(call: Call) -> Response:
        response = call.proceed()
        mine = call.operation == spot.operation and call.request.method == "HEAD" and succeeded(response)
        return Response(404, response.headers, b"") if mine else response

    return act


def _bodied(api: Api) -> Iterator[Spot]:
    yield from (Spot(operation.id) for operation in operations(api) if answered(operation) is not None)


def _torn(fault: str) -> Callable[[Response, Call], Response]:
    def change(response: Response, call: Call) -> Response:
        del call
        return Response(response.status, response.headers, response.body, Wire(fault=fault))

    return change


def _untyped(response: Response, call: Call) -> Response:
    del call
    return with_fields(response, Content_Type=None)


def _telling(api: Api) -> Iterator[Spot]:
    """Yield what shows a text that anybody has sent: others may well be ASCII throughout."""
    told = [(one.id, leaf.path) for one in operations(api) if (body := sent(one)) for leaf in leaves(body)]
    for operation in operations(api):
        shape = answered(operation)
        names = {
            leaf.path[-1]
            for leaf in (leaves(shape) if shape is not None else ())
            if free_text(leaf) and sight(api).tells(operation.id, leaf.path[0])
        }
        if any(path[-1] in names and sight(api).shows_sent(operation.id, one, path) for one, path in told):
            yield Spot(operation.id)


def _latin(response: Response, call: Call) -> Response:
    del call
    value = said(response)
    if value is MISSING or dumps(value).isascii():
        return response
    body = dumps(value).decode("utf-8", "replace").encode("latin-1", "replace")
    return Response(response.status, response.headers, body, response.wire)


def _refusing(*statuses: int) -> Callable[[Api], Iterator[Spot]]:
    def spots(api: Api) -> Iterator[Spot]:
        for operation in operations(api):
            if any(status in statuses for status, _ in refusals(operation)):
                yield Spot(operation.id)

    return spots


def _missing(api: Api) -> Iterator[Spot]:
    """Yield what may find nothing: where rules look for no row and refuse nothing, no 404 ever comes."""
    for spot in _refusing(404, 410)(api):
        rule = api.behavior.rules.get(spot.operation)
        if rule is None or rule.item or rule.refusals or any(one.kind == "refuse" for one in rule.steps):
            yield spot


def _retold(change: Callable[[Response], Response], *statuses: int) -> Callable[[Api, Spot], Act]:
    """Return what plants another telling of documented refusals."""

    def plant(api: Api, spot: Spot) -> Act:
        del api

        def act(call: Call) -> Response:
            response = call.proceed()
            mine = call.operation == spot.operation and response.status in statuses
            return change(response) if mine else response

        return act

    return plant


def _fine(response: Response) -> Response:
    return Response(200, response.headers, response.body, response.wire)


def _nothing(response: Response) -> Response:
    return Response(
        200, with_fields(response, Content_Type="application/json").headers, b"null", response.wire
    )


def _teapot(response: Response) -> Response:
    return Response(418, response.headers, response.body, response.wire)


def _failing(response: Response) -> Response:
    return Response(500, response.headers, response.body, response.wire)


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "protocol", about, spots, plant)


KINDS = (
    _kind("no-allow", "answers 405 without Allow", _every, _elsewhere(_no_allow)),
    Kind(
        "wrong-allow",
        "protocol",
        "names methods in Allow that it has not",
        _allowing,
        _elsewhere(_wrong_allow),
        "a documented Allow",
    ),
    _kind("other-method-taken", "answers 200 to a method that it has not", _every, _elsewhere(_taken)),
    _kind("other-method-crashes", "answers 500 to a method that it has not", _every, _elsewhere(_crash)),
    Kind(
        "created-is-200",
        "protocol",
        "answers a create with 200",
        _with_status(201, 200),
        on_success(_as(200)),
        "a 201 that leaves no choice",
    ),
    _kind("ok-is-201", "answers 201 where nothing is made", _with_status(200, 201), on_success(_as(201))),
    _kind(
        "no-content-is-200",
        "answers 200 with a body in place of 204",
        _with_status(204, 200),
        on_success(_as(200, b"{}")),
    ),
    _kind("location-nowhere", "names a Location where nothing is", _located, on_success(_to_nowhere)),
    Kind(
        "head-differs",
        "protocol",
        "answers HEAD with 404 where GET has something",
        _heads,
        _on_head,
        "a documented HEAD",
    ),
    _kind("length-too-small", "announces half of its body", _bodied, on_success(_torn("length"))),
    _kind("body-torn", "closes in the middle of its body", _bodied, on_success(_torn("truncated"))),
    _kind("no-content-type", "does not say its media type", _bodied, on_success(_untyped)),
    _kind("latin-1", "writes a text that was sent in ISO 8859-1", _telling, on_success(_latin)),
    _kind(
        "refusal-is-200",
        "tells what is wrong with a request as 200",
        _refusing(400, 422),
        _retold(_fine, 400, 422),
    ),
    _kind(
        "missing-is-200",
        "answers 200 and null for what is not there",
        _missing,
        _retold(_nothing, 404, 410),
    ),
    _kind(
        "missing-is-500",
        "answers 500 for what is not there",
        _missing,
        _retold(_failing, 404, 410),
    ),
    _kind(
        "refusal-undocumented",
        "refuses with a status that is not documented",
        _refusing(400, 404, 409, 422),
        _retold(_teapot, 400, 404, 409, 422),
    ),
)
