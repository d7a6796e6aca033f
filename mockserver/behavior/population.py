"""
Who lives in a collection that no client has filled.

First those that documented examples show. Where none is of the list itself, made
ones follow: a hundred in all if the list has pages, else ten. A list that is
documented with a total has so many. Below what a client made there is nothing but what clients make.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from zlib import crc32

from mockserver.behavior.act import Act, Stand, scope_of
from mockserver.behavior.envelopes import Shown
from mockserver.behavior.paging import Paging
from mockserver.behavior.retelling import asked_for, retold, retold_below
from mockserver.behavior.store import Row
from mockserver.behavior.telling import documented
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json

PAGED = 100
"""How many things a collection has that nobody made, where its list has pages."""
UNPAGED = 10
BELOW = 10
"""How many each parent has, where `/posts` and `/users/{userId}/posts` are one."""
MOST = 1000
"""How many a documented total can ask for."""

Parent = Callable[[str], Stand | None]
"""Finds where the things live that the item path template names."""


class Population:
    """
    The things of one collection that nobody made.

    Args:
        stand: Where it lives.
        nested: The collections below parents that are part of this one.
        parent: Finds a parent's collection.
        inside: Gives the lists that documents show below the things, which are shown inside them as well.
        dynamic: Whether documented examples are left aside.
    """

    def __init__(
        self,
        stand: Stand,
        nested: Sequence[Stand],
        parent: Parent,
        inside: Callable[[], Row] = dict,
        *,
        dynamic: bool,
    ) -> None:
        self._inside = inside
        self._stand = stand
        self._entities = stand.entities
        self._keys = stand.entities.keys
        self._nested = [one for one in nested if one.linked]
        self._parent = parent
        self._dynamic = dynamic
        self._examples: dict[str, Row] | None = None
        self._total: int | None = None
        self._listed = False
        self._owners: dict[str, dict[str, tuple[str, Json]]] = {}

    # --------------------------------------------------------------- examples

    @property
    def examples(self) -> dict[str, Row]:
        """The things that the examples of list and read show, by the text of their key."""
        if self._examples is None:
            self._examples = self._exemplified()
        return self._examples

    def _exemplified(self) -> dict[str, Row]:
        found: dict[str, Row] = {}
        resource = self._stand.home
        if self._dynamic or resource.single:
            return found
        for kind in ("list", "read"):
            operation = resource.operation(kind)
            shown = resource.shown(operation) if operation is not None else None
            if operation is None or shown is None:
                continue
            for body in resource.examples(operation):
                rows = shown.found_in(body)
                if kind == "list":
                    self._listed = True
                    told = documented(shown.whole, shown.path, body)
                    self._total = told if told is not None and self._total is None else self._total
                for row in rows if isinstance(rows, list) else [rows]:
                    if isinstance(row, dict):
                        key = resource.key_of(row)
                        if key is MISSING:
                            key = f"example-{len(found) + 1}" if kind == "list" else None
                        if key is not None and not isinstance(key, (dict, list)):
                            found[str(key)] = {**found.get(str(key), {}), **row}
        return found

    @property
    def total(self) -> int | None:
        """How many the documented list says that there are; None where it does not say."""
        return self._total if self.examples else None

    # ------------------------------------------------------------------- keys

    def keys(self, act: Act, shown: Shown, paging: Paging, items: int | None) -> Sequence[Json]:
        """Return the keys of the things that nobody made, in their order; *items* asks for so many."""
        if act.stand.link and items is None:
            return self._below(act)
        if items is None and self.examples and not act.stand.link:
            known: list[Json] = [self._keys.typed(key) for key in self.examples]
            wanted = min(self.total or 0, MOST) if self._listed else self.usual(shown, paging)
            lacking = wanted - len(known)
            if lacking > 0:
                more = self._keys.first(act.seed, lacking + len(known))
                known += [key for key in more if str(key) not in self.examples][:lacking]
            return known
        count = items if items is not None else self.usual(shown, paging)
        return self._keys.first(act.seed, count)

    def usual(self, shown: Shown, paging: Paging) -> int:
        """Return how many things a list has where nothing says how many."""
        return PAGED if paging.paged else shown.within(UNPAGED)

    def has(self, act: Act, key: Json) -> bool:
        """Return whether *key* is of one of those that a list has."""
        if not self._stand.home.listed:
            return False
        return str(key) in self.examples or self._keys.number_of(act.seed, key, PAGED) is not None

    def knows(self, act: Act) -> bool:
        """
        Return whether the key of *act* is told to clients before they ask for it, so that it is that thing.

        Numbers are guessed: whoever asks for 7 has not seen it in a list. A UUID of ours stood in one.
        """
        if str(act.key) in self.examples:
            return True
        return not self._keys.numeric and self._keys.number_of(act.seed, act.key, PAGED) is not None

    def _below(self, act: Act) -> Sequence[Json]:
        """Return the keys of those that one parent has."""
        stand, values = act.stand, act.arguments.path
        parameter = stand.resource.parents[-1]
        value = values.get(parameter)
        if not self._keys.numeric:
            return self._keys.first(f"{act.seed}|{stand.resource.path}|{value}", BELOW)
        number = _counted(value)
        if number is None:
            parent = self._parent(stand.resource.path.rpartition("/")[0])
            number = (
                parent.entities.keys.number_of(_seed(act, parent), value, PAGED)
                if parent is not None
                else None
            )
        if not stand.linked and stand.resource.only_listed:
            number = 1 + crc32(f"{stand.resource.path}|{value}".encode()) % (PAGED // BELOW)
        elif number is None or not stand.linked:
            return ()
        return [self._keys.at(act.seed, (number - 1) * BELOW + place) for place in range(1, BELOW + 1)]

    def _owned(self, act: Act, key: Json) -> Row:
        """Return the property that says whose the thing with *key* is: that parent's list has it."""
        for stand in self._nested:
            parent = self._parent(stand.resource.path.rpartition("/")[0])
            owner: Json = None
            if self._keys.numeric:
                number = _counted(self._keys.typed(key))
                number = (number - 1) // BELOW + 1 if number is not None else None
                if number is not None:
                    owner = (
                        parent.entities.keys.at(_seed(act, parent), number) if parent is not None else number
                    )
            else:
                known = self._owners.get(stand.resource.path + act.seed)
                if known is None:
                    known = self._owners[stand.resource.path + act.seed] = self._enumerated(
                        act, stand, parent
                    )
                found = known.get(str(key))
                owner = found[1] if found is not None else None
            if owner is not None:
                return self._entities.parents(stand.resource.path, {stand.resource.parents[-1]: owner})
        return {}

    def _enumerated(self, act: Act, stand: Stand, parent: Stand | None) -> dict[str, tuple[str, Json]]:
        """Return key -> (path, owner) of all that the first parents have."""
        found: dict[str, tuple[str, Json]] = {}
        owners = (
            parent.entities.keys.first(_seed(act, parent), PAGED) if parent is not None else range(1, PAGED)
        )
        for owner in owners:
            for key in self._keys.first(f"{act.seed}|{stand.resource.path}|{owner}", BELOW):
                found[str(key)] = (stand.resource.path, owner)
        return found

    # --------------------------------------------------------------- the things

    def base(self, act: Act, key: Json) -> Row:
        """Return the thing with *key* that nobody touched; it is shared, so do not change it."""
        known = self._entities.known(act.seed, key)
        if known is not None:
            return known
        example = self.examples.get(str(key))
        if example is not None:
            return self._entities.exemplified(act.seed, key, self._placed(act, example))
        number = self._keys.number_of(act.seed, key, PAGED)
        shown = number in (None, 1) or str(key) == self._keys.sample
        given = {
            **self._owned(act, key),
            **self._entities.parents(act.stand.resource.path, act.arguments.path),
            **self._inside(),
        }
        return self._entities.made(act.seed, key, given, shown=shown)

    def before(self, act: Act) -> Row:
        """Return what a client saw of an untouched thing that it changes: a documented answer comes first."""
        read = act.resource.operation("read")
        seen = self._seen(act, read) if read is not None and not act.touched() else None
        if seen is None:
            return self.base(act, act.key)
        told, key = self._told(act, seen), act.stand.home.key
        if key in told and told[key] == seen[key]:  # not of the kind that was asked for
            told = {name: value for name, value in told.items() if name != key}
        return self._entities.exemplified(act.seed, act.key, told)

    def _placed(self, act: Act, example: Row) -> Row:
        """Return the *example* as of the list that *act* speaks of: below what its path names."""
        home = self._stand.home
        values = {name: value for name, value in act.arguments.path.items() if name in home.parents}
        if not values or all(str(value) in asked_for(act.operation, name) for name, value in values.items()):
            return example
        return (
            retold(example, home.item_path, values)
            if home.item_path
            else retold_below(example, home.path, values)
        )

    def addresses(self, act: Act) -> Row:
        """Return the addresses that a documented thing gives of itself, as the thing of *act* has them."""
        home = self._stand.home
        example = next(iter(self.examples.values()), None)
        if example is None or not home.parameter:
            return {}
        told = retold(example, home.item_path, {**act.arguments.path, home.parameter: act.key})
        return {
            name: value
            for name, value in told.items()
            if isinstance(value, str) and "/" in value and value != example[name]
        }

    def misplaced(self, act: Act) -> bool:
        """Return whether the documented list says that it is of another place than that of *act*."""
        return any(self._placed(act, one) is not one for one in self.examples.values())

    def contradicted(self, act: Act) -> bool:
        """
        Return whether the documented answer to the read of *act* says that it is of another thing.

        It does not where the document itself asks for that answer with the key of *act*.
        """
        seen = self._seen(act, act.operation)
        asked = asked_for(act.operation, act.resource.parameter)
        return seen is not None and str(act.key) not in asked and self._told(act, seen) != seen

    def _seen(self, act: Act, read: Operation) -> Row | None:
        """Return the thing that the example of *read* shows where it is not known to be the one of *act*."""
        if self._dynamic or str(act.key) in self.examples or not act.resource.exemplified(read):
            return None
        shown = act.resource.shown(read)
        rows = (shown.found_in(body) for body in act.resource.examples(read) if shown is not None)
        return next((row for row in rows if isinstance(row, dict)), None)

    def _told(self, act: Act, seen: Row) -> Row:
        """Return the example *seen* as of the thing of *act*: with its key and parents, and its address."""
        home, keys = act.stand.home, self._keys
        told = retold(seen, home.item_path, act.arguments.path)
        said = dict(self._entities.parents(act.stand.resource.path, act.arguments.path))
        typed = keys.typed(act.key)
        if home.key and type(seen.get(home.key)) is type(typed):
            said[home.key] = typed
        changed = {name: said[name] for name in said if name in seen and seen[name] != said[name]}
        return {**told, **changed} if changed else told


def _counted(value: Json) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 12:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _seed(act: Act, stand: Stand) -> str:
    """The seed of the things at *stand*, for the request of *act*."""
    return f"{act.world.seed}|{scope_of(stand.home, act.arguments)}"
