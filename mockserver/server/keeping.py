"""
What a host keeps, whoever asks: sessions with their worlds, and APIs that are exchanged while it serves.

The half of the host that answers no request; server/pipeline.py is the other.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from threading import RLock

from mockserver.behavior.world import World
from mockserver.contract.model import Operation
from mockserver.exchange import Json, Request, Response
from mockserver.server.api import Api
from mockserver.server.host import Condition
from mockserver.server.journal import Journal
from mockserver.server.keeper import Keeper
from mockserver.server.kept import KeptAnswers
from mockserver.server.readying import Readying
from mockserver.server.sampling import sample, variants
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.server.stubs.override import Stubs


class Keeping(ABC):
    """The APIs, how they stand to their files, and the sessions."""

    apis: tuple[Api, ...]
    conditions: dict[str, Condition]
    sessions: Sessions
    stubs: Stubs
    dynamic: bool
    validate: str
    origin: Session | None
    """What a reset goes back to; None: what the files say."""
    archive: dict[str, Response]
    """Answers of a journal that came with a bundle, by id."""
    _auth: str
    keeper: Keeper
    _lock: RLock
    _answers: KeptAnswers
    _readying: Readying

    @abstractmethod
    def _receive(self) -> None:
        """Find the addresses and callers of the APIs as they are."""

    @abstractmethod
    def _attend(self) -> bool:
        """See to what others have begun; say whether we wait for them."""

    def _start(self) -> dict[str, World]:
        """Return the worlds that every session starts with."""
        return {api.name: api.world() for api in self.apis}

    def keep_in(self, keeper: Keeper) -> None:
        """Keep sessions by *keeper* from now on, with what is there already; nothing was asked of us yet."""
        default = self.sessions.default
        journal = keeper.journal(default.journal.entries, default.journal.size, hoard=default.journal.hoard)
        journal.tally, default.journal = default.journal.tally, journal
        self.keeper = self.sessions.keeper = keeper
        keeper.keep(self.sessions, self._start)
        keeper.attend(self._attend)
        self.stubs.begin(default)
        for api in self.apis:
            self._readying.begin(api, default.worlds[api.name])

    @property
    def lock(self) -> RLock:
        """Held by who looks at sessions or changes them."""
        return self._lock

    @property
    def options(self) -> dict[str, Json]:
        """What the host was made with, and its answers depend on."""
        return {"dynamic": self.dynamic, "validate": self.validate, "auth": self._auth}

    @property
    def journal(self) -> Journal:
        """Of the default session."""
        return self.sessions.default.journal

    @property
    def worlds(self) -> dict[str, World]:
        """Of the default session."""
        return self.sessions.default.worlds

    def session(self, request: Request) -> Session:
        """Return the session that *request* selects. Raises BadSession."""
        return self.sessions.of(request)[0]

    def swap(self, fresh: Sequence[Api]) -> None:
        """
        Serve *fresh* in place of the APIs of these names, all at once; what they remember stays.

        To be called where requests are handled, so that none is half way between two contracts.
        """
        with self._lock:
            for api in fresh:
                start = api.world()
                for session in [*self.sessions.all, *([self.origin] if self.origin is not None else [])]:
                    world = start.copy()
                    world.inherit(session.worlds[api.name])
                    session.worlds[api.name] = world
                    self.keeper.attach(session)
                self.conditions[api.name] = Condition(self.conditions[api.name].reloads + 1)
            by_name = {api.name: api for api in fresh}
            self.apis = tuple(by_name.get(api.name, api) for api in self.apis)
            self._receive()

    def broken(self, api: str, error: str) -> None:
        """Note why the API called *api* cannot be served as its files are now; it goes on as it was."""
        with self._lock:
            self.conditions[api] = replace(self.conditions[api], error=error)
            self._answers.clear()

    def reset(self, session: Session | None = None) -> None:
        """Put a session (the default one) back to its start: all that it holds, and its journal."""
        session = session or self.sessions.default
        with self._lock, self.keeper.writing():
            if self.origin is not None:
                session.put_back(self.origin)
            else:
                session.take(self._start(), {})
                self.stubs.begin(session)
            session.room.turn_away("The session was reset while this request waited at a gate.")
            session.journal.clear()

    def variants(self, operation: Operation) -> tuple[str, ...]:
        """Return the names of the valid but nasty forms that the answer of *operation* may take."""
        for api in self.apis:
            if api.contract.operations.get(operation.id) is operation:
                return variants(api, operation)
        return ()

    def sample(self, operation: Operation) -> str:
        """Return a target (below its API's root) that *operation* answers in the default world."""
        for api in self.apis:
            if api.contract.operations.get(operation.id) is operation:
                return sample(api, operation)
        raise KeyError(operation.id)
