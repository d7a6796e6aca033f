"""
Walk through a list, page by page, as its parameters say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from mockserver.behavior.filters import Filter
from mockserver.behavior.paging import Way, ways
from mockserver.behavior.wording import plain, words
from mockserver.contract.model import Operation
from mockserver.contract.urls import parts_of
from mockserver.exchange import Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Asker, Inconclusive, Reply, Unsupported
from mockserver.verify.laws.things import Thing
from mockserver.verify.requests import Key

MOST_PAGES = 40
NEXT = words(
    "nextcursor cursor nextpagetoken next nexttoken endcursor continuationtoken nextmarker after nexturl"
    " nextlink"
)
_TOTALS = words(
    "total totalcount totalitems totalresults totalrecords totalelements totalhits totalrows totalsize"
    " numfound recordstotal totalnumber count"
)

Row = dict[str, Any]


@dataclass
class Walk:
    """
    What a list showed.

    Attributes:
        rows: All of them, in order.
        pages: Rows of each page.
        replies: A call for each page.
        complete: Whether there was nothing behind the last page.
    """

    rows: list[Row] = field(default_factory=list)
    pages: list[list[Row]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    complete: bool = False


def told_total(thing: Thing, reply: Reply) -> tuple[str, int] | None:
    """Return (pointer, total) that an answer tells of the whole list; None where it tells none."""
    operation = reply.operation
    shown = thing.shown(operation)
    if shown is None:
        return None
    found = list(header_totals(reply))
    if isinstance(reply.body, dict):
        found += _totals(reply.body, shown.path, "", 3)
    return next((one for one in found if not is_vague(one[0])), found[0] if found else None)


def header_totals(reply: Reply) -> Iterator[tuple[str, int]]:
    """Yield (name, total) that an answer tells in its header."""
    for name in ("x-total-count", "x-total"):
        if (value := reply.header(name)).isdecimal():
            yield name, int(value)


def is_vague(pointer: str) -> bool:
    """Return whether what stands at *pointer* may count the whole list or the page: it is called "count"."""
    return pointer.lower().endswith("/count")


def _totals(
    body: Mapping[str, Json], path: tuple[str, ...], pointer: str, depth: int
) -> Iterator[tuple[str, int]]:
    for name, value in body.items():
        if isinstance(value, int) and not isinstance(value, bool) and plain(name) in _TOTALS:
            yield f"{pointer}/{name}", value
    for name, value in body.items():
        if depth > 1 and isinstance(value, dict):
            yield from _totals(value, path[1:], f"{pointer}/{name}", depth - 1)


def at_way(way: Way, value: Json) -> tuple[Key, Json]:
    """Return the query parameter that says *value* at *way*."""
    for name in reversed(way[1:]):
        value = {name: value}
    return ("query", way[0]), value


def asking_for(thing: Thing, one: Filter, value: Json) -> Json:
    """Return how a parameter asks for *value*: in a list, where it takes several."""
    assert thing.lister is not None
    shape = ways(thing.lister).get(one.way)
    if shape is not None and "array" in shape.kinds and "string" not in shape.kinds:
        return [value]
    return str(value).lower() if isinstance(value, bool) and shape is None else value


def accepting(thing: Thing, one: Filter) -> Callable[[Json], bool] | None:
    """Return what tells whether the parameter may have a value."""
    assert thing.lister is not None
    shape = ways(thing.lister).get(one.way)
    if shape is None or not shape.typed or ("array" in shape.kinds and "string" not in shape.kinds):
        return None
    return RawValidator(shape.document).is_valid


def joined(*parts: tuple[Key, Json]) -> dict[Key, Json]:
    """Return query parameters; those of one object (`page[size]`) are put together."""
    made: dict[Key, Json] = {}
    for key, value in parts:
        before = made.get(key)
        made[key] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return made


def most(thing: Thing) -> int | None:
    """Return the greatest page that may be asked for; None where pages have no size to be asked for."""
    return thing.query.paging.most if "limit" in thing.query.paging.roles else None


def page_of(
    asker: Asker,
    thing: Thing,
    place: Mapping[Key, Json],
    *said: tuple[Key, Json],
    operation: Operation | None = None,
    other: bool = False,
) -> tuple[list[Row], Reply]:
    """
    Return the rows of one page, and the call.

    Raises:
        Inconclusive: The list is refused, or shows no rows.
    """
    lister = operation or thing.lister
    assert lister is not None
    reply = asker.ask(lister, {**place, **joined(*said)}, other=other)
    rows = thing.rows_of(lister, reply.body)
    if not reply.good or rows is None:
        raise Inconclusive(f"{reply} is answered {reply.status} and shows no list")
    return rows, reply


def walk(
    asker: Asker,
    thing: Thing,
    place: Mapping[Key, Json],
    *said: tuple[Key, Json],
    size: int | None = None,
    until: Json = None,
    other: bool = False,
    most_pages: int = MOST_PAGES,
) -> Walk:
    """
    Return what the list of *thing* at *place* shows, page by page.

    Args:
        asker: Asks.
        thing: What is listed.
        place: Path parameters of the collection.
        said: Other parameters: filters, an order.
        size: Of a page; the greatest that may be asked for where None.
        until: The key to stop at; None to see all.
        other: Whether the second identity asks.
        most_pages: Where a longer list is left.

    Raises:
        Unsupported: The rows are listed without what tells one from another.
        Inconclusive: The list is refused, or shows no rows.
    """
    shown = thing.shown(thing.lister) if thing.lister is not None else None
    if thing.key and shown is not None and shown.names and thing.key not in shown.names:
        raise Unsupported(f"rows of {thing.resource.path} are listed without their {thing.key}")
    paging = thing.query.paging
    roles = paging.roles
    found = Walk()
    limit = size or most(thing)
    sized = [at_way(roles["limit"], limit)] if limit is not None and "limit" in roles else []
    cursor: Json = None
    first_page = paging.first_page
    for number in range(most_pages):
        placed: list[tuple[Key, Json]] = []
        if number == 1 and "page" in roles and not says_first_page(thing):
            first_page = _first_page(asker, thing, place, found.rows, *said, *sized)
        if number and "page" in roles:
            placed = [at_way(roles["page"], first_page + number)]
        elif number and "offset" in roles:
            placed = [at_way(roles["offset"], len(found.rows))]
        elif number and "cursor" in roles:
            placed = [at_way(roles["cursor"], cursor)]
        rows, reply = page_of(asker, thing, place, *said, *sized, *placed, other=other)
        found.replies.append(reply)
        found.pages.append(rows)
        found.rows += rows
        if until is not None and any(alike(row.get(thing.key), until) for row in rows):
            return found
        if not roles.keys() & {"page", "offset", "cursor"} or not rows:
            found.complete = True
            return found
        first = rows[0].get(thing.key)
        if first is not None and any(page and page[0].get(thing.key) == first for page in found.pages[:-1]):
            return found  # the same page again: it would never end
        if "page" not in roles and "offset" not in roles:
            cursor = next_cursor(reply, roles["cursor"])
            found.complete = cursor is None
        elif limit is not None and len(rows) < limit:
            total = told_total(thing, reply)
            found.complete = total is None or len(found.rows) >= total[1]
        if found.complete:
            return found
    return found


def says_first_page(thing: Thing) -> bool:
    """Return whether the contract says which number the first page has: by the least one, or by a default."""
    assert thing.lister is not None
    shape = ways(thing.lister)[thing.query.paging.roles["page"]]
    return any(face.keys() & {"minimum", "default"} for face in shape.faces)


def _first_page(
    asker: Asker, thing: Thing, place: Mapping[Key, Json], rows: list[Row], *said: tuple[Key, Json]
) -> int:
    """Return the number of the first page, whose *rows* came without one; `page` counts from 0 or from 1."""
    page = at_way(thing.query.paging.roles["page"], 1)
    shown, _ = page_of(asker, thing, place, *said, page)
    return int([row.get(thing.key) for row in shown] == [row.get(thing.key) for row in rows])


def next_cursor(reply: Reply, way: Way) -> Json:
    """Return the cursor of the next page that an answer names, None where it names none."""
    link = reply.header("link")
    for part in link.split(",") if link else ():
        if 'rel="next"' in part or "rel=next" in part:
            return _from_url(part.partition("<")[2].partition(">")[0], way)
    return _searched(reply.body, way, 3)


def _searched(body: Json, way: Way, depth: int) -> Json:
    if not isinstance(body, dict):
        return None
    for name, value in body.items():
        if (
            plain(name) in NEXT
            and isinstance(value, (str, int))
            and not isinstance(value, bool)
            and value != ""
        ):
            text = str(value)
            return _from_url(text, way) if "?" in text else value
    for value in body.values():
        if depth > 1 and isinstance(value, dict) and (found := _searched(value, way, depth - 1)) is not None:
            return found
    return None


def _from_url(url: str, way: Way) -> Json:
    name = way[0] + "".join(f"[{one}]" for one in way[1:])
    return next(iter(parse_qs(parts_of(url).query).get(name, [])), None)
