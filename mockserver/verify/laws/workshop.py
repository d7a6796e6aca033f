"""
Make items to try laws on, find them again, and take them away at the end.

What a server accepts is learned once for each thing and remembered: everything
that may be said, else what the document's example says, else only what must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import unquote

from mockserver.behavior.wording import plain, singular
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.contract.urls import parts_of
from mockserver.exchange import Json
from mockserver.verify.calls import successful_call
from mockserver.verify.laws.ahead import ahead
from mockserver.verify.laws.asking import Asker, Inconclusive, Reply, Unjudged, Unsupported, media_of
from mockserver.verify.laws.bodies import EXAMPLE, FULL, LEAST, PLAIN, Bodies, names_another
from mockserver.verify.laws.items import Item, Learned, Step, Way, is_ours
from mockserver.verify.laws.keys import called, property_of, sayable
from mockserver.verify.laws.reaching import REFUSED, explored, go
from mockserver.verify.laws.things import Thing
from mockserver.verify.requests import Key, Unsayable

LADDER = (FULL, EXAMPLE, LEAST, PLAIN)


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
        self._parents: dict[tuple[str, tuple[str, ...]], Item] = {}
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
        above = parent or self.above(thing, other=other)
        known = self._learned.how.get(operation.id)
        ladder = (LEAST,) if least else LADDER[LADDER.index(known) if known else 0 :]
        way = self._learned.ready.get(operation.id, ())
        if above is not None and way and not above.way:
            self.bring(above, way, other=other)
        made = self._made_of(thing, given, ladder, above, other=other)
        if not isinstance(made, Item) and self._is_past(thing, made):
            self._learned.ahead.add(operation.id)
            made = self._made_of(thing, given, ladder, above, other=other)
            if not isinstance(made, Item):
                self._learned.ahead.discard(operation.id)
        if not isinstance(made, Item) and not known and made.status in REFUSED and above is not None:
            made = self._made_ready(thing, given, ladder, parent, made, other=other)
        if not isinstance(made, Item) and made.status == 409 and parent is None and not other:
            made = self._made_alone(thing, given, ladder, made)
        if isinstance(made, Item):
            return made
        why = f"{operation.id} answers {made.status} to what the contract allows"
        if made.good:
            why = f"{operation.id} answers {made.status} and does not show the one thing that it was sent"
        if not given and not least and not known:
            self._learned.refused[thing.resource.path] = why
        raise Inconclusive(why)

    def _made_of(
        self,
        thing: Thing,
        given: Mapping[str, Json] | None,
        ladder: tuple[str, ...],
        above: Item | None,
        *,
        other: bool,
    ) -> Item | Reply:
        """Return what was made below *above* with the first body that is taken, or the last refusal."""
        operation = thing.create
        assert operation is not None
        path, before = (dict(above.path), above.replies) if above is not None else ({}, ())
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
                if ladder != (LEAST,) and operation.id not in self._learned.how:
                    self._learned.how[operation.id] = how
                return self._item(thing, sent, reply, path, before, other=other)
        assert reply is not None
        return reply

    def _made_alone(
        self, thing: Thing, given: Mapping[str, Json] | None, ladder: tuple[str, ...], refused: Reply
    ) -> Item | Reply:
        """Return what is made below another parent, where there is no room for a second; else *refused*."""
        operation = thing.create
        assert operation is not None
        if thing.parent is None or thing.parent.create is None:
            return refused
        with suppress(Unjudged):
            made = self._made_of(thing, given, ladder, self.fresh_above(thing), other=False)
            if isinstance(made, Item):
                self._learned.alone.add(operation.id)
            return made
        return refused

    def _made_ready(
        self,
        thing: Thing,
        given: Mapping[str, Json] | None,
        ladder: tuple[str, ...],
        parent: Item | None,
        refused: Reply,
        *,
        other: bool,
    ) -> Item | Reply:
        """Return what is made below a parent in another of its states; else *refused*."""
        operation, over = thing.create, thing.parent
        assert operation is not None
        if over is None or over.create is None or operation.id in self._learned.unready:
            return refused
        self._learned.unready.add(operation.id)
        for way in self.ways(over)[1:]:
            with suppress(Unjudged):
                above = self.parent(over, way)
                made = self._made_of(thing, given, ladder, above, other=False)
                if isinstance(made, Item):
                    self._learned.ready[operation.id] = way
                    if parent is None and not other:
                        return made
                    below = parent or self.above(thing, other=other)
                    if below is not None:
                        self.bring(below, way, other=other)
                    return self._made_of(thing, given, ladder, below, other=other)
        return refused

    def ways(self, thing: Thing) -> list[Way]:
        """Return the ways that lead to the states of *thing*, () first; learned once."""
        found = self._learned.ways.get(thing.resource.path)
        if found is None:
            self._learned.ways[thing.resource.path] = [()]  # nothing is looked for twice, nor within itself
            found = self._learned.ways[thing.resource.path] = explored(self, thing)
        return found

    def fillings(self, thing: Thing) -> Iterator[Step]:
        """Yield what makes something below one of *thing*."""
        for child in thing.below:
            if child.parent is thing and child.create is not None:
                how = self._learned.how.get(child.create.id, LEAST)
                sent = self._body(child, child.create, how, None)
                yield child.create, self.bodies(child, child.create).wrapped(sent)

    def bring(self, item: Item, way: Way, *, other: bool = False) -> None:
        """
        Bring a fresh *item* along *way*.

        Raises:
            Inconclusive: The server does not take it.
        """
        replies = go(self.asker, item, way, other=other)
        item.replies, item.way = (*item.replies, *replies), way
        if any(not reply.done for reply in replies):
            raise Inconclusive(f"{replies[-1]} is answered {replies[-1].status}")

    def _is_past(self, thing: Thing, refused: Reply) -> bool:
        """Return whether what was refused says a time that is over, which a server need not take."""
        operation = refused.operation
        if (
            operation.id in self._learned.ahead
            or not 400 <= refused.status < 500
            or refused.said.media is None
        ):
            return False
        sent = self.bodies(thing, operation).unwrapped(refused.said.body)
        return bool(sent) and ahead(sent, thing.sent(operation)) != sent

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

    def parent(self, thing: Thing, way: Way = ()) -> Item:
        """Return an item of *thing* that others may stand below, brought along *way*; the same each time."""
        place = (thing.resource.path, tuple(operation.id for operation, _ in way))
        found = self._parents.get(place)
        if found is None or found.gone:
            found = self.make(thing) if thing.create else self._found(thing)
            if way:
                self.bring(found, way)
            self._parents[place] = found
        return found

    def _found(self, thing: Thing) -> Item:
        """Return an item that is there already: what cannot be made can still be stood below."""
        above = self.above(thing, other=False)
        place, before = (above.path, above.replies) if above is not None else ({}, ())
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

    def above(self, thing: Thing, *, other: bool) -> Item | None:
        """Return what *thing* stands below, made where it is not there; None at the top."""
        if thing.orphaned:
            raise Unsupported(f"{thing.resource.path} stands below something that is no collection here")
        if thing.parent is None:
            return None
        if other:
            return self.make(thing.parent, other=True)
        if thing.create is not None and thing.create.id in self._learned.alone:
            return self.fresh_above(thing)
        way = self._learned.ready.get(thing.create.id, ()) if thing.create is not None else ()
        return self.parent(thing.parent, way)

    def fresh_above(self, thing: Thing) -> Item:
        """Return a new one of what *thing* stands below, such that it can be made there."""
        assert thing.parent is not None
        assert thing.create is not None
        item = self.make(thing.parent)
        if way := self._learned.ready.get(thing.create.id):
            self.bring(item, way)
        return item

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
        key = row.get(property_of(self.asker, self._learned, thing, row, path)) if thing.key else None
        if key is None:
            key = called(reply.body, (thing.key, thing.resource.parameter, "id"))
        if key is None and (location := reply.header("location")):
            key = unquote(parts_of(location).path.rstrip("/").rpartition("/")[2])
        item = Item(thing, key, dict(path), sent, row, (*before, reply))
        if key is None:
            if thing.resource.parameter or thing.key:
                raise Inconclusive(f"{reply.operation.id} does not say how what it made is called")
        elif thing.resource.parameter:
            item.path["path", thing.resource.parameter] = key
            shape = thing.resource.parameter_shape
            if shape is not None and not sayable(key, shape):
                raise Inconclusive(f"the contract's own path cannot say the key {key!r}")
        known = (thing.resource.item_path, str(sorted(item.path.items())))
        found = reply.status == 200 and "201" in reply.operation.responses
        if found and (known in self._learned.made or not is_ours(sent, row)):
            raise Inconclusive(f"{reply.operation.id} answers with one that was there, and makes none")
        self._learned.made.add(known)
        if not other:
            self._made.append(item)
        return item

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
