"""
The callbacks of an operation: it is asked with an address of ours, and what comes there is held.

OpenAPI does not say that a callback is always sent, nor when. So what comes is held to
the contract, and what does not come is inconclusive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from mockserver.behavior.expressions import Scope
from mockserver.contract.model import Callback, Operation
from mockserver.contract.sources import split_pointer
from mockserver.exchange import MISSING, Json
from mockserver.verify.calls import Call, exemplified, successful_call
from mockserver.verify.context import NOT_OURS, Context
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.invariants import body_of
from mockserver.verify.phases import Case, Checked, Event
from mockserver.verify.requests import Said, Unsayable
from mockserver.verify.webhooks.catcher import Catcher, catching
from mockserver.verify.webhooks.deliveries import Told, held, repeated, told

PATIENCE = 3.0
"""Seconds until nothing is expected any more; a first delivery may need a connection, and a queue's turn."""

SHORTEST = 0.3
"""Seconds that are waited where nothing came the times before."""

QUIET = 0.3
"""Seconds after what was expected, for what comes twice."""

_ASKED = re.compile(r"\{?\$request\.(?:(body)#(/[^}]+)|(query|header)\.([^}#]+))\}?")


@dataclass
class Patience:
    """How long is waited: less each time that nothing came, for there are contracts with many callbacks."""

    silences: int = 0

    @property
    def seconds(self) -> float:
        """Seconds."""
        return max(SHORTEST, PATIENCE * 0.5**self.silences)


class CallbackCase(Case):
    """An operation with callbacks."""

    kind = "telling"
    check = "webhooks/callback"

    def __init__(self, operation: Operation, patience: Patience) -> None:
        self.operations = (operation,)
        self.patience = patience
        self.callbacks = [one for several in operation.callbacks.values() for one in several]

    def __str__(self) -> str:
        return f"callbacks of {self.operations[0].id}"

    def run(self, context: Context) -> Iterator[Event]:
        """Ask, wait, and hold what comes."""
        operation = self.operations[0]
        asked = [one for one in self.callbacks if _ASKED.match(one.address)]
        if not asked:
            address = self.callbacks[0].address
            yield self._unjudged(
                f"{address} is no part of a request: where it is called back is not ours to say"
            )
            return
        with catching(context.catcher) as catcher:
            call, why = self._called(context, asked, catcher)
            if call is None:
                yield self._unjudged(why)
                return
            pulled = _pulled(context, operation, call, asked) if context.target.is_mock else []
            expected = len(pulled) or 1
            seconds = self.patience.seconds
            if not catcher.wait(lambda caught: len(caught) >= expected, seconds) and not catcher.caught:
                self.patience.silences += 1
                by_hand = all(one.name in context.behavior.triggers for one in asked)
                nothing = f"nothing came in {seconds:g} seconds"
                yield self._unjudged("it comes about without a request of the API" if by_hand else nothing)
                return
            catcher.wait(lambda _: False, QUIET)
            yield from self._judged(context, call, asked, catcher)

    def _called(
        self, context: Context, asked: list[Callback], catcher: Catcher
    ) -> tuple[Exchanged | None, str]:
        """Make a documented call that succeeds with an address of ours; return it, or None and why not."""
        operation, why = self.operations[0], "no call of it is documented that succeeds"
        for documented in _calls(operation):
            said = _addressed(documented.said, asked, catcher)
            if not context.permits(operation, context.request(operation, said)):
                why = NOT_OURS
                continue
            call = context.ask(operation, said)
            response = call.response
            if response is not None and 200 <= response.status < 300:
                return call, ""
            status = response.status if response is not None else "nothing"
            why = f"it is answered {status} with an address of ours"
        return None, why

    def _judged(
        self, context: Context, call: Exchanged, asked: list[Callback], catcher: Catcher
    ) -> Iterator[Event]:
        found: list[Told] = []
        findings: list[Finding] = []
        for delivery in list(catcher.caught):
            at = delivery.request.path + "/"
            there = {one.name: one.operation for one in asked if at.startswith(_path(one, asked))}
            further = {
                one.name: one.operation for one in asked if at.startswith(_path(one, asked) + _rest(one))
            }
            one = told(further or there, delivery)
            if one is not None:
                found.append(one)
        for one in found:
            findings += held(context.contract, self.operations[0], one, (call,), context.webhook_secret)
        for one, why in repeated(found, alike=False):
            findings.append(again(context, self.operations[0], one, why, (call,)))
        yield from findings
        if found and not findings:
            yield Checked(self.operations[0].id, self.check, "passed", count=len(found))

    def _unjudged(self, why: str) -> Checked:
        return Checked(self.operations[0].id, self.check, "inconclusive", why)


