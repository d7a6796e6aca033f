"""
The forms in which an operation may be asked: all at once, each property alone, each value of an enum.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.verify.laws.asking import media_of
from mockserver.verify.laws.bodies import DEEP, EXAMPLE, FULL, LEAST
from mockserver.verify.rules.looking import Of
from mockserver.verify.rules.planning import Drawn, Step


def step_of(way: Drawn, how: str = LEAST) -> Step:
    """Return the plainest step of *way*: it acts on nothing, and says no parameter that it need not."""
    return Step(way.operation, None, how, 0, asked=())


def forms_of(way: Drawn) -> Iterator[Step]:
    """Yield bodies: with each property that may be left out alone, with each value of an enum."""
    media = media_of(way.operation)
    if media is None or media.schema is None or way.operation.body is None:
        yield step_of(way)
        return
    yield step_of(way, EXAMPLE if way.item else FULL)
    yield replace(step_of(way, DEEP), draw=4)
    shape = Shape(media.schema.json("request"))
    required = shape.required
    free = [name for name in shape.names if name != way.place[1]]
    valued = [name for name in free if list(_values(shape.named(name)))]
    for name in valued:
        for value in _values(shape.named(name)):
            yield replace(step_of(way), part=(name,), given=((name, value),))
    if way.item:
        for name in free:
            if name not in required and name not in valued:
                yield replace(step_of(way), part=(name,), draw=1)
    yield replace(step_of(way, FULL), draw=2)
    yield replace(step_of(way), draw=3)


def asked_of(way: Drawn, key: str) -> Iterator[Step]:
    """
    Yield a change with each value of its enumerated query parameters, alone and beside each other parameter.

    Such another one says the *key* of the very thing: no other can be named in its place by it.
    """
    if way.rule.reads:
        return
    shapes = {
        one.name: Shape(one.schema.json("request"))
        for one in way.operation.parameters
        if one.location == "query" and one.schema is not None and ("query", one.name) != way.place
    }
    texts = [name for name, shape in shapes.items() if shape.enum is None and "string" in shape.kinds]
    for name, shape in shapes.items():
        for value in shape.enum or ():
            yield replace(step_of(way), asked=((name, value),))
            for other in texts if key else ():
                yield replace(step_of(way), asked=((name, value), (other, Of(key))))


def looking_for(way: Drawn, row: Mapping[str, Json]) -> Iterator[Step]:
    """Yield a body that says a word of the thing's, where it asks for a text that the thing has not."""
    media = media_of(way.operation)
    if media is None or media.schema is None or way.operation.body is None:
        return
    shape = Shape(media.schema.json("request"))
    asked = [name for name in shape.names if name not in row and name != way.place[1]]
    texts = [name for name, value in row.items() if isinstance(value, str) and " " in value]
    for name in [one for one in asked if _is_any_text(shape.named(one))][:1]:
        yield from (
            replace(step_of(way), given=((name, Of(one, word=True, exact=True)),)) for one in texts[:1]
        )


def _is_any_text(shape: Shape) -> bool:
    bound = any(face.keys() & {"enum", "const", "format", "pattern"} for face in shape.faces)
    return shape.typed and shape.kinds <= {"string"} and not bound


def _values(shape: Shape) -> Iterator[Any]:
    """Yield the few values that a property may have."""
    enum = shape.enum
    if enum is not None:
        yield from (one for one in enum[:8] if one is not None)
    elif shape.typed and shape.kinds <= {"boolean", "null"}:
        yield from (True, False)
