"""
One request on one inferred collection: where its rows stand, and what it says of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from mockserver.behavior import envelopes
from mockserver.behavior.entities import Entities
from mockserver.behavior.looks import HIDDEN
from mockserver.behavior.pointing import Pointing
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row, Transaction
from mockserver.behavior.wording import parameters
from mockserver.behavior.world import World
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Arguments, Json, Upload

MADE = HIDDEN + "made"
"""Of a row that a client made: the scope that lists it."""
FINAL = HIDDEN + "final"
"""Of a row that was made under a key of the server's: once deleted it is gone for good."""
OVER = HIDDEN + "over"
"""Of a row that stands for one that nobody made: the scope that lists that."""
GONE = HIDDEN + "gone"
"""Of what was deleted."""
TOMB: Row = {GONE: True, FINAL: True}
"""In the place of what clients made and took away."""
SPOKEN = HIDDEN + "spoken"
"""Of what was sent as one text or number, and not as an object."""


class Stand:
    """
    Where the rows of a resource live.

    Attributes:
        resource: What operations speak of.
        home: The resource whose table holds the rows: the same, or `/posts` for `/users/{userId}/posts`.
        entities: Of the home.
        link: The field of a row that says which parent it belongs to, where the home has none; else "".
        source: The collection whose things this list takes in, where each can stand in several lists.
    """

    __slots__ = ("entities", "held", "home", "link", "linked", "resource", "source")

    def __init__(
        self, resource: Resource, home: Resource, entities: Entities, source: Resource | None = None
    ) -> None:
        self.source = source
        self.resource = resource
        self.home = home
        self.entities = entities
        self.link = ""
        self.linked = False
        """Whether the link is a property of the row."""
        rest = [name for name in resource.parents if name not in home.parents]
        if rest and home is not resource:
            owner = entities.owners(resource.path).get(rest[-1], "") if len(rest) == 1 else ""
            self.link = owner or f"{HIDDEN}in {resource.path}"
            self.linked = bool(owner)
        self.held = home is resource and resource.embedded is not None
        """Whether the things above show these rows themselves; see `within`."""


