"""
Find the collections that a contract's paths and schemas speak of, where nobody wrote behaviours.

`POST /things` with `GET /things` and `/things/{id}` is a collection: nearly every
HTTP API is drawn so. What is inferred is data (`Resource`), with a sentence for
each thing that was concluded, so that `routes --explain` can show it and nothing
has to be guessed about the guessing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Operation, Promise, Route
from mockserver.contract.shapes import Shape

_LAST_PARAMETER = re.compile(r"(.*)/\{([^{}/]+)\}(\.\w+)?/?\Z")
_ENVELOPES = ("data", "item", "result", "response", "payload", "object", "resource")
_LISTS = ("items", "data", "results", "records", "entries", "list", "rows", "values", "content", "elements")


@dataclass(frozen=True)
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

    def within(self, items: int) -> int:
        """Return *items*, held within minItems and maxItems of the list."""
        listed = self.whole
        for name in self.path:
            listed = listed.named(name)
        least = max((face["minItems"] for face in listed.faces if "minItems" in face), default=0)
        most = min((face["maxItems"] for face in listed.faces if "maxItems" in face), default=items)
        return int(max(least, min(items, most)))


@dataclass
class Resource:
    """
    One inferred collection, or a single thing that can be set (`single`).

    Attributes:
        path: Template of the collection, e.g. "/users/{userId}/posts".
        item_path: Template of an item, "" where there is none.
        parents: Names of the path parameters of `path`.
        parameter: The path parameter that names an item, "" where there is none.
        operations: kind ("list", "create", "read", "replace", "patch", "delete") -> operation id.
        why: What was concluded from what, one sentence each.
    """

    path: str
    item_path: str = ""
    parents: tuple[str, ...] = ()
    parameter: str = ""
    single: bool = False
    operations: dict[str, str] = field(default_factory=dict)
    why: list[str] = field(default_factory=list)
    contract: Contract | None = None

    def operation(self, kind: str) -> Operation | None:
        """Return the operation of that kind, or None."""
        identifier = self.operations.get(kind)
        return self.contract.operations[identifier] if identifier and self.contract else None

    @cached_property
    def sent_names(self) -> frozenset[str]:
        """The properties that clients may send."""
        found: set[str] = set()
        for kind in ("create", "replace", "patch"):
            operation = self.operation(kind)
            for media in operation.body.content.values() if operation and operation.body else ():
                if media.schema is not None:
                    found.update(Shape(media.schema.json("request")).names)
        return frozenset(found)

    @cached_property
    def row(self) -> Shape | None:
        """The shape of a row, by the answer that shows most of it; None where no answer shows one."""
        for kind in ("read", "create", "replace", "patch", "list"):
            operation = self.operation(kind)
            shown = self.shown(operation) if operation is not None else None
            if shown is not None and shown.shape.names:
                return shown.shape
        return None

    @cached_property
    def key(self) -> str:
        """The property of a row that names it, "" where no property does."""
        names = self.row.names if self.row is not None else ()
        wanted = self.parameter
        flat = {_plain(name): name for name in names}
        noun = _plain(_singular(_last_word(self.path)))
        candidates = [_plain(wanted)] if wanted else []
        if wanted and _plain(wanted).startswith(noun):
            candidates.append(_plain(wanted)[len(noun) :])
        candidates += ["id", f"{noun}id", "uuid", "guid", "key", "slug", "code", f"{noun}key"]
        if wanted and "name" in wanted.lower():
            candidates.insert(1, "name")
        return next((flat[name] for name in candidates if name in flat and name), "")

    def key_shape(self) -> Shape | None:
        """The shape of the key: the row's property, else the path parameter's."""
        if self.row is not None and self.key:
            return self.row.named(self.key)
        for kind in ("read", "replace", "patch", "delete"):
            operation = self.operation(kind)
            for parameter in operation.parameters if operation is not None else ():
                if parameter.location == "path" and parameter.name == self.parameter and parameter.schema:
                    return Shape(parameter.schema.json("request"))
        return None

    def shown(self, operation: Operation) -> Shown | None:
        """Return how the success of *operation* shows a row or rows; None where it shows none."""
        promise = success_of(operation)
        if promise is None:
            return None
        for name, media in promise.content.items():
            if media.schema is not None and (
                is_json(name.partition(";")[0]) or "*" in name or len(promise.content) == 1
            ):
                whole = Shape(media.schema.json("response"))
                many = self.operations.get("list") == operation.id
                return self._many(whole) if many else self._one(whole)
        return None

    def _one(self, whole: Shape) -> Shown | None:
        if "object" not in whole.kinds or not whole.names:
            return None
        best: tuple[str, ...] = ()
        score = self._score(whole)
        inner = whole
        for name in whole.names:
            child = whole.named(name)
            if "object" not in child.kinds or child.kinds & {"array", "string"} or not child.names:
                continue
            points = self._score(child) + (
                1 if name in _ENVELOPES or _plain(name) == _plain(_singular(_last_word(self.path))) else 0
            )
            lone = len(whole.names) <= 3 and points > 0 and not self.sent_names & set(whole.names)
            if points > score or (lone and points >= score):
                best, score, inner = (name,), points, child
        return Shown(best, False, inner, whole)

    def _many(self, whole: Shape) -> Shown | None:
        if "array" in whole.kinds and "object" not in whole.kinds:
            return Shown((), True, whole.item(0), whole)
        found: list[tuple[int, tuple[str, ...], Shape]] = []
        noun = _plain(_last_word(self.path))
        for path, child in _below(whole, 2):
            if child.kinds <= {"array", "null"}:
                item = child.item(0)
                if not item.names:
                    continue
                points = (
                    2 * self._score(item)
                    + (3 if path[-1] in _LISTS or _plain(path[-1]) == noun else 0)
                    - len(path)
                )
                found.append((points, path, item))
        if not found:
            return None
        _, path, item = max(found, key=lambda one: one[0])
        return Shown(path, True, item, whole)

    def _score(self, shape: Shape) -> int:
        names = set(shape.names)
        score = len(self.sent_names & names)
        return score + sum(
            name.lower() in ("id", "uuid", "key", "slug", self.parameter.lower()) for name in names
        )


def success_of(operation: Operation) -> Promise | None:
    """Return the documented response for a success: the lowest 2xx, then 2XX, then default."""
    exact = sorted(key for key in operation.responses if key.startswith("2") and key.isdigit())
    key = exact[0] if exact else "2XX" if "2XX" in operation.responses else "default"
    return operation.responses.get(key)


def find(contract: Contract) -> tuple[dict[str, Resource], dict[str, tuple[Resource, str]]]:
    """
    Return the resources of *contract* by path, and for each operation that one explains (resource, kind).

    Only paths and methods are looked at here; schemas when a resource is first used.
    """
    by_path: dict[str, dict[str, Route]] = {}
    for route in contract.routes:
        by_path.setdefault(route.template.rstrip("/") or "/", {})[route.method] = route
    resources: dict[str, Resource] = {}
    kinds: dict[str, tuple[Resource, str]] = {}
    for template, methods in by_path.items():
        found = _LAST_PARAMETER.match(template)
        if (
            found is None
            or not found[1]
            or (found[1].endswith("}") and not methods.keys() & {"PUT", "PATCH", "DELETE"})
        ):
            continue
        path = found[1] + (found[3] or "") if found[1] + (found[3] or "") in by_path else found[1]
        above = by_path.get(path, {})
        if path in resources or not (
            above.keys() & {"GET", "POST"} or methods.keys() & {"PUT", "PATCH", "DELETE"} or "GET" in methods
        ):
            continue
        resource = resources[path] = Resource(path, template, _parameters(path), found[2], contract=contract)
        _take(
            resource, kinds, methods, {"GET": "read", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
        )
        _take(resource, kinds, above, {"GET": "list", "POST": "create"})
        if "POST" not in above and "PUT" in above and "POST" not in methods:
            _take(resource, kinds, above, {"PUT": "create"})
        elif "PUT" in above:
            _take(resource, kinds, above, {"PUT": "replace by body"})
    for template, methods in by_path.items():
        if template in resources or any(route.id in kinds for route in methods.values()):
            continue
        if "GET" in methods and methods.keys() & {"PUT", "PATCH"}:
            resource = resources[template] = Resource(
                template, template, _parameters(template), single=True, contract=contract
            )
            _take(
                resource,
                kinds,
                methods,
                {"GET": "read", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"},
            )
        elif "GET" in methods and "POST" in methods:
            resource = Resource(template, "", _parameters(template), contract=contract)
            _take(resource, {}, methods, {"GET": "list", "POST": "create"})
            shown = resource.shown(contract.operations[methods["GET"].id])
            if shown is not None and shown.many:
                resources[template] = resource
                for kind, identifier in resource.operations.items():
                    kinds[identifier] = (resource, kind)
    return resources, kinds


def _take(
    resource: Resource,
    kinds: dict[str, tuple[Resource, str]],
    methods: Mapping[str, Route],
    wanted: Mapping[str, str],
) -> None:
    for method, kind in wanted.items():
        route = methods.get(method)
        if route is not None and kind not in resource.operations:
            resource.operations[kind] = route.id
            kinds[route.id] = (resource, kind)
            resource.why.append(f"{method} {route.template} is how to {kind}")


def _parameters(template: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\{([^{}]+)\}", template))


def _below(shape: Shape, depth: int, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Shape]]:
    for name in shape.names:
        child = shape.named(name)
        yield (*path, name), child
        if depth > 1 and "object" in child.kinds and child.names:
            yield from _below(child, depth - 1, (*path, name))


def _plain(name: str) -> str:
    """A name without case and separators: "user_id", "userId" and "user-id" are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _last_word(path: str) -> str:
    words = [word for word in path.split("/") if word and "{" not in word]
    return words[-1].partition(".")[0] if words else ""


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
