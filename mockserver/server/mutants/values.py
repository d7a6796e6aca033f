"""
Values that are not what was sent, not the default, or not what they are counted from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json, Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import (
    Leaf,
    answered,
    changing,
    found,
    leaves,
    listed,
    operations,
    sent,
)
from mockserver.server.mutants.call import Call, said, saying, succeeded
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.shape import at_leaf
from mockserver.server.mutants.sight import sight

Fits = Callable[[Leaf], bool]
_BOUND = {"enum", "const", "format", "pattern"}
KEY = re.compile(r"(^|_)(id|ids|uuid|key|code|slug|token)$|Ids?$")

_ADDRESS = re.compile(r"(^|_|[a-z])(ur[li]|link|href)s?$", re.IGNORECASE)


def shown_names(api: Api) -> set[str]:
    """Return the names of all that reading answers show."""
    shapes = [answered(one) for one in operations(api, "read", "list", "create", "update", "replace")]
    return {leaf.path[-1] for shape in shapes if shape is not None for leaf in leaves(shape)}


def sent_names(api: Api) -> set[str]:
    """Return the names of all that requests say."""
    shapes = [sent(one) for one in operations(api)]
    return {leaf.path[-1] for shape in shapes if shape is not None for leaf in leaves(shape)}


def _echoed(fits: Fits) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the properties that are sent to be kept, and shown again."""

    def spots(api: Api) -> Iterator[Spot]:
        names = shown_names(api)
        for operation in changing(api, "create", "update", "replace"):
            shape, free = sent(operation), api.behavior.free.get(operation.id, ())
            for leaf in leaves(shape) if shape is not None else ():
                shown = leaf.path[-1] in names and not leaf.listed and not leaf.is_free(free)
                shown = shown and sight(api).keeps_sent(operation.id, leaf.path)
                if shown and leaf.shape.typed and fits(leaf):
                    yield Spot(operation.id, leaf.pointer)

    return spots


def says(leaf: Leaf, *keywords: str) -> bool:
    """Return whether a schema says anything under one of *keywords*."""
    return any(leaf.values(keyword) for keyword in keywords)


def free_text(leaf: Leaf) -> bool:
    """Return whether it may be any text: no key, none of a few words, in no format."""
    return (
        leaf.shape.kinds <= {"string", "null"} and not says(leaf, *_BOUND) and not KEY.search(leaf.path[-1])
    )


def _words(leaf: Leaf) -> bool:
    """Return whether it may be words in any language: an address has no letters beyond ASCII (RFC 3986)."""
    return free_text(leaf) and not _ADDRESS.search(leaf.path[-1])


def _storing(change: Callable[[Json], Json]) -> Callable[[Api, Spot], Act]:
    """Return what plants that one property of a request is stored as *change* has it."""

    def plant(api: Api, spot: Spot) -> Act:
        del api
        path = tuple(spot.at.split("/")[1:])

        def act(call: Call) -> Response:
            if call.operation != spot.operation or call.read[1]:
                return call.proceed()
            body, changed = call.body, False
            for holder, key in list(found(body, path)):
                made = change(holder[key])
                changed = changed or made is not holder[key]
                if made is MISSING:
                    del holder[key]
                else:
                    holder[key] = made
            return call.proceed(call.with_body(body) if changed else None)

        return act

    return plant


def _cut(value: Json) -> Json:
    return value[:-1] if isinstance(value, str) and len(value) > 1 else value


