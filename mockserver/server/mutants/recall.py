"""
What is remembered too long, or not yet: the deleted that is still shown, the change that is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.behavior.store import Row
from mockserver.behavior.world import World
from mockserver.contract.model import Operation
from mockserver.exchange import Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import Role, answered, leaves, operations, role
from mockserver.server.mutants.call import Call, RowAt, succeeded
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.sight import sight
from mockserver.server.mutants.state import made_by, of_roles, tables_of
from mockserver.server.problems import problem


def _below(api: Api) -> Iterator[Spot]:
    """Yield what reads below something that can be deleted."""
    deletable = [one.route.template.rstrip("/") for one in operations(api, "delete")]
    for operation in operations(api, "read", "list"):
        template = operation.route.template.rstrip("/")
        if any(template.startswith(one + "/") and "{" in one for one in deletable):
            yield Spot(operation.id)


def _beside(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    """Yield what has these roles on collections from which something can be deleted."""

    def spots(api: Api) -> Iterator[Spot]:
        tables = {table for one in operations(api, "delete") for table in tables_of(api, one.id)}
        for operation in operations(api, *roles):
            if tables & set(tables_of(api, operation.id)[:1]):
                yield Spot(operation.id)

    return spots


def _undead(api: Api, spot: Spot) -> Act:
    """Plant that an operation sees what was deleted."""
    graves: dict[RowAt, Row] = {}
    listing = role(api, spot.operation) == "list"

    def act(call: Call) -> Response:
        if call.operation == spot.operation:
            response = call.proceed()
            if not graves or (response.status not in (404, 410) and not listing):
                return response
            world = call.world.copy()
            with call.within(world):
                call.edit(dict(graves))
                return call.proceed()
        if role(api, call.operation) != "delete" if call.operation else True:
            return call.proceed()
        response, _, difference = call.observed()
        if succeeded(response):
            graves.update(difference.gone)
        return response

    return act


def _on_missing(answer: Callable[[Response, Response | None], Response]) -> Callable[[Api, Spot], Act]:
    """Plant another answer to who asks for what is not there; the last good answer is given."""

    def plant(api: Api, spot: Spot) -> Act:
        del api
        last: list[Response] = []

        def act(call: Call) -> Response:
            response = call.proceed()
            if call.operation != spot.operation:
                return response
            if succeeded(response):
                last[:] = [response]
            return answer(response, last[0] if last else None) if response.status in (404, 410) else response

        return act

    return plant


def _can_miss(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the operations of these roles that look for a thing: it may not be there."""

    def spots(api: Api) -> Iterator[Spot]:
        for spot in of_roles(*roles)(api):
            rule = api.behavior.rules.get(spot.operation)
            if rule is None or rule.item is not None:
                yield spot

    return spots


def _crashing(response: Response, last: Response | None) -> Response:
    del response, last
    return problem(500, "Internal Server Error")


def _as_if(response: Response, last: Response | None) -> Response:
    return Response(last.status, last.headers, last.body) if last is not None else response


# ------------------------------------------------------------------------------------------------- caches


def _newest_missing(api: Api, spot: Spot) -> Act:
    newest: list[RowAt] = []
    tables = tables_of(api, spot.operation)[:1]

    def act(call: Call) -> Response:
        if call.operation == spot.operation:
            if not newest or newest[0][1] not in call.world.tables[newest[0][0]].rows:
                return call.proceed()
            with call.within(call.world.copy()):
                call.edit({newest[0]: None})
                return call.proceed()
        if role(api, call.operation) != "create" if call.operation else True:
            return call.proceed()
        response, _, difference = call.observed()
        newest[:] = [at for at in difference.made if at[0] in tables][:1] or newest
        return response

    return act


def _stale(api: Api, spot: Spot) -> Act:
    """Plant that an operation shows what was there before the last change."""
    before: list[World] = []

    def act(call: Call) -> Response:
        if call.operation == spot.operation:
            response = call.proceed()
            if not before or not succeeded(response):
                return response
            with call.within(before[0].copy()):
                old = call.proceed()
            return old if succeeded(old) else response
        changes = role(api, call.operation) in ("update", "replace") if call.operation else False
        if not changes:
            return call.proceed()
        response, world, difference = call.observed()
        if difference:
            before[:] = [world]
        return response

    return act


def _tells(api: Api, operation: Operation) -> bool:
    """Return whether anything in an answer is neither always the same nor left open."""
    shape, free = answered(operation), api.behavior.free.get(operation.id, ())
    return shape is not None and any(
        not (leaf.shape.typed and leaf.shape.kinds <= {"object", "array"})
        and not leaf.is_free(free)
        and not leaf.values("const")
        and [len(one) for one in leaf.values("enum")] != [1]
        for leaf in leaves(shape)
    )


def _changeable(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the operations of these roles that tell of what can be changed."""

    def spots(api: Api) -> Iterator[Spot]:
        changes = [*operations(api, "update", "replace")]
        tables = {table for one in changes for table in tables_of(api, one.id)[:1]}
        for operation in operations(api, *roles):
            about = tables & set(tables_of(api, operation.id)[:1]) and _tells(api, operation)
            if about and any(sight(api).shows_change(operation.id, one.id) for one in changes):
                yield Spot(operation.id)

    return spots


def _creatable(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    def spots(api: Api) -> Iterator[Spot]:
        tables = {table for one in operations(api, "create") for table in made_by(api, one.id)}
        for operation in operations(api, *roles):
            if tables & set(tables_of(api, operation.id)[:1]):
                yield Spot(operation.id)

    return spots


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "state", about, spots, plant)


KINDS = (
    _kind("deleted-readable", "shows what was deleted", _beside("read"), _undead),
    _kind("deleted-listed", "lists what was deleted", _beside("list"), _undead),
    _kind("children-survive", "shows what stands below something deleted", _below, _undead),
    _kind(
        "second-delete-crashes",
        "answers 500 to who deletes again",
        _can_miss("delete"),
        _on_missing(_crashing),
    ),
    _kind("missing-crashes", "answers 500 for what is not there", _can_miss("read"), _on_missing(_crashing)),
    _kind(
        "missing-is-last",
        "shows the last thing read for what is not there",
        _can_miss("read"),
        _on_missing(_as_if),
    ),
    _kind("newest-not-listed", "does not list the newest", _creatable("list"), _newest_missing),
    _kind("stale-read", "shows what was there before the last change", _changeable("read"), _stale),
    _kind("stale-list", "lists what was there before the last change", _changeable("list"), _stale),
)
