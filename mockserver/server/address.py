"""
Which API, and which of its operations, a request is addressed to.

One API stands at the root. Every API stands also below "/<name>" and on the
host "<name>.localhost" (which a browser resolves to loopback, RFC 6761, 6.3).
A path of a contract itself wins over a prefix. A server's base path is taken
with and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import NamedTuple
from urllib.parse import quote, unquote

from mockserver.contract.encoded import fields
from mockserver.contract.routes import Match, Miss
from mockserver.exchange import Arguments, Request
from mockserver.server.api import Api


class Addressed(NamedTuple):
    """
    What a request is addressed to.

    Attributes:
        api: None where no API stands at that path.
        found: The operation, or what was near.
        request: With one query, see `asked_once`.
    """

    api: Api | None
    found: Match | Miss
    request: Request


class Addresses:
    """All places where *apis* stand."""

    def __init__(self, apis: Sequence[Api]) -> None:
        self._apis = tuple(apis)
        self._by_name = {api.name: api for api in apis}
        self._by_host = {quote(api.name, safe="").lower(): api for api in apis}

    def find(self, request: Request) -> Addressed:
        """Return the API and operation that *request* is addressed to, or the nearest miss."""
        missed: Addressed | None = None
        for api, path, below in self._places(request):
            bases = api.contract.bases
            for candidate in _with_and_without(path, bases) if bases else (path,):
                found = api.routes.match(request.method, candidate, request.query, request.index)
                if isinstance(found, Match):
                    twice = "?" in request.query and "?" in found.route.template
                    return Addressed(api, found, asked_once(request) if twice else request)
                if missed is None or (
                    found.allow and isinstance(missed.found, Miss) and not missed.found.allow
                ):
                    near = Miss(found.allow, partial(_below, below, found)) if below else found
                    missed = Addressed(api, near, request)
        return missed or Addressed(None, Miss((), partial(self._near, request.path)), request)

    def _places(self, request: Request) -> Sequence[tuple[Api, str, str]]:
        """Return the APIs that may be meant, the path that each is asked for, and what stands before it."""
        path = request.path
        host = request.header("host").rpartition("@")[2].partition(":")[0].lower()
        if host.endswith(".localhost"):
            api = self._by_host.get(host.removesuffix(".localhost"))
            if api is not None:
                return [(api, path, "")]
        places = [(self._apis[0], path, "")] if len(self._apis) == 1 else []
        name, slash, rest = path[1:].partition("/")
        api = self._by_name.get(unquote(name) if "%" in name else name)
        if api is not None:
            places.append((api, slash + rest if slash else "/", f"/{name}"))
        return places

    def _near(self, path: str) -> tuple[str, ...]:
        """The same path where an API does have it, else the APIs' own roots."""
        found = []
        for api in self._apis:
            for candidate in _with_and_without(path, api.contract.bases):
                match = api.routes.match("GET", candidate)
                if isinstance(match, Match) or match.allow:
                    found.append(f"/{quote(api.name, safe='')}{path}")
                    break
        return tuple(found[:3]) or tuple(f"/{quote(api.name, safe='')}/" for api in self._apis)


def _below(place: str, missed: Miss) -> tuple[str, ...]:
    """Return what is near as who asks would write it: with what stands before the API's own paths."""
    return tuple(f"{place}{path}" for path in missed.nearest)


def asked_once(request: Request) -> Request:
    """
    Return *request* with one query, where a client put its own behind that of a template, "?a=1?b=2".

    Clients that are made of a document join a path and "?". What they give says more than the template.
    """
    own, *more = request.query.split("?")
    given = "&".join(more)
    named = fields(given)
    kept = [part for part in own.split("&") if fields(part).keys().isdisjoint(named)]
    query = "&".join(part for part in (*kept, given) if part)
    return Request(request.method, request.path, query, request.headers, request.body, request.client)


def _with_and_without(path: str, bases: Sequence[str]) -> Iterator[str]:
    yield path
    for base in bases:
        found = _base(base).match(path)
        if found is not None:
            yield path[found.end() :] or "/"


@cache
def _base(base: str) -> re.Pattern[str]:
    """Return what finds *base* at the start of a path; a variable in it takes any text but a slash."""
    parts = re.split(r"(\{[^{}]*\})", base)
    return re.compile("".join("[^/]+" if part[:1] == "{" else re.escape(part) for part in parts) + "(?=/|$)")


def url_of(request: Request) -> str:
    """Return what the client of *request* addressed, without query, e.g. "http://127.0.0.1:4010/users"."""
    host = request.header("host")
    scheme = "https" if request.header("x-forwarded-proto") == "https" else "http"
    return f"{scheme}://{host}{request.path}" if host else request.path


def asked(arguments: Arguments, request: Request) -> None:
    """Note in *arguments* what no contract says of *request*: its address, and its preconditions."""
    arguments.url = url_of(request)
    said = {name: text for name in ("if-match", "if-none-match") if (text := request.header(name))}
    if said:
        arguments.conditions = said
