"""
What the names in an expression mean while one request is planned.

Nothing is prepared that nobody asks for: collections, the time and the start of
the world are looked up when an expression uses their name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.behavior.compiling import ours
from mockserver.behavior.draw import Draw
from mockserver.behavior.expressions import Expression, truth
from mockserver.behavior.model import Collection
from mockserver.behavior.rows import Rows
from mockserver.behavior.store import Row, Transaction
from mockserver.behavior.world import World
from mockserver.exchange import MISSING, Arguments, Json, Place, Upload

_FOUND = frozenset(("now", "instant", "me", "settings", "choice", "sent", "draw", "start"))
"""Names that mean something wherever they stand, once somebody asks."""


class Bound:
    """A name that means a row, as it is whenever it is looked at."""

    __slots__ = ("collection", "key", "last")

    def __init__(self, collection: Collection, key: Any) -> None:
        self.collection = collection
        self.key = key
        self.last: Any = MISSING


class Scope:
    """
    The names of one operation: called with a name, it gives the value or `MISSING`.

    Args:
        world: Where the rows are.
        transaction: What has been changed so far.
        account: Whose eyes look.
        operation: Its id, which seeds what is made up.
        arguments: The request, or None where there is none (a transition in time).
        taken: Options taken of `choices`, by id; the first option of the others is taken.
    """

    def __init__(
        self,
        world: World,
        transaction: Transaction,
        account: str,
        operation: str,
        arguments: Arguments | None,
        taken: Mapping[str, Json],
    ) -> None:
        self.world = world
        self.transaction = transaction
        self.account = account
        self.taken = taken
        self.now = world.clock.now
        self.operation = operation
        self.values: dict[str, Any]
        if arguments is not None:
            self.values = {
                "path": arguments.path,
                "query": arguments.query,
                "header": arguments.header,
                "cookie": arguments.cookie,
            }
            if arguments.body is not MISSING:
                self.values["body"] = _readable(arguments.body)
            self._explicit = arguments.explicit
        else:
            self.values = {}
            self._explicit = frozenset()
        self._draw: Draw | None = None

    def __call__(self, name: str) -> Any:
        """Return what *name* means, or `MISSING`."""
        value = self.values.get(name, MISSING)
        if value is MISSING:
            return self._find(name)
        return self.look(value) if type(value) is Bound else value

    def look(self, bound: Bound) -> Any:
        """Return the row that *bound* means, as it is now; as it was last when it is gone."""
        row = self.transaction.get(bound.collection.name, bound.key)
        if row is not None:
            bound.last = self.show(bound.collection, bound.key, row)
        return bound.last

    def _find(self, name: str) -> Any:
        world = self.world
        if name in world.tables:
            # Not kept among the values: it knows its scope, and such a circle costs the collector more.
            return self.view(world.behavior.collections[name])
        if name not in _FOUND:
            return MISSING
        if name == "now":
            return self.now
        if name == "instant":
            self.transaction.flowed = True
            return world.clock.instant
        if name == "me":
            return world.accounts.get(self.account, {"name": self.account})
        if name == "settings":
            return world.behavior.settings
        if name == "choice":
            return self._choice
        if name == "sent":
            return self._sent
        if name == "draw":
            if self._draw is None:
                seed = f"{world.seed}|{self.operation}|{world.writes}"
                self._draw = Draw(seed, world.text, world.value)
            return self._draw
        if name == "start":
            first = world.start
            scope = Scope(first, first.begin(), self.account, self.operation, None, self.taken)
            start = self.values[name] = {key: scope(key) for key in first.tables}
            return start
        return MISSING

    @ours
    def _choice(self, identifier: str) -> Json:
        choice = self.world.behavior.choices[identifier]
        return self.taken.get(identifier, choice.options[0])

    @ours
    def _sent(self, name: str) -> bool:
        return name in self._explicit

    def child(self, **values: Any) -> Scope:
        """Return a scope with more names."""
        made = Scope.__new__(Scope)
        made.__dict__.update(self.__dict__)
        made.values = {**self.values, **values}
        return made

    # -------------------------------------------------------------------- rows

    def visible(self, collection: Collection, row: Row) -> bool:
        """Return whether the caller may see *row*."""
        return not collection.per_account or row.get("_account") == self.account

    def show(self, collection: Collection, key: Any, row: Row) -> Row:
        """Return *row* with its derived fields."""
        if not collection.derived:
            return row
        shown = self.world.shown
        seen_by = (collection.name, key, self.account)
        known = shown.get(seen_by)
        if known is not None and known[0] is row and (collection.pure or known[1] == self.world.version):
            return known[2]
        made = dict(row)
        scope = self.child(row=made)
        for name, value in collection.derived.items():
            found = value(scope)
            if found is not MISSING:
                made[name] = found
        if collection.pure or collection.lasting:
            if len(shown) > 200_000:
                shown.clear()
            shown[seen_by] = (row, self.world.version, made)
        return made

    def find(self, collection: Collection, key: Any) -> Any:
        """Return the row of *key* as the caller sees it, or `MISSING`."""
        row = self.transaction.get(collection.name, key)
        if row is None or not self.visible(collection, row):
            return MISSING
        return self.show(collection, key, row)

    def view(self, collection: Collection) -> Rows:
        """Return the rows of *collection* that the caller may see."""

        def source() -> list[Any]:
            pairs = self.transaction.scan(collection.name)
            if collection.per_account:
                account = self.account
                pairs = ((key, row) for key, row in pairs if row.get("_account") == account)
            if not collection.derived:
                return [row for _, row in pairs]
            return [self.show(collection, key, row) for key, row in pairs]

        def equal(field: str, value: Any) -> list[Any] | None:
            if field in collection.derived:
                return None
            pairs = self.transaction.where(collection.name, field, value)
            if pairs is None:
                return None
            return [self.show(collection, key, row) for key, row in pairs if self.visible(collection, row)]

        return Rows(source, equal, lambda key: self.find(collection, key))


def _readable(body: Json) -> Json:
    """Return *body* with files as mappings of what a rule may ask about them."""
    if isinstance(body, Upload):
        return {"filename": body.filename, "media_type": body.media_type, "size": len(body.content)}
    if isinstance(body, dict):
        for value in body.values():
            if isinstance(value, (Upload, list)):
                return {key: _readable(value) for key, value in body.items()}
    if isinstance(body, list) and any(isinstance(value, Upload) for value in body):
        return [_readable(value) for value in body]
    return body


_conditions: dict[str, Expression] = {}


def _compile_condition(text: str) -> Any:
    """Compile the condition of `rows.select("…")`; it knows `row` only."""
    expression = _conditions.get(text)
    if expression is None:
        expression = _conditions[text] = Expression(text, Place("behavior.yaml", ""), ("row",))
    return lambda row: truth(expression(lambda name: row if name == "row" else MISSING))


Rows._compile_condition = staticmethod(_compile_condition)
