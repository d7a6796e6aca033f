"""
The door between the pipeline and stubs: open only where a session has any.

Matchers and templates cost a tenth of a second to import, and most servers never
see a stub; so what stands here imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.server.answer import Answer
from mockserver.server.session import Session
from mockserver.server.stubs.tables import SETTINGS, STUBS

if TYPE_CHECKING:
    from mockserver.server.stubs.bench import Bench
    from mockserver.server.stubs.listeners import Outgoing


Send = Callable[[Answer, "Outgoing"], str]
"""Sends a webhook of a stub, and returns a sentence for the journal."""


class Stubs:
    """
    An `Override` (server/overriding.py).

    Args:
        folder: Where WireMock's "mappings" and "__files" are; None for none.
        send: Sends what a stub's webhook says, and tells what becomes of it; None where nothing is sent.
    """

    def __init__(self, folder: Path | None = None, send: Send | None = None) -> None:
        self._folder = folder
        self._send = send

    def __call__(self, session: Session, answer: Answer) -> bool:
        """Answer with the stub that fits, if any; say how near the others are where nothing else answers."""
        if not session.rows(STUBS) and not session.rows(SETTINGS):
            return False
        return self.bench.answer(session, answer)

    def begin(self, session: Session) -> None:
        """
        Give a session that begins the stubs of the folder, beside those that were kept for it.

        Raises:
            UsageError: The folder is none, or a file in it cannot be read.
        """
        if self._folder is not None:
            self.bench.load(session, alone=False)

    @cached_property
    def bench(self) -> Bench:
        """What does the work, made when it is first needed."""
        from mockserver.server.stubs.bench import Bench
        from mockserver.server.stubs.files import Folder

        return Bench(Folder(self._folder), self._send)
