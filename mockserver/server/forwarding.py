"""
Pass real traffic on, and hold both directions to the contract on the way.

A WSGI application, run by the door in a thread a request: an upstream may take
its time, and what it streams is passed on as it comes. Nothing is changed on
the way but hop-by-hop fields (RFC 9110, 7.6.1) and Host; what we have to say
stands in fields of our own (`Mock-…`).

A body is held to the contract as far as it can be held in memory: a stream
without end (`text/event-stream`) or a body above the limit passes, and only its
status and header are looked at.
"""

from __future__ import annotations

import http.client
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.contract.media import parsed
from mockserver.contract.routes import Match, Miss
from mockserver.exchange import Arguments, Request, Response, Violation
from mockserver.server import coding, cors
from mockserver.server.address import Addresses
from mockserver.server.api import Api, Prepared
from mockserver.server.app import request_of
from mockserver.server.journal import Journal
from mockserver.server.problems import problem
from mockserver.server.upstream import TIMEOUT, Loop, Upstream, body_of, end_to_end, ended

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

LARGEST = 8 * 1024 * 1024
"""Bytes of a body that is held to the contract; a longer one passes unread."""
PIECE = 64 * 1024

_STREAMS = frozenset(
    {"text/event-stream", "application/x-ndjson", "application/jsonl", "multipart/x-mixed-replace"}
)

Keep = Callable[["Passed"], None]


@dataclass(frozen=True)
class Passed:
    """
    One exchange that went through.

    Attributes:
        request: With its content coding undone.
        arguments: What it says, as the contract reads it.
        response: With the body as sent (encoded).
        body: The response body with its content coding undone.
        prepared: Its operation; None where the contract has none.
    """

    request: Request
    arguments: Arguments
    response: Response
    body: bytes
    prepared: Prepared | None
    violations: tuple[Violation, ...]


@dataclass
class _Way:
    """
    One exchange on its way.

    Attributes:
        api: Whose address it has; None where it has nobody's.
        prepared: Its operation; None where the contract has none.
        plain: The request with its content coding undone, where that can be.
        asked: What is wrong with the request.
        answered: What is wrong with the answer.
    """

    request: Request
    started: float
    start_response: StartResponse
    api: Api | None = None
    prepared: Prepared | None = None
    plain: Request | None = None
    arguments: Arguments = field(default_factory=Arguments)
    asked: tuple[Violation, ...] = ()
    answered: tuple[Violation, ...] = ()

    @property
    def violations(self) -> tuple[Violation, ...]:
        """All that is wrong."""
        return self.asked + self.answered

    @property
    def operation(self) -> str:
        """The name of its operation, "" where there is none."""
        return self.prepared.operation.id if self.prepared is not None else ""


