"""
Cross-origin requests (the Fetch standard, "CORS protocol"): a page on any origin may use the mock.

That is what a mock is for. Every answer is opened, refusals and faults of the mock
included: a browser hides a refusal without these fields from the page, and then
"network error" is all that the developer sees. The admin API is never opened
(server/admin_guard.py).

A preflight is recognised by its `Access-Control-Request-Method`. Any other OPTIONS
request is the contract's to answer. What a contract says of CORS fields itself is
replaced: documents describe them for one origin, the real one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from mockserver.exchange import Request, Response
from mockserver.server.known import once_known

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, QUERY"
MAX_AGE = "600"

SAFELISTED = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    }
)
"""What a page may read without being told (Fetch, "CORS-safelisted response-header name")."""

EXPOSED = (
    "Mock-Id",
    "Mock-Operation",
    "Mock-Source",
    "Mock-Violations",
    "Preference-Applied",
)
"""Named on every answer; what else an answer carries is named with it ("*" is void with credentials)."""

_ORIGIN = re.compile(r"[\x21-\x2b\x2d-\x7e]{1,512}")

Handler = Callable[[Request], Response]


class CrossOrigin:
    """A handler that opens the answers of another one to the origin that asked."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle

    def __call__(self, request: Request) -> Response:
        """Answer a preflight, or let the other handler answer and open what it says."""
        origin = request.header("origin")
        if origin and request.method == "OPTIONS" and request.header("access-control-request-method"):
            return preflight(request)
        return opened(self._handle(request), origin)


def opened(response: Response, origin: str) -> Response:
    """
    Return *response* with the fields that let a page of *origin* read it.

    Without an origin only `Vary` is added: a cache must not give that answer to a
    page (Fetch, "CORS protocol and HTTP caches").
    """
    if response.wire is not None:
        return once_known(response, lambda known: _opened(known, origin))
    return _opened(response, origin)


def _opened(response: Response, origin: str) -> Response:
    headers = response.headers
    foreign, fields = _fields(origin, tuple([name for name, _ in headers]))
    if foreign:
        headers = [field for field in headers if not field[0].lower().startswith("access-control-")]
    return Response(response.status, [*headers, *fields], response.body, response.wire)


@lru_cache(maxsize=512)
def _fields(origin: str, names: tuple[str, ...]) -> tuple[bool, tuple[tuple[str, str], ...]]:
    """Return whether CORS fields are among *names*, and those to add."""
    own = [name for name in names if not name.lower().startswith("access-control-")]
    foreign = len(own) < len(names)
    vary = ("Vary", "Origin")
    if not origin or not _ORIGIN.fullmatch(origin):
        return foreign, (vary,)
    exposed = {name.lower(): name for name in (*EXPOSED, *own) if name.lower() not in SAFELISTED}
    return foreign, (
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", ", ".join(exposed[key] for key in sorted(exposed))),
        vary,
    )


def preflight(request: Request) -> Response:
    """Allow what a page asks for, whatever it is: the request itself will be told what is wrong with it."""
    method = request.header("access-control-request-method")
    fields = [
        ("Access-Control-Allow-Origin", request.header("origin")),
        ("Access-Control-Allow-Credentials", "true"),
        (
            "Access-Control-Allow-Methods",
            METHODS if method in METHODS.split(", ") else f"{METHODS}, {method}",
        ),
        ("Access-Control-Max-Age", MAX_AGE),
        ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ("Mock-Source", "mock"),
    ]
    if wanted := request.header("access-control-request-headers"):
        fields.append(("Access-Control-Allow-Headers", wanted))
    if request.header("access-control-request-private-network") == "true":
        fields.append(("Access-Control-Allow-Private-Network", "true"))
    return Response(204, fields)
