"""
What a stub answers: WireMock's response definitions, read and made.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mockserver.exchange import Json, Response, Wire, dumps
from mockserver.server.faults import FAULTS
from mockserver.server.stubs.asked import Asked
from mockserver.server.stubs.delays import Delays, Dribble, delays, dribble
from mockserver.server.stubs.files import Folder
from mockserver.server.stubs.proxying import Proxy, proxy
from mockserver.server.stubs.reading import Doc, Unfit, shown

TEMPLATE = "response-template"
BODIES = ("body", "jsonBody", "base64Body", "bodyFileName")
KEYS = (
    *("status", "statusMessage", "headers", *BODIES, "fixedDelayMilliseconds", "delayDistribution"),
    *("chunkedDribbleDelay", "fault", "transformers", "transformerParameters", "proxyBaseUrl"),
    *("additionalProxyRequestHeaders", "removeProxyRequestHeaders", "proxyUrlPrefixToRemove"),
)
SHOWN_ONLY = ("fromConfiguredStub", "metadata")
"""What WireMock writes and clients send back."""

WIREMOCK_FAULTS: Mapping[str, str] = {
    "EMPTY_RESPONSE": "empty",
    "MALFORMED_RESPONSE_CHUNK": "malformed",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
    "CONNECTION_RESET_BY_PEER": "reset",
}
_DOORS = frozenset({"content-length", "connection", "transfer-encoding", "date"})
"""Header fields that are the connection's business."""


@dataclass(frozen=True)
class Surroundings:
    """What an answer is made with: the session's time, a seed of its own, files, the request's id."""

    now: Callable[[], datetime]
    seed: str
    ident: str
    folder: Folder
    path_values: dict[str, str]
    overall: Delays


@dataclass(frozen=True)
class ResponseDefinition:
    """What a stub answers. Made by `read`; `given` is the JSON that it was read from."""

    given: Json
    status: int
    message: str
    headers: tuple[tuple[str, str], ...]
    content: bytes
    file: str
    fault: str
    delays: Delays
    dribble: Dribble | None
    templated: bool
    parameters: Mapping[str, Json]
    proxy: Proxy | None

    def made(self, asked: Asked, around: Surroundings) -> Response:
        """
        Return the answer to *asked*.

        Raises:
            Unfit: A body file is not there.
            ValueError: A template cannot be filled.
        """
        fill = self._filler(asked, around) if self.templated else _as_it_is
        content = self.content
        if self.file:
            content = around.folder.read(fill(self.file))
        if self.templated and not (self.file and self.parameters.get("disableBodyFileTemplating")):
            content = self._filled(content, fill)
        headers = [(name, fill(value)) for name, value in self.headers if name.lower() not in _DOORS]
        response = Response(self.status, headers, content)
        delay = self.delays.over(around.overall).drawn(f"{around.seed}|delay")
        wire = Wire(delay, self.fault, reason=self.message)
        if self.dribble is not None and not self.fault:
            wire.fault, wire.pieces, wire.spread = "drip", self.dribble.pieces, self.dribble.duration / 1000
        if self.proxy is not None:
            wire.fetch = self.proxy.fetching(asked, fill)
        if wire != Wire():
            response.wire = wire
        return response

    def _filled(self, content: bytes, fill: Callable[[str], str]) -> bytes:
        if "base64Body" in self.given or b"{{" not in content:
            return content
        text = content.decode("utf-8", "surrogateescape")
        return fill(text).encode("utf-8", "surrogateescape")

    def _filler(self, asked: Asked, around: Surroundings) -> Callable[[str], str]:
        from mockserver.server.stubs.templates.engine import renderer
        from mockserver.server.stubs.templates.values import request_model

        request = request_model(asked, around.path_values, around.ident)
        context = {"request": request, "parameters": self.parameters}
        engine = renderer(around.seed, around.now)
        return lambda text: engine.render(text, context)


