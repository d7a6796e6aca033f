"""
What happened, and who is to hear of it.

Three ways lead here. A rule emits an event (`emit` in behavior.yaml), with an
address that the API remembers or for those who subscribed. An operation with
`callbacks` succeeded, and no rule says when they are sent: then they are sent at
once, to the address that their runtime expression finds (OpenAPI 3.1.1, Callback
Object). Or somebody triggers an event by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from mockserver.behavior.changes import Happened
from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import Contract, Operation
from mockserver.contract.runtime import Happening, LeadsNowhere
from mockserver.exchange import MISSING, Arguments, Json
from mockserver.server.answer import Answer
from mockserver.server.webhooks.messages import known_of


@dataclass(frozen=True)
class Event:
    """
    Something to tell.

    Attributes:
        name: Of the webhook or callback.
        operation: What is sent.
        payload: `MISSING` where nobody says it.
        to: An address of the API's own; "" where it is silenced, None where there is none.
        known: What a made body should say under the same names.
        note: Why it is not sent, where that is known already.
    """

    name: str
    operation: Operation
    payload: Json
    to: str | None
    known: dict[str, Json]
    note: str = ""


def emitted(answer: Answer) -> Iterator[Event]:
    """Yield the events that the rules of the answer's API have emitted."""
    assert answer.api is not None
    for happened in answer.events:
        operation = answer.api.contract.told_by(happened.name)
        if operation is not None:
            yield Event(happened.name, operation, happened.payload, happened.to, {})


def called_back(answer: Answer, url: str) -> Iterator[Event]:
    """
    Yield the callbacks of the operation that *answer* is a success of, at *url*.

    One whose address is not there ("callbackUrl" was not sent) is none.
    """
    operation = answer.prepared.operation if answer.prepared is not None else None
    arguments = answer.calls_back
    if operation is None or arguments is None or not 200 <= answer.status < 300 or answer.source == "mock":
        return
    body = _value(answer)
    happening = _happening(answer, arguments, url, body)
    known = known_of(body, arguments.body)
    told = answer.api.behavior.told if answer.api is not None else frozenset()
    for name, callbacks in operation.callbacks.items():
        for callback in callbacks if name not in told else ():
            try:
                to = happening.text(callback.address)
            except LeadsNowhere:
                continue
            yield Event(name, callback.operation, MISSING, to, known)


def _happening(answer: Answer, arguments: Arguments, url: str, body: Json) -> Happening:
    response = answer.response
    assert response is not None
    return Happening(
        url=url,
        method=answer.request.method,
        status=answer.status,
        request=arguments,
        headers=dict(answer.request.index),
        answer_headers={name.lower(): value for name, value in reversed(response.headers)},
        answer=body,
    )


def _value(answer: Answer) -> Json:
    if answer.value is not MISSING or answer.response is None or not answer.response.body:
        return answer.value
    name = parsed(answer.response.header("content-type"))
    return orjson.loads(answer.response.body) if name is not None and is_json(name.essence) else MISSING


def event_of(contract: Contract, happened: Happened) -> Event | None:
    """Return what is sent when that has *happened*."""
    operation: Operation | None = contract.told_by(happened.name)
    if operation is None:
        return None
    return Event(happened.name, operation, happened.payload, happened.to, {})
