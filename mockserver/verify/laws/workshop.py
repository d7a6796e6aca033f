"""
Make items to try laws on, find them again, and take them away at the end.

What a server accepts is learned once for each thing and remembered: everything
that may be said, else what the document's example says, else only what must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.verify.laws.ahead import ahead
from mockserver.verify.laws.asking import Asker, Inconclusive, Reply, Unjudged, Unsupported, media_of
from mockserver.verify.laws.bodies import EXAMPLE, FULL, LEAST, PLAIN, Bodies
from mockserver.verify.laws.in_words import put_in_order
from mockserver.verify.laws.items import Item, Learned, Way, is_ours
from mockserver.verify.laws.keys import key_of, sayable
from mockserver.verify.laws.mentions import Mentions
from mockserver.verify.laws.reaching import REFUSED, explored, go
from mockserver.verify.laws.there import there
from mockserver.verify.laws.things import Thing
from mockserver.verify.requests import Key

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
        self._parents: dict[tuple[str, ...], Item] = {}
        self._drawn = 0
        self.mentions = Mentions(self, things, learned)

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
        if not isinstance(made, Item) and made.status in REFUSED and not other:
            made = self._made_needing(thing, given, ladder, above, made)
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
                sent = self.said(thing, operation, how, given, above=above, other=other)
                bodies = self.bodies(thing, operation)
                reply = self.asker.ask(operation, path, bodies.wrapped(sent), other=other)
                for few in (2, 1):  # two of one are not the same as one
                    if reply.status in REFUSED and self.mentions.lessen(
                        thing, bodies, sent, given or {}, few
                    ):
                        reply = self.asker.ask(operation, path, bodies.wrapped(sent), other=other)
                        self._learned.few.update({operation.id: few} if reply.good else {})
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

    def _made_needing(
        self,
        thing: Thing,
        given: Mapping[str, Json] | None,
        ladder: tuple[str, ...],
        above: Item | None,
        refused: Reply,
    ) -> Item | Reply:
        """Return what is made when it names others than before, or such in another state; else *refused*."""
        operation = thing.create
        assert operation is not None

        def attempt() -> Item | Reply:
            return self._made_of(thing, given, (LEAST,), above, other=False)

        found = None
        if operation.id not in self._learned.how:
            found = self.mentions.enabled(thing, operation, attempt)
        if (found is None or ladder == (LEAST,)) and not self.mentions.renewed(thing, operation):
            return found or refused
        made = self._made_of(thing, given, ladder, above, other=False)
        return made if isinstance(made, Item) else found or made

    def ways(self, thing: Thing) -> list[Way]:
        """Return the ways that lead to the states of *thing*, () first; learned once."""
        found = self._learned.ways.get(thing.resource.path)
        if found is None:
            self._learned.ways[thing.resource.path] = [()]  # nothing is looked for twice, nor within itself
            found = self._learned.ways[thing.resource.path] = explored(self, thing)
        return found

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
        known = refused.operation.id in self._learned.ahead
        if known or not 400 <= refused.status < 500 or refused.said.media is None:
            return False
        sent = self.bodies(thing, refused.operation).unwrapped(refused.said.body)
        return bool(sent) and ahead(sent, thing.sent(refused.operation)) != sent

    def _shows_it(self, thing: Thing, reply: Reply) -> bool:
        """Return whether an answer shows what was made: of several things, it may leave out some."""
        many = thing.resource.takes_many(reply.operation)
        return not many or thing.row_of(reply.operation, reply.body) is not None

    def said(
        self,
        thing: Thing,
        operation: Operation,
        how: str = "",
        given: Mapping[str, Json] | None = None,
        *,
        above: Item | None = None,
        other: bool = False,
        ready: bool = True,
    ) -> dict[str, Json]:
        """
        Return what to send of a thing, with the keys of things that are there where it names others.

        *ready*: whether something is done to what is *given*, where it is only taken then.
        """
        if media_of(operation) is None:
            return {}
        bodies = self.bodies(thing, operation)
        made = self.drawn(bodies, how, given)
        self.mentions.put(thing, bodies, made, given or {}, above=above, other=other, ready=ready)
        if few := self._learned.few.get(operation.id):
            self.mentions.lessen(thing, bodies, made, given or {}, few)
        return made

    def body(self, bodies: Bodies, how: str = "", given: Mapping[str, Json] | None = None) -> dict[str, Json]:
        """Return what to send of a thing; what makes one names such as exist."""
        thing = next((one for one in self._things if one.create is bodies.operation), None)
        return (
            self.drawn(bodies, how, given)
            if thing is None
            else self.said(thing, bodies.operation, how, given)
        )

    def drawn(
        self, bodies: Bodies, how: str = "", given: Mapping[str, Json] | None = None
    ) -> dict[str, Json]:
        """Return what to send of a thing; *how* as far as was learned. Alike in each run."""
        self._drawn += 1
        how = how or self._learned.how.get(bodies.operation.id, LEAST)
        seed = f"{self.asker.context.seed}/{self._drawn}"
        apart = bodies.operation.id in self._learned.apart
        made = bodies.make(how, self.token(), given, seed=seed, apart=apart)
        put_in_order(bodies, made, given or {})
        if bodies.operation.id in self._learned.ahead:
            later = ahead(made, bodies.shape)
            made = {**later, **{name: made[name] for name in (given or {}) if name in made}}
        return made

    def richest(self, bodies: Bodies) -> dict[str, Json]:
        """Return as much as may be sent of a thing, as far as it is not known that less is taken."""
        return self.body(bodies, self._learned.how.get(bodies.operation.id, FULL))

    def made_as(self, thing: Thing, key: Json) -> Item | None:
        """Return what was made of *thing* and is called *key*."""
        return next((one for one in self._made if one.thing is thing and one.key == key), None)

    def parent(self, thing: Thing, way: Way = (), over: Item | None = None) -> Item:
        """
        Return an item of *thing* that others may stand below, brought along *way*; the same each time.

        *over*: what it stands below itself, if that was chosen.
        """
        place = (thing.resource.path, *(operation.id for operation, _ in way), str(over.path) if over else "")
        found = self._parents.get(place)
        if found is None or found.gone:
            made = self.make(thing, parent=over) if thing.create else None
            found = made or there(self.asker, thing, self.above(thing, other=False))
            if way:
                self.bring(found, way)
            self._parents[place] = found
        return found

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
        key = key_of(self.asker, self._learned, thing, reply, row, path)
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
