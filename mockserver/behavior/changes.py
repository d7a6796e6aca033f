"""
Change rows as rules say: create, merge, move, copy, delete with all below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.behavior.draw import seeded_uuid
from mockserver.behavior.functions import deep_merge
from mockserver.behavior.lists import narrow
from mockserver.behavior.model import Behavior, Collection, Due, Event, Refusal, Rule, Step
from mockserver.behavior.scope import Bound, Scope
from mockserver.behavior.store import Row
from mockserver.behavior.world import Rehearsal
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Json


@dataclass(slots=True)
class Happened:
    """
    An event that subscribers are told of: its name in the contract, its payload (`MISSING`: not said).

    `to` is an address that the API itself remembers, "" where it remembers that nobody wants to hear of it;
    None where the rules name no address.
    """

    name: str
    payload: Json
    to: str | None = None


class Refused(Exception):
    """A rule refuses. `refusal` is None where the behaviours do not say how."""

    def __init__(self, refusal: Refusal | None) -> None:
        super().__init__()
        self.refusal = refusal


class Changes:
    """What one operation changes, in its scope's transaction."""

    def __init__(self, behavior: Behavior, scope: Scope, events: list[Happened]) -> None:
        self.behavior = behavior
        self.scope = scope
        self.events = events
        self.rehearsal: Rehearsal | None = None
        self.made_keys: dict[str, list[Any]] = {}

    # ------------------------------------------------------------------- steps

    def steps(self, steps: tuple[Step, ...]) -> None:
        """Carry out steps, in order."""
        for step in steps:
            self.step(step)

    def step(self, step: Step) -> None:
        """Carry out one step, once or for each entry of its list."""
        if step.over is None:
            self._step(step)
            return
        entries = step.over(self.scope)
        if step.kind in ("create", "copy") and step.name:
            self.scope.values[step.name] = []
        outer = self.scope
        for index, entry in enumerate(
            list(entries) if entries is not MISSING and entries is not None else ()
        ):
            outer.values[step.each] = entry
            outer.values["index"] = index
            self._step(step)

    def _step(self, step: Step) -> None:
        scope = self.scope
        if step.when is not None and not step.when(scope):
            return
        kind = step.kind
        if kind == "let":
            for name, value in step.lets:
                if (found := value(scope)) is not MISSING:
                    scope.values[name] = found
                else:
                    scope.values.pop(name, None)
            return
        if kind == "refuse":
            raise Refused(step.refusal)
        if kind == "emit":
            self.emit((step.event,) if step.event else ())
            return
        collection = self.behavior.collections[step.collection]
        if kind == "create":
            source = step.source(scope) if step.source is not None else {}
            fields = step.fields(scope) if step.fields is not None else {}
            self._named(step, Bound(collection, self.create(collection, source, fields, step)))
            return
        keys = self._selected(step, collection)
        if kind == "delete":
            for key in keys:
                self.delete(collection, key)
            return
        for key in keys:
            row = scope.transaction.get(collection.name, key)
            if row is None:
                continue
            within = scope.child(row=scope.show(collection, key, row))
            fields = step.fields(within) if step.fields is not None else {}
            if kind == "update":
                if step.source is not None:
                    fields = {**_mapping(step.source(within), step), **fields}
                self.update(collection, key, fields, fields)
            else:
                made = self.create(collection, row, fields, step)
                self._named(step, Bound(collection, made))

    def _named(self, step: Step, bound: Bound) -> None:
        if not step.name:
            return
        values = self.scope.values
        self.scope.look(bound)
        if step.over is None and step.kind == "create":
            values[step.name] = bound
        else:
            values.setdefault(step.name, [])
            values[step.name] = [*values[step.name], bound.last]

    def _selected(self, step: Step, collection: Collection) -> list[Any]:
        scope = self.scope
        if step.key is not None:
            key = step.key(scope)
            return [key] if key is not MISSING and scope.find(collection, key) is not MISSING else []
        assert step.where is not None
        return [row[collection.key] for row in narrow(scope.view(collection), step.where, scope)]

    # -------------------------------------------------------------------- rows

    def create(self, collection: Collection, source: Any, fields: dict[str, Any], step: Step) -> Any:
        """Make a row and return its key: the collection's `new` < *source* < *fields*."""
        scope = self.scope
        made: Row = dict(collection.new(scope)) if collection.new is not None else {}
        made.update(_mapping(source, step))
        made.update(fields)
        waiting = self.made_keys.get(collection.name)
        if collection.key in fields:
            key = fields[collection.key]
        elif waiting:
            key = waiting.pop(0)
        else:
            key = self._new_key(collection, made)
        if self.rehearsal is not None:
            made.update(self.rehearsal.fields.get(collection.name, {}))
        row: Row = {collection.key: key}
        made[collection.key] = key
        row.update(made)
        if collection.per_account:
            row["_account"] = scope.account
        self._hold_unique(collection, key, row)
        self._put(collection, key, row)
        return key

    def _new_key(self, collection: Collection, made: Row) -> Any:
        template = collection.new_key
        if not isinstance(template, str):
            return template(self.scope.child(row=made))
        if template == "uuid":
            world = self.scope.world
            count = len(world.tables[collection.name].rows)
            return seeded_uuid(f"{world.seed}|{collection.name}|{world.writes}|{count}")
        if "{n}" not in template:
            raise BehaviorError(
                collection.place.file,
                0,
                f"{collection.place.pointer}/new-key",
                f"{template!r} has no {{n}} and is not uuid",
            )
        while True:
            number = self.scope.transaction.number(collection.name)
            key = number if template == "{n}" else template.replace("{n}", str(number))
            if self.scope.transaction.get(collection.name, key) is None:
                return key

    def merge(self, bound: Bound, rule: Rule) -> None:
        """Lay what the request says over the item, then what the rule sets."""
        scope = self.scope
        changes: Row = {}
        old = scope.transaction.get(bound.collection.name, bound.key) or {}
        if rule.merge is not None:
            given = rule.merge(scope)
            deep = rule.merge_deep is not None and rule.merge_deep(scope) is True
            for name, value in (given if isinstance(given, dict) else {}).items():
                if name == bound.collection.key or name in rule.merge_except or name.startswith("_"):
                    continue
                changes[name] = deep_merge(old[name], value) if deep and name in old else value
        fields = rule.fields(scope) if rule.fields is not None else {}
        self.update(bound.collection, bound.key, {**changes, **fields}, fields)

    def update(self, collection: Collection, key: Any, changes: Row, fixed: Row) -> None:
        """
        Change fields of a row, with what the collection says of changes (`touch`, `moves`).

        *fixed* are the fields that the rule itself sets: `moves` does not set them otherwise.
        """
        scope = self.scope
        old = scope.transaction.get(collection.name, key)
        if old is None:
            return
        row = {**old, **changes}
        if collection.touch is not None:
            row.update(
                {name: value for name, value in collection.touch(scope).items() if name not in changes}
            )
        for name, values in collection.moves.items():
            if row.get(name) == old.get(name):
                continue
            within = scope.child(row=row, old=old)
            value = row.get(name)
            for wanted in ("*", value if isinstance(value, str) else orjson.dumps(value).decode()):
                if wanted in values:
                    row.update(
                        {field: said for field, said in values[wanted](within).items() if field not in fixed}
                    )
        self._hold_unique(collection, key, row)
        self._put(collection, key, row)

    def _put(self, collection: Collection, key: Any, row: Row) -> None:
        self.scope.transaction.put(collection.name, key, row)
        self.scope.world.version += 1

    def _hold_unique(self, collection: Collection, key: Any, row: Row) -> None:
        scope = self.scope
        for unique in collection.unique:
            if None in [row.get(name) for name in unique.fields]:
                continue
            if unique.when is not None and not unique.when(scope.child(row=row)):
                continue
            first, *rest = unique.fields
            others = scope.transaction.where(collection.name, first, row[first])
            for other, found in others if others is not None else scope.transaction.scan(collection.name):
                if other == key or not scope.visible(collection, found):
                    continue
                if found.get(first) != row[first] or any(found.get(name) != row.get(name) for name in rest):
                    continue
                if unique.when is None or unique.when(scope.child(row=found)):
                    raise Refused(unique.refusal)

    def delete(self, collection: Collection, key: Any) -> None:
        """Take a row away, and all that belongs to it."""
        transaction = self.scope.transaction
        if transaction.get(collection.name, key) is None:
            return
        for child in self.behavior.collections.values():
            for name, parent in child.parents.items():
                if parent == collection.name:
                    found = transaction.where(child.name, name, key)
                    pairs = found if found is not None else list(transaction.scan(child.name))
                    for below, row in pairs:
                        if row.get(name) == key:
                            self.delete(child, below)
        transaction.delete(collection.name, key)
        self.scope.world.version += 1

    # ------------------------------------------------------------ time, events

    def fall_due(self, collection: Collection, key: Any, due: Due) -> None:
        """Let happen what *due* says of one row."""
        scope = self.scope
        outer = scope.values
        scope.values = {**outer, "item": Bound(collection, key)}
        row = scope.transaction.get(collection.name, key)
        if row is not None:
            scope.values["row"] = scope.show(collection, key, row)
            try:
                if due.fields is not None:
                    fields = due.fields(scope)
                    self.update(collection, key, fields, fields)
                self.steps(due.steps)
            except Refused:
                place = collection.place
                raise BehaviorError(
                    place.file, 0, f"{place.pointer}/due", f"what is due of {key!r} is refused by a rule"
                ) from None
            self.emit(due.events)
        scope.values = outer

    def emit(self, events: tuple[Event, ...]) -> None:
        """Note events that hold."""
        for event in events:
            if event.when is None or event.when(self.scope):
                payload = event.payload(self.scope) if event.payload is not None else MISSING
                to = event.to(self.scope) if event.to is not None else None
                if event.to is not None and not isinstance(to, str):
                    to = ""
                self.events.append(Happened(event.name, payload, to))


def _mapping(value: Any, step: Step) -> Row:
    if value is MISSING or value is None:
        return {}
    if not isinstance(value, dict):
        raise BehaviorError(
            step.place.file, 0, step.place.pointer, f"`from` must be a mapping, found {value!r:.40}"
        )
    return value