class Forwarder:
    """
    The WSGI application of `mockserver proxy`.

    Args:
        apis: Whose contracts are held.
        upstream: Where traffic goes.
        errors: Answer 422 in place of a request that breaks the contract, 500 in place of an answer.
        open_origins: Whether pages of other origins may use it (CORS).
        say: Gets a line for each violation.
        keep: Gets each exchange that went through whole.
    """

    def __init__(
        self,
        apis: list[Api],
        upstream: Upstream,
        journal: Journal,
        *,
        errors: bool = False,
        open_origins: bool = True,
        say: Callable[[str], None] = log.warning,
        keep: Keep | None = None,
    ) -> None:
        self._apis = apis
        self._addresses = Addresses(apis)
        self._upstream = upstream
        self._journal = journal
        self._errors = errors
        self._open = open_origins
        self._say = say
        self._keep = keep
        self._lock = Lock()
        self._security: dict[str, Any] = {}
        self.seen: Counter[tuple[str, str, int]] = Counter()
        """(API, operation or "METHOD path" that the contract does not have, status) -> how often."""
        self.undocumented: dict[tuple[str, int], str] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Forward one request (PEP 3333)."""
        started = time.perf_counter()
        request = request_of(environ)
        origin = request.header("origin")
        if (
            self._open
            and origin
            and request.method == "OPTIONS"
            and request.header("access-control-request-method")
        ):
            return _plain(cors.preflight(request), start_response)
        way = _Way(request, started, start_response)
        self._read(way)
        if self._errors and way.asked and way.prepared is not None:
            status = 401 if any(one.keyword == "security" for one in way.asked) else 422
            detail = "The request breaks its contract; it was not forwarded."
            return self._own(way, self._problem(way, status, detail))
        try:
            connection, answer = self._upstream.send(request)
        except TimeoutError:
            return self._own(
                way, problem(504, f"{self._upstream.url} did not answer within {TIMEOUT:.0f} s.")
            )
        except Loop as loop:
            return self._own(way, problem(508, str(loop)))
        except (OSError, http.client.HTTPException) as error:
            return self._own(way, problem(502, f"{self._upstream.url} cannot be reached: {error}."))
        return self._pass_on(way, connection, answer)

    # ------------------------------------------------------------------ there

    def _read(self, way: _Way) -> None:
        """Find the operation of the request, read what it says, and hold it to the contract."""
        request = way.request
        addressed = self._addresses.find(request)
        api, match = addressed.api, addressed.found
        way.api = api
        if api is None or not isinstance(match, Match):
            allow = match.allow if isinstance(match, Miss) else ()
            said = (
                f"{request.path} has no {request.method}" if allow else f"the contract has no {request.path}"
            )
            way.asked = (Violation("path", "", "operation", f"{said}.", list(allow) or None),)
            return
        way.prepared = prepared = api.prepared(match.route)
        way.plain, undecodable = coding.plain(request)
        way.arguments, violations = prepared.read(match.captured, way.plain)
        violations = undecodable.among(violations) if undecodable is not None else violations
        if prepared.operation.security:
            security = self._security.get(api.name)
            if security is None:
                from mockserver.validation.security import Security

                security = self._security[api.name] = Security(api.contract)
            violations = [*security.admit(prepared.operation, way.plain).violations, *violations]
        way.asked = tuple(violations)

    # --------------------------------------------------------------- and back

    def _pass_on(
        self, way: _Way, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse
    ) -> Iterable[bytes]:
        headers = end_to_end(answer)
        named = parsed(answer.getheader("content-type", ""))
        streams = named is not None and named.essence in _STREAMS
        try:
            body, whole = (b"", False) if streams else body_of(answer, LARGEST)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return self._own(
                way,
                problem(502, f"{self._upstream.url} broke off its answer ({answer.status}): {error}."),
            )
        plain, readable = _decoded(body, answer.getheader("content-encoding", "")) if whole else (b"", False)
        if way.prepared is not None and (readable or not whole):
            checked = [one for one in headers if one[0].lower() not in ("content-encoding", "content-length")]
            found = way.prepared.checker.check(answer.status, checked, plain, method=way.request.method)
            way.answered = tuple(one for one in found if whole or one.where != "body")
        self._count(way, answer.status)
        if self._errors and way.answered:
            connection.close()
            return self._own(way, self._problem(way, 500, "The upstream's answer breaks its contract."))
        self._tell(way, answer.status)
        headers += [("Mock-Source", "proxy")]
        headers += [("Mock-Operation", way.operation)] if way.operation else []
        headers += [("Mock-Violations", str(len(way.violations)))] if way.violations else []
        response = self._opened(Response(answer.status, headers, body if whole else b""), way.request)
        self._note(way, response, "proxy")
        if whole and self._keep is not None:
            got = Response(answer.status, headers, body)
            request = way.plain or way.request
            self._keep(Passed(request, way.arguments, got, plain, way.prepared, way.violations))
        way.start_response(f"{answer.status} {answer.reason or 'Unknown'}", list(response.headers))
        if whole:
            connection.close()
            return [body]
        return _Rest(body, connection, answer)

    def _own(self, way: _Way, response: Response) -> Iterable[bytes]:
        """Answer with a problem of our own."""
        self._tell(way, response.status)
        if way.violations:
            response.headers.append(("Mock-Violations", str(len(way.violations))))
        self._note(way, response, "mock")
        return _plain(self._opened(response, way.request), way.start_response)

    def _note(self, way: _Way, response: Response, source: str) -> None:
        name = way.api.name if way.api is not None else ""
        with self._lock:
            self._journal.add(way.request, response, way.started, name, way.operation, source, way.violations)

    def _opened(self, response: Response, request: Request) -> Response:
        origin = request.header("origin")
        return cors.opened(response, origin) if self._open and origin else response

    @staticmethod
    def _problem(way: _Way, status: int, detail: str) -> Response:
        return problem(status, detail, errors=[_located(way.api, one) for one in way.violations])

    def _count(self, way: _Way, status: int) -> None:
        operation = way.operation or f"{way.request.method} {way.request.path}"
        with self._lock:
            self.seen[way.api.name if way.api is not None else "", operation, status] += 1
            if way.prepared is None:
                self.undocumented[operation, status] = "the contract has no such operation"
            elif way.answered:
                self.undocumented.setdefault((operation, status), way.answered[0].detail)

    def _tell(self, way: _Way, status: int) -> None:
        """Say what is wrong: of the request without its status, of the answer with it."""
        if not way.violations:
            return
        from mockserver.server.admin_requests import secrets_of, shown_target

        target = shown_target(way.request, secrets_of(each.contract for each in self._apis))
        asked = f"{way.request.method} {target}"
        for said, found in ((asked, way.asked), (f"{asked} {status}", way.answered)):
            for one in found:
                place = f" ({_place(way.api, one)})" if one.place is not None else ""
                where = f"{one.where} {one.pointer}".strip()
                self._say(f"{said}: {where}: {one.detail}{place}")


class _Rest:
    """What is left of a body that passes as it comes (an iterable with `close`, as PEP 3333 asks)."""

    def __init__(
        self, begun: bytes, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse
    ) -> None:
        self._begun = begun
        self._connection = connection
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        if self._begun:
            yield self._begun
        try:
            while piece := self._answer.read1(PIECE):
                yield piece
            ended(self._answer)
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionError(f"The upstream broke off its answer: {error}.") from error

    def close(self) -> None:
        """Hang up on the upstream."""
        self._connection.close()


def _plain(response: Response, start_response: StartResponse) -> Iterable[bytes]:
    phrase = http.client.responses.get(response.status, "Unknown")
    start_response(f"{response.status} {phrase}", list(response.headers))
    return [response.body]


def _decoded(body: bytes, field: str) -> tuple[bytes, bool]:
    """Return the body without its content coding, and whether we could undo that (RFC 9110, 8.4.1)."""
    try:
        return coding.undone(body, coding.codings(field), LARGEST), True
    except coding.Undecodable:
        return body, False


def _place(api: Api | None, violation: Violation) -> str:
    place = violation.place
    if place is None:
        return ""
    return str(api.contract.located(place) if api is not None else place)


def _located(api: Api | None, violation: Violation) -> Any:
    entry = violation.json()
    if violation.place is not None and api is not None:
        place = api.contract.located(violation.place)
        entry["spec"] = {"file": place.file, "line": place.line, "pointer": place.pointer}
    return entry
