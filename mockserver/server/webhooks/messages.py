"""
One request to somebody else: made by the contract of a webhook or callback, and held to it.

What the rules say of the body is taken as it is. Where they say nothing, the
documented example is, with what the answer (or the request) knows under the same
names laid over it: a callback about a job carries the id of that job. Where there
is no example either, the rest is generated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import Contract, MediaType, Operation, Schema
from mockserver.contract.shapes import Shape
from mockserver.contract.sources import split_pointer
from mockserver.contract.written import write
from mockserver.contract.written_bodies import write_body
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json, Request, Violation
from mockserver.generation import Generator
from mockserver.validation.requests import RequestReader
from mockserver.validation.values import Validator

_SIGNATURE = re.compile(r"signature|hmac|digest", re.IGNORECASE)


@dataclass(frozen=True)
class Message:
    """
    What is sent, wherever it goes.

    Attributes:
        operation: By which contract; None where a subscriber asked for an event that has none.
        method: Upper case.
        headers: What the contract documents, and the Content-Type.
        body: b"" where there is none.
        values: What macros in an address stand for, and what a message without a body tells in its query.
        signature: Names of documented header fields that carry a signature of the body.
        violations: What is wrong with it.
    """

    operation: Operation
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    values: Mapping[str, Json]
    signature: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()


def compose(
    operation: Operation, event: str, payload: Json, known: Mapping[str, Json], seed: str, now: str
) -> Message:
    """
    Return the message of *event*.

    Args:
        operation: The webhook's or callback's.
        event: Its name.
        payload: Of the rules, or of who triggered it; `MISSING` where they say nothing.
        known: What is known under names that the body may have.
        seed: For what is made up.
        now: RFC 3339; times are made around it.

    Raises:
        Ungeneratable: No body fits the contract.
    """
    media = _media(operation)
    value, body, fields = payload, b"", list[tuple[str, str]]()
    if media is not None:
        if payload is MISSING:
            value = _made(media, known, seed, now)
        content = write_body(media, value)
        body = content.content
        fields.append(("content-type", content.media_type))
    signature = []
    for parameter in operation.parameters:
        if parameter.location != "header":
            continue
        example = next((one.value for one in parameter.examples.values()), MISSING)
        if _SIGNATURE.search(parameter.name) and parameter.name.lower() not in ("webhook-signature",):
            signature.append(parameter.name.lower())
        elif example is MISSING and parameter.required and parameter.schema is not None:
            example = _generated(parameter.schema, {}, f"{seed}|{parameter.name}", now, parameter.name)
        if example is not MISSING:
            fields.append((parameter.name.lower(), write(parameter, example)))
    values = {"event": event, **(value if isinstance(value, dict) else known)}
    sent = Request(operation.method, "/", "", tuple(fields), body)
    violations = _held(operation, sent, media)
    return Message(
        operation, operation.method, tuple(fields), body, values, tuple(signature), tuple(violations)
    )


def body_of(operation: Operation, known: Mapping[str, Json], seed: str, now: str) -> Json:
    """Return the body that the contract has, `MISSING` where it has none. Raises Ungeneratable."""
    media = _media(operation)
    return MISSING if media is None else _made(media, known, seed, now)


def _held(operation: Operation, sent: Request, media: MediaType | None) -> list[Violation]:
    """Return what is wrong with *sent*; where it goes is not asked, that is not the contract's business."""
    if media is None and operation.body is not None and operation.body.required:
        return [
            Violation("body", "", "mediaType", "The contract documents no media type that can be written.")
        ]
    _, violations = RequestReader(operation).read({}, sent)
    return [one for one in violations if one.where in ("body", "header")]


def _media(operation: Operation) -> MediaType | None:
    """Return the media type to write the body in, JSON before others."""
    offered = list(operation.body.content.values()) if operation.body is not None else []
    for media in offered:
        name = parsed(media.name)
        if name is not None and (is_json(name.essence) or "*" in name.essence):
            return media
    return offered[0] if offered else None


def _made(media: MediaType, known: Mapping[str, Json], seed: str, now: str) -> Json:
    """Return the body that the contract has, with what is *known* under its names."""
    example = next((one.value for one in media.examples.values()), MISSING)
    if media.schema is None:
        return example if example is not MISSING else dict(known)
    names = Shape(media.schema.json("request")).names
    given = {name: known[name] for name in names if name in known}
    if example is not MISSING and not isinstance(example, dict):
        return example
    if example is not MISSING:
        given = _fitting(media.schema, example, given)
        return {**example, **given}
    given = _fitting(media.schema, {}, given)
    return _generated(media.schema, given, seed, now, "callback")


def _fitting(schema: Schema, base: Json, given: dict[str, Json]) -> dict[str, Json]:
    """Return so much of *given* as the schema takes."""
    validator = Validator(schema, "request")
    wrong = {
        next(iter(split_pointer(one.pointer)), "")
        for one in validator.violations({**base, **given}, "body", "")
        if one.keyword != "required"
    }
    return {name: value for name, value in given.items() if name not in wrong}


def _generated(schema: Schema, given: Json, seed: str, now: str, name: str) -> Json:
    accepts = Validator(schema, "request").is_valid
    made = Generator(schema.json("request"), accepts=accepts, name=name)
    try:
        return made.value(seed, given=given or MISSING, now=now, full=True, shown=True)
    except Ungeneratable:
        return made.value(seed, now=now, full=True, shown=True)


def known_of(answer: Json, asked: Json) -> dict[str, Json]:
    """Return what an answer and its request know by name; the answer counts first, then what it wraps."""
    found: dict[str, Json] = {}
    for value in (answer, asked):
        if isinstance(value, dict):
            layers = [value, *(inner for inner in value.values() if isinstance(inner, dict))]
            for layer in layers:
                for name, said in layer.items():
                    found.setdefault(name, said)
    return found


def located(contract: Contract, violations: tuple[Violation, ...]) -> list[Json]:
    """Return *violations* as JSON, each with the line of its rule."""
    said = []
    for violation in violations:
        entry = violation.json()
        if violation.place is not None:
            place = contract.located(violation.place)
            entry["spec"] = {"file": place.file, "line": place.line, "pointer": place.pointer}
        said.append(entry)
    return said
