"""
What stands below a thing, where nobody makes it: only the documents' own things have some.

A campaign is made without content: its list of content is empty, and what moves, cancels or
rewrites content has nothing to do there. So such a list is read, and such a change is made, of
a thing that the documents print, with rows below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.exchange import MISSING, Json, dumps
from mockserver.verify.rules.forms import looking_for, step_of
from mockserver.verify.rules.looking import Of
from mockserver.verify.rules.planning import Drawn, Step
from mockserver.verify.rules.sketch import Sketch, Studio
from mockserver.verify.rules.subjects import Subject

MOST_TRIED = 40
"""Changes that are tried on the model for one operation."""

MOST_LOOKED_AT = 12
"""Rows of which the one that has most to tell is looked for: what documents print comes first."""


def below_walks(studio: Studio, way: Drawn, forms: list[Step], most: int) -> Iterator[list[Step]]:
    """Yield up to *most* walks in which *way*, asked in one of *forms*, changes what stands below a row."""
    ways = studio.ways.values()
    made = {one.makes for one in ways}
    readers = [one for one in ways if one.item == way.item and one.rule.reads]
    tried = found = 0
    changed = {step.collection for step in way.rule.steps if step.kind in ("update", "delete")}
    for table in sorted(changed - made - {way.item}):
        for key, child in _parents(studio, way.item, table):
            for form in [*_looking_for(way, child), *forms]:
                here = Subject(Sketch(studio, studio.model.world.copy()), None, key, None)
                before = dict(here.sketch.world.tables[table].rows)
                tried += 1
                if not here.sketch.add(here.step(form)):
                    continue
                if _changed(before, here.sketch.world.tables[table].rows):
                    found += 1
                    looks = [here.step(step_of(one)) for one in readers]
                    yield [*looks, *here.sketch.steps, *looks]
                if found == most or tried == MOST_TRIED:
                    return


def richest(studio: Studio, way: Drawn) -> Iterator[list[Step]]:
    """Yield the walk that asks *way* of that row of the documents of which it has most to tell."""
    plain, world = step_of(way), studio.model.world
    told = {
        key: len(dumps(shown))
        for key in list(world.tables[way.item].rows)[:MOST_LOOKED_AT]
        if (shown := Sketch(studio, world.copy()).shown(replace(plain, printed=key))) is not MISSING
    }
    if told:
        most = max(told, key=lambda key: told[key])
        yield [replace(plain, printed=most)]


def _parents(studio: Studio, above: str, table: str) -> Iterator[tuple[Any, Mapping[str, Json]]]:
    """Yield each row's key of *above* that has rows in *table* below it, and the last of these."""
    world = studio.model.world
    fields = [one for one, name in world.behavior.collections[table].parents.items() if name == above]
    found: dict[Any, Mapping[str, Json]] = {}
    for row in world.tables[table].rows.values():
        found.update({row[one]: row for one in fields if row.get(one) in world.tables[above].rows})
    yield from found.items()


def _looking_for(way: Drawn, child: Mapping[str, Json]) -> Iterable[Step]:
    """Yield what says a word of *child*, where a text is asked for."""
    for step in looking_for(way, child):
        said = [(name, value.value(child)) for name, value in step.given if isinstance(value, Of)]
        if all(value is not MISSING for _, value in said):
            yield replace(step, given=tuple(said))


def _changed(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> bool:
    """Return whether a row that was there is another now."""
    return any(after.get(key) is not row and after.get(key) != row for key, row in before.items())
