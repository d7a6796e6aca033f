"""
The things that a contract draws, as the laws see them: what can be done to one, and what stands around it.

What is a collection, what names a row, where an answer shows it, which parameters
page and filter: all of that is inferred in `behavior`, for the mock. The judge
takes the same conclusions, so that the two cannot differ about what a document means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from mockserver.behavior.calling import Carrier, carrier
from mockserver.behavior.envelopes import Shown
from mockserver.behavior.finding import find
from mockserver.behavior.listing import Query
from mockserver.behavior.resources import Resource
from mockserver.behavior.wording import last_word, noun, parameters, plain, singular
from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Operation, Route
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.generation import Generator
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.asking import Carried, media_of
from mockserver.verify.laws.naming import is_status, managed, read_only

_SOFT = re.compile(
    r"\bsoft|\barchives?\b|trash|restor|recycle|\bmark(s|ed)? (it |the \w+ )?as|deactivat|\bdisables?\b"
    r"|\bcancels?\b|undelete|asynchron|in the background|eventual|\bschedules?\b|retain|kept for",
    re.IGNORECASE,
)

_UNSEEN = re.compile(
    r"\bno longer (be )?(returned|visible|accessible|available|found|shown|readable)\b"
    r"|\b(not|never) (be )?(returned|visible|accessible|shown) (any ?more|any longer|again)\b"
    r"|\b(answer|return|respond|give|yield)(s|ed)?( with)?( an?)? (404|410)\b",
    re.IGNORECASE,
)
"""What is said where a soft delete is one that nobody can tell from another."""


class Thing:
    """
    One collection whose items can be made, or found.

    Attributes:
        resource: What was inferred.
        parent: The thing whose items it stands below; None at the top.
        below: The things that stand directly or deeper below its items.
        peers: The other things at the top, of one at the top.
        reads: Other GET operations below an item: figures, progress.
        actions: What does something to an item: a POST, PUT or PATCH of a word below its path.
        undoing: Id of an action -> what takes it back: DELETE of its own path.
        carried: Id of an operation -> how it says which item it means, if not in its path.
        called: The property by which it was learned that items are asked for; "" while names tell.
    """

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.parent: Thing | None = None
        self.below: list[Thing] = []
        self.peers: list[Thing] = []
        self.reads: list[Operation] = []
        self.actions: list[Operation] = []
        self.undoing: dict[str, Operation] = {}
        self.carried: dict[str, Carried] = {}
        self.called = ""
        for identifier, where in resource.carried.items():
            self.carry(resource.contract.operations[identifier], where)

    def carry(self, operation: Operation, where: Carrier) -> None:
        """Remember where *operation* says which item it means."""
        shape = None
        for parameter in operation.parameters:
            if (parameter.location, parameter.name) == where and parameter.schema is not None:
                shape = Shape(parameter.schema.json("request"))
        media = media_of(operation) if where.location == "body" else None
        if media is not None and media.schema is not None:
            shape = Shape(media.schema.json("request")).named(where.name)
        sample: Json = None
        if shape is not None:
            accepts = RawValidator(shape.document).is_valid
            sample = Generator(shape.document, accepts=accepts, name=where.name, direction="request").value(
                "key"
            )
        key = ("path", self.resource.parameter)
        self.carried[operation.id] = Carried(key, where.location, where.name, sample)

    @property
    def name(self) -> str:
        """What one is called, plain."""
        return noun(self.resource.path)

    @property
    def orphaned(self) -> bool:
        """Whether it stands below something that is no thing."""
        return bool(self.resource.parents) and self.parent is None

    @property
    def apart(self) -> bool:
        """Whether it is made below another thing, and has an address that does not say below which."""
        return bool(self.resource.parameter) and not self.resource.item_path.startswith(self.resource.path)

    @cached_property
    def create(self) -> Operation | None:
        """How to make one: only POST makes one without a name."""
        found = self.resource.operation("create")
        return found if found is not None and found.method == "POST" and _succeeds(found) else None

    @cached_property
    def read(self) -> Operation | None:
        """How to read one that is shown."""
        return self._showing("read")

    @cached_property
    def lister(self) -> Operation | None:
        """How to list all of them by their own path, where rows are shown as objects."""
        found = self._showing("list")
        asks = found is not None and any(one.required and one.location == "query" for one in found.parameters)
        return None if asks else found

    @cached_property
    def patch(self) -> Operation | None:
        """How to change a part."""
        found = self.resource.operation("patch")
        return found if found is not None and found.body is not None and media_of(found) else None

    @cached_property
    def replace(self) -> Operation | None:
        """How to replace one."""
        found = self.resource.operation("replace")
        if found is None or found.id in self.resource.carried:
            return found
        return found if "{" in found.route.template.rpartition("/")[2] else None

    @cached_property
    def delete(self) -> Operation | None:
        """How to delete one."""
        found = self.resource.operation("delete")
        return found if found is not None and _succeeds(found) else None

    def _showing(self, kind: str) -> Operation | None:
        operation = self.resource.operation(kind)
        shown = self.resource.shown(operation) if operation is not None else None
        return operation if shown is not None and shown.names else None

    def shown(self, operation: Operation) -> Shown | None:
        """Return how *operation* shows a row or rows."""
        return self.resource.shown(operation)

    def row_of(self, operation: Operation, body: Json) -> dict[str, Json] | None:
        """Return the one row that *body*, an answer of *operation*, shows; None where it shows none."""
        shown = self.shown(operation)
        found = shown.found_in(body) if shown is not None else None
        if shown is not None and shown.many and isinstance(found, list) and len(found) == 1:
            found = found[0]
        return found if isinstance(found, dict) else None

    def rows_of(self, operation: Operation, body: Json) -> list[dict[str, Json]] | None:
        """Return the rows that *body*, an answer of *operation*, lists; None where it lists none."""
        shown = self.shown(operation)
        found = shown.found_in(body) if shown is not None and shown.many else None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            return None
        return found

    @cached_property
    def query(self) -> Query:
        """What the parameters of its list do."""
        assert self.lister is not None
        shown = self.shown(self.lister)
        assert shown is not None
        return Query.of(self.lister, self.resource, shown)

    @cached_property
    def row(self) -> Shape:
        """The shape of a row as reading (else listing, else making) shows it."""
        for operation in (self.read, self.lister, self.create):
            shown = self.shown(operation) if operation is not None else None
            if shown is not None and shown.names:
                return shown.shape
        return Shape({})

    @property
    def key(self) -> str:
        """The property that names a row, "" where none does."""
        return self.called or self.resource.key

    @property
    def key_is_told(self) -> bool:
        """Whether the path calls the key as rows do: `{userId}` and `id`, but not `{token}` and `name`."""
        said, key = plain(self.resource.parameter), plain(self.resource.key)
        return not said or said.endswith(key) or key.endswith(said)

    def sent(self, operation: Operation) -> Shape:
        """Return the shape of the thing in a request of *operation*."""
        media = media_of(operation)
        return (
            self.resource.sent_in(media)[1] if media is not None and media.schema is not None else Shape({})
        )

    def kept(self, operation: Operation) -> list[str]:
        """Return the properties that clients may send with *operation* and that are theirs to decide."""
        sent = self.sent(operation)
        carrier = self.resource.carried.get(operation.id)
        carried = carrier.name if carrier is not None else ""
        shared = bool(set(self.row.names)) and set(self.row.names) <= set(sent.names)
        return [
            name
            for name in sent.names
            if name not in (self.key, carried)
            and not managed(name, shared=shared)
            and not read_only(self.row.named(name))
            and not read_only(sent.named(name))
        ]

    @cached_property
    def clients(self) -> frozenset[str]:
        """The properties that clients may send by any operation, and that reading or listing shows."""
        found: set[str] = set()
        for operation in (self.create, self.patch, self.replace):
            found.update(self.kept(operation) if operation is not None else ())
        listed = self.shown(self.lister) if self.lister is not None else None
        return frozenset(found & {*self.row.names, *(listed.names if listed is not None else ())})

    @cached_property
    def lingers(self) -> str:
        """Why one may still be seen after it was deleted, "" where nothing says so."""
        if self.delete is None:
            return "nothing deletes it"
        promise = self.delete.success
        if promise is not None and promise.status == "202":
            return "deleting is answered 202: it may take its time"
        text = " ".join(
            (self.delete.summary, self.delete.description, promise.description if promise else "")
        )
        if (found := _SOFT.search(text)) and not _UNSEEN.search(text):
            return f"what {self.delete.id} says of itself ({found[0]!r}) leaves open whether it is gone"
        marks = [
            name for name in self.row.names if name.lower().startswith(("deleted", "is_deleted", "isdeleted"))
        ]
        if marks:
            return f"a row has {marks[0]!r}: it may be shown as deleted"
        for name in self.row.names:
            enum = self.row.named(name).enum or ()
            if is_status(name) and any(str(one).lower() in ("deleted", "removed", "trashed") for one in enum):
                return f"{name} may be one of deleted ones"
        return ""


def _succeeds(operation: Operation) -> bool:
    promise = operation.success
    return promise is not None and not promise.status.startswith("3")


def answer_shape(operation: Operation) -> Shape | None:
    """Return the shape of the JSON that a success of *operation* answers; None where it has none."""
    promise = operation.success
    for name, media in promise.content.items() if promise is not None else ():
        if media.schema is not None and is_json(name.partition(";")[0].strip()):
            return Shape(media.schema.json("response"))
    return None


def things(contract: Contract) -> list[Thing]:
    """Return the things of *contract*, those at the top first."""
    resources, kinds = find(contract)
    made = [Thing(one) for one in resources.values() if not one.single and one.operations]
    deletes = {route.template: route.id for route in contract.routes if route.method == "DELETE"}
    made = _brought_together(made)
    by_item = {one.resource.item_path: one for one in made if one.resource.parameter}
    for one in made:
        one.parent = next((by_item[path] for path in _above(one.resource.path) if path in by_item), None)
        if one.parent is not None and len(one.resource.parents) != len(one.parent.resource.parents) + 1:
            one.parent = None
    for one in made:
        prefix = one.resource.item_path + "/"
        if one.resource.parameter:
            one.below = [other for other in made if other.resource.path.startswith(prefix)]
            count = one.resource.item_path.count("{")
            _called(one, contract, kinds)
            for route in contract.routes:
                if not route.template.startswith(prefix) or route.template.count("{") != count:
                    continue
                if route.method == "GET" and route.id not in kinds:
                    _beside(one, contract.operations[route.id], contract)
                elif _acts(route, prefix, kinds):
                    one.actions.append(contract.operations[route.id])
                    back = deletes.get(route.template)
                    if back is not None and back not in kinds:
                        one.undoing[route.id] = contract.operations[back]
    top = [one for one in made if one.parent is None and not one.orphaned]
    for one in top:
        one.peers = [other for other in top if other is not one]
    return sorted(made, key=lambda one: one.resource.path.count("{"))


def _brought_together(made: list[Thing]) -> list[Thing]:
    """
    Return *made*, with what is made and listed below another thing, and read elsewhere, as one thing.

    `POST /vehicles/{vehicleId}/trips`, and `GET /trips/{tripId}`: the rows are called alike and look alike.
    """
    found = list(made)
    for one in made:
        if one.resource.parameter or not one.resource.parents or one.create is None:
            continue
        for home in made:
            if home.resource.parents or not home.resource.parameter or not one.resource.like(home.resource):
                continue
            if home.resource.operations.keys() & {"list", "create"}:
                continue
            both = replace(
                one.resource,
                item_path=home.resource.item_path,
                parameter=home.resource.parameter,
                operations={**home.resource.operations, **one.resource.operations},
                _shown={},
            )
            found[found.index(one)] = Thing(both)
            if not any(other.resource.path.startswith(home.resource.item_path) for other in made):
                found.remove(home)
            break
    return found


def _beside(one: Thing, operation: Operation, contract: Contract) -> None:
    """Take what is only read below an item for a list, where it shows rows, else for figures."""
    path = operation.route.template
    resource = Resource(path, contract, parents=parameters(path), operations={"list": operation.id})
    resource.lists.add(operation.id)
    child = Thing(resource)
    shown = child.shown(operation)
    word = last_word(path)
    plural = shown is not None and (not shown.path or singular(plain(word)) != plain(word))
    if (
        child.lister is not None
        and plural
        and resource.parents == (*one.resource.parents, one.resource.parameter)
    ):
        child.parent = one
        one.below.append(child)
    else:
        one.reads.append(operation)


def _called(one: Thing, contract: Contract, kinds: Mapping[str, object]) -> None:
    """Take what stands beside the verbs of a collection, and is told which item: `/camp/pause.json`, id=7."""
    folder = one.resource.path + "/"
    for route in contract.routes if one.resource.carried else ():
        word = route.template.removeprefix(folder).rstrip("/")
        if route.id in kinds or not route.template.startswith(folder) or "/" in word or "{" in word:
            continue
        operation = contract.operations[route.id]
        where = carrier(operation, one.resource.path)
        if where is not None:
            one.carry(operation, where)
            (one.reads if route.method == "GET" else one.actions).append(operation)


def _acts(route: Route, prefix: str, kinds: Mapping[str, object]) -> bool:
    """
    Return whether *route* does something to the item that it names.

    `POST /orders/{id}/cancel`, `PUT /orders/{id}/status`; but no POST of a plural, which adds to a list.
    """
    word = route.template.removeprefix(prefix).strip("/")
    if "/" in word or route.id in kinds:
        return False
    return route.method in ("PUT", "PATCH") or (route.method == "POST" and singular(word) == word)


def _above(path: str) -> Iterator[str]:
    """Yield the paths that *path* stands below, the nearest first."""
    steps = path.rstrip("/").split("/")
    for count in range(len(steps) - 1, 1, -1):
        yield "/".join(steps[:count])


def told_of(operation: Operation) -> str:
    """Return what the contract says of *operation*, and of its success."""
    promise = operation.success
    return f"{operation.summary}. {operation.description} {promise.description if promise else ''}"
