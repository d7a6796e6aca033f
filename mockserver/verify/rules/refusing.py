"""
Ask for what the rules refuse: each refusal that can be brought about, once, whatever the profile.

A rule that refuses is broken in silence: who takes what it forbids answers as well as ever. Which of an
operation's refusals comes is a matter of the state and of what is said, so that both are tried on the model.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockserver.exchange import MISSING
from mockserver.verify.rules.comparing import scalars
from mockserver.verify.rules.forms import step_of
from mockserver.verify.rules.planning import Drawn, Step
from mockserver.verify.rules.sketch import Sketch, Studio
from mockserver.verify.rules.subjects import Subject, Subjects

MOST_TRIED = 60
"""Requests that are tried on the model for one operation."""

_MARK = "qplan"


def refused(
    way: Drawn, states: Iterable[Subject], forms: Iterable[Step], known: set[str]
) -> Iterator[Subject]:
    """
    Yield a thing after each refusal of *way* that is not *known* by its rule, asked for in one of *forms*.

    Those of what is not there come elsewhere.
    """
    most = len(way.rule.refusals) + sum(step.kind == "refuse" for step in way.rule.steps)
    found = set(known)
    tried = ((state, form) for state in list(states) for form in list(forms))
    for state, form in itertools.islice(tried, MOST_TRIED if most else 0):
        step = state.step(form) if way.item else form
        if len(found) >= most:
            return
        if (way.item and not state.sketch.row(step)) or (why := state.sketch.refusal(step)) in found | {""}:
            continue
        found.add(why)
        here = state.fork()
        here.sketch.note(step)
        yield here


def refused_making(subjects: Subjects, way: Drawn) -> Iterator[Subject]:
    """
    Yield nothing in particular after each refusal to make something for another value of one property.

    Such a value may name what only the documents have not: so it has to be their own rows that are there.
    """
    sketch = subjects.begun(way)
    step = subjects.accepted(sketch, subjects.forms(way)[0])
    if step is not None:
        yield from refused(way, [Subject(sketch, None, MISSING, None)], subjects.others(sketch, step), set())


def strange(studio: Studio, way: Drawn, *, known: bool) -> Iterator[list[Step]]:
    """
    Yield the walk that looks for a row by what none has; after a *known* one of the documents'.

    It has to be a text that was made up for this: what is one of a few values, some row of a server may have.
    """
    plain = step_of(way)
    arguments = studio.asked(plain, None, {}, _MARK)
    said = [*scalars(arguments.body)] if arguments is not None and arguments.body is not MISSING else []
    said += [*arguments.query.values()] if arguments is not None else []
    if said and all(isinstance(one, str) and _MARK in one for one in said):
        there = _found(studio, plain) if known else None
        yield [*([there] if there is not None else []), plain]


def _found(studio: Studio, plain: Step) -> Step | None:
    """Return *plain* with what an example says, where the documents have a row that is so."""
    bodies = studio.speaker.bodies(plain.operation)
    said = (
        [bodies.unwrapped(one.value) for one in bodies.media.examples.values()] if bodies is not None else []
    )
    steps = [replace(plain, given=tuple(one.items())) for one in said if isinstance(one, dict)]
    sketch = Sketch(studio, studio.model.world.copy())
    return next((step for step in steps if sketch.accepts(step)), None)
