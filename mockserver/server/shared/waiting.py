"""
Gates at which requests of several processes wait, and that any of them opens.

Who waits is a row beside the request itself, which stays in the process that has its
connection. Another process that lets it go writes that into the row; its own process
looks (attending.py), lets it go on, and takes the row away: then the next one's turn
has come. Rows of a process that has died are passed over, and taken away.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from threading import Event
from typing import Any, Protocol
from weakref import ref

from mockserver.behavior.store import Row
from mockserver.server.session import WAITING, Session
from mockserver.server.waiting import PATIENCE, Waiting, WaitingRoom

ALIVE = "waiting:"
"""How the lease begins by which a process says that it lives, as long as somebody waits in it."""
SOON = 0.03
"""Seconds between two looks of who waits for others."""


class State(Protocol):
    """What a room needs of the state (attending.py)."""

    holder: str

    def leads(self, what: str) -> bool:
        """Hold a lease."""

    def living(self) -> set[str]:
        """Return who holds one."""

    def fresh(self) -> None:
        """Take over what others have done."""

    def stir(self) -> None:
        """Look soon."""


@dataclass(frozen=True)
class Elsewhere:
    """A request that waits in another process."""

    id: str
    method: str
    url: str
    since: float
    key: str
    holder: str


class SharedRoom(WaitingRoom):
    """All who wait in one session, whichever process they wait in."""

    def __init__(self, state: State, session: Session) -> None:
        super().__init__()
        self._state = state
        self._of = ref(session)  # who keeps rooms by their sessions must not keep these
        self._pause = Event()

    @property
    def _session(self) -> Session:
        session = self._of()
        assert session is not None, "who waits, or asks who waits, has the session"
        return session

    def enter(self, gate: str, waiting: Waiting) -> None:
        """Wait at *gate*."""
        super().enter(gate, waiting)
        row: Row = {
            "gate": gate,
            "id": waiting.id,
            "method": waiting.method,
            "url": waiting.url,
            "since": waiting.since,
            "holder": self._state.holder,
            "go": 0,
        }
        with self._session.changing() as transaction:
            transaction.put(WAITING, _key(gate, waiting.id), row)
        self._state.stir()

    def at(self, gate: str) -> list[Any]:
        """Return who waits at *gate*, in the order in which they came."""
        here = {one.id: one for one in super().at(gate)}
        found: list[Waiting | Elsewhere] = []
        rows = [(key, row) for key, row in self._session.rows(WAITING) if row["gate"] == gate]
        strange = any(row["holder"] != self._state.holder for _, row in rows)
        living = self._state.living() if strange else set()
        for key, row in rows:
            if row["holder"] == self._state.holder:
                if row["id"] in here:
                    found.append(here.pop(row["id"]))
            elif row["holder"] in living and not row["go"]:
                said = (row["id"], row["method"], row["url"], row["since"], key, row["holder"])
                found.append(Elsewhere(*said))
        return [*found, *here.values()]

    def until(self, gate: str, count: int, seconds: float) -> bool:
        """Wait until *count* wait at *gate*; False where they did not come in so many seconds."""
        end = time.monotonic() + seconds
        while True:
            self._state.fresh()
            if len(self.at(gate)) >= count:
                return True
            left = end - time.monotonic()
            if left <= 0:
                return False
            super().until(gate, count, min(left, SOON))

    def let_go(self, gate: str, which: Iterable[Any]) -> None:
        """Let *which* go, in that order, each when the one before has gone on."""
        for elsewhere, ones in groupby(which, key=lambda one: getattr(one, "holder", "")):
            group = list(ones)
            if elsewhere:
                self._let_go_there(group)
            else:
                super().let_go(gate, group)
                self._forget(_key(gate, one.id) for one in group)

    def _let_go_there(self, ones: Sequence[Elsewhere]) -> None:
        """Have another process let *ones* go, and wait until it has."""
        with self._session.changing() as transaction:
            for number, one in enumerate(ones, 1):
                row = transaction.get(WAITING, one.key)
                if row is not None:
                    transaction.put(WAITING, one.key, {**row, "go": number})
        end = time.monotonic() + PATIENCE * len(ones)
        keys = {one.key for one in ones}
        while time.monotonic() < end:
            self._state.fresh()
            keys = {key for key in keys if self._session.row(WAITING, key) is not None}
            if not keys or ones[0].holder not in self._state.living():
                break
            self._pause.wait(SOON)
        self._forget(keys)  # of a process that has died, or hangs

    def look(self) -> bool:
        """Let go whom others have let go, turn away whom a reset has; return whether anybody waits here."""
        there = list(self.here())
        if not there:
            return False
        rows = dict(self._session.rows(WAITING))
        freed: list[tuple[int, str, Waiting]] = []
        for gate, one in there:
            row = rows.get(_key(gate, one.id))
            if row is None:
                self.turn_one_away(gate, one)
            elif row["go"]:
                freed.append((row["go"], gate, one))
        for _, gate, one in sorted(freed, key=lambda found: found[0]):
            super().let_go(gate, [one])
        self._forget(_key(gate, one.id) for _, gate, one in freed)
        return any(True for _ in self.here())

    def _left(self, gate: str, one: Waiting) -> None:
        super()._left(gate, one)
        self._forget([_key(gate, one.id)])

    def _forget(self, keys: Iterable[str]) -> None:
        with self._session.changing() as transaction:
            for key in keys:
                if transaction.get(WAITING, key) is not None:
                    transaction.delete(WAITING, key)


def _key(gate: str, ident: str) -> str:
    return f"{ident}@{gate}"
