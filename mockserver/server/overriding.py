"""
What may answer in the contract's place, or bend its answer: stubs, armed answers, chaos.

Write an `Override` and add it to `Host.overrides`. Each is asked in turn for every
request, those to paths that no contract has as well, when the session is known and
before credentials are looked at. What it goes by is rows of the session's system
tables (server/session.py), so that it is somebody's own, put back by a reset, and
kept wherever sessions are kept; or what the request prefers, or `--chaos`. Where there
is none of these, nobody is asked.
"""

from __future__ import annotations

from typing import Protocol

from mockserver.server.answer import Answer
from mockserver.server.session import Session


class Override(Protocol):
    """
    Something that may answer a request; called with the host's lock held.

    Known at that point are `answer.request`, `answer.api` and `answer.prepared` (None where no contract has
    that path), and `answer.preferences`. It may do three things:

    - give the answer (`answer.response`, `answer.source`, `answer.note`, ...) and return True;
    - bend what the contract will answer (`answer.preferences`, `answer.wire`) and return False;
    - set `answer.fleeting` where the same request need not have the same answer next time, though no row
      of the session will have changed by then.

    What changes rows (`session.changing`) needs no mark: answers that were kept are not used after that.
    """

    def __call__(self, session: Session, answer: Answer) -> bool:
        """Return whether the request is answered."""
