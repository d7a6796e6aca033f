"""
Requests that only say which things they mean: `{"uris": [...]}`, `?ids=a,b`, `{"tracks": [{"uri": ...}]}`.

A playlist is added to by the names of tracks, and shows whole tracks. Nothing that is sent
has a property of its own in what is shown; but it is called after one: `uris` are
the `uri` of each row, or of the one thing inside of it that the list is called after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.behavior.envelopes import is_list
from mockserver.behavior.wording import noun, plain, singular
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Arguments, Json

_MOST = 1000
"""Things that one request can point at."""


@dataclass(frozen=True)
class Pointing:
    """
    How the requests of one operation name rows.

    Attributes:
        location: "body" or "query".
        name: The property or parameter that holds the list.
        inner: The property of each item of the list, "" where the items are the names.
        path: Where a row has what it is named by.
    """

    location: str
    name: str
    inner: str
    path: tuple[str, ...]

    def said(self, arguments: Arguments) -> list[Json] | None:
        """Return the names that a request says here, None where it says nothing."""
        source = arguments.body if self.location == "body" else arguments.query
        found = source.get(self.name) if isinstance(source, Mapping) else None
        if found is None:
            return None
        if isinstance(found, str):
            found = [one.strip() for one in found.split(",")]
        items = found if isinstance(found, list) else [found]
        if self.inner:
            items = [one.get(self.inner) if isinstance(one, dict) else None for one in items]
        return [one for one in items[:_MOST] if _is_name(one)]

    def row(self, value: Json) -> dict[str, Json]:
        """Return what is known of the row that *value* names."""
        *outside, called = self.path
        found: dict[str, Json] = {called: value}
        for name in reversed(outside):
            found = {name: found}
        return found

    def value(self, row: Json) -> Json:
        """Return what names *row* here, `MISSING` where nothing does."""
        for name in self.path:
            row = row.get(name, MISSING) if isinstance(row, dict) else MISSING
        return row


def pointings(operation: Operation, path: str, row: Shape) -> tuple[Pointing, ...]:
    """
    Return the ways in which requests of *operation* name rows of the list at *path*, that look like *row*.

    () where what is sent describes rows.
    """
    sent: dict[str, Shape] = {}
    for media in operation.body.content.values() if operation.body is not None else ():
        whole = Shape(media.schema.json("request") if media.schema is not None else {})
        if is_list(whole):
            return ()
        sent.update((name, whole.named(name)) for name in whole.names)
    if not row.names or any(plain(name) in map(plain, row.names) for name in sent):
        return ()
    method = operation.method
    found = [one for name, shape in sent.items() for one in _named_by(method, "body", name, shape, path, row)]
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.schema is not None:
            shape = Shape(parameter.schema.json("request"))
            found += _named_by(method, "query", parameter.name, shape, path, row)
    return tuple(found)


def _named_by(
    method: str, location: str, name: str, shape: Shape, path: str, row: Shape
) -> Iterator[Pointing]:
    word = plain(name)
    if location == "body" or is_list(shape):
        if not is_list(shape):
            return
        item = shape.item(0)
    else:
        item = shape
        if not word.endswith("s"):
            return
    if item.names and not item.scalar:
        told = [inner for inner in item.names if plain(inner) in map(plain, row.names)]
        if singular(word) != noun(path) or (told and (method != "DELETE" or len(told) > 1)):
            return  # they are described
        for inner in item.names:
            where = _where(plain(inner), path, row) if item.named(inner).scalar else ()
            if where:
                yield Pointing(location, name, inner, where)
                return
    elif word.endswith("s") and item.typed and item.kinds & {"string", "integer"}:
        one = singular(word)
        where = _where(one if one != word else word[:-1], path, row)  # "uris" is no "analysis"
        if where:
            yield Pointing(location, name, "", where)


def _where(word: str, path: str, row: Shape) -> tuple[str, ...]:
    """Return where *row*, of the list at *path*, has what is called *word*: `track.id`; () for nowhere."""
    own = noun(path)
    short = word.removeprefix(own) or word
    for name in row.names:
        if plain(name) in (word, short) and row.named(name).scalar:
            return (name,)
    found: list[tuple[str, ...]] = []
    for name in row.names:
        inside = row.named(name)
        if (
            not inside.typed
            or "object" not in inside.kinds
            or plain(name) not in (own, word[: len(plain(name))])
        ):
            continue
        wanted = {word, word.removeprefix(plain(name))}
        found += [(name, one) for one in inside.names if plain(one) in wanted and inside.named(one).scalar]
    return found[0] if len(found) == 1 else ()


def _is_name(value: Json) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
