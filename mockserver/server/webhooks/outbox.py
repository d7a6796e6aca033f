"""
What is on its way: taken from the logs of all sessions, carried by the courier, and noted there again.

A delivery is a row of its session from before it is sent until long after. So it is
the rows that say what is to be carried: those of a request that was just answered,
those that another process has left, and those that were under way when a server
ended. Of several processes on one database one carries them all, as long as it has
something to carry and lives (a lease): that keeps the order in which a receiver is
told. Where it is killed while a message is on the wire, nobody knows whether that was
taken, and it is sent again: at least once, under the same `webhook-id`.
"""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Protocol
from weakref import WeakKeyDictionary, WeakSet

from mockserver.behavior.store import Row
from mockserver.behavior.world import World
from mockserver.errors import MockserverError
from mockserver.exchange import Json
from mockserver.server.api import Api
from mockserver.server.keeper import Keeper
from mockserver.server.session import Session
from mockserver.server.webhooks import deliveries
from mockserver.server.webhooks.attempts import Sent
from mockserver.server.webhooks.deliveries import BORN, TABLE, UNDER_WAY, Ticket, ticket_of
from mockserver.server.webhooks.events import Event, event_of
from mockserver.server.webhooks.subscriptions import Subscription

log = logging.getLogger(__name__)

DELIVERIES = "deliveries"
"""The name of the lease of who carries."""


class Served(Protocol):
    """What the office needs of the host."""

    @property
    def apis(self) -> Iterable[Api]:
        """In the order of the command line."""

    @property
    def sessions(self) -> Iterable[Session]:
        """All there are now."""

    @property
    def keeper(self) -> Keeper:
        """Where they are kept."""


class Outbox(ABC):
    """
    Tells the courier what to carry, and is told how it goes (`courier.Log`).

    Args:
        host: Whose sessions they are.
    """

    def __init__(self, host: Served) -> None:
        self._host = host
        self._carried: set[tuple[str, str, int]] = set()
        self._looked: WeakKeyDictionary[Session, int] = WeakKeyDictionary()
        """At which version of a session all that waits in it was taken."""
        self._moved = threading.Condition()
        self._stuck: WeakSet[World] = WeakSet()

    @abstractmethod
    def subscribers(self, session: Session) -> list[Subscription]:
        """Return who is told of what happens in *session*."""

    @abstractmethod
    def send(self, session: Session, api: Api, event: Event) -> list[Row]:
        """Make the deliveries of *event*."""

    def _api(self, name: str) -> Api | None:
        return next((one for one in self._host.apis if one.name == name), None)

    def due(self) -> Iterator[Ticket]:
        """
        Yield the deliveries that nobody carries yet, each session's in the order in which they came.

        Of several processes one carries all there are, as long as it lives: so their order holds.
        """
        keeper = self._host.keeper
        if self._carried:  # we lead: what others have to send comes to us
            keeper.fresh()
        found = self.left()
        if not found and not self._carried:
            keeper.rests(DELIVERIES)
        for session in found:
            if not keeper.leads(DELIVERIES):
                return
            with session.lock:
                waits = [row for _, row in session.rows(TABLE) if row["state"] in UNDER_WAY]
                self._looked[session] = session.version
            for row in waits:
                if (session.name, row["id"], row[BORN]) not in self._carried:
                    ticket = ticket_of(session, row)
                    self._carried.add(ticket.key)
                    yield ticket

    def left(self) -> list[Session]:
        """Return the sessions in which something may wait that nobody carries here."""
        found = []
        for session in list(self._host.sessions):
            with session.lock:
                version = session.version
                if self._looked.get(session) == version:
                    continue
                if any(row["state"] in UNDER_WAY for _, row in session.rows(TABLE)):
                    found.append(session)
                else:
                    self._looked[session] = version
        return found

    def done(self, ticket: Ticket) -> None:
        """Nobody carries *ticket* any more."""
        self._carried.discard(ticket.key)
        self._looked.pop(ticket.session, None)

    def sending(self, ticket: Ticket) -> bool:
        """Note that *ticket* is on the wire; False where it is not to be sent any more, or not by us."""
        return (
            self._host.keeper.leads(DELIVERIES)
            and ticket.there
            and deliveries.change(ticket, state="sending")
        )

    def sent(self, ticket: Ticket, sent: Sent, last: bool) -> None:
        """Note what came of an attempt."""
        row = ticket.session.row(TABLE, ticket.id)
        if row is not None:
            state = "delivered" if sent.taken else "failed" if last else "retrying"
            why = ""
            if not sent.taken:
                why = sent.trouble or f"The receiver answered {sent.status}."
            attempts = [*row["attempts"], deliveries.attempt(sent)]
            violations = row["violations"] + self._answered(row, sent)
            deliveries.change(ticket, state=state, why=why, attempts=attempts, violations=violations)
        with self._moved:
            self._moved.notify_all()

    def _answered(self, row: Row, sent: Sent) -> list[Json]:
        """Hold the receiver's answer against what the contract expects of it."""
        api = self._api(row["api"])
        operation = api.contract.told_by(row["event"]) if api is not None else None
        if not sent.status or operation is None or api is None or operation.promise(sent.status) is not None:
            return []
        known = ", ".join(operation.responses)
        detail = f"The receiver answered {sent.status}; the contract expects {known}."
        place = api.contract.located(operation.place)
        spec = {"file": place.file, "line": place.line, "pointer": place.pointer}
        return [{"in": "status", "pointer": "", "keyword": "status", "detail": detail, "spec": spec}]

    def on_tick(self) -> None:
        """Let happen what is due in the sessions that somebody is told of."""
        for session in list(self._host.sessions):
            for api in self._host.apis:
                if session.gone or api.engine.idle(session.worlds[api.name]):
                    continue
                if any(one.api == api.name for one in self.subscribers(session)):
                    self.pass_time(session, api)

    def pass_time(self, session: Session, api: Api) -> None:
        """Let happen what is due in *session* though nobody asks, and tell of it."""
        with session.lock, session.keeper.writing():
            world = session.worlds[api.name]
            if world in self._stuck:
                return
            try:
                happened = api.engine.pass_time(world)
            except MockserverError as error:
                self._stuck.add(world)  # the next request says it again
                log.warning("%s: what is due cannot happen: %s", api.name, error)
                return
            for one in happened:
                event = event_of(api.contract, one)
                if event is not None:
                    self.send(session, api, event)

    def settled(self, session: Session, seconds: float) -> bool:
        """Wait until nothing is on its way but what waits for the session's clock; False after *seconds*."""
        end = time.monotonic() + seconds
        while True:
            for api in self._host.apis:
                self.pass_time(session, api)
            with session.lock:
                rows = list(deliveries.waiting(session))
            left = end - time.monotonic()
            if not rows or left <= 0:
                return not rows
            with self._moved:
                self._moved.wait(min(left, 0.1))