def again(context: Context, caused: Operation, one: Told, why: str, calls: tuple[Exchanged, ...]) -> Finding:
    """Return the finding that something was told twice."""
    return Finding(
        rule="webhooks/duplicate",
        operation=caused.id,
        detail=f"{one.event} is sent again: {why}.",
        place=context.contract.located(one.operation.place),
        pointer=one.event,
        expected="once",
        found="again",
        calls=calls,
    )


def _path(callback: Callback, among: list[Callback]) -> str:
    """Return where the address goes that a callback finds in a request: those that look there share it."""
    looks = list(dict.fromkeys(_looks(one) for one in among))
    return f"/{looks.index(_looks(callback))}/"


def _looks(callback: Callback) -> str:
    found = _ASKED.match(callback.address)
    return found[0] if found is not None else ""


def _rest(callback: Callback) -> str:
    """Return the plain text that an address has behind what it finds in a request."""
    return callback.address.removeprefix(_looks(callback)).partition("{")[0].partition("?")[0].lstrip("/")


def _addressed(said: Said, callbacks: list[Callback], catcher: Catcher) -> Said:
    """Return *said* with addresses of the catcher where the callbacks look for theirs."""
    parameters, body = dict(said.parameters), said.body
    for one in callbacks:
        found = _ASKED.match(one.address)
        assert found is not None
        url = catcher.url + _path(one, callbacks)
        if found[1]:
            body = _with(body, split_pointer(found[2]), url)
        else:
            parameters[found[3], found[4]] = url
    return replace(said, parameters=parameters, body=body)


def _with(body: Json, steps: list[str] | tuple[str, ...], url: str) -> Json:
    if not steps:
        return url
    inner: Mapping[str, Json] = body if isinstance(body, dict) else {}
    return {**inner, steps[0]: _with(inner.get(steps[0]), steps[1:], url)}


def _calls(operation: Operation) -> Iterator[Call]:
    """Yield the documented calls of *operation* that succeed; the plain one where none is exemplified."""
    found = False
    for call in exemplified(operation):
        if call.succeeds and not call.skip:
            found = True
            yield call
    if not found:
        with suppress(Unsayable):
            yield successful_call(operation)


def _pulled(context: Context, operation: Operation, call: Exchanged, callbacks: list[Callback]) -> list[str]:
    """Let a mockserver's triggers happen to what *call* is about; return those that did."""
    key = _acted_on(context, operation, call) or _key(body_of(call.response))
    pulled = []
    for one in callbacks:
        trigger = context.behavior.triggers.get(one.name)
        if trigger is None or key is None:
            continue
        item = trigger.rule.item
        name = next(
            (name for name in trigger.takes if item is not None and item.key(_only(name)) is _MARK), None
        )
        if name is not None:
            said = {"api": context.located.name, "event": one.name, "data": {name: key}}
            if context.target.admin("POST", "/__admin/webhooks/trigger", said) is not None:
                pulled.append(one.name)
    return pulled


def _acted_on(context: Context, operation: Operation, call: Exchanged) -> Json:
    """Return the key of what the rules of *operation* act on, None where they make something."""
    rule = context.behavior.rules.get(operation.id)
    arguments = context.holding.arguments(operation, call.request)
    if rule is None or rule.item is None or arguments is None:
        return None
    names = {name: getattr(arguments, name) for name in ("path", "query", "header", "cookie", "body")}
    key = rule.item.key(lambda name: names.get(name, MISSING))
    return None if key is MISSING else key


_MARK = object()


def _only(name: str) -> Scope:
    return lambda root: {name: _MARK} if root == "body" else MISSING


def _key(answer: Json) -> Json:
    if not isinstance(answer, dict):
        return None
    if isinstance(answer.get("id"), (str, int)):
        return answer["id"]
    return next((found for value in answer.values() if (found := _key(value)) is not None), None)
