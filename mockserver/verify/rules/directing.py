"""
Walks on purpose: every change after every other one on the same thing, and a look at all that it may touch.

What a random walk comes across by luck is asked for here: each change in each of its
forms from a state that allows it, refused from one that does not, made by another
account, on a thing that is not there, and twice; then the thing, the one beside it
and the lists are read. Each parameter of a list is said alone, with each of its values.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockserver.exchange import MISSING, Json
from mockserver.verify.context import NOT_OURS, Level
from mockserver.verify.laws.bodies import LEAST
from mockserver.verify.laws.naming import is_status
from mockserver.verify.rules.below import below_walks, richest
from mockserver.verify.rules.forms import looking_for, step_of
from mockserver.verify.rules.lists import said_of_lists
from mockserver.verify.rules.model import There
from mockserver.verify.rules.moving import (
    above,
    answer_to,
    forbidden,
    in_turn,
    moved,
    printed_rows,
    reckoned,
    seen,
)
from mockserver.verify.rules.planning import STRANGE, Drawn, Step
from mockserver.verify.rules.refusing import refused, refused_making, strange
from mockserver.verify.rules.sketch import Sketch, Studio
from mockserver.verify.rules.subjects import EXTENTS, STATES, Subject, Subjects

Moment = tuple[str, Sketch, Step]
"""(what it is about, a sketch, the step that made the thing or acts on it)."""

DEEPEST = 3
"""Changes that lead to a state."""

CHAIN = 5
"""Forms of a change that are made one after the other; an answer that hangs on chance ends a walk."""


class Director:
    """
    Plans walks.

    Args:
        studio: Tries them.
        level: How many.
        printed: Whether the documents' own rows may be acted on.
        there: Rows that the server has already.
        free: Whether what this run did not make may be changed.
        second: Whether there is a second identity.
    """

    def __init__(
        self, studio: Studio, level: Level, *, printed: bool, there: There, free: bool, second: bool
    ) -> None:
        self._studio = studio
        self._extent = EXTENTS[level]
        self._printed = printed
        self._there = there
        self._second = second
        self._ways = list(studio.ways.values())
        self._subjects = Subjects(studio, printed=printed, there=there, free=free)
        self._known: dict[str, list[Subject]] = {}
        self._turn = 0

    # ------------------------------------------------------------------ plans

    def walks(self, way: Drawn) -> Iterator[list[Step]]:
        """Yield the walks that are about *way*."""
        if way.rule.reads:
            yield from self._reading(way)
        elif way.item:
            yield from self._changing(way)
        else:
            yield from self._making(way)

    def why_not(self, way: Drawn) -> str:
        """Return why no walk is about *way*, "" where one is."""
        if not way.item or way.rule.reads:
            return ""
        start = self._subjects.of(way.item)
        if start is None:
            return f"nothing makes one of {way.item}, and the server shows none"
        return "" if self._subjects.may(way, start) else NOT_OURS

    def _making(self, way: Drawn) -> Iterator[list[Step]]:
        """Make things in every form, and look at each."""
        for forms in _chains(self.forms(way)[: self._extent.forms]):
            sketch = self._subjects.begun(way)
            for form in forms:
                number = len(sketch.steps)
                sketch.add(self._subjects.accepted(sketch, form) or form)
                if number in sketch.made:
                    self.look(Subject(sketch, number, MISSING, None), way.makes)
            self._look_around(sketch, way)
            yield sketch.steps
        for here in refused_making(self._subjects, way) if self._printed else ():
            self._look_around(here.sketch, way)
            yield here.sketch.steps

    def _changing(self, way: Drawn) -> Iterator[list[Step]]:
        start = self._subjects.of(way.item)
        if start is None or not self._subjects.may(way, start):
            return
        yield from self._in_every_form(way, start)
        plain = self.forms(way)[0]
        states = self.states(way.item)
        refusing = [one for one in states if self._refuses(one, plain)]
        there = [one for one in refusing if one.sketch.row(one.step(plain))]
        gone = [one for one in refusing if one not in there]
        why = set()
        for state in (*there[: self._extent.states], *gone[: self._extent.states]):
            here = state.fork()
            why.add(here.sketch.refusal(here.step(plain)))
            here.sketch.add(here.step(plain))
            self.look(here, way.item)
            yield here.sketch.steps
        forms = [one for one in self.forms(way) if one.asked or self._printed]
        for here in refused(way, states, forms, why):
            self.look(here, way.item)
            yield here.sketch.steps
        allowing = [one for one in states if one.sketch.accepts(one.step(plain))]
        for state in allowing[1 : self._extent.states]:
            here = state.fork()
            here.sketch.add(here.step(plain))
            self.look(here, way.item)
            yield here.sketch.steps
        rows = printed_rows(self._studio, way.item) if self._printed else ()
        yield from seen(itertools.chain(allowing, rows), plain, self._lookers(way))
        after = self._subjects.changes(way.item)[: self._extent.others]
        for other in after if allowing else ():
            here = allowing[0].fork()
            number = len(here.sketch.steps)
            here.sketch.add(here.step(plain))
            here.sketch.add(here.step(self.forms(other)[0]))
            self.look(here, way.item)
            if number in here.sketch.made:  # a copy must not follow its original
                self.look(Subject(here.sketch, number, MISSING, None), way.makes)
            yield here.sketch.steps
        yield self._from_outside(way, start)
        if self._printed:
            yield from below_walks(self._studio, way, self.forms(way), self._extent.below)

    def _lookers(self, way: Drawn) -> list[Step]:
        """Return what reads the thing that *way* changes, all of them, and what is reckoned of these."""
        alone = [one for one in self._ways if not one.item and one.rule.reads]
        listing = [one for one in alone if one.rule.listing and one.rule.listing.collection == way.item]
        told = [one for one in alone if one not in listing and one.tells & way.touches]
        return [step_of(one) for one in (*self._subjects.readers(way.item), *listing, *told)]

    def _refuses(self, state: Subject, form: Step) -> bool:
        step = state.step(form)
        return state.sketch.answers(step) and not state.sketch.accepts(step)

    def _in_every_form(self, way: Drawn, start: Subject) -> Iterator[list[Step]]:
        states = self.states(way.item)
        row = start.sketch.about(start.target, start.printed, way.item)
        forms = [*looking_for(way, row), *self.forms(way)][: self._extent.forms]
        while forms:
            allowing = next((one for one in states if one.sketch.accepts(one.step(forms[0]))), None)
            if allowing is None:
                forms = forms[1:]
                continue
            here, done, state = allowing.fork(), 0, self.signature(allowing, way.item)
            while forms and done < CHAIN and self.signature(here, way.item) == state:
                if not here.sketch.accepts(here.step(forms[0])):
                    break
                number = len(here.sketch.steps)
                here.sketch.add(here.step(forms.pop(0)))
                self.look(here, way.item)
                if number in here.sketch.made:
                    self.look(Subject(here.sketch, number, MISSING, None), way.makes)
                done += 1
            was = allowing.sketch.about(allowing.target, allowing.printed, way.item)
            self._look_around(here.sketch, way, here, was)
            yield here.sketch.steps

    def _from_outside(self, way: Drawn, start: Subject) -> list[Step]:
        """Change what is not there, and as another account what is the first's."""
        here = start.fork()
        self.look(here, way.item)
        form = self.forms(way)[0]
        strange = replace(form, target=STRANGE, printed=here.printed)
        here.sketch.note(strange)
        here.sketch.steps += [
            replace(strange, operation=one.operation, how=LEAST, given=(), asked=())
            for one in self._subjects.readers(way.item)[:1]
        ]
        if self._second:
            here.sketch.note(replace(here.step(form), other=True))
        self.look(here, way.item)
        return here.sketch.steps

    def _reading(self, way: Drawn) -> Iterator[list[Step]]:
        """Read with each parameter said alone; what is not there, and as another account."""
        collection = way.item or (way.rule.listing.collection if way.rule.listing is not None else "")
        start = self._subjects.of(collection) if collection in self._studio.model.world.tables else None
        if start is None:
            start = Subject(Sketch(self._studio, self._studio.model.world.copy()), None, MISSING, None)
        here = start.fork()
        for step in self._various(here, collection) if way.rule.listing is not None and not way.item else ():
            here.sketch.add(step)
        about = here.target if not way.item else None
        plain = replace(step_of(way), target=about)
        plain = here.step(plain) if way.item else plain
        row = here.sketch.row(here.step(plain)) if here.target is not None or way.item else {}
        base = list(here.sketch.steps)
        said = list(said_of_lists(way, row))
        for some in [said[at : at + 12] for at in range(0, len(said), 12)] or [[]]:
            steps = [*base, plain, *(replace(plain, asked=asked, given=given) for asked, given in some)]
            yield steps
        if way.rule.listing is not None and not way.item:
            yield from self._in_states(plain, collection)
            if self._printed and not self._turns(plain, collection):
                yield from moved(self._studio, way, self._moves(collection))
        if self._printed and not way.item:
            for table in sorted(way.tells & self._studio.model.world.tables.keys() - {collection}):
                yield from reckoned(self._studio, way, table, self._moves(table))
        if way.rule.item is not None and not way.item:
            yield from strange(self._studio, way, known=self._printed)
        elif self._printed:
            yield from richest(self._studio, way) if way.item else forbidden(self._studio, way)
        outside = [replace(plain, target=STRANGE)] if way.item else []
        if self._second:
            outside.append(replace(plain, other=True))
        if outside:
            yield [*base, plain, *outside]

    def _in_states(self, listing: Step, collection: str) -> Iterator[list[Step]]:
        """List a thing in other states than the one it is made in, by what it is then."""
        way = self._studio.ways[listing.operation.id]
        states = self.states(collection) if collection in self._studio.model.world.tables else []
        for state in states[1 : 1 + 2 * self._extent.states]:
            row = state.sketch.about(state.target, state.printed, collection)
            values = [value for value in row.values() if isinstance(value, (str, bool))]
            fitting = [
                replace(listing, target=state.target, asked=asked, given=given)
                for asked, given in said_of_lists(way, row)
                for name, value in (*asked, *given)
                if isinstance(value, bool) or (isinstance(value, str) and value in values)
            ]
            yield [*state.sketch.steps, replace(listing, target=state.target), *fitting]

    def _turns(self, listing: Step, collection: str) -> bool:
        """Return whether a list is another one in other states of the thing that is acted on."""
        states = self.states(collection) if collection in self._studio.model.world.tables else []
        shown = [answer_to(one.sketch, replace(listing, target=one.target)) for one in states]
        return any(one != shown[0] for one in shown)

    def _various(self, here: Subject, collection: str) -> Iterator[Step]:
        """Yield what gives each text of the thing a word of its own."""
        merging = next((one for one in self._subjects.changes(collection) if one.changes), None)
        if merging is None:
            return
        bodies = self._studio.speaker.bodies(merging.operation)
        if bodies is None:
            return
        shape = bodies.shape
        texts = [
            form
            for form in self.forms(merging)
            if form.part and not form.given and "string" in shape.named(form.part[0]).kinds
        ]
        yield from (here.step(form) for form in texts[:3])

    # ------------------------------------------------------------------ looks

    def look(self, here: Subject, collection: str) -> None:
        """Read the thing: in the first way, and in others in turn."""
        readers = self._subjects.readers(collection)
        others = readers[1:]
        for _ in range(min(self._extent.looks, len(readers)) - 1):
            self._turn += 1
            readers.append(others[self._turn % len(others)])
        for one in dict.fromkeys([*readers[:1], *readers[len(others) + 1 :]]):
            here.sketch.note(here.step(step_of(one)))

    def _look_around(
        self, sketch: Sketch, way: Drawn, here: Subject | None = None, was: dict[str, Json] | None = None
    ) -> None:
        """
        Read what stands beside it, the lists, and what is reckoned from all of them.

        *was*: the row that the walk is about, as it began: what it has deleted is looked for everywhere.
        """
        collection = way.makes if here is None else way.item
        if here is not None and here.beside is not None:
            for one in self._subjects.readers(collection)[:1]:
                sketch.note(replace(step_of(one), target=here.beside))
        listing = [
            one for one in self._ways if not one.item and one.rule.reads and one.rule.listing is not None
        ]
        mine = [one for one in listing if one.rule.listing and one.rule.listing.collection == collection]
        general = [one for one in self._ways if not one.item and one.rule.reads and one not in mine]
        told = [one for one in general if one.tells & way.touches]
        self._turn += 1
        size = self._extent.lists
        for one in (*in_turn(mine, size, self._turn), *in_turn(told, size, self._turn)):
            sketch.note(step_of(one))
        thing = here or Subject(sketch, self._last(sketch, collection), MISSING, None)
        row = sketch.about(thing.target, thing.printed, collection) if collection else {}
        known = row or was or {}
        over = list(above(self._studio, sketch, way, collection, known, self._has)) if known else []
        for step in in_turn(over, self._extent.looks - 1, self._turn) if row else over:
            sketch.note(step)

    @staticmethod
    def _last(sketch: Sketch, collection: str) -> int | None:
        made = sketch.made.items()
        return next((number for number, (table, _) in reversed(made) if table == collection), None)

    def _has(self, collection: str, key: Json) -> bool:
        """Return whether the server has a row that no walk makes."""
        documents = self._studio.model.world.tables[collection].rows if self._printed else {}
        return key in self._there.get(collection, documents)

    # ------------------------------------------------------------------ states

    def states(self, collection: str) -> list[Subject]:
        """Return a thing of *collection* in each state that changes lead to, the nearest first."""
        known = self._known.get(collection)
        if known is not None:
            return known
        start = self._subjects.of(collection)
        found = [start] if start is not None else []
        seen = {self.signature(one, collection) for one in found}
        layer = list(found)
        for _ in range(DEEPEST):
            fresh = []
            for one in layer:
                for form in self._moves(collection):
                    if len(found) >= STATES:
                        break
                    here = one.fork()
                    if not here.sketch.add(here.step(form)):
                        continue
                    signature = self.signature(here, collection)
                    if signature not in seen:
                        seen.add(signature)
                        found.append(here)
                        fresh.append(here)
            layer = fresh
        self._known[collection] = found
        return found

    def _moves(self, collection: str) -> Iterator[Step]:
        """Yield the forms of changes that may lead to another state: plain ones, and values of enums."""
        for way in self._subjects.changes(collection):
            forms = self.forms(way)
            yield forms[0]
            yield from (
                form for form in forms[1:] if any(isinstance(value, (str, bool)) for _, value in form.given)
            )

    def signature(self, here: Subject, collection: str) -> frozenset[str]:
        """Return what tells states of a thing apart: what may be done, its flags, what is read of it."""
        allowed = {
            one.operation.id
            for one in self._ways
            if one.item == collection and here.sketch.accepts(here.step(self.forms(one)[0]))
        }
        row = here.sketch.about(here.target, here.printed, collection)
        flags = {f"{name} is {value}" for name, value in row.items() if isinstance(value, bool)}
        readers = [step_of(one) for one in self._subjects.readers(collection)[1 : self._extent.looks]]
        told = {
            f"{form.operation.id}: {status}"
            for form in readers
            for status in _statuses(here.sketch.shown(here.step(form)))
        }
        return frozenset(allowed | flags | told)

    # ------------------------------------------------------------------- forms

    def forms(self, way: Drawn) -> list[Step]:
        """Return how an operation may be asked, the plainest first."""
        return self._subjects.forms(way)


def _statuses(body: Json, depth: int = 3) -> Iterator[str]:
    """Yield the words for what something has come to, wherever an answer tells them."""
    for name, value in body.items() if isinstance(body, dict) and depth else ():
        if isinstance(value, str) and is_status(name):
            yield f"{name} is {value}"
        yield from _statuses(value, depth - 1)


def _chains(forms: Iterable[Step]) -> Iterator[list[Step]]:
    forms = list(forms)
    for at in range(0, len(forms), CHAIN):
        yield forms[at : at + CHAIN]
