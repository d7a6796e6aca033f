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

from mockserver.behavior.expressions import Expression, Literal, Mapped, Value, expressions
from mockserver.behavior.model import Collection, Event, Refusal, Rule, Step, Where
from mockserver.contract.model import Operation
from mockserver.exchange import Arguments
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import answered, leaves, sent

_SAID = frozenset(
    (
        "path",
        "query",
        "header",
        "cookie",
        "body",
        "me",
        "now",
        "instant",
        "settings",
        "choice",
        "sent",
        "draw",
    )
)
"""Names of an expression that are no rows."""

_COUNTED = re.compile(r"\|\s*length\s*$")
_COUNTS = (["count"], ["sum"], ["has"], ["pluck"])
"""What asks many rows for one thing."""

Written = tuple[str, str]
"""Collection and property; "" for whether there is a row at all."""


def words(value: Value | None) -> set[str]:
    """Return every word in the expressions of *value*."""
    return {word for one in _within(value) for word in re.findall(r"\w+", one.text)}


def _within(value: Value | None) -> Iterator[Expression]:
    return expressions(value) if value is not None else iter(())


def _looking(values: Iterable[Value | None]) -> Iterator[Expression]:
    """Yield the expressions that look at rows."""
    for value in values:
        yield from (one for one in _within(value) if set(one.names) - _SAID)


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
        known = _Flow(rule, path)
        if known.decides:
            return True
        return any(self.is_shown((name, one)) for name, value in _laid(rule) for one in known.into(value))

    def keeps_as(self, operation: str, name: str) -> bool:
        """Return whether anything shows of the property *name* of the row that *operation* acts on."""
        rule = self._behavior.rules.get(operation)
        return rule is None or rule.item is None or self.is_shown((rule.item.collection, name))

    def sets(self, operation: str) -> set[str]:
        """Return the properties that the rule of *operation* sets by itself, and that show."""
        rule = self._behavior.rules.get(operation)
        if rule is None or rule.item is None:
            return set()
        return {name for name in _keys(rule.fields) if self.is_shown((rule.item.collection, name))}

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
        return any(not one.example or name in _keys(one.body, open_too=True) for one in rule.answers)

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
        for collection, value in _laid(rule):
            yield from ((collection, name) for name in (_keys(value) or names))
            yield from ((collection, name) for name in _keys(self._behavior.collections[collection].touch))
        if rule.delete and rule.item is not None:
            yield rule.item.collection, ""
        for step in (rule.create, *rule.steps):
            if step is not None and step.kind in ("create", "copy", "delete"):
                yield step.collection, ""

    def _look(self, rule: Rule) -> _Look:
        """Return what the answers of *rule* hang on."""
        shown = [one for answer in rule.answers for one in (answer.status, answer.body, answer.headers)]
        shown += [event.payload for event in _events(rule)]
        whole = not rule.answers or any(one.body is None and not one.example for one in rule.answers)
        whole = whole or self._shows_rows(rule, shown)
        looked = {word for one in _looking([*shown, *_asked(rule)]) for word in words(one)}
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
        if rule.create is not None and (whole or "new" in looked):
            about.add(rule.create.collection)
        body = answered(self._api.contract.operations[rule.operation])
        if not whole or body is None:
            return _Look(frozenset(looked), self._closed(about, looked, looked))
        inside = [*leaves(body)]
        unclosed = (
            any(not leaf.closed for leaf in inside)
            or not inside
            or any(one.payload is None for one in _events(rule))
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
        for one in _looking([value]):
            for name, *member in one.reads:
                if name in self._behavior.collections:
                    if not _COUNTED.search(one.text) and member[:1] not in _COUNTS:
                        return True
                elif name not in _SAID and (not member or name in called or member[0] in derived):
                    return True
        return False

    def _closed(self, about: set[str], looked: set[str], shown: set[str] | None) -> frozenset[str]:
        """
        Return the collections *about* with all that are reckoned in; add their words to *looked*.

        *shown*: the properties that are looked at besides; None for all.
        """
        while True:
            known, count = about | looked & self._behavior.collections.keys(), len(looked)
            for collection in (self._behavior.collections[name] for name in known):
                derived = collection.derived.items()
                parts = [part for name, part in derived if shown is None or name in shown | looked]
                looked.update(word for one in (*parts, *_due(collection)) for word in words(one))
                looked.update(collection.parents)
            if len(looked) == count and known == about | looked & self._behavior.collections.keys():
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


class _Flow:
    """Where one property of a request goes in a rule."""

    def __init__(self, rule: Rule, path: tuple[str, ...]) -> None:
        self._rule = rule
        self._path = path
        self._called = {*path} - {"*"}
        for step in (None, *rule.steps):
            lets = rule.lets if step is None else step.lets
            self._called.update(name for name, value in lets if self._is_in(value))
            if step is not None and step.each and self._is_in(step.over):
                self._called.add(step.each)

    def _is_in(self, value: Value | None) -> bool:
        return any(
            self._called & words(one) or any(read == ("body",) for read in one.reads)
            for one in _within(value)
        )

    @property
    def decides(self) -> bool:
        """Whether what is answered may hang on it."""
        rule = self._rule
        shown = [one for answer in rule.answers for one in (answer.status, answer.body, answer.headers)]
        filters = rule.listing.filters if rule.listing is not None else ()
        if any(one.parameter in self._path for one in filters):
            return True
        return any(self._is_in(one) for one in (*shown, *_asked(rule), *(e.payload for e in _events(rule))))

    def into(self, value: Value) -> Iterator[str]:
        """Yield the properties of a row which it becomes, where *value* is laid over that."""
        if isinstance(value, Mapped):
            yield from (name for name, part in value.parts if self._is_in(part))
        elif isinstance(value, Expression) and ("pick" not in words(value) or self._path[-1] in words(value)):
            yield self._path[-1]
            yield from (self._path[0],) if len(self._path) > 1 else ()


def _laid(rule: Rule) -> Iterator[tuple[str, Value]]:
    """Yield the collections in which a rule lays something over rows, each with that."""
    item = rule.item.collection if rule.item is not None else ""
    for value in (rule.merge, rule.merge_deep, rule.fields):
        if value is not None and item:
            yield item, value
    for step in (rule.create, *rule.steps):
        if step is not None and step.collection:
            yield from ((step.collection, one) for one in (step.source, step.fields) if one is not None)


def _keys(value: Value | None, open_too: bool = False) -> set[str]:
    """Return the properties that *value* names; with *open_too* any word in it where it names none."""
    if isinstance(value, Mapped):
        return {name for name, _ in value.parts}
    if isinstance(value, Literal) and isinstance(value.value, dict):
        return {*value.value}
    if isinstance(value, Expression) and re.match(r"pick\b", value.text):
        return words(value) - {"pick", "body"}
    return words(value) if open_too else set()


def _events(rule: Rule) -> Iterator[Event]:
    yield from rule.events
    yield from (step.event for step in rule.steps if step.event is not None)


def _asked(rule: Rule) -> Iterator[Value | None]:
    """Yield what a rule looks at before it answers, and while it acts."""
    if rule.item is not None:
        yield rule.item.key
        yield rule.item.when.value if rule.item.when is not None else None
    yield from (value for _, value in rule.lets)
    for condition, refusal in rule.refusals:
        yield condition.value
        yield from _refused(refusal)
    if rule.listing is not None:
        listing = rule.listing
        yield from (listing.of, listing.search, listing.sort, listing.limit, listing.offset, listing.page)
        yield from _chosen(listing.where)
    yield from (answer.when.value for answer in rule.answers if answer.when is not None)
    for step in (rule.create, *rule.steps):
        if step is not None:
            yield from _stepped(step)


def _stepped(step: Step) -> Iterator[Value | None]:
    yield from (step.when.value if step.when is not None else None, step.over, step.key)
    yield from (value for _, value in step.lets)
    yield from _chosen(step.where)
    yield from _refused(step.refusal) if step.refusal is not None else ()
    # What is laid over one row may be taken of another.
    yield from _looking([step.source, step.fields])


def _refused(refusal: Refusal) -> Iterator[Value | None]:
    yield from (refusal.status, refusal.body, refusal.headers)


def _chosen(where: Where | None) -> Iterator[Value | None]:
    if where is not None:
        yield from (where.fields or {}).values()
        yield where.condition.value if where.condition is not None else None


def _due(collection: Collection) -> Iterator[Value | None]:
    """Yield what time looks at in rows of *collection*."""
    for due in collection.due:
        yield from (due.at, due.when.value if due.when is not None else None, due.fields)
        for step in due.steps:
            yield from _stepped(step)
