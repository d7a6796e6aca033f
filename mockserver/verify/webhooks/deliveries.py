"""
Which event a delivery tells, and what is wrong with it.

Deliveries of several events come to one address. Which one it is a document says by a
value that only that event has ("event": "campaign.created"); where it does not, the
webhook that takes the delivery as it is. What no webhook of the contract explains is
nobody's business here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson

from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, MediaType, Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json, Request, Violation
from mockserver.validation.requests import RequestReader
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.webhooks import signatures
from mockserver.verify.webhooks.catcher import Delivery

IDS = ("webhook-id", "svix-id", "ce-id", "x-github-delivery", "idempotency-key")
"""Fields that name a message, so that a receiver can tell when it comes again."""


@dataclass(frozen=True)
class Told:
    """A delivery, and the event that it tells: its name and what the contract says of it."""

    event: str
    operation: Operation
    delivery: Delivery

    @property
    def body(self) -> Json:
        """As JSON; `MISSING` where it is none."""
        return body_of(self.delivery.request)


def body_of(request: Request) -> Json:
    """Return the body as JSON, `MISSING` where it is none."""
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return MISSING


def told(webhooks: Mapping[str, Operation], delivery: Delivery) -> Told | None:
    """Return which of *webhooks* a delivery tells; None where it is none of them."""
    body = body_of(delivery.request)
    marked = {name: marks for name, operation in webhooks.items() if (marks := _marks(operation))}
    said = [name for name, marks in marked.items() if _has(body, marks)]
    if not said:
        said = [name for name in webhooks if name not in marked]
        fitting = [name for name in said if not violations(webhooks[name], delivery.request)]
        said = fitting or (said if len(said) == 1 else [])
    return Told(said[0], webhooks[said[0]], delivery) if said else None


def _marks(operation: Operation) -> dict[str, Json]:
    """Return the properties of a body that can have but one value."""
    media = _media(operation)
    if media is None or media.schema is None:
        return {}
    shape = Shape(media.schema.json("request"))
    found: dict[str, Json] = {}
    for name in shape.names:
        for face in shape.named(name).faces:
            only: list[Json] = [face["const"]] if "const" in face else list(face.get("enum") or ())
            if len(only) == 1 and isinstance(only[0], str):
                found[name] = only[0]
    return found


def _has(body: Json, marks: Mapping[str, Json]) -> bool:
    return isinstance(body, dict) and all(body.get(name) == value for name, value in marks.items())


def _media(operation: Operation) -> MediaType | None:
    content = operation.body.content if operation.body is not None else {}
    return next((one for name, one in content.items() if is_json(name.partition(";")[0].strip())), None)


def shape_of(operation: Operation) -> Shape:
    """Return the shape of what is delivered, as far as it is JSON."""
    media = _media(operation)
    return Shape(media.schema.json("request") if media is not None and media.schema is not None else {})


def violations(operation: Operation, request: Request, secret: str = "") -> list[Violation]:
    """Return every way in which a delivery breaks the contract: method, fields, query, body, signature."""
    if request.method != operation.method:
        detail = f"It is a {request.method}; the contract has {operation.method}."
        return [Violation("method", "", "method", detail, operation.method, request.method, operation.place)]
    _, found = RequestReader(operation).read({}, request)
    found = [one for one in found if one.where not in ("path", "cookie")]
    unsigned = signatures.wrong(operation, request, secret)
    return [*found, unsigned] if unsigned is not None and not found else found


def held(
    contract: Contract, caused: Operation, one: Told, calls: tuple[Exchanged, ...], secret: str
) -> Iterator[Finding]:
    """Yield what is wrong with a delivery, to which *calls* have led, the last of the operation *caused*."""
    for violation in violations(one.operation, one.delivery.request, secret):
        yield Finding(
            rule=f"webhooks/{violation.keyword}",
            operation=caused.id,
            detail=f"What is sent as {one.event}: {violation.detail}",
            place=contract.located(violation.place or one.operation.place),
            pointer=f"{one.event}{violation.pointer and '#' + violation.pointer}",
            expected=violation.expected,
            found=violation.found,
            calls=calls,
        )


def repeated(found: list[Told], *, alike: bool) -> Iterator[tuple[Told, str]]:
    """
    Yield what came again although it was taken, and how that is known: by its id.

    *alike*: one whose body is another's, too, since rules say that each is told once.
    """
    known: dict[tuple[str, str], None] = {}
    bodies: set[tuple[str, bytes]] = set()
    for one in found:
        request = one.delivery.request
        ids = [(name, request.header(name)) for name in IDS if request.header(name)]
        again = next((pair for pair in ids if pair in known), None)
        if again is not None:
            yield one, f"{again[0]}: {again[1]} came before, and was taken"
        elif alike and request.body and (one.event, request.body) in bodies:
            yield one, "the same was sent before, and was taken"
        known.update(dict.fromkeys(ids))
        bodies.add((one.event, request.body))
