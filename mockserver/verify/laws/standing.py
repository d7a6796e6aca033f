"""
Laws of lists whose rows nobody can make: what stands there already is read, and nothing is changed.

Where an operation makes things, the laws make their own, and know what a list has to show. Here a list is
held to itself. Others may change what they share while it is read: a row counts where it was there before and
after, and what is wrong has to be wrong twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from mockserver.behavior.filters import Filter
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import agree, alike, instant
from mockserver.verify.laws.asking import Broken, Inconclusive, Unsupported
from mockserver.verify.laws.lists import Row, Walk, accepting, asking_for, at_way, walk
from mockserver.verify.laws.naming import is_secret
from mockserver.verify.laws.ordering import orders
from mockserver.verify.laws.pages import hold_pages, page_size, paged
from mockserver.verify.laws.shown import asked, hold_total, misfit, missing, passes
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial, short
from mockserver.verify.requests import Key

ROUNDS = 2
MOST_PAGES = 12
"""Of a list that others fill, not all need be seen."""

MOST_READ = 3
"""Rows that are read one by one."""


def _place(trial: Trial) -> dict[Key, Json]:
    """
    Return the path parameters of the list: below a row that is there, where it is below one.

    Raises:
        Unjudged: There is none.
    """
    thing = trial.thing
    if thing.orphaned:
        raise Unsupported(f"{thing.resource.path} stands below something that is no collection here")
    return dict(trial.workshop.parent(thing.parent).path) if thing.parent is not None else {}


def _all(trial: Trial, place: dict[Key, Json], *said: tuple[Key, Json]) -> Walk:
    return walk(trial.asker, trial.thing, place, *said, most_pages=MOST_PAGES)


def _twice(judge: Callable[[Trial], Broken | None]) -> Callable[[Trial], None]:
    """Return what raises what is wrong both times."""

    def judged(trial: Trial) -> None:
        complaint = None
        for _ in range(ROUNDS):
            complaint = judge(trial)
            if complaint is None:
                return
        if complaint is not None:
            raise complaint

    return judged


# ------------------------------------------------------------------------------------------------- narrowing


def _filters(thing: Thing) -> list[Filter]:
    """Return the filters by a plain property that rows show."""
    if thing.lister is None:
        return []
    shown = thing.shown(thing.lister)
    names = shown.names if shown is not None else ()
    return [
        one
        for one in thing.query.filters
        if "." not in one.path
        and one.path in names
        and one.by in ("equals", "contains")
        and not is_secret(one.path)
        and shown is not None
        and shown.shape.named(one.path).scalar
    ]


def _filtered(trial: Trial) -> Broken | None:
    """A filter leaves the rows that it names, and no others."""
    place = _place(trial)
    before = _all(trial, place)
    tried = 0
    for one in _filters(trial.thing):
        value = _telling(trial.thing, one, before.rows)
        if value is MISSING:
            continue
        tried += 1
        found = _all(trial, place, at_way(one.way, asking_for(trial.thing, one, value)))
        complaint = misfit(trial, one, value, found, missing(one, value))
        if complaint is None and before.complete and found.complete:
            complaint = _missing(trial, one, value, (before, found, _all(trial, place)))
        if complaint is not None:
            return complaint
    if not tried:
        raise Inconclusive("the list shows no two rows that a filter tells apart")
    return None


def _telling(thing: Thing, one: Filter, rows: list[Row]) -> Json:
    """Return a value of one row that another row has not; `MISSING` where there is none."""
    accepts = accepting(thing, one)
    values = [row[one.path] for row in rows if row.get(one.path) not in (None, "")]
    for value in values:
        sayable = isinstance(value, (str, int, float)) and (accepts is None or accepts(value))
        if sayable and any(not passes(other, value, one.by) for other in values):
            return value
    return MISSING


def _missing(trial: Trial, one: Filter, value: Json, seen: tuple[Walk, Walk, Walk]) -> Broken | None:
    """Return what is wrong where a row that has the value, before and after, is left out between."""
    thing = trial.thing
    assert thing.lister is not None
    before, found, after = seen
    keys = {str(row.get(thing.key)) for row in found.rows}
    later = {str(row.get(thing.key)): row for row in after.rows}
    for row in before.rows:
        key = str(row.get(thing.key))
        stays = key in later and alike(row.get(one.path), value) and alike(later[key].get(one.path), value)
        if stays and key not in keys:
            return trial.broken(
                thing.lister,
                f"A list with {asked(one, value)} does not show {thing.key} {key}, which has it.",
                *(*before.replies, *found.replies, *after.replies),
                pointer=f"/{one.path}",
                expected=row.get(thing.key),
            )
    if len(before.rows) == len(after.rows):
        try:
            hold_total(trial, None, found, asked(one, value))
        except Broken as complaint:
            return complaint
    return None


# ----------------------------------------------------------------------------------------------- pages, order


def _pages(trial: Trial) -> Broken | None:
    """Pages respect the size, do not overlap, and say of themselves what is so."""
    thing = trial.thing
    size = page_size(thing)
    found = walk(trial.asker, thing, _place(trial), size=size, most_pages=MOST_PAGES)
    if len(found.rows) <= size:
        raise Inconclusive(f"{thing.resource.path} has one page of {size} at most")
    return hold_pages(trial, found, [], size)


def _sorted(trial: Trial) -> Broken | None:
    """A list stands in the order that was asked for, by numbers and times: texts collate in many ways."""
    thing = trial.thing
    assert thing.lister is not None
    roles = thing.query.paging.roles
    place, tried = _place(trial), 0
    for value, direction, name, down in orders(thing):
        said = [at_way(roles["sort"], value)]
        if direction is not MISSING:
            said.append(at_way(roles["direction"], direction))
        found = _all(trial, place, *said)
        shown = [(one, row[name]) for row in found.rows if (one := _measured(row.get(name))) is not None]
        tried += len({one for one, _ in shown}) > 1
        for (one, first), (two, second) in pairwise(shown):
            if one < two if down else one > two:
                way = "descending" if down else "ascending"
                return trial.broken(
                    thing.lister,
                    f"{'.'.join(roles['sort'])}={value} shows {name} {short(first)} before {short(second)}, "
                    f"which is not {way}.",
                    *found.replies,
                    pointer=f"/{name}",
                    expected=[second, first],
                    found=[first, second],
                )
    if not tried:
        raise Inconclusive("the list shows no two numbers or times that an order tells apart")
    return None


def _measured(value: Json) -> float | None:
    if isinstance(value, bool):
        return None
    return float(value) if isinstance(value, (int, float)) else instant(value)


# --------------------------------------------------------------------------------------------------- reading


def _read(trial: Trial) -> Broken | None:
    """What a list shows of a row is what reading it shows."""
    thing = trial.thing
    assert thing.lister is not None
    assert thing.read is not None
    place = _place(trial)
    before = _all(trial, place)
    if not before.rows:
        raise Inconclusive(f"there is none of {thing.resource.path}, and nothing makes one")
    shown = []
    for row in before.rows[:MOST_READ]:
        path: dict[Key, Json] = {**place, ("path", thing.resource.parameter): row.get(thing.key)}
        reply = trial.asker.ask(thing.read, path)
        read = thing.row_of(thing.read, reply.body)
        if reply.good and read is not None:
            shown.append((row, read, reply))
    after = {str(row.get(thing.key)): row for row in _all(trial, place).rows}
    if not shown:
        raise Inconclusive(f"{thing.read.id} shows none of the rows that are listed")
    for row, read, reply in shown:
        later = after.get(str(row.get(thing.key)))
        for name in _common(thing) if later is not None else ():
            stays = name in row and later is not None and agree(row[name], later.get(name, MISSING))
            if stays and name in read and not agree(row[name], read[name]):
                return trial.broken(
                    thing.read,
                    f"{name} is listed as {short(row[name])} and read as {short(read[name])}.",
                    *(*before.replies, reply),
                    pointer=f"/{name}",
                    expected=row[name],
                    found=read[name],
                )
    return None


def _common(thing: Thing) -> Iterator[str]:
    """Yield the properties that list and reading have, and describe alike."""
    assert thing.lister is not None
    assert thing.read is not None
    listed, read = thing.shown(thing.lister), thing.shown(thing.read)
    if listed is None or read is None:
        return
    for name in listed.names:
        alike_said = listed.shape.named(name).faces == read.shape.named(name).faces
        if name in read.names and alike_said and not is_secret(name):
            yield name


# ------------------------------------------------------------------------------------------------------ laws


def _lists(thing: Thing) -> str:
    return "" if thing.lister and thing.key else "nothing makes one, and nothing lists them by a key"


def _narrows(thing: Thing) -> str:
    why = _lists(thing)
    return why or ("" if _filters(thing) else "nothing makes one, and no parameter filters by what rows show")


def _orders(thing: Thing) -> str:
    why = _lists(thing)
    return why or ("" if orders(thing) else "nothing makes one, and no orders are named")


def _reads(thing: Thing) -> str:
    return _lists(thing) or ("" if thing.read and thing.resource.parameter else "nothing reads one")


READING = Law("listed-as-read", "A row is listed as it is read.", "read", _twice(_read), _reads)
"""Of what nobody can make; what is made is held by `created-is-listed`."""

STANDING = {
    law.name: law
    for law in (
        Law("filters-filter", "A filter leaves the rows that it names.", "list", _twice(_filtered), _narrows),
        Law(
            "pages-are-whole",
            "Pages have their size, do not overlap and leave nothing out.",
            "list",
            _twice(_pages),
            lambda thing: _lists(thing) or paged(thing),
        ),
        Law("order-orders", "A list stands in the order asked for.", "list", _twice(_sorted), _orders),
    )
}
"""In place of the laws of the same names, where nothing makes a thing."""
