"""
One list in two places: shown inside a thing, and at a path of its own below it.

`Resource.embedded` says which lists are so. What the thing holds is the truth as
long as nothing is done below it: what it was created with, what was made up for
it, what a document shows of it. With the first change below (`settle`) the rows
live in the table of the path, in the order of the list; after each the thing is
given the list anew (`rise`), and with it what follows from it: its totals, its
stamp, its entity tag. A thing that is given another list gives it to the path
(`sink`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from mockserver.behavior.act import GONE, MADE, OVER, TOMB, Act, Stand, bookkeeping, told_as
from mockserver.behavior.embedding import Embedded
from mockserver.behavior.envelopes import Shown
from mockserver.behavior.looks import HIDDEN, visible
from mockserver.behavior.paging import Paging
from mockserver.behavior.population import Parent, Population
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.exchange import Json, dumps

_HELD = HIDDEN + "held "
"""Of a row, with the name of a property: the rows of that list live below."""


class Knows(Protocol):
    """What was concluded about the contract, as far as it is asked here."""

    @property
    def resources(self) -> Mapping[str, Resource]:
        """The collections by their paths."""

    @property
    def adding(self) -> Mapping[str, Resource]:
        """Lists that can only be added to, if they are lists, by their paths."""

    def stand(self, resource: Resource) -> Stand:
        """Return where the rows of *resource* live."""

    def population(self, stand: Stand) -> Population:
        """Return those that live at *stand* and that nobody made."""


Part = tuple[Resource, Embedded]


class Within:
    """
    The lists of one contract that things show and that stand below them.

    Args:
        known: What was concluded about it.
    """

    def __init__(self, known: Knows) -> None:
        self._known = known
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._below: dict[int, list[Resource]] | None = None

    def parts(self, resource: Resource) -> tuple[Part, ...]:
        """Return the lists below the things of *resource* that they show, with where they show them."""
        found = self._parts.get(resource.path)
        if found is None:
            if self._below is None:
                self._below = {}
                for one in (*self._known.resources.values(), *self._known.adding.values()):
                    if one.above is not None:
                        self._below.setdefault(id(one.above), []).append(one)
            found = self._parts[resource.path] = tuple(
                (one, one.embedded)
                for one in self._below.get(id(resource), ())
                if one.embedded is not None and self._known.stand(one).held
            )
            resource.why += [f"its {shown.name} are those of {one.path}: {shown.why}" for one, shown in found]
        return found

    # -------------------------------------------------------------------- rows

    def whole(self, act: Act) -> Act:
        """Return the same request on the thing that shows the list of *act*."""
        above = act.resource.above
        assert above is not None
        arguments = told_as(act.arguments, act.resource.path, above.item_path)
        return Act(act.world, act.transaction, self._known.stand(above), act.operation, arguments)

    def rows(self, act: Act) -> dict[str, Row]:
        """Return the rows of the list of *act* by the text of their keys, in the order of the list."""
        whole = self.whole(act)
        row = self.current(whole)
        told = act.resource.embedded
        assert told is not None
        if row.get(_HELD + told.name) is True:
            start, get = len(act.scope) + 1, act.transaction.get
            names = list(act.transaction.newest(act.table, MADE, act.scope))
            rows = ((name, get(act.table, name)) for name in reversed(names))
            return {str(name)[start:]: row for name, row in rows if row is not None}
        return self._told(act, told.items(row) or [], told)

    def current(self, whole: Act) -> Row:
        """Return the thing of *whole* as it is."""
        row = whole.row()
        return (
            row if row is not None and GONE not in row else self._known.population(whole.stand).before(whole)
        )

    def _told(
        self, act: Act, items: list[Json], told: Embedded, old: Mapping[str, Row] | None = None
    ) -> dict[str, Row]:
        """Return the rows that the *items* of a thing tell of, with what is known of the *old* ones."""
        entities, home = act.stand.entities, act.stand.home
        whole = home.row is not None and set(told.item.names) == set(home.row.names)
        found: dict[str, Row] = {}
        place = 0
        for item in items:
            given = dict(item) if isinstance(item, dict) else {told.called: item} if told.called else {}
            said = given.get(home.key) if given else item
            key = said if isinstance(said, (str, int)) and not isinstance(said, bool) else None
            while key is None or str(key) in found:
                place += 1
                key = entities.keys.at(act.seed, place)
            given.update({home.key: entities.keys.typed(key)} if home.key else {})
            before = (old or {}).get(str(key)) or self.elsewhere(act, key)
            row = {**visible(before), **given}
            if not whole and not before and home.row is not None:
                digest = dumps(given).decode()
                row = entities.made(f"{act.seed}|{digest}", key, given, shown=False)
            found[str(key)] = row
        return found

    def elsewhere(self, act: Act, key: Json) -> Row:
        """Return what is known of *key* in the collection that the list of *act* takes its rows from."""
        source = act.stand.source
        if source is None:
            return {}
        there = Act(act.world, act.transaction, self._known.stand(source), act.operation, act.arguments)
        row = there.row(key)
        if row is None:
            population = self._known.population(there.stand)
            there.key = key
            return population.base(there, key) if population.has(there, key) else {}
        return {} if GONE in row else visible(row)

    @staticmethod
    def _views(rows: Mapping[str, Row], stand: Stand, told: Embedded) -> list[Json]:
        """Return *rows* as the thing shows them."""
        keys, names = stand.entities.keys, told.item.names
        if told.texts:
            return [row.get(told.called, keys.typed(key)) for key, row in rows.items()]
        if stand.home.row is None or set(names) == set(stand.home.row.names):
            return [visible(row) for row in rows.values()]
        return [{name: row[name] for name in names if name in row} for row in rows.values()]

    # ------------------------------------------------------------------ changes

    def settle(self, act: Act) -> None:
        """Let the rows of the list of *act* live in its table, before one of them is changed."""
        whole, told = self.whole(act), act.resource.embedded
        row = whole.row()
        if told is None or (row is not None and row.get(_HELD + told.name) is True):
            return
        rows, before = self.rows(act), self.current(whole)
        self._put(act, rows)
        marks = bookkeeping(row) if row is not None and GONE not in row else None
        if marks is None:
            marks = {**bookkeeping(whole.belonging), OVER: whole.scope}
        whole.put({**visible(before), **marks, _HELD + told.name: True})

    def _put(self, act: Act, rows: Mapping[str, Row]) -> None:
        """Put *rows* into the table of *act*, and nothing else of this list."""
        transaction = act.transaction
        for name in list(transaction.newest(act.table, MADE, act.scope)):
            if str(name)[len(act.scope) + 1 :] in rows:
                transaction.delete(act.table, name)
            else:
                transaction.put(act.table, name, TOMB)
        for key, row in rows.items():
            name = f"{act.scope}|{key}"
            if act.row(key) is not None:
                transaction.delete(act.table, name)  # so that it comes last
            transaction.put(act.table, name, {**visible(row), **bookkeeping(act.belonging), MADE: act.scope})

    def rise(self, act: Act, put: Callable[..., Row]) -> Row:
        """Show in the thing what the list of *act* is now, by *put* (`put_changed`); return the thing."""
        whole, told = self.whole(act), act.resource.embedded
        assert told is not None
        live = whole.row()
        before = self.current(whole)
        items = self._views(self.rows(act), act.stand, told)
        shown = told.items(before)
        if shown == items or (not items and shown is None):
            return before
        return put(whole, told.given(visible(before), items), before, live)

    def sink(self, act: Act, row: Row, before: Row | None) -> Row:
        """
        Let the lists below the thing of *act*, that became *row*, be what it shows; return it.

        *before* is the thing as it was, None where it is new.
        """
        for part, told in self.parts(act.resource):
            items = told.items(row)
            if before is not None and told.items(before) == items:
                continue
            values = {**act.arguments.path, act.resource.parameter: act.key}
            arguments = replace(act.arguments, path=values)
            arguments = told_as(arguments, act.resource.item_path, part.path)
            stand = self._known.stand(part)
            below = Act(act.world, act.transaction, stand, act.operation, arguments)
            held = row.get(_HELD + told.name) is True
            old = self.rows(below) if held else None
            rows = self._told(below, items or [], told, old)
            if held:
                self._put(below, rows)
            shown = self._views(rows, stand, told)
            if items is not None and shown != items:
                changed = told.given(row, shown)
                maker = act.stand.entities.maker
                if maker is None or maker.accepts(visible(changed)) or not maker.accepts(visible(row)):
                    row = changed
                    act.put(row)
        return row

    def begun(self, act: Act, row: Row, sent: Row) -> Row:
        """Return *row*, a new thing of *act*, with nothing in the lists below it that were not *sent*."""
        maker = act.stand.entities.maker
        for _, told in self.parts(act.resource):
            if told.name not in sent and told.items(row):
                changed = told.given(row, [])
                row = changed if maker is None or maker.accepts(changed) else row
        return row

    def size(self, act: Act, key: Json, part: Resource) -> int | None:
        """Return how long the list *part* of the thing with *key*, of the resource of *act*, is."""
        told = part.embedded
        if told is None or not self._known.stand(part).held:
            return None
        row = act.row(key)
        if row is None or GONE in row:
            row = self._known.population(act.stand).base(act, key)
        items = told.items(row)
        return len(items) if items is not None else None

    def documented(self, resource: Resource) -> Row:
        """Return the lists that documents show below the things of *resource*, which show none themselves."""
        read = resource.operation("read")
        if read is not None and resource.exemplified(read):
            return {}
        found: Row = {}
        for part, told in self.parts(resource):
            stand = self._known.stand(part)
            rows = self._known.population(stand).examples
            if rows:
                found = told.given(found, self._views(rows, stand, told))
        return found


class Held(Population):
    """The things of a list that the thing above it shows."""

    def __init__(self, stand: Stand, within: Within, parent: Parent, *, dynamic: bool) -> None:
        super().__init__(stand, (), parent, dynamic=dynamic)
        self._within = within
        self._kept: tuple[object, dict[str, Row]] = (None, {})

    def _rows(self, act: Act) -> dict[str, Row]:
        transaction = act.transaction
        state = (transaction, transaction.changes, act.scope, act.seed)
        kept = self._kept
        if kept[0] != state:
            kept = self._kept = (state, self._within.rows(act))
        return kept[1]

    def keys(self, act: Act, shown: Shown, paging: Paging, items: int | None) -> list[Json]:
        """Return the keys of all, in the order of the list; *items* asks for so many."""
        known = [act.stand.entities.keys.typed(key) for key in self._rows(act)]
        if items is not None and items > len(known):
            more = super().keys(act, shown, paging, items)
            known += [key for key in more if str(key) not in self._rows(act)]
        return known

    def has(self, act: Act, key: Json) -> bool:  # noqa: ARG002 - the same question as Population.has
        """Return False: before a list is changed (`settle`), all of it comes to be in the table."""
        return False

    def knows(self, act: Act) -> bool:
        """Return whether the key of *act* is one of the list's."""
        return str(act.key) in self._rows(act) or super().knows(act)

    def base(self, act: Act, key: Json) -> Row:
        """Return the thing with *key*; it is shared, so do not change it."""
        found = self._rows(act).get(str(key))
        return found if found is not None else super().base(act, key)

    def before(self, act: Act) -> Row:
        """Return what a client saw of the thing of *act*."""
        return self._rows(act).get(str(act.key)) or super().before(act)
