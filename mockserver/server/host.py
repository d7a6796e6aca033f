"""
What a door needs of the house behind it.

A protocol, not the class: the door, the Flask application and the admin are
written and tested against this much, and pipeline.py (which fulfils it) does not
know who asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mockserver.behavior.engine import Engine
from mockserver.behavior.model import Behavior
from mockserver.contract.locate import Located
from mockserver.contract.model import Contract, Operation
from mockserver.exchange import Json, Request, Response
from mockserver.server.answer import Answer as MadeAnswer
from mockserver.server.journal import Journal
from mockserver.server.keeper import Keeper
from mockserver.server.session import Session
from mockserver.server.sessions import Sessions
from mockserver.server.stubs.override import Stubs

if TYPE_CHECKING:  # imported when there is something to send
    from mockserver.server.webhooks.office import Office


@dataclass(frozen=True)
class Condition:
    """
    How a served API stands to its files.

    Attributes:
        reloads: How often it was made anew from edited files.
        error: Why the files as they are now cannot be served, so that what was there before goes on; else "".
    """

    reloads: int = 0
    error: str = ""

    def json(self) -> Json:
        """Return it as the admin shows it."""
        shown = {"status": "broken" if self.error else "ok", "reloads": self.reloads}
        return {**shown, "error": self.error} if self.error else shown


class Chaos(Protocol):
    """What goes wrong by chance."""

    def shown(self, session: Session) -> Json:
        """Return the profile that holds in *session*."""


class Api(Protocol):
    """One API that is served."""

    @property
    def located(self) -> Located:
        """Where its files are."""

    @property
    def options(self) -> dict[str, Any]:
        """What it was made with."""

    @property
    def engine(self) -> Engine:
        """What its operations do to its world."""

    @property
    def behavior(self) -> Behavior:
        """Its collections and rules."""

    @property
    def name(self) -> str:
        """What it is called on the command line and in URLs."""

    @property
    def contract(self) -> Contract:
        """What it promises."""


class Host(Protocol):
    """All APIs that are served, with their state."""

    @property
    def apis(self) -> Sequence[Api]:
        """In the order of the command line."""

    @property
    def conditions(self) -> Mapping[str, Condition]:
        """How each API, by name, stands to its files."""

    @property
    def archive(self) -> Mapping[str, Response]:
        """Answers of a journal that came with a bundle, by id."""

    @property
    def stubs(self) -> Stubs:
        """Answers that a test has put before the contract's."""

    def handle(self, request: Request) -> Response:
        """Answer a request and write the journal. Never raises; callable from any thread."""

    @property
    def options(self) -> dict[str, Json]:
        """What it was made with, and its answers depend on."""

    def rehearsed(self, request: Request, session: Session) -> MadeAnswer:
        """Return what the contract answers in a *session* that will be thrown away; nobody is told."""

    @property
    def sessions(self) -> Sessions:
        """All worlds, journals, and what else is somebody's own."""

    def pass_time(self, session: Session) -> None:
        """Let happen what is due in *session* by now, and tell of it."""

    @property
    def chaos(self) -> Chaos:
        """What goes wrong by chance."""

    def session(self, request: Request) -> Session:
        """Return the session that *request* selects, made where there is none yet. Raises BadSession."""

    def reset(self, session: Session) -> None:
        """Put a session back to its start: all that it holds, and its journal."""

    @property
    def journal(self) -> Journal:
        """Of the default session."""

    @property
    def keeper(self) -> Keeper:
        """Where sessions are kept."""

    @property
    def office(self) -> Office:
        """What sends webhooks, callbacks and postbacks."""

    def sample(self, operation: Operation) -> str:
        """Return a target (below its API's root) that *operation* answers in the default world."""

    def variants(self, operation: Operation) -> tuple[str, ...]:
        """Return the names of the valid but nasty forms that the answer of *operation* may take."""

    def close(self) -> None:
        """Let go of files and connections."""
