"""
What a list shows of its rows: narrowed by properties, searched, sorted.

A query parameter filters by the property that it is called after: as it stands
(`status`), in the plural (`tags`, `ids`), inside `filter[...]`, or with a word that
makes it a bound (`min_price`, `created_after`, `price[gte]`). What is called after
nothing narrows nothing.
"""

from __future__ import annotations

import heapq
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from mockserver.behavior.entities import HIDDEN
from mockserver.behavior.functions import epoch
from mockserver.behavior.lists import equal
from mockserver.behavior.paging import CERTAIN, Paging, Way, at, role_of
from mockserver.behavior.rows import field, order
from mockserver.behavior.wording import plain, singular, words
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Arguments, Json

Rows = list[dict[str, Any]]

_FROM = words("from after since min minimum gte gt ge start lower newer starting")
_TO = words("to before until max maximum lte lt le end upper older till ending")
_NUMBERS = (int, float)
_DEEP = (dict, list)
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "from": operator.ge,
    "to": operator.le,
    "above": operator.gt,
    "below": operator.lt,
}
_STRICT = frozenset(("gt", "lt"))
_SAME = frozenset(("eq", "is", "equals", "in"))
_STAMPS = ("at", "on", "date", "time", "datetime", "")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONELY = (
    "date",
    "time",
    "timestamp",
    "createdat",
    "created",
    "createdon",
    "createddate",
    "datecreated",
    "day",
)
_PARTIAL = re.compile(r"\b(contain|partial|substring|fuzzy|like|match(es|ing)? part)", re.IGNORECASE)
_TIMED = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_NAMING = ("id", "name", "slug", "code", "value", "key", "username", "label")


@dataclass(frozen=True)
class Filter:
    """One parameter that narrows a list: `by` is equals, contains, from, to, above or below."""

    way: Way
    path: str
    by: str = "equals"
    listed: bool = False


def filters(
    parameters: Mapping[Way, Shape], row: Shape | None, key: str, partial_names: Iterable[str]
) -> list[Filter]:
    """
    Return what *parameters* filter by, in the rows that *row* describes.

    *key* is the property that names a row; *partial_names* are parameters that look for a part of a text.
    """
    if row is None:
        return []
    names = _names(row)
    if key:
        names.setdefault("ids", key)
        names.setdefault("id", key)
    found = []
    parts = set(partial_names)
    starts = {_words("".join(way))[0] for way in parameters if _words("".join(way))}
    for way, shape in parameters.items():
        path, by = _meant(way, shape, names, row, starts)
        if path:
            by = "contains" if by == "equals" and way[0] in parts else by
            found.append(Filter(way, path, by, listed=_is_choice(row, path) and "array" not in shape.kinds))
    return found


def _names(row: Shape) -> dict[str, str]:
    """Plain name -> path of each property of a row, one level down too: `address.city`."""
    found: dict[str, str] = {}
    for name in row.names:
        found.setdefault(plain(name), name)
    for name in row.names:
        child = row.named(name)
        if child.typed and "object" in child.kinds and len(row.names) <= 200:
            for inner in child.names:
                found.setdefault(plain(name) + plain(inner), f"{name}.{inner}")
                if name == "attributes":
                    found.setdefault(plain(inner), f"{name}.{inner}")
    return found


