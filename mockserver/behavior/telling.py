"""
What an answer tells about its page: totals, numbers, cursors and links, in its envelope and its header.

Names tell what is meant: `total_count`, `meta.page.size`, `links.next`, `X-Total-Count`.
An envelope is looked through once; what it tells is then a short list of facts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from mockserver.behavior.paging import Paging, Way
from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

_TOLD = {
    "total": "total totalcount totalitems totalresults totalrecords totalelements count totalhits totalrows "
    "totalsize numfound recordsfiltered recordstotal totalnumber matches",
    "pages": "pages totalpages pagecount lastpage numpages pagestotal",
    "page": "page currentpage pagenumber pageno number pageindex",
    "nextpage": "nextpage",
    "prevpage": "prevpage previouspage",
    "limit": "limit perpage pagesize size itemsperpage maxresults pagelimit",
    "offset": "offset skip start startindex",
    "from": "from",
    "to": "to",
    "more": "hasmore hasnext hasnextpage more morepages",
    "less": "hasprev hasprevious hasprevpage haspreviouspage",
    "first": "isfirst",
    "last": "islast",
    "next": "nextcursor cursor nextpagetoken next nexttoken endcursor continuationtoken nextmarker after",
    "prev": "prevcursor previouscursor prevpagetoken previous prev previoustoken prevtoken before",
    "shown": "returned pagelength numberofelements itemcount resultcount currentitemcount shown",
    "firstkey": "firstid",
    "lastkey": "lastid",
}
_TELLS = {word: role for role, words in _TOLD.items() for word in words.split()}
_LINKS = {
    "next": "next nexturl nextlink nexthref nextpageurl nextpageuri nextpage nextpagelink",
    "prev": "prev previous prevurl previousurl prevlink prevpageurl prevpage previouspage previouspageurl "
    "previouspageuri",
    "first": "first firsturl firstpageurl firstpageuri firstpage",
    "last": "last lasturl lastpageurl lastpageuri lastpage",
    "self": "self selfurl selflink href url uri path",
}
_LINKED = {word: role for role, words in _LINKS.items() for word in words.split()}

_DEPTH = 3


@dataclass(frozen=True)
class Page:
    """
    One page of a list, and all that an answer may tell of it.

    Attributes:
        offset: Rows before it.
        limit: Rows that it may have.
        total: Rows of the whole list.
        shown: Rows that it has.
        keys: Of its first and its last row.
        query: What was asked.
        url: The address of the list, without query.
    """

    paging: Paging
    offset: int
    limit: int
    total: int
    shown: int
    keys: tuple[Json, Json] = (None, None)
    query: Mapping[str, Json] = field(default_factory=dict)
    url: str = ""

    @property
    def number(self) -> int:
        """Of the page."""
        return (self.offset // self.limit if self.limit else 0) + self.paging.first_page

    def told(self, role: str) -> Json:
        """Return what *role* is of this page; None where there is nothing to tell."""
        behind, size = self.offset + self.shown, max(1, self.limit)
        more, less = behind < self.total, self.offset > 0
        cursor = int if self.paging.numbered else "o{}".format
        return {
            "total": self.total,
            "pages": math.ceil(self.total / size),
            "page": self.number,
            "nextpage": self.number + 1 if more else None,
            "prevpage": self.number - 1 if less else None,
            "limit": self.limit,
            "offset": self.offset,
            "from": self.offset + 1 if self.shown else None,
            "to": behind if self.shown else None,
            "more": more,
            "less": less,
            "first": not less,
            "last": not more,
            "next": cursor(behind) if more else None,
            "prev": cursor(max(0, self.offset - size)) if less else None,
            "shown": self.shown,
            "firstkey": self.keys[0],
            "lastkey": self.keys[1],
        }[role]

    def link(self, role: str) -> str | None:
        """Return the address of the next, prev, first, last page, or of this one (self); None without one."""
        size = max(1, self.limit)
        last = max(0, math.ceil(self.total / size) - 1) * size
        offset = {
            "self": self.offset,
            "first": 0,
            "last": last,
            "prev": max(0, self.offset - size) if self.offset else None,
            "next": self.offset + self.shown if self.offset + self.shown < self.total else None,
        }[role]
        if offset is None or not self.url:
            return None
        roles, query = self.paging.roles, dict(self.query)
        for name in ("offset", "cursor", "page"):
            query.pop(roles[name][0], None) if name in roles else None
        if "offset" in roles:
            _set(query, roles["offset"], offset)
        elif "page" in roles:
            _set(query, roles["page"], offset // size + self.paging.first_page)
        elif "cursor" in roles and offset:
            _set(query, roles["cursor"], offset if self.paging.numbered else f"o{offset}")
        if "limit" in roles:
            _set(query, roles["limit"], size)
        said = _written(query)
        return f"{self.url}?{said}" if said else self.url


def _set(query: dict[str, Json], way: Way, value: Json) -> None:
    if len(way) == 1:
        query[way[0]] = value
    else:
        query[way[0]] = {**(query.get(way[0]) or {}), way[1]: value}


def _written(query: Mapping[str, Json]) -> str:
    pairs: list[tuple[str, Any]] = []
    for name, value in query.items():
        if isinstance(value, dict):
            pairs += [(f"{name}[{inner}]", _text(child)) for inner, child in value.items()]
        elif isinstance(value, list):
            pairs += [(name, _text(child)) for child in value]
        elif value is not None:
            pairs.append((name, _text(value)))
    return urlencode(pairs)


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


Accepts = Callable[[Json], bool]
Taking = Callable[[Json, str], Accepts]
Fact = Callable[[Page], Json]
"""Gives what one property says of a page, `MISSING` where it says nothing."""


class Telling:
    """
    What an envelope tells of a page.

    Args:
        whole: The shape of the envelope.
        path: Names that lead to the list, which is left out.
        paging: What the parameters of the list do.
        taking: Gives what tells whether a value is one of a schema, called so; None leaves patterns aside.
    """

    def __init__(
        self, whole: Shape, path: tuple[str, ...], paging: Paging, taking: Taking | None = None
    ) -> None:
        self._facts = list(_facts(whole, path, paging, taking))

    def told(self, body: dict[str, Json], page: Page) -> dict[str, Json]:
        """Return *body* with what it tells of *page*; what there is nothing to tell of is left out."""
        made = dict(body)
        for path, fact in self._facts:
            value = fact(page)
            inner: Json = made
            for name in path[:-1]:
                below = inner.get(name)
                if value is MISSING and not isinstance(below, dict):
                    break
                inner[name] = inner = dict(below) if isinstance(below, dict) else {}
            else:
                if value is MISSING:
                    inner.pop(path[-1], None)
                else:
                    inner[path[-1]] = value
        return made


def _facts(
    whole: Shape,
    path: tuple[str, ...],
    paging: Paging,
    taking: Taking | None,
    above: tuple[str, ...] = (),
) -> Iterator[tuple[tuple[str, ...], Fact]]:
    names = [name for name in whole.names if (*above, name) != path]
    totals = sum(_TELLS.get(plain(name)) == "total" for name in names)
    for name in names:
        shape = whole.named(name)
        fact = _fact(name, shape, paging, above[-1] if above else "", totals, taking)
        if fact is not None:
            yield (*above, name), fact
        elif len(above) + 1 < _DEPTH and "object" in shape.kinds and shape.typed:
            yield from _facts(shape, path, paging, taking, (*above, name))


def _fact(
    name: str, shape: Shape, paging: Paging, within: str, totals: int, taking: Taking | None
) -> Fact | None:
    """Return what the property *name* inside *within* tells; *totals* is how many beside it tell a total."""
    word, kinds = plain(name), shape.kinds
    linked = plain(within) in ("links", "link") or word.endswith(("url", "uri", "link", "href"))
    linked = linked or any(str(face.get("format", "")).startswith(("uri", "url")) for face in shape.faces)
    if not linked and "string" in kinds and word in ("next", "previous", "prev"):
        linked = "cursor" not in paging.roles
    if linked and word in _LINKED:
        as_object = "string" not in kinds
        if as_object and "href" not in shape.names:
            return None
        bound = not as_object and any("pattern" in face for face in shape.faces)
        accepts = _made_late(taking, shape, name) if bound and taking is not None else None
        return partial(_linking, _LINKED[word], as_object, "null" in kinds, accepts)
    role = "shown" if word == "count" and totals > 1 else _TELLS.get(word)
    return partial(_telling, role, kinds) if role is not None and shape.scalar else None


def _made_late(taking: Taking, shape: Shape, name: str) -> Accepts:
    """Return what tells whether a value is one of *shape*, which is made when it is first asked."""
    made = cache(lambda: taking(shape.document, name))
    return lambda value: made()(value)


def _linking(role: str, as_object: bool, nullable: bool, accepts: Accepts | None, page: Page) -> Json:
    url = page.link(role)
    if url is None:
        return None if nullable else MISSING
    if accepts is not None:  # some tell addresses without the host, or the list's without its query
        parts = urlsplit(url)
        ways = (url, url.removeprefix(f"{parts.scheme}://{parts.netloc}"), parts.path)
        url = next(filter(accepts, ways), "")
        if not url:
            return MISSING
    return {"href": url} if as_object else url


def _telling(role: str, kinds: frozenset[str], page: Page) -> Json:
    value = page.told(role)
    if value is None:
        return None if "null" in kinds else MISSING
    kind = "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "integer"
    return value if kind in kinds else MISSING


def fields(names: Mapping[str, Shape], page: Page) -> dict[str, Json]:
    """Return those of the header fields *names* that tell of the *page*: X-Total-Count, Link (RFC 8288)."""
    found: dict[str, Json] = {}
    for name, shape in names.items():
        word = plain(name).removeprefix("x").removeprefix("pagination")
        if word == "link":
            links = [(role, page.link(role)) for role in ("first", "prev", "next", "last")]
            said = ", ".join(f'<{url}>; rel="{role}"' for role, url in links if url)
            if said:
                found[name] = said
        elif (role := _TELLS.get(word)) is not None and (value := page.told(role)) is not None:
            fits = "string" in shape.kinds or isinstance(value, int)
            found.update({name: value} if fits else {})
    return found


def documented(whole: Shape, path: tuple[str, ...], body: Json, depth: int = 3) -> int | None:
    """Return the total that *body*, an example of the envelope *whole*, tells; None where it tells none."""
    if not isinstance(body, dict):
        return None
    inner: list[int] = []
    for name in whole.names:
        value = body.get(name)
        if _TELLS.get(plain(name)) == "total" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if depth > 1 and isinstance(value, dict) and (name,) != path[:1]:
            found = documented(whole.named(name), (), value, depth - 1)
            inner += [found] if found is not None else []
    return inner[0] if inner else None
