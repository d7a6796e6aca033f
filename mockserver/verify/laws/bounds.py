"""
A law of bounds: what the contract allows at its edge is taken, too.

That valid data was refused says little by itself: a date may be in the wrong order, an id may name nothing,
there may not be so many in stock. It says something where the same body was taken with another value, and
that value stands for itself: a text that may be any of so many characters, a number of a thing that hangs on
no other. What is refused then is refused for its length or its size, which the contract allows.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.generation import choose
from mockserver.verify.laws.asking import Inconclusive
from mockserver.verify.laws.bodies import Bodies, names_another
from mockserver.verify.laws.naming import is_count, is_proper, is_status
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.laws.varied import is_ranged

INVALID = (400, 422)
LONGEST = 2_000
"""Characters of a text that is no longer judged: a server may refuse more for its size."""
GREATEST = 2**31 - 1


def bounds(bodies: Bodies, names: list[str], token: str) -> Iterator[tuple[str, str, Json]]:
    """Yield (property, keyword, value): what the contract allows just so."""
    alone = not any(map(names_another, bodies.shape.names))
    for name in names:
        shape = bodies.shape.named(name)
        if is_status(name) or is_proper(name) or names_another(name) or is_ranged(name):
            continue
        facts = {keyword: value for face in reversed(shape.faces) for keyword, value in face.items()}
        text = bodies.text(name, shape, token)
        if text is not None:
            most, least = facts.get("maxLength"), facts.get("minLength", 0)
            if isinstance(most, int) and len(token) <= most <= LONGEST:
                yield name, "maxLength", (token + "a" * most)[:most]
            if isinstance(least, int) and 2 <= least < len(token):
                yield name, "minLength", token[-least:]
        elif alone and _is_number(shape) and not is_count(name):
            yield from _numbers(name, facts)


def _is_number(shape: Shape) -> bool:
    return shape.typed and "integer" in shape.kinds and shape.enum is None


def _numbers(name: str, facts: dict[str, Json]) -> Iterator[tuple[str, str, Json]]:
    for keyword in ("minimum", "maximum"):
        value = facts.get(keyword)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= GREATEST:
            yield name, keyword, value


def taken(trial: Trial) -> None:
    """A body that is taken is taken with one value at its bound, too."""
    thing, workshop = trial.thing, trial.workshop
    operation = thing.create
    assert operation is not None
    above = trial.make()
    bodies = workshop.bodies(thing, operation)
    asked = 0
    for name, keyword, value in bounds(bodies, _names(thing, operation), workshop.token()):
        if not bodies.fits(workshop.body(bodies, given={name: value})):
            continue
        sent = workshop.body(bodies, given={name: value})
        reply = trial.asker.ask(operation, above.beside, bodies.wrapped(sent))
        asked += 1
        if reply.good:
            workshop.adopt(thing, sent, reply, above.beside)
            continue
        if reply.status not in INVALID:
            continue
        plain = workshop.body(bodies, given={name: above.sent[name]} if name in above.sent else None)
        again = trial.asker.ask(operation, above.beside, bodies.wrapped(plain))
        if not again.good:
            continue
        workshop.adopt(thing, plain, again, above.beside)
        raise trial.broken(
            operation,
            f"{name} is {short(value)}, which its {keyword} just allows, and {operation.id} refuses it.",
            *(reply, again),
            pointer=f"/{name}/{keyword}",
            expected=again.status,
            found=reply.status,
        )
    if not asked:
        raise Inconclusive("no value stands at a bound of its own")


def _names(thing: Thing, operation: Operation) -> list[str]:
    return [name for name in thing.kept(operation) if name in thing.row.names]


def _missing(thing: Thing) -> str:
    if thing.create is None or thing.create.body is None:
        return f"nothing makes one of {thing.resource.path}"
    if choose.fitting(thing.create, "invalid") is None:
        return f"{thing.create.id} documents no refusal of an invalid request"
    return "" if _names(thing, thing.create) else f"{thing.create.id} is sent nothing that is kept"


LAWS = (Law("bounds-are-taken", "What the contract just allows is taken.", "create", taken, _missing),)
