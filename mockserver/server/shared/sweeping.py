"""
What says only that something is gone, and is known to everybody: it need not be kept.

A row that was taken away stays in the database without its value, and so does a session
that was dropped, so that other processes learn of it; each looks once a second. What has
been so for a minute is swept away. Up to which stamp that was done stands beside the
count of changes (`SWEPT`): who has not looked since (it was stopped, its machine slept)
takes over everything anew (copying.py). What a fixture says, and a client has taken away,
stays: else a restart would bring it back.

Who was killed while requests waited in it at a gate cannot take their rows away: that is
done here as well.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from threading import RLock
from typing import Protocol

from sqlalchemy import BindParameter, bindparam, delete, select, update

from mockserver.server.session import WAITING
from mockserver.server.sessions import Sessions
from mockserver.server.shared.copying import read
from mockserver.server.shared.database import Database
from mockserver.server.shared.schema import HEAD, ROWS, SESSIONS, SWEPT
from mockserver.server.shared.statements import Statement

EVERY = 60.0
"""Seconds between two looks, and so for which at least all know that something is gone before it is swept."""
PIECE = 1_000
"""Rows that are swept in one go: others wait for so long."""

_SINCE: BindParameter[int] = bindparam("since")
_UNTIL: BindParameter[int] = bindparam("until")
_KEYS = ("kind", "session", "api", "name", "key")
_GONE_ROWS = Statement(
    select(*(ROWS.c[name] for name in _KEYS)).where(
        ROWS.c.stamp > _SINCE, ROWS.c.stamp <= _UNTIL, ROWS.c.value.is_(None)
    )
)
_GONE_SESSIONS = Statement(
    select(SESSIONS.c.kind, SESSIONS.c.name).where(SESSIONS.c.stamp <= _UNTIL, SESSIONS.c.gone == 1)
)
_SWEEP = Statement(
    delete(ROWS).where(
        *(ROWS.c[name] == bindparam(name) for name in _KEYS), ROWS.c.value.is_(None), ROWS.c.stamp <= _UNTIL
    )
)
_SWEEP_SESSION = Statement(
    delete(SESSIONS).where(
        *(SESSIONS.c[name] == bindparam(name) for name in ("kind", "name")),
        SESSIONS.c.gone == 1,
        SESSIONS.c.stamp <= _UNTIL,
    )
)
_SAY = Statement(update(HEAD).where(HEAD.c.id == SWEPT, HEAD.c.stamp < _UNTIL).values(stamp=_UNTIL))


class State(Protocol):
    """What is needed of the state (state.py)."""

    database: Database
    lock: RLock
    seen: int
    sessions: Sessions

    def alone(self) -> AbstractContextManager[None]:
        """Surround what changes the database and nothing that is in memory."""

    def living(self) -> set[str]:
        """Return the processes at whose gates somebody waits."""


class Sweeper:
    """
    Sweeps, from time to time.

    Args:
        state: Of this process; other processes do the same, and find nothing left to do.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._next = time.monotonic() + EVERY
        self._known = -1  # the last change of EVERY seconds ago
        self._swept = 0

    def look(self) -> None:
        """Sweep where it is time to. Raises StateGone."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        until, self._known = self._known, self._state.seen
        self._forget_the_dead()
        if until > self._swept:
            self.sweep(until)

    def sweep(self, until: int) -> None:
        """Take away what was gone by the change *until*. Raises StateGone."""
        state, run = self._state, self._state.database.run
        with state.lock:
            rows = [
                (_SWEEP, {**dict(zip(_KEYS, row, strict=True)), "until": until})
                for row in run(_GONE_ROWS, {"since": self._swept, "until": until})
                if not self._is_of_a_fixture(*row[2:])
            ]
            sessions = [
                (_SWEEP_SESSION, {"kind": kind, "name": name, "until": until})
                for kind, name in run(_GONE_SESSIONS, {"until": until})
            ]
        gone = [*rows, *sessions]
        for start in range(0, len(gone), PIECE):
            with state.lock, state.alone():
                for statement, values in gone[start : start + PIECE]:
                    run(statement, values)
                run(_SAY, {"until": until})
        self._swept = until

    def _is_of_a_fixture(self, api: str, name: str, key: str) -> bool:
        if not api:
            return False
        world = self._state.sessions.default.worlds.get(api)
        if world is None:
            return True  # of an API that is not served here
        table = world.start.tables.get(name)
        return table is None or read(key) in table.rows

    def _forget_the_dead(self) -> None:
        state = self._state
        waiting = [(session, session.rows(WAITING)) for session in state.sessions]
        late = time.time() - EVERY
        old = [
            (session, key, row["holder"])
            for session, rows in waiting
            for key, row in rows
            if row["since"] < late
        ]
        living = state.living() if old else set()
        for session, key, holder in old:
            if holder not in living:
                with session.changing() as transaction:
                    if transaction.get(WAITING, key) is not None:
                        transaction.delete(WAITING, key)
