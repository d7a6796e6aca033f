"""
Lists that are got ready while their rows are made, so that who asks for one finds it done.

Who makes a hundred thousand things one by one, and then asks for the first page of
them, would wait until all of them were looked at: a tenth of a second and more. They
are looked at as they come instead, some hundred at a time, which costs each of them a few
microseconds. Lists that stand beside what makes their rows are got ready, as
they are when nothing narrows them: filters and searches begin from these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mockserver.behavior.engine import Engine
from mockserver.behavior.inferred import Inferred
from mockserver.behavior.world import World
from mockserver.contract.model import Operation
from mockserver.errors import BehaviorError, Ungeneratable
from mockserver.exchange import Arguments

log = logging.getLogger(__name__)

LARGE = 1_000
"""Rows of a table below which a list is soon made."""

EVERY = 400
"""Changes of a table after which its lists are brought up to date: fewer than `Ordered` follows at once."""

MOST = 64
"""Lists of a world that are got ready; beyond them none is."""

Read = Callable[[Operation], Arguments | None]
"""Gives what a request without any query says; None where such a one is refused."""


@dataclass(frozen=True)
class Beside:
    """A list where what an operation changes shows: what lists it, and the table that has its rows."""

    operation: Operation
    table: str

    @cached_property
    def named(self) -> list[str]:
        """The parameters in its path."""
        return sorted(named(self.operation))


class Ahead:
    """
    What is got ready of the lists of one engine.

    Args:
        engine: Whose operations make and list rows.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._beside: dict[str, tuple[Beside, ...]] = {}

    def keep_up(
        self, world: World, operation: Operation, path: Mapping[str, str], account: str, read: Read
    ) -> None:
        """Get the lists ready where shows what *operation* has changed below *path*, if it is time to."""
        for one in self._lists(operation):
            self._keep_up(world, one, path, account, read)

    def begin(self, world: World, account: str, read: Read) -> None:
        """Get the lists ready of what is there already, where that is much."""
        if all(len(table.rows) < LARGE for table in world.tables.values()):
            return
        for one in self._all():
            if not one.named:
                self._keep_up(world, one, {}, account, read)

    def _keep_up(self, world: World, one: Beside, path: Mapping[str, str], account: str, read: Read) -> None:
        table, ready = world.tables.get(one.table), world.ready
        if table is None or len(table.rows) < LARGE:
            return
        known = (one.operation.id, account, *(path[name] for name in one.named))
        fresh = known in ready and 0 <= table.changes - ready[known] < EVERY
        if fresh or (known not in ready and len(ready) >= MOST):
            return
        ready[known] = table.changes
        arguments = read(one.operation)
        if arguments is not None:
            self._get_ready(world, one.operation, arguments, account)

    def _get_ready(self, world: World, operation: Operation, arguments: Arguments, account: str) -> None:
        engine, world.readying = self._engine, True
        try:
            if isinstance(engine, Inferred):
                engine.get_ready(world, operation, arguments)
            else:
                engine.rollback(world, engine.plan(world, operation, arguments, account))
        except (BehaviorError, Ungeneratable) as error:  # who asks for the list is told
            log.debug("%s could not be got ready: %s", operation.id, error)
        finally:
            world.readying = False

    def _lists(self, operation: Operation) -> tuple[Beside, ...]:
        found = self._beside.get(operation.id)
        if found is None:
            found = self._beside[operation.id] = tuple(self._find(operation))
        return found

    def _find(self, operation: Operation) -> list[Beside]:
        engine = self._engine
        if isinstance(engine, Inferred):
            lists = engine.listed_in(operation)
            one = self._list(lists) if lists is not None else None
            return [one] if one is not None and named(one.operation) <= named(operation) else []
        rule = engine.behavior.rules.get(operation.id)
        if rule is None or rule.reads:
            return []
        changed = {one.collection for one in (rule.create, rule.item) if one is not None}
        beside = (one for one in self._all() if one.table in changed)
        return [one for one in beside if named(one.operation) <= named(operation)]

    def _all(self) -> Iterator[Beside]:
        """Yield all that only lists; no other operation is built."""
        engine = self._engine
        if isinstance(engine, Inferred):
            identifiers = engine.lists_at_all
        else:
            identifiers = [name for name, rule in engine.behavior.rules.items() if rule.listing is not None]
        for identifier in identifiers:
            operation = engine.contract.operations.get(identifier)
            one = self._list(operation) if operation is not None else None
            if one is not None:
                yield one

    def _list(self, operation: Operation) -> Beside | None:
        """Return what *operation* lists; None where it lists nothing, or does more than that."""
        engine = self._engine
        if operation.method != "GET":
            return None
        if isinstance(engine, Inferred):
            table = engine.lists_of(operation)
            return Beside(operation, table) if table else None
        rule = engine.behavior.rules.get(operation.id)
        if rule is None or rule.listing is None or not rule.reads or not rule.listing.collection:
            return None
        return Beside(operation, rule.listing.collection)


def named(operation: Operation) -> set[str]:
    """Return the names of the parameters in the path of *operation*."""
    return {one.name for one in operation.parameters if one.location == "path"}
