"""
behavior.yaml, compiled: what can be asked while a request waits.

Every value and condition is a callable over a scope; nothing here walks YAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mockserver.behavior.expressions import Expression, Scope, Value, expressions, truth
from mockserver.exchange import MISSING, Json, Place


class Condition:
    """A condition position: whether its value counts as true; undefined does not."""

    __slots__ = ("_value", "names")

    def __init__(self, value: Value) -> None:
        self._value = value
        self.names = value.names

    def __call__(self, scope: Scope) -> bool:
        """Return whether it holds."""
        return truth(self._value(scope))

    def rows(self, rows: Iterable[Any], scope: Scope) -> list[Any]:
        """Return those of *rows* for which it holds, each in turn being `row`."""
        if isinstance(self._value, Expression):
            return self._value.rows(rows, scope)
        return list(rows) if truth(self._value(scope)) else []

    @property
    def value(self) -> Value:
        """What is asked."""
        return self._value


class Said:
    """What is told of, and so has a place in the file."""

    place: Place

    @cached_property
    def told(self) -> str:
        """Its place as a text, for the journal."""
        return str(self.place)


@dataclass(frozen=True, eq=False)
class Refusal(Said):
    """A documented refusal: its status, its named example, and what is laid over that."""

    place: Place
    status: Value
    example: str = ""
    body: Value | None = None
    headers: Value | None = None


@dataclass(frozen=True, eq=False)
class Event:
    """What is told to subscribers."""

    name: str
    payload: Value | None
    when: Condition | None
    to: Value | None = None


@dataclass(frozen=True, eq=False)
class Where:
    """Which rows: by equal fields (an index can answer), or by a condition over `row`."""

    fields: Mapping[str, Value] | None = None
    condition: Condition | None = None


@dataclass(frozen=True, eq=False)
class Step:
    """One entry of `do`. `kind` is create, update, delete, copy, let, refuse or emit."""

    kind: str
    collection: str
    place: Place
    when: Condition | None = None
    each: str = ""
    over: Value | None = None
    source: Value | None = None
    fields: Value | None = None
    name: str = ""
    where: Where | None = None
    key: Value | None = None
    lets: tuple[tuple[str, Value], ...] = ()
    refusal: Refusal | None = None
    event: Event | None = None


@dataclass(frozen=True, eq=False)
class Unique:
    """No two rows that the caller may see have the same values in these fields."""

    fields: tuple[str, ...]
    refusal: Refusal
    when: Condition | None = None


@dataclass(frozen=True, eq=False)
class Due:
    """What time brings about in a row. `pure`: whether and when depends on nothing but the row."""

    at: Value
    when: Condition | None
    fields: Value | None
    steps: tuple[Step, ...]
    events: tuple[Event, ...]
    pure: bool = False


@dataclass(frozen=True, eq=False)
class Collection:
    """
    One collection.

    `schema` names the component that whole rows fit, `fields` those that single properties of them fit.
    `pure`: the derived fields depend on nothing but their row; `lasting`: on nothing but rows, so that they
    hold until something in the world changes.
    """

    name: str
    place: Place
    key: str
    schema: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    new_key: str | Value = "{n}"
    first: int = 1
    per_account: bool = False
    parents: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[Unique, ...] = ()
    new: Value | None = None
    touch: Value | None = None
    derived: Mapping[str, Value] = field(default_factory=dict)
    pure: bool = True
    lasting: bool = True
    moves: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    due: tuple[Due, ...] = ()

    @cached_property
    def due_as_kept(self) -> bool:
        """Whether what is due of a row is told by what is kept of it: no derived field is looked at."""
        parts = [part for due in self.due for part in (due.at, due.when.value if due.when else None)]
        reads = {read for part in parts if part for one in expressions(part) for read in one.reads}
        return not any(read[:1] == ("row",) and (len(read) < 2 or read[1] in self.derived) for read in reads)

    @cached_property
    def waits_by_row(self) -> bool:
        """Whether when something is due of a row depends on nothing but that row."""
        return all(due.pure for due in self.due) and (self.pure or self.due_as_kept)


@dataclass(frozen=True, eq=False)
class Item:
    """How an operation finds its row."""

    collection: str
    key: Value
    when: Condition | None = None
    unknown: Refusal | None = None
    optional: bool = False


@dataclass(frozen=True, eq=False)
class Filter:
    """One request parameter that narrows a list. `by` is equals, contains, from or to."""

    parameter: str
    field: str
    by: str


@dataclass(frozen=True, eq=False)
class Listing:
    """What a list shows: which rows, filtered, searched, sorted, paged."""

    collection: str
    of: Value | None = None
    where: Where | None = None
    filters: tuple[Filter, ...] = ()
    search: Value | None = None
    search_in: tuple[str, ...] = ()
    sort: Value | None = None
    sort_default: str = ""
    limit: Value | None = None
    offset: Value | None = None
    page: Value | None = None

    @cached_property
    def reads(self) -> tuple[tuple[str, ...], ...] | None:
        """
        What `where` looks at beside the row, see `Expression.reads`.

        None where the same rows and the same of these may make another list: it looks at the time, at other
        collections, or at what no member of a request is.
        """
        if self.of is not None:
            return None
        parts: list[Value] = [] if self.where is None else [*(self.where.fields or {}).values()]
        if self.where is not None and self.where.condition is not None:
            parts.append(self.where.condition.value)
        reads = {read for part in parts for one in expressions(part) for read in one.reads}
        if any(read[0] not in _LASTING for read in reads):
            return None
        return tuple(sorted(read for read in reads if read[0] not in _FIXED))


_FIXED = frozenset({"row", "me", "settings"})
"""What is the same for the same rows, caller and behaviour."""
_LASTING = _FIXED | {"query", "path", "header", "cookie", "body"}


@dataclass(frozen=True, eq=False)
class Answer(Said):
    """How an operation answers when nothing refuses."""

    place: Place
    status: Value | None = None
    example: str = ""
    body: Value | None = None
    headers: Value | None = None
    when: Condition | None = None


@dataclass(frozen=True, eq=False)
class Rule:
    """What one operation does."""

    operation: str
    place: Place
    item: Item | None = None
    lets: tuple[tuple[str, Value], ...] = ()
    refusals: tuple[tuple[Condition, Refusal], ...] = ()
    listing: Listing | None = None
    create: Step | None = None
    merge: Value | None = None
    merge_deep: Value | None = None
    merge_except: frozenset[str] = frozenset()
    fields: Value | None = None
    delete: bool = False
    steps: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()
    answers: tuple[Answer, ...] = ()

    def answer(self, scope: Scope) -> Answer:
        """Return the first of the answers that is meant."""
        for one in self.answers:
            if one.when is None or one.when(scope):
                return one
        return self._otherwise

    @cached_property
    def _otherwise(self) -> Answer:
        return Answer(self.place)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, whatever the method of its operation."""
        acts = self.create or self.merge or self.merge_deep or self.fields or self.delete
        return not acts and all(step.kind in ("let", "refuse") for step in self.steps)

    @property
    def enters(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The collections where rows come to be or change, each with the fields that stay as they are."""
        steps = [step for step in (self.create, *self.steps) if step is not None]
        made = dict.fromkeys(step.collection for step in steps if step.kind in ("create", "copy"))
        yield from ((name, frozenset()) for name in made)
        if self.item is not None and self.merge is not None and self.item.collection not in made:
            yield self.item.collection, self.merge_except


@dataclass(frozen=True, eq=False)
class Trigger:
    """
    What comes about though nobody asks the API for it: a subscriber leaves, a payment fails.

    `takes` names what is to be known about it, each with a value that stands where nothing is said.
    """

    event: str
    about: str
    takes: Mapping[str, Json]
    rule: Rule


@dataclass(frozen=True)
class Choice:
    """
    A point that the document leaves open. The mock takes the first option.

    `free`: operation -> pointers into its answer that it leaves open altogether ("*" for any index).
    """

    id: str
    about: str
    options: tuple[Json, ...]
    free: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def option(self, text: str) -> Json:
        """Return the option that is written *text*, `MISSING` where there is none of it."""
        return next((one for one in self.options if written(one) == text), MISSING)


def written(option: Json) -> str:
    """Return an option as it is written on a command line: `409`, `merge`, `null`."""
    return option if isinstance(option, str) else json.dumps(option)


@dataclass(frozen=True, eq=False)
class Look:
    """What an invariant asks beside the answer that it is about: a safe operation, and what is said to it."""

    name: str
    operation: str
    parameters: Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Invariant:
    """
    What holds of every successful answer of an operation, or of every value of a schema.

    Attributes:
        holds: Over `answer` (or `this`), the request, and what `looks` found.
        looks: Answers of other operations that it needs, by the names that they have in `holds`.
        why: One sentence of its author, or "".
    """

    holds: Expression
    place: Place
    when: Condition | None = None
    looks: tuple[Look, ...] = ()
    why: str = ""

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The paths into answers that `holds` asks for: ("answer", "data", "total")."""
        roots = {"answer", "this", *(look.name for look in self.looks)}
        return tuple(path for path in self.holds.paths if path[0] in roots)

    @property
    def says_null(self) -> bool:
        """Whether it speaks of null, so that null is no nothing to it."""
        return "none" in self.holds.text.lower() or "null" in self.holds.text.lower()


@dataclass(frozen=True, eq=False)
class Behavior:
    """
    All of one behavior.yaml. `file` is "" where there is none.

    `consulted` are the choices that some rule asks for; of the others the mock knows the first only.
    """

    file: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    refusals: Mapping[str, Refusal] = field(default_factory=dict)
    collections: Mapping[str, Collection] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    invariants: Mapping[str, tuple[Invariant, ...]] = field(default_factory=dict)
    consulted: frozenset[str] = frozenset()

    @cached_property
    def free(self) -> Mapping[str, frozenset[str]]:
        """Operation -> pointers into its answer that the document leaves open."""
        found: dict[str, set[str]] = {}
        for choice in self.choices.values():
            for operation, pointers in choice.free.items():
                found.setdefault(operation, set()).update(pointers)
        return {operation: frozenset(pointers) for operation, pointers in found.items()}

    triggers: Mapping[str, Trigger] = field(default_factory=dict)

    @cached_property
    def told(self) -> frozenset[str]:
        """The names of all events that rules emit: when these are told is theirs to say."""
        rules: list[Rule | Due] = [*self.rules.values(), *(one.rule for one in self.triggers.values())]
        rules += [due for collection in self.collections.values() for due in collection.due]
        said = [event.name for one in rules for event in one.events]
        steps = (step for one in rules for step in one.steps)
        return frozenset([*said, *(step.event.name for step in steps if step.event is not None)])
