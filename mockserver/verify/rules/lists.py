"""
What can be said to a list: each of its parameters alone, with each value that tells something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver.behavior.paging import role_of
from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.verify.laws.asking import media_of
from mockserver.verify.rules.looking import Of
from mockserver.verify.rules.planning import Drawn

Given = tuple[tuple[str, Json], ...]

MOST = 6
"""Values of one parameter."""


def said_of_lists(way: Drawn, row: Mapping[str, Json]) -> Iterator[tuple[Given, Given]]:
    """
    Yield (parameters, properties of the body) to be said: one alone, or a page and its size.

    *row* is what the list shows of the thing that the walk is about.
    """
    parameters = {
        one.name: Shape(one.schema.json("request"))
        for one in way.operation.parameters
        if one.location == "query" and one.schema is not None and ("query", one.name) != way.place
    }
    for said in _said(parameters, row):
        yield said, ()
    media = media_of(way.operation) if way.operation.body is not None else None
    if media is not None and media.schema is not None:
        shape = Shape(media.schema.json("request"))
        properties = {name: shape.named(name) for name in shape.names if ("body", name) != way.place}
        for said in _said(properties, row):
            yield (), said


def _said(parameters: Mapping[str, Shape], row: Mapping[str, Json]) -> Iterator[Given]:
    roles: dict[str, str] = {}
    for name, shape in parameters.items():
        role = role_of((name,), shape)
        if role:
            roles.setdefault(role, name)
        for value in list(_values(name, role, shape, row))[:MOST]:
            yield ((name, value),)
    size = roles.get("limit")
    turn = roles.get("page") or roles.get("offset")
    if size and turn:
        first = 1 if "page" in roles else 0
        for limit, at in ((1, first), (1, first + 1), (2, first), (2, first + 1)):
            yield ((size, limit), (turn, at))


def _values(name: str, role: str | None, shape: Shape, row: Mapping[str, Json]) -> Iterator[Json]:
    item = shape.item(0) if "array" in shape.kinds and "string" not in shape.kinds else shape
    enum = item.enum
    alike = next((one for one in row if plain(one) == plain(name)), "")
    many = item is not shape
    if enum is not None:
        yield from ([one] if many else one for one in enum)
    elif item.typed and item.kinds <= {"boolean", "null"}:
        yield from (True, False)
    elif role == "search":
        yield from (
            Of(one, word=True) for one, value in row.items() if isinstance(value, str) and " " in value
        )
    elif role in ("limit", "page"):
        yield from (1, 2)
    elif role == "offset":
        yield 1
    elif role == "sort":
        yield from (
            f"{sign}{one}" for one, value in row.items() if _sortable(one, value) for sign in ("", "-")
        )
    elif alike:
        yield Of(alike)


def _sortable(name: str, value: Json) -> bool:
    return not name.startswith("_") and isinstance(value, (str, int, float)) and not isinstance(value, bool)
