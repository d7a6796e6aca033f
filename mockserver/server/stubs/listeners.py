"""
What a stub sends when it has answered: WireMock's webhooks.

They stand in `serveEventListeners` (and stood in `postServeActions`). Said here;
sent by the office (server/webhooks), as everything that leaves is: to this machine
only unless more is allowed, logged, and tried again.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.exchange import Json, Response
from mockserver.server.latency import Delay
from mockserver.server.stubs.asked import Asked
from mockserver.server.stubs.delays import distribution
from mockserver.server.stubs.reading import Doc, Unfit

WEBHOOK = "webhook"


@dataclass(frozen=True)
class Outgoing:
    """A request that is to be made: `delay` in seconds."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    delay: float


@dataclass(frozen=True)
class Webhook:
    """One webhook of a stub; its texts are templates. `parameters` is all that was said."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    content: bytes
    delay: Delay | None
    parameters: Mapping[str, Json]

    def made(
        self, asked: Asked, response: Response, path_values: dict[str, str], ident: str, seed: str
    ) -> Outgoing:
        """Return the request that follows from an answer. Raises ValueError: a template cannot be filled."""
        from random import Random

        from mockserver.server.stubs.templates.engine import renderer
        from mockserver.server.stubs.templates.values import Caseless, Many, request_model

        fields: Caseless = Caseless()
        for name, value in response.headers:
            fields.setdefault(name.lower(), Many([])).items.append(value)
        context: dict[str, Any] = {
            "originalRequest": request_model(asked, path_values, ident),
            "originalResponse": {
                "status": response.status,
                "headers": fields,
                "body": response.body.decode("utf-8", "surrogateescape"),
            },
            "parameters": self.parameters,
        }
        engine = renderer(f"{seed}|webhook", asked.now)
        headers = tuple((name.lower(), engine.render(value, context)) for name, value in self.headers)
        body = self.content or engine.render(self.body, context).encode("utf-8", "surrogateescape")
        delay = self.delay.drawn(Random(f"{seed}|webhook")) if self.delay is not None else 0.0
        method = engine.render(self.method, context).upper()
        return Outgoing(method, engine.render(self.url, context), headers, body, delay)


def webhooks(doc: Doc) -> tuple[Webhook, ...]:
    """
    Return the webhooks of a stub.

    Raises:
        Unfit: A listener that is none, or a webhook without a URL.
    """
    made = [_listener(each) for each in doc.docs("serveEventListeners")]
    older = doc.value.get("postServeActions")
    if isinstance(older, list):
        made += [_listener(each) for each in doc.docs("postServeActions")]
    elif older is not None:
        within = Doc(older, doc.at("postServeActions"))
        for name, value in within.value.items():
            _known(within, name, name)
            made.append(_webhook(Doc(value, within.at(name))))
    return tuple(made)


def _known(doc: Doc, key: str, name: str) -> None:
    if name != WEBHOOK:
        raise doc.unfit(key, f"there is no listener {name!r}; there is {WEBHOOK!r}")


def _listener(doc: Doc) -> Webhook:
    doc.only(("name", "parameters", "requestPhases"))
    _known(doc, "name", doc.text("name") or "")
    return _webhook(doc.doc("parameters") or Doc({}, doc.at("parameters")))


def _webhook(doc: Doc) -> Webhook:
    from mockserver.server.stubs.templates.render import compiled
    from mockserver.server.stubs.templates.syntax import BadTemplate

    url = doc.text("url")
    if not url:
        raise doc.unfit("url", "a webhook needs a url")
    headers = doc.doc("headers")
    pairs = tuple(
        (name, str(one))
        for name, value in (headers.value.items() if headers is not None else ())
        for one in (value if isinstance(value, list) else [value])
    )
    try:
        content = base64.b64decode(doc.text("base64Body") or "", validate=True)
    except (binascii.Error, ValueError) as error:
        raise doc.unfit("base64Body", f"expected base64: {error}") from error
    within = doc.doc("delay")
    method, body = doc.text("method") or "POST", doc.text("body") or ""
    for key, text in (
        ("url", url),
        ("method", method),
        ("body", body),
        *(("headers", each[1]) for each in pairs),
    ):
        try:
            compiled(text)
        except BadTemplate as error:
            raise Unfit(doc.at(key), f"the template cannot be read: {error}") from error
    delay = distribution(within) if within is not None else None
    return Webhook(method, url, pairs, body, content, delay, {key: doc.value[key] for key in doc.value})
