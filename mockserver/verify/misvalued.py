"""
Requests that are good but for one value, which the contract excludes.

Parameters and bodies of every operation, whatever it does: the law of the same
kind (`laws/refusing.py`) knows only what makes and changes things. A wrong value is
asked where our own reader of requests finds nothing else wrong on the wire: in a
form, the number 7 and the text "7" are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Operation
from mockserver.contract.routes import Match, Routes
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json, Place, Request
from mockserver.generation import choose
from mockserver.validation.requests import RequestReader
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.laws.naming import read_only
from mockserver.verify.laws.refusing import wrong_values
from mockserver.verify.requests import Said, Unsayable, written
from mockserver.verify.verdicts import held

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_NOT_JSON = b'{"a": '


@dataclass(frozen=True, eq=False)
class Misvalued:
    """
    One request with one wrong value.

    Attributes:
        operation: What it asks.
        where: "path", "query" or "body".
        name: Of the value, "" for the body as a whole.
        keyword: Which word of the contract excludes it.
        said: What it says.
        content: The body as it is sent, where no value stands for it.
        place: Where the contract excludes it; None where nothing nearer than the operation does.
    """

    operation: Operation
    where: str
    name: str
    keyword: str
    said: Said
    content: bytes | None = None
    place: Place | None = None

    @property
    def pointer(self) -> str:
        """Where something is wrong, e.g. "query/limit"."""
        return f"{self.where}/{self.name}" if self.name else self.where

    def request(self, contract: Contract, headers: Mapping[str, str]) -> Request:
        """Return the request, to be sent below the API's root."""
        request = written(contract, self.operation, self.said, headers=headers)
        if self.content is None:
            return request
        return Request(request.method, request.path, request.query, request.headers, self.content)


def undocumented(operation: Operation) -> str:
    """Return why nothing is known of how *operation* refuses, "" where a refusal is documented."""
    documented = choose.fitting(operation, "invalid") is not None
    return "" if documented else f"{operation.id} documents no refusal of an invalid request"


def misvalued(contract: Contract, operation: Operation, said: Said) -> Iterator[Misvalued]:
    """
    Yield what is wrong in one value of what is *said*, parameters first.

    Where the body may be JSON as well as a form, what no form can say is said so: null, other types.
    """
    asked: set[tuple[str, str]] = set()
    every = (*_parameters(operation, said), *_in_bodies(operation, said))
    for one in _excluded(contract, operation, every):
        asked.add((one.pointer, one.keyword))
        yield one
    if said.media is None or is_json(said.media.name) or not isinstance(said.body, dict):
        return
    for name, media in operation.body.content.items() if operation.body is not None else ():
        if is_json(name.partition(";")[0].strip()):
            more = _in_bodies(operation, replace(said, media=media))
            fresh = (one for one in more if (one.pointer, one.keyword) not in asked or one.keyword == "type")
            yield from _excluded(contract, operation, fresh)
            return


def _excluded(contract: Contract, operation: Operation, every: Iterable[Misvalued]) -> Iterator[Misvalued]:
    """Yield those of *every* request that our own reader finds wrong in that one place."""
    reader, routes = RequestReader(operation), Routes(contract.routes)
    for one in every:
        try:
            request = one.request(contract, {})
        except Unsayable:
            continue
        match = routes.match(request.method, request.path, request.query, request.index)
        if not isinstance(match, Match) or match.route.id != operation.id:
            continue
        wrong = reader.read(match.captured, request)[1]
        here = [found for found in wrong if found.where == one.where and _names(found.pointer, one.name)]
        if wrong and len(here) == len(wrong):
            yield replace(one, place=here[0].place)


def _names(pointer: str, name: str) -> bool:
    steps = [step for step in pointer.split("/") if step]
    return not name or steps[: len(name.split("/"))] == name.split("/")


def _parameters(operation: Operation, said: Said) -> Iterator[Misvalued]:
    for parameter in operation.parameters:
        if parameter.location not in ("path", "query") or parameter.schema is None:
            continue
        key = (parameter.location, parameter.name)
        for keyword, value in _sayable(Shape(parameter.schema.json("request")), said.parameters.get(key)):
            if keyword == "format" and not parameter.required and key not in said.parameters:
                continue  # an id that only matters beside another parameter need not be looked at without it
            changed = replace(said, parameters={**said.parameters, key: value})
            yield Misvalued(operation, parameter.location, parameter.name, keyword, changed)


def _in_bodies(operation: Operation, said: Said) -> Iterator[Misvalued]:
    if said.media is None or said.media.schema is None or not isinstance(said.body, dict):
        return
    shape = Shape(said.media.schema.json("request"))
    if is_json(said.media.name):
        for name, keyword, body in _bodies(shape, said.body):
            yield Misvalued(operation, "body", name, keyword, replace(said, body=body))
        yield Misvalued(operation, "body", "", "parse", said, _NOT_JSON)
        if any("required" in face for face in shape.faces):  # else an empty list is an empty object to some
            yield Misvalued(operation, "body", "", "type", said, b"[]")
    elif said.media.name in _FORMS:
        for name in shape.names:
            for keyword, value in _sayable(shape.named(name), said.body.get(name)):
                body = {**said.body, name: value}
                yield Misvalued(operation, "body", name, keyword, replace(said, body=body))


def _sayable(shape: Shape, good: Json) -> Iterator[tuple[str, Json]]:
    """Yield the wrong values that can be written where everything is text."""
    if shape.typed and shape.scalar:
        for keyword, value in wrong_values(shape, good):
            if isinstance(value, (str, int, float)):
                yield keyword, value
        if shape.kinds <= {"boolean", "null"}:
            yield "type", "no-such-value"
    elif shape.typed and shape.kinds <= {"array"}:
        item = shape.item(0)
        if item.typed and item.scalar and item.enum is not None:
            yield "items/enum", ["no-such-value"]


def _bodies(shape: Shape, body: dict[str, Json]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Yield (property, keyword, body): *body* with one property that is wrong in one way."""
    required = shape.required
    for name in shape.names:
        inner = shape.named(name)
        if not read_only(inner):
            for keyword, value in _wrong(inner, body.get(name, MISSING), must=name in required):
                yield name, keyword, {**body, name: value}


def _wrong(shape: Shape, good: Json, *, must: bool) -> Iterator[tuple[str, Json]]:
    yield from wrong_values(shape, good)
    if must and shape.typed and "null" not in shape.kinds:
        yield "type", None  # what is optional may be left out by saying null, many servers think


def taken(contract: Contract, one: Misvalued, exchanged: Exchanged) -> list[Finding]:
    """Return what is wrong with the answer to a wrong value: it is no refusal, or breaks the contract."""
    response = exchanged.response
    if response is not None and not 400 <= response.status < 500:
        no = "object" if one.keyword == "type" else "JSON"
        wrong = f"a {one.pointer} that its {one.keyword} excludes" if one.name else f"a body that is no {no}"
        return [
            Finding(
                rule="refusals/invalid",
                operation=one.operation.id,
                detail=f"A request with {wrong} is answered {response.status}, not a documented 4xx.",
                place=contract.located(one.place or one.operation.place),
                pointer=f"{one.pointer}/{one.keyword}",
                expected="a documented 4xx",
                found=response.status,
                calls=(exchanged,),
            )
        ]
    if one.where == "path" and response is not None and one.operation.promise(response.status) is None:
        return []  # 400 or 404: HTTP has both for a path that leads nowhere (RFC 9110, 15.5.1 and 15.5.5)
    return held(contract, one.operation, exchanged)
