"""
One law tried on one thing of one server: what a law has at hand, and what it says.

A law is a function of a `Trial`. It returns where it holds, raises `Broken` where
it does not, and `Unjudged` where that cannot be said.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json, Place, dumps
from mockserver.verify.laws.alike import agree, alike, lost
from mockserver.verify.laws.asking import Asker, Broken, Inconclusive, Reply, Unsupported
from mockserver.verify.laws.items import TOKEN, Item
from mockserver.verify.laws.lists import Row, walk
from mockserver.verify.laws.naming import is_secret
from mockserver.verify.laws.omitting import omits
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.workshop import Workshop
from mockserver.verify.laws.writings import written_alike

TICK = 1.1
"""Seconds after which a clock that counts whole ones has moved."""


LOOKS, PAUSE = 5, 0.25
"""How often is looked for what was accepted, with how many seconds between."""

_OPTIONAL = re.compile(r"\bmay (not )?be (left out|missing|absent|omitted|shown)|not always", re.IGNORECASE)
"""What a description says of a property that an answer need not show."""


@dataclass(frozen=True, eq=False)
class Law:
    """
    One law.

    Attributes:
        name: Stable, part of what a baseline remembers, e.g. "created-is-listed".
        holds: What is promised, one sentence.
        about: Whose answer it is about: a kind of operation, "create", "list" ...
        judge: Tries it.
        missing: Says why the contract does not support it for a thing, "" where it does.
        quick: Whether it belongs to the smoke profile.
    """

    name: str
    holds: str
    about: str
    judge: Callable[[Trial], None]
    missing: Callable[[Thing], str]
    quick: bool = True


class Trial:
    """
    One law on one thing.

    Args:
        law: Its name.
        thing: On what.
        workshop: Makes items of it.
    """

    def __init__(self, law: str, thing: Thing, workshop: Workshop) -> None:
        self.law = law
        self.thing = thing
        self.workshop = workshop
        self.asker: Asker = workshop.asker

    def make(
        self, given: Mapping[str, Json] | None = None, *, thing: Thing | None = None, **options: Any
    ) -> Item:
        """
        Make an item, of *thing* in place of the law's own, and wait for one that is only accepted (202).

        *given* and *options* are those of `Workshop.make`.

        Raises:
            Inconclusive: It is not there in time, too.
        """
        item = self.workshop.make(thing or self.thing, given, **options)
        if not item.replies[-1].done:
            self._await(item, other=options.get("other", False))
        return item

    def _await(self, item: Item, *, other: bool) -> None:
        for look in range(LOOKS):
            if look:
                time.sleep(PAUSE)
            if self._is_shown(item, other=other):
                return
        made = item.replies[-1]
        raise Inconclusive(f"{made} is answered {made.status}, and what it makes is not there soon after")

    def _is_shown(self, item: Item, *, other: bool) -> bool:
        """Return whether *item* is read and listed, as far as anything does so."""
        if item.thing.read is not None and not self.read(item, other=other).good:
            return False
        with suppress(Unsupported):
            return self.listed(item, other=other)[0] is not None
        return True

    def broken(
        self,
        operation: Operation,
        detail: str,
        *replies: Reply,
        item: Item | None = None,
        pointer: str = "",
        expected: Json = None,
        found: Json = MISSING,
        place: Place | None = None,
    ) -> Broken:
        """Return the finding, to be raised."""
        before = list(item.replies) if item is not None else []
        return Broken(
            self.law,
            operation,
            detail,
            [*before, *replies],
            pointer=pointer,
            expected=expected,
            found=found,
            place=place,
        )

    def taken(
        self,
        operation: Operation,
        detail: str,
        *replies: Reply,
        item: Item | None = None,
        pointer: str = "",
    ) -> Broken:
        """Return the finding, to be raised, that the last of *replies* is not the 409 that is documented."""
        promise = operation.responses["409"]
        return self.broken(
            operation,
            f"{detail}, where 409 is documented: {promise.description}",
            *replies,
            item=item,
            pointer=pointer,
            expected=409,
            found=replies[-1].status,
            place=promise.place,
        )

    # ------------------------------------------------------------------ looking

    def read(self, item: Item, *, other: bool = False) -> Reply:
        """Read *item* by its own path."""
        operation = item.thing.read
        if operation is None:
            raise Unsupported(f"nothing reads one of {item.thing.resource.path}")
        return self.asker.ask(operation, item.path, other=other)

    def seen(self, item: Item) -> tuple[Row, Reply]:
        """
        Return the row of *item* as reading, else the list, shows it.

        Raises:
            Inconclusive: It is not shown.
        """
        thing = item.thing
        if thing.read is not None:
            reply = self.read(item)
            row = thing.row_of(thing.read, reply.body)
            if not reply.good or row is None:
                raise Inconclusive(f"{reply} is answered {reply.status} and shows none")
            return row, reply
        row, reply = self.listed(item)
        if row is None:
            raise Inconclusive(f"{thing.resource.path} does not list what was made")
        return row, reply

    def listed(self, item: Item, *, other: bool = False) -> tuple[Row | None, Reply]:
        """
        Return the row of *item* in the list (None where the whole list does not have it), and the last call.

        Raises:
            Unsupported: Nothing lists it, or rows have no key.
            Inconclusive: The list is too long to be seen to its end, or leaves such a row out.
        """
        thing = item.thing
        if thing.lister is None:
            raise Unsupported(f"nothing lists {thing.resource.path}")
        if not thing.key:
            raise Unsupported(f"rows of {thing.resource.path} have no key to tell them by")
        found = walk(self.asker, thing, item.beside, until=item.key, other=other)
        reply = found.replies[-1]
        for row in found.pages[-1]:
            if alike(row.get(thing.key), item.key):
                return row, reply
        if not found.complete:
            raise Inconclusive(f"{thing.resource.path} lists too much to be seen to its end")
        if why := omits(item):
            raise Inconclusive(why)
        return None, reply

    # ---------------------------------------------------------------- comparing

    def hold_sent(
        self,
        operation: Operation,
        sent: Mapping[str, Json],
        row: Row,
        item: Item,
        *replies: Reply,
        absent: bool = True,
    ) -> None:
        """
        Raise `Broken` where *row* does not say what was *sent*.

        *absent*: whether a property that the answer of *operation* knows must be there.
        """
        thing = self.thing
        shown = thing.shown(operation)
        names = shown.names if shown is not None else ()
        for name in sorted(set(sent) & thing.clients):
            if name not in names or is_secret(name) or (name not in row and not absent):
                continue
            shape = shown.shape.named(name) if shown is not None else thing.row.named(name)
            if name not in row and any(
                _OPTIONAL.search(str(face.get("description"))) for face in shape.faces
            ):
                continue
            where = lost(sent[name], row.get(name, MISSING), shape)
            if where is None or any(face.get("deprecated") is True for face in shape.sure):
                continue  # what is on its way out is often kept for its name only
            self._hold_still(item, name, sent[name], row.get(name, MISSING))
            raise self.broken(
                operation,
                f"{name} was sent as {short(sent[name])} and is shown as {short(row.get(name, MISSING))}.",
                *replies,
                item=item,
                pointer=f"/{name}{where}" if not where.strip("/").isdecimal() else f"/{name}",
                expected=sent[name],
                found=row.get(name, MISSING),
            )

    def _hold_still(self, item: Item, name: str, sent: Json, shown: Json) -> None:
        """
        Look twice at a number that is nearly what was sent: seconds that are left, a quota that fills up.

        Raises:
            Inconclusive: It changes by itself.
        """
        numbers = [
            one for one in (sent, shown) if isinstance(one, (int, float)) and not isinstance(one, bool)
        ]
        if len(numbers) < 2 or abs(numbers[0] - numbers[1]) > max(1, abs(numbers[0]) / 100):
            return
        first, _ = self.seen(item)
        time.sleep(TICK)  # a law about time: what runs by the clock has to run
        second, _ = self.seen(item)
        if not alike(first.get(name), second.get(name)):
            raise Inconclusive(f"{name} changes by itself")

    def hold_once(
        self, item: Item, sent: Mapping[str, Json], said: str, listing: Reply, *before: Reply
    ) -> None:
        """Raise `Broken` where a list shows another row with the very texts that *item* alone was given."""
        thing = item.thing
        own = {
            name: value
            for name, value in sent.items()
            if name in thing.clients and isinstance(value, (str, int, float)) and not is_secret(name)
        }
        if not any(isinstance(value, str) and TOKEN.search(value) for value in own.values()):
            return
        for row in thing.rows_of(listing.operation, listing.body) or ():
            if not alike(row.get(thing.key), item.key) and all(
                name in row and alike(row[name], value) for name, value in own.items()
            ):
                raise self.broken(
                    listing.operation,
                    f"{said}, and the list shows it as {short(item.key)} and as {short(row.get(thing.key))}.",
                    *(*before, listing),
                    item=item,
                    expected=item.key,
                    found=row.get(thing.key),
                )

    def hold_same(
        self,
        operation: Operation,
        names: Set[str],
        before: Row,
        after: Row,
        said: str,
        *replies: Reply,
        item: Item,
    ) -> None:
        """Raise `Broken` where one of the properties *names* differs in two rows that show it."""
        for name in sorted(names & before.keys() & after.keys()):
            one, other = before[name], after[name]
            if not (agree(one, other) or written_alike(one, other, self.thing.row.named(name))):
                raise self.broken(
                    operation,
                    f"{name} {said}: it was {short(before[name])} and is {short(after[name])}.",
                    *replies,
                    item=item,
                    pointer=f"/{name}",
                    expected=before[name],
                    found=after[name],
                )


def short(value: Json) -> str:
    """Return *value* as text that fits in a sentence."""
    if value is MISSING:
        return "nothing"
    text = str(dumps(value), "utf-8")
    return text if len(text) <= 60 else text[:57] + "..."
