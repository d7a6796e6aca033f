"""
Remember without being told how: the engine for a contract that has no behavior.yaml.

What was created, changed or deleted is remembered, in the collections that
`resources` finds. What was never touched answers all the same: an entity made
from its identity, so that /users/42 is the same on every machine, and the same
as the item 42 of /users. Documented examples come first as long as nothing was
changed: then the answer is the document's own.

Deleting what a client made is final: it is gone, and so is all below it. Deleting
what nobody made hides it from its list and from reading, until something is done
to it again: it never was more than a promise that any id answers.

Nothing here may turn a good answer into a bad one: an outcome is only a
proposal (`Outcome.proposed`), and where it does not fit the contract, the answer
is made from the contract alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.behavior.act import Act, bookkeeping, exemplified_entities, key_of
from mockserver.behavior.draw import seeded_uuid
from mockserver.behavior.engine import Engine, Outcome
from mockserver.behavior.functions import deep_merge
from mockserver.behavior.model import Behavior, Collection
from mockserver.behavior.paging import Paging, select, tell, told, understand, window
from mockserver.behavior.patching import Unpatchable, patched
from mockserver.behavior.resources import Resource, Shown, find, success_of
from mockserver.behavior.store import Row
from mockserver.behavior.world import World
from mockserver.contract.model import Contract, Operation
from mockserver.contract.shapes import Shape
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Arguments, Json, Place

Make = Callable[[Json, str, str, Json, bool], Json]
"""Makes a value of a schema document: (document, name, seed, given, full) -> value. Raises Ungeneratable."""

VIRTUAL = 100
"""How many entities a collection has that nobody made, where its list has pages."""
VIRTUAL_UNPAGED = 10
_MOST_KEPT = 20_000


class Inferred(Engine):
    """
    The engine of inferred collections.

    Args:
        contract: Whose paths and schemas are read.
        make: Makes values.
        dynamic: Whether documented examples are left aside.
    """

    def __init__(self, contract: Contract, make: Make, *, dynamic: bool = False) -> None:
        self.resources, self._kinds = find(contract)
        collections = {
            path: Collection(path, Place(contract.file, "/paths"), "_key") for path in self.resources
        }
        super().__init__(contract, Behavior("", collections=collections))
        self._make = make
        self._dynamic = dynamic
        self._paging: dict[str, Paging] = {}
        self._made: dict[tuple[str, ...], Json] = {}
        self._shown_examples: dict[str, dict[str, Json]] = {}
        self._above = {
            route.id: [
                resource
                for resource in self.resources.values()
                if resource.parameter and route.template.startswith(resource.item_path + "/")
            ]
            for route in contract.routes
        }

    proposes = True

    def lists(self, operation: Operation) -> bool:
        """Return whether *operation* lists a collection."""
        return self.kind(operation) == "list"

    def covers(self, operation: Operation) -> bool:
        """Return whether state has a say in *operation*."""
        return operation.id in self._kinds or bool(self._above.get(operation.id))

    def kind(self, operation: Operation) -> str:
        """Return what *operation* does to its collection: "list", "create" ...; "" when to none."""
        return self._kinds[operation.id][1] if operation.id in self._kinds else ""

    def plan(
        self,
        world: World,
        operation: Operation,
        arguments: Arguments,
        account: str,  # noqa: ARG002 - the same question as Engine.plan
        items: int | None = None,
    ) -> Outcome:
        """Propose what *operation* answers, and change the world in a transaction."""
        transaction = world.begin()
        outcome = Outcome(transaction, proposed=True)
        for resource in self._above.get(operation.id, ()):
            key = key_of(resource, arguments, arguments.path.get(resource.parameter))
            row = transaction.get(resource.path, key)
            if row is not None and row.get("_gone"):
                if "_made" in row:
                    return _unknown(outcome, resource)
                if operation.method not in ("GET", "HEAD"):
                    transaction.delete(resource.path, key)
        if operation.id not in self._kinds:
            return outcome
        resource, kind = self._kinds[operation.id]
        act = Act(world, transaction, resource, operation, arguments)
        getattr(self, "_" + kind.replace(" ", "_"))(act, outcome) if kind != "list" else self._list(
            act, outcome, items
        )
        world.version += transaction.changes
        return outcome

    # ----------------------------------------------------------------- kinds

    def _read(self, act: Act, outcome: Outcome) -> None:
        row = act.row()
        if row is not None and row.get("_gone"):
            _unknown(outcome, act.resource)
        elif row is not None:
            self._show(act, outcome, row, "remembered")
        elif not act.resource.single and not (act.exemplified() and not self._example_of(act)):
            outcome.source = "example" if self._example_of(act) else "generated"
            self._show(act, outcome, self.base(act), f"the entity {act.key!r} of {act.resource.path}")

    def _list(self, act: Act, outcome: Outcome, items: int | None) -> None:
        shown = act.resource.shown(act.operation)
        if shown is None:
            return
        scope = act.scope
        created = act.transaction.keys(act.resource.path, "_listed", scope)
        touched = created or act.transaction.keys(act.resource.path, "_scope", scope)
        paging = self._paging_of(act)
        asked = any(
            f"query.{name}" in act.arguments.explicit for name in (*paging.roles.values(), *paging.filters)
        )
        if act.exemplified() and not touched and not asked and items is None:
            return
        if not touched:
            outcome.source = "generated"
        if items is not None:
            items = shown.within(items)
        base = self._base_keys(act, items if items is None else items + len(touched), paging)
        keys = [*(("made", key) for key in reversed(created)), *(("base", key) for key in base)]
        narrowed = asked and bool(
            paging.filters.keys() & act.arguments.query.keys() or {"search", "sort"} & paging.roles.keys()
        )
        if narrowed or touched:
            rows = [row for entry in keys if (row := self._row_of(act, *entry)) is not None]
            rows = select(paging, rows, act.arguments) if narrowed else rows
            total = len(rows)
            offset, limit = self._window(act, shown, paging, total, items)
            page = rows[offset : offset + limit]
        else:
            total = len(keys)
            offset, limit = self._window(act, shown, paging, total, items)
            page = [
                row
                for entry in keys[offset : offset + limit]
                if (row := self._row_of(act, *entry)) is not None
            ]
        numbers = told(paging, offset, limit, total, len(page))
        body: Json = page
        for name in reversed(shown.path):
            body = {name: body}
        if shown.path:
            body = deep_merge(tell(shown.whole, shown.path, numbers), body)
        outcome.body = body
        outcome.rule = f"the list of {act.resource.path}: {total} in all"

    @staticmethod
    def _window(act: Act, shown: Shown, paging: Paging, total: int, items: int | None) -> tuple[int, int]:
        if items is not None:
            return 0, items
        offset, limit = window(paging, act.arguments, total)
        return offset, min(limit, shown.within(limit))

    def _create(self, act: Act, outcome: Outcome) -> None:
        resource = act.resource
        sent = act.sent()
        key = sent.get(resource.key, MISSING) if resource.key else MISSING
        if key is MISSING or isinstance(key, (dict, list)) or key is None or not self._writable(resource):
            key = self._new_key(act)
        else:
            act.key = key
            old = act.row()
            if (old is not None and not old.get("_gone")) and "409" in act.operation.responses:
                outcome.refused, outcome.status = True, 409
                outcome.rule = f"{resource.path} has {key!r} already"
                return
        act.key = key
        row = self._completed(act, sent)
        pair = act.pair()
        if pair is not None:
            row = {**row, **pair}
            act.key = key = row.get(resource.key, key)
        act.put({**row, "_made": True, "_listed": act.scope})
        if pair is None:
            self._show(act, outcome, row, f"created as {key!r}")
        promise = success_of(act.operation)
        if promise is not None and resource.parameter:
            location = next((name for name in promise.headers if name.lower() == "location"), "")
            if location:
                outcome.headers = {location: act.location()}

    def _replace(self, act: Act, outcome: Outcome) -> None:
        old = act.row()
        if old is not None and old.get("_gone"):
            if "_made" in old and "201" not in act.operation.responses:
                _unknown(outcome, act.resource)
                return
            outcome.status = 201 if "_made" in old else None
            old = None
        pair = act.pair()
        row = {**self._completed(act, act.sent()), **(pair or {})}
        act.put({**row, **bookkeeping(old)})
        if pair is None:
            self._show(act, outcome, row, f"{act.key!r} was replaced")

    def _replace_by_body(self, act: Act, outcome: Outcome) -> None:
        key = act.sent().get(act.resource.key, MISSING) if act.resource.key else MISSING
        if key is not MISSING and not isinstance(key, (dict, list)):
            act.key = key
            self._replace(act, outcome)

    def _patch(self, act: Act, outcome: Outcome) -> None:
        old = act.row()
        if old is not None and old.get("_gone"):
            if "_made" in old:
                _unknown(outcome, act.resource)
                return
            old = None
        before = old if old is not None else self.base(act)
        try:
            row = patched(before, act.arguments.body, act.arguments.media_type, act.unwrapped)
        except Unpatchable as error:
            outcome.refused, outcome.status, outcome.rule = (
                True,
                error.status(act.operation.responses),
                str(error),
            )
            return
        if act.resource.key and act.resource.key in before:
            row[act.resource.key] = before[act.resource.key]
        row = {**row, **self._read_only(act, row)}
        act.put({**row, **bookkeeping(old)})
        self._show(act, outcome, row, f"{act.key!r} was changed")

    def _delete(self, act: Act, outcome: Outcome) -> None:
        old = act.row()
        if old is not None and "_gone" in old and "_made" in old:
            _unknown(outcome, act.resource)
            return
        before = self.base(act) if old is None or "_gone" in old else old
        act.put({"_gone": True, **({"_made": True} if old is not None and "_made" in old else {})})
        self._show(act, outcome, before, f"{act.key!r} was deleted")

    # -------------------------------------------------------------- entities

    def base(self, act: Act) -> Row:
        """Return the entity at a key that nobody touched: the documented example of it, or a made one."""
        example = self._example_of(act)
        shape = act.resource.row
        if shape is None:
            return {}
        given: Row = dict(example) if example is not None else {}
        if act.resource.key and act.resource.key not in given:
            given[act.resource.key] = act.key
        return self._entity(act, shape, given, full=example is None)

    def _entity(self, act: Act, shape: Shape, given: Row, *, full: bool) -> Row:
        seed = f"{act.world.seed}|{act.resource.path}|{act.scope}|{act.key}"
        kept = (seed, act.resource.path, str(full)) if full else ()
        if kept and kept in self._made:
            return self._made[kept]  # type: ignore[no-any-return]
        name = act.resource.path.rpartition("/")[2]
        made: Json = given
        for attempt in (given, {}) if given else ({},):
            try:
                made = self._make(shape.document, name, seed, attempt, full)
                break
            except Ungeneratable:
                continue
        row = made if isinstance(made, dict) else dict(given)
        if kept:
            if len(self._made) > _MOST_KEPT:
                self._made.clear()
            self._made[kept] = row
        return row

    def _completed(self, act: Act, sent: Row) -> Row:
        """Return what was sent, with its key, what is required, and what only the server sets."""
        shape = act.resource.row
        row = dict(sent)
        if act.resource.key:
            row[act.resource.key] = act.key
        if shape is None:
            return row
        for name in shape.names:
            if name not in row and (default := shape.named(name).default) is not MISSING:
                row[name] = default
        row = {**self._read_only(act, row), **row}
        return self._entity(act, shape, row, full=False)

    def _read_only(self, act: Act, row: Row) -> Row:
        """Return the properties that only the server sets and *row* has not, made once for this key."""
        shape = act.resource.row
        names = [
            name
            for name in (shape.names if shape is not None else ())
            if name not in row and any(face.get("readOnly") for face in shape.named(name).faces)  # type: ignore[union-attr]
        ]
        if not names or shape is None:
            return {}
        made = self._entity(act, shape, {act.resource.key: act.key} if act.resource.key else {}, full=True)
        return {name: made[name] for name in names if name in made}

    def _row_of(self, act: Act, origin: str, key: Any) -> Row | None:
        if origin == "made":
            return act.transaction.get(act.resource.path, key)
        one = act.at(key)
        row = one.row()
        if row is None:
            return self.base(one)
        return None if row.get("_gone") or "_listed" in row else row

    def _writable(self, resource: Resource) -> bool:
        return resource.row is None or not any(
            face.get("readOnly") for face in resource.row.named(resource.key).faces
        )

    # ------------------------------------------------------------------ keys

    def _base_keys(self, act: Act, items: int | None, paging: Paging) -> list[Any]:
        """Return the keys of the entities that nobody made: the documented examples', or virtual ones."""
        examples = self._examples(act)
        if examples and not self._dynamic and items is None:
            return list(examples.values()) and [
                example.get(act.resource.key) for example in examples.values()
            ]
        count = items if items is not None else VIRTUAL if paging.paged else VIRTUAL_UNPAGED
        if not act.resource.parameter and not act.resource.key:
            return list(range(1, count + 1))
        return list(dict.fromkeys(self._virtual_key(act, number) for number in range(1, count + 1)))

    def _virtual_key(self, act: Act, number: int) -> Any:
        shape = act.resource.key_shape()
        if shape is None or shape.kinds & {"integer", "number"}:
            least = max(
                (face["minimum"] for face in (shape.faces if shape else ()) if "minimum" in face), default=1
            )
            return int(least) + number - 1 if least > 1 else number
        if any(face.get("format") == "uuid" for face in shape.faces):
            return seeded_uuid(f"{act.world.seed}|{act.resource.path}|{act.scope}|{number}")
        seed = f"{act.world.seed}|{act.resource.path}|{act.scope}|key|{number}"
        try:
            made = self._make(shape.document, act.resource.key or act.resource.parameter, seed, MISSING, True)
        except Ungeneratable:
            return str(number)
        return made if isinstance(made, (str, int)) else str(number)

    def _new_key(self, act: Act) -> Any:
        shape = act.resource.key_shape()
        for _ in range(1000):
            number = act.transaction.number(act.resource.path) + VIRTUAL
            key = self._virtual_key(act, number)
            if shape is not None and not shape.kinds & {"integer", "number", "string"}:
                key = number
            if act.at(key).row() is None and str(key) not in self._examples(act):
                return key
        return seeded_uuid(f"{act.world.seed}|{act.world.writes}")

    # -------------------------------------------------------------- examples

    def _examples(self, act: Act) -> dict[str, Json]:
        """Return the entities that the examples of read and list show, by the text of their key."""
        path = act.resource.path
        known = self._shown_examples.get(path)
        if known is None:
            known = self._shown_examples[path] = {}
            if act.resource.key and not self._dynamic:
                for kind in ("list", "read"):
                    operation = act.resource.operation(kind)
                    for entity in (
                        exemplified_entities(act.resource, operation) if operation is not None else ()
                    ):
                        key = entity.get(act.resource.key)
                        if key is not None and not isinstance(key, (dict, list)):
                            known[str(key)] = {**known.get(str(key), {}), **entity}
        return known

    def _example_of(self, act: Act) -> Json:
        return self._examples(act).get(str(act.key))

    # ----------------------------------------------------------------- pieces

    def _paging_of(self, act: Act) -> Paging:
        found = self._paging.get(act.operation.id)
        if found is None:
            found = self._paging[act.operation.id] = understand(act.operation, act.resource.row)
        return found

    @staticmethod
    def _show(act: Act, outcome: Outcome, row: Row, rule: str) -> None:
        outcome.rule = rule
        shown = act.resource.shown(act.operation)
        if shown is None or shown.many:
            return
        body: Json = row
        for name in reversed(shown.path):
            body = {name: body}
        outcome.body = body


def _unknown(outcome: Outcome, resource: Resource) -> Outcome:
    outcome.refused = True
    outcome.status = 404
    outcome.rule = f"it was deleted from {resource.path}"
    return outcome
