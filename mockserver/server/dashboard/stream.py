"""
Requests as they come: server-sent events (WHATWG HTML, 9.2) of one session's journal.

`/__admin/events` tells them as the admin's JSON, the dashboard gets rows of its
table. A stream looks at the journal when it was woken and five times a second at
the most, so that a load test with a dashboard open costs the requests nothing:
what came in too great a number is only counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import orjson

from mockserver.exchange import Json
from mockserver.server.journal import Entry
from mockserver.server.session import Session

PAUSE = 0.2
"""Seconds between two looks."""
MOST = 50
"""Entries that one look tells; of more the newest."""
ALIVE = 10.0
"""Seconds after which a quiet stream says that it is still there, and finds out whether anybody is."""
ELSEWHERE = 1.0
"""Seconds between two looks at a journal that other processes write, too: they wake nobody here."""

Show = Callable[[Entry], str]


def stream(session: Session, show: Show, wanted: Callable[[Entry], bool] = lambda _: True) -> Iterator[str]:
    """
    Yield an event for each request that comes from now on.

    Args:
        session: Whose journal it is; the stream ends when it is dropped.
        show: What an event says of an entry.
        wanted: Whether it is told at all.
    """
    journal = session.journal
    woken = threading.Event()
    wake = woken.set
    journal.watch(wake)
    try:
        seen = {entry.id for entry in journal}
        quiet = 0.0
        yield "retry: 1000\nevent: open\ndata: {}\n\n"
        while not session.gone:
            pause = ELSEWHERE if journal.shared else ALIVE
            if not woken.wait(pause):
                quiet += pause
                if quiet >= ALIVE:
                    quiet = 0.0
                    yield ": alive\n\n"
                if not journal.shared:
                    continue
            woken.clear()
            entries = list(journal)
            fresh = [entry for entry in entries if entry.id not in seen]
            seen = {entry.id for entry in entries}
            told = [entry for entry in fresh if wanted(entry)]
            if len(told) > MOST:
                yield event("skipped", orjson.dumps({"count": len(told) - MOST}).decode())
            for entry in told[-MOST:]:
                yield event("request", show(entry), entry.id)
            time.sleep(PAUSE)
    finally:
        journal.unwatch(wake)


def event(name: str, data: str, ident: str = "") -> str:
    """Return one event; data of several lines are told line by line."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return (f"id: {ident}\n" if ident else "") + f"event: {name}\n{lines}\n"


def as_line(value: Json) -> str:
    """Return *value* as JSON on one line."""
    return orjson.dumps(value).decode()
