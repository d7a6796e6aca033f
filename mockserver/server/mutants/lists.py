"""
Lists that show other rows than were asked for, or count them wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json, Request, Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import Listed, found, listed, lists
from mockserver.server.mutants.call import Call, said, saying, succeeded
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.sight import sight, start_rows

Asking = Callable[[Call, str], Request | None]
"""Asks for something else than *call* does by the parameter named; None leaves it as it is."""


def _with_role(*roles: str) -> Callable[[Api], Iterator[Spot]]:
    def spots(api: Api) -> Iterator[Spot]:
        for one in lists(api):
            for name in roles:
                if name in one.roles:
                    yield Spot(one.operation.id, one.roles[name])
                    break

    return spots


def _with_filters(fits: Callable[[Shape], bool]) -> Callable[[Api], Iterator[Spot]]:
    def spots(api: Api) -> Iterator[Spot]:
        for one in lists(api):
            shapes = {p.name: p.schema for p in one.operation.parameters if p.location == "query"}
            for name in one.filters:
                schema = shapes.get(name)
                if schema is not None and fits(Shape(schema.json("request"))):
                    yield Spot(one.operation.id, name)

    return spots


def _several(api: Api) -> Iterator[Spot]:
    """Yield the lists that may have more than one row: to lose the last of one is to lose none."""
    for one in lists(api):
        rows = start_rows(api, one.operation) if sight(api).is_still(one.operation.id) else None
        if rows is None or len(rows) > 1:
            yield Spot(one.operation.id)


def _paged(api: Api) -> Iterator[Spot]:
    for one in lists(api):
        if "page" in one.roles or "offset" in one.roles:
            yield Spot(one.operation.id)


def _totalled(api: Api) -> Iterator[Spot]:
    yield from (Spot(one.operation.id, "/".join(("", *one.total))) for one in lists(api) if one.total)


def _asking(other: Asking) -> Callable[[Api, Spot], Act]:
    """Return what plants that a list is asked for otherwise than the request does."""

    def plant(api: Api, spot: Spot) -> Act:
        del api

        def act(call: Call) -> Response:
            mine = call.operation == spot.operation and call.asked(spot.at) is not None and not call.read[1]
            return call.proceed(other(call, spot.at) if mine else None)

        return act

    return plant


def _without(call: Call, name: str) -> Request:
    return call.with_query(name)


def _next(call: Call, name: str) -> Request | None:
    value = call.asked(name) or ""
    return call.with_query(name, str(int(value) + 1)) if value.isdigit() else None


def _turned(call: Call, name: str) -> Request:
    value = call.asked(name) or ""
    lower = value.lower()
    if lower.rpartition(":")[2] in ("asc", "desc"):
        return call.with_query(
            name,
            value[: len(value) - len(lower.rpartition(":")[2])]
            + ("asc" if lower.endswith("desc") else "desc"),
        )
    return call.with_query(name, value[1:] if value.startswith("-") else f"-{value}")


def _other(call: Call, name: str) -> Request | None:
    value = call.asked(name)
    if value in ("true", "false"):
        return call.with_query(name, "false" if value == "true" else "true")
    parameter = next((one for one in call.contracted.parameters if one.name == name), None)
    shape = (
        Shape(parameter.schema.json("request"))
        if parameter is not None and parameter.schema is not None
        else None
    )
    shape = (
        shape.item(0)
        if shape is not None and "array" in shape.kinds and "string" not in shape.kinds
        else shape
    )
    choices = [one for face in (shape.faces if shape is not None else ()) for one in face.get("enum") or ()]
    other = next((one for one in choices if str(one) != value), None)
    return call.with_query(name, str(other)) if other is not None else None


# ------------------------------------------------------------------------------------------------ answers


def _answering(change: Callable[[Call, Listed, Json, list[Json]], None]) -> Callable[[Api, Spot], Act]:
    """Return what plants a change of a list's answer, made in place: (call, list, answer, rows)."""

    def plant(api: Api, spot: Spot) -> Act:
        one = listed(api.contract.operations[spot.operation])
        assert one is not None

        def act(call: Call) -> Response:
            response = call.proceed()
            if call.operation != spot.operation or not succeeded(response):
                return response
            value = said(response)
            rows = one.rows(value) if value is not MISSING else None
            if rows is None:
                return response
            change(call, one, value, rows)
            return saying(response, value)

        return act

    return plant


def _count(one: Listed, value: Json, number: Callable[[int], int]) -> None:
    for holder, key in found(value, one.total):
        if isinstance(holder[key], int):
            holder[key] = number(holder[key])


