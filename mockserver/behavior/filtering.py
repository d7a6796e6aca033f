"""
What a list shows of its rows: narrowed, searched, sorted.

A hundred thousand rows are looked through while a client waits: what is usual
(one text, one number, one order) goes the short way.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import compress
from typing import Any

from mockserver.behavior.columns import SEARCH, Column, both, bounded, joined, saying, values_at
from mockserver.behavior.filters import STAMPS, Filter, names_of
from mockserver.behavior.functions import epoch
from mockserver.behavior.lists import equal
from mockserver.behavior.looks import HIDDEN
from mockserver.behavior.paging import Paging
from mockserver.behavior.rows import order, sort_key
from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Arguments, Json

Rows = list[dict[str, Any]]
Orders = tuple[tuple[str, bool], ...]
"""Properties that are sorted by, the first first, each with whether it descends."""

_DEEP = (dict, list)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "from": operator.ge,
    "to": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}
_TIMED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_NAMING = ("id", "name", "slug", "code", "value", "key", "username", "label")


def narrowed(rows: Rows, asked: Iterable[tuple[Filter, Json]]) -> Rows:
    """Return the *rows* that all filters leave."""
    for one, value in asked:
        rows = list(compress(rows, passing(values_at(one.path)(rows), one, value)))
    return rows


def passing(values: list[Any], one: Filter, wanted: Json) -> list[bool]:
    """Return of each of *values* whether a filter leaves it."""
    if one.by == "equals":
        return _equal(values, one, wanted)
    if one.by == "contains":
        sought = str(wanted).casefold()
        return [any(sought in text.casefold() for text in _texts(value)) for value in values]
    return _compared(values, one, wanted)


def selected(asked: Iterable[tuple[Filter, Json]], sought: Json, column: Column) -> list[bool]:
    """Return of each row of a list, by its columns, whether filters and search leave it."""
    flags: list[bool] | None = None
    for one, value in asked:
        flags = both(flags, passing(column(one.path, values_at(one.path)), one, value))
    text = _sought(sought)
    return both(flags, saying(column(SEARCH, said), text)) if text or flags is None else flags


def _equal(values: list[Any], one: Filter, wanted: Json) -> list[bool]:
    all_ = wanted if isinstance(wanted, list) else [wanted]
    if one.split and isinstance(wanted, str) and "," in wanted:
        all_ = [value.strip() for value in wanted.split(",")]
    if len(all_) == 1 and isinstance(all_[0], str):
        text = all_[0]
        return [value == text or (type(value) is not str and _is_one(value, all_)) for value in values]
    return [_is_one(value, all_) for value in values]


def _is_one(value: Json, wanted: list[Json]) -> bool:
    if isinstance(value, list):
        return any(_is_one(child, wanted) for child in value)
    if isinstance(value, dict):
        return any(_is_one(value[name], wanted) for name in _NAMING if name in value)
    return any(equal(value, one) for one in wanted)


def _compared(values: list[Any], one: Filter, wanted: Json) -> list[bool]:
    """Return which are at least, at most, above or below *wanted*; a day without a time is all of it."""
    return bounded(values, wanted, _SIGNS[one.by], one.by == "to", lambda value: _passes(value, one, wanted))


def _passes(value: Json, one: Filter, wanted: Json) -> bool:
    holds = _SIGNS[one.by]
    if isinstance(value, str) and isinstance(wanted, str):
        if len(value) == len(wanted) and value[-1:] == wanted[-1:] == "Z":
            return holds(value, wanted)
        if (moment := _moment(wanted)) is not None and (own := _moment(value)) is not None:
            return holds(own, moment)
        return holds(value[: len(wanted)] if one.by == "to" else value, wanted)
    if isinstance(value, list):
        return any(_passes(child, one, wanted) for child in value)
    return value is not MISSING and value is not None and holds(order(value), order(wanted))


@lru_cache(maxsize=4096)
def _moment(value: str) -> float | None:
    """Return the seconds since 1970 of a time, None where *value* is none."""
    if _TIMED.match(value):
        with suppress(ValueError):
            return epoch(value)
    return None


def searched(rows: Rows, sought: Json) -> Rows:
    """Return the *rows* that have *sought* in one of their texts, whatever the case."""
    text = _sought(sought)
    return list(compress(rows, saying(said(rows), text))) if text else rows


def _sought(sought: Json) -> str:
    """Return the text that is sought, "" where none is."""
    if isinstance(sought, list):
        sought = " ".join(map(str, sought))
    return sought.strip() if isinstance(sought, str) else ""


def _shown(row: Mapping[str, Any]) -> Iterable[str]:
    """Return all texts of *row* that clients are shown."""
    texts: list[str] = []
    for name, value in row.items():
        if type(value) is str:
            if name[:2] != HIDDEN:
                texts.append(value)
        elif type(value) in _DEEP:
            texts += _texts(value)
    return texts


said = joined(_shown)
"""Reads what rows say."""


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


# -------------------------------------------------------------------------------------------------- sorting


def in_order(rows: Rows, orders: Orders) -> Rows:
    """Return *rows* sorted by *orders*; those that are alike stay in their order."""
    for path, reverse in reversed(orders):
        rows = sorted(rows, key=sort_key(rows, path), reverse=reverse)
    return rows


def orders(spec: Json, direction: Json, row: Shape | None) -> Orders:
    """
    Return the properties that *spec* sorts by: "name", "-name", "name:desc", "name desc", "name,desc",
    "desc(name)", "name_desc", several of them, or "newest". What names no property changes nothing.
    """
    names = names_of(row) if row is not None else {}
    down = isinstance(direction, (str, int)) and str(direction).lower().startswith(("desc", "-"))
    return tuple((path, descending is not down) for path, descending in _orders(spec, names))


def _orders(spec: Json, names: Mapping[str, str]) -> list[tuple[str, bool]]:
    said = spec if isinstance(spec, list) else [spec]
    parts = [part.strip() for one in said if isinstance(one, str) for part in one.split(",") if part.strip()]
    found: list[tuple[str, bool]] = []
    for part in parts:
        if part.lower() in ("asc", "desc", "ascending", "descending"):
            if found:
                found[-1] = (found[-1][0], part.lower().startswith("desc"))
            continue
        one = _order(part, names)
        if one is not None and all(path != one[0] for path, _ in found):
            found.append(one)
    return found


def _order(part: str, names: Mapping[str, str]) -> tuple[str, bool] | None:
    down = part.startswith("-")
    name = part.lstrip("+- ")
    if called := re.fullmatch(r"(asc|desc)\w*\((.+)\)", name, re.IGNORECASE):
        down, name = called[1].lower() == "desc", called[2]
    elif behind := re.fullmatch(r"(.*[^\s:|._-])[\s:|._-]+(asc|desc)(ending)?", name, re.IGNORECASE):
        down, name = behind[2].lower() == "desc", behind[1]
    elif camel := re.fullmatch(r"(.+[a-z])(Asc|Desc)(ending)?", name):
        down, name = camel[2] == "Desc", camel[1]
    word = plain(name)
    if word in ("newest", "latest", "recent", "mostrecent", "oldest"):
        word, down = "created", word != "oldest"
    path = names.get(word) or next((names[word + ending] for ending in STAMPS if word + ending in names), "")
    return (path, down) if path else None


def sorting(paging: Paging, arguments: Arguments) -> tuple[Json, Json]:
    """Return (order, direction) that the request asks for."""
    return paging.value("sort", arguments), paging.value("direction", arguments)
