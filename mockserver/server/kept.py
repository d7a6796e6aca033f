"""
Answers that need not be made again.

The same request in the same world is answered with the same bytes: that is
promised. So an answer that changed nothing, and looked at no flowing clock, was
read, planned, filled and checked once and for all, until its world changes. It
is found again by all that was said in the request, every header field included:
so one map serves all sessions.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from mockserver.behavior.engine import Engine
from mockserver.behavior.world import Mark, World
from mockserver.exchange import Request, Response, Violation
from mockserver.server.session import Session

MOST = 1024
LARGEST = 64 * 1024
"""Bytes of a request and its answer that are kept at the most: 64 MB in all."""

Key = tuple[str, str, str, tuple[tuple[str, str], ...], bytes]


class Kept(NamedTuple):
    """
    A finished answer without its `Mock-Id`, and what the journal says of it.

    It holds as long as `session` is at `version`, and `world` its API's world at `mark`.
    """

    session: Session
    version: int
    world: World
    mark: Mark
    engine: Engine
    api: str
    operation: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source: str
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]

    @property
    def true(self) -> bool:
        """Whether session and world have not changed since, nor was a clock moved, and nothing is due."""
        session, world = self.session, self.world
        return (
            session.version == self.version
            and session.worlds.get(self.api) is world
            and world.mark == self.mark
            and self.engine.idle(world)
        )

    def given(self, request: Request, started: float) -> Response:
        """Answer *request* with it, under an id of its own, and write the journal."""
        journal = self.session.journal
        self.session.used = started
        response = Response(self.status, [*self.headers, ("Mock-Id", journal.next_id)], self.body)
        said = (self.api, self.operation, self.source, self.violations, self.notes)
        journal.add(request, response, started, *said)
        return response


class KeptAnswers:
    """The answers kept, the least recently asked for forgotten first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Kept] = OrderedDict()

    def get(self, request: Request) -> Kept | None:
        """Return the answer to that very request; the caller sees to it that its world is still the same."""
        key = (request.method, request.path, request.query, request.headers, request.body)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, request: Request, kept: Kept) -> None:
        """Keep an answer, unless it is too large."""
        if request.head + len(request.body) + len(kept.body) > LARGEST:
            return
        key = (request.method, request.path, request.query, request.headers, request.body)
        self._kept[key] = kept
        self._kept.move_to_end(key)
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
