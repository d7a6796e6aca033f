"""
What things are called: in the answer that has made one, and by the path that leads to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from mockserver.behavior.act import is_key
from mockserver.contract.shapes import Shape
from mockserver.contract.urls import parts_of
from mockserver.exchange import Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.asking import Asker, Inconclusive, Reply
from mockserver.verify.laws.items import Learned
from mockserver.verify.laws.things import Thing
from mockserver.verify.requests import Key

MOST_KEYS = 8
"""Properties of a thing of which each is asked for, to learn which one names it."""


def property_of(
    asker: Asker, learned: Learned, thing: Thing, row: Mapping[str, Json], place: dict[Key, Json]
) -> str:
    """
    Return the property of *row* that it is asked for by: what `{token}` means is learned by asking.

    Raises:
        Inconclusive: It is read by none.
    """
    if thing.read is None or thing.key_is_told or thing.resource.key not in row:
        return thing.key
    found = learned.called.get(thing.resource.path)
    if found is None:
        names = [name for name, value in row.items() if is_key(value)]
        for name in sorted(names, key=lambda one: one != thing.resource.key)[:MOST_KEYS]:
            reply = asker.ask(thing.read, {**place, ("path", thing.resource.parameter): row[name]})
            if reply.good:
                found = name
                break
        learned.called[thing.resource.path] = found = found or ""
    if not found:
        raise Inconclusive(
            f"no property of {thing.resource.path} is what {thing.resource.parameter} asks for"
        )
    thing.called = found
    return found


def key_of(
    asker: Asker, learned: Learned, thing: Thing, reply: Reply, row: Mapping[str, Json], path: dict[Key, Json]
) -> Json:
    """Return what the answer that made a thing, shown as *row*, says that it is called; else None."""
    key = row.get(property_of(asker, learned, thing, row, path)) if thing.key else None
    if key is None:
        key = called(reply.body, (thing.key, thing.resource.parameter, "id"))
    if key is None and (location := reply.header("location")):
        key = unquote(parts_of(location).path.rstrip("/").rpartition("/")[2])
    return key


def called(body: Json, names: Iterable[str]) -> Json:
    """Return what an answer says that a thing is called, in itself or, of an envelope, in what is in it."""
    if not isinstance(body, dict):
        return None
    inner = [one for one in body.values() if isinstance(one, dict)]
    if any(isinstance(one, (str, int, float)) for one in body.values()):
        inner = []  # a thing with parts of their own names, and no envelope
    for name in filter(None, names):
        for said in ([body], inner):
            found = [one[name] for one in said if is_key(one.get(name))]
            if len(found) == 1:
                return found[0]
    return None


def sayable(key: Json, shape: Shape) -> bool:
    """Return whether a path parameter of *shape* may have the value *key*, in whatever type it came."""
    accepts = RawValidator(shape.document).is_valid
    text = str(key)
    return accepts(key) or accepts(text) or (text.isdecimal() and accepts(int(text)))


def value_at(body: Json, path: tuple[str, ...], missing: Json = None) -> Json:
    """Return what stands at *path* in *body*: *missing* where the last object has no such name."""
    for name in path:
        body = body.get(name, missing) if isinstance(body, dict) else None
    return body
