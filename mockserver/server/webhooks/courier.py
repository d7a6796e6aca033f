"""
The thread that carries messages: in order, again where it failed, never in anybody's way.

One thread with an event loop of its own, so that it works under every WSGI server
and a slow receiver costs no request anything. Each receiver has a lane: what is
in it goes out one after the other, and a message that was not taken is sent again
before the next one is. Delays that are asked for are on the session's clock; those
between two attempts are on the wall's, since it is the wire that has trouble.

The loop ticks while it lives: a session's clock may be moved by anybody (an admin
call, a snapshot that is restored, another process), and what falls due in a world
happens by itself (`on_tick`), as on a real server. Each tick also asks what is to
be carried (`Log.due`): what other processes, or a server before this one, have left.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol

from mockserver.server.keeper import StateGone
from mockserver.server.webhooks.attempts import Sent, Wire
from mockserver.server.webhooks.deliveries import Ticket

log = logging.getLogger(__name__)

TICK = 0.05
"""Seconds between two looks at the clocks."""
HOLD = 1.0
"""Seconds that messages wait for one another where their order is not kept."""
LONGEST = 60.0
"""Seconds between two attempts at the most."""
STOP = 1.0
"""Seconds for the thread to end."""


class Log(Protocol):
    """Who is told how it goes."""

    def sending(self, ticket: Ticket) -> bool:
        """It is on the wire now; False where it is not to be sent any more."""

    def sent(self, ticket: Ticket, sent: Sent, last: bool) -> None:
        """That came of one attempt; *last*: there will be no other."""

    def done(self, ticket: Ticket) -> None:
        """Nobody carries it any more."""

    def on_tick(self) -> None:
        """Time has passed."""

    def due(self) -> Iterable[Ticket]:
        """Return what nobody carries yet, in the order in which it is to be sent."""


class Courier:
    """
    Carries tickets.

    Args:
        log: Is told, in the courier's thread.
        seed: For the jitter between attempts.
    """

    def __init__(self, log: Log, seed: str) -> None:
        self._log = log
        self._seed = seed
        self._lanes: dict[tuple[str, str], deque[Ticket]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Event = None  # type: ignore[assignment]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event = None  # type: ignore[assignment]
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    # From any thread

    def start(self) -> None:
        """Begin to tick; more often than once does no harm."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
                self._thread.start()

    def wake(self) -> None:
        """Look now for what is to be carried. Waits for nobody."""
        self.start()
        with self._lock, contextlib.suppress(RuntimeError):  # the loop has ended: so has the server
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._wake.set)

    def close(self) -> None:
        """End, within `STOP` seconds; what is under way is not finished."""
        with self._lock, contextlib.suppress(RuntimeError):
            self._closed = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._end)
        if self._thread is not None:
            self._thread.join(STOP)

    # In its thread

    def _run(self) -> None:
        try:
            asyncio.run(self._live())
        except Exception:
            log.exception("Webhooks are not delivered any more.")

    async def _live(self) -> None:
        self._wire = Wire()
        self._ended, self._wake = asyncio.Event(), asyncio.Event()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            if self._closed:
                self._ended.set()
        try:
            while not self._ended.is_set():
                try:
                    self._log.on_tick()
                    for ticket in self._log.due():
                        self._take(ticket)
                except StateGone as error:  # until it is back, nothing is known of what is to be carried
                    log.debug("%s", error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), TICK)
                self._wake.clear()
        finally:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._wire.close()

    def _end(self) -> None:
        self._ended.set()
        self._wake.set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("A delivery failed.", exc_info=error)

    def _take(self, ticket: Ticket) -> None:
        if ticket.due is not None and ticket.early > 0:
            self._spawn(self._later(ticket))
        else:
            self._enter(ticket)

    async def _later(self, ticket: Ticket) -> None:
        """Let *ticket* into its lane when its session's clock says so."""
        while ticket.early > 0:
            if not ticket.there:
                self._log.done(ticket)
                return
            await asyncio.sleep(TICK)
        self._enter(ticket)

    def _enter(self, ticket: Ticket) -> None:
        key = (ticket.session.name, ticket.receiver)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = deque()
            lane.append(ticket)
            self._spawn(self._drive(key, lane))
        else:
            lane.append(ticket)

    async def _drive(self, key: tuple[str, str], lane: deque[Ticket]) -> None:
        """Deliver what is in *lane*, until it is empty."""
        try:
            while lane:
                for ticket in await self._next(lane):
                    try:
                        await self._deliver(ticket)
                    except StateGone as error:  # the next look finds it again
                        log.debug("%s", error)
                    self._log.done(ticket)
        finally:
            del self._lanes[key]

    async def _next(self, lane: deque[Ticket]) -> list[Ticket]:
        """Return what goes out next: one, or a batch in another order."""
        first = lane.popleft()
        if first.how.order == "kept":
            return [first]
        batch = [first]
        loop = asyncio.get_running_loop()
        end = loop.time() + HOLD
        while len(batch) < first.how.batch and loop.time() < end and first.there:
            if lane:
                batch.append(lane.popleft())
            else:
                await asyncio.sleep(TICK)
        return reordered(batch, first.how.order, f"{self._seed}|{first.letter.ident}")

    async def _deliver(self, ticket: Ticket) -> None:
        if ticket.attempts:  # somebody else has tried, and is not there any more
            await asyncio.sleep(self.pause(ticket, ticket.attempts) - ticket.pause)
        for number in range(ticket.attempts + 1, ticket.how.attempts + 1):
            if not self._log.sending(ticket):
                return
            sent = await self._wire.send(ticket.letter)
            last = sent.final or number == ticket.how.attempts
            self._log.sent(ticket, sent, last)
            if last:
                return
            await asyncio.sleep(max(self.pause(ticket, number), min(sent.after, LONGEST)))

    def pause(self, ticket: Ticket, number: int) -> float:
        """Return the seconds after the attempt *number*: twice as long each time, with jitter of the seed."""
        jitter = random.Random(f"{self._seed}|{ticket.letter.ident}|{number}").uniform(0.75, 1.25)
        return float(min(LONGEST, ticket.how.backoff * 2 ** (number - 1) * jitter))


def reordered(batch: list[Ticket], order: str, seed: str) -> list[Ticket]:
    """Return *batch* in another order than it is in, where it has one."""
    if order == "reversed":
        return batch[::-1]
    draw: Callable[[list[Ticket]], None] = random.Random(seed).shuffle
    mixed = list(batch)
    for _ in range(20):
        draw(mixed)
        if mixed != batch:
            break
    return mixed
