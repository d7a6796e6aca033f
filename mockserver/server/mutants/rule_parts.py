"""
What a rule of behavior.yaml looks at, what it lays over rows, and where what it was told goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mockserver.behavior.expressions import Expression, Literal, Mapped, Value, expressions
from mockserver.behavior.model import Collection, Event, Refusal, Rule, Step, Where

SAID = frozenset(
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


def words(value: Value | None) -> set[str]:
    """Return every word in the expressions of *value*."""
    return {word for one in within(value) for word in re.findall(r"\w+", one.text)}


def within(value: Value | None) -> Iterator[Expression]:
    """Yield all expressions of *value*."""
    return expressions(value) if value is not None else iter(())


def mentioned(one: Expression) -> set[str]:
    """Return the names that an expression asks for; in a text there may stand another expression."""
    return {*one.names, *re.findall(r"\w+", " ".join(re.findall(r"'[^']*'|\"[^\"]*\"", one.text)))}


def looking(values: Iterable[Value | None]) -> Iterator[Expression]:
    """Yield the expressions that look at rows."""
    for value in values:
        yield from (one for one in within(value) if set(one.names) - SAID)


class Flow:
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
            self._called & words(one) or any(read == ("body",) for read in one.reads) for one in within(value)
        )

    @property
    def decides(self) -> bool:
        """Whether what is answered may hang on it."""
        rule = self._rule
        shown = [one for answer in rule.answers for one in (answer.status, answer.body, answer.headers)]
        filters = rule.listing.filters if rule.listing is not None else ()
        if any(one.parameter in self._path for one in filters):
            return True
        told = [event.payload for event in events_of(rule)]
        return any(self._is_in(one) for one in (*shown, *asked_by(rule), *told))

    def into(self, value: Value) -> Iterator[str]:
        """Yield the properties of a row which it becomes, where *value* is laid over that."""
        if isinstance(value, Mapped):
            yield from (name for name, part in value.parts if self._is_in(part))
        elif isinstance(value, Expression) and ("pick" not in words(value) or self._path[-1] in words(value)):
            yield self._path[-1]
            yield from (self._path[0],) if len(self._path) > 1 else ()


def laid_by(rule: Rule) -> Iterator[tuple[str, Value]]:
    """Yield the collections in which a rule lays something over rows, each with that."""
    item = rule.item.collection if rule.item is not None else ""
    for value in (rule.merge, rule.merge_deep, rule.fields):
        if value is not None and item:
            yield item, value
    for step in (rule.create, *rule.steps):
        if step is not None and step.collection:
            yield from ((step.collection, one) for one in (step.source, step.fields) if one is not None)


def keys_of(value: Value | None, open_too: bool = False) -> set[str]:
    """Return the properties that *value* names; with *open_too* any word in it where it names none."""
    if isinstance(value, Mapped):
        return {name for name, _ in value.parts}
    if isinstance(value, Literal) and isinstance(value.value, dict):
        return {*value.value}
    if isinstance(value, Expression) and re.match(r"pick\b", value.text):
        return words(value) - {"pick", "body"}
    return words(value) if open_too else set()


def events_of(rule: Rule) -> Iterator[Event]:
    """Yield what a rule tells subscribers."""
    yield from rule.events
    yield from (step.event for step in rule.steps if step.event is not None)


def asked_by(rule: Rule) -> Iterator[Value | None]:
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
    yield from looking([step.source, step.fields])


def _refused(refusal: Refusal) -> Iterator[Value | None]:
    yield from (refusal.status, refusal.body, refusal.headers)


def _chosen(where: Where | None) -> Iterator[Value | None]:
    if where is not None:
        yield from (where.fields or {}).values()
        yield where.condition.value if where.condition is not None else None


def due_in(collection: Collection) -> Iterator[Value | None]:
    """Yield what time looks at in rows of *collection*."""
    for due in collection.due:
        yield from (due.at, due.when.value if due.when is not None else None, due.fields)
        for step in due.steps:
            yield from _stepped(step)
