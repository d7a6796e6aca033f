"""
Changes that do half of what they should, and rules that are not kept.

Where the rules are written down, a bug is a rule taken out of them while a request is answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from mockserver.behavior.inferred import Inferred
from mockserver.behavior.model import Behavior
from mockserver.behavior.store import Row
from mockserver.behavior.world import World
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json, Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import operations, sent
from mockserver.server.mutants.call import Call, Difference, succeeded
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.state import afterwards, listed_tables, main_row, of_roles, tables_of

_CREATED = re.compile(r"creat|added|regist|joined", re.IGNORECASE)
_UPDATED = re.compile(r"updat|modif|chang", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def _names(call: Call) -> set[str]:
    """Return the names of what was sent, wherever it stands in the body."""
    found: set[str] = set()

    def visit(value: Json) -> None:
        if isinstance(value, dict):
            found.update(value)
            for one in value.values():
                visit(one)

    visit(call.body)
    return found


def _rows(call: Call, difference: Difference) -> tuple[Any, Row, Row] | None:
    at = main_row(call.api, call.operation, difference.changed)
    return (at, *difference.changed[at]) if at is not None else None


def _loses_field(call: Call, before: World, difference: Difference) -> None:
    """Put back the first property that was sent and has changed."""
    del before
    found = _rows(call, difference)
    if found is None:
        return
    at, old, new = found
    names = _names(call)
    for name in new:
        if name in names and name in old and new[name] != old[name]:
            call.edit({at: {**new, name: old[name]}})
            return


def _leaves_moved(call: Call, before: World, difference: Difference) -> None:
    """Put back the first property that the rules set, and nobody sent."""
    del before
    found = _rows(call, difference)
    if found is None:
        return
    at, old, new = found
    names = _names(call)
    for name in new:
        own = name not in names and not name.startswith("_") and not _UPDATED.search(name)
        if own and name in old and new[name] != old[name]:
            call.edit({at: {**new, name: old[name]}})
            return


def _moving(api: Api) -> Iterator[Spot]:
    """Yield the operations whose rules set something by themselves."""
    for operation in operations(api, "update"):
        rule = api.behavior.rules.get(operation.id)
        if rule is not None and rule.fields is not None:
            yield Spot(operation.id)


def _emptied(value: Json, shape: Shape | None) -> Json:
    """Return what a property is in a thing of which it was not said; `MISSING` where nothing fits."""
    if shape is None:
        return MISSING
    if shape.default is not MISSING:
        return shape.default
    if "null" in shape.kinds and shape.typed:
        return None
    if isinstance(value, list) and not any(face.get("minItems") for face in shape.faces):
        return []
    bound = any(face.keys() & {"enum", "format", "pattern", "minLength", "const"} for face in shape.faces)
    return "" if isinstance(value, str) and not bound else MISSING


def _resets(call: Call, before: World, difference: Difference) -> None:
    """Empty a property that was not sent."""
    del before
    found = _rows(call, difference)
    body = sent(call.contracted)
    if found is None or body is None:
        return
    at, _, new = found
    names = _names(call)
    for name in (one for one in body.names if one in new and one not in names):
        empty = _emptied(new[name], body.named(name))
        if empty is not MISSING and empty != new[name]:
            call.edit({at: {**new, name: empty}})
            return


def _resettable(api: Api) -> Iterator[Spot]:
    for operation in operations(api, "update"):
        body = sent(operation)
        if body is not None and len(body.names) > 1:
            yield Spot(operation.id)


def _keeps(call: Call, before: World, difference: Difference) -> None:
    """Keep what a replacement does not name."""
    del before
    found = _rows(call, difference)
    if found is None:
        return
    at, old, new = found
    names = _names(call)
    kept = {name: value for name, value in old.items() if name not in names and not _UPDATED.search(name)}
    call.edit({at: {**new, **kept}})


def _stamped(pattern: re.Pattern[str]) -> Callable[[Api], Iterator[Spot]]:
    """Yield the changes of things that show a moment of that name."""

    def spots(api: Api) -> Iterator[Spot]:
        for operation in operations(api, "update", "replace"):
            for table in tables_of(api, operation.id)[:1]:
                if any(pattern.search(name) for name in _shown(api, table)):
                    yield Spot(operation.id)

    return spots


def _shown(api: Api, table: str) -> list[str]:
    """Return the moments that rows of *table* show."""
    engine = api.engine
    if isinstance(engine, Inferred):
        row = engine.resources[table].row if table in engine.resources else None
    else:
        name = api.behavior.collections[table].schema
        schema = api.contract.schemas.named(name) if name else None
        row = Shape(schema.json("response")) if schema is not None else None
    if row is None:
        return []
    return [
        name for name in row.names if any(face.get("format") == "date-time" for face in row.named(name).faces)
    ]


def _created_moves(call: Call, before: World, difference: Difference) -> None:
    del before
    found = _rows(call, difference)
    if found is None:
        return
    at, old, new = found
    fresh = [
        value
        for name, value in new.items()
        if value != old.get(name)
        and isinstance(value, str)
        and _MOMENT.match(value)
        and name not in _names(call)
    ]
    moment = fresh[0] if fresh else call.world.clock.now
    moved = {name: moment for name, value in new.items() if _CREATED.search(name) and isinstance(value, str)}
    call.edit(
        {at: {**new, **{name: value for name, value in moved.items() if _MOMENT.match(str(new[name]))}}}
    )


def _updated_stands(call: Call, before: World, difference: Difference) -> None:
    del before
    found = _rows(call, difference)
    if found is None:
        return
    at, old, new = found
    stands = {
        name: old[name] for name in new if _UPDATED.search(name) and name in old and name not in _names(call)
    }
    call.edit({at: {**new, **stands}})


# -------------------------------------------------------------------------------------------------- rules


@contextmanager
def _ruled(api: Api, behavior: Behavior) -> Iterator[None]:
    """Answer by other rules, and come back to the ones that are written."""
    kept = api.engine.behavior
    api.engine.behavior = behavior
    try:
        yield
    finally:
        api.engine.behavior = kept


def _unguarded(api: Api, operation: str, index: int) -> Behavior:
    rule = api.behavior.rules[operation]
    kept = tuple(one for place, one in enumerate(rule.refusals) if place != index)
    return replace(api.behavior, rules={**api.behavior.rules, operation: replace(rule, refusals=kept)})


def _unstepped(api: Api, operation: str, index: int) -> Behavior:
    rule = api.behavior.rules[operation]
    kept = tuple(one for place, one in enumerate(rule.steps) if place != index)
    return replace(api.behavior, rules={**api.behavior.rules, operation: replace(rule, steps=kept)})


def _not_unique(api: Api, operation: str) -> Behavior:
    tables = tables_of(api, operation)
    loose = {name: replace(api.behavior.collections[name], unique=()) for name in tables}
    return replace(api.behavior, collections={**api.behavior.collections, **loose})


def _guards(api: Api) -> Iterator[Spot]:
    for name, rule in api.behavior.rules.items():
        yield from (Spot(name, f"refuse/{index}") for index in range(len(rule.refusals)))
        yield from (
            Spot(name, f"do/{index}") for index, step in enumerate(rule.steps) if step.kind == "refuse"
        )


def _uniques(api: Api) -> Iterator[Spot]:
    for operation in operations(api, "create", "update"):
        tables = tables_of(api, operation.id)[:1]
        if any(api.behavior.collections[one].unique for one in tables if one in api.behavior.collections):
            yield Spot(operation.id, "unique")


def _listed_uniques(api: Api) -> Iterator[Spot]:
    """Yield where what must be unique is also listed: what was made all the same shows nowhere else."""
    listed = listed_tables(api)
    yield from (spot for spot in _uniques(api) if listed & set(tables_of(api, spot.operation)[:1]))


def _loosened(api: Api, spot: Spot) -> Behavior:
    part, _, index = spot.at.partition("/")
    if part == "unique":
        return _not_unique(api, spot.operation)
    return (_unguarded if part == "refuse" else _unstepped)(api, spot.operation, int(index))


def _ignoring(api: Api, spot: Spot) -> Act:
    """Plant that a rule is not there."""
    loose = _loosened(api, spot)

    def act(call: Call) -> Response:
        if call.operation != spot.operation:
            return call.proceed()
        with _ruled(api, loose):
            return call.proceed()

    return act


def _doing_it(api: Api, spot: Spot) -> Act:
    """Plant that a rule refuses, and what it refuses is done all the same."""
    loose = _loosened(api, spot)

    def act(call: Call) -> Response:
        response = call.proceed()
        if call.operation == spot.operation and 400 <= response.status < 500:
            with _ruled(api, loose):
                call.proceed()
        return response

    return act


def _other_status(api: Api, spot: Spot) -> Act:
    """Plant that a refusal is told as a success."""
    loose = _loosened(api, spot)

    def act(call: Call) -> Response:
        response = call.proceed()
        if call.operation != spot.operation or not 400 <= response.status < 500:
            return response
        kept = call.world.copy()
        with _ruled(api, loose):
            good = call.proceed()
        call.back_to(kept)
        return good if succeeded(good) else response

    return act


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "state", about, spots, plant)


KINDS = (
    _kind(
        "update-loses-field",
        "does not keep one of the properties sent",
        of_roles("update", "replace"),
        afterwards(_loses_field),
    ),
    _kind("update-resets-others", "empties a property that was not sent", _resettable, afterwards(_resets)),
    _kind(
        "replace-keeps-others", "keeps what a replacement leaves out", of_roles("replace"), afterwards(_keeps)
    ),
    _kind("lifecycle-stands", "does not keep what its rules set", _moving, afterwards(_leaves_moved)),
    _kind("guard-ignored", "does what a rule forbids", _guards, _ignoring),
    _kind("refused-and-done", "refuses, and does it all the same", _guards, _doing_it),
    _kind(
        "refusal-told-as-good",
        "does not do what a rule forbids, and says that it did",
        _guards,
        _other_status,
    ),
    _kind("uniqueness-ignored", "takes what has to be unique twice", _uniques, _ignoring),
    Kind(
        "conflict-makes-it",
        "state",
        "refuses what is taken, and makes it all the same",
        _listed_uniques,
        _doing_it,
        "a list of what is unique",
    ),
    Kind(
        "created-moves",
        "value",
        "moves the moment of creation with a change",
        _stamped(_CREATED),
        afterwards(_created_moves),
    ),
    Kind(
        "updated-stands",
        "value",
        "leaves the moment of the last change as it was",
        _stamped(_UPDATED),
        afterwards(_updated_stands),
    ),
)
