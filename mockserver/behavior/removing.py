"""
What clients take away from an inferred collection: one thing, several, or all of a list.

`inferred` says what deleting means, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from mockserver.behavior.act import FINAL, GONE, MADE, OVER, TOMB, Act, Stand, scope_of
from mockserver.behavior.engine import Outcome
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.single import astray, is_closed, is_final, show, unknown
from mockserver.exchange import MISSING, Json


class Removing:
    """
    The operations that take something away.

    Args:
        known: What was concluded about the contract.
    """

    def __init__(self, known: Knowledge) -> None:
        self._known = known

    def delete(self, act: Act, outcome: Outcome) -> None:
        """Take away the thing that the path names; see `inferred`."""
        old = act.row()
        if old is not None and (is_final(old) or astray(act, old)):
            unknown(act, outcome)
            return
        live = old if old is not None and GONE not in old else None
        if is_closed(act.operation, outcome, act.stand.home, live):
            return
        before = live if live is not None else self._known.population(act.stand).before(act)
        if live is not None and FINAL in live:
            act.put(TOMB)
        elif act.resource.single:
            if live is not None:
                act.forget()
        elif self._known.population(act.stand).has(act, act.key):
            act.put({GONE: True, OVER: act.scope})
        elif live is not None:
            if MADE in live:
                act.put({GONE: True})
            else:
                act.forget()
        self.below(act)
        show(self._known, act, outcome, before, f"{act.key!r} was deleted", gone=True)

    def clear(self, act: Act, outcome: Outcome) -> None:
        """Take away all of a list, or those that are named; what else a query asks for is not understood."""
        if self.take(act):
            outcome.rule = f"taken from the list of {act.resource.path}"
            return
        if any(name.startswith("query.") for name in act.arguments.explicit) or not (
            act.stand.held or self._known.is_list(act.resource)
        ):
            return
        if act.arguments.body is MISSING:
            self.empty(act)
            outcome.rule = f"the list of {act.resource.path} was emptied"
        elif act.stand.held or not act.resource.item_path:
            keys = [str(key) for key in map(act.chosen, act.each()) if key is not MISSING]
            self.remove(act, keys)
            self._hide(act, keys)
            outcome.rule = f"taken from the list of {act.resource.path}"

    def take(self, act: Act) -> bool:
        """Take away those of a list that the request points at; return whether it points at any."""
        pointed = act.pointed
        if pointed is None:
            return False
        pointing, names = pointed
        wanted = set(map(str, names))
        made = [key for key in self._made(act) if str(pointing.value(act.row(key))) in wanted]
        base = self._known.population(act.stand).base
        unmade = [
            key for key in self._unmade(act) if str(pointing.value(act.row(key) or base(act, key))) in wanted
        ]
        self.remove(act, made)
        self._hide(act, unmade)
        return True

    def empty(self, act: Act) -> None:
        """Take away all of a list."""
        self.remove(act, self._made(act))
        self._hide(act, self._unmade(act))

    @staticmethod
    def _made(act: Act) -> list[str]:
        """Return the keys of what clients made in a list, or what a thing shows."""
        link, start = act.stand.link, len(act.scope) + 1
        belongs = (link, act.belonging.get(link)) if link else (MADE, act.scope)
        return [str(name)[start:] for name in act.transaction.newest(act.table, *belongs)]

    def _unmade(self, act: Act) -> Sequence[Json]:
        """Return the keys of what a list has that nobody made."""
        operation = act.resource.operation("list")
        shown = act.resource.shown(operation) if operation is not None else None
        if operation is None or shown is None or act.stand.held:
            return ()
        paging = self._known.query(operation, act.stand.home, shown).paging
        return self._known.population(act.stand).keys(act, shown, paging, None)

    def _hide(self, act: Act, keys: Iterable[Json]) -> None:
        """Take away those of *keys* that nobody made and that a list has."""
        own, population = act.key, self._known.population(act.stand)
        for key in keys:
            act.key = key
            row = act.row()
            if (row is None or OVER in row) and population.has(act, key):
                act.put({GONE: True, OVER: act.scope})
        act.key = own

    def remove(self, act: Act, keys: Iterable[str]) -> None:
        """Take away what clients made, or what a thing shows, under *keys*."""
        own = act.key
        for act.key in list(keys):
            if act.row() is not None:
                act.put(TOMB)
                self.below(act)
        act.key = own

    def below(self, act: Act) -> None:
        """Take away what clients made below the thing of *act*."""
        transaction = act.transaction
        for child in self._known.below(act.resource):
            key = quote(str(act.key), safe="")
            scope = f"{scope_of(act.resource, act.arguments)}|{key}" if act.resource.parents else key
            stand = self._known.stand(child)
            if not transaction.any(stand.home.path):
                continue
            if stand.home is not child:
                self._clear_linked(act, stand, scope)
                continue
            prefixes = (f"{scope}|",)
            for name, row in list(transaction.scan(child.path)):
                if str(name).startswith(prefixes):
                    if FINAL in row:
                        transaction.put(child.path, name, TOMB)
                    else:
                        transaction.delete(child.path, name)

    @staticmethod
    def _clear_linked(act: Act, stand: Stand, scope: str) -> None:
        """Take away what belongs to the thing of *act* by a property or mark of its own."""
        transaction, table = act.transaction, stand.home.path
        values = {**act.arguments.path, stand.resource.parents[-1]: act.key}
        owner = stand.entities.parents(stand.resource.path, values).get(stand.link) if stand.linked else scope
        for name in transaction.keys(table, stand.link, owner) or ():
            row = transaction.get(table, name)
            if row is not None and MADE in row:
                transaction.put(table, name, TOMB)
