"""
Hold answers to the invariants of their contract: every answer of every phase.

What one answer shows by itself is held like its schema (`verdicts.held`). What needs
another operation's answer is read at once, before the run goes on and changes
something; where the two do not agree both are read again, since others may be at work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.behavior.holding import broken, pointers
from mockserver.behavior.invariants import SAID, named
from mockserver.behavior.model import Invariant
from mockserver.contract.media import is_json
from mockserver.contract.model import Operation
from mockserver.contract.routes import Match
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Arguments, Json, Request, Response, Violation
from mockserver.server.api import Api
from mockserver.validation.requests import RequestReader
from mockserver.verify.created import SAFE
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.requests import TOKEN, Key, Said, Unsayable, saying, written

RULE = "contract/invariant"

Ask = Callable[[Request, str], Exchanged]
"""Sends a request of an operation."""

_OF_A_MESSAGE = frozenset({"content-type", "content-length", "accept", "host"})
"""Fields that say nothing of who asks."""


def body_of(response: Response | None) -> Json:
    """Return the body of an answer, where it is JSON; else `MISSING`."""
    if response is None or not is_json(response.header("content-type").partition(";")[0].strip().lower()):
        return MISSING
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return MISSING


@dataclass
class Holding:
    """
    Holds answers to the invariants of *api*.

    Args:
        token: What is shown where an operation asks for credentials that the call did not show in a field.
        most: Readings for each invariant that needs another answer, in a run.
    """

    api: Api
    token: str = TOKEN
    most: int = 12
    _readers: dict[str, RequestReader] = field(default_factory=dict)
    _read: Counter[int] = field(default_factory=Counter)
    _seen: dict[tuple[int, str], tuple[int, bytes]] = field(default_factory=dict)
    """Of an invariant and what was asked: the changes before it, and the answer that was followed."""
    _changes: int = 0
    _following: bool = False

    def violations(self, operation: Operation, request: Request, response: Response) -> list[Violation]:
        """Return what an answer does not hold, of what can be told from it and its request."""
        answer = body_of(response)
        if answer is MISSING or request.method != operation.method:
            return []
        found: list[Violation] = []
        scope = _Scope(self, operation, request)
        media = response.header("content-type")
        breaches = self.api.invariants.breaches(operation, scope, response.status, media, answer)
        while True:
            try:
                one = next(breaches)
            except StopIteration:
                return found
            except BehaviorError:  # it divides by what is nothing: not for a verdict
                return found
            text, place = one.invariant.holds.text, one.invariant.place
            found.append(Violation("body", one.pointer, "invariant", f"{one}.", text, one.values, place))

    def followed(self, operation: Operation, call: Exchanged, ask: Ask) -> Iterator[Finding]:
        """
        Yield what an answer does not hold, of what other operations have to be asked for.

        *ask* is asked for nothing but safe operations, as whoever made the *call*; what it asks meanwhile is
        not followed.
        """
        response = call.response
        if self._following:
            return
        self._changes += call.request.method not in SAFE
        if response is None or not 200 <= response.status < 300:
            return
        looking = [one for one in self.api.invariants.of(operation) if one.looks]
        self._following = True
        try:
            for one in looking:
                asked, now = (id(one), call.request.target), (self._changes, response.body)
                if self._read[id(one)] >= self.most or self._seen.get(asked) == now:
                    continue
                self._seen[asked] = now
                self._read[id(one)] += 1
                finding = self._looked(one, operation, call, ask)
                if finding is not None:
                    again = ask(call.request, operation.id) if operation.method == "GET" else call
                    finding = self._looked(one, operation, again, ask)
                if finding is not None:
                    yield finding
        finally:
            self._following = False

    def _looked(self, one: Invariant, operation: Operation, call: Exchanged, ask: Ask) -> Finding | None:
        answer = body_of(call.response)
        if answer is MISSING:
            return None
        scope: Callable[[str], Any] = named(_Scope(self, operation, call.request), answer=answer)
        calls = [call]
        try:
            if one.when is not None and not one.when(scope):
                return None
            seen: dict[str, Json] = {}
            for look in one.looks:
                asked = self.api.contract.operations[look.operation]
                said = _said(asked, {name: value(scope) for name, value in look.parameters.items()})
                fields = _fields(operation, call.request)
                request = written(self.api.contract, asked, said, headers=fields, token=self.token)
                calls.append(ask(request, asked.id))
                shown = calls[-1].response
                if shown is None or not 200 <= shown.status < 300 or body_of(shown) is MISSING:
                    return None
                seen[look.name] = body_of(shown)
            values = broken(one, named(scope, **seen))
        except (BehaviorError, Unsayable):
            return None
        if values is None:
            return None
        said_of = ", ".join(f"{name} is {value!r:.60}" for name, value in values.items())
        why = f" ({one.why})" if one.why else ""
        return Finding(
            rule=RULE,
            operation=operation.id,
            detail=f"{one.holds.text}{why}: {said_of}.",
            place=self.api.contract.located(one.place),
            pointer=next(pointers(one), ""),
            expected=one.holds.text,
            found=values,
            calls=tuple(calls),
        )

    def arguments(self, operation: Operation, request: Request) -> Arguments | None:
        """Return a request as its contract reads it; None where it is none of the operation's."""
        found = self.api.routes.match(request.method, request.path, request.query, request.index)
        if not isinstance(found, Match) or found.route.id != operation.id:
            return None
        reader = self._readers.get(operation.id)
        if reader is None:
            reader = self._readers[operation.id] = RequestReader(operation)
        arguments, violations = reader.read(found.captured, request)
        return arguments if not violations else None


class _Scope:
    """The names of a request, read when the first is asked for; what only the mock knows is `MISSING`."""

    def __init__(self, holding: Holding, operation: Operation, request: Request) -> None:
        self._make: Callable[[], Arguments | None] = lambda: holding.arguments(operation, request)
        self._settings = holding.api.behavior.settings
        self._known: dict[str, Any] | None = None

    def __call__(self, name: str) -> Any:
        if name == "settings":
            return self._settings
        if name not in SAID:
            return MISSING
        if self._known is None:
            self._known = _names(self._make())
        return self._known.get(name, MISSING)


def _names(arguments: Arguments | None) -> dict[str, Any]:
    if arguments is None:
        return {}
    names = {name: getattr(arguments, name) for name in ("path", "query", "header", "cookie")}
    if arguments.body is not MISSING:
        names["body"] = arguments.body
    return {**names, "sent": lambda name: name in arguments.explicit}


def _said(operation: Operation, given: Mapping[str, Any]) -> Said:
    parameters: dict[Key, Json] = {}
    for parameter in operation.parameters:
        value = given.get(parameter.name, MISSING)
        if value is not MISSING and value is not None:
            parameters[parameter.location, parameter.name] = value
        elif parameter.required and parameter.name in given:
            raise Unsayable(f"{parameter.name} is not known")
    said = saying(operation, parameters=parameters)
    return Said({key: value for key, value in said.parameters.items() if key in parameters})


def _fields(operation: Operation, request: Request) -> dict[str, str]:
    """Return the fields of *request* that say who asks, or go along with every request of a run."""
    own = {one.name.lower() for one in operation.parameters if one.location == "header"}
    return {name: value for name, value in request.headers if name not in own | _OF_A_MESSAGE}
