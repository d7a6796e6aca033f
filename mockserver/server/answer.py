"""
The answer that is being made to one request, and what the journal will say of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.behavior.changes import Happened
from mockserver.behavior.world import Mark, World
from mockserver.contract.model import MediaType
from mockserver.exchange import MISSING, Arguments, Json, Request, Response, Violation, Wire
from mockserver.server.address import Addressed
from mockserver.server.api import Api, Prepared
from mockserver.server.coding import Undecodable
from mockserver.server.filling import Filled
from mockserver.server.kept import Kept, KeptAnswers
from mockserver.server.preferences import NONE, Preferences, applied
from mockserver.server.problems import problem
from mockserver.server.session import Session
from mockserver.server.wire import has_body


class Answer:
    """One answer in the making; the pipeline fills it in, step by step."""

    __slots__ = (
        "addressed",
        "api",
        "applied",
        "calls_back",
        "events",
        "fits",
        "fleeting",
        "media_type",
        "near",
        "notes",
        "number",
        "preferences",
        "prepared",
        "put_off",
        "request",
        "response",
        "seen",
        "session",
        "source",
        "stub",
        "undecodable",
        "value",
        "version",
        "violations",
        "wire",
    )

    def __init__(self, request: Request, session: Session) -> None:
        self.request = request
        self.enter(session)
        self.response: Response | None = None
        self.addressed: Addressed | None = None
        self.api: Api | None = None
        self.prepared: Prepared | None = None
        self.preferences: Preferences = NONE
        self.applied: tuple[str, ...] = ()
        self.violations: tuple[Violation, ...] = ()
        self.notes: tuple[str, ...] = ()
        self.source = "mock"
        self.value: Json = MISSING
        self.media_type = ""
        self.fits: MediaType | None = None
        """The media type whose schema the value was found to fit."""
        self.wire: Wire | None = None
        self.events: list[Happened] = []
        self.seen: tuple[World, Mark] | None = None
        """The world that it tells of, and that world's version; None where it tells of none."""
        self.calls_back: Arguments | None = None
        """The request, where its success makes the operation's callbacks leave; None where it does not."""
        self.stub: Json = None
        """The row of the stub that answers."""
        self.undecodable: Undecodable | None = None
        """Why the body is what it was coded to."""
        self.near: dict[str, Json] = {}
        """Members of a 404 that say which stub is nearest."""
        self.number: int | None = None
        """The journal's number, where it was reserved for this answer."""
        self.put_off: Callable[..., None] | None = None
        """What is to be done when it is its turn; None where nothing has to wait."""
        self.fleeting = False
        """Whether the next answer to the same request may be another."""

    def enter(self, session: Session) -> None:
        """Be an answer of *session*, as it is now."""
        self.session = session
        self.version = session.version

    @property
    def status(self) -> int:
        """The status code; 0 while there is none."""
        return self.response.status if self.response is not None else 0

    def note(self, text: str) -> None:
        """Add a sentence for the journal."""
        if text:
            self.notes += (text,)

    def problem(
        self, status: int, detail: str, fields: list[tuple[str, str]] | None = None, **members: Any
    ) -> None:
        """Answer with a problem of the mock's own (RFC 9457), whatever was there before."""
        self.response = problem(status, detail, fields or (), **members)
        self.source = "mock"
        self.value = MISSING
        self.note(detail)

    def again(self) -> None:
        """Forget the response, to make another; what was found wrong with it stays a note."""
        self.response = None
        self.violations = ()
        self.value, self.fits = MISSING, None

    def filled(self, status: int, filled: Filled, fields: list[tuple[str, str]]) -> None:
        """Answer with a documented response; without its body where there can be none (HEAD, 204)."""
        method = self.prepared.operation.method if self.prepared is not None else ""
        headers = [("Content-Type", filled.media_type)] if filled.media_type else []
        headers += fields
        self.response = Response(status, headers, filled.body if has_body(method, status) else b"")
        self.source, self.value, self.media_type = filled.source, filled.value, filled.media_type
        self.fits = filled.fits
        self.applied += filled.applied
        self.note(filled.note)

    def good(self) -> bool:
        """
        Hold the response against its contract; say whether it may leave.

        One that breaks it becomes a problem of the mock's own that names the violations.
        """
        response, prepared = self.response, self.prepared
        if response is None or prepared is None or self.source == "mock":
            return False
        found = prepared.checker.check(
            response.status, response.headers, response.body, self.value, fits=self.fits
        )
        if not found:
            return True
        errors = [self.located(one) for one in found]
        self.violations += tuple(found)
        made = f"{prepared.operation.id} {response.status}"
        self.problem(500, f"The answer made for {made} breaks the contract: {found[0].detail}", errors=errors)
        return False

    def located(self, violation: Violation) -> Json:
        """Return *violation* as JSON, with the line of the rule."""
        entry = violation.json()
        if violation.place is not None and self.api is not None:
            place = self.api.contract.located(violation.place)
            entry["spec"] = {"file": place.file, "line": place.line, "pointer": place.pointer}
        return entry

    def finished(self, started: float, answers: KeptAnswers) -> Response:
        """Return the response with the mock's own headers; write the journal, keep what will stay true."""
        response = self.response
        if response is None:
            response = problem(500, "The mock made no answer; please report it.")
        if response.wire is not None and response.wire.fetch is not None:
            return self._waiting(response.wire, response.wire.fetch, started, answers)
        headers = response.headers
        if self.source != "mock":
            headers.append(("Mock-Source", self.source))
        operation = self.prepared.operation.id if self.prepared is not None else ""
        if operation:
            headers.append(("Mock-Operation", operation))
        if self.violations:
            headers.append(("Mock-Violations", str(len(self.violations))))
        if self.preferences.said and (said := applied(self.preferences, self.applied)):
            headers.append(("Preference-Applied", said))
        if self.wire is not None:
            response.wire = self.wire
        name = self.api.name if self.api is not None else ""
        journal = self.session.journal
        ident = journal.next_id if self.number is None else journal.identifier(self.number)
        headers.append(("Mock-Id", ident))
        known = (name, operation, self.source, self.violations, self.notes, self.stub, self.number)
        self.number = journal.add(self.request, response, started, *known)
        lasting = not (self.fleeting or self.events or self.wire)
        if lasting and self.seen is not None and self.api is not None:
            world, mark = self.seen
            kept = Kept(
                *(self.session, self.version, world, mark, self.api.engine, name, operation),
                *(response.status, tuple(headers[:-1]), response.body),  # its id is its own
                *(self.source, self.violations, self.notes),
            )
            answers.put(self.request, kept)
        return response

    def _waiting(
        self, wire: Wire, fetch: Callable[[], Response], started: float, answers: KeptAnswers
    ) -> Response:
        """Return what stands for a response that is still to be got; the journal is written with that."""

        def finish() -> Response:
            self.response = fetch()
            self.wire = None
            with self.session.lock:
                return self.finished(started, answers)

        return Response(200, wire=replace(wire, fetch=finish))
