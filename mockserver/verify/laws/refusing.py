"""
Laws of refusing: what the contract excludes is not taken.

Each body is good but for one property, which is wrong in one way, so that a server
which takes it does not look at that. What a careful server may well take is not
asked: a number that is written as text, a null for something optional.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.generation import choose
from mockserver.verify.laws.asking import Inconclusive
from mockserver.verify.laws.bodies import Bodies, names_another
from mockserver.verify.laws.naming import read_only
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

LONGEST = 5_000
"""Characters of a text that is too long: more would be refused for its size."""

_NO_SUCH = {"email": "no address", "date-time": "soon", "date": "soon", "uuid": "no-uuid", "ipv4": "1.2"}


def wrong_values(shape: Shape, good: Json) -> Iterator[tuple[str, Json]]:
    """Yield (keyword, value): what a property of *shape* must not be; *good* is what it may be."""
    facts: dict[str, Any] = {}
    for face in shape.faces:
        for keyword, value in face.items():
            facts.setdefault(keyword, value)
    kinds = shape.kinds
    if shape.typed:
        yield "type", "x" if kinds & {"integer", "number", "object"} else {"a": 1}
    if isinstance(facts.get("enum"), list) and "string" in kinds:
        yield "enum", "no-such-value"
    if kinds & {"integer", "number"}:
        yield from _beyond(facts)
    if "string" in kinds and "enum" not in facts:
        yield from _texts(facts, good)
    if "array" in kinds and isinstance(good, list) and good:
        if facts.get("uniqueItems"):
            yield "uniqueItems", [*good[:1], *good[:1]]
        if isinstance(facts.get("maxItems"), int) and facts["maxItems"] <= 100:
            yield "maxItems", (good * (facts["maxItems"] + 1))[: facts["maxItems"] + 1]


def _beyond(facts: dict[str, Any]) -> Iterator[tuple[str, Json]]:
    for keyword, step in (("maximum", 1), ("minimum", -1), ("exclusiveMaximum", 0), ("exclusiveMinimum", 0)):
        bound = facts.get(keyword)
        if isinstance(bound, (int, float)) and not isinstance(bound, bool) and abs(bound) < 2**31:
            yield keyword, bound + step


def _texts(facts: dict[str, Any], good: Json) -> Iterator[tuple[str, Json]]:
    most, least = facts.get("maxLength"), facts.get("minLength", 0)
    if isinstance(most, int) and most <= LONGEST:
        start = good if isinstance(good, str) and good else "x"
        yield "maxLength", (start * (most + 1))[: most + 1]
    if least:
        yield "minLength", "" if least == 1 else "x" * (least - 1)
    if "pattern" in facts:
        yield "pattern", "§ §".ljust(least, "§")[: most or LONGEST]
    if facts.get("format") in _NO_SUCH:
        yield "format", _NO_SUCH[facts["format"]]


def wrong_bodies(bodies: Bodies, base: dict[str, Json]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Yield (property, keyword, body): *base* with one property that is wrong in one way."""
    for name in bodies.shape.names:
        shape = bodies.shape.named(name)
        if read_only(shape):
            continue
        for keyword, value in wrong_values(shape, base.get(name, MISSING)):
            body = {**base, name: value}
            if not bodies.fits(body):
                yield name, keyword, body


def refused(trial: Trial) -> None:
    """A body that is wrong in one property is refused."""
    asked = 0
    for operation in _operations(trial.thing):
        item = trial.make()
        bodies = trial.workshop.bodies(trial.thing, operation)
        creates = operation is trial.thing.create
        base = {} if operation is trial.thing.patch else trial.workshop.body(bodies)
        base.update(
            {name: value for name, value in item.sent.items() if name in base and names_another(name)}
        )
        if base and not bodies.fits(base):
            continue
        for name, keyword, body in wrong_bodies(bodies, base):
            _tell_apart(trial, bodies, body, name)
            reply = trial.asker.ask(operation, item.beside if creates else item.path, bodies.wrapped(body))
            asked += 1
            if not reply.good:
                continue
            if creates:
                trial.workshop.adopt(trial.thing, body, reply, item.beside)
            raise trial.broken(
                operation,
                f"{name} is {short(body[name])}, which its {keyword} excludes, and {operation.id} takes it.",
                reply,
                item=None if creates else item,
                pointer=f"/{name}/{keyword}",
                expected="a refusal",
                found=reply.status,
            )
    if not asked:
        raise Inconclusive("nothing could be said wrongly")


def _tell_apart(trial: Trial, bodies: Bodies, body: dict[str, Json], wrong: str) -> None:
    """Say other texts than before, where any text will do: a name that is taken would be refused for that."""
    for name, value in body.items():
        if name == wrong or not isinstance(value, str) or names_another(name):
            continue
        text = bodies.text(name, bodies.shape.named(name), trial.workshop.token())
        if text is not None:
            body[name] = text


def _operations(thing: Thing) -> list[Operation]:
    """Return what takes a body, and documents how it refuses one."""
    found = [one for one in (thing.create, thing.replace, thing.patch) if one is not None and one.body]
    return [one for one in found if choose.fitting(one, "invalid") is not None]


def _missing(thing: Thing) -> str:
    if thing.create is None:
        return f"nothing makes one of {thing.resource.path}"
    return "" if _operations(thing) else "no refusal of a wrong body is documented"


LAWS = (
    Law(
        "invalid-is-refused",
        "A body that is good but for one property is refused.",
        "create",
        refused,
        _missing,
    ),
)
