"""
What else may show a change: the lists that a row comes into or leaves, what is reckoned above it.

A list of the active campaigns of allowed categories shows none of most campaigns, whatever
becomes of them. So a row is looked for, and something to be done to it, that makes the list
another one, and the list is read before and after. And where tasks are paid, what their campaign has
cost is asked of the campaign.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from mockserver.contract.media import is_json
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json
from mockserver.generation.cut import Cut, compile_cut
from mockserver.verify.laws.naming import is_status
from mockserver.verify.rules.forms import step_of
from mockserver.verify.rules.planning import Drawn, Step
from mockserver.verify.rules.sketch import Sketch, Studio
from mockserver.verify.rules.subjects import STATES, Subject

T = TypeVar("T")

_OTHERS = 3
"""Values of a property that are tried."""

MOST_TRIED, MOST_SHOWN = 80, 3
"""Changes that are tried on the model for one list, and of how many rows that it shows."""


def in_turn(every: list[T], count: int, turn: int) -> list[T]:
    """Return the first *count* of *every*, and one of the others, each in its turn."""
    others = every[count:]
    return [*every[:count], *others[turn % max(1, len(others)) :][:1]]


def moved(studio: Studio, way: Drawn, moves: Iterable[Step]) -> Iterator[list[Step]]:
    """
    Yield walks in which one of *moves* makes the list of *way* longer or shorter.

    They act on rows that the documents print, those first that the list shows.
    """
    plain, world = step_of(way), studio.model.world
    before = Sketch(studio, world.copy()).shown(plain)
    if before is MISSING or way.rule.listing is None:
        return
    table = way.rule.listing.collection
    rows = world.tables[table].rows
    shown = [one for one in _named(before, world.behavior.collections[table].key) if one in rows]
    moves = list(moves)
    valued = [move for move in moves if move.given] or moves
    tried = [(key, move) for key in shown[:MOST_SHOWN] for move in moves]
    tried += [(key, move) for key in rows if key not in shown for move in valued]
    seen = {0}
    for key, move in tried[:MOST_TRIED]:
        here = Subject(Sketch(studio, world.copy()), None, key, None)
        if not here.sketch.add(here.step(move)):
            continue
        after = here.sketch.shown(plain)
        turn = _length(after) - _length(before)
        if after is not MISSING and turn not in seen:
            seen.add(turn)
            yield [plain, *here.sketch.steps, plain]


def reckoned(studio: Studio, way: Drawn, table: str, moves: Iterable[Step]) -> Iterator[list[Step]]:
    """Yield the walk in which one of *moves* of rows of *table*, as documents print them, shows in *way*."""
    plain = step_of(way)
    before = answer_to(Sketch(studio, studio.model.world.copy()), plain)
    if before is MISSING:
        return
    tried = ((row.fork(), move) for move in list(moves) for row in printed_rows(studio, table))
    for here, move in itertools.islice(tried, MOST_TRIED):
        if here.sketch.add(here.step(move)) and answer_to(here.sketch, plain) not in (MISSING, before):
            yield [plain, *here.sketch.steps, plain]
            return


def _named(body: Json, key: str) -> list[Json]:
    """Return the keys of the rows in an answer, in order."""
    found = body if isinstance(body, list) else []
    if isinstance(body, dict):
        found = next((one for one in body.values() if isinstance(one, list)), [])
    return [row[key] for row in found if isinstance(row, dict) and isinstance(row.get(key), (str, int))]


def _length(body: Json) -> int:
    """Return how many entries the first list in an answer has; 0 where there is none."""
    if isinstance(body, list):
        return len(body)
    inside = body.values() if isinstance(body, dict) else ()
    return next((len(one) for one in inside if isinstance(one, list)), 0)


def seen(states: Iterable[Subject], form: Step, readers: list[Step]) -> Iterator[list[Step]]:
    """
    Yield the walk that makes a change of *form* where it shows.

    That is the first of *states* in which one of *readers* answers otherwise after it; none where it is the
    very first, in which the change is made anyhow.
    """
    for number, state in enumerate(states):
        here = state.fork()
        looks = [here.step(one) if one.target is None and _acts(here, one) else one for one in readers]
        before = [answer_to(here.sketch, one) for one in looks]
        if not here.sketch.add(here.step(form)):
            continue
        for look, was in zip(looks, before, strict=True):
            if was is not MISSING and (now := answer_to(here.sketch, look)) is not MISSING and now != was:
                if number:
                    steps = here.sketch.steps
                    yield [*steps[:-1], look, steps[-1], look]
                return


def answer_to(sketch: Sketch, step: Step) -> Json:
    """Return what an answer to *step* may show of what the rules say; `MISSING` where they do not say."""
    shown, cut = sketch.shown(step), _cut(step.operation)
    return shown if shown is MISSING or cut is None else cut(shown)


@lru_cache(maxsize=256)
def _cut(operation: Operation) -> Cut | None:
    promise = operation.success
    for name, media in promise.content.items() if promise is not None else ():
        if media.schema is not None and is_json(name.partition(";")[0].strip()):
            return compile_cut(media.schema.json("response"))
    return None


def printed_rows(studio: Studio, table: str) -> Iterator[Subject]:
    """Yield a row of *table* that the documents print for each state that one is in."""
    known: dict[str, Any] = {}
    for key, row in studio.model.world.tables[table].rows.items():
        known.setdefault(str([value for name, value in row.items() if is_status(name)]), key)
    for key in list(known.values())[:STATES]:
        yield Subject(Sketch(studio, studio.model.world.copy()), None, key, None)


def _acts(here: Subject, form: Step) -> bool:
    return bool(here.sketch.studio.ways[form.operation.id].item)


def forbidden(studio: Studio, way: Drawn) -> Iterator[list[Step]]:
    """Yield the walk that asks *way* for what its rules refuse: by a value that no row has."""
    plain, sketch = step_of(way), Sketch(studio, studio.model.world.copy())
    bodies = studio.speaker.bodies(way.operation)
    arguments = studio.asked(plain, None, {}, "qplan")
    body = arguments.body if arguments is not None else MISSING
    for name in body if bodies is not None and isinstance(body, dict) and way.rule.refusals else ():
        for count in range(_OTHERS):
            value = bodies.other(name, body[name], f"forbidden{count}") if bodies is not None else MISSING
            step = replace(plain, given=((name, value),))
            if value is not MISSING and sketch.answers(step) and not sketch.accepts(step):
                yield [plain, step]
                return


def above(
    studio: Studio,
    sketch: Sketch,
    way: Drawn,
    collection: str,
    row: dict[str, Json],
    known: Callable[..., bool],
) -> Iterator[Step]:
    """
    Yield what reads a thing above *row* of *collection*, and is reckoned from what *way* touches.

    *known* says of a collection and a key whether the server has that row.
    """
    collections = studio.model.world.behavior.collections
    for field, parent in collections[collection].parents.items():
        key: Any = row.get(field)
        made = next((number for number, at in sketch.made.items() if at == (parent, key)), None)
        if made is None and not known(parent, key):
            continue
        derived = {name for value in collections[parent].derived.values() for name in value.names}
        for one in studio.ways.values():
            listed = {one.rule.listing.collection} if one.rule.listing is not None else set()
            if one.item == parent and one.rule.reads and (one.tells | derived | listed) & way.touches:
                yield replace(step_of(one), target=made, printed=key if made is None else MISSING)
