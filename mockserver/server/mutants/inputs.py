"""
Requests that break the contract, and are taken all the same.

What is wrong is mended before the host sees it: the answer is that to a good request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Response, Violation
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import Leaf, json_media, leaves, operations, sent
from mockserver.server.mutants.call import Call
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.mending import mended, value_of
from mockserver.server.problems import problem

Fits = Callable[[Leaf], bool]


def _properties(fits: Fits) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the operations with such a property in their bodies."""

    def spots(api: Api) -> Iterator[Spot]:
        for operation in operations(api):
            shape = sent(operation)
            if shape is not None and any(fits(leaf) and not leaf.listed for leaf in leaves(shape)):
                yield Spot(operation.id, "body")

    return spots


def _parameters(fits: Callable[[Shape], bool]) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the operations with such a query parameter."""

    def spots(api: Api) -> Iterator[Spot]:
        for operation in operations(api):
            for parameter in operation.parameters:
                schema = parameter.schema
                if (
                    parameter.location == "query"
                    and schema is not None
                    and fits(Shape(schema.json("request")))
                ):
                    yield Spot(operation.id, "query")
                    break

    return spots


def _mending(*keywords: str, only: Callable[[Violation], bool] = bool) -> Callable[[Api, Spot], Act]:
    """Return what plants blindness for violations of these keywords, by default of all."""

    def plant(api: Api, spot: Spot) -> Act:
        del api

        def act(call: Call) -> Response:
            if call.operation != spot.operation:
                return call.proceed()
            wrong = [
                one
                for one in call.read[1]
                if one.where == spot.at and (one.keyword in keywords or not keywords) and only(one)
            ]
            return call.proceed(mended(call, wrong) if wrong else None)

        return act

    return plant


# ------------------------------------------------------------------------------------------- other blindness


def _bodies(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        if operation.body is not None and json_media(operation.body.content) is not None:
            yield Spot(operation.id, "body")


def _any_media(api: Api, spot: Spot) -> Act:
    del api

    def act(call: Call) -> Response:
        wrong = call.operation == spot.operation and any(one.keyword == "mediaType" for one in call.read[1])
        return call.proceed(call.with_headers(content_type="application/json") if wrong else None)

    return act


def _media_refused(api: Api) -> Iterator[Spot]:
    """Yield what documents how it refuses a body for its media type: else that is up to the server."""
    yield from (
        spot
        for spot in _only_json(api)
        if api.contract.operations[spot.operation].responses.keys() & {"415", "4XX"}
    )


def _only_json(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        body = operation.body
        if body is not None and body.required and [*body.content] == ["application/json"]:
            yield Spot(operation.id, "body")


def _with_input(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        if _can_be_wrong(operation):
            yield Spot(operation.id)


def _can_be_wrong(operation: Operation) -> bool:
    shape = sent(operation)
    return shape is not None and any(leaf.required or leaf.shape.typed for leaf in leaves(shape))


def _crash(when: Callable[[Violation], bool]) -> Callable[[Api, Spot], Act]:
    def plant(api: Api, spot: Spot) -> Act:
        del api

        def act(call: Call) -> Response:
            if call.operation == spot.operation and any(when(one) for one in call.read[1]):
                return problem(500, "Internal Server Error")
            return call.proceed()

        return act

    return plant


def _ignored_body(api: Api, spot: Spot) -> Act:
    """Plant that broken JSON is taken for a good body."""
    del api

    def act(call: Call) -> Response:
        broken = call.operation == spot.operation and any(one.keyword == "parse" for one in call.read[1])
        if not broken:
            return call.proceed()
        media = json_media(call.contracted.body.content) if call.contracted.body is not None else None
        if media is None or media.schema is None:
            return call.proceed()
        value = value_of(media.schema, "body", call)
        return call.proceed(
            call.with_headers(content_type=media.name) if value is MISSING else call.with_body(value)
        )

    return act


def _wrong_path(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        for parameter in operation.parameters:
            if parameter.location != "path" or parameter.schema is None:
                continue
            shape = Shape(parameter.schema.json("request"))
            if shape.typed and shape.kinds <= {"integer"} and not operation.responses.keys() & {"500", "5XX"}:
                yield Spot(operation.id)
                break


def _required_parameter(api: Api) -> Iterator[Spot]:
    for operation in operations(api):
        if any(one.required and one.location == "query" for one in operation.parameters):
            yield Spot(operation.id, "query")


def _has(*keywords: str) -> Fits:
    return lambda leaf: any(leaf.values(keyword) for keyword in keywords)


def _shape_has(*keywords: str) -> Callable[[Shape], bool]:
    return lambda shape: any(keyword in face for face in shape.faces for keyword in keywords)


def _needed(api: Api) -> Iterator[Spot]:
    """Yield what takes JSON with a property that has to be there, and is never null."""
    found = _properties(lambda leaf: leaf.surely and leaf.shape.typed and "null" not in leaf.shape.kinds)
    bodies = {spot.operation for spot in _bodies(api)}
    yield from (spot for spot in found(api) if spot.operation in bodies)


def _null_taken(api: Api, spot: Spot) -> Act:
    return _mending("type", only=lambda one: one.found is None)(api, spot)


def _blind(api: Api, spot: Spot) -> Act:
    return _mending()(api, Spot(spot.operation, "body"))


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "input", about, spots, plant)


KINDS = (
    _kind(
        "takes-missing-property",
        "takes a body without a required property",
        _properties(lambda leaf: leaf.required),
        _mending("required"),
    ),
    _kind(
        "takes-missing-parameter",
        "takes a request without a required parameter",
        _required_parameter,
        _mending("required"),
    ),
    _kind(
        "takes-wrong-type",
        "takes a property of another type",
        _properties(lambda leaf: leaf.shape.typed),
        _mending("type"),
    ),
    _kind(
        "takes-wrong-type-in-query",
        "takes a parameter of another type",
        _parameters(lambda shape: shape.scalar and "string" not in shape.kinds),
        _mending("type"),
    ),
    _kind(
        "takes-above-maximum",
        "takes a number above its maximum",
        _properties(_has("maximum", "exclusiveMaximum")),
        _mending("maximum", "exclusiveMaximum"),
    ),
    _kind(
        "takes-below-minimum",
        "takes a number below its minimum",
        _properties(_has("minimum", "exclusiveMinimum")),
        _mending("minimum", "exclusiveMinimum"),
    ),
    _kind(
        "takes-bounds-in-query",
        "takes a parameter out of its bounds",
        _parameters(_shape_has("minimum", "maximum")),
        _mending("minimum", "maximum"),
    ),
    _kind(
        "takes-too-long",
        "takes a text beyond maxLength",
        _properties(_has("maxLength")),
        _mending("maxLength"),
    ),
    _kind(
        "takes-too-short",
        "takes a text shorter than minLength",
        _properties(_has("minLength")),
        _mending("minLength"),
    ),
    _kind(
        "takes-bad-pattern",
        "takes a text that its pattern does not",
        _properties(_has("pattern")),
        _mending("pattern"),
    ),
    _kind(
        "takes-bad-format",
        "takes a text that is not in its format",
        _properties(
            lambda leaf: bool({"date-time", "date", "email", "uuid", "uri"} & {*leaf.values("format")})
        ),
        _mending("format"),
    ),
    _kind(
        "takes-unknown-enum",
        "takes a value that is not in the enum",
        _properties(_has("enum")),
        _mending("enum"),
    ),
    _kind(
        "takes-unknown-enum-in-query",
        "takes a parameter that is not in the enum",
        _parameters(_shape_has("enum")),
        _mending("enum"),
    ),
    Kind(
        "takes-null",
        "input",
        "takes null for a required property that must not be null",
        _needed,
        _null_taken,
        "a required property of JSON: null for any other one may mean that it is left out",
    ),
    _kind(
        "takes-too-many",
        "takes more items than maxItems, or the same twice",
        _properties(_has("maxItems", "uniqueItems")),
        _mending("maxItems", "uniqueItems"),
    ),
    _kind(
        "takes-unknown-property",
        "takes a property that a closed body does not name",
        _properties(lambda leaf: leaf.closed),
        _mending("additionalProperties", "unevaluatedProperties"),
    ),
    _kind("takes-anything", "does not look at its body at all", _with_input, _blind),
    Kind(
        "takes-any-media-type",
        "input",
        "reads any body as JSON, whatever it calls itself",
        _media_refused,
        _any_media,
        "a documented 415",
    ),
    _kind("takes-broken-json", "takes a body that is no JSON", _only_json, _ignored_body),
    _kind(
        "crashes-on-invalid",
        "answers 500 to a body that breaks the contract",
        _with_input,
        _crash(lambda one: one.where == "body"),
    ),
    _kind(
        "crashes-on-missing",
        "answers 500 to a body without a required property",
        _properties(lambda leaf: leaf.required),
        _crash(lambda one: one.where == "body" and one.keyword == "required"),
    ),
    _kind(
        "crashes-on-wrong-type",
        "answers 500 to a body with another type in it",
        _properties(lambda leaf: leaf.shape.typed),
        _crash(lambda one: one.where == "body" and one.keyword == "type"),
    ),
    _kind(
        "crashes-on-broken-json",
        "answers 500 to a body that is no JSON",
        _only_json,
        _crash(lambda one: one.keyword == "parse"),
    ),
    _kind(
        "crashes-on-bad-id",
        "answers 500 to an id that is no number",
        _wrong_path,
        _crash(lambda one: one.where == "path"),
    ),
)
