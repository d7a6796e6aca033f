"""
Find the thing in an answer, and tell it from what is wrapped around it.

`{"id": 1, ...}`, `{"data": {...}}`, `{"user": {...}}`, `[...]`, `{"items": [...], "total": 9}`
and `{"_embedded": {"users": [...]}}` all show users. Schemas do not say which object
is the thing; what clients send of it does: it is where those properties come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from mockserver.behavior.wording import plain, singular, words, words_of
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

ENVELOPES = words("data item result results response payload object resource embedded")
"""What people call the property that wraps one thing."""

LISTS = words(
    "items data results records entries list rows values content elements hits docs objects resources "
    "collection value"
)
"""What people call the property that holds a list."""

EACH = "[]"
"""Among names that lead somewhere: each item of a list."""

KEYS = words("id uuid guid gid sid key slug")
_BESIDE = words("meta included links idempotencykey clientrequestid requestid")
"""Names beside a thing in a request, that say nothing of it."""
_DEPTH = 3
_NARROW = 8
"""Properties that a wrapper has at most, unless it is called as one: what is broader is a thing itself."""


@dataclass(frozen=True)
class Hints:
    """
    What is known of the thing that is looked for.

    Attributes:
        names: Properties that it has for sure: those that clients send.
        noun: What one is called, plain: "user".
        key: The name of the path parameter that names one, plain; "" where there is none.
    """

    names: frozenset[str]
    noun: str
    key: str = ""

    def named(self, shape: Shape) -> bool:
        """Return whether *shape* has a property that looks like a key of this thing."""
        own = {self.key, f"{self.noun}id"} - {""}
        return any(plain(name) in KEYS or plain(name) in own for name in shape.names)

    def overlap(self, shape: Shape) -> int:
        """Return how many of the known properties *shape* has."""
        return len(self.names & set(shape.names))


@dataclass(frozen=True, eq=False)
class Shown:
    """
    How an answer shows rows.

    Attributes:
        path: Names that lead from the body to the row (or list); () when it is the body.
        many: Whether it is a list of rows.
        shape: Of the row itself.
        whole: Of the whole body.
    """

    path: tuple[str, ...]
    many: bool
    shape: Shape
    whole: Shape

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The properties of a row that this answer knows; what is writeOnly is for requests."""
        shape = self.shape
        return tuple(
            name for name in shape.names if not any(face.get("writeOnly") for face in shape.named(name).faces)
        )

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that every row has here, whatever branch it takes."""
        return required(self.shape)

    @cached_property
    def scalar(self) -> bool:
        """Whether rows are shown by their key alone: a list of names."""
        return self.many and self.shape.scalar

    def within(self, items: int) -> int:
        """Return *items*, held within minItems and maxItems of the list."""
        least, most = self._bounds
        return int(max(least, min(items, most)))

    @cached_property
    def _bounds(self) -> tuple[int, float]:
        listed = self.whole
        for name in self.path:
            listed = listed.named(name)
        least = max((face["minItems"] for face in listed.faces if "minItems" in face), default=0)
        return least, min(
            (face["maxItems"] for face in listed.faces if "maxItems" in face), default=float("inf")
        )

    def found_in(self, body: Json) -> Json:
        """Return the row or rows that *body* shows, `MISSING` where it is another thing."""
        for name in self.path:
            body = body.get(name, MISSING) if isinstance(body, dict) else MISSING
        return body

    def wrapped(self, found: Json, around: Json = None) -> Json:
        """Return the body that shows *found*; what *around* (another such body) has beside it is kept."""
        if not self.path:
            return found
        body = dict(around) if isinstance(around, dict) else {}
        name, rest = self.path[0], self.path[1:]
        inner = Shown(rest, self.many, self.shape, self.whole)
        body[name] = inner.wrapped(found, body.get(name))
        return body


def is_list(shape: Shape) -> bool:
    """Return whether a value of *shape* is an array, if any; `items` without a `type` are meant so."""
    if shape.typed:
        return "array" in shape.kinds and shape.kinds <= {"array", "null"}
    return not shape.names and any("items" in face for face in shape.faces)


def required(shape: Shape) -> frozenset[str]:
    """Return the names that an object of *shape* has whatever branch it takes."""
    return frozenset(name for face in shape.sure for name in face.get("required") or ())


def branching(shape: Shape) -> bool:
    """Return whether an object of *shape* takes one of several forms."""
    return any(
        sum(isinstance(branch, dict) and branch.get("type") != "null" for branch in face.get(keyword) or ())
        > 1
        for face in shape.faces
        for keyword in ("anyOf", "oneOf")
    )


def one(whole: Shape, hints: Hints) -> Shown | None:
    """Return where *whole*, the body of an answer, shows one thing; None where it is no object."""
    if "object" not in whole.kinds or not whole.names:
        return None
    here = hints.overlap(whole)
    best: tuple[int, tuple[str, ...], Shape] = (2 * here + 3 * hints.named(whole), (), whole)
    for path, child in _objects(whole, 2):
        called = path[-1] in ENVELOPES or _called(path[-1], hints)
        there = hints.overlap(child)
        if not called and there <= here:
            continue
        score = 2 * there + 3 * hints.named(child) + called - len(path)
        if score > best[0]:
            best = (score, path, child)
    _, path, shape = best
    return Shown(path, False, shape, whole)


def many(whole: Shape, hints: Hints) -> Shown | None:
    """Return where *whole*, the body of an answer, shows a list of things; None where it shows none."""
    if is_list(whole) or ("array" in whole.kinds and "object" not in whole.kinds):
        return Shown((), True, whole.item(0), whole)
    if not whole.names:
        return None
    found: list[tuple[int, tuple[str, ...], Shape]] = []
    for path, child in _below(whole, _DEPTH):
        if not is_list(child):
            continue
        item = child.item(0)
        called = path[-1] in LISTS or _called(path[-1], hints)
        if not item.names and not (called and item.scalar):
            continue
        score = 2 * hints.overlap(item) + 3 * hints.named(item) + 3 * called - len(path)
        found.append((score, path, item))
    if not found:
        return None
    score, path, item = max(found, key=lambda one: one[0])
    return Shown(path, True, item, whole) if score > 0 or len(found) == 1 else None


def sent(whole: Shape, hints: Hints, outside: Iterable[str]) -> tuple[tuple[str, ...], Shape]:
    """
    Return (path, shape) of the thing in a request body *whole*; `EACH` in the path: it is a list of them.

    A lone object in it is the thing where it is called so: `{"user": {...}}`, `{"data": {...}}`; but not
    where it is one of the names *outside*, properties that the thing is shown with. The same goes for a lone
    list of objects: `{"users": [{...}]}`.
    """
    if "array" in whole.kinds and "object" not in whole.kinds:
        path, shape = sent(whole.item(0), hints, outside)
        return (EACH, *path), shape
    names = set(whole.names)
    for name in whole.names:
        child = whole.named(name)
        if (
            (name in ENVELOPES or _called(name, hints))
            and name not in outside
            and all(one == name or plain(one) in _BESIDE for one in names)
            and child.typed
            and "object" in child.kinds
            and not child.kinds & {"array", "string"}
        ):
            return (name,), child
        if (
            (plain(name) in LISTS or _called(name, hints))
            and name not in outside
            and names == {name}
            and is_list(child)
            and (
                child.item(0).names or (_called(name, hints) and child.item(0).typed and child.item(0).scalar)
            )
        ):
            return (name, EACH), child.item(0)
    return (), whole


def each(body: Json, path: Iterable[str]) -> list[Json]:
    """Return the things that *path* (see `sent`) leads to in *body*; a step that is not there is left out."""
    found = [body]
    for step in path:
        if step == EACH:
            found = [one for inner in found for one in (inner if isinstance(inner, list) else [inner])]
        else:
            steps = [inner.get(step) if isinstance(inner, dict) else None for inner in found]
            found = [
                inner if isinstance(inner, dict | list) else before
                for before, inner in zip(found, steps, strict=True)
            ]
    return found


def _called(name: str, hints: Hints) -> bool:
    """Return whether *name* is what one of them, or several, are called: `code`, `codes`, `device_code`."""
    if not hints.noun:
        return False
    return singular(plain(name)) == hints.noun or singular((words_of(name) or [""])[-1]) == hints.noun


def _objects(shape: Shape, depth: int) -> Iterator[tuple[tuple[str, ...], Shape]]:
    for path, child in _below(shape, depth):
        if "object" in child.kinds and not child.kinds & {"array", "string"} and child.names:
            yield path, child


def _below(shape: Shape, depth: int, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Shape]]:
    narrow = len(shape.names) <= _NARROW
    for name in shape.names:
        child = shape.named(name)
        yield (*path, name), child
        wraps = narrow or plain(name) in ENVELOPES
        if wraps and depth > 1 and "object" in child.kinds and child.names:
            yield from _below(child, depth - 1, (*path, name))
