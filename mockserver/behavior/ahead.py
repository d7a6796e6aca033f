"""
Lists that are got ready while their rows are made, so that who asks for one finds it done.

Who makes a hundred thousand things one by one, and then asks for the first page of
them, would wait until all of them were looked at: a tenth of a second and more. They
are looked at as they come instead, some hundred at a time, which costs each of them a
microsecond or two. Lists that stand beside what makes their rows are got ready, as
they are when nothing narrows them: filters and searches begin from these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
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
            table = world.tables[one.table]
            if len(table.rows) < LARGE:
                continue
            known = (one.operation.id, account, *(path[name] for name in one.named))
            ready = world.ready
            if table.changes - ready.get(known, 0) < EVERY or (known not in ready and len(ready) >= MOST):
                continue
            ready[known] = table.changes
            arguments = read(one.operation)
            if arguments is not None:
                self._get_ready(world, one.operation, arguments, account)

    def _get_ready(self, world: World, operation: Operation, arguments: Arguments, account: str) -> None:
        engine = self._engine
        try:
            if isinstance(engine, Inferred):
                engine.get_ready(world, operation, arguments)
            else:
                engine.rollback(world, engine.plan(world, operation, arguments, account))
        except (BehaviorError, Ungeneratable) as error:  # who asks for the list is told
            log.debug("%s could not be got ready: %s", operation.id, error)

    def _lists(self, operation: Operation) -> tuple[Beside, ...]:
        found = self._beside.get(operation.id)
        if found is None:
            found = self._beside[operation.id] = tuple(self._find(operation))
        return found

    def _find(self, operation: Operation) -> list[Beside]:
        engine = self._engine
        if isinstance(engine, Inferred):
            found = engine.listed_in(operation)
            return [Beside(*found)] if found is not None and named(found[0]) <= named(operation) else []
        rule = engine.behavior.rules.get(operation.id)
        if rule is None or rule.reads:
            return []
        changed = {one.collection for one in (rule.create, rule.item) if one is not None}
        return [
            Beside(lists, one.listing.collection)
            for one in engine.behavior.rules.values()
            if one.listing is not None
            and one.listing.collection in changed
            and one.reads
            and (lists := engine.contract.operations.get(one.operation)) is not None
            and lists.method == "GET"
            and named(lists) <= named(operation)
        ]


def named(operation: Operation) -> set[str]:
    """Return the names of the parameters in the path of *operation*."""
    return {one.name for one in operation.parameters if one.location == "path"}
