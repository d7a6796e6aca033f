"""
The list parameters that people use, and the numbers that an envelope tells about a page.

Names are compared without case and separators, so `per_page`, `perPage` and
`page[size]` are met alike. A parameter of no known name that a row has as a
property filters by it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.behavior.lists import equal
from mockserver.behavior.rows import field, order
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Arguments, Json

_ROLES = {
    "limit": "limit perpage pagesize pagelimit size count maxresults max top first take itemsperpage",
    "offset": "offset skip start startindex from firstresult",
    "page": "page pagenumber pageno pagenum pageindex currentpage p",
    "cursor": "cursor after startingafter pagetoken nexttoken nextpagetoken continuation marker pagecursor",
    "sort": "sort sortby orderby sortfield ordering order",
    "direction": "direction sortdirection sortorder orderdirection dir sortdir order",
    "search": "q query search searchterm searchquery keyword keywords term text filter",
}
_ROLE = {word: role for role, words in reversed(_ROLES.items()) for word in words.split()}

_TOLD = {
    "total": "total totalcount totalitems totalresults totalrecords totalelements count totalhits",
    "pages": "pages totalpages pagecount lastpage numpages",
    "page": "page currentpage pagenumber pageno number",
    "limit": "limit perpage pagesize size itemsperpage",
    "offset": "offset skip start startindex",
    "more": "hasmore hasnext hasnextpage more",
    "next": "nextcursor cursor nextpagetoken next nexttoken endcursor continuationtoken",
    "shown": "returned pagelength numberofelements",
}
_TELLS = {word: role for role, words in _TOLD.items() for word in words.split()}

DEFAULT_LIMIT = 20


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(frozen=True)
class Paging:
    """
    What each query parameter of a list does.

    Attributes:
        roles: role -> parameter name.
        filters: parameter name -> property of the row.
        first_page: The number of the first page, 0 or 1.
    """

    roles: Mapping[str, str]
    filters: Mapping[str, str]
    first_page: int = 1

    @property
    def paged(self) -> bool:
        """Whether there is more than one page."""
        return bool(self.roles.keys() & {"limit", "offset", "page", "cursor"})


def understand(operation: Operation, row: Shape | None) -> Paging:
    """Return what the query parameters of the list *operation* do."""
    names = {_plain(name): name for name in (row.names if row is not None else ())}
    roles: dict[str, str] = {}
    filters: dict[str, str] = {}
    first_page = 1
    for parameter in operation.parameters:
        if parameter.location != "query":
            continue
        plain = _plain(parameter.name)
        shape = Shape(parameter.schema.json("request")) if parameter.schema is not None else Shape({})
        role = _ROLE.get(plain) or _ROLE.get(plain.removeprefix("page") if "[" in parameter.name else "")
        if plain in names and role in (None, "search", "direction", "offset"):
            filters[parameter.name] = names[plain]
        elif role in ("limit", "offset", "page") and not shape.kinds & {"integer", "number"}:
            continue
        elif role == "sort" and "sort" in roles:
            roles.setdefault("direction", parameter.name)
        elif role is not None:
            roles.setdefault(role, parameter.name)
            least = [face.get("minimum", face.get("default")) for face in shape.faces]
            if role == "page" and 0 in least:
                first_page = 0
    return Paging(roles, filters, first_page)


@dataclass(frozen=True)
class Page:
    """One page of a list, and what an envelope may tell of it."""

    rows: list[Any]
    told: Mapping[str, Json]


def select(paging: Paging, rows: list[Any], arguments: Arguments) -> list[Any]:
    """Return the *rows* that the request's filters and search leave, sorted as it asks."""
    query = arguments.query
    for parameter, name in paging.filters.items():
        wanted = query.get(parameter, MISSING)
        if wanted is MISSING or wanted is None or wanted in ("", []) or isinstance(wanted, dict):
            continue
        values = wanted if isinstance(wanted, list) else [wanted]
        rows = [
            row
            for row in rows
            if any(equal(one, value) for one in _several(field(row, name)) for value in values)
        ]
    sought = query.get(paging.roles.get("search", ""))
    if isinstance(sought, str) and sought.strip():
        folded = sought.casefold()
        rows = [row for row in rows if any(folded in text.casefold() for text in _texts(row))]
    spec = query.get(paging.roles.get("sort", ""))
    if isinstance(spec, str) and spec.strip():
        descending = str(query.get(paging.roles.get("direction", ""), "")).lower().startswith("desc")
        rows = _sorted(rows, spec, descending)
    return rows


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(row: Any) -> list[str]:
    values = row.values() if isinstance(row, dict) else [row]
    return [text for value in values for text in _several(value) if isinstance(text, str)]


def _sorted(rows: list[Any], spec: str, descending: bool) -> list[Any]:
    for part in reversed([part.strip() for part in spec.split(",") if part.strip()]):
        name, _, said = re.sub(r"[:\s|]+", " ", part).partition(" ")
        down = descending or name.startswith("-") or said.strip().lower().startswith("desc")
        name = name.lstrip("+-")
        if any(field(row, name) is not MISSING for row in rows):
            rows = sorted(rows, key=lambda row, name=name: order(field(row, name)), reverse=down)  # type: ignore[misc]
    return rows


def window(paging: Paging, arguments: Arguments, total: int) -> tuple[int, int]:
    """Return (offset, limit) of the page that the request asks for."""
    query = arguments.query
    limit = query.get(paging.roles.get("limit", ""))
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        limit = DEFAULT_LIMIT if paging.paged else total
    offset = query.get(paging.roles.get("offset", ""))
    if isinstance(offset, int) and not isinstance(offset, bool):
        return max(0, offset), limit
    cursor = query.get(paging.roles.get("cursor", ""))
    if isinstance(cursor, str) and (found := re.fullmatch(r"o(\d{1,9})", cursor)):
        return int(found[1]), limit
    page = query.get(paging.roles.get("page", ""))
    if isinstance(page, int) and not isinstance(page, bool):
        return max(0, page - paging.first_page) * limit, limit
    return 0, limit


def told(paging: Paging, offset: int, limit: int, total: int, shown: int) -> dict[str, Json]:
    """Return what an envelope may tell of a page, by role."""
    more = offset + shown < total
    return {
        "total": total,
        "pages": math.ceil(total / limit) if limit else 1,
        "page": (offset // limit if limit else 0) + paging.first_page,
        "limit": limit,
        "offset": offset,
        "more": more,
        "next": f"o{offset + shown}" if more else None,
        "shown": shown,
    }


def tell(whole: Shape, path: tuple[str, ...], numbers: Mapping[str, Json], depth: int = 2) -> dict[str, Json]:
    """Return the properties of the envelope *whole* that tell of the page; *path* leads to the list."""
    found: dict[str, Json] = {}
    for name in whole.names:
        if (name,) == path[:1]:
            continue
        shape = whole.named(name)
        role = _TELLS.get(_plain(name))
        if role is not None:
            value = numbers[role]
            fits = {"more": "boolean", "next": "string"}.get(role, "integer")
            if value is None and "null" in shape.kinds:
                found[name] = None
            elif value is not None and _fits(shape, fits):
                found[name] = value
        if name not in found and depth > 1 and "object" in shape.kinds and shape.names:
            inner = tell(shape, (), numbers, depth - 1)
            if inner:
                found[name] = inner
    return found


def _fits(shape: Shape, kind: str) -> bool:
    if kind == "integer":
        return bool(shape.kinds & {"integer", "number"})
    if kind == "string" and any("format" in face for face in shape.faces):
        return False  # a link, not a cursor
    return kind in shape.kinds
