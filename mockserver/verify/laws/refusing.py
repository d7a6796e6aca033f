"""
Laws of refusing: what the contract excludes is not taken.

Each body is good but for one property, which is wrong in one way, so that a server
which takes it does not look at that. What a careful server may well take is not
asked: a number that is written as text, a null for something optional; but a null
for what is required is nothing where something has to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from mockserver.contract.media import is_json
from mockserver.contract.model import MediaType, Operation
from mockserver.contract.shapes import Shape
from mockserver.errors import MockserverError
from mockserver.exchange import MISSING, Json, dumps
from mockserver.generation import Generator, choose
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.asking import Inconclusive
from mockserver.verify.laws.bodies import Bodies, names_another
from mockserver.verify.laws.naming import read_only
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short

LONGEST = 5_000
"""Characters of a text that is too long: more would be refused for its size."""

_STRANGER = "no_such_property"

_DEEPEST = 2
"""Arrays and objects inside each other, below a property, in which something is wrong."""

_NO_SUCH = {
    "email": "no address",
    "uri": "no address",
    "date-time": "soon",
    "date": "soon",
    "uuid": "no-uuid",
    "ipv4": "1.2",
}


def wrong_values(shape: Shape, good: Json, depth: int = 0) -> Iterator[tuple[str, Json]]:
    """
    Yield (keyword, value): what a property of *shape* must not be; *good* is what it may be.

    What is wrong inside of *good* is said with its place: "items/pattern", "address/maxLength".
    """
    facts: dict[str, Any] = {}
    for face in shape.faces:
        for keyword, value in face.items():
            facts.setdefault(keyword, value)
    kinds = shape.kinds
    if shape.typed:
        yield "type", "x" if kinds & {"integer", "number", "object"} else {"a": 1}
    if shape.typed and "integer" in kinds and "number" not in kinds:
        yield "type", facts.get("minimum", 0) + 1.5
    if isinstance(facts.get("enum"), list) and "string" in kinds:
        yield "enum", "no-such-value"
    elif isinstance(facts.get("enum"), list) and kinds & {"integer", "number"}:
        numbers = [
            one for one in facts["enum"] if isinstance(one, (int, float)) and not isinstance(one, bool)
        ]
        yield from (("enum", max(numbers) + 1),) if numbers else ()
    if kinds & {"integer", "number"}:
        yield from _beyond(facts)
        yield from _between(facts, good)
    if "string" in kinds and "enum" not in facts:
        yield from _texts(facts, good)
    if "array" in kinds and isinstance(good, list) and good:
        if facts.get("uniqueItems"):
            yield "uniqueItems", [*good[:1], *good[:1]]
        if isinstance(facts.get("minItems"), int) and facts["minItems"] > 0:
            yield "minItems", good[: facts["minItems"] - 1]
        if isinstance(facts.get("maxItems"), int) and facts["maxItems"] <= 100:
            many = facts["maxItems"] + 1
            yield "maxItems", (good * many)[:many]
            if facts.get("uniqueItems") and (distinct := _distinct(shape, good, many)):
                yield "maxItems", distinct
    if depth < _DEEPEST:
        yield from _inside(shape, good, depth + 1)


def _distinct(shape: Shape, good: list[Json], count: int) -> list[Json]:
    """Return *good* with more items, no two alike: else it is refused for that. [] where none can be made."""
    document = shape.item(0).document
    accepts = RawValidator(document).is_valid
    found = list(good)
    for number in range(4 * count):
        if len(found) == count:
            return found
        with suppress(MockserverError):
            one = Generator(document, accepts=accepts, direction="request").value(f"item{number}", full=True)
            found += [one] if one not in found else []
    return found if len(found) == count else []


def _inside(shape: Shape, good: Json, depth: int) -> Iterator[tuple[str, Json]]:
    if isinstance(good, list) and good:
        for keyword, value in wrong_values(shape.item(0), good[0], depth):
            yield f"items/{keyword}", [value, *good[1:]]
    elif isinstance(good, dict):
        for name in sorted(shape.required & good.keys()):
            yield f"{name}/required", {one: value for one, value in good.items() if one != name}
        for name in shape.names:
            for keyword, value in wrong_values(shape.named(name), good.get(name, MISSING), depth):
                yield f"{name}/{keyword}", {**good, name: value}


def _beyond(facts: dict[str, Any]) -> Iterator[tuple[str, Json]]:
    for keyword, step in (("maximum", 1), ("minimum", -1), ("exclusiveMaximum", 0), ("exclusiveMinimum", 0)):
        bound = facts.get(keyword)
        if isinstance(bound, (int, float)) and not isinstance(bound, bool) and abs(bound) < 2**31:
            yield keyword, bound + step


def _between(facts: dict[str, Any], good: Json) -> Iterator[tuple[str, Json]]:
    """Yield a number between two multiples that are so far apart that binary fractions tell them apart."""
    step = facts.get("multipleOf")
    if (
        isinstance(step, (int, float))
        and step >= 0.001
        and isinstance(good, (int, float))
        and not isinstance(good, bool)
        and abs(good) < 10**6
    ):
        yield "multipleOf", good + (step / 2 if "number" in str(facts.get("type")) or step % 2 == 0 else 1)


def _texts(facts: dict[str, Any], good: Json) -> Iterator[tuple[str, Json]]:
    most, least = facts.get("maxLength"), facts.get("minLength", 0)
    if isinstance(most, int) and most <= LONGEST:
        start = good if isinstance(good, str) and good else "x"
        yield "maxLength", (start * (most + 1))[: most + 1]
    if least:
        yield "minLength", "" if least == 1 else "x" * (least - 1)
    if "pattern" in facts:
        yield "pattern", "§ §".ljust(least, "§")[: most or LONGEST]
        if isinstance(good, str) and good and (most is None or len(good) < most):
            near = good + good[-1]
            if not RawValidator({"pattern": facts["pattern"]}).is_valid(near):
                yield "pattern", near
    if facts.get("format") in _NO_SUCH:
        yield "format", _NO_SUCH[facts["format"]]


def wrong_bodies(bodies: Bodies, base: dict[str, Json]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """Yield (property, keyword, body): *base*, wrong in one way; the property is "" where it is the whole."""
    if not base and not bodies.fits({}):
        yield "", "minProperties", {}
    for name in bodies.shape.names:
        shape = bodies.shape.named(name)
        if read_only(shape):
            continue
        for keyword, value in wrong_values(shape, base.get(name, MISSING)):
            body = {**base, name: value}
            if not bodies.fits(body):
                yield name, keyword, body
        less = {one: value for one, value in base.items() if one != name}
        if len(less) < len(base) and not bodies.fits(less):
            yield name, "required", less
            none = {**base, name: None}
            if is_json(bodies.media.name) and not bodies.fits(none):
                yield name, "nullable", none
    stranger = {**base, _STRANGER: "x"}
    if not bodies.shape.open and not bodies.fits(stranger):
        yield _STRANGER, "additionalProperties", stranger


def refused(trial: Trial) -> None:
    """A body that is wrong in one property is refused."""
    asked = 0
    for operation in _operations(trial.thing):
        item = trial.make()
        bodies = trial.workshop.bodies(trial.thing, operation)
        creates = operation is trial.thing.create
        base = {} if operation is trial.thing.patch else trial.workshop.body(bodies)
        if not creates:
            base.update(
                {name: value for name, value in item.sent.items() if name in base and names_another(name)}
            )
        if base and not bodies.fits(base):
            continue
        for name, keyword, body in wrong_bodies(bodies, base):
            _tell_apart(trial, bodies, body, name)
            path, said = item.beside if creates else item.path, bodies.wrapped(body)
            excluded = trial.asker.excluded(operation, path, said)
            if not excluded:
                continue
            reply = trial.asker.ask(operation, path, said)
            asked += 1
            if not reply.good:
                continue
            if creates:
                trial.workshop.adopt(trial.thing, body, reply, item.beside)
            wrong = body.get(name, MISSING) if name else body
            raise trial.broken(
                operation,
                f"{name or 'The body'} is {short(wrong)}, which {keyword} excludes, "
                f"and {operation.id} takes it.",
                reply,
                item=None if creates else item,
                pointer=f"/{name}/{keyword}" if name else f"/{keyword}",
                expected="a refusal",
                found=reply.status,
                place=excluded[0].place,
            )
    if not asked:
        raise Inconclusive("nothing could be said wrongly")


def media_refused(trial: Trial) -> None:
    """A good body that is said to be plain text is refused where 415 is documented (RFC 9110, 15.5.16)."""
    for operation in _typed(trial.thing):
        item = trial.make()
        bodies = trial.workshop.bodies(trial.thing, operation)
        creates = operation is trial.thing.create
        body = trial.workshop.body(bodies)
        if not bodies.fits(body):
            continue
        text = MediaType("text/plain", None, {}, {}, bodies.media.place)
        said = dumps(bodies.wrapped(body)).decode()
        reply = trial.asker.ask(operation, item.beside if creates else item.path, said, media=text)
        if not reply.good:
            continue
        if creates:
            trial.workshop.adopt(trial.thing, body, reply, item.beside)
        raise trial.broken(
            operation,
            f"A body of text/plain, which the contract does not have, is taken by {operation.id}.",
            reply,
            item=None if creates else item,
            pointer="Content-Type",
            expected=415,
            found=reply.status,
        )


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
    known = (thing.create, thing.replace, thing.patch, *thing.actions)
    found = [one for one in known if one is not None and one.body]
    return [one for one in found if choose.fitting(one, "invalid") is not None]


def _typed(thing: Thing) -> list[Operation]:
    """Return what takes a body of JSON only, and documents 415."""
    found = [one for one in (thing.create, thing.replace, thing.patch) if one is not None and one.body]
    return [
        one
        for one in found
        if "415" in one.responses and one.body is not None and all(is_json(name) for name in one.body.content)
    ]


def _untyped(thing: Thing) -> str:
    if thing.create is None:
        return f"nothing makes one of {thing.resource.path}"
    return "" if _typed(thing) else "no 415 is documented for a body of JSON"


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
    Law(
        "other-media-refused",
        "A body of another media type than the documented ones is refused.",
        "create",
        media_refused,
        _untyped,
    ),
)
