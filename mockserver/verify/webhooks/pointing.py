"""
How an implementation comes to send its webhooks to our catcher.

It was started so that it does (`--catcher`); it is a mockserver, whose admin takes
subscriptions; or the contract has an operation that takes one: a POST to something
that is called "webhooks", "subscriptions" or alike, with a URL in its body. Where
nothing of that is there, nobody can be told of anything, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.contract.model import Contract, Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json
from mockserver.verify.context import Context
from mockserver.verify.findings import Exchanged
from mockserver.verify.invariants import body_of
from mockserver.verify.laws.asking import media_of
from mockserver.verify.requests import Unsayable, saying
from mockserver.verify.webhooks.catcher import Catcher

_PLACE = re.compile(
    r"(web)?hooks?|subscriptions?|subscribers?|listeners?|notification-?(endpoints|urls)", re.I
)
_URL = re.compile(
    r"((web)?hook|callback|target|notify|notification|delivery|endpoint)?[_-]?(url|uri|endpoint|address)",
    re.I,
)
_EVENTS = re.compile(r"(enabled_?|event_?)?(events?|types|topics?)", re.I)
_SECRET = re.compile(r"(signing_?|shared_?|webhook_?)?secret", re.I)

SECRET = "c2VjcmV0IG9mIGEgdHJpYWw="
"""What a subscription of ours is signed with, where it takes a secret."""

NOBODY = (
    "the contract has no operation that takes a subscriber's URL: start the implementation so that it sends "
    "to an address of this machine, and say that with --catcher HOST:PORT"
)


@dataclass(frozen=True)
class Pointed:
    """
    How deliveries come to be sent to the catcher.

    Attributes:
        secret: What they are signed with, "" where that is not known.
        calls: What was asked for it.
        why: Why they are not sent, "" where they are.
    """

    secret: str = ""
    calls: tuple[Exchanged, ...] = ()
    why: str = ""


def pointed(context: Context, catcher: Catcher) -> Pointed:
    """Point the implementation at *catcher*, and return how; or why it cannot be."""
    if context.catcher:
        return Pointed(context.webhook_secret)
    if context.target.is_mock:
        said = {"api": context.located.name, "url": f"{catcher.url}/"}
        row = context.target.admin("POST", "/__admin/webhooks/subscriptions", said)
        if isinstance(row, dict):
            return Pointed(str(row.get("secret") or ""))
    for operation in subscribing(context.contract):
        return _subscribed(context, operation, catcher)
    return Pointed(why=NOBODY)


def subscribing(contract: Contract) -> Iterator[Operation]:
    """Yield the operations that take a subscriber's URL."""
    for operation in contract.operations.values():
        words = [word for word in operation.route.template.split("/") if word]
        if operation.method == "POST" and words and _PLACE.fullmatch(words[-1]) and _named(operation, _URL):
            yield operation


def _named(operation: Operation, pattern: re.Pattern[str]) -> str:
    """Return the property of a body that *pattern* names, "" without one."""
    media = media_of(operation)
    if media is None or media.schema is None:
        return ""
    shape = Shape(media.schema.json("request"))
    return next((name for name in shape.names if pattern.fullmatch(name)), "")


def _subscribed(context: Context, operation: Operation, catcher: Catcher) -> Pointed:
    media = media_of(operation)
    assert media is not None
    assert media.schema is not None
    try:
        said = saying(operation, media=media)
    except Unsayable as error:
        return Pointed(why=f"no request of {operation.id} can be made up: {error}")
    example = next((one.value for one in media.examples.values() if isinstance(one.value, dict)), {})
    body: dict[str, Json] = {**(said.body if isinstance(said.body, dict) else example)}
    body[_named(operation, _URL)] = f"{catcher.url}/"
    shape = Shape(media.schema.json("request"))
    if name := _named(operation, _EVENTS):
        body.update(_events(context.contract, name, shape.named(name)))
    secret = context.webhook_secret
    if name := _named(operation, _SECRET):
        secret = body[name] = secret or SECRET
    call = context.ask(operation, saying(operation, media=media, body=body))
    response = call.response
    if response is None or not 200 <= response.status < 300:
        status = response.status if response is not None else "nothing"
        return Pointed(why=f"{operation.id} does not take a subscriber at {catcher.url}: it answers {status}")
    return Pointed(secret or _secret(body_of(response)), (call,))


def _events(contract: Contract, name: str, shape: Shape) -> Mapping[str, Json]:
    """Return what asks for all events: those that are listed, or the names of the webhooks."""
    if "array" not in shape.kinds:
        return {}
    listed = [value for face in shape.item(0).faces for value in face.get("enum") or ()]
    return {name: list(dict.fromkeys(listed)) or list(contract.webhooks)}


def _secret(answer: Json, depth: int = 3) -> str:
    """Return the secret that an answer shows, "" without one."""
    for name, value in answer.items() if isinstance(answer, dict) and depth else ():
        if _SECRET.fullmatch(name) and isinstance(value, str):
            return value
        if found := _secret(value, depth - 1):
            return found
    return ""
