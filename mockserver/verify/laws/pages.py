"""
Laws of pages: they have the size that was asked for, do not overlap, leave nothing out, and tell the truth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Broken, Inconclusive, Reply, Unsupported
from mockserver.verify.laws.ending import goes_on
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.lists import (
    Walk,
    at_way,
    header_totals,
    is_vague,
    page_of,
    says_first_page,
    told_total,
    walk,
)
from mockserver.verify.laws.omitting import omits
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial
from mockserver.verify.requests import Key

ROWS = 5
"""That are made: with pages of two there are three pages, the last one not full."""
SIZE = 2
MOST_MADE = 32
"""Rows that are made at most to see a documented default size."""
_ROUNDS = 2
HUGE = 2**31 - 1
"""A page that every integer of 32 bits can say; times the size of a page it is more than that."""


def _limit(thing: Thing) -> Shape | None:
    """Return the shape of the parameter that says how large a page is."""
    way = thing.query.paging.roles.get("limit") if thing.lister is not None else None
    if thing.lister is None or way is None:
        return None
    for parameter in thing.lister.parameters:
        if parameter.location == "query" and parameter.name == way[0] and parameter.schema is not None:
            shape = Shape(parameter.schema.json("request"))
            for name in way[1:]:
                shape = shape.named(name)
            return shape
    return None


def page_size(thing: Thing) -> int:
    """Return the size of page to ask for."""
    shape = _limit(thing)
    least = max((face["minimum"] for face in (shape.faces if shape else ()) if "minimum" in face), default=1)
    return max(SIZE, int(least))


def _filled(trial: Trial, count: int) -> list[Item]:
    """Make *count* items in one collection."""
    return [trial.make() for _ in range(count)]


def _hold_shown(items: list[Item]) -> None:
    """Raise `Unsupported` where the list leaves such things out by itself."""
    if why := next(filter(None, map(omits, items)), ""):
        raise Unsupported(why)


def pages_are_whole(trial: Trial) -> None:
    """Pages respect the size, do not overlap, show every row once, and add up to the total."""
    thing = trial.thing
    assert thing.lister is not None
    size = page_size(thing)
    if size > 8:
        raise Unsupported(f"a page of {thing.lister.id} has at least {size} rows")
    items = _filled(trial, 2 * size + 1)
    _hold_shown(items)
    place = items[0].beside
    complaint = None
    for _ in range(_ROUNDS):  # others may change a list while it is walked: what is wrong is wrong twice
        found = walk(trial.asker, thing, place, size=size, most_pages=60)
        complaint = hold_pages(trial, found, items, size)
        if complaint is None:
            return
    assert complaint is not None
    rows, _ = page_of(trial.asker, thing, place, *_sized(thing, size))
    if [row.get(thing.key) for row in rows] != [row.get(thing.key) for row in found.pages[0]]:
        raise Inconclusive(f"{thing.resource.path} changes while it is walked")
    raise complaint


def _sized(thing: Thing, size: int) -> list[tuple[Key, Json]]:
    return [at_way(thing.query.paging.roles["limit"], size)]


def hold_pages(trial: Trial, found: Walk, items: list[Item], size: int) -> Broken | None:
    """Return what is wrong with pages of *size* that have to show *items*, None for nothing."""
    thing = trial.thing
    operation = thing.lister
    assert operation is not None
    made = [reply for item in items for reply in item.replies]
    totals = {told[1] for reply in found.replies if (told := told_total(thing, reply)) is not None}
    if len(totals) > 1 and found.complete and not _counts_page(thing, found):
        raise Inconclusive("the total changes while the list is walked")
    for rows, reply in zip(found.pages, found.replies, strict=True):
        if len(rows) > size:
            detail = f"A page of {size} has {len(rows)} rows."
            return trial.broken(operation, detail, *made, reply, expected=size, found=len(rows))
    keys = [str(row.get(thing.key)) for row in found.rows]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            first, second = _page_at(found, keys.index(key)), _page_at(found, index)
            detail = f"Two pages show the same row ({thing.key} {key})."
            return trial.broken(operation, detail, *made, first, second, pointer=f"/{thing.key}", found=key)
    for item in items:
        if str(item.key) not in keys and found.complete:
            detail = f"No page shows what was made as {thing.key} {item.key}."
            return trial.broken(operation, detail, *made, *found.replies, expected=item.key)
    return _untrue(trial, found, made, size) or goes_on(trial, found)


def _page_at(found: Walk, index: int) -> Reply:
    for rows, reply in zip(found.pages, found.replies, strict=True):
        if index < len(rows):
            return reply
        index -= len(rows)
    return found.replies[-1]


def _untrue(trial: Trial, found: Walk, made: list[Reply], size: int) -> Broken | None:
    """Return what an answer tells of its page that is not so."""
    thing = trial.thing
    operation = thing.lister
    assert operation is not None
    paging = thing.query.paging
    numbered = "page" in paging.roles and says_first_page(thing)
    before = 0
    for number, (rows, reply) in enumerate(zip(found.pages, found.replies, strict=True)):
        facts = {
            "total": len(found.rows) if found.complete else None,
            "pages": math.ceil(len(found.rows) / size) if found.complete else None,
            "page": paging.first_page + number if numbered else None,
            "limit": size,
            "offset": before,
            "more": before + len(rows) < len(found.rows) if found.complete else None,
            "less": bool(before),
        }
        for pointer, role, value in _told(thing, reply):
            wanted = facts.get(role)
            if wanted is None or alike(wanted, value):
                continue
            if role == "total" and is_vague(pointer) and value == len(rows):
                continue
            if role == "pages" and not found.rows and value in (0, 1):
                continue
            if role in ("page", "offset") and number == 0 and value in (0, 1):
                continue
            detail = f"Page {number + 1} tells {pointer} {value}, where it is {wanted}."
            return trial.broken(
                operation, detail, *made, *found.replies, pointer=pointer, expected=wanted, found=value
            )
        before += len(rows)
    return None


def _counts_page(thing: Thing, found: Walk) -> bool:
    return all(
        told is None or told[1] == len(rows)
        for rows, reply in zip(found.pages, found.replies, strict=True)
        for told in [told_total(thing, reply)]
    )


_ROLES = {
    "total": "total totalcount totalitems totalresults totalrecords totalelements totalhits totalrows"
    " totalsize count",
    "pages": "pages totalpages pagecount numpages",
    "page": "page currentpage pagenumber",
    "limit": "limit perpage pagesize pagelimit",
    "offset": "offset skip",
    "more": "hasmore hasnext hasnextpage morepages",
    "less": "hasprev hasprevious hasprevpage haspreviouspage",
}
_MEANS = {word: role for role, words in _ROLES.items() for word in words.split()}


def _told(thing: Thing, reply: Reply) -> Iterator[tuple[str, str, Json]]:
    """Yield (pointer, what it is, value) of what an answer tells of its page beside the rows."""
    shown = thing.shown(reply.operation)
    if shown is None:
        return
    yield from ((name, "total", value) for name, value in header_totals(reply))
    if not shown.path:
        return
    yield from _facts(reply.body, shown.path[-1], "", 3)


def _facts(body: Json, rows: str, pointer: str, depth: int) -> Iterator[tuple[str, str, Json]]:
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        role = _MEANS.get(plain(name))
        if role is not None and isinstance(value, (int, bool)):
            if isinstance(value, bool) is (role in ("more", "less")):
                yield f"{pointer}/{name}", role, value
        elif depth > 1 and isinstance(value, dict) and name != rows:
            yield from _facts(value, rows, f"{pointer}/{name}", depth - 1)


def default_size(trial: Trial) -> None:
    """A page has the documented default size where none is asked for."""
    thing = trial.thing
    assert thing.lister is not None
    shape = _limit(thing)
    default = shape.default if shape is not None else MISSING
    if not isinstance(default, int) or default >= MOST_MADE:
        raise Unsupported(f"{thing.lister.id} documents no default size of a page, or a large one")
    items = [trial.make()]
    place = items[0].beside
    rows, reply = page_of(trial.asker, thing, place)
    told = told_total(thing, reply)
    there = told[1] if told is not None else len(rows)
    while there <= default and len(items) <= default:
        items.append(trial.make())
        there += 1
    rows, reply = page_of(trial.asker, thing, place)
    if len(rows) != default and (len(rows) > default or told is not None):
        replies = [one.replies[-1] for one in items]
        detail = (
            f"A page has {len(rows)} rows where no size is asked for; the documented default is {default}."
        )
        raise trial.broken(thing.lister, detail, *replies, reply, expected=default, found=len(rows))


def total_counts(trial: Trial) -> None:
    """The total is one more after one was made, and one less after it was deleted."""
    thing = trial.thing
    assert thing.lister is not None
    complaint = None
    for _ in range(_ROUNDS):
        first = trial.make()
        _, quiet = page_of(trial.asker, thing, first.beside)
        _, before = page_of(trial.asker, thing, first.beside)
        told = told_total(thing, before)
        if told is None or is_vague(told[0]):
            raise Unsupported(f"{thing.lister.id} tells no total")
        if told_total(thing, quiet) != told:
            raise Inconclusive("the total changes while nothing is made here")
        item = trial.make(parent=None)
        _hold_shown([first, item])
        _, after = page_of(trial.asker, thing, item.beside)
        now = told_total(thing, after)
        if now is None or now[1] == told[1] + 1:
            return
        complaint = trial.broken(
            thing.lister,
            f"The total was {told[1]}, one was made, and it is {now[1]}.",
            *(*first.replies, before, *item.replies, after),
            pointer=now[0],
            expected=told[1] + 1,
            found=now[1],
        )
    assert complaint is not None
    raise complaint


def beyond_is_empty(trial: Trial) -> None:
    """Nothing stands behind the last page."""
    thing = trial.thing
    assert thing.lister is not None
    item = trial.make()
    roles = thing.query.paging.roles
    told = told_total(thing, page_of(trial.asker, thing, item.beside)[1])
    if told is None or is_vague(told[0]):
        raise Unsupported(f"{thing.lister.id} tells no total")
    role = "page" if "page" in roles else "offset"
    _hold_huge(trial, item, role)
    far = told[1] + 1000
    reply = trial.asker.ask(thing.lister, {**item.beside, **dict([at_way(roles[role], far)])})
    rows = thing.rows_of(thing.lister, reply.body)
    if reply.good and rows:
        here = [value for _, named, value in _told(thing, reply) if named == role]
        if here and far not in here:
            raise Unsupported(f"{thing.lister.id} shows another page than one that is not there, and says so")
        detail = f"{role} {far} shows {len(rows)} rows, and there are {told[1]} in all."
        raise trial.broken(thing.lister, detail, reply, item=item, expected=0, found=len(rows))


def _hold_huge(trial: Trial, item: Item, role: str) -> None:
    """Raise `Broken` where a page that the contract allows, though nobody has so many, is a failure."""
    lister = trial.thing.lister
    assert lister is not None
    asked = {**item.beside, **dict([at_way(trial.thing.query.paging.roles[role], HUGE)])}
    if trial.asker.excluded(lister, asked, MISSING):
        return
    reply = trial.asker.ask(lister, asked)
    if reply.status >= 500:
        detail = f"{role} {HUGE} is answered {reply.status}."
        raise trial.broken(lister, detail, reply, item=item, pointer=role, expected=200, found=reply.status)


def _paged(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return paged(thing)


def paged(thing: Thing) -> str:
    """Return why there are no pages to be asked for, "" where there are."""
    roles = thing.query.paging.roles
    assert thing.lister is not None
    if "limit" not in roles or not roles.keys() & {"page", "offset", "cursor"}:
        return f"{thing.lister.id} has no pages whose size can be asked for"
    return ""


def _turned(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return (
        ""
        if thing.query.paging.roles.keys() & {"page", "offset"}
        else f"{thing.lister.id} has no numbered pages"
    )


LAWS = (
    Law(
        "pages-are-whole",
        "Pages have their size, do not overlap and leave nothing out.",
        "list",
        pages_are_whole,
        _paged,
    ),
    Law(
        "default-page-size",
        "A page has the documented default size.",
        "list",
        default_size,
        _paged,
        quick=False,
    ),
    Law(
        "total-counts",
        "The total counts what was made.",
        "list",
        total_counts,
        lambda thing: "" if thing.create and thing.lister else "nothing makes and lists one",
    ),
    Law(
        "beyond-is-empty",
        "Nothing stands behind the last page.",
        "list",
        beyond_is_empty,
        _turned,
        quick=False,
    ),
)