class Act:
    """One operation on one resource: where its rows stand, and what was sent."""

    __slots__ = (
        *("arguments", "key", "operation", "resource", "scope", "seed", "stand", "table"),
        *("transaction", "world"),
    )

    def __init__(
        self,
        world: World,
        transaction: Transaction,
        stand: Stand,
        operation: Operation,
        arguments: Arguments,
        seed: str = "",
    ) -> None:
        self.world = world
        self.transaction = transaction
        self.stand = stand
        self.resource = stand.resource
        """What the operation speaks of."""
        self.table = stand.home.path
        """The name of the table that holds the rows."""
        self.operation = operation
        self.arguments = arguments
        self.scope = scope_of(stand.home, arguments)
        self.seed = f"{seed or world.seed}|{self.scope}"
        self.key: Any = named(arguments, stand.resource.parameter)

    def row(self, key: Json = MISSING) -> Row | None:
        """Return the row as it was left, a tombstone too; None where nobody touched it."""
        return self.transaction.get(self.table, f"{self.scope}|{self.key if key is MISSING else key}")

    def put(self, row: Row) -> None:
        """Remember *row* under the key."""
        self.transaction.put(self.table, f"{self.scope}|{self.key}", row)

    def forget(self) -> None:
        """Remember nothing of the key any more."""
        self.transaction.delete(self.table, f"{self.scope}|{self.key}")

    def touched(self) -> bool:
        """Return whether a client has changed anything in this collection."""
        count = self.transaction.count
        return bool(count(self.table, MADE, self.scope) or count(self.table, OVER, self.scope))

    @property
    def belonging(self) -> Row:
        """What a row of this collection has besides what was sent: whose it is."""
        stand = self.stand
        given = stand.entities.parents(stand.resource.path, self.arguments.path)
        if stand.link and not stand.linked:
            given[stand.link] = scope_of(stand.resource, self.arguments)
        return given

    def sent(self) -> Row:
        """Return what the request says of the entity, {} where it says several; files are not remembered."""
        said = self.each()
        return said[0] if len(said) == 1 else {}

    @property
    def pointed(self) -> tuple[Pointing, list[Json]] | None:
        """How the request names the rows that it means, and the names; None where it describes them."""
        for one in self.resource.pointings(self.operation):
            said = one.said(self.arguments)
            if said is not None:
                return one, said
        return None

    def each(self) -> list[Row]:
        """Return what the request says of each entity: no files, nothing that no answer shows."""
        bodies = envelopes.each(self.arguments.body, self.wrapper)
        if len(bodies) == 1 and isinstance(bodies[0], list):  # one or several: the schema allows both
            bodies = bodies[0]
        return [self._known(body) for body in bodies]

    def chosen(self, sent: Row) -> Json:
        """Return the key that the client has chosen for what was *sent*, `MISSING` where the server does."""
        home, resource = self.stand.home, self.resource
        if SPOKEN in sent and sent.get(home.key, sent[SPOKEN]) == sent[SPOKEN]:
            return sent[SPOKEN]
        key = home.key_of(sent)
        writable = (
            home.inner_key is not None or home.writable or (resource.key == home.key and resource.writable)
        )
        return key if is_key(key) and writable else MISSING

    @property
    def several(self) -> bool:
        """Whether the request says several entities at once, be it one of them."""
        if isinstance(self.arguments.body, list) or envelopes.EACH in self.wrapper:
            return True
        return self.pointed is not None

    def _known(self, body: Json) -> Row:
        home = self.stand.home
        if not isinstance(body, dict):
            return self._spoken(body)
        names, is_open = home.names, home.row is None or home.row.open or not home.names
        spelled = body
        if not names.issuperset(body):
            spelled = {home.spelled(name): value for name, value in body.items()}
            spelled.update({name: body[name] for name in names.intersection(body)})
        return {
            name: value
            for name, value in spelled.items()
            if (name in names or is_open)
            and name not in home.only_read
            and not isinstance(value, Upload)
            and not name.startswith(HIDDEN)
        }

    def _spoken(self, value: Json) -> Row:
        """Return the row that one text or number stands for: `"bug"` is the label of that name."""
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            return {}
        home, told = self.stand.home, self.resource.embedded
        name = home.key or (told.called if told is not None else "")
        if told is not None and told.called and isinstance(value, str):
            name = told.called
        return {SPOKEN: value, **({name: value} if name else {})}

    @property
    def wrapper(self) -> tuple[str, ...]:
        """Names that lead from the request's body to the entity; see `envelopes.sent`."""
        body = self.operation.body
        for name, media in body.content.items() if body is not None else ():
            if name == self.arguments.media_type or len(body.content) == 1 or "*" in name:  # type: ignore[union-attr]
                return self.resource.wrapper(media)
        return ()

    def pair(self, name: str) -> Row | None:
        """Return the entity that the documented answer *name* shows, {} where it shows none."""
        promise = self.operation.success
        for media in promise.content.values() if promise is not None else ():
            if name in media.examples:
                shown = self.resource.shown(self.operation)
                value = shown.found_in(media.examples[name].value) if shown is not None else None
                return dict(value) if isinstance(value, dict) else {}
        return None

    def location(self) -> str:
        """Return the address of the item: as the request was addressed, else as the contract has it."""
        path = self.resource.item_path
        values = {**self.arguments.path, self.resource.parameter: self.key}
        for name, value in values.items():
            path = path.replace("{" + name + "}", quote(str(value), safe=""))
        url = self.arguments.url
        root = url.rsplit("/", self.operation.route.template.rstrip("/").count("/"))[0] if url else ""
        return root + path


def told_as(arguments: Arguments, template: str, other: str) -> Arguments:
    """
    Return *arguments*, of a request to *template*, under the names that the path *other* has in its place.

    `/users/{id}` and `/users/{userId}/posts` are paths of one document: the first is told `id`.
    """
    names, wanted = parameters(template), parameters(other)
    if names[: len(wanted)] == wanted[: len(names)]:
        return arguments
    said = {
        name: arguments.path[old] for old, name in zip(names, wanted, strict=False) if old in arguments.path
    }
    return replace(arguments, path={**arguments.path, **said})


def is_key(value: Json) -> bool:
    """Return whether *value* can be a key."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def scope_of(resource: Resource, arguments: Arguments) -> str:
    """Return which of the collections of *resource* the request speaks of: the values of its parents."""
    if not resource.parents:
        return ""
    return "|".join(quote(str(named(arguments, name)), safe="") for name in resource.parents)


def named(arguments: Arguments, parameter: str) -> Any:
    """Return the key that a path names; of several ("/users/1,2", a parameter that is a list) their text."""
    key = arguments.path.get(parameter, "")
    if isinstance(key, list):
        return key[0] if len(key) == 1 and not isinstance(key[0], (list, dict)) else ",".join(map(str, key))
    return str(key) if isinstance(key, dict) else key


def bookkeeping(row: Mapping[str, Any] | None) -> Row:
    """Return what a row carries that nobody is shown."""
    return {name: value for name, value in (row or {}).items() if name.startswith(HIDDEN)}
