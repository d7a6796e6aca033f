"""
A law of repeated requests: who sends one again with the same Idempotency-Key has not sent another.

The header is defined as such (draft-ietf-httpapi-idempotency-key-header): a retry is answered as the first
request was, or refused, and makes nothing; another key is another request.
"""

from __future__ import annotations

import re

from mockserver.contract.model import Operation, Parameter
from mockserver.exchange import Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Reply, Unsupported, repeats_by, unrepeated
from mockserver.verify.laws.counting import made_up
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.requests import Key

_REPLAYED = re.compile(
    r"\b(repeat|retr(y|ied|ies)|same|again)[^.]*\b(answer|return|respond|replay)\w*\b[^.]*"
    r"\b(first|earlier|original|same|existing|previous)\b",
    re.IGNORECASE,
)
"""What is said of a request that is sent once more. Without words it may be refused, too."""


def _header(operation: Operation) -> Parameter | None:
    """Return the header parameter of *operation* that tells a repeated request."""
    return next((one for one in operation.parameters if repeats_by(one)), None)


def sent_twice(trial: Trial) -> None:
    """The same request with the same key makes one thing; with another key it makes another."""
    made_up(trial)
    thing, operation = trial.thing, trial.thing.create
    assert operation is not None
    header = _header(operation)
    assert header is not None
    key: Key = ("header", header.name)
    place = trial.make().beside
    bodies = trial.workshop.bodies(thing, operation)
    one, other = (unrepeated(header, trial.workshop.token()) for _ in range(2))
    if one is None or other is None:
        raise Unsupported(f"no {header.name} is known that nobody else uses")
    body = trial.workshop.body(bodies)
    first = trial.asker.ask(operation, {**place, key: one}, bodies.wrapped(body))
    made = trial.workshop.adopt(thing, body, first, place) if first.good else None
    if made is None or made.key is None:
        raise Inconclusive(f"{first} is answered {first.status}")
    again = trial.asker.ask(operation, {**place, key: one}, bodies.wrapped(body))
    repeated = _named(trial, body, again, place)
    if repeated is not None and not alike(repeated, made.key):
        raise trial.broken(
            operation,
            f"The same request with the same {key[1]} has made {short(made.key)} and {short(repeated)}.",
            *(first, again),
            pointer=key[1],
            expected=made.key,
            found=repeated,
        )
    if 400 <= again.status < 500 and _replays(operation, header):
        raise trial.broken(
            operation,
            f"The same request with the same {key[1]} is answered {again.status}, and not as the first one.",
            *(first, again),
            pointer=key[1],
            expected=first.status,
            found=again.status,
        )
    fresh = trial.workshop.body(bodies)
    third = trial.asker.ask(operation, {**place, key: other}, bodies.wrapped(fresh))
    named = _named(trial, fresh, third, place)
    if named is not None and alike(named, made.key):
        raise trial.broken(
            operation,
            f"Another request with another {key[1]} is answered with what was made first: {short(named)}.",
            *(first, third),
            pointer=key[1],
            expected="another one",
            found=named,
        )


def _replays(operation: Operation, header: Parameter) -> bool:
    """Return whether words say that a repeated request is answered as the first one was."""
    face = header.schema.json("request") if header.schema is not None else {}
    said = (face.get("description", "") if isinstance(face, dict) else "", header.description)
    return any(_REPLAYED.search(text) for text in (operation.description, *map(str, said)))


def _named(trial: Trial, body: dict[str, Json], reply: Reply, place: dict[Key, Json]) -> Json:
    """Return the key of what an answer shows as made; None where it is none."""
    found = trial.workshop.adopt(trial.thing, body, reply, place) if reply.good else None
    return found.key if found is not None else None


def _missing(thing: Thing) -> str:
    if thing.create is None or not thing.key:
        return f"nothing makes one of {thing.resource.path} that has a key"
    return "" if _header(thing.create) else f"{thing.create.id} has no Idempotency-Key"


LAWS = (
    Law(
        "sent-again-is-one",
        "The same request with the same Idempotency-Key makes one thing.",
        "create",
        sent_twice,
        _missing,
    ),
)
