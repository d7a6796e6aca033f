"""
Changes that do half of what they should.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.behavior.expressions import Literal, Mapped
from mockserver.behavior.inferred import Inferred
from mockserver.behavior.model import Rule
from mockserver.behavior.store import Row
from mockserver.behavior.world import World
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import changing, leaves, sent
from mockserver.server.mutants.call import Call, Difference
from mockserver.server.mutants.kinds import Kind, Spot
from mockserver.server.mutants.sight import sight
from mockserver.server.mutants.state import afterwards, main_row, seen, tables_of

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


def _mended(mend: Callable[[Call, Row, Row], Row]) -> Any:
    """
    Plant what makes another row of the one that a call has changed.

    *mend* gets it as it was and as it is, and returns what is to be laid over it; {} for nothing.
    """

    def after(call: Call, before: World, difference: Difference) -> None:
        del before
        at = main_row(call.api, call.operation, difference.changed)
        if at is None:
            return
        old, new = difference.changed[at]
        laid = mend(call, old, new)
        if laid:
            call.edit({at: {**new, **laid}})

    return afterwards(after)


def _loses_field(call: Call, old: Row, new: Row) -> Row:
    """Put back the first property that was sent and has changed."""
    names = {name for name in _names(call) if sight(call.api).keeps_as(call.operation, name)}
    return next(
        ({name: old[name]} for name in new if name in names and name in old and new[name] != old[name]), {}
    )


def _keeping(api: Api) -> Iterator[Spot]:
    """Yield the changes by which something is kept of what was sent, as far as the rules say."""
    for operation in changing(api, "update", "replace"):
        body, rule = sent(operation), api.behavior.rules.get(operation.id)
        if body is None:
            continue
        names = {leaf.path[-1] for leaf in leaves(body) if sight(api).keeps_sent(operation.id, leaf.path)}
        if not names:
            continue
        if rule is None or rule.merge or rule.merge_deep or names & _set_by(rule):
            yield Spot(operation.id)


def _set_by(rule: Rule) -> set[str]:
    """Return the properties that a rule and its steps set."""
    said = [rule.fields, *(step.fields for step in rule.steps)]
    found = {name for value in said if isinstance(value, Mapped) for name, _ in value.parts}
    return found | {name for value in said if isinstance(value, Literal) for name in value.value}


def _leaves_moved(call: Call, old: Row, new: Row) -> Row:
    """Put back the first property that the rules set, and nobody sent."""
    names = _names(call)
    for name in new:
        own = name not in names and not name.startswith("_") and not _UPDATED.search(name)
        own = own and sight(call.api).keeps_as(call.operation, name)
        if own and name in old and new[name] != old[name]:
            return {name: old[name]}
    return {}


def _moving(api: Api) -> Iterator[Spot]:
    """Yield the operations whose rules set something by themselves."""
    for operation in changing(api, "update"):
        body = sent(operation)
        said = {leaf.path[-1] for leaf in leaves(body)} if body is not None else set()
        if any(not _UPDATED.search(name) for name in sight(api).sets(operation.id) - said):
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


def _resets(call: Call, old: Row, new: Row) -> Row:
    """Empty a property that was not sent."""
    del old
    body, names = sent(call.contracted), _names(call)
    if body is None:
        return {}
    hidden = {name for name in new if not sight(call.api).keeps_as(call.operation, name)}
    for name in (one for one in body.names if one in new.keys() - hidden and one not in names):
        empty = _emptied(new[name], body.named(name))
        if empty is not MISSING and empty != new[name]:
            return {name: empty}
    return {}


def _resettable(api: Api) -> Iterator[Spot]:
    for operation in changing(api, "update"):
        body = sent(operation)
        if body is None or len(body.names) < 2:
            continue
        for leaf in leaves(body):
            optional = len(leaf.path) == 1 and not leaf.required
            if optional and _can_empty(leaf.shape) and sight(api).keeps_as(operation.id, leaf.path[0]):
                yield Spot(operation.id)
                break


def _can_empty(shape: Shape) -> bool:
    return any(_emptied(value, shape) is not MISSING for value in ("text", [1]))


def _keeps(call: Call, old: Row, new: Row) -> Row:
    """Keep what a replacement does not name."""
    del new
    names = _names(call)
    return {name: value for name, value in old.items() if name not in names and not _UPDATED.search(name)}


def _stamped(pattern: re.Pattern[str]) -> Callable[[Api], Iterator[Spot]]:
    """Yield the changes of things that show a moment of that name."""

    def spots(api: Api) -> Iterator[Spot]:
        for operation in changing(api, "update", "replace"):
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


def _created_moves(call: Call, old: Row, new: Row) -> Row:
    """Set the moment of creation to that of the change."""
    names = _names(call)
    moments = {name: one for name, one in new.items() if isinstance(one, str) and _MOMENT.match(one)}
    fresh = (one for name, one in moments.items() if one != old.get(name) and name not in names)
    moment = next(fresh, call.world.clock.now)
    return {name: moment for name in moments if _CREATED.search(name)}


def _updated_stands(call: Call, old: Row, new: Row) -> Row:
    """Put back the moment of the last change."""
    names = _names(call)
    return {name: old[name] for name in new if _UPDATED.search(name) and name in old and name not in names}


def _kind(name: str, about: str, spots: Any, mend: Callable[[Call, Row, Row], Row]) -> Kind:
    return Kind(name, "state", about, spots, _mended(mend))


KINDS = (
    _kind("update-loses-field", "does not keep one of the properties sent", _keeping, _loses_field),
    _kind("update-resets-others", "empties a property that was not sent", _resettable, _resets),
    _kind("replace-keeps-others", "keeps what a replacement leaves out", seen("replace"), _keeps),
    _kind("lifecycle-stands", "does not keep what its rules set", _moving, _leaves_moved),
    Kind(
        "created-moves",
        "value",
        "moves the moment of creation with a change",
        _stamped(_CREATED),
        _mended(_created_moves),
    ),
    Kind(
        "updated-stands",
        "value",
        "leaves the moment of the last change as it was",
        _stamped(_UPDATED),
        _mended(_updated_stands),
    ),
)
