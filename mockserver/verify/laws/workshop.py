"""
Make items to try laws on, find them again, and take them away at the end.

What a server accepts is learned once for each thing and remembered: everything
that may be said, else what the document's example says, else only what must be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote

from mockserver.behavior.wording import plain, singular
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.contract.urls import parts_of
from mockserver.exchange import Json
from mockserver.validation.values import RawValidator
from mockserver.verify.calls import successful_call
from mockserver.verify.laws.ahead import ahead
from mockserver.verify.laws.asking import Asker, Inconclusive, Reply, Unjudged, Unsupported, media_of
from mockserver.verify.laws.bodies import EXAMPLE, FULL, LEAST, PLAIN, Bodies, names_another
from mockserver.verify.laws.things import Thing
from mockserver.verify.requests import Key, Unsayable

LADDER = (FULL, EXAMPLE, LEAST, PLAIN)

MOST_KEYS = 8
"""Properties of a thing of which each is asked for, to learn which one names it."""


@dataclass(eq=False)
class Item:
    """
    One item that was made.

    Attributes:
        key: What names it.
        path: The path parameters that lead to it.
        sent: What was sent of it.
        row: As the answer to its making showed it, {} where that showed nothing.
        replies: The calls that made it, its parents' first.
    """

    thing: Thing
    key: Json
    path: dict[Key, Json]
    sent: dict[str, Json]
    row: dict[str, Json]
    replies: tuple[Reply, ...]
    gone: bool = False

    @property
    def beside(self) -> dict[Key, Json]:
        """The path parameters that lead to the collection that it stands in."""
        return {key: value for key, value in self.path.items() if key[1] != self.thing.resource.parameter}


@dataclass(eq=False)
class Learned:
    """What was learned about making things, for the whole of a run."""

    bodies: dict[str, Bodies] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    """Operations that make nothing of an address that they know: each body says another."""
    ahead: set[str] = field(default_factory=set)
    """Operations that take no time that is past."""
    called: dict[str, str] = field(default_factory=dict)
    """Path of a collection -> the property that its items are asked for by, where names alone do not tell."""
    made: set[tuple[str, str]] = field(default_factory=set)
    """(path of the items, what leads to one of them) of all that was made."""


class Workshop:
    """
    Makes items in one server.

    Args:
        asker: Asks it.
        things: All that the contract draws.
        learned: Shared by all workshops of a run.
    """

    def __init__(self, asker: Asker, things: list[Thing], learned: Learned) -> None:
        self.asker = asker
        self._things = things
        self._learned = learned
        self._made: list[Item] = []
        self._parents: dict[str, Item] = {}
        self._drawn = 0

    def token(self) -> str:
        """Return a word that nobody else uses."""
        return "q" + self.asker.context.unique("").strip()

    def bodies(self, thing: Thing, operation: Operation) -> Bodies:
        """Return what makes bodies of *operation*."""
        found = self._learned.bodies.get(operation.id)
        if found is None:
            media = media_of(operation)
            wrapper = thing.resource.wrapper(media) if media is not None else ()
            sent = thing.sent(operation)
            if operation in thing.actions and media is not None and media.schema is not None:
                wrapper, sent = (), Shape(media.schema.json("request"))  # of an action, not of the thing
            found = Bodies(operation, wrapper, sent, thing.carried.get(operation.id))
            self._learned.bodies[operation.id] = found
        return found

    def make(
        self,
        thing: Thing,
        given: Mapping[str, Json] | None = None,
        *,
        parent: Item | None = None,
        least: bool = False,
        other: bool = False,
    ) -> Item:
        """
        Make an item of *thing*.

        Args:
            thing: Of what.
            given: Properties that are decided; `MISSING` leaves one out.
            parent: Below which item; one that is made when it is first needed where None.
            least: Whether only what is required is sent, besides *given*.
            other: Whether the second identity makes it.

        Raises:
            Unsupported: The contract does not say how.
            Inconclusive: The server does not take it.
        """
        operation = thing.create
        if operation is None:
            raise Unsupported(f"nothing makes one of {thing.resource.path}")
        if thing.resource.path in self._learned.refused and not given:
            raise Inconclusive(self._learned.refused[thing.resource.path])
        path, before = self._place(thing, parent, other=other)
        known = self._learned.how.get(operation.id)
        ladder = (LEAST,) if least else LADDER[LADDER.index(known) if known else 0 :]
        reply: Reply | None = None
        for how in ladder:
            for _ in range(2):
                sent = self._body(thing, operation, how, given)
                reply = self.asker.ask(
                    operation, path, self.bodies(thing, operation).wrapped(sent), other=other
                )
                if reply.status != 409 and (not reply.good or self._shows_it(thing, reply)):
                    break
                self.asker.context.other_names()
                self._learned.apart.add(operation.id)
            assert reply is not None
            if reply.good and self._shows_it(thing, reply):
                if not least and not known:
                    self._learned.how[operation.id] = how
                return self._item(thing, sent, reply, path, before, other=other)
        assert reply is not None
        if (
            operation.id not in self._learned.ahead
            and 400 <= reply.status < 500
            and self._is_past(thing, sent)
        ):
            self._learned.ahead.add(operation.id)
            with suppress(Inconclusive):
                return self.make(thing, given, parent=parent, least=least, other=other)
            self._learned.ahead.discard(operation.id)
        why = f"{operation.id} answers {reply.status} to what the contract allows"
        if reply.good:
            why = f"{operation.id} answers {reply.status} and does not show the one thing that it was sent"
        if not given and not least and not known:
            self._learned.refused[thing.resource.path] = why
        raise Inconclusive(why)

    def _is_past(self, thing: Thing, sent: dict[str, Json]) -> bool:
        """Return whether a body says a time that is over, which a server may refuse."""
        return bool(sent) and thing.create is not None and ahead(sent, thing.sent(thing.create)) != sent

    def _shows_it(self, thing: Thing, reply: Reply) -> bool:
        """Return whether an answer shows what was made: of several things, it may leave out some."""
        operation = reply.operation
        return not thing.resource.takes_many(operation) or thing.row_of(operation, reply.body) is not None

    def _body(
        self, thing: Thing, operation: Operation, how: str, given: Mapping[str, Json] | None
    ) -> dict[str, Json]:
        if media_of(operation) is None:
            return {}
        bodies = self.bodies(thing, operation)
        made = self.body(bodies, how, given)
        for name in [one for one in made if names_another(one) and one not in (given or {})]:
            target = self.target(thing, name)
            if target is not None:
                with suppress(Unjudged):
                    key = self.parent(target).key
                    made[name] = [key] if "array" in bodies.shape.named(name).kinds else key
        return made

    def body(self, bodies: Bodies, how: str = "", given: Mapping[str, Json] | None = None) -> dict[str, Json]:
        """Return what to send of a thing; *how* as far as was learned. Alike in each run."""
        self._drawn += 1
        how = how or self._learned.how.get(bodies.operation.id, LEAST)
        seed = f"{self.asker.context.seed}/{self._drawn}"
        apart = bodies.operation.id in self._learned.apart
        made = bodies.make(how, self.token(), given, seed=seed, apart=apart)
        if bodies.operation.id in self._learned.ahead:
            made = {
                **ahead(made, bodies.shape),
                **{name: made[name] for name in (given or {}) if name in made},
            }
        return made

    def target(self, thing: Thing, name: str) -> Thing | None:
        """Return the thing at the top whose key the property *name* of *thing* holds."""
        word = plain(name).removesuffix("uuid").removesuffix("s").removesuffix("id")
        for one in self._things:
            if (
                one is not thing
                and one.parent is None
                and one.create is not None
                and one.name == singular(word)
            ):
                return one
        return None

    def parent(self, thing: Thing) -> Item:
        """Return an item of *thing* that others may stand below; the same each time."""
        found = self._parents.get(thing.resource.path)
        if found is None or found.gone:
            found = self._parents[thing.resource.path] = (
                self.make(thing) if thing.create else self._found(thing)
            )
        return found

    def _found(self, thing: Thing) -> Item:
        """Return an item that is there already: what cannot be made can still be stood below."""
        place, before = self._place(thing, None, other=False)
        for key, reply in self._standing(thing, place):
            path: dict[Key, Json] = {**place, ("path", thing.resource.parameter): key}
            return Item(thing, key, path, {}, {}, (*before, reply))
        raise Inconclusive(f"there is none of {thing.resource.path}, and nothing makes one")

    def _standing(self, thing: Thing, place: dict[Key, Json]) -> Iterator[tuple[Json, Reply]]:
        """
        Yield the keys that the list shows, and that an example of reading names, with the call that shows it.

        Raises:
            Unsupported: The contract does not say how to find one.
        """
        parameter = thing.resource.parameter
        listed = thing.lister if thing.key else None
        if not parameter or (listed is None and thing.read is None):
            raise Unsupported(f"nothing makes, lists or reads one of {thing.resource.path}")
        if listed is not None:
            reply = self.asker.ask(listed, place)
            for row in thing.rows_of(listed, reply.body) or []:
                if thing.key in row:
                    yield row[thing.key], reply
        if thing.read is not None:
            with suppress(Unsayable):
                key = successful_call(thing.read).said.parameters.get(("path", parameter))
                reply = self.asker.ask(thing.read, {**place, ("path", parameter): key})
                if reply.good:
                    yield key, reply

    def _place(
        self, thing: Thing, parent: Item | None, *, other: bool
    ) -> tuple[dict[Key, Json], tuple[Reply, ...]]:
        """Return the path parameters of the collection, and the calls that made what it stands below."""
        if thing.orphaned:
            raise Unsupported(f"{thing.resource.path} stands below something that is no collection here")
        if thing.parent is None:
            return {}, ()
        if parent is None:
            parent = self.make(thing.parent, other=True) if other else self.parent(thing.parent)
        return dict(parent.path), parent.replies

    def _item(
        self,
        thing: Thing,
        sent: dict[str, Json],
        reply: Reply,
        path: dict[Key, Json],
        before: tuple[Reply, ...],
        *,
        other: bool,
    ) -> Item:
        row = thing.row_of(reply.operation, reply.body) or {}
        key = row.get(self._key(thing, row, path)) if thing.key else None
        if key is None:
            key = _called(reply.body, (thing.key, thing.resource.parameter, "id"))
        if key is None and (location := reply.header("location")):
            key = unquote(parts_of(location).path.rstrip("/").rpartition("/")[2])
        item = Item(thing, key, dict(path), sent, row, (*before, reply))
        if key is None:
            if thing.resource.parameter or thing.key:
                raise Inconclusive(f"{reply.operation.id} does not say how what it made is called")
        elif thing.resource.parameter:
            item.path["path", thing.resource.parameter] = key
            shape = thing.resource.parameter_shape
            if shape is not None and not _sayable(key, shape):
                raise Inconclusive(f"the contract's own path cannot say the key {key!r}")
        known = (thing.resource.item_path, str(sorted(item.path.items())))
        if reply.status == 200 and "201" in reply.operation.responses and known in self._learned.made:
            raise Inconclusive(f"{reply.operation.id} answers with one that was there, and makes none")
        self._learned.made.add(known)
        if not other:
            self._made.append(item)
        return item

    def _key(self, thing: Thing, row: Mapping[str, Json], place: dict[Key, Json]) -> str:
        """
        Return the property of *row* that it is asked for by: what `{token}` means is learned by asking.

        Raises:
            Inconclusive: It is read by none.
        """
        if thing.read is None or thing.key_is_told or thing.key not in row:
            return thing.key
        found = self._learned.called.get(thing.resource.path)
        if found is None:
            names = [
                name for name, value in row.items() if isinstance(value, (str, int)) and value is not True
            ]
            for name in sorted(names, key=lambda one: one != thing.key)[:MOST_KEYS]:
                reply = self.asker.ask(thing.read, {**place, ("path", thing.resource.parameter): row[name]})
                if reply.good:
                    found = name
                    break
            self._learned.called[thing.resource.path] = found = found or ""
        if not found:
            raise Inconclusive(
                f"no property of {thing.resource.path} is what {thing.resource.parameter} asks for"
            )
        return found

    def adopt(self, thing: Thing, sent: dict[str, Json], reply: Reply, path: dict[Key, Json]) -> Item | None:
        """Return the item that some request has made, to be cleaned up; None without a key."""
        try:
            return self._item(thing, sent, reply, path, (), other=False)
        except Unjudged:
            return None

    def clean(self) -> None:
        """Delete what was made, the last first. What cannot be deleted stays."""
        for item in reversed(self._made):
            if item.thing.delete is not None and not item.gone and item.key is not None:
                with suppress(Unjudged):
                    self.asker.ask(item.thing.delete, item.path)
                    item.gone = True
        self._made.clear()
        self._parents.clear()


def _called(body: Json, names: Iterable[str]) -> Json:
    """Return what an answer says that a thing is called, in itself or, of an envelope, in what is in it."""
    if not isinstance(body, dict):
        return None
    inner = [one for one in body.values() if isinstance(one, dict)]
    if any(isinstance(one, (str, int, float)) for one in body.values()):
        inner = []  # a thing with parts of their own names, and no envelope
    for name in filter(None, names):
        for said in ([body], inner):
            found = [one[name] for one in said if isinstance(one.get(name), (str, int))]
            if len(found) == 1:
                return found[0]
    return None


def _sayable(key: Json, shape: Shape) -> bool:
    """Return whether a path parameter of *shape* may have the value *key*, in whatever type it came."""
    accepts = RawValidator(shape.document).is_valid
    text = str(key)
    return accepts(key) or accepts(text) or (text.isdecimal() and accepts(int(text)))
