"""
A law of bounds: what the contract allows at its edge is taken, too.

That valid data was refused says little by itself: a date may be in the wrong order, an id may name nothing,
there may not be so many in stock. It says something where the same body is taken one step further in, twice,
and that value stands for itself: a text of so many characters, a number of a thing that hangs on no other.
What is refused then is refused for its length or its size, which the contract allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.generation import choose
from mockserver.verify.laws.asking import Inconclusive, Reply
from mockserver.verify.laws.bodies import Bodies, names_another
from mockserver.verify.laws.naming import is_count, is_proper, is_status
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial
from mockserver.verify.laws.varied import is_ranged
from mockserver.verify.requests import Key

INVALID = (400, 422)
LONGEST = 2_000
"""Characters of a text that is no longer judged: a server may refuse more for its size."""
GREATEST = 2**31 - 1


class Bound(NamedTuple):
    """A property, the keyword that bounds it, the bound, and one step further in; of texts the lengths."""

    name: str
    keyword: str
    at: int
    inside: int

    def value(self, token: str, good: Json, number: int) -> Json:
        """Return *number*, or a text of so many characters: of *token*, or like *good* in its form."""
        if self.keyword == "minLength":
            return token[-number:]
        if self.keyword != "maxLength":
            return number
        text = good if isinstance(good, str) else token
        return text.ljust(number, next((sign for sign in reversed(text) if sign.isalnum()), "a"))[:number]


def bounds(bodies: Bodies, names: list[str], token: str, good: dict[str, Json]) -> Iterator[Bound]:
    """Yield what the contract allows just so; *good* is a body that it allows."""
    alone = not any(map(names_another, bodies.shape.names))
    for name in names:
        shape = bodies.shape.named(name)
        if is_status(name) or names_another(name) or is_ranged(name):
            continue
        facts = {keyword: value for face in reversed(shape.faces) for keyword, value in face.items()}
        formed = (
            "pattern" in facts
            and not is_proper(name)
            and isinstance(good.get(name), str)
            and not facts.keys() & {"enum", "format"}
        )
        if formed or bodies.text(name, shape, token) is not None:
            most, least = facts.get("maxLength"), facts.get("minLength", 0)
            if isinstance(most, int) and len(token) < most <= LONGEST:
                yield Bound(name, "maxLength", most, most - 1)
            if isinstance(least, int) and 2 <= least < len(token) - 1 and not formed:
                yield Bound(name, "minLength", least, least + 1)
        elif alone and _is_number(shape) and not is_count(name):
            yield from _numbers(name, facts)


def _is_number(shape: Shape) -> bool:
    return shape.typed and "integer" in shape.kinds and shape.enum is None


def _numbers(name: str, facts: dict[str, Json]) -> Iterator[Bound]:
    for keyword, step in (("minimum", 1), ("maximum", -1)):
        value = facts.get(keyword)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= GREATEST:
            yield Bound(name, keyword, value, value + step)


def taken(trial: Trial) -> None:
    """A body that is taken with a value just inside of a bound is taken with one at the bound, too."""
    thing, workshop = trial.thing, trial.workshop
    operation = thing.create
    assert operation is not None
    place = trial.make().beside
    bodies = workshop.bodies(thing, operation)
    asked = 0
    for bound in bounds(bodies, _names(thing, operation), workshop.token(), workshop.body(bodies)):
        at = _asked(trial, operation, place, bound, bound.at)
        asked += at is not None
        if at is None or at.status not in INVALID:
            continue
        inside = [_asked(trial, operation, place, bound, bound.inside) for _ in range(2)]
        again = _asked(trial, operation, place, bound, bound.at)
        if (
            again is None
            or again.status not in INVALID
            or not all(one is not None and one.good for one in inside)
        ):
            continue
        raise trial.broken(
            operation,
            f"{bound.name} is refused at {bound.at}, which its {bound.keyword} just allows, and taken at "
            f"{bound.inside}.",
            *(one for one in (inside[-1], again) if one is not None),
            pointer=f"/{bound.name}/{bound.keyword}",
            expected="a success",
            found=again.status,
        )
    if not asked:
        raise Inconclusive("no value stands at a bound of its own")


def _asked(
    trial: Trial, operation: Operation, place: dict[Key, Json], bound: Bound, number: int
) -> Reply | None:
    """Make a thing with *number* at the bound, in other texts than before; None where that does not fit."""
    workshop = trial.workshop
    bodies = workshop.bodies(trial.thing, operation)
    for formed in (False, True):
        sent = workshop.body(bodies)
        good = sent.get(bound.name) if formed else None
        sent[bound.name] = bound.value(workshop.token(), good, number)
        if bodies.fits(sent):
            reply = trial.asker.ask(operation, place, bodies.wrapped(sent))
            if reply.good:
                workshop.adopt(trial.thing, sent, reply, place)
            return reply
    return None


def _names(thing: Thing, operation: Operation) -> list[str]:
    return [name for name in thing.kept(operation) if name in thing.row.names]


def _missing(thing: Thing) -> str:
    if thing.create is None or thing.create.body is None:
        return f"nothing makes one of {thing.resource.path}"
    if choose.fitting(thing.create, "invalid") is None:
        return f"{thing.create.id} documents no refusal of an invalid request"
    return "" if _names(thing, thing.create) else f"{thing.create.id} is sent nothing that is kept"


LAWS = (Law("bounds-are-taken", "What the contract just allows is taken.", "create", taken, _missing),)
