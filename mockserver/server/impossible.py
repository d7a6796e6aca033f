"""
Look for what a contract asks for and nothing can be: answers, headers and requests that no value fits.

Whoever serves a document wants to know that `GET /orders` can only ever be a 500,
and why, before a page is built against it. So operations are gone through one by
one, by proof alone (generation/proof.py: nothing is made up for it), and what is
found joins the contract's faults. How much of it is done when is the caller's:
`check` looks at everything, a server looks for as long as nobody notices. What
must be there and cannot be valid is not asked for (`Unaskable`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mockserver.contract.media import chosen, parsed
from mockserver.contract.model import Contract, Direction, Operation, Schema
from mockserver.contract.reading import Faults
from mockserver.contract.sources import split_pointer
from mockserver.errors import SpecError, TooLarge, Ungeneratable
from mockserver.exchange import Place, Violation

if TYPE_CHECKING:
    from mockserver.generation.proof import Prover

FEW = 3
"""Operations that are named where one schema keeps many from being answered."""


def place_of(schema: Schema, dead: Ungeneratable) -> Place:
    """Return where in the contract's files the reason *dead*, why no value fits *schema*, stands."""
    path: list[object] = [int(token) if token.isdecimal() else token for token in split_pointer(dead.pointer)]
    return schema.schemas.origin(schema, path)


def told(schema: Schema, dead: Ungeneratable) -> str:
    """Return why no value fits *schema*, and in which line."""
    place = place_of(schema, dead)
    line = schema.schemas.documents.line(place)
    kind = "can be valid" if dead.proved else "was found to be valid"
    kind = "is made" if isinstance(dead, TooLarge) else kind
    return f"no value {kind}: {dead.detail} ({place.file}:{line}: {place.pointer or '/'})"


def prepare() -> None:
    """Import what a search takes: the first one would do it, and takes as long as many of its steps."""
    from mockserver.generation import proof

    del proof


class Impossible:
    """
    A search through one contract, done piece by piece.

    Args:
        contract: Takes what is found among its faults, when the search has come to its end.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._steps = self._search()
        self._provers: dict[Direction, Prover] = {}
        self._found: dict[tuple[Place, str], list[str]] = {}

    def look(self, seconds: float = float("inf")) -> bool:
        """Look on for *seconds* of this thread's CPU time; return whether the search has come to its end."""
        from mockserver.generation.proof import Prover  # not at once: a start with rules needs none of it

        self._provers = self._provers or {"response": Prover(), "request": Prover()}
        end = time.thread_time() + seconds
        for _ in self._steps:
            if time.thread_time() >= end:
                return False
        self._tell()
        return True

    def _search(self) -> Iterator[None]:
        for identifier in self._contract.operations:
            operation = self._contract.operations[identifier]
            for direction, what, schema in _needed(operation):
                try:
                    dead = self._provers[direction].reason(schema.json(direction))
                    if dead is not None:
                        self._found.setdefault((place_of(schema, dead), dead.detail), []).append(what)
                except SpecError:  # one of the contract's faults
                    pass
                yield

    def _tell(self) -> None:
        faults = self._contract.faults
        assert isinstance(faults, Faults)
        for (place, detail), what in self._found.items():
            rest = f" (nor {len(what) - FEW} more)" if len(what) > FEW else ""
            faults.add(place, f"{', '.join(what[:FEW])}{rest} can be valid: {detail}")
        self._found.clear()


class Unaskable:
    """
    What every request of one operation would break: a required part that no value fits is held against none.

    A page that cannot be asked for is of no use to anybody; that its contract forbids each request is one of
    the contract's faults (see `Impossible`), and is looked for here when a request is refused first.
    """

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._known: dict[tuple[str, str], bool] = {}

    def spared(self, violations: list[Violation], sent: str) -> list[Violation]:
        """
        Return those of *violations* that another request would not have.

        Args:
            violations: Of a request to the operation.
            sent: The media type of its body, "type/subtype".
        """
        return [one for one in violations if one.keyword in _OTHERS or not self._inevitable(one, sent)]

    def _inevitable(self, violation: Violation, sent: str) -> bool:
        name = sent if violation.where == "body" else violation.pointer.partition("/")[0]
        if violation.keyword == "required" and name == violation.pointer:  # it was not there at all
            return False
        key = (violation.where, name)
        if key not in self._known:
            self._known[key] = self._is_impossible(*key)
        return self._known[key]

    def _is_impossible(self, where: str, name: str) -> bool:
        from mockserver.generation.proof import Prover

        schema = self._schema(where, name)
        try:
            dead = Prover().reason(schema.json("request")) if schema is not None else None
            return dead is not None and not isinstance(dead, TooLarge)
        except SpecError:  # one of the contract's faults
            return False

    def _schema(self, where: str, name: str) -> Schema | None:
        if where == "body":
            body, kind = self._operation.body, parsed(name)
            media = chosen(body.content, kind) if body is not None and body.required and kind else None
            return media.schema if media is not None else None
        parts = (one for one in self._operation.parameters if (one.location, one.name) == (where, name))
        return next((one.schema for one in parts if one.required), None)


_OTHERS = frozenset(("mediaType", "parse"))
"""Violations that are none of a schema's."""


def _needed(operation: Operation) -> Iterator[tuple[Direction, str, Schema]]:
    """Yield what must be valid for *operation* to be asked and answered."""
    body = operation.body
    if body is not None and body.required:
        for media in body.content.values():
            if media.schema is not None:
                yield "request", f"no body of {operation.id} ({media.name})", media.schema
    for parameter in operation.parameters:
        if parameter.required and parameter.schema is not None:
            where = f"{parameter.location} parameter {parameter.name!r}"
            yield "request", f"no {where} of {operation.id}", parameter.schema
    for status, promise in operation.responses.items():
        for media in promise.content.values():
            if media.schema is not None:
                yield "response", f"no answer {operation.id} {status} ({media.name})", media.schema
        for name, header in promise.headers.items():
            if header.required and header.schema is not None:
                yield "response", f"no header {name} of {operation.id} {status}", header.schema