def _halved(value: Json) -> Json:
    return value[: len(value) // 2] if isinstance(value, str) and len(value) > 3 else value


def _lowered(value: Json) -> Json:
    return value.lower() if isinstance(value, str) and value != value.lower() else value


def _capital(value: Json) -> Json:
    return value.title() if isinstance(value, str) and value != value.title() else value


def rounded(value: Json) -> Json:
    """Return a number without its fraction."""
    return int(value) if isinstance(value, float) and value != int(value) else value


def _one_less(value: Json) -> Json:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value - 1 if whole and value > 1 else value


def _flipped(value: Json) -> Json:
    return not value if isinstance(value, bool) else value


def _first_only(value: Json) -> Json:
    return value[:1] if isinstance(value, list) and len(value) > 1 else value


def _reversed(value: Json) -> Json:
    return value[::-1] if isinstance(value, list) and len(value) > 1 and value != value[::-1] else value


def _later(value: Json) -> Json:
    try:
        moment = datetime.fromisoformat(value.upper().replace("Z", "+00:00"))
        return (moment + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    except (AttributeError, ValueError, OverflowError):
        return value


def _ascii(value: Json) -> Json:
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("ascii", "replace").decode()


# ----------------------------------------------------------------------------------------------- defaults


def _defaulted(api: Api) -> Iterator[Spot]:
    names = shown_names(api)
    for operation in operations(api, "create"):
        shape = sent(operation)
        for leaf in leaves(shape) if shape is not None else ():
            defaulted = len(leaf.path) == 1 and leaf.shape.default is not MISSING and leaf.path[-1] in names
            if defaulted and _another(leaf.shape) is not MISSING:
                yield Spot(operation.id, leaf.pointer)


def _another(shape: Shape) -> Json:
    """Return a value that is good and not the default; `MISSING` where none is at hand."""
    default = shape.default
    for face in shape.faces:
        for one in face.get("enum") or ():
            if one != default:
                return one
    if isinstance(default, bool):
        return not default
    if isinstance(default, (int, float)):
        for face in shape.faces:
            if "maximum" in face and face["maximum"] <= default:
                return default - 1
        return default + 1
    free = not any(face.keys() & _BOUND for face in shape.faces)
    return f"{default} " if isinstance(default, str) and free else MISSING


def _other_default(api: Api, spot: Spot) -> Act:
    shape = sent(api.contract.operations[spot.operation])
    name = spot.at[1:]
    value = _another(shape.named(name)) if shape is not None else MISSING

    def act(call: Call) -> Response:
        body = call.body if call.operation == spot.operation else MISSING
        if not isinstance(body, dict) or name in body or call.read[1]:
            return call.proceed()
        return call.proceed(call.with_body({**body, name: value}))

    return act


# --------------------------------------------------------------------------------------- ids, list and detail


def _with_id(api: Api) -> Iterator[Spot]:
    for operation in operations(api, "create"):
        shape = answered(operation)
        for leaf in leaves(shape) if shape is not None else ():
            if (
                leaf.path[-1].lower() in ("id", "uuid", "key")
                and leaf.surely
                and len(leaf.path) <= 2
                and not leaf.listed
            ):
                yield Spot(operation.id, leaf.pointer)
                break


def _other_id(value: Json, leaf: Leaf) -> Json:
    del leaf
    if isinstance(value, int):
        return value + 1
    last = value[-1:]
    return value[:-1] + ("0" if last != "0" else "1") if isinstance(value, str) and last.isalnum() else value


def _row_text(api: Api) -> Iterator[Spot]:
    names = sent_names(api)
    for operation in operations(api, "list"):
        lists = listed(operation)
        if lists is None:
            continue
        for leaf in leaves(lists.row):
            if len(leaf.path) == 1 and leaf.path[0] in names and free_text(leaf) and leaf.required:
                yield Spot(operation.id, leaf.pointer)


def _list_differs(api: Api, spot: Spot) -> Act:
    lists = listed(api.contract.operations[spot.operation])
    name = spot.at[1:]

    def act(call: Call) -> Response:
        response = call.proceed()
        value = said(response) if call.operation == spot.operation and succeeded(response) else MISSING
        rows = lists.rows(value) if lists is not None and value is not MISSING else None
        for row in rows or ():
            if isinstance(row, dict) and isinstance(row.get(name), str):
                row[name] = _halved(row[name])
        return saying(response, value) if rows else response

    return act


def _texts_of_reads(api: Api) -> Iterator[Spot]:
    names = sent_names(api)
    for operation in operations(api, "read"):
        shape = answered(operation)
        for leaf in leaves(shape) if shape is not None else ():
            if leaf.path[-1] in names and free_text(leaf) and leaf.surely and not leaf.listed:
                yield Spot(operation.id, leaf.pointer)


def _shortened(value: Json, leaf: Leaf) -> Json:
    del leaf
    return _halved(value)


def _of_objects(leaf: Leaf) -> bool:
    """Whether the order of a list's items tells something: words in another order say the same."""
    several = leaf.shape.kinds <= {"array", "null"} and not says(leaf, "minItems")
    return several and "object" in leaf.shape.item(0).kinds and leaf.shape.item(0).typed


def _in_order(api: Api) -> Iterator[Spot]:
    """
    Yield the lists that are shown in the order in which they were sent.

    Items that get keys of their own are rows that anybody may order, where no document names an order.
    """
    shapes = [answered(one) for one in operations(api)]
    shown = [leaf for shape in shapes if shape is not None for leaf in leaves(shape)]
    keyed = {
        leaf.path[-1]
        for leaf in shown
        if "array" in leaf.shape.kinds and any(map(KEY.fullmatch, leaf.shape.item(0).names))
    }
    yield from (spot for spot in _echoed(_of_objects)(api) if spot.at.rpartition("/")[2] not in keyed)


def _optional(leaf: Leaf) -> bool:
    return not leaf.required and not KEY.search(leaf.path[-1])


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "value", about, spots, plant)


KINDS = (
    _kind("default-wrong", "takes another default than the documented one", _defaulted, _other_default),
    _kind("text-cut", "loses the last character of a text", _echoed(free_text), _storing(_cut)),
    _kind("text-halved", "keeps the first half of a text", _echoed(free_text), _storing(_halved)),
    _kind("text-lowered", "keeps a text in lower case", _echoed(free_text), _storing(_lowered)),
    _kind("text-capitalized", "keeps a text With Capitals", _echoed(free_text), _storing(_capital)),
    _kind("text-ascii", "keeps question marks for letters beyond ASCII", _echoed(_words), _storing(_ascii)),
    _kind(
        "property-not-kept",
        "does not keep an optional property",
        _echoed(_optional),
        _storing(lambda _: MISSING),
    ),
    _kind(
        "number-rounded",
        "keeps a number without its fraction",
        _echoed(lambda leaf: "number" in leaf.shape.kinds),
        _storing(rounded),
    ),
    _kind(
        "number-less",
        "keeps one less than a whole number",
        _echoed(lambda leaf: leaf.shape.kinds <= {"integer", "number"} and not KEY.search(leaf.path[-1])),
        _storing(_one_less),
    ),
    _kind(
        "boolean-inverted",
        "keeps the opposite of a boolean",
        _echoed(lambda leaf: leaf.shape.kinds <= {"boolean"}),
        _storing(_flipped),
    ),
    _kind(
        "items-lost",
        "keeps the first item of a list only",
        _echoed(lambda leaf: leaf.shape.kinds <= {"array", "null"} and not says(leaf, "minItems")),
        _storing(_first_only),
    ),
    Kind(
        "items-reversed",
        "value",
        "keeps the items of a list the other way round",
        _in_order,
        _storing(_reversed),
        "a list of things without keys of their own: rows without a documented order may stand in any",
    ),
    _kind(
        "time-shifted",
        "keeps a moment two hours later",
        _echoed(lambda leaf: "date-time" in leaf.values("format")),
        _storing(_later),
    ),
    _kind("wrong-id", "answers a create with another id", _with_id, at_leaf(_other_id)),
    _kind("list-differs", "lists half of a text that the detail shows in full", _row_text, _list_differs),
    _kind("detail-differs", "shows half of a text that was sent", _texts_of_reads, at_leaf(_shortened)),
)
