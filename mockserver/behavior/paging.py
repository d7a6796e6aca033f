"""
The list parameters that people use to page.

Names are compared without case and separators, so `per_page`, `perPage` and
`page[size]` are met alike. A cursor of ours is "o" and the place in the list; who
gives the key of the last row seen in its place (`starting_after`) goes on behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
PAGING = frozenset(word for word, role in _ROLE.items() if role in ("limit", "offset", "page", "cursor"))
"""Names that speak of pages, plain."""
CERTAIN = words(
    "limit offset page perpage pagesize pagenumber cursor pagetoken sort sortby orderby sortorder q "
    "query search"
)
"""Names that speak of pages even where a row has a property of that name."""
_COUNTED = ("limit", "offset", "page")
_WAYS = words("asc desc ascending descending ASC DESC Asc Desc 1 -1")

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
    if role in ("sort", "direction"):
        allowed = shape.enum
        return "direction" if allowed is not None and all(str(one) in _WAYS for one in allowed) else "sort"
    timed = any(str(face.get("format", "")).startswith("date") for face in shape.faces)
    if role in _COUNTED and not shape.kinds & {"integer", "number"}:
        return None
    if role == "search" and shape.enum is not None:  # `filter`: one of all, assigned, created
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
