"""
What the stubs may take of one request: all the others wait meanwhile.

Each pattern is bounded, and so is each step of a template; a thousand of them together are not.
What counts is time of the processor in this thread: a machine that does other things as well
takes nothing away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import thread_time

SECONDS = 1.0
_until: ContextVar[float] = ContextVar("until", default=float("inf"))


@contextmanager
def bounded() -> Iterator[None]:
    """Give what is done within `SECONDS`."""
    before = _until.set(thread_time() + SECONDS)
    try:
        yield
    finally:
        _until.reset(before)


def left() -> float:
    """Return the seconds that are left, infinity where nothing is bounded."""
    until = _until.get()
    return until - thread_time() if until != float("inf") else until


def spent() -> bool:
    """Return whether nothing is left."""
    return left() <= 0
