"""
Answers to requests that come at once: kept together, and sent when they are.

Where what is remembered is shared, a transaction of its own costs a request more than
all the rest. So what the event loop answers in one go, for as many clients as have
asked by then, is one transaction: each request writes its rows into it, and the first
thing that the loop does after them is to commit. No answer leaves before that, those to
reading requests neither: they may tell of what is not kept yet. Where the commit fails,
each of them is a 503, and nothing has happened. A request that fails by itself takes
nobody with it: only what it would have written is missing.

Whoever else uses the database, from another thread, ends the transaction first
(`Database.ends`), and never meets what is half way.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from threading import RLock, get_ident

from mockserver.exchange import Request, Response
from mockserver.server.keeper import Refuse, Soon, StateGone

log = logging.getLogger(__name__)

SPAN = 0.005
"""Seconds after which a transaction takes no further request: other processes wait for its end."""

Handler = Callable[[Request], Response]
Send = Callable[[Response], None]


class Group:
    """
    The answers of one event loop that wait until what they tell of is kept.

    Args:
        lock: The host's.
        soon: Has something called in the event loop, behind what is under way.
        refuse: Makes the answer to a request of which nothing was kept.
        end: Ends the transaction that was left open. Raises StateGone.

    Attributes:
        open: Whether a transaction was left open for further requests.
    """

    def __init__(
        self,
        lock: RLock,
        soon: Soon,
        refuse: Refuse,
        end: Callable[[], None],
    ) -> None:
        self.open = False
        self._lock = lock
        self._soon = soon
        self._refuse = refuse
        self._end = end
        self._thread = 0
        self._began = 0.0
        self._number = 0
        """Of the transaction that is open, or was last."""
        self._joined = 0
        """The number of that which the request under way takes part in, 0 for none."""
        self._failed: tuple[int, StateGone] | None = None
        self._waiting: list[tuple[Send, Request, Response]] = []
        self._done: list[tuple[Send, Request, Response, StateGone | None]] = []

    def answered(self, handle: Handler, request: Request, send: Send) -> Response | None:
        """Return the answer to *request*; None where *send* is called with it as soon as it may leave."""
        self._thread, self._joined = get_ident(), 0
        try:
            response = handle(request)
        finally:
            self._thread = 0
        joined = self._joined
        if not joined:
            return response
        with self._lock:
            if self.open and self._number == joined:
                self._waiting.append((send, request, response))
                return None
            if self._failed is not None and self._failed[0] == joined:  # another thread has ended it since
                return self._refuse(request, self._failed[1])
        return response

    def _settle(self) -> None:
        """Keep what was done, and send what waits for that (in the event loop)."""
        with self._lock:
            if self.open:
                with suppress(StateGone):  # who waits is told
                    self._end()
            done, self._done = self._done, []
        for send, request, response, error in done:
            try:
                send(response if error is None else self._refuse(request, error))
            except Exception:
                log.exception("%s %s was answered, and could not be sent.", request.method, request.path)

    # What the state says, with the lock held

    @property
    def joins(self) -> bool:
        """Whether the request under way is one whose answer can wait."""
        return self._thread == get_ident()

    @property
    def full(self) -> bool:
        """Whether others have waited long enough."""
        return self.open and time.monotonic() - self._began > SPAN

    def join(self) -> None:
        """Have the answer under way wait for the transaction that is left open."""
        if not self.open:
            self.open = True
            self._number += 1
            self._began = time.monotonic()
            self._soon(self._settle)
        self._joined = self._number

    def ended(self, error: StateGone | None = None) -> None:
        """The transaction was kept; or, by *error*, nothing of it was."""
        if self.open:
            self.open = False
            if error is not None:
                self._failed = (self._number, error)
            self._done += [(*one, error) for one in self._waiting]
            self._waiting.clear()
