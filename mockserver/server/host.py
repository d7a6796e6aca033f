"""
What a door needs of the house behind it.

A protocol, not the class: the door, the Flask application and the admin are
written and tested against this much, and pipeline.py (which fulfils it) does not
know who asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mockserver.contract.model import Contract, Operation
from mockserver.exchange import Json, Request, Response
from mockserver.server.journal import Journal


class Api(Protocol):
    """One API that is served."""

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
    def journal(self) -> Journal:
        """What was asked and answered."""

    def handle(self, request: Request) -> Response:
        """Answer a request and write the journal. Never raises; callable from any thread."""

    def reset(self) -> None:
        """Put the world and the journal back to their start."""

    def state(self, api: str) -> Mapping[str, Mapping[str, Json]]:
        """Return the rows of the API called *api*: collection, then key; a copy that is safe to read."""

    def sample(self, operation: Operation) -> str:
        """Return a target (below its API's root) that *operation* answers in the default world."""

    def close(self) -> None:
        """Let go of files and connections."""
