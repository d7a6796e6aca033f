"""
Compare an answer with what both models say: only where the two agree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mockserver.contract.media import is_json
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import alike, instant
from mockserver.verify.laws.asking import Reply
from mockserver.verify.laws.items import TOKEN
from mockserver.verify.laws.naming import is_updated
from mockserver.verify.laws.trial import short
from mockserver.verify.laws.writings import written_alike

CLOCKS = 2.0
"""Seconds: what is reckoned from two times that were shown without fractions may be off by one for each."""

_PARTS = ("year", "month", "day", "hour", "minute", "second")
_HOUR = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)(?!\d)")

_NOTHING: tuple[Json, ...] = (None, MISSING, "", [], {})
_WORDS = frozenset({"message", "msg", "detail", "info", "hint"})
ROWS = ("id", "uuid", "key", "_id", "gid", "code")
"""Properties that name rows."""


@dataclass(frozen=True)
class Difference:
    """Where an answer is not what the rules determine."""

    pointer: str
    expected: Json
    found: Json

    def __str__(self) -> str:
        return f"{self.pointer or '/'} is {short(self.found)}, and the rules say {short(self.expected)}."


@dataclass(frozen=True)
class Known:
    """
    What the comparison knows beside the answers.

    Attributes:
        own: The keys (as text) of all that this walk has made.
        kinds: Key -> the collections that this walk has made a row of that key in.
        listed: The collection that the answer lists, "" where it is no list.
        whole: Whether lists show all that there is: they have no pages, or nobody else's rows are there.
        members: Whether it is determined which rows a list shows; not of a page of what others share.
        free: Pointers ("*" for any index) that nothing determines.
        sent: The texts that the request sent.
        room: How many rows a first page has room for; a list of fewer shows all that fit.
        alone: Whether the server holds no row that the models have not.
    """

    own: Collection[str]
    whole: bool
    members: bool = True
    free: Collection[str] = ()
    sent: Collection[str] = ()
    kinds: Mapping[str, frozenset[str]] = field(default_factory=dict)
    listed: str = ""
    room: int = 0
    alone: bool = False


def differences(one: Json, other: Json, server: Json, shape: Shape, known: Known) -> Iterator[Difference]:
    """Yield where *server* is not what both *one* and *other* are; what *shape* does not know is left out."""
    yield from _differences(one, other, server, shape, known, "")


def _differences(
    one: Json, other: Json, server: Json, shape: Shape, known: Known, pointer: str
) -> Iterator[Difference]:
    if generic(pointer) in known.free:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        if not isinstance(server, dict):
            if not (_empty(one) and server in _NOTHING):
                yield Difference(pointer, one, server)
            return
        if _same_parts(one, server):
            return
        for name, value in one.items():
            # What an answer must show is the contract's to say; here it is what it shows.
            both = name in other and name in server and not name.startswith("_")
            if both and (name in shape.names or not shape.names):
                inner, at = shape.named(name), f"{pointer}/{name}"
                yield from _differences(value, other[name], server[name], inner, known, at)
    elif isinstance(one, list) and isinstance(other, list):
        yield from _lists(one, other, server, shape, known, pointer)
    elif _agree(one, other) and not (
        _same(one, server, pointer) or written_alike(one, server, shape) or _worded(one, pointer, known)
    ):
        yield Difference(pointer, one, server)


def _worded(value: Json, pointer: str, known: Known) -> bool:
    """Return whether a text is said to people, in words that anybody may choose."""
    return pointer.rpartition("/")[2].lower() in _WORDS and isinstance(value, str) and value not in known.sent


def generic(pointer: str) -> str:
    """Return *pointer* with "*" for every index."""
    return "/".join("*" if step.isdecimal() else step for step in pointer.split("/"))


def _empty(value: Json) -> bool:
    return value in _NOTHING or (isinstance(value, dict) and all(map(_empty, value.values())))


def _agree(one: Json, other: Json) -> bool:
    return type(one) is type(other) and one == other


def _same(wanted: Json, found: Json, pointer: str) -> bool:
    if alike(wanted, found):
        return True
    if wanted in _NOTHING and found in _NOTHING:
        return True
    if (_is_zero(wanted) and found in (None, MISSING)) or (_is_zero(found) and wanted is None):
        return True
    times = instant(wanted), instant(found)
    if times[0] is not None and times[1] is not None and abs(times[0] - times[1]) <= CLOCKS:
        return True
    name = pointer.rpartition("/")[2]
    return is_updated(name) or _is_number_near(wanted, found) or _same_words(wanted, found)


def _same_parts(wanted: dict[str, Json], found: dict[str, Json]) -> bool:
    """Return whether two objects are one time in parts, as far as clocks can be told: {year, ..., second}."""
    times = _of_parts(wanted), _of_parts(found)
    return times[0] is not None and times[1] is not None and abs(times[0] - times[1]) <= CLOCKS


def _of_parts(value: dict[str, Json]) -> float | None:
    numbers = [one for name in _PARTS if isinstance(one := value.get(name), int)]
    if len(value) != len(_PARTS) or len(numbers) != len(_PARTS):
        return None
    year, month, day, hour, minute, second = numbers
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None


def _same_words(wanted: Json, found: Json) -> bool:
    """Return whether two texts are one time in words, as far as clocks can be told: "May 1 - 12:00:59"."""
    if not isinstance(wanted, str) or not isinstance(found, str):
        return False
    seconds = []
    for text in (wanted, found):
        hours = _HOUR.findall(text)
        if len(hours) != 1:
            return False
        hour, minute, second = map(int, hours[0])
        seconds.append(hour * 3600 + minute * 60 + second)
    return _HOUR.sub("", wanted) == _HOUR.sub("", found) and abs(seconds[0] - seconds[1]) <= CLOCKS


def _is_zero(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == 0


def _is_number_near(wanted: Json, found: Json) -> bool:
    """Binary fractions are added up in many ways."""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return False
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return abs(wanted - found) <= 1e-6 * max(1.0, abs(wanted))
    return False


def _lists(
    one: list[Json], other: list[Json], server: Json, shape: Shape, known: Known, pointer: str
) -> Iterator[Difference]:
    if not isinstance(server, list):
        if not (server in _NOTHING and not one):
            yield Difference(pointer, one, server)
        return
    key = key_of(one) or key_of(other) or key_of(server)
    if key and shape.item(0).names and key not in shape.item(0).names:
        key = ""  # the rules know it, and no answer shows it
    if key and (
        not known.whole
        or _keys(one, key) & _keys(other, key)
        or _keys(server, key) & _own(known, pointer, _keys(one, key) | _keys(other, key))
    ):
        yield from _rows(one, other, server, shape, known, pointer, key)
        return
    if len(one) != len(other):
        return
    if not any(isinstance(value, (dict, list)) for value in one):
        if one == other and not alike(one, server):
            yield Difference(pointer, one, server)
        return
    if len(one) != len(server):
        yield Difference(pointer, f"{len(one)} entries", f"{len(server)} entries")
        return
    for index, (mine, theirs, own) in enumerate(zip(one, other, server, strict=True)):
        yield from _differences(mine, theirs, own, shape.item(index), known, f"{pointer}/{index}")


def _own(known: Known, pointer: str, here: Set[str]) -> set[str]:
    """
    Return the keys of this walk that rows of a list may have, which shows *here* by the rules.

    Two collections may count by the same numbers: campaign 51 is not in a list of posts where post 51 is.
    """
    if known.listed and not any(step == "*" or step.isdecimal() for step in pointer.split("/")):
        kinds = frozenset({known.listed})
    else:
        told = [known.kinds[key] for key in here if key in known.kinds]
        if not told:
            return set(known.own) & here
        kinds = frozenset.intersection(*told)
    return {key for key in known.own if known.kinds.get(key, kinds) & kinds}


def _keys(rows: list[Json], key: str) -> set[str]:
    return {str(row.get(key)) for row in rows if isinstance(row, dict)}


def key_of(rows: list[Json]) -> str:
    """Return the property that names rows, "" where they are no rows."""
    for name in ROWS:
        if rows and all(isinstance(row, dict) and isinstance(row.get(name), (str, int)) for row in rows):
            return name
    return ""


def _rows(
    one: list[Json], other: list[Json], server: list[Json], shape: Shape, known: Known, pointer: str, key: str
) -> Iterator[Difference]:
    """Compare rows by their keys: those of this walk, in whatever order."""
    mine = {str(row.get(key)): row for row in one if isinstance(row, dict)}
    theirs = {str(row.get(key)): row for row in other if isinstance(row, dict)}
    found = {str(row.get(key)): row for row in server if isinstance(row, dict)}
    own = _own(known, pointer, mine.keys() | theirs.keys())
    for name in found if known.members else ():
        if name in own and name not in mine and name not in theirs:
            yield Difference(f"{pointer}/*", f"no row {name}", found[name])
    strange = [row for name, row in found.items() if name not in mine and name not in theirs]
    if known.alone and strange and len(found) > max(len(mine), len(theirs)):
        yield Difference(f"{pointer}/*", f"{len(mine)} of them", strange[0])
    for name in mine:
        if name in theirs and name in own:
            twin = next((row for row in strange if name in found and _twin(found[name], row)), None)
            if twin is not None:
                yield Difference(f"{pointer}/*", f"{short(found[name].get(key))} alone", twin)
            if name not in found:
                if known.members and (known.whole or len(server) < max(len(theirs), known.room)):
                    yield Difference(f"{pointer}/*", mine[name], MISSING)
                continue
            yield from _differences(
                mine[name], theirs[name], found[name], shape.item(0), known, f"{pointer}/*"
            )


def _twin(row: dict[str, Json], other: dict[str, Json]) -> bool:
    """Return whether another row has the very texts that this one alone was given."""
    own = {name: value for name, value in row.items() if isinstance(value, str) and TOKEN.search(value)}
    return bool(own) and all(other.get(name) == value for name, value in own.items())


def scalars(value: Json, depth: int = 6) -> Iterator[Any]:
    """Yield the scalars in *value*."""
    if isinstance(value, dict) and depth:
        for one in value.values():
            yield from scalars(one, depth - 1)
    elif isinstance(value, list) and depth:
        for one in value:
            yield from scalars(one, depth - 1)
    else:
        yield value


def shape_of(operation: Operation, reply: Reply) -> Shape:
    """Return the shape that the contract gives to the answer."""
    promise = operation.promise(reply.status) or operation.success
    for name, media in promise.content.items() if promise is not None else ():
        if media.schema is not None and is_json(name.partition(";")[0].strip()):
            return Shape(media.schema.json("response"))
    return Shape({})