def _overlapping(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    """Begin a page with the last row of the one before."""
    del value
    name = one.roles.get("page") or one.roles["offset"]
    asked = call.asked(name) or ""
    if not asked.isdigit() or int(asked) < (2 if "page" in one.roles else 1) or not rows:
        return
    before = int(asked) - (1 if "page" in one.roles else len(rows))
    answer = call.proceed(call.with_query(name, str(max(0, before))))
    earlier = one.rows(said(answer)) if succeeded(answer) else None
    if earlier:
        rows.insert(0, earlier[-1])
        del rows[-1]


def _off(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    del call, rows
    _count(one, value, lambda total: total + 1)


def _of_page(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    del call
    _count(one, value, lambda _: len(rows))


def _unfiltered(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    del rows
    pairs = [pair for pair in call.query if pair[0] not in one.filters and pair[0] != one.roles.get("search")]
    answer = call.proceed(call.with_pairs(pairs))
    every = said(answer) if succeeded(answer) else MISSING
    for holder, key in found(every, one.total) if every is not MISSING else ():
        _count(one, value, lambda _, total=holder[key]: total)  # type: ignore[misc]


def _twice(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    del call, one, value
    if len(rows) > 1:
        rows[-1] = rows[0]


def _last_lost(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    del call, one, value
    if len(rows) > 1:
        del rows[-1]


def _by_case(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    """Leave out the rows in which what is sought stands in another case."""
    text = call.asked(one.roles["search"]) or ""
    kept = [row for row in rows if not text or _mentions(row, text)]
    lost = len(rows) - len(kept)
    rows[:] = kept
    _count(one, value, lambda total: total - lost)


def _mentions(value: Json, text: str) -> bool:
    if isinstance(value, dict):
        return any(_mentions(one, text) for one in value.values())
    if isinstance(value, list):
        return any(_mentions(one, text) for one in value)
    return isinstance(value, str) and text in value


def _all_at_once(call: Call, one: Listed, value: Json, rows: list[Json]) -> None:
    """Show more rows than the limit that was asked for."""
    del value
    name = one.roles["limit"]
    asked = call.asked(name) or ""
    if not asked.isdigit() or not rows or len(rows) < int(asked):
        return
    answer = call.proceed(call.with_query(name, str(int(asked) + 1)))
    more = one.rows(said(answer)) if succeeded(answer) else None
    if more:
        rows[:] = more


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "value", about, spots, plant)


def _any_shape(shape: Shape) -> bool:
    del shape
    return True


def _has_other(shape: Shape) -> bool:
    inner = shape.item(0) if "array" in shape.kinds and "string" not in shape.kinds else shape
    return inner.kinds <= {"boolean"} or any(len(face.get("enum") or ()) > 1 for face in inner.faces)


KINDS = (
    _kind("page-ignored", "always shows the first page", _with_role("page", "offset"), _asking(_without)),
    _kind(
        "page-off",
        "shows the page after the one that was asked for",
        _with_role("page", "offset"),
        _asking(_next),
    ),
    _kind(
        "pages-overlap", "begins a page with the last row of the one before", _paged, _answering(_overlapping)
    ),
    _kind("limit-ignored", "does not mind the length of a page", _with_role("limit"), _asking(_without)),
    _kind(
        "limit-off", "shows one row more than were asked for", _with_role("limit"), _answering(_all_at_once)
    ),
    _kind("total-off", "counts one row too many", _totalled, _answering(_off)),
    _kind("total-of-page", "counts the rows of the page only", _totalled, _answering(_of_page)),
    _kind(
        "total-unfiltered",
        "counts what the filter leaves out",
        lambda api: (
            Spot(one.operation.id)
            for one in lists(api)
            if one.total and (one.filters or "search" in one.roles)
        ),
        _answering(_unfiltered),
    ),
    _kind("filter-ignored", "does not filter", _with_filters(_any_shape), _asking(_without)),
    _kind("filter-inverted", "filters by another value", _with_filters(_has_other), _asking(_other)),
    _kind("search-ignored", "does not search", _with_role("search"), _asking(_without)),
    _kind(
        "search-by-case",
        "finds only what is written in the same case",
        _with_role("search"),
        _answering(_by_case),
    ),
    _kind("sort-ignored", "does not sort", _with_role("sort"), _asking(_without)),
    _kind("sort-reversed", "sorts the other way round", _with_role("sort"), _asking(_turned)),
    Kind(
        "row-twice",
        "value",
        "lists a row twice and leaves another out",
        _several,
        _answering(_twice),
        "a list that comes to have more than one row",
    ),
    Kind(
        "last-row-lost",
        "value",
        "does not list the last row of a page",
        _several,
        _answering(_last_lost),
        "a list that comes to have more than one row",
    ),
)
