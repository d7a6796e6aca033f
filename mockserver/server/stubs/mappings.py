"""
Stub mappings: a request pattern, an answer, a place in a scenario.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from mockserver.exchange import Json
from mockserver.server.stubs import request_patterns, responses
from mockserver.server.stubs.listeners import Webhook, webhooks
from mockserver.server.stubs.reading import Doc
from mockserver.server.stubs.request_patterns import RequestPattern
from mockserver.server.stubs.responses import ResponseDefinition

PRIORITY = 5
"""Of a stub that names none; 1 is looked at first."""

STARTED = "Started"
"""The state in which each scenario begins."""

KEYS = (
    *("id", "uuid", "name", "priority", "request", "response", "scenarioName", "requiredScenarioState"),
    *("newScenarioState", "persistent", "metadata", "postServeActions", "serveEventListeners"),
    *("insertionIndex",),
)


@dataclass(frozen=True)
class StubMapping:
    """One stub. `row` is its JSON, with its id, as clients see it and sessions keep it."""

    row: Json
    id: str
    name: str
    priority: int
    request: RequestPattern
    response: ResponseDefinition
    scenario: str
    required: str
    following: str
    webhooks: tuple[Webhook, ...]

    @property
    def persistent(self) -> bool:
        """Whether it is written to the folder."""
        return bool(self.row.get("persistent"))


def read(value: Json, pointer: str = "") -> StubMapping:
    """
    Return the stub that *value* describes; it must have an id.

    Raises:
        Unfit: See request_patterns.read and responses.read; or its scenario has a state but no name.
    """
    doc = Doc(value, pointer)
    doc.only(KEYS)
    scenario = doc.text("scenarioName") or ""
    for key in ("requiredScenarioState", "newScenarioState"):
        if key in doc and not scenario:
            raise doc.unfit(key, "Scenario name must be specified to require or set a new scenario state")
    priority = doc.whole("priority")
    if priority is not None and priority < 1:
        raise doc.unfit("priority", f"{priority}: expected 1 (looked at first) or more")
    if "metadata" in doc:
        Doc(doc.value["metadata"], doc.at("metadata"))
    doc.flag("persistent")
    return StubMapping(
        row=value,
        id=str(value["id"]),
        name=doc.text("name") or "",
        priority=PRIORITY if priority is None else priority,
        request=request_patterns.read(doc.doc("request") or Doc({}, doc.at("request"))),
        response=responses.read(doc.doc("response") or Doc({}, doc.at("response"))),
        scenario=scenario,
        required=doc.text("requiredScenarioState") or "",
        following=doc.text("newScenarioState") or "",
        webhooks=webhooks(doc),
    )


def identified(value: Json, ident: str, pointer: str = "") -> Json:
    """
    Return a stub's JSON with its id, which WireMock writes twice, at its head.

    Args:
        value: As sent.
        ident: The id that it gets where it has none.
        pointer: Where it stands.

    Raises:
        Unfit: It is no object, or its id is no UUID.
    """
    doc = Doc(value, pointer)
    key = "id" if "id" in doc else "uuid"
    said = doc.text(key) or ident
    try:
        ident = str(uuid.UUID(said))
    except ValueError as error:
        raise doc.unfit(key, f"{said!r} is no UUID") from error
    rest = {name: member for name, member in doc.value.items() if name not in ("id", "uuid")}
    rest.setdefault("request", {"method": "ANY"})
    rest.setdefault("response", {"status": 200})
    return {"id": ident, **rest, "uuid": ident}


def numbered(number: int) -> str:
    """Return a UUID (version 8, RFC 9562) that counts, so that a test run names its stubs alike each time."""
    return f"57b50000-0000-8000-8000-{number:012x}"
