"""
A host with one planted bug.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.behavior.world import World
from mockserver.contract.routes import Match
from mockserver.exchange import Request, Response
from mockserver.server.api import Api
from mockserver.server.journal import Journal
from mockserver.server.mutants.call import Call
from mockserver.server.mutants.kinds import Act, Bug
from mockserver.server.pipeline import Host
from mockserver.server.sessions import BadSession


class MutatedHost(Host):
    """
    Serves one API, and is wrong in one place.

    What a bug remembers belongs to one world: where that was put back to its start (a reset, a snapshot), the
    bug is planted anew.

    Attributes:
        bug: What is wrong; None for nothing.
        bites: How many calls the bug has changed, or what is remembered of them.
    """

    def __init__(self, apis: Sequence[Api], journal: Journal, **options: Any) -> None:
        super().__init__(apis, journal, **options)
        self._planted: dict[str, tuple[World, Act]] = {}
        self.bug: Bug | None = None
        self.bites = 0

    def infect(self, bug: Bug | None) -> None:
        """Be wrong in this way from now on, in no other."""
        self.bug = bug
        self._planted.clear()
        self.bites = 0

    def handle(self, request: Request) -> Response:
        """Answer a request, wrongly where the bug says so."""
        bug = self.bug
        if bug is None:
            return super().handle(request)
        with self._lock:
            try:
                session, _ = self.sessions.of(request)
            except BadSession:
                return super().handle(request)
            addressed = self._addresses.find(request)
            if addressed.api is not None and addressed.api is not self.apis[0]:
                return super().handle(request)
            api, found = self.apis[0], addressed.found
            world = session.worlds[api.name]
            known = self._planted.get(session.name)
            act = known[1] if known is not None and known[0] is world else bug.kind.plant(api, bug.spot)
            match = found if isinstance(found, Match) else None
            allow = () if isinstance(found, Match) else found.allow
            call = Call(request, api, session, match, allow, self._made_anew)
            response = act(call)
            self.bites += call.bitten(response)
            self._planted[session.name] = (session.worlds[api.name], act)
            return response

    def _made_anew(self, request: Request) -> Response:
        """Answer as the rules are now: a bug may have taken one of them out since the same was asked."""
        self._answers.clear()
        return super().handle(request)
