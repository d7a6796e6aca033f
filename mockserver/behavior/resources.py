"""
Find the collections that a contract's paths and schemas speak of, where nobody wrote behaviours.

`POST /things` with `GET /things` and `/things/{id}` is a collection: nearly every
HTTP API is drawn so. What is inferred is data (`Resource`), with a sentence for
each thing that was concluded, so that `routes --explain` can show it and nothing
has to be guessed about the guessing.

Paths and methods are looked at when an API is loaded; schemas when a resource is
first used, for a document of a thousand operations is served at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.behavior import envelopes
from mockserver.behavior.envelopes import Hints, Shown
from mockserver.behavior.wording import last_word, noun, parameters, plain
from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, MediaType, Operation, Promise, Route
from mockserver.contract.shapes import Shape

_LAST_PARAMETER = re.compile(r"(.*)/\{([^{}/]+)\}(\.\w+)?/?\Z")
_ANOTHER_LIST = re.compile(r"(find|search|list|query|filter|lookup|all\Z)", re.IGNORECASE)
_ANOTHER_CREATE = re.compile(r"(create|bulk|batch)", re.IGNORECASE)
_SENDING = ("create", "replace", "patch", "replace by body", "create all")
_SHOWING = ("read", "create", "replace", "patch", "list")
_NUMBERS = frozenset({"integer", "number"})


@dataclass(eq=False)
class Resource:
    """
    One inferred collection, or a single thing that can be set (`single`).

    Attributes:
        path: Template of the collection, e.g. "/users/{userId}/posts".
        item_path: Template of an item, "" where there is none.
        parents: Names of the path parameters of `path`.
        parameter: The path parameter that names an item, "" where there is none.
        operations: kind ("list", "create", "read", "replace", "patch", "delete") -> operation id.
        lists: Ids of all operations that list it: a search may stand beside the list.
        why: What was concluded from what, one sentence each.
    """

    path: str
    contract: Contract
    item_path: str = ""
    parents: tuple[str, ...] = ()
    parameter: str = ""
    single: bool = False
    operations: dict[str, str] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    why: list[str] = field(default_factory=list)
    _shown: dict[str, Shown | None] = field(default_factory=dict, repr=False)
    _wrappers: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def operation(self, kind: str) -> Operation | None:
        """Return the operation of that kind, or None."""
        identifier = self.operations.get(kind)
        return self.contract.operations[identifier] if identifier else None

    @property
    def listed(self) -> bool:
        """Whether its own path lists it; a search beside it shows what is asked for, not what there is."""
        return "list" in self.operations

    @cached_property
    def hints(self) -> Hints:
        """What is known of one of it."""
        return Hints(self.sent_names, noun(self.path), plain(self.parameter))

    @cached_property
    def sent_names(self) -> frozenset[str]:
        """The properties that clients may send."""
        found: set[str] = set()
        for kind in _SENDING:
            operation = self.operation(kind)
            for media in operation.body.content.values() if operation and operation.body else ():
                if media.schema is not None:
                    found.update(self.sent_in(media)[1].names)
        return frozenset(found)

    def sent_in(self, media: MediaType) -> tuple[tuple[str, ...], Shape]:
        """Return (path, shape) of the thing in a request body of *media*."""
        whole = Shape(media.schema.json("request") if media.schema is not None else {})
        if "array" in whole.kinds and "object" not in whole.kinds:
            whole = whole.item(0)
        return envelopes.sent(whole, Hints(frozenset(), noun(self.path), plain(self.parameter)), self._flat)

    def wrapper(self, media: MediaType) -> tuple[str, ...]:
        """Return the names that lead from a request body of *media* to the thing."""
        known = self._wrappers.get(media.place.pointer)
        if known is None:
            known = self._wrappers[media.place.pointer] = self.sent_in(media)[0]
        return known

    @cached_property
    def _flat(self) -> frozenset[str]:
        """The names beside a key at the top of what is answered: no envelope is called so."""
        found: set[str] = set()
        hints = Hints(frozenset(), noun(self.path), plain(self.parameter))
        for kind in ("read", "create", "replace"):
            operation = self.operation(kind)
            whole = self._whole(operation) if operation is not None else None
            if whole is not None and hints.named(whole):
                found.update(whole.names)
        return frozenset(found)

    @cached_property
    def row(self) -> Shape | None:
        """The shape of a row, by the answer that shows most of it; None where no answer shows one."""
        for kind in _SHOWING:
            operation = self.operation(kind)
            shown = self.shown(operation) if operation is not None else None
            if shown is not None and shown.names:
                return shown.shape
        return None

    @cached_property
    def names(self) -> frozenset[str]:
        """The properties that some answer shows, of all that a row may have."""
        found: set[str] = set()
        for identifier in {*self.operations.values(), *self.lists}:
            shown = self.shown(self.contract.operations[identifier])
            if shown is not None:
                found.update(shown.names)
        return frozenset(found)

    @cached_property
    def key(self) -> str:
        """The property of a row that names it, "" where no property does."""
        row = self.row
        if row is None or self.single:
            return ""
        names: dict[str, str] = {}
        for name in row.names:
            names.setdefault(plain(name), name)
        wanted, own = plain(self.parameter), noun(self.path)
        if wanted in names and row.named(names[wanted]).scalar:
            return names[wanted]
        common = ("id", f"{own}id", "uuid", "guid", "gid", "sid", "key", "slug", "code", f"{own}key")
        named = ("name", "slug", "login", "username", f"{own}name", "handle", "code", "key")
        if not wanted or wanted.endswith(("id", "uuid", "guid", "key", "number", "no")):
            candidates, identifying = [wanted.removeprefix(own), *common], True
        else:
            candidates, identifying = [wanted.removeprefix(own), *named, *common], False
        found = [names[name] for name in candidates if name in names and row.named(names[name]).scalar]
        agreeing = (name for name in found if self._agree(row.named(name).kinds))
        return next(agreeing, found[0] if found and identifying else "")

    def _agree(self, others: frozenset[str]) -> bool:
        """Return whether a property of the kinds *others* may be what the path parameter says."""
        kinds = self._parameter_kinds
        return not kinds or bool(kinds & others) or bool(kinds & _NUMBERS and others & _NUMBERS)

    @cached_property
    def writable(self) -> bool:
        """Whether clients may choose the key."""
        row, key = self.row, self.key
        only_read = row is not None and any(face.get("readOnly") for face in row.named(key).faces)
        return key in self.sent_names and not only_read

    @cached_property
    def _parameter_kinds(self) -> frozenset[str]:
        shape = self.parameter_shape
        return shape.kinds if shape is not None and shape.typed else frozenset()

    @cached_property
    def parameter_shape(self) -> Shape | None:
        """The shape of the path parameter that names an item; None where the contract does not say."""
        for kind in ("read", "replace", "patch", "delete"):
            operation = self.operation(kind)
            for parameter in operation.parameters if operation is not None else ():
                if parameter.location == "path" and parameter.name == self.parameter and parameter.schema:
                    return Shape(parameter.schema.json("request"))
        return None

    def shown(self, operation: Operation) -> Shown | None:
        """Return how the success of *operation* shows a row or rows; None where it shows none."""
        if operation.id not in self._shown:
            whole = self._whole(operation)
            find = envelopes.many if operation.id in self.lists else envelopes.one
            self._shown[operation.id] = find(whole, self.hints) if whole is not None else None
        return self._shown[operation.id]

    def shown_many(self, operation: Operation) -> Shown | None:
        """Return how the success of *operation*, which creates several at once, shows rows."""
        whole = self._whole(operation)
        return envelopes.many(whole, self.hints) if whole is not None else None

    def _whole(self, operation: Operation) -> Shape | None:
        promise = success_of(operation)
        for name, media in promise.content.items() if promise is not None else ():
            if media.schema is not None and (
                is_json(name.partition(";")[0]) or "*" in name or len(promise.content) == 1  # type: ignore[union-attr]
            ):
                return Shape(media.schema.json("response"))
        return None

    def like(self, other: Resource) -> bool:
        """Return whether the rows of *other* are clearly of the same kind: called and made alike."""
        return (
            self.row is not None
            and other.row is not None
            and last_word(self.path) == last_word(other.path)
            and set(self.row.names) == set(other.row.names)
            and bool(other.key)
        )


def success_of(operation: Operation) -> Promise | None:
    """Return the documented response for a success: the lowest 2xx, then 2XX, then default."""
    exact = sorted(key for key in operation.responses if key.startswith("2") and key.isdigit())
    key = exact[0] if exact else "2XX" if "2XX" in operation.responses else "default"
    return operation.responses.get(key)


Kinds = dict[str, tuple[Resource, str]]


def find(contract: Contract) -> tuple[dict[str, Resource], Kinds]:
    """
    Return the resources of *contract* by path, and for each operation that one explains (resource, kind).

    Only paths and methods are looked at here; schemas when a resource is first used.
    """
    by_path: dict[str, dict[str, Route]] = {}
    for route in contract.routes:
        by_path.setdefault(route.template.rstrip("/") or "/", {})[route.method] = route
    resources: dict[str, Resource] = {}
    kinds: Kinds = {}
    for template, methods in by_path.items():
        _collection(contract, template, methods, by_path, resources, kinds)
    for template, methods in by_path.items():
        _beside(template, methods, resources, kinds)
    for template, methods in by_path.items():
        if template not in resources and not any(route.id in kinds for route in methods.values()):
            _alone(contract, template, methods, resources, kinds)
    return resources, kinds


def _collection(
    contract: Contract,
    template: str,
    methods: Mapping[str, Route],
    by_path: Mapping[str, Mapping[str, Route]],
    resources: dict[str, Resource],
    kinds: Kinds,
) -> None:
    """Take `/things/{id}`, with `/things` where there is one, for a collection."""
    found = _LAST_PARAMETER.match(template)
    if found is None or not found[1]:
        return
    writes = methods.keys() & {"PUT", "PATCH", "DELETE"}
    if found[1].endswith("}") and not writes:
        return
    path = next((path for path in (found[1] + (found[3] or ""), found[1]) if path in by_path), found[1])
    above = by_path.get(path, {})
    if path in resources or not (above.keys() & {"GET", "POST"} or writes or "GET" in methods):
        return
    resource = resources[path] = Resource(
        path, contract, item_path=template, parents=parameters(path), parameter=found[2]
    )
    resource.why.append(f"{template} ends in a parameter, which names one of {path}")
    changing = {"GET": "read", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
    if "POST" in methods and not methods.keys() & {"PUT", "PATCH"}:
        changing["POST"] = "patch"
    _take(resource, kinds, methods, changing)
    _take(resource, kinds, above, {"GET": "list", "POST": "create"})
    if "PUT" in above:
        alone = "POST" not in above and "POST" not in methods
        _take(resource, kinds, above, {"PUT": "create" if alone else "replace by body"})


def _beside(
    template: str, methods: Mapping[str, Route], resources: dict[str, Resource], kinds: Kinds
) -> None:
    """Take `/things/search` for another list of `/things`, and `/things/bulk` for another way to create."""
    path, _, word = template.rpartition("/")
    resource = resources.get(path)
    if resource is None or "{" in word or resource.single:
        return
    get, post = methods.get("GET"), methods.get("POST")
    if get is not None and get.id not in kinds and _ANOTHER_LIST.match(word):
        kinds[get.id] = (resource, "list")
        resource.lists.add(get.id)
        resource.why.append(f"GET {template} is another way to list, if it shows the same")
    if post is not None and post.id not in kinds and _ANOTHER_CREATE.match(word):
        _take(resource, kinds, methods, {"POST": "create all"})


def _alone(
    contract: Contract,
    template: str,
    methods: Mapping[str, Route],
    resources: dict[str, Resource],
    kinds: Kinds,
) -> None:
    """Take what can be read and set for a single thing, and what can be listed and added to for a list."""
    if "GET" not in methods:
        return
    resource = Resource(template, contract, parents=parameters(template))
    if methods.keys() & {"PUT", "PATCH"}:
        resource.item_path, resource.single = template, True
        resource.why.append(f"{template} can be read and set, and has no items below it")
        resources[template] = resource
        changing = {"GET": "read", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
        _take(resource, kinds, methods, changing)
    elif "POST" in methods:
        resources[template] = resource
        resource.why.append(f"{template} can be read and added to; its items have no paths of their own")
        _take(resource, kinds, methods, {"GET": "list", "POST": "create"})


def _take(resource: Resource, kinds: Kinds, methods: Mapping[str, Route], wanted: Mapping[str, str]) -> None:
    for method, kind in wanted.items():
        route = methods.get(method)
        if route is not None and kind not in resource.operations:
            resource.operations[kind] = route.id
            kinds[route.id] = (resource, kind)
            if kind == "list":
                resource.lists.add(route.id)
            resource.why.append(f"{method} {route.template} is how to {kind}")


def homes(resource: Resource, resources: Iterable[Resource]) -> Iterator[Resource]:
    """
    Yield the collections that the rows of *resource* may live in, by their paths: `/posts` for those of
    `/users/{userId}/posts`. Whether they are really the same is for `Resource.like` to say.
    """
    word = last_word(resource.path)
    for other in resources:
        if (
            other is not resource
            and other.item_path
            and not other.single
            and not resource.single
            and last_word(other.path) == word
            and len(other.parents) < len(resource.parents)
            and set(other.parents) <= set(resource.parents)
        ):
            yield other
