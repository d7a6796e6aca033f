"""
What is answered and not done: creates, changes and deletions that do not last, or do too much.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.behavior.act import FINAL, GONE, MADE
from mockserver.behavior.inferred import Inferred
from mockserver.behavior.store import Row
from mockserver.behavior.world import World
from mockserver.exchange import Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import Role, changing, operations
from mockserver.server.mutants.call import Call, Difference, RowAt, succeeded
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.sight import sight


def of_roles(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the operations of these roles that do what the document says."""

    def spots(api: Api) -> Iterator[Spot]:
        for operation in changing(api, *roles):
            yield Spot(operation.id)

    return spots


def seen(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields those of these roles of whose changes some operation shows anything."""

    def spots(api: Api) -> Iterator[Spot]:
        yield from (spot for spot in of_roles(*roles)(api) if sight(api).keeps(spot.operation))

    return spots


def listed_tables(api: Api) -> set[str]:
    """Return the tables whose rows some operation lists: a row too many shows nowhere else."""
    found: set[str] = set()
    for operation in operations(api, "list"):
        rule = api.behavior.rules.get(operation.id)
        if isinstance(api.engine, Inferred) or rule is None or rule.listing is None:
            found.update(tables_of(api, operation.id)[:1])
        elif rule.listing.collection:
            found.add(rule.listing.collection)
        else:
            words = set(re.findall(r"\w+", getattr(rule.listing.of, "text", "")))
            found.update(words & api.behavior.collections.keys())
    return found


def _makers_of_listed(api: Api) -> Iterator[Spot]:
    listed = listed_tables(api)
    yield from (spot for spot in of_roles("create")(api) if listed & set(made_by(api, spot.operation)))


def made_by(api: Api, operation: str) -> list[str]:
    """Return the tables in which *operation* makes a row, the first above all."""
    rule = api.behavior.rules.get(operation)
    if isinstance(api.engine, Inferred) or rule is None:
        return tables_of(api, operation)
    made = [rule.create.collection] if rule.create is not None else []
    return made or [step.collection for step in rule.steps if step.kind == "create"]


After = Callable[[Call, World, Difference], None]
"""Spoils what a success has done; the world before it and what it has changed are given."""


def afterwards(spoil: After) -> Callable[[Api, Spot], Act]:
    """Return what plants that a success is spoilt in what is remembered, after it was answered."""

    def plant(api: Api, spot: Spot) -> Act:
        del api

        def act(call: Call) -> Response:
            if call.operation != spot.operation:
                return call.proceed()
            response, before, difference = call.observed()
            if succeeded(response) and difference:
                spoil(call, before, difference)
            return response

        return act

    return plant


def _lost(call: Call, before: World, difference: Difference) -> None:
    del difference
    call.back_to(before)


# ----------------------------------------------------------------------------------------------------- rows


def key_field(api: Api, table: str) -> str:
    """Return the property that names a row of *table*, "" where it has none."""
    engine = api.engine
    if isinstance(engine, Inferred):
        resource = engine.resources.get(table)
        return engine.known.stand(resource).home.key if resource is not None else ""
    return api.behavior.collections[table].key


def another_key(api: Api, world: World, at: RowAt) -> tuple[Any, Any]:
    """Return (key in the table, key in the row) of a row that is not there yet, alike to the one at *at*."""
    table, key = at
    rows = world.tables[table].rows
    scope, bar, own = key.rpartition("|") if isinstance(api.engine, Inferred) else ("", "", key)
    count = 1
    while True:
        made = _bumped(own, count)
        full = f"{scope}{bar}{made}" if bar else made
        if full not in rows:
            row_key = rows[key].get(key_field(api, table)) if key in rows else own
            return full, int(made) if isinstance(row_key, int) and str(made).isdigit() else made
        count += 1


def _bumped(key: Any, count: int) -> Any:
    if isinstance(key, int):
        return key + count
    text = str(key)
    if text.isdigit():
        return str(int(text) + count)
    last = text[-1:]
    digits = "0123456789abcdef" if last in "0123456789abcdef" else "0123456789"
    place = digits.find(last)
    return text[:-1] + digits[(place + count) % len(digits)] + ("" if count < len(digits) else "0")


def neighbours(world: World, api: Api, at: RowAt) -> list[RowAt]:
    """Return the other rows of the same collection, in order."""
    table, key = at
    rows = world.tables[table].rows
    if isinstance(api.engine, Inferred):
        scope = key.rpartition("|")[0]
        return [
            (table, one)
            for one in rows
            if one != key and one.rpartition("|")[0] == scope and GONE not in rows[one]
        ]
    mine = rows.get(key, {}).get("_account")
    return [
        (table, one) for one in rows if one != key and (mine is None or rows[one].get("_account") == mine)
    ]


def taken_away(api: Api) -> Row | None:
    """Return what stands for a row that is gone."""
    return {GONE: True, FINAL: True} if isinstance(api.engine, Inferred) else None


def main_row(api: Api, spot: str, rows: Any) -> RowAt | None:
    """Return the row that an operation is about, of those that it changed: no child, no link."""
    found = list(rows)
    engine = api.engine
    if isinstance(engine, Inferred):
        return found[0] if found else None
    rule = api.behavior.rules.get(spot)
    wanted = rule.item.collection if rule is not None and rule.item is not None else ""
    if rule is not None and rule.create is not None:
        wanted = rule.create.collection
    return next((at for at in found if at[0] == wanted), found[0] if found else None)


def copied(call: Call, at: RowAt) -> dict[RowAt, Row | None]:
    """Return the edit that puts another row beside the one at *at*, alike but for its key."""
    table, key = at
    full, own = another_key(call.api, call.world, at)
    row = dict(call.world.tables[table].rows[key])
    name = key_field(call.api, table)
    if name:
        row[name] = own
    if isinstance(call.api.engine, Inferred):
        row[MADE] = key.rpartition("|")[0]
    return {(table, full): row}


def _makes_two(call: Call, before: World, difference: Difference) -> None:
    del before
    at = main_row(call.api, call.operation, difference.made)
    if at is not None:
        call.edit(copied(call, at))


def _makes_another(call: Call, before: World, difference: Difference) -> None:
    del before
    at = main_row(call.api, call.operation, difference.changed)
    if at is not None:
        edit = copied(call, at)
        call.edit({**edit, at: difference.changed[at][0]})


def _takes_neighbour(call: Call, before: World, difference: Difference) -> None:
    at = main_row(call.api, call.operation, difference.gone)
    if at is None:
        return
    others = [one for one in neighbours(before, call.api, at) if one[1] in call.world.tables[at[0]].rows]
    if others:
        call.edit({others[-1]: taken_away(call.api)})


def _touches_all(call: Call, before: World, difference: Difference) -> None:
    at = main_row(call.api, call.operation, difference.changed)
    if at is None:
        return
    old, new = difference.changed[at]
    sent = call.body if isinstance(call.body, dict) else {}
    names = [name for name in new if name in sent and new[name] != old.get(name)] or [
        name for name in new if new[name] != old.get(name) and not name.startswith("_") and name != "_account"
    ]
    rows = call.world.tables[at[0]].rows
    for name in names[:1]:
        call.edit({one: {**rows[one[1]], name: new[name]} for one in neighbours(before, call.api, at)})


def _hits_neighbour(call: Call, before: World, difference: Difference) -> None:
    at = main_row(call.api, call.operation, difference.changed)
    others = neighbours(before, call.api, at) if at is not None else []
    if at is None or not others:
        return
    old, new = difference.changed[at]
    changed = {name: value for name, value in new.items() if value != old.get(name)}
    rows = call.world.tables[at[0]].rows
    call.edit({at: old, others[-1]: {**rows[others[-1][1]], **changed}})


def tables_of(api: Api, operation: str) -> list[str]:
    """Return the tables that an operation is about, the first above all."""
    engine = api.engine
    if isinstance(engine, Inferred):
        found = engine.known.kinds.get(operation)
        return [engine.known.stand(found[0]).home.path] if found is not None else []
    rule = api.behavior.rules.get(operation)
    if rule is None:
        return []
    tables = [rule.listing.collection] if rule.listing is not None and rule.listing.collection else []
    tables += [rule.item.collection] if rule.item is not None else []
    tables += [rule.create.collection] if rule.create is not None else []
    return tables + [step.collection for step in rule.steps if step.collection]


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "state", about, spots, plant)


KINDS = (
    _kind("lost-create", "answers a create and does not keep it", seen("create"), afterwards(_lost)),
    _kind("lost-update", "answers a change and does not keep it", seen("update"), afterwards(_lost)),
    _kind("lost-replace", "answers a replacement and does not keep it", seen("replace"), afterwards(_lost)),
    _kind("lost-delete", "answers a deletion and does not do it", seen("delete"), afterwards(_lost)),
    Kind(
        "create-makes-two",
        "state",
        "makes two things",
        _makers_of_listed,
        afterwards(_makes_two),
        "a list of what is made",
    ),
    _kind(
        "update-makes-another",
        "makes another thing and leaves the one that it should change",
        seen("update", "replace"),
        afterwards(_makes_another),
    ),
    _kind(
        "update-hits-neighbour",
        "changes another thing",
        seen("update", "replace"),
        afterwards(_hits_neighbour),
    ),
    _kind("update-hits-all", "changes all others too", seen("update", "replace"), afterwards(_touches_all)),
    _kind(
        "delete-takes-neighbour",
        "deletes another thing along",
        seen("delete"),
        afterwards(_takes_neighbour),
    ),
)
