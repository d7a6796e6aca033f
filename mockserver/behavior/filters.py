"""
Which query parameters of a list filter its rows, and by what.

A parameter filters by the property that it is called after: as it stands
(`status`), in the plural (`tags`, `ids`), inside `filter[...]`, or with a word that
makes it a bound (`min_price`, `created_after`, `price[gte]`) or a search in it
(`name_contains`, `title[like]`). What is called after nothing narrows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mockserver.behavior.paging import CERTAIN, Way, at, role_of
from mockserver.behavior.values import ANYTHING
from mockserver.behavior.wording import plain, singular, words
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Arguments, Json

_FROM = words("from after since min minimum gte gt ge start lower newer starting")
_TO = words("to before until max maximum lte lt le end upper older till ending")
_STRICT = frozenset(("gt", "lt"))
_SAME = frozenset(("eq", "is", "equals", "in"))
_WITHIN = words("contains contain containing icontains like ilike includes matches matching")
STAMPS = ("at", "on", "date", "time", "datetime", "")
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


@dataclass(frozen=True)
class Filter:
    """
    One parameter that narrows a list.

    Attributes:
        way: The parameter.
        path: Of the property.
        by: "equals", "contains", "from", "to", "above" or "below".
        choices: The values that the property may have, where it says so.
        split: Whether one text may name several of them, with commas.
    """

    way: Way
    path: str
    by: str = "equals"
    choices: tuple[Json, ...] = ()
    split: bool = False


def filters(
    parameters: Mapping[Way, Shape], row: Shape | None, key: str, partial_names: Iterable[str]
) -> list[Filter]:
    """
    Return what *parameters* filter by, in the rows that *row* describes.

    *key* is the property that names a row; *partial_names* are parameters that look for a part of a text.
    """
    if row is None:
        return []
    names = names_of(row)
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
            choices = _choices(row, path)
            found.append(Filter(way, path, by, choices, bool(choices) and "array" not in shape.kinds))
    return found


def names_of(row: Shape) -> dict[str, str]:
    """Return plain name -> path of each property of a row, one level down too: `address.city`."""
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
        ends: tuple[str, ...] = ("",) if by in ("equals", "contains") else STAMPS
        candidates = [stem + ending for ending in ends if stem] or [stem]
        if not stem or stem in ("date", "time", "day"):
            candidates += _LONELY
        path = next((names[one] for one in candidates if one in names), "")
        if path and (
            by == "equals" or (_is_text(row, path) if by == "contains" else _is_measured(row, path))
        ):
            return path, by
    return "", ""


def _bound(word: str) -> str:
    if word in _STRICT:
        return "above" if word == "gt" else "below"
    if word in _WITHIN:
        return "contains"
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


def _is_text(row: Shape, path: str) -> bool:
    return "string" in _at(row, path).kinds


def _is_measured(row: Shape, path: str) -> bool:
    shape = _at(row, path)
    return bool(shape.kinds & {"integer", "number"}) or _is_time(row, path)


def _choices(row: Shape, path: str) -> tuple[Json, ...]:
    return tuple(_at(row, path).enum or ())


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


def partial_names(descriptions: Mapping[str, str]) -> list[str]:
    """Return the parameters whose description says that they look for a part of a text."""
    return [name for name, description in descriptions.items() if _PARTIAL.search(description)]


def narrowing(wanted: Iterable[Filter], arguments: Arguments) -> list[tuple[Filter, Json]]:
    """
    Return the filters that the request uses, each with what it asks for.

    A default narrows where it is a value that the property has for sure; "all" narrows nothing.
    """
    found = []
    for one in wanted:
        value = at(arguments.query, one.way)
        if value is MISSING or value is None or value in ("", []) or isinstance(value, dict):
            continue
        said = f"query.{one.way[0]}" in arguments.explicit
        if one.by == "equals" and not (said or value in one.choices):
            continue
        if isinstance(value, str) and value.lower() in ANYTHING and value not in one.choices:
            continue
        found.append((one, value))
    return found
