"""
What a run makes and what it learns while making: an item, and how items are made here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.contract.model import Operation
from mockserver.exchange import Json
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Reply
from mockserver.verify.laws.bodies import Bodies
from mockserver.verify.laws.things import Thing
from mockserver.verify.requests import Key

TOKEN = re.compile(r"q[0-9a-f]{5}\d+")
"""A word that `Workshop.token` made, and nobody else uses."""

Step = tuple[Operation, Json]
"""Something that is done to one thing, and what it is told: a body, or `MISSING`."""

Way = tuple[Step, ...]
"""Steps that bring a fresh thing into another state."""


@dataclass(eq=False)
class Item:
    """
    One item that was made.

    Attributes:
        key: What names it.
        path: The path parameters that lead to it.
        sent: What was sent of it.
        row: As the answer to its making showed it, {} where that showed nothing.
        replies: The calls that made it, its parents' first, and those that brought it where it is.
        way: What was done to it on purpose, so that others can be made below it.
    """

    thing: Thing
    key: Json
    path: dict[Key, Json]
    sent: dict[str, Json]
    row: dict[str, Json]
    replies: tuple[Reply, ...]
    gone: bool = False
    way: Way = ()

    @property
    def beside(self) -> dict[Key, Json]:
        """The path parameters that lead to the collection that it stands in."""
        return {key: value for key, value in self.path.items() if key[1] != self.thing.resource.parameter}


@dataclass(frozen=True)
class Needed:
    """
    What it takes that a server makes what names other things.

    Attributes:
        ways: Path of what is named -> what has to be done to one of it before.
        afresh: Whether each names others than the one before: nobody applies to one job twice.
    """

    ways: Mapping[str, Way]
    afresh: bool


@dataclass(eq=False)
class Learned:
    """
    What was learned about making things, for the whole of a run.

    Attributes:
        apart: Operations that make nothing of an address that they know: each body says another.
        ahead: Operations that take no time that is past.
        called: Path of a collection -> the property that its items are asked for by, where names alone do not
            tell.
        made: (path of the items, what leads to one of them) of all that was made.
        ways: Path of a thing -> the ways that lead to its states, none but () first.
        ready: Operation that makes something below a thing -> what has to be done to that before.
        unready: Operations of which it was looked for.
        alone: Operations that make one below a thing, and no second: each needs another to stand below.
        needs: Operation that makes something -> what that takes of the things that its body names.
        sought: Operations of which it was looked for.
        few: Operation that makes something -> how many of anything it is asked for, for there are no more.
    """

    bodies: dict[str, Bodies] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    ahead: set[str] = field(default_factory=set)
    called: dict[str, str] = field(default_factory=dict)
    made: set[tuple[str, str]] = field(default_factory=set)
    ways: dict[str, list[Way]] = field(default_factory=dict)
    ready: dict[str, Way] = field(default_factory=dict)
    unready: set[str] = field(default_factory=set)
    alone: set[str] = field(default_factory=set)
    needs: dict[str, Needed] = field(default_factory=dict)
    sought: set[str] = field(default_factory=set)
    few: dict[str, int] = field(default_factory=dict)


def is_ours(sent: Mapping[str, Json], row: Mapping[str, Json]) -> bool:
    """Return whether a row shows a text that was sent and that nobody else uses: else it may be anybody's."""
    texts = [(name, value) for name, value in sent.items() if isinstance(value, str) and TOKEN.search(value)]
    return not texts or any(alike(row.get(name), value) for name, value in texts)