def _as_it_is(text: str) -> str:
    return text


def read(doc: Doc) -> ResponseDefinition:
    """
    Return the answer that a stub's `response` describes.

    Raises:
        Unfit: A key that nobody knows, two bodies, a template that cannot be read, a proxy that is not here.
    """
    doc.only((*KEYS, *SHOWN_ONLY))
    named = [key for key in BODIES if key in doc or (key == "jsonBody" and key in doc.value)]
    if len(named) > 1:
        raise doc.unfit(
            named[1], f"Only one of {', '.join(BODIES)} may be given; found {' and '.join(named)}"
        )
    status = doc.whole("status")
    if status is not None and not 200 <= status <= 999:  # below 200 a client waits for the answer
        raise doc.unfit("status", f"{status}: expected a status code from 200 to 999")
    headers = tuple(_headers(doc))
    if "jsonBody" in named and not any(name.lower() == "content-type" for name, _ in headers):
        headers += (("Content-Type", "application/json"),)
    definition = ResponseDefinition(
        given=doc.value,
        status=200 if status is None else status,
        message=doc.text("statusMessage") or "",
        headers=headers,
        content=_content(doc),
        file=doc.text("bodyFileName") or "",
        fault=_fault(doc),
        delays=delays(doc, "fixedDelayMilliseconds"),
        dribble=dribble(doc),
        templated=_templated(doc),
        parameters=doc.value.get("transformerParameters") or {},
        proxy=proxy(doc),
    )
    if definition.templated:
        _check_templates(doc, definition)
    return definition


def _headers(doc: Doc) -> list[tuple[str, str]]:
    made: list[tuple[str, str]] = []
    within = doc.doc("headers")
    for name, value in within.value.items() if within is not None else ():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, (dict, list)) or one is None:
                assert within is not None
                raise within.unfit(name, f"expected a string, or an array of strings, found {shown(value)}")
            made.append((name, one if isinstance(one, str) else dumps(one).decode()))
    return made


def _content(doc: Doc) -> bytes:
    if "jsonBody" in doc.value and doc.value["jsonBody"] is not None:
        return dumps(doc.value["jsonBody"])
    if "base64Body" in doc:
        try:
            return base64.b64decode(doc.text("base64Body") or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise doc.unfit("base64Body", f"expected base64: {error}") from error
    return (doc.text("body") or "").encode("utf-8", "surrogateescape")


def _fault(doc: Doc) -> str:
    name = doc.text("fault")
    if not name:
        return ""
    if name not in WIREMOCK_FAULTS and name not in FAULTS:
        known = ", ".join([*WIREMOCK_FAULTS, *FAULTS])
        raise doc.unfit("fault", f"{name!r}: expected one of {known}")
    return WIREMOCK_FAULTS.get(name, name)


def _templated(doc: Doc) -> bool:
    names = [str(item) for item, _ in doc.list("transformers")]
    for name in names:
        if name != TEMPLATE:
            raise doc.unfit("transformers", f"there is no transformer {name!r}; there is {TEMPLATE!r}")
    if "transformerParameters" in doc:
        Doc(doc.value["transformerParameters"], doc.at("transformerParameters"))
    return TEMPLATE in names


def _check_templates(doc: Doc, definition: ResponseDefinition) -> None:
    """Refuse what cannot be read as a template now, not when the request comes."""
    from mockserver.server.stubs.templates.render import compiled
    from mockserver.server.stubs.templates.syntax import BadTemplate

    texts = [(doc.at("headers"), value) for _, value in definition.headers]
    texts.append((doc.at("bodyFileName"), definition.file))
    if "base64Body" not in doc:
        texts.append((doc.at("body"), definition.content.decode("utf-8", "surrogateescape")))
    for pointer, text in texts:
        try:
            compiled(text)
        except BadTemplate as error:
            raise Unfit(pointer, f"the template cannot be read: {error}") from error
