"""
The journal under /__admin/requests, and near misses: WireMock's questions to it, in its shapes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from flask import Response as Answer
from flask import request

from mockserver.exchange import Json, Request, dumps
from mockserver.server.admin_answers import as_json, as_problem
from mockserver.server.admin_requests import (
    Secrets,
    asked_for,
    listing,
    matched,
    rendered,
    secrets_of,
)
from mockserver.server.admin_views import Rule, Views, whole
from mockserver.server.journal import Entry
from mockserver.server.session import Session
from mockserver.server.stubs import budget
from mockserver.server.stubs.reading import Doc, Unfit, parsed

if TYPE_CHECKING:
    from mockserver.server.stubs.asked import Asked
    from mockserver.server.stubs.near_misses import NearMiss
    from mockserver.server.stubs.request_patterns import RequestPattern


class JournalViews(Views):
    """What was asked of a session, and answered."""

    @property
    def rules(self) -> Iterable[Rule]:
        """Return where the views stand."""
        return (
            ("/requests", "GET", self.listed),
            ("/requests", "DELETE", self.clear),
            ("/requests/reset", "POST", self.clear),
            ("/requests/count", "POST", self.count),
            ("/requests/find", "POST", self.find),
            ("/requests/remove", "POST", self.remove_fitting),
            ("/requests/remove-by-metadata", "POST", self.remove_by_metadata),
            ("/requests/unmatched", "GET", self.unmatched),
            ("/requests/unmatched/near-misses", "GET", self.unmatched_near_misses),
            ("/requests/<ident>", "GET", self.one),
            ("/requests/<ident>", "DELETE", self.remove),
            ("/near-misses/request", "POST", self.near_request),
            ("/near-misses/request-pattern", "POST", self.near_pattern),
            # Where npm's wiremock-rest-client asks for them, though WireMock has them above only:
            ("/requests/near-misses/request", "POST", self.near_request),
            ("/requests/near-misses/request-pattern", "POST", self.near_pattern),
        )

    def listed(self) -> Answer:
        """List the journal, the newest first; `limit`, `since`, `unmatched`, `matchingStub` as WireMock."""
        limit = whole("limit", 0) if "limit" in request.args else None
        try:
            return as_json(listing(self.host, self.session.journal, request.args, self._secrets, limit))
        except ValueError as error:
            return as_problem(400, str(error))

    def one(self, ident: str) -> Answer:
        """Show one entry of the journal."""
        entry = self.session.journal.get(ident)
        if entry is None:
            return as_problem(404, f"The journal has no request {ident!r}.")
        return as_json(rendered(entry, self.host, self._secrets))

    def remove(self, ident: str) -> Answer:
        """Forget one entry."""
        if self.session.journal.remove(ident) is None:
            return as_problem(404, f"The journal has no request {ident!r}.")
        return as_json({})

    def clear(self) -> Answer:
        """Forget all entries."""
        self.session.journal.clear()
        return as_json({})

    # By what was asked

    def count(self) -> Answer:
        """Say how many requests fit a pattern."""
        session = self.session
        return as_json({"count": len(self._fitting(session)), "requestJournalDisabled": self._off(session)})

    def find(self) -> Answer:
        """List the requests that fit a pattern, in the order in which they came."""
        session = self.session
        found = [asked_for(entry, self._secrets) for entry in self._fitting(session)]
        return as_json({"requests": found, "requestJournalDisabled": self._off(session)})

    def remove_fitting(self) -> Answer:
        """Forget the requests that fit a pattern."""
        session = self.session
        return self._removed(session, self._fitting(session))

    def remove_by_metadata(self) -> Answer:
        """Forget the requests that stubs have answered whose metadata fit."""
        from mockserver.server.stubs.bench import clock_of
        from mockserver.server.stubs.registry import matcher

        session = self.session
        wanted = matcher(parsed(request.get_data()), "")
        now = clock_of(session)
        found = [
            entry
            for entry in session.journal
            if entry.stub is not None and wanted.fits(dumps(entry.stub.get("metadata")).decode(), now)
        ]
        return self._removed(session, found)

    def _removed(self, session: Session, entries: Iterable[Entry]) -> Answer:
        events = []
        for entry in entries:
            session.journal.remove(entry.id)
            events.append(rendered(entry, self.host, self._secrets))
        return as_json({"serveEvents": events, "requestJournalDisabled": self._off(session)})

    def unmatched(self) -> Answer:
        """List the requests that neither a contract nor a stub was there for."""
        session = self.session
        found = [asked_for(entry, self._secrets) for entry in session.journal if not matched(entry)]
        return as_json({"requests": found, "requestJournalDisabled": self._off(session)})

    def unmatched_near_misses(self) -> Answer:
        """List the nearest stubs of each request that nothing was there for."""
        session = self.session
        made: list[Json] = []
        for entry in session.journal:
            if not matched(entry):
                said = asked_for(entry, self._secrets)
                made += self._near(session, self._asked(session, entry.request), said)
        return as_json({"nearMisses": made})

    # Near misses

    def near_request(self) -> Answer:
        """List the stubs that are nearest to a request, as the journal shows requests."""
        session = self.session
        value = parsed(request.get_data())
        return as_json(
            {"nearMisses": self._near(session, self._asked(session, request_of(Doc(value))), value)}
        )

    def near_pattern(self) -> Answer:
        """List the requests that are nearest to a pattern."""
        from mockserver.server.stubs import differences, near_misses

        session = self.session
        pattern = self._pattern()
        entries = {self._asked(session, entry.request): entry for entry in session.journal}
        made = [
            {
                "request": asked_for(entries[one], self._secrets),
                "requestPattern": pattern.given,
                "matchResult": {"distance": distance},
                "diff": differences.rendered(pattern, one),
            }
            for distance, one in near_misses.nearest_requests(pattern, entries)
        ]
        return as_json({"nearMisses": made})

    def _near(self, session: Session, one: Asked, said: Json) -> list[Json]:
        from mockserver.server.stubs import near_misses

        bench = self.host.stubs.bench
        with session.lock:
            stubs, states = bench.stubs(session), bench.states(session)
        with budget.bounded():
            return [_near_miss(miss, said) for miss in near_misses.nearest(stubs, one, states)]

    # What surrounds them

    def _fitting(self, session: Session) -> list[Entry]:
        pattern = self._pattern()
        with budget.bounded():
            found = [e for e in session.journal if pattern.fits(self._asked(session, e.request))]
            if budget.spent():
                said = f"To hold it against all requests takes more than {budget.SECONDS:g} s."
                raise Unfit("", said)
        return found

    def _pattern(self) -> RequestPattern:
        from mockserver.server.stubs.request_patterns import read

        body = request.get_data()
        return read(Doc(parsed(body) if body.strip() else {}))

    @staticmethod
    def _asked(session: Session, said: Request) -> Asked:
        from mockserver.server.stubs.asked import Asked
        from mockserver.server.stubs.bench import clock_of

        return Asked(said, clock_of(session))

    @staticmethod
    def _off(session: Session) -> bool:
        return not session.journal.entries

    @property
    def _secrets(self) -> Secrets:
        """What is not shown; a reload may have changed it."""
        return secrets_of(api.contract for api in self.host.apis)


def _near_miss(miss: NearMiss, said: Json) -> Json:
    made: dict[str, Json] = {"request": said, "stubMapping": miss.stub.row}
    if miss.stub.scenario:
        made["scenarioState"] = miss.state
    return {**made, "matchResult": {"distance": miss.distance}, "diff": miss.diff}


def request_of(doc: Doc) -> Request:
    """
    Return the request that a "logged request" of the journal describes.

    Raises:
        Unfit: It has no URL, or a member of the wrong type.
    """
    url = doc.text("url") or doc.text("absoluteUrl")
    if url is None:
        raise doc.unfit("url", "a request needs a url")
    parts = _split(doc, "url" if "url" in doc else "absoluteUrl", url)
    fields: list[tuple[str, str]] = []
    headers = doc.doc("headers")
    for name, value in headers.value.items() if headers is not None else ():
        fields += [(name.lower(), str(one)) for one in (value if isinstance(value, list) else [value])]
    absolute = _split(doc, "absoluteUrl", doc.text("absoluteUrl") or "")
    if absolute.netloc and all(name != "host" for name, _ in fields):
        fields.append(("host", absolute.netloc))
    cookies = doc.doc("cookies")
    if cookies is not None and cookies.value and all(name != "cookie" for name, _ in fields):
        pairs = [
            f"{name}={one}"
            for name, value in cookies.value.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        fields.append(("cookie", "; ".join(pairs)))
    body = (doc.text("body") or "").encode("utf-8", "surrogateescape")
    if not body and "bodyAsBase64" in doc:
        try:
            body = base64.b64decode(doc.text("bodyAsBase64") or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise doc.unfit("bodyAsBase64", f"expected base64: {error}") from error
    client = f"{doc.text('clientIp')}:0" if "clientIp" in doc else ""  # as a connection has it, with a port
    method = (doc.text("method") or "GET").upper()
    return Request(method, parts.path or "/", parts.query, tuple(fields), body, client)


def _split(doc: Doc, key: str, url: str) -> SplitResult:
    """Return the parts of the *url* that stands under *key*. Raises Unfit."""
    try:
        return urlsplit(url)
    except ValueError as error:
        raise doc.unfit(key, f"{url!r:.200} is no URL: {error}") from error
