"""
The list parameters that people use to page, and what an answer tells about its page.

Names are compared without case and separators, so `per_page`, `perPage` and
`page[size]` are met alike. A cursor of ours is "o" and the place in the list; who
gives the key of the last row seen in its place (`starting_after`) goes on behind it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mockserver.behavior.wording import plain, words
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Arguments, Json

Way = tuple[str, ...]
"""How to a value in the query: the parameter, and for an object the property in it."""

ROLES = {
    "limit": "limit perpage pagesize pagelimit size count maxresults maxitems max top first take rows num "
    "itemsperpage resultsperpage pagelength maxkeys",
    "offset": "offset skip start startindex from firstresult startat pageoffset",
    "page": "page pagenumber pageno pagenum pageindex currentpage p",
    "cursor": "cursor after startingafter pagetoken nexttoken nextpagetoken nextcursor continuation "
    "continuationtoken marker pagecursor pageafter startafter sinceid token starttoken exclusivestartkey",
    "sort": "sort sortby orderby sortfield ordering order sortkey orderfield",
    "direction": "direction sortdirection sortorder orderdirection dir sortdir order orderdir",
    "search": "q query search searchterm searchquery searchtext keyword keywords term text filter fulltext",
}
_ROLE = {word: role for role, words in reversed(ROLES.items()) for word in words.split()}
CERTAIN = words(
    "limit offset page perpage pagesize pagenumber cursor pagetoken sort sortby orderby sortorder q "
    "query search"
)
"""Names that speak of pages even where a row has a property of that name."""
_COUNTED = ("limit", "offset", "page")
_WAYS = words("asc desc ascending descending ASC DESC Asc Desc 1 -1")

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
}
_TELLS = {word: role for role, words in _TOLD.items() for word in words.split()}
_LINKS = {
    "next": "next nexturl nextlink nexthref nextpageurl nextpage nextpagelink",
    "prev": "prev previous prevurl previousurl prevlink prevpageurl previouspage previouspageurl prevpage",
    "first": "first firsturl firstpageurl firstpage",
    "last": "last lasturl lastpageurl lastpage",
    "self": "self selfurl selflink href url path",
}
_LINKED = {word: role for role, words in _LINKS.items() for word in words.split()}
_KINDS = {"more": "boolean", "less": "boolean", "first": "boolean", "last": "boolean"}

DEFAULT_LIMIT = 20
_CURSOR = re.compile(r"o(\d{1,9})\Z")


@dataclass(frozen=True)
class Paging:
    """
    What the query parameters of a list do about its pages.

    Attributes:
        roles: role -> how to its value.
        first_page: The number of the first page, 0 or 1.
        most: The greatest page that may be asked for.
        numbered: Whether a cursor is a number.
    """

    roles: Mapping[str, Way] = field(default_factory=dict)
    first_page: int = 1
    most: int = DEFAULT_LIMIT
    numbered: bool = False

    @property
    def paged(self) -> bool:
        """Whether there is more than one page."""
        return bool(self.roles.keys() & {"limit", "offset", "page", "cursor"})

    def asked(self, arguments: Arguments) -> bool:
        """Return whether a request really says something about pages, order or search."""
        return any(f"query.{way[0]}" in arguments.explicit for way in self.roles.values())

    def value(self, role: str, arguments: Arguments) -> Json:
        """Return what the request says for *role*, `MISSING` where it says nothing."""
        way = self.roles.get(role)
        return at(arguments.query, way) if way is not None else MISSING

    def number(self, role: str, arguments: Arguments) -> int | None:
        """Return the whole number that the request says for *role*."""
        value = self.value(role, arguments)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 10:
            value = int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def at(query: Mapping[str, Json], way: Way) -> Json:
    """Return the value at *way* in the *query*, `MISSING` where it was not sent."""
    found: Json = query.get(way[0], MISSING)
    for name in way[1:]:
        found = found.get(name, MISSING) if isinstance(found, dict) else MISSING
    return found


def ways(operation: Operation) -> dict[Way, Shape]:
    """Return the query parameters of *operation*; those of an object (`page[size]`) one by one."""
    found: dict[Way, Shape] = {}
    for parameter in operation.parameters:
        if parameter.location != "query":
            continue
        shape = Shape(parameter.schema.json("request")) if parameter.schema is not None else Shape({})
        if shape.names and "object" in shape.kinds and not shape.scalar:
            found.update(((parameter.name, name), shape.named(name)) for name in shape.names)
        else:
            found[(parameter.name,)] = shape
    return found


def understand(parameters: Mapping[Way, Shape], filtering: set[Way]) -> Paging:
    """
    Return what *parameters* do about pages. Those of *filtering* do not: they are called after a property.
    """
    roles: dict[str, Way] = {}
    first_page, most, numbered = 1, DEFAULT_LIMIT, False
    for way, shape in parameters.items():
        role = role_of(way, shape)
        if role is None or way in filtering or role in roles:
            continue
        roles[role] = way
        if role == "page" and 0 in [face.get("minimum", face.get("default")) for face in shape.faces]:
            first_page = 0
        if role == "limit":
            most = min([most, *(face["maximum"] for face in shape.faces if "maximum" in face)])
        numbered = numbered or (role == "cursor" and not shape.kinds & {"string"})
    if "sort" not in roles and "direction" in roles:
        roles.pop("direction")
    return Paging(roles, first_page, int(most), numbered)


def role_of(way: Way, shape: Shape) -> str | None:
    """Return what the parameter at *way* does about pages by its name, None where that says nothing."""
    name = "".join(plain(step) for step in way)
    role = _ROLE.get(name)
    if role is None and (len(way) > 1 or "[" in way[0]):
        role = _ROLE.get(name.removeprefix("page")) if name.startswith("page") else None
    allowed = [face["enum"] for face in shape.faces if isinstance(face.get("enum"), list)]
    if role in ("sort", "direction"):
        return "direction" if allowed and all(str(one) in _WAYS for one in allowed[0]) else "sort"
    timed = any(str(face.get("format", "")).startswith("date") for face in shape.faces)
    if role in _COUNTED and not shape.kinds & {"integer", "number"}:
        return None
    return None if timed or ("boolean" in shape.kinds and shape.typed) else role


def window(
    paging: Paging, arguments: Arguments, total: int, place: Callable[[str], int | None]
) -> tuple[int, int]:
    """
    Return (offset, limit) of the page that the request asks for.

    *place* finds the row of a key in the list: 0 for the first.
    """
    limit = paging.number("limit", arguments)
    if limit is None or limit < 0:
        limit = paging.most if paging.paged else total
    offset = paging.number("offset", arguments)
    if offset is not None:
        return max(0, offset), limit
    cursor = paging.value("cursor", arguments)
    if paging.numbered and isinstance(cursor, int):
        return max(0, cursor), limit
    if isinstance(cursor, (str, int)) and cursor != "":
        if isinstance(cursor, str) and (found := _CURSOR.match(cursor)):
            return int(found[1]), limit
        before = place(str(cursor))
        return (0 if before is None else before + 1), limit
    page = paging.number("page", arguments)
    return (max(0, page - paging.first_page) * limit if page is not None else 0), limit


@dataclass(frozen=True)
class Page:
    """One page of a list, and all that an answer may tell of it."""

    paging: Paging
    offset: int
    limit: int
    total: int
    shown: int
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


def tell(
    whole: Shape, path: tuple[str, ...], page: Page, within: str = "", depth: int = 3
) -> dict[str, Json]:
    """
    Return the properties of the envelope *whole* that tell of the *page*.

    *path* leads to the list, which is left out; *within* is the name of the property that *whole* stands at.
    """
    found: dict[str, Json] = {}
    names = [name for name in whole.names if (name,) != path[:1]]
    totals = {plain(name) for name in names if _TELLS.get(plain(name)) == "total"}
    for name in names:
        shape = whole.named(name)
        value = _told(name, shape, page, within, totals)
        if value is not MISSING:
            found[name] = value
        elif depth > 1 and "object" in shape.kinds and shape.typed:
            inner = tell(shape, (), page, name, depth - 1)
            found.update({name: inner} if inner else {})
    return found


def _told(name: str, shape: Shape, page: Page, within: str, totals: set[str]) -> Json:
    word, kinds = plain(name), shape.kinds
    linking = plain(within) in ("links", "link") or word.endswith(("url", "link", "href"))
    linked = linking or any(str(face.get("format", "")).startswith(("uri", "url")) for face in shape.faces)
    if not linked and "string" in kinds and word in ("next", "previous", "prev"):
        linked = "cursor" not in page.paging.roles
    role = _LINKED.get(word)
    if linked and role is not None:
        url = page.link(role)
        if url is None:
            return None if "null" in kinds else MISSING
        if "string" in kinds:
            return url
        href = "object" in kinds and "href" in shape.names
        return {"href": url} if href else MISSING
    role = _TELLS.get(word)
    if role is None:
        return MISSING
    if word == "count" and len(totals) > 1:
        role = "shown"
    value = page.told(role)
    if value is None:
        return None if "null" in kinds else MISSING
    kind = _KINDS.get(role, "string" if isinstance(value, str) else "integer")
    return value if kind in kinds or (kind == "integer" and "number" in kinds) else MISSING


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
