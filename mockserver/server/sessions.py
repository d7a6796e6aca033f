"""
The sessions of a host: found by what a request says, forked at their first use, dropped when nobody comes.

`Mock-Session: NAME`, or the cookie of that name, selects a session; the header
wins. There are at most so many, since each may hold a copy of every world: where
one more is asked for, the one that was used least recently goes. Who comes back
to a session that was dropped finds a new one, and the journal says so.
"""

from __future__ import annotations

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping

from mockserver.behavior.clock import Clock
from mockserver.behavior.store import Table
from mockserver.behavior.world import World
from mockserver.exchange import Request
from mockserver.server.keeper import MEMORY, Keeper
from mockserver.server.session import DEFAULT, Session

log = logging.getLogger(__name__)

MOST = 256
"""Sessions beside the default one."""
IDLE = 3_600.0
"""Seconds after which a session that nobody uses is dropped."""
LONGEST = 100
REMEMBERED = 1_000
"""Names of dropped sessions that are remembered."""

_NAME = re.compile(f"[A-Za-z0-9._-]{{1,{LONGEST}}}")
_COOKIE = re.compile(r"(?:^|;)[ \t]*mock-session[ \t]*=([^;]*)", re.IGNORECASE)


class BadSession(Exception):
    """A session cannot be had; the text says why. `status` is for the answer."""

    def __init__(self, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status


def checked(name: str, what: str = "Mock-Session") -> str:
    """Return *name*. Raises BadSession where it cannot be a session's, or another thing's, *what* it is."""
    if not _NAME.fullmatch(name):
        shown = f"{name[:60]!r}{'...' if len(name) > 60 else ''}"
        raise BadSession(
            f"{what}: {shown} is no name: 1 to {LONGEST} letters, digits, '.', '_' and '-' are expected."
        )
    return name


def name_of(request: Request) -> str:
    """
    Return the name of the session that *request* selects, "default" where it says nothing.

    Raises:
        BadSession: The name is none.
    """
    index = request.index
    said = index.get("mock-session")
    if said is None:
        cookie = index.get("cookie")
        if cookie is None or (found := _COOKIE.search(cookie)) is None:
            return DEFAULT
        said = found[1].strip().strip('"')
    return checked(said)


class Sessions:
    """
    The default session, and its forks by name.

    Args:
        default: Whose world the others begin with.
        most: How many there are beside it at the most.
        idle: Seconds without a request after which one is dropped; 0: never.
        keeper: Where they are kept.
        now: Seconds on a clock that only rises (injected, so that tests decide).
    """

    def __init__(
        self,
        default: Session,
        *,
        most: int = MOST,
        idle: float = IDLE,
        keeper: Keeper = MEMORY,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.default = default
        self.keeper = keeper
        self.most = most
        self.idle = idle
        self._now = now
        self._lock = default.lock
        self._forks: dict[str, Session] = {}
        self._dropped: OrderedDict[str, str] = OrderedDict()
        default.bounds.rows = self._tables
        self.snapshots: dict[str, Session] = {}
        """What sessions were at some moment, by name; put back into any session."""

    def of(self, request: Request) -> tuple[Session, str]:
        """
        Return the session that *request* selects, and a note where one of that name was dropped before.

        Raises:
            BadSession: It names none, or there is no room for one more.
        """
        index = request.index
        if "mock-session" not in index and "cookie" not in index:
            return self.default, ""
        return self.named(name_of(request))

    def named(self, name: str) -> tuple[Session, str]:
        """Return the session called *name*, as `of` does."""
        if name == DEFAULT:
            return self.default, ""
        with self._lock:
            session = self.get(name)
            note = ""
            if session is None:
                with self.keeper.writing():
                    why = self._dropped.pop(name, "")
                    note = f"the session {name!r} is a new one: {why}" if why else ""
                    session = self.get(name) or self.fork(name)
            session.used = self._now()
        return session, note

    def get(self, name: str) -> Session | None:
        """Return the session called *name* if there is one."""
        with self._lock:
            session = self.default if name == DEFAULT else self._forks.get(name)
            return None if session is not None and self._expired(session) else session

    def fork(self, name: str, source: Session | None = None, *, pinned: bool = False) -> Session:
        """
        Make a session called *name* that begins as *source* is now (by default the default session).

        Raises:
            BadSession: There is one already, or there is no room.
        """
        with self._lock, self.keeper.writing():
            if name == DEFAULT or checked(name) in self._forks:
                raise BadSession(f"There is a session {name!r} already.", 409)
            self._make_room()
            source = source or self.default
            journal = self.default.journal
            made = source.fork(
                name, self.keeper.journal(journal.entries, journal.size // 8, name, journal.hoard)
            )
            if source in self.snapshots.values():
                made.move(Clock.resume)
            made.journal.tally = journal.tally
            made.pinned, made.used = pinned, self._now()
            self._forks[name] = made
            self._dropped.pop(name, None)
            self.keeper.made(made, "session")
            return made

    def drop(self, name: str, why: str = "") -> bool:
        """Forget a session; say whether there was one. *why* is told to who comes back to it."""
        with self._lock, self.keeper.writing():
            session = self._forks.get(name)
            if session is None:
                return False
            self.keeper.dropped(session, "session", why)
            session.journal.clear()
            self.lost("session", name, why)
            if why:
                log.info("the session %r was dropped: %s", name, why)
            return True

    # ------------------------------------------------------------- for the keeper

    def kept(self, kind: str, name: str) -> Session | None:
        """Return the "session" or "snapshot" of that name, if it is here."""
        if kind == "snapshot":
            return self.snapshots.get(name)
        return self.default if name == DEFAULT else self._forks.get(name)

    def found(self, kind: str, name: str, worlds: Mapping[str, World]) -> Session:
        """Have one that another process has made; what it holds is laid over *worlds*."""
        journal = self.default.journal
        size = 0 if kind == "snapshot" else journal.entries
        made = Session(
            name, worlds, self.keeper.journal(size, journal.size // 8, name, journal.hoard), self._lock
        )
        made.journal.tally = journal.tally
        made.bounds, made.used = self.default.bounds, self._now()
        (self.snapshots if kind == "snapshot" else self._forks)[name] = made
        self._dropped.pop(name, None)
        return made

    def lost(self, kind: str, name: str, why: str) -> None:
        """Have it no more; *why* is told to who comes back to it."""
        session = (self.snapshots if kind == "snapshot" else self._forks).pop(name, None)
        if session is not None:
            session.drop()
        if why and kind == "session":
            self._dropped[name] = why
            if len(self._dropped) > REMEMBERED:
                self._dropped.popitem(last=False)

    @property
    def dropped(self) -> dict[str, str]:
        """Sessions that were dropped and not asked for since, the last ones: name -> why."""
        return dict(self._dropped)

    def save(self, name: str, session: Session) -> Session:
        """Put a snapshot of *session* away under *name*, in place of an older one. Raises BadSession."""
        with self._lock, self.keeper.writing():
            if (
                checked(name, "snapshot") not in self.snapshots
                and len(self.snapshots) >= self.default.bounds.snapshots
            ):
                most = self.default.bounds.snapshots
                raise BadSession(f"There are {most} snapshots already (--max-snapshots); delete one.", 429)
            made = self.snapshots[name] = session.put_away(name)
            self.keeper.made(made, "snapshot")
            return made

    def forget(self, name: str) -> None:
        """Delete the snapshot *name*."""
        with self._lock, self.keeper.writing():
            if name in self.snapshots:
                self.keeper.dropped(self.snapshots[name], "snapshot")
                self.lost("snapshot", name, "")

    @property
    def all(self) -> list[Session]:
        """All that holds worlds: sessions and snapshots."""
        return [*self, *self.snapshots.values()]

    def _tables(self) -> Iterator[Table]:
        """Yield all tables that there are."""
        for session in (self.default, *self._forks.values(), *self.snapshots.values()):
            yield from session.tables.values()
            for world in session.worlds.values():
                yield from world.tables.values()

    def _sweep(self) -> None:
        """Drop all who were not heard of for too long."""
        for session in list(self._forks.values()):
            self._expired(session)

    def _expired(self, session: Session) -> bool:
        """Drop *session* where it was not heard of for too long, and say so."""
        if session.pinned or not self.idle or self._now() - session.used <= self.idle:
            return False
        elsewhere = self.keeper.last_used(session.name)
        if elsewhere <= self.idle:
            session.used = self._now() - elsewhere
            return False
        return self.drop(session.name, f"nobody had used it for {self.idle:g} seconds (--session-ttl).")

    def _make_room(self) -> None:
        self._sweep()
        if len(self._forks) < self.most:
            return
        loose = [session for session in self._forks.values() if not session.pinned]
        if not loose:
            raise BadSession(f"All {self.most} sessions (--sessions) are pinned; drop one.", 503)
        oldest = min(loose, key=lambda session: session.used)
        self.drop(oldest.name, f"there were more than {self.most} (--sessions), and it was the least used.")

    def __iter__(self) -> Iterator[Session]:
        """Yield the default session, then the others in the order in which they came."""
        with self._lock:
            self._sweep()
            return iter((self.default, *self._forks.values()))

    def __len__(self) -> int:
        return 1 + len(self._forks)
