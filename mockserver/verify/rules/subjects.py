"""
How much is walked on purpose, and what is acted on: what a walk makes, else what is there already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from mockserver.behavior.wording import plain, singular
from mockserver.exchange import MISSING, Json
from mockserver.verify.context import Level
from mockserver.verify.laws.bodies import EXAMPLE, FULL, LEAST
from mockserver.verify.rules.forms import asked_of, forms_of, step_of
from mockserver.verify.rules.looking import Of
from mockserver.verify.rules.model import There
from mockserver.verify.rules.planning import Drawn, Step
from mockserver.verify.rules.sketch import Sketch, Studio

STATES = 7
"""States of a thing that are told apart: by what may be done in them."""


@dataclass(frozen=True)
class Extent:
    """
    How much is walked.

    Attributes:
        forms: Of a change.
        states: In which a change is refused.
        others: Changes that follow a change.
        looks: Ways to read the thing that are taken after each change.
        lists: That are read at the end of a walk.
        below: Changes of what only the documents' own things have below them.
    """

    forms: int
    states: int
    others: int
    looks: int
    lists: int
    below: int


EXTENTS: dict[Level, Extent] = {
    "smoke": Extent(forms=4, states=1, others=0, looks=2, lists=1, below=1),
    "default": Extent(forms=24, states=3, others=12, looks=3, lists=2, below=4),
    "deep": Extent(forms=60, states=STATES, others=60, looks=9, lists=4, below=12),
}


@dataclass(frozen=True)
class Subject:
    """
    A thing to act on: how it is named in steps, after the steps that made it and one beside it.

    `ours` is false where the run has not made it, and may only look at it, and make other things below.
    """

    sketch: Sketch
    target: int | None
    printed: Json
    beside: int | None
    ours: bool = True

    def step(self, form: Step) -> Step:
        """Return *form*, done to it."""
        return replace(form, target=self.target, printed=self.printed)

    def fork(self) -> Subject:
        """Return the same in a sketch of its own."""
        return replace(self, sketch=self.sketch.fork())


class Subjects:
    """
    Finds things to act on.

    Args:
        studio: Tries steps.
        printed: Whether the documents' own rows may be acted on.
        there: Rows that the server has already.
        free: Whether what this run did not make may be changed.
    """

    def __init__(self, studio: Studio, *, printed: bool, there: There, free: bool) -> None:
        self._studio = studio
        self._ways = list(studio.ways.values())
        self._printed = printed
        self._there = there
        self._free = free
        self._known: dict[str, Subject | None] = {}

    def readers(self, collection: str) -> list[Drawn]:
        """Return what reads a thing of *collection*."""
        return [one for one in self._ways if one.item == collection and one.rule.reads]

    def changes(self, collection: str) -> list[Drawn]:
        """Return what may be done to the thing of *collection*."""
        start = self.of(collection)
        changes = [one for one in self._ways if one.item == collection and not one.rule.reads]
        return changes if start is None else [one for one in changes if self.may(one, start)]

    def may(self, way: Drawn, start: Subject) -> bool:
        """Return whether *way* may be done to a thing; to another's only what adds something with a name."""
        if start.ours or self._free:
            return True
        return way.adds and start.sketch.names(start.step(self.forms(way)[0]))

    def of(self, collection: str) -> Subject | None:
        """Return a thing of *collection* with one beside it; None where none is made or found."""
        if collection not in self._known:
            self._known[collection] = None  # it may stand below itself
            self._known[collection] = self._made(collection) or self._found(collection)
        return self._known[collection]

    def _made(self, collection: str) -> Subject | None:
        makers = sorted(
            (one for one in self._ways if one.makes == collection), key=lambda one: bool(one.item)
        )
        for way in makers:
            above = self.of(way.item) if way.item else None
            if way.item and (above is None or way.item == collection or not self.may(way, above)):
                continue
            sketch = above.sketch.fork() if above is not None else self.begun(way)
            numbers = []
            for draw in range(2):
                form = replace(step_of(way, FULL), draw=draw)
                form = above.step(form) if above is not None else form
                step = self.accepted(sketch, form)
                if step is not None and sketch.add(step):
                    numbers.append(len(sketch.steps) - 1)
            if numbers and numbers[-1] in sketch.made:
                made = Subject(sketch, numbers[-1], MISSING, numbers[0] if len(numbers) > 1 else None)
                for one in self.readers(collection)[:1]:
                    sketch.note(made.step(step_of(one)))
                return made
        return None

    def _found(self, collection: str) -> Subject | None:
        """Return a row that the server has already: of the documents', or one of its own."""
        model = self._studio.model
        acting = [one for one in self._ways if one.item == collection]
        acting.sort(key=lambda one: not one.rule.reads)
        keys = list(model.world.tables[collection].rows) if self._printed and acting else []
        for key in [*self._there.get(collection, ()), *keys]:
            here = Subject(Sketch(self._studio, model.world.copy()), None, key, None, ours=False)
            if here.sketch.accepts(here.step(step_of(acting[0]))):
                return here
        return None

    def accepted(self, sketch: Sketch, form: Step) -> Step | None:
        """Return *form* as the rules accept it now: with another value of one property if need be."""
        for how in dict.fromkeys((form.how, EXAMPLE, LEAST)):
            if sketch.accepts(step := replace(form, how=how)):
                return step
        arguments = self._studio.asked(form, None, sketch.row(form), "qplan")
        body = arguments.body if arguments is not None else MISSING
        for step in self._naming(sketch, form, body) if isinstance(body, dict) else ():
            if sketch.accepts(step):
                return step
        return next((step for step in self.others(sketch, form) if sketch.accepts(step)), None)

    def begun(self, way: Drawn) -> Sketch:
        """Return a sketch to make something in: with what it has to name, where the rules ask for that."""
        empty = Sketch(self._studio, self._studio.model.world.copy())
        bodies = self._studio.speaker.bodies(way.operation)
        if way.item or bodies is None or self.accepted(empty, step_of(way, FULL)) is not None:
            return empty
        for table in self._studio.model.world.tables:
            if table != way.makes and any(_named(name, table) for name in bodies.shape.names):
                subject = self.of(table)
                if subject is not None and subject.ours:
                    return subject.sketch.fork()
        return empty

    def _naming(self, sketch: Sketch, form: Step, body: dict[str, Json]) -> Iterator[Step]:
        """Yield *form* with the key of what the sketch has made in a property that names such a thing."""
        if form.target is not None or form.printed is not MISSING:
            return
        collections = self._studio.model.world.behavior.collections
        for name in body:
            for number, (table, _) in reversed(sketch.made.items()):
                if _named(name, table):
                    given = (*form.given, (name, Of(collections[table].key)))
                    for how in dict.fromkeys((form.how, LEAST)):
                        yield replace(form, target=number, given=given, how=how)

    def others(self, sketch: Sketch, form: Step) -> Iterator[Step]:
        """Yield *form* with another value of one property: a key that there is, or what is made up."""
        arguments = self._studio.asked(form, None, sketch.row(form), "qplan")
        body = arguments.body if arguments is not None else MISSING
        for name, value in self._others(form, body) if isinstance(body, dict) else ():
            yield replace(form, given=(*form.given, (name, value)))

    def _others(self, form: Step, body: dict[str, Json]) -> Iterator[tuple[str, Json]]:
        """Yield other values for the properties of a body: keys that there are, and what is made up."""
        bodies = self._studio.speaker.bodies(form.operation)
        assert bodies is not None  # it is one of these that is said otherwise
        tables = self._studio.model.world.tables
        for name in body:
            for table, rows in tables.items():
                if _named(name, table):
                    yield from ((name, key) for key in list(rows.rows)[:3])
            for count in range(2):
                value = bodies.other(name, body[name], f"{form.draw}{count}")
                if value is not MISSING and not isinstance(value, (dict, list)):
                    yield name, value

    def forms(self, way: Drawn) -> list[Step]:
        """Return how an operation may be asked, the plainest first."""
        return self._every_form[way.operation.id]

    @cached_property
    def _every_form(self) -> dict[str, list[Step]]:
        keys = {name: one.key for name, one in self._studio.model.world.behavior.collections.items()}
        return {
            way.operation.id: [*forms_of(way), *asked_of(way, keys.get(way.item, ""))] for way in self._ways
        }


def _named(name: str, table: str) -> bool:
    """Return whether a property of a body may hold the key of a row of *table*: guest_id, and guests."""
    return table == name or singular(plain(table)) == plain(name).removesuffix("id")
