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
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from mockserver.contract.media import parsed
from mockserver.contract.routes import Match, Miss
from mockserver.exchange import Request, Response, Violation
from mockserver.server import coding, cors
from mockserver.server.address import Addresses
from mockserver.server.api import Api, Prepared
from mockserver.server.app import request_of
from mockserver.server.journal import Journal
from mockserver.server.problems import problem
from mockserver.server.upstream import TIMEOUT, Upstream, body_of, end_to_end, ended

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
        prepared: Its operation; None where the contract has none.
        captured: Raw path parameters.
        response: With the body as sent (encoded); empty where it was streamed past us.
        body: The response body with its content coding undone.
    """

    request: Request
    response: Response
    prepared: Prepared | None
    captured: dict[str, str]
    body: bytes
    violations: tuple[Violation, ...]


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
        addressed = self._addresses.find(request)
        api, match = addressed.api, addressed.found
        prepared = api.prepared(match.route) if api is not None and isinstance(match, Match) else None
        captured = match.captured if isinstance(match, Match) else {}
        violations = self._of_request(api, prepared, request, captured, match)
        if self._errors and violations and prepared is not None:
            status = 401 if any(one.keyword == "security" for one in violations) else 422
            refused = self._problem(
                api, status, "The request breaks its contract; it was not forwarded.", violations
            )
            return self._own(request, refused, api, prepared, violations, started, start_response)
        try:
            connection, answer = self._upstream.send(request)
        except TimeoutError:
            refused = problem(504, f"{self._upstream.url} did not answer within {TIMEOUT:.0f} s.")
            return self._own(request, refused, api, prepared, violations, started, start_response)
        except (OSError, http.client.HTTPException) as error:
            refused = problem(502, f"{self._upstream.url} cannot be reached: {error}.")
            return self._own(request, refused, api, prepared, violations, started, start_response)
        return self._pass_on(
            request, connection, answer, api, prepared, captured, violations, started, start_response
        )

    # ------------------------------------------------------------------ there

    def _of_request(
        self,
        api: Api | None,
        prepared: Prepared | None,
        request: Request,
        captured: dict[str, str],
        match: Match | Miss,
    ) -> tuple[Violation, ...]:
        if prepared is None or api is None:
            allow = match.allow if isinstance(match, Miss) else ()
            said = (
                f"{request.path} has no {request.method}" if allow else f"the contract has no {request.path}"
            )
            return (Violation("path", "", "operation", f"{said}.", list(allow) or None),)
        request, undecodable = coding.plain(request)
        _, violations = prepared.read(captured, request)
        violations = undecodable.among(violations) if undecodable is not None else violations
        if prepared.operation.security:
            security = self._security.get(api.name)
            if security is None:
                from mockserver.validation.security import Security

                security = self._security[api.name] = Security(api.contract)
            violations = [*security.admit(prepared.operation, request).violations, *violations]
        return tuple(violations)

    # --------------------------------------------------------------- and back

    def _pass_on(
        self,
        request: Request,
        connection: http.client.HTTPConnection,
        answer: http.client.HTTPResponse,
        api: Api | None,
        prepared: Prepared | None,
        captured: dict[str, str],
        violations: tuple[Violation, ...],
        started: float,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        headers = end_to_end(answer)
        named = parsed(answer.getheader("content-type", ""))
        streams = named is not None and named.essence in _STREAMS
        try:
            body, whole = (b"", False) if streams else body_of(answer, LARGEST)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            cut = problem(502, f"{self._upstream.url} broke off its answer ({answer.status}): {error}.")
            return self._own(request, cut, api, prepared, violations, started, start_response)
        response = Response(answer.status, headers, body if whole else b"")
        plain, readable = _decoded(body, answer.getheader("content-encoding", "")) if whole else (b"", False)
        found: list[Violation] = []
        if prepared is not None and (readable or not whole):
            checked = [
                field for field in headers if field[0].lower() not in ("content-encoding", "content-length")
            ]
            found = prepared.checker.check(answer.status, checked, plain, method=request.method)
            if not whole:
                found = [one for one in found if one.where != "body"]
        self._count(api, prepared, request, answer.status, found)
        if self._errors and found:
            connection.close()
            broken = self._problem(
                api, 500, "The upstream's answer breaks its contract.", (*violations, *found)
            )
            return self._own(request, broken, api, prepared, (*violations, *found), started, start_response)
        violations = (*violations, *found)
        self._tell(request, answer.status, api, violations)
        operation = prepared.operation.id if prepared is not None else ""
        headers += [("Mock-Source", "proxy")]
        headers += [("Mock-Operation", operation)] if operation else []
        headers += [("Mock-Violations", str(len(violations)))] if violations else []
        response = self._opened(Response(answer.status, headers, response.body), request)
        self._note(request, response, api, prepared, violations, started, "proxy")
        if whole and self._keep is not None:
            self._keep(
                Passed(
                    coding.plain(request)[0],
                    Response(answer.status, headers, body),
                    prepared,
                    captured,
                    plain,
                    violations,
                )
            )
        start_response(f"{answer.status} {answer.reason or 'Unknown'}", list(response.headers))
        if whole:
            connection.close()
            return [body]
        return _Rest(body, connection, answer)

    def _own(
        self,
        request: Request,
        response: Response,
        api: Api | None,
        prepared: Prepared | None,
        violations: tuple[Violation, ...],
        started: float,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        """Answer with a problem of our own."""
        self._tell(request, response.status, api, violations)
        if violations:
            response.headers.append(("Mock-Violations", str(len(violations))))
        self._note(request, response, api, prepared, violations, started, "mock")
        return _plain(self._opened(response, request), start_response)

    def _note(
        self,
        request: Request,
        response: Response,
        api: Api | None,
        prepared: Prepared | None,
        violations: tuple[Violation, ...],
        started: float,
        source: str,
    ) -> None:
        name = api.name if api is not None else ""
        operation = prepared.operation.id if prepared is not None else ""
        with self._lock:
            self._journal.add(request, response, started, name, operation, source, violations)

    def _opened(self, response: Response, request: Request) -> Response:
        origin = request.header("origin")
        return cors.opened(response, origin) if self._open and origin else response

    @staticmethod
    def _problem(api: Api | None, status: int, detail: str, violations: tuple[Violation, ...]) -> Response:
        return problem(status, detail, errors=[_located(api, one) for one in violations])

    def _count(
        self,
        api: Api | None,
        prepared: Prepared | None,
        request: Request,
        status: int,
        found: list[Violation],
    ) -> None:
        operation = prepared.operation.id if prepared is not None else f"{request.method} {request.path}"
        with self._lock:
            self.seen[api.name if api is not None else "", operation, status] += 1
            if prepared is None:
                self.undocumented[operation, status] = "the contract has no such operation"
            elif found:
                self.undocumented.setdefault((operation, status), found[0].detail)

    def _tell(
        self, request: Request, status: int, api: Api | None, violations: tuple[Violation, ...]
    ) -> None:
        if not violations:
            return
        from mockserver.server.admin_requests import secrets_of, shown_target

        target = shown_target(request, secrets_of(each.contract for each in self._apis))
        for one in violations:
            place = f" ({_place(api, one)})" if one.place is not None else ""
            where = f"{one.where} {one.pointer}".strip()
            self._say(f"{request.method} {target} {status}: {where}: {one.detail}{place}")


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
