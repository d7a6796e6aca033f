"""
Rows changed by hand: put and taken away from outside the rules, as a tester asks for a state.

No rule is asked and no event told: a state that no request leads to is what is
wanted. What a row must be to be shown at all stays true: it has its key, it is
somebody's where rows are, and what belonged to a row that is taken away goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from mockserver.behavior.act import FINAL, GONE, MADE, OVER, Act, bookkeeping
from mockserver.behavior.changes import Changes
from mockserver.behavior.engine import Engine
from mockserver.behavior.inferred import Inferred
from mockserver.behavior.looks import visible
from mockserver.behavior.scope import Scope
from mockserver.behavior.single import put_changed
from mockserver.behavior.store import Row, Transaction
from mockserver.behavior.world import World
from mockserver.errors import nearest
from mockserver.exchange import Arguments, Json


class Unfit(Exception):
    """A row cannot stand where it is to be put. The text says why."""


class Editor(Protocol):
    """Changes the rows of one collection, in a transaction."""

    @property
    def key(self) -> str:
        """The field that holds a row's key, "" where none does."""

    def typed(self, text: str) -> Json:
        """Return the key that *text*, from a path, means."""

    def put(self, key: Json, row: Row) -> Row:
        """Put *row* under *key*, and return it as it stands then. Raises Unfit."""

    def remove(self, key: Json) -> bool:
        """Take a row away; say whether there was one."""

    def present(self) -> list[Json]:
        """Return the keys of the rows that are there, in order."""


def editor(
    engine: Engine, world: World, transaction: Transaction, name: str, values: Mapping[str, str]
) -> Editor:
    """Return what changes the collection *name*; *values* are those of the parameters in its path."""
    if isinstance(engine, Inferred):
        return _OfInferred(engine, world, transaction, name, values)
    return _OfRules(engine, world, transaction, name)


class _OfRules:
    def __init__(self, engine: Engine, world: World, transaction: Transaction, name: str) -> None:
        self._world = world
        self._transaction = transaction
        self._collection = engine.behavior.collections[name]
        scope = Scope(world, transaction, world.account, "state", None, engine.taken)
        self._changes = Changes(engine.behavior, scope, [])

    @property
    def key(self) -> str:
        return self._collection.key

    def typed(self, text: str) -> Json:
        rows = self._world.tables[self._collection.name].rows
        if text in rows:
            return text
        found = next((key for key in rows if str(key) == text), None)
        if found is not None:
            return found
        numbers = all(isinstance(key, int) for key in rows) if rows else self._collection.new_key == "{n}"
        return int(text) if numbers and text.isascii() and text.isdecimal() else text

    def put(self, key: Json, row: Row) -> Row:
        collection = self._collection
        made = {collection.key: key, **row}
        if collection.per_account:
            old = self._transaction.get(collection.name, key) or {}
            owner = made.setdefault("_account", old.get("_account", self._world.account))
            if owner not in self._world.accounts:
                near = nearest(str(owner), self._world.accounts)
                raise Unfit(f"_account: there is no account {owner!r}.{near}")
        self._transaction.put(collection.name, key, made)
        return made

    def remove(self, key: Json) -> bool:
        there = self._transaction.get(self._collection.name, key) is not None
        self._changes.delete(self._collection, key)
        return there

    def present(self) -> list[Json]:
        return [key for key, _ in self._transaction.scan(self._collection.name)]


class _OfInferred:
    def __init__(
        self, engine: Inferred, world: World, transaction: Transaction, name: str, values: Mapping[str, str]
    ) -> None:
        self._known = engine.known
        self._resource = engine.resources[name]
        self._stand = self._known.stand(self._resource)
        operation = engine.contract.operations[next(iter(self._resource.operations.values()))]
        self._act = Act(world, transaction, self._stand, operation, Arguments(path=dict(values)))

    @property
    def key(self) -> str:
        return self._stand.home.key

    def typed(self, text: str) -> Json:
        return self._stand.entities.keys.typed(text)

    def put(self, key: Json, row: Row) -> Row:
        act, within = self._at(key), self._known.within
        if self._stand.held:
            within.settle(act)
        live = act.row()
        made = {**({self.key: key} if self.key else {}), **visible(act.belonging), **row}
        if live is not None and GONE not in live:
            kept = bookkeeping(live)
        elif self._resource.single or self._made_up(act):
            kept = {**bookkeeping(act.belonging), OVER: act.scope}
        else:
            kept = {**bookkeeping(act.belonging), MADE: act.scope, FINAL: True}
        act.put({**made, **kept})
        if self._stand.held:
            within.rise(act, put_changed)
        return visible(within.sink(act, {**made, **kept}, live))

    def remove(self, key: Json) -> bool:
        act = self._at(key)
        if self._stand.held:
            self._known.within.settle(act)
        live = act.row()
        made_up = self._made_up(act)
        there = (live is not None and GONE not in live) or (live is None and made_up)
        if self._resource.single and live is not None:
            act.forget()  # it is as nobody has set it
            return there
        act.put({GONE: True, FINAL: True, **({OVER: act.scope} if made_up else {})})
        if self._stand.held:
            self._known.within.rise(act, put_changed)
        return there

    def present(self) -> list[Json]:
        prefix = f"{self._act.scope}|"
        table = self._act.transaction.scan(self._act.table)
        found = [
            str(name).removeprefix(prefix)
            for name, row in table
            if str(name).startswith(prefix) and GONE not in row
        ]
        return [self.typed(text) for text in found if "|" not in text]

    def _at(self, key: Json) -> Act:
        self._act.key = key
        return self._act

    def _made_up(self, act: Act) -> bool:
        return not self._resource.single and bool(self._known.population(self._stand).has(act, act.key))


def shown_rows(rows: Mapping[Any, Row]) -> dict[str, Row]:
    """Return *rows* as a person is shown them: without bookkeeping, and without what was deleted."""
    return {str(key): visible(row) for key, row in rows.items() if GONE not in row}
