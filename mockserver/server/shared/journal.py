"""
The requests of a session, whichever process answered them; spool.py takes them to the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, delete, func, select

from mockserver.server.hoard import Hoard
from mockserver.server.journal import Entry, Journal
from mockserver.server.shared import bodies
from mockserver.server.shared.entries import decoded
from mockserver.server.shared.schema import JOURNAL
from mockserver.server.shared.spool import Spool
from mockserver.server.shared.statements import Statement

_LAST = Statement(
    select(JOURNAL.c.entry)
    .where(JOURNAL.c.session == bindparam("session"))
    .order_by(JOURNAL.c.seq.desc())
    .limit(bindparam("most"))
)
_ONE = Statement(
    select(JOURNAL.c.entry).where(
        JOURNAL.c.session == bindparam("session"), JOURNAL.c.number == bindparam("number")
    )
)
_COUNT = Statement(select(func.count()).where(JOURNAL.c.session == bindparam("session")))
_FORGET = Statement(
    delete(JOURNAL).where(JOURNAL.c.session == bindparam("session"), JOURNAL.c.number == bindparam("number"))
)
_CLEAR = Statement(delete(JOURNAL).where(JOURNAL.c.session == bindparam("session")))


class SharedJournal(Journal):
    """The requests of one session, whichever process answered them."""

    def __init__(
        self, spool: Spool, entries: int, size: int, session: str, hoard: Hoard | None = None
    ) -> None:
        super().__init__(entries, size, session, hoard)
        self.session = session
        self.shared = True
        self.since_trim = 0
        self._spool = spool
        self._number = spool.first_number(session)

    def _keep(self, entry: Entry, weight: int) -> None:
        super()._keep(entry, weight)
        self._spool.add(self)

    def _keep_whole(self, entry: Entry, body: bytes) -> None:
        self._spool.bodies.add(self.session, entry.number, body, self.hoard.bodies.size)

    def _whole(self, entry: Entry) -> bytes | None:
        rows = self._asked(bodies.ONE, {"session": self.session, "number": entry.number})
        return bytes(rows[0][0]) if rows else None

    @property
    def waiting(self) -> int:
        """How many entries wait to be written."""
        return len(self._kept)

    def first(self, most: int) -> list[Entry]:
        """Return the oldest entries that wait to be written, at most so many."""
        return list(islice(self._kept, most))

    def written(self, count: int) -> None:
        """Let the oldest *count* entries wait no more."""
        for _ in range(count):
            self._forget(self._kept.popleft())

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries as they are now, oldest first."""
        rows = self._asked(_LAST, {"session": self.session, "most": self.entries})
        return iter(sorted((decoded(bytes(row[0])) for row in rows), key=lambda entry: entry.at))

    def __len__(self) -> int:
        return min(int(self._asked(_COUNT, {"session": self.session})[0][0]), self.entries)

    def get(self, ident: str) -> Entry | None:
        """Return the entry with that id (any case), or None."""
        number = self._number_in(ident)
        rows = self._asked(_ONE, {"session": self.session, "number": number}) if number is not None else []
        return decoded(bytes(rows[0][0])) if rows else None

    def remove(self, ident: str) -> Entry | None:
        """Forget the entry with that id and return it; None when there is none."""
        entry = self.get(ident)
        if entry is not None:
            self._asked(_FORGET, {"session": self.session, "number": entry.number})
        return entry

    def clear(self) -> None:
        """Forget everything, and count from 1 again."""
        self._asked(_CLEAR, {"session": self.session})
        self._number = self._spool.base

    def _number_in(self, ident: str) -> int | None:
        wanted = ident.lower()
        if not wanted.startswith(self._owner):
            return None
        try:
            return int(wanted[len(self._owner) :], 16)
        except ValueError:
            return None

    def _asked(self, statement: Statement, values: dict[str, Any]) -> Any:
        return self._spool.asked(statement, values)
