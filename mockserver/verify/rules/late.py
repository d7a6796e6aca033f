"""
Changes a while after a thing was made: only then do times tell whether they moved, or stayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.naming import is_created, is_updated
from mockserver.verify.rules.directing import Director
from mockserver.verify.rules.forms import looking_for
from mockserver.verify.rules.planning import Drawn, Step
from mockserver.verify.rules.subjects import Subject

MOST_FORMS = 4
"""Forms of a change that are tried before it is given up: not each of them changes something."""


def late_walks(director: Director, ways: Iterable[Drawn]) -> Iterator[list[Step]]:
    """Yield, for each change of things that tell times, a walk that makes it late."""
    for way in ways:
        if not way.item or way.rule.reads or way.deletes or director.why_not(way):
            continue
        walk = next(_walks(director, way), None)
        if walk is not None:
            yield walk


def _walks(director: Director, way: Drawn) -> Iterator[list[Step]]:
    """Yield walks that lead to a state in which *way* changes something, the farthest first."""
    for state in reversed(director.states(way.item)):
        row = state.sketch.about(state.target, state.printed, way.item)
        if not any(is_created(name) or is_updated(name) for name in row):
            continue
        for form in [*looking_for(way, row), *director.forms(way)][:MOST_FORMS]:
            here = state.fork()
            director.look(here, way.item)
            if here.sketch.add(replace(here.step(form), late=True)) and _moved(here, way.item, row):
                director.look(here, way.item)
                yield here.sketch.steps


def _moved(here: Subject, collection: str, row: dict[str, Json]) -> bool:
    """Return whether anything but a time of changes is another than in *row*."""
    after = here.sketch.about(here.target, here.printed, collection)
    return any(
        value != row.get(name, MISSING) and not name.startswith("_") and not is_updated(name)
        for name, value in after.items()
    )
