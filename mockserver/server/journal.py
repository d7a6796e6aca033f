"""
The journal: what was asked, what was answered, and why.

A request pays about a microsecond for it: references are kept, and nothing is
rendered, copied or looked up until somebody reads (server/admin_requests.py).
It is bounded twice, by entries and by bytes, since a test suite that uploads
files would otherwise be remembered until the memory is gone; and so are all
journals together (hoard.py).
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from threading import Lock
from typing import NamedTuple

from mockserver.exchange import Json, Request, Response, Violation
from mockserver.server.hoard import Hoard
from mockserver.server.tally import Tally

ENTRIES = 1_000
BYTES = 32 * 1024 * 1024
OWNER = "00000000-0000-8000-8000-"
"""How the ids of the default session begin."""
BODY = 256 * 1024
"""Of a body longer than this, only so much is shown; an answer is kept whole beside, to be given again."""


class Entry(NamedTuple):
    """
    One request and its answer.

    Attributes:
        number: Counts from 1 since the start or the last reset.
        at: When it arrived, in seconds since 1970 (the machine's clock, not the world's).
        seconds: From arrival to the finished answer, without a delay that was asked for.
        request: As it came; its body may have been cut.
        response: As it was handed to the wire; its body may have been cut.
        api: The API's name, "" when the request was addressed to none.
        operation: The operation's id, "" when none was found.
        source: The `Mock-Source` of the answer.
        violations: What is wrong with the request or the answer.
        notes: Why this answer was chosen, one sentence each.
        cut: How many bytes of the two bodies are not remembered.
        stub: The row of the stub that answered; None where none did.
        owner: How the ids of its journal begin.
    """

    number: int
    at: float
    seconds: float
    request: Request
    response: Response
    api: str
    operation: str
    source: str
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    cut: int
    stub: Json = None
    owner: str = OWNER

    @property
    def id(self) -> str:
        """A UUID (version 8, RFC 9562) that counts, so that a test run names its requests alike each time."""
        return f"{self.owner}{self.number:012x}"


def owner(name: str) -> str:
    """Return how the ids of the session *name* begin: no two sessions have an id in common."""
    digits = sha256(name.encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-8000-8000-" if name else OWNER


class Journal:
    """
    The last requests, oldest first.

    Args:
        entries: How many are kept; 0 keeps none.
        size: How many bytes of heads and bodies are kept in all.
        session: The name of the session whose requests they are, "" for the default one.
        hoard: What is shared with other journals.

    Attributes:
        held: Bytes of heads and bodies that are kept.
    """

    def __init__(
        self, entries: int = ENTRIES, size: int = BYTES, session: str = "", hoard: Hoard | None = None
    ) -> None:
        self.entries = entries
        self.size = size
        self._owner = owner(session)
        self._kept: deque[Entry] = deque()
        self.held = 0
        self.hoard = hoard or Hoard()
        self._first = self._number = 0
        self.tally = Tally()
        """Counts what is added; forks of a session count together."""
        self._lock = Lock()
        if entries:
            self.hoard.join(self)
        self.shared = False
        """Whether other processes write it, too."""
        self.watchers: tuple[Callable[[], None], ...] = ()
        """Called whenever an entry has come, by whoever adds it: they only note that."""

    def add(
        self,
        request: Request,
        response: Response,
        started: float,
        api: str = "",
        operation: str = "",
        source: str = "",
        violations: tuple[Violation, ...] = (),
        notes: tuple[str, ...] = (),
        stub: Json = None,
        number: int | None = None,
    ) -> int:
        """
        Remember one request and its answer, and return the entry's number.

        Args:
            request: Not changed by anybody from now on.
            response: Its headers and body neither.
            started: `time.perf_counter()` when the request arrived.
            api: See `Entry`, as for the rest.
            number: One that was reserved; None takes the next.
        """
        seconds = time.perf_counter() - started
        self.tally.add((api, operation, request.method, response.status, source), seconds)
        weight = len(request.body) + len(response.body)
        cut = 0
        whole: bytes | None = None
        if weight > BODY:
            whole = response.body if len(response.body) >= BODY else None
            request, response, kept = _cut(request, response)
            cut, weight = weight - kept, kept
        with self._lock:
            if number is None:
                self._number = number = self._number + 1
            if self.entries:
                at = time.time() - seconds
                entry = Entry._make((
                    number, at, seconds, request, response, api, operation, source,
                    violations, notes, cut, stub, self._owner,
                ))  # fmt: skip
                self._keep(entry, weight + request.head)
                if whole is not None:
                    self._keep_whole(entry, whole)
        self.hoard.grew(weight + request.head)
        for watcher in self.watchers:
            watcher()
        return number

    def _keep(self, entry: Entry, weight: int) -> None:
        kept_entries = self._kept
        kept_entries.append(entry)
        self.held += weight
        while len(kept_entries) > self.entries or self.held > self.size:
            self._forget(kept_entries.popleft())

    def _forget(self, entry: Entry) -> None:
        self.held -= len(entry.request.body) + len(entry.response.body) + entry.request.head

    def forget_to(self, held: int) -> bool:
        """Forget the oldest entries until no more than *held* bytes are kept; False where there are none."""
        with self._lock:
            there = bool(self._kept)
            while self._kept and self.held > held:
                self._forget(self._kept.popleft())
        return there

    def _keep_whole(self, entry: Entry, body: bytes) -> None:
        self.hoard.bodies.put(entry.id, body)

    def whole(self, entry: Entry) -> bytes | None:
        """Return the body of an answer as it was sent; None where it was large, and has made room."""
        body = entry.response.body
        return body if not entry.cut or len(body) < BODY else self._whole(entry)

    def _whole(self, entry: Entry) -> bytes | None:
        return self.hoard.bodies.get(entry.id)

    def begin_after(self, idents: Iterable[str]) -> None:
        """Count from behind those of *idents* that are ours: another journal's, which goes on here."""
        numbers = [int(ident[-12:], 16) for ident in idents if ident.startswith(self._owner)]
        with self._lock:
            self._first = self._number = max([self._first, *numbers])

    def reserve(self) -> int:
        """Take a number for an entry that comes later."""
        with self._lock:
            self._number += 1
            return self._number

    def identifier(self, number: int) -> str:
        """Return the id of the entry *number*."""
        return f"{self._owner}{number:012x}"

    @property
    def next_number(self) -> int:
        """The number of the entry that will be added next."""
        return self._number + 1

    @property
    def next_id(self) -> str:
        """The id of the entry that will be added next (for one who holds the host's lock until then)."""
        return self.identifier(self._number + 1)

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call *watcher* from now on."""
        with self._lock:
            self.watchers = (*self.watchers, watcher)

    def unwatch(self, watcher: Callable[[], None]) -> None:
        """Call *watcher* no more."""
        with self._lock:
            self.watchers = tuple(one for one in self.watchers if one is not watcher)

    def __iter__(self) -> Iterator[Entry]:
        """Yield the entries as they are now, oldest first."""
        with self._lock:
            return iter(tuple(self._kept))

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, ident: str) -> Entry | None:
        """Return the entry with that id (any case), or None."""
        wanted = ident.lower()
        return next((entry for entry in self if entry.id == wanted), None)

    def remove(self, ident: str) -> Entry | None:
        """Forget the entry with that id and return it; None when there is none."""
        entry = self.get(ident)
        with self._lock:
            if entry is None or entry not in self._kept:
                return None
            self._kept.remove(entry)
            self._forget(entry)
        return entry

    def clear(self) -> None:
        """Forget everything, and count from the start again."""
        with self._lock:
            self._kept.clear()
            self.held, self._number = 0, self._first


def _cut(request: Request, response: Response) -> tuple[Request, Response, int]:
    """Return copies with bodies of at most `BODY` bytes, and how many bytes those are."""
    asked, said = request.body[:BODY], response.body[:BODY]
    request = Request(
        request.method, request.path, request.query, request.headers, asked, request.client, request.head
    )
    return request, Response(response.status, response.headers, said, response.wire), len(asked) + len(said)
