"""
What answers can show of what is kept: a bug in the rest is none, for nobody can see it.

A service may be told things that no operation of it ever shows again: the words of a
notification, why somebody was banned. Whoever loses them still keeps the contract.

Only written rules tell what is shown. They are read with generosity: a word that stands
in anything that looks at rows may be a property of any of them, and what a list, a count,
a refusal or an event hangs on is shown by these. So what is said here not to show never
does; what is not said so may yet be hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockserver.behavior.expressions import Value
from mockserver.behavior.model import Rule
from mockserver.contract.model import Operation
from mockserver.exchange import Arguments
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import answered, leaves, sent
from mockserver.server.mutants.rule_parts import (
    SAID,
    Flow,
    asked_by,
    due_in,
    events_of,
    keys_of,
    laid_by,
    looking,
    mentioned,
    words,
)

_COUNTED = re.compile(r"\|\s*length\s*$")
_COUNTS = (["count"], ["sum"], ["has"], ["pluck"])
"""What asks many rows for one thing."""

Written = tuple[str, str]
"""Collection and property; "" for whether there is a row at all."""


@dataclass(frozen=True)
class _Look:
    """
    What the answers of one operation hang on.

    Attributes:
        words: What stands in all that looks at rows.
        collections: Whose rows are looked at.
        names: What an answer shows of rows that it shows whole; `open` where that is anything.
    """

    words: frozenset[str]
    collections: frozenset[str]
    names: frozenset[str] = frozenset()
    open: bool = False

    def shows(self, written: Written) -> bool:
        """Return whether an answer may be another one for it."""
        collection, name = written
        return collection in self.collections and (
            not name or self.open or name in self.words or name in self.names
        )


class Sight:
    """What operations of one API write, and what its answers may show of it."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._behavior = api.behavior
        self._looks = {name: self._look(rule) for name, rule in api.behavior.rules.items()}

    @property
    def ruled(self) -> bool:
        """Whether rules are written down; else anything may show."""
        return bool(self._behavior.rules)

    def is_shown(self, written: Written) -> bool:
        """Return whether any answer may be another one for what is written there."""
        collection, name = written
        told = self._behavior.collections[collection]
        bound = name in told.moves or any(name in one.fields for one in told.unique)
        return bound or any(look.shows(written) for look in self._looks.values())

    def keeps(self, operation: str) -> bool:
        """Return whether anything shows of what *operation* changes."""
        rule = self._behavior.rules.get(operation)
        return rule is None or any(map(self.is_shown, self._writes(rule)))

    def keeps_sent(self, operation: str, path: tuple[str, ...]) -> bool:
        """Return whether anything shows of the property at *path* of what is sent to *operation*."""
        rule = self._behavior.rules.get(operation)
        if rule is None:
            return True
        known = Flow(rule, path)
        if known.decides:
            return True
        return any(self.is_shown((name, one)) for name, value in laid_by(rule) for one in known.into(value))

    def shows_sent(self, reader: str, operation: str, path: tuple[str, ...]) -> bool:
        """Return whether *reader* shows the property at *path* of what is sent to *operation* by its name."""
        rule, look = self._behavior.rules.get(operation), self._looks.get(reader)
        if rule is None or look is None:
            return not self.ruled
        known = Flow(rule, path)
        if reader == operation and known.decides:
            return True
        return any(
            look.shows((name, one)) and one == path[-1]
            for name, value in laid_by(rule)
            for one in known.into(value)
        )

    def keeps_as(self, operation: str, name: str) -> bool:
        """Return whether anything shows of the property *name* of the row that *operation* acts on."""
        rule = self._behavior.rules.get(operation)
        return rule is None or rule.item is None or self.is_shown((rule.item.collection, name))

    def sets(self, operation: str) -> set[str]:
        """Return the properties that the rule of *operation* sets by itself, and that show."""
        rule = self._behavior.rules.get(operation)
        if rule is None or rule.item is None:
            return set()
        return {name for name in keys_of(rule.fields) if self.is_shown((rule.item.collection, name))}

    def is_still(self, operation: str) -> bool:
        """Return whether *operation* answers the same, whatever others have done."""
        look = self._looks.get(operation)
        if look is None:
            return self.ruled
        rules = [*self._behavior.rules.values(), *(one.rule for one in self._behavior.triggers.values())]
        written = (one for rule in rules for one in self._writes(rule))
        timed = any(self._behavior.collections[name].due for name in look.collections)
        return not timed and not look.open and not any(map(look.shows, written))

    def shows_change(self, reader: str, changer: str) -> bool:
        """Return whether the answer of *reader* may be another one for what *changer* has done."""
        rule, look = self._behavior.rules.get(changer), self._looks.get(reader)
        return rule is None or look is None or any(map(look.shows, self._writes(rule)))

    def tells(self, operation: str, name: str) -> bool:
        """Return whether *name* in an answer of *operation* may change: no printed one always stands."""
        rule = self._behavior.rules.get(operation)
        if rule is None or not rule.answers:
            return True
        return any(not one.example or name in keys_of(one.body, open_too=True) for one in rule.answers)

    def hidden(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each operation of which something never shows: those properties of it; () for all it does."""
        for name, rule in self._behavior.rules.items():
            body = sent(self._api.contract.operations[name])
            if rule.reads:
                continue
            if not self.keeps(name):
                yield name, ()
            elif body is not None and (
                lost := [one.path[-1] for one in leaves(body) if not self.keeps_sent(name, one.path)]
            ):
                yield name, tuple(dict.fromkeys(lost))

    # ------------------------------------------------------------------- parts

    def _writes(self, rule: Rule) -> Iterator[Written]:
        """Yield what a rule writes."""
        body = sent(self._api.contract.operations[rule.operation]) if rule.operation else None
        names = {leaf.path[-1] for leaf in leaves(body)} if body is not None else set()
        for collection, value in laid_by(rule):
            yield from ((collection, name) for name in (keys_of(value) or names))
            yield from ((collection, name) for name in keys_of(self._behavior.collections[collection].touch))
        if rule.delete and rule.item is not None:
            yield rule.item.collection, ""
        for step in (rule.create, *rule.steps):
            if step is not None and step.kind in ("create", "copy", "delete"):
                yield step.collection, ""

    def _look(self, rule: Rule) -> _Look:
        """Return what the answers of *rule* hang on."""
        shown = [one for answer in rule.answers for one in (answer.status, answer.body, answer.headers)]
        shown += [event.payload for event in events_of(rule)]
        whole = not rule.answers or any(one.body is None and not one.example for one in rule.answers)
        whole = whole or self._shows_rows(rule, shown)
        looked = {word for one in looking([*shown, *asked_by(rule)]) for word in words(one)}
        if rule.listing is not None:
            listing = rule.listing
            looked.update(one.field.partition(".")[0] for one in listing.filters)
            looked.update(re.findall(r"\w+", " ".join((*listing.search_in, listing.sort_default))))
        for where in (
            rule.listing.where if rule.listing is not None else None,
            *(s.where for s in rule.steps),
        ):
            looked.update(where.fields or () if where is not None else ())
        about = {rule.item.collection} if rule.item is not None else set()
        about |= {rule.listing.collection} - {""} if rule.listing is not None else set()
        about |= {name for one in looking([*shown, *asked_by(rule)]) for name in mentioned(one)}
        if rule.create is not None and (whole or "new" in looked):
            about.add(rule.create.collection)
        body = answered(self._api.contract.operations[rule.operation])
        if not whole or body is None:
            collections = self._closed(about, looked, looked)
            return _Look(frozenset(looked), collections)
        inside = [*leaves(body)]
        unclosed = (
            any(not leaf.closed for leaf in inside)
            or not inside
            or any(one.payload is None for one in events_of(rule))
        )
        names = frozenset(leaf.path[-1] for leaf in inside)
        collections = self._closed(about, looked, None if unclosed else {*names})
        return _Look(frozenset(looked), collections, names, unclosed)

    def _shows_rows(self, rule: Rule, shown: Iterable[Value | None]) -> bool:
        """Return whether rows may stand whole in what is *shown*; a member of one tells of itself."""
        derived = {name for one in self._behavior.collections.values() for name in one.derived}
        called: set[str] = set()
        for lets in (rule.lets, *(step.lets for step in rule.steps)):
            called.update(name for name, value in lets if self._holds_row(value, derived, called))
        return any(self._holds_row(one, derived, called) for one in shown)

    def _holds_row(self, value: Value | None, derived: set[str], called: set[str]) -> bool:
        for one in looking([value]):
            for name, *member in one.reads:
                if name in self._behavior.collections:
                    if not _COUNTED.search(one.text) and member[:1] not in _COUNTS:
                        return True
                elif name not in SAID and (not member or name in called or member[0] in derived):
                    return True
        return False

    def _closed(self, about: set[str], looked: set[str], shown: set[str] | None) -> frozenset[str]:
        """
        Return the collections *about* with all that are reckoned in; add their words to *looked*.

        *shown*: the properties that are looked at besides; None for all.
        """
        known = about & self._behavior.collections.keys()
        while True:
            before = len(looked), len(known)
            for collection in [self._behavior.collections[name] for name in known]:
                derived = collection.derived.items()
                parts = [part for name, part in derived if shown is None or name in shown | looked]
                for one in looking([*parts, *due_in(collection)]):
                    looked.update(words(one))
                    known |= mentioned(one) & self._behavior.collections.keys()
                looked.update(collection.parents)
            if before == (len(looked), len(known)):
                return frozenset(known)


@lru_cache(maxsize=4)
def sight(api: Api) -> Sight:
    """Return what can be seen of *api*."""
    return Sight(api)


def start_rows(api: Api, operation: Operation) -> list[Any] | None:
    """Return the rows that a list shows before anything is done; None where more must be said to know."""
    needed = any(one.required for one in operation.parameters) or operation.body is not None
    rule = api.behavior.rules.get(operation.id)
    if needed or rule is None or rule.listing is None:
        return None
    world = api.world()
    outcome = api.engine.plan(world, operation, Arguments(), world.account)
    api.engine.rollback(world, outcome)
    found = outcome.scope.values.get("rows") if outcome.scope is not None else None
    return found if isinstance(found, list) else None


def stored(api: Api, operation: str, name: str) -> list[Any]:
    """Return what the rows that *operation* shows first have under *name*; [] where none has it."""
    rule = api.behavior.rules.get(operation)
    if rule is None:
        return []
    told = rule.listing.collection if rule.listing is not None else rule.item.collection if rule.item else ""
    rows = api.world().tables[told].rows.values() if told else ()
    return [row[name] for row in rows if name in row]
