"""
Everything that is raised.

Two families that are never mixed: an error here means that *we cannot work* (a
broken contract, fixture, behaviour or command line). A message that breaks its
contract is not an error: it is a list of `exchange.Violation`s.

    MockserverError
    ├── UsageError               the command line asks for what cannot be
    ├── SpecError                a contract cannot be read or served
    │   ├── Unreadable           not a file, not YAML or JSON, not an OpenAPI document
    │   ├── UnresolvedReference  a $ref points nowhere
    │   └── ForbiddenReference   a $ref leaves the document's folder, or asks the network
    ├── BehaviorError            behavior.yaml says what the vocabulary does not have
    ├── FixtureError             data.yaml or a case does not fit its contract
    └── Ungeneratable            no value fits this schema
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from heapq import nlargest
from itertools import pairwise


def nearest(name: str, known: Iterable[str]) -> str:
    """
    Return " Did you mean 'x'?" with the name in *known* most like *name*, or "" when none is like it.
    """
    near = closest(name, known)
    return f" Did you mean {near!r}?" if near is not None else ""


def closest(name: str, known: Iterable[str]) -> str | None:
    """
    Return the name in *known* most like *name*, or None when none is like it.
    """
    return next(iter(likest(name, known, 1, 0.5)), None)


def likest(name: str, known: Iterable[str], count: int, cutoff: float) -> list[str]:
    """
    Return up to *count* of *known* that are like *name*, the best first: difflib's ratio is *cutoff* or more.

    difflib takes 0.1 ms for each pair and more for long ones. So of many the twenty are compared that
    have most pairs of neighbouring letters in common, and of long ones the beginnings.
    """
    name = str(name)[:_LONGEST]
    whole = sorted(map(str, known))
    same = [one for one in whole if one.lower() == name.lower()]
    names = [one for one in whole if one not in same]
    if len(names) > _FEW:
        pairs = set(pairwise(name))

        def alike(other: str) -> float:
            return len(pairs.intersection(pairwise(other))) - abs(len(other) - len(name)) / 4

        names = nlargest(_FEW, names, key=alike)
    return [*same, *get_close_matches(name, names, n=count, cutoff=cutoff)][:count]


_FEW = 20
_LONGEST = 200


def said_of(file: str, line: int, pointer: str, detail: str) -> str:
    """
    Return "file:line: pointer: detail", the form that editors and terminals make a link of.
    """
    where = f"{file}:{line}" if line else file
    return f"{where}: {pointer}: {detail}" if pointer else f"{where}: {detail}"


class MockserverError(Exception):
    """The base of all that this package raises on purpose."""


class UsageError(MockserverError):
    """The command line asks for what cannot be done."""


# Not frozen: Python assigns __traceback__ while an exception travels, and a
# frozen dataclass refuses it (FrozenInstanceError hides the real error).
@dataclass(eq=False)
class Located(MockserverError):
    """
    An error that stands somewhere in a file.

    Attributes:
        file: As the user named it, or relative to the current folder.
        line: Counted from 1; 0 when there is no line to name.
        pointer: JSON Pointer into the file, "" for all of it.
        detail: What is wrong, what was expected, and the nearest thing that exists.
    """

    file: str
    line: int
    pointer: str
    detail: str

    def __str__(self) -> str:
        return said_of(self.file, self.line, self.pointer, self.detail)


class SpecError(Located):
    """A contract cannot be read or served."""


class Unreadable(SpecError):
    """Not there, not YAML or JSON, or not an OpenAPI document."""


class UnresolvedReference(SpecError):
    """A `$ref` points nowhere."""


class ForbiddenReference(SpecError):
    """A `$ref` leaves the folder of the document, or asks the network."""


class BehaviorError(Located):
    """A behavior.yaml says what the vocabulary does not have, or what the contract does not have."""


class FixtureError(Located):
    """A data.yaml or a case does not fit the contract or the behaviours."""


@dataclass(eq=False)
class Ungeneratable(MockserverError):
    """
    No value was found that fits a schema.

    Attributes:
        pointer: Where in the schema the search ended.
        detail: Which keywords exclude each other, or what could not be drawn.
        proved: Whether there is none; else one may have been missed.
    """

    pointer: str
    detail: str
    proved: bool = False

    def again(self) -> Ungeneratable:
        """Return the same, to be raised another time: what was raised keeps where it came from."""
        return type(self)(self.pointer, self.detail, self.proved)

    def __str__(self) -> str:
        kind = "no value fits the schema" if self.proved else "no value was found for the schema"
        return f"{kind} at {self.pointer or '/'}: {self.detail}"


@dataclass(eq=False)
class TooLarge(Ungeneratable):
    """
    Every value that fits a schema is larger than values are made.
    """

    def __str__(self) -> str:
        return f"no value is made for the schema at {self.pointer or '/'}: {self.detail}"
