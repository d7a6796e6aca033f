"""
Large answers, whole, for who asks for them again: in the database, so that any process can give them.

They are written with the journal's entries, in the same transaction, and bounded all
together: the oldest make room.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select

from mockserver.server.shared.database import Database
from mockserver.server.shared.schema import BODIES
from mockserver.server.shared.statements import Statement

_ADD = Statement(
    insert(BODIES).values(
        session=bindparam("session"),
        number=bindparam("number"),
        size=bindparam("size"),
        body=bindparam("body"),
    )
)
_FORGET = Statement(
    delete(BODIES).where(BODIES.c.session == bindparam("session"), BODIES.c.number == bindparam("number"))
)
_HELD = Statement(select(func.sum(BODIES.c.size)))
_SIZES = Statement(select(BODIES.c.seq, BODIES.c.size).order_by(BODIES.c.seq))
_TRIM = Statement(delete(BODIES).where(BODIES.c.seq <= bindparam("seq")))
ONE = Statement(
    select(BODIES.c.body).where(
        BODIES.c.session == bindparam("session"), BODIES.c.number == bindparam("number")
    )
)


class _Body(NamedTuple):
    session: str
    number: int
    body: bytes
    most: int


class Bodies:
    """Those of this process that are not in the database yet."""

    def __init__(self) -> None:
        self._waiting: list[_Body] = []

    @property
    def held(self) -> int:
        """Bytes that wait to be written."""
        return sum(len(one.body) for one in self._waiting)

    def add(self, session: str, number: int, body: bytes, most: int) -> None:
        """Take one; of all there are, *most* bytes are kept, and the oldest make room."""
        if len(body) > most:
            return
        while self.held + len(body) > most:
            del self._waiting[0]
        self._waiting.append(_Body(session, number, body, most))

    def flush(self, database: Database) -> None:
        """Write what waits, in the transaction that is open. Raises StateGone."""
        for session, number, body, _ in self._waiting:
            place = {"session": session, "number": number}
            database.run(_FORGET, place)
            database.run(_ADD, {**place, "size": len(body), "body": body})
        if self._waiting:
            self._trim(database, self._waiting[-1].most)

    @staticmethod
    def _trim(database: Database, most: int) -> None:
        over = int(database.run(_HELD)[0][0] or 0) - most
        if over <= 0:
            return
        for seq, size in database.run(_SIZES):
            over -= size
            if over <= 0:
                database.run(_TRIM, {"seq": seq})
                return

    def flushed(self) -> None:
        """Forget what was written."""
        self._waiting = []