def _meant(way: Way, shape: Shape, names: Mapping[str, str], row: Shape, starts: set[str]) -> tuple[str, str]:
    """Return (path, by) of what the parameter at *way* filters by; ("", "") for nothing."""
    steps = [*way[:-1], *re.findall(r"[^\[\].]+", way[-1])]
    if len(steps) > 1 and plain(steps[0]) in ("filter", "filters", "where"):
        steps = steps[1:]
    words = [word.lower() for step in steps for word in _WORDS.findall(step)]
    whole, role = "".join(words), role_of(way, shape)
    if role == "direction" or (role is not None and whole in CERTAIN):
        return "", ""
    if path := _property(whole, names):
        if role == "search":
            return path, "contains"
        if _is_time(row, path) and words[0] in ("start", "end", "from", "to") and {"start", "end"} & starts:
            both = {"start", "end"} <= starts or {"from", "to"} <= starts
            return path, ("from" if words[0] in _FROM else "to") if both else "equals"
        return path, "equals"
    if role is not None:
        return "", ""
    for word, rest in ((words[-1], words[:-1]), (words[0], words[1:])) if words else ():
        by = _bound(word)
        if not by:
            continue
        if rest and rest[-1] == "or" and len(rest) > 1:
            continue
        stem = "".join(rest)
        candidates = [stem + ending for ending in _STAMPS] if stem and by != "equals" else [stem]
        if not stem or stem in ("date", "time", "day"):
            candidates += _LONELY
        path = next((names[one] for one in candidates if one in names), "")
        if path and (_is_measured(row, path) or by == "equals"):
            return path, by
    return "", ""


def _bound(word: str) -> str:
    if word in _STRICT:
        return "above" if word == "gt" else "below"
    return "from" if word in _FROM else "to" if word in _TO else "equals" if word in _SAME else ""


def _property(word: str, names: Mapping[str, str]) -> str:
    """Return the path of what *word* names: in singular or plural, with `is`, `Id` or without."""
    single = singular(word)
    for one in (word, single, f"{word}s", f"{single}s", f"{single}es", f"{single[:-1]}ies"):
        if one in names:
            return names[one]
    for prefix in ("is", "has"):
        if word.startswith(prefix) and word.removeprefix(prefix) in names:
            return names[word.removeprefix(prefix)]
        if prefix + word in names:
            return names[prefix + word]
    for ending in ("id", "name", "slug", "code"):
        if word + ending in names:
            return names[word + ending]
    return ""


def _at(row: Shape, path: str) -> Shape:
    for name in path.split("."):
        row = row.named(name)
    return row


def _is_time(row: Shape, path: str) -> bool:
    return any(str(face.get("format", "")).startswith("date") for face in _at(row, path).faces)


def _is_measured(row: Shape, path: str) -> bool:
    shape = _at(row, path)
    return bool(shape.kinds & {"integer", "number"}) or _is_time(row, path)


def _is_choice(row: Shape, path: str) -> bool:
    return any(isinstance(face.get("enum"), list) for face in _at(row, path).faces)


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def partial_names(descriptions: Mapping[str, str]) -> list[str]:
    """Return the parameters whose description says that they look for a part of a text."""
    return [name for name, description in descriptions.items() if _PARTIAL.search(description)]


# ------------------------------------------------------------------------------------------------ narrowing


def narrowing(wanted: Iterable[Filter], arguments: Arguments) -> list[tuple[Filter, Json]]:
    """Return the filters that the request uses, each with what it asks for."""
    found = []
    for one in wanted:
        value = at(arguments.query, one.way)
        if (
            value is not MISSING
            and value is not None
            and value not in ("", [])
            and not isinstance(value, dict)
        ):
            found.append((one, value))
    return found


def narrowed(rows: Rows, asked: Iterable[tuple[Filter, Json]]) -> Rows:
    """Return the *rows* that all filters leave."""
    for one, value in asked:
        if one.by == "equals":
            rows = _equal(rows, one, value)
        elif one.by == "contains":
            sought = str(value).casefold()
            rows = [row for row in rows if any(sought in text for text in _texts(field(row, one.path)))]
        else:
            rows = _compared(rows, one, value)
    return rows


def _equal(rows: Rows, one: Filter, wanted: Json) -> Rows:
    values = wanted if isinstance(wanted, list) else [wanted]
    if one.listed and isinstance(wanted, str) and "," in wanted:
        values = [value.strip() for value in wanted.split(",")]
    path = one.path
    if len(values) == 1 and isinstance(values[0], str) and "." not in path:
        text = values[0]
        return [
            row
            for row in rows
            if (value := row.get(path)) == text or (type(value) is not str and _is_one(value, values))
        ]
    return [row for row in rows if _is_one(field(row, path), values)]


