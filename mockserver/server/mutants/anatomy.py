"""
What an operation is made of, as far as bugs care: its role, the parts of its answer and its request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from mockserver.behavior.inferred import Inferred
from mockserver.behavior.paging import role_of, ways
from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import MediaType, Operation, Promise
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.generation import choose
from mockserver.server.api import Api

Role = Literal["create", "read", "list", "update", "replace", "delete", ""]
DEEPEST = 4

_INFERRED: dict[str, Role] = {
    "create": "create",
    "create all": "create",
    "read": "read",
    "list": "list",
    "replace": "replace",
    "replace by body": "replace",
    "patch": "update",
    "delete": "delete",
}


def role(api: Api, operation: str) -> Role:
    """Return what *operation* does to what is remembered; "" for nothing that is known."""
    engine = api.engine
    if isinstance(engine, Inferred):
        return _INFERRED.get(engine.kind(api.contract.operations[operation]), "")
    rule = api.behavior.rules.get(operation)
    if rule is None:
        return ""
    kinds = {step.kind for step in rule.steps}
    if rule.listing is not None:
        return "list"
    if rule.create is not None or ("create" in kinds and rule.item is None):
        return "create"
    item = rule.item.collection if rule.item is not None else ""
    own = any(step.kind == "delete" and step.collection == item for step in rule.steps)
    if rule.delete or kinds == {"delete"} or (own and api.contract.operations[operation].method == "DELETE"):
        return "delete"
    if rule.merge is not None or rule.fields is not None or kinds & {"update", "create", "copy"}:
        return "update"
    return "read"


def operations(api: Api, *roles: Role) -> Iterator[Operation]:
    """Yield the operations that have one of these roles; all of them, where none is named."""
    for route in api.contract.routes:
        if not roles or role(api, route.id) in roles:
            yield api.contract.operations[route.id]


def changing(api: Api, *roles: Role) -> Iterator[Operation]:
    """Yield those of these roles of which the document says what they do: not all is left open."""
    for operation in operations(api, *roles):
        if "" not in api.behavior.free.get(operation.id, ()):
            yield operation


# ------------------------------------------------------------------------------------------------ schemas


@dataclass(frozen=True)
class Leaf:
    """
    One property that a schema describes.

    Attributes:
        path: Names, "*" for every item of an array.
        shape: What it may be.
        required: Whether it is there whenever what it stands in is; `surely`: whether that is always.
        closed: Whether what it stands in takes no property that it does not name.
    """

    path: tuple[str, ...]
    shape: Shape
    required: bool
    surely: bool
    closed: bool

    @property
    def pointer(self) -> str:
        """The path as text."""
        return "".join(f"/{step}" for step in self.path)

    def is_free(self, pointers: Iterable[str]) -> bool:
        """Return whether one of *pointers* into an answer, in any envelope, means it or what holds it."""
        free = [tuple(pointer.split("/")[1:]) for pointer in pointers if pointer]
        return any(path[-size:] == self.path[:size] for path in free for size in range(1, 1 + len(self.path)))

    def values(self, keyword: str) -> list[Json]:
        """Return what the schema says under a keyword, wherever it does."""
        return [face[keyword] for face in self.shape.faces if keyword in face]

    @property
    def listed(self) -> bool:
        """Whether it stands in the items of an array, of which there may be none."""
        return "*" in self.path


def leaves(shape: Shape, path: tuple[str, ...] = (), surely: bool = True, depth: int = 0) -> Iterator[Leaf]:
    """Yield the properties of *shape*, outer ones first."""
    if depth > DEEPEST or not shape.typed:
        return
    if "object" in shape.kinds:
        required = {
            name
            for face in shape.faces
            if not any(face is one for two in shape.faces for one in _branches(two))
            for name in face.get("required") or ()
        }
        closed = any(face.get("additionalProperties") is False for face in shape.faces)
        inside = [
            Leaf((*path, name), shape.named(name), name in required, surely and name in required, closed)
            for name in shape.names
        ]
        yield from inside
        for leaf in inside:
            yield from leaves(leaf.shape, leaf.path, leaf.surely, depth + 1)
    elif "array" in shape.kinds:
        yield from leaves(shape.item(0), (*path, "*"), surely, depth + 1)


def _branches(face: Any) -> Iterator[Any]:
    for keyword in ("anyOf", "oneOf"):
        yield from face.get(keyword) or ()


def json_media(content: Any) -> MediaType | None:
    """Return the first media type of a body that is JSON, or None."""
    for media in content.values():
        name = parsed(media.name)
        if name is not None and is_json(name.essence):
            return media  # type: ignore[no-any-return]
    return None


def good(operation: Operation) -> choose.Chosen | None:
    """Return the documented success, None where only errors are documented."""
    found = choose.success(operation)
    return found if found is not None and 200 <= found.status < 300 else None


def answered(operation: Operation) -> Shape | None:
    """Return the shape of the body of a success; None where it has no JSON with a schema."""
    found = good(operation)
    return _shape(found.promise) if found is not None else None


def _shape(promise: Promise) -> Shape | None:
    media = json_media(promise.content)
    if media is None or media.schema is None:
        return None
    return Shape(media.schema.json("response"))


def refusals(operation: Operation) -> Iterator[tuple[int, Shape]]:
    """Yield status and shape of the documented refusals with a JSON body."""
    for key, promise in operation.responses.items():
        if key.startswith("4") and key.isdigit() and (shape := _shape(promise)) is not None:
            yield int(key), shape


def sent(operation: Operation) -> Shape | None:
    """Return the shape of the body of a request: JSON or a form."""
    if operation.body is None:
        return None
    for media in operation.body.content.values():
        if media.schema is not None and (is_json(media.name) or media.name.endswith("form-urlencoded")):
            return Shape(media.schema.json("request"))
    return None


def found(value: Json, path: tuple[str, ...]) -> Iterator[tuple[Any, Any]]:
    """Yield (container, key) of each place that *path* leads to in *value*."""
    head, *rest = path
    if head == "*":
        for index in range(len(value)) if isinstance(value, list) else ():
            if rest:
                yield from found(value[index], tuple(rest))
            else:
                yield value, index
    elif isinstance(value, dict) and head in value:
        if rest:
            yield from found(value[head], tuple(rest))
        else:
            yield value, head


# -------------------------------------------------------------------------------------------------- lists


@dataclass(frozen=True)
class Listed:
    """
    How a list is asked for and answered.

    Attributes:
        path: To the array of rows in the answer.
        total: To the number of all of them, () where none is told.
        roles: "limit", "page", "offset", "sort", "search" ... -> query parameter.
        filters: Query parameters that narrow it.
    """

    operation: Operation
    path: tuple[str, ...]
    total: tuple[str, ...]
    row: Shape

    @cached_property
    def roles(self) -> dict[str, str]:
        """What the query parameters do about pages."""
        roles: dict[str, str] = {}
        for way, shape in ways(self.operation).items():
            name = role_of(way, shape)
            if name and len(way) == 1 and way[0] not in self.row.names:
                roles.setdefault(name, way[0])
        return roles

    @cached_property
    def filters(self) -> list[str]:
        """Query parameters that are called after a property of the rows."""
        names = {one.lower() for one in self.row.names}
        taken = set(self.roles.values())
        return [
            way[0]
            for way in ways(self.operation)
            if len(way) == 1 and way[0].lower() in names and way[0] not in taken
        ]

    def rows(self, value: Json) -> list[Json] | None:
        """Return the array of rows in an answer, to be changed in place; None where there is none."""
        if not self.path:
            return value if isinstance(value, list) else None
        for holder, key in found(value, self.path):
            return holder[key] if isinstance(holder[key], list) else None
        return None


TOTALS = (
    "total",
    "totalcount",
    "total_count",
    "totalitems",
    "total_items",
    "totalresults",
    "count",
    "total_results",
)


def lists(api: Api) -> Iterator[Listed]:
    """Yield the lists of things that *api* remembers."""
    for operation in operations(api, "list"):
        made = listed(operation)
        if made is not None:
            yield made


def listed(operation: Operation) -> Listed | None:
    """Return how *operation* lists objects; None where it does not."""
    shape = answered(operation)
    if shape is None:
        return None
    if "array" in shape.kinds and "object" not in shape.kinds:
        return Listed(operation, (), (), shape.item(0)) if "object" in shape.item(0).kinds else None
    every = [leaf for leaf in leaves(shape) if not leaf.listed]
    for leaf in every:
        if leaf.shape.typed and "array" in leaf.shape.kinds and "object" in leaf.shape.item(0).kinds:
            totals = [one for one in every if one.path[-1].lower() in TOTALS and "integer" in one.shape.kinds]
            return Listed(operation, leaf.path, totals[0].path if totals else (), leaf.shape.item(0))
    return None
