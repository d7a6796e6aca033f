"""
What a kind of bug is: a name, a sentence, where it can be planted, and what it then does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mockserver.exchange import Response

if TYPE_CHECKING:
    from mockserver.server.api import Api
    from mockserver.server.mutants.call import Call

Group = Literal["shape", "input", "auth", "state", "value", "protocol"]
GROUPS: tuple[Group, ...] = ("shape", "input", "auth", "state", "value", "protocol")

Act = Callable[["Call"], Response]
"""Answers a request in place of the host, mostly by asking it. One for each world, that may remember."""


@dataclass(frozen=True)
class Spot:
    """
    Where a bug can be planted.

    Attributes:
        operation: The operation's id.
        at: What of it is concerned, e.g. "/data/status" or "limit"; "" for all.
    """

    operation: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.operation} ({self.at})" if self.at else self.operation


@dataclass(frozen=True)
class Kind:
    """
    One kind of bug.

    Attributes:
        name: As the command line has it.
        about: What is wrong then, one sentence without a subject: "leaves out a required property".
        spots: Where it can be planted in an API.
        plant: What it does at one of these places.
        needs: What an API must have for it to be a bug, and to show; "" where its sentence says so.
    """

    name: str
    group: Group
    about: str
    spots: Callable[[Api], Iterable[Spot]]
    plant: Callable[[Api, Spot], Act]
    needs: str = ""


@dataclass(frozen=True)
class Bug:
    """A kind, planted at a place."""

    kind: Kind
    spot: Spot

    def __str__(self) -> str:
        return f"{self.kind.name}@{self.spot.operation}"

    @property
    def sentence(self) -> str:
        """What is wrong, for a person."""
        return f"{self.spot} {self.kind.about}"