def _is_one(value: Json, wanted: list[Json]) -> bool:
    if isinstance(value, list):
        return any(_is_one(child, wanted) for child in value)
    if isinstance(value, dict):
        return any(_is_one(value[name], wanted) for name in _NAMING if name in value)
    return any(equal(value, one) for one in wanted)


def _compared(rows: Rows, one: Filter, wanted: Json) -> Rows:
    """Return the *rows* at least, at most, above or below *wanted*; a day without a time is all of it."""
    holds, path = _SIGNS[one.by], one.path
    if isinstance(wanted, (int, float)) and "." not in path:
        return [
            row
            for row in rows
            if (
                holds(value, wanted)
                if type(value := row.get(path)) in _NUMBERS
                else _passes(value, one, wanted)
            )
        ]
    return [row for row in rows if _passes(field(row, path), one, wanted)]


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
    if isinstance(sought, list):
        sought = " ".join(map(str, sought))
    if not isinstance(sought, str) or not sought.strip():
        return rows
    folded = sought.strip().casefold()
    return [row for row in rows if folded in _written(row)]


def _written(row: Mapping[str, Any]) -> str:
    """Return all texts of *row*, one a line, whatever their case."""
    flat = [value for name, value in row.items() if type(value) is str and name[:2] != HIDDEN]
    deep = [text for value in row.values() if type(value) in _DEEP for text in _texts(value)]
    return "\n".join(flat + deep if deep else flat).casefold()


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        yield value.casefold()
    elif isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


# -------------------------------------------------------------------------------------------------- sorting


def in_order(rows: Rows, spec: Json, direction: Json, row: Shape | None, first: int | None = None) -> Rows:
    """
    Return *rows* sorted as *spec* says: "name", "-name", "name:desc", "name desc", "name,desc", "desc(name)",
    "name_desc", several of them, or "newest". What names no property changes nothing.

    *first* asks for so many of them at least.
    """
    names = _names(row) if row is not None else {}
    down = isinstance(direction, (str, int)) and str(direction).lower().startswith(("desc", "-"))
    wanted = [(path, descending is not down) for path, descending in _orders(spec, names)]
    if first is not None and len(wanted) == 1 and first * 20 < len(rows):
        path, reverse = wanted[0]
        choose = heapq.nlargest if reverse else heapq.nsmallest
        return choose(first, rows, key=_key(rows, path))
    for path, reverse in reversed(wanted):
        rows = sorted(rows, key=_key(rows, path), reverse=reverse)
    return rows


def _key(rows: Rows, path: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what *rows* are sorted by: the property as it is where all have it and it is of one kind."""
    kinds = {type(row.get(path)) for row in rows}
    if "." not in path and (kinds == {str} or kinds <= {int, float}):
        return operator.itemgetter(path)
    return partial(_ordered_by, path)


def _ordered_by(path: str, row: Mapping[str, Any]) -> tuple[int, Any]:
    return order(row[path] if path in row else field(row, path))


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
        if one is not None:
            found.append(one)
    return found


def _order(part: str, names: Mapping[str, str]) -> tuple[str, bool] | None:
    down = part.startswith("-")
    name = part.lstrip("+- ")
    if called := re.fullmatch(r"(asc|desc)\w*\((.+)\)", name, re.IGNORECASE):
        down, name = called[1].lower() == "desc", called[2]
    elif behind := re.fullmatch(r"(.+?)[\s:|._-]+(asc|desc)(ending)?", name, re.IGNORECASE):
        down, name = behind[2].lower() == "desc", behind[1]
    elif camel := re.fullmatch(r"(.+[a-z])(Asc|Desc)(ending)?", name):
        down, name = camel[2] == "Desc", camel[1]
    word = plain(name)
    if word in ("newest", "latest", "recent", "mostrecent", "oldest"):
        word, down = "created", word != "oldest"
    path = names.get(word) or next((names[word + ending] for ending in _STAMPS if word + ending in names), "")
    return (path, down) if path else None


def sorting(paging: Paging, arguments: Arguments) -> tuple[Json, Json]:
    """Return (order, direction) that the request asks for."""
    return paging.value("sort", arguments), paging.value("direction", arguments)
