"""
What a host tells others: webhooks, callbacks and postbacks leave behind an answer, or when time has passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from mockserver.exchange import Request
from mockserver.server.address import url_of
from mockserver.server.answer import Answer
from mockserver.server.keeping import Keeping
from mockserver.server.session import Session
from mockserver.server.wire import ADMIN

if TYPE_CHECKING:  # imported when there is something to send
    from mockserver.server.webhooks.office import Office


class Telling(Keeping):
    """The part of a host that sends."""

    _webhooks: tuple[Sequence[tuple[str, str]], bool]

    @cached_property
    def office(self) -> Office:
        """What sends webhooks, callbacks and postbacks; made when there is something to send."""
        from mockserver.server.webhooks.office import Office

        return Office(self, *self._webhooks)

    def pass_time(self, session: Session) -> None:
        """Let happen what is due in *session* by now, and tell of it: its clock was moved."""
        with self._lock, self.keeper.writing():
            for api in self.apis:
                request = Request("POST", f"{ADMIN}/clock")
                answer = Answer(request, session)
                answer.api, answer.events = api, api.engine.pass_time(session.worlds[api.name])
                if answer.events:
                    self._tell(request, answer)

    def _attend(self) -> bool:
        """Send what another process, or a server before this one, has left to be sent."""
        if any(session.rows("deliveries") for session in self.sessions):
            self.office.resume()
        return False

    def _tell(self, request: Request, answer: Answer) -> None:
        """Send what the request has brought about, if there is anybody to hear of it."""
        addressed = answer.calls_back or any(event.to is not None for event in answer.events)
        if addressed or self._webhooks[0] or answer.session.rows("subscriptions"):
            url = url_of(request) if answer.calls_back else ""
            cause = answer.session.journal.next_id if answer.prepared is not None else ""
            self.office.tell(answer, cause, url)

    def close(self) -> None:
        """Let go of files and connections, and send nothing more."""
        if "office" in self.__dict__:
            self.office.close()
        self.keeper.close()
