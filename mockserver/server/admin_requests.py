"""
The journal as WireMock shows it (`GET /__admin/requests`), with our own findings beside.

Rendered when somebody reads, secrets taken out: a journal is pasted into tickets.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote_plus

from mockserver.contract.model import Contract
from mockserver.exchange import Json, Request, Violation
from mockserver.server.host import Host
from mockserver.server.journal import Entry, Journal
from mockserver.server.secret_names import is_secret

REDACTED = "[redacted]"


@dataclass(frozen=True)
class Secrets:
    """Names (lower case) of what is not shown."""

    headers: frozenset[str]
    queries: frozenset[str]

    def in_header(self, name: str) -> bool:
        """Return whether the field *name* (lower case) is not shown."""
        return name in self.headers or is_secret(name)

    def in_query(self, name: str) -> bool:
        """Return whether the parameter *name*, as it was sent, is not shown."""
        return unquote_plus(name).lower() in self.queries or is_secret(name)


def secrets_of(contracts: Iterable[Contract]) -> Secrets:
    """Return what is secret everywhere, and what these contracts call an API key."""
    headers = {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key"}
    queries = {"api_key", "apikey", "access_token", "token"}
    for contract in contracts:
        for scheme in contract.security_schemes.values():
            if scheme.kind == "apiKey":
                where = {"header": headers, "query": queries}.get(scheme.location)
                if where is not None:
                    where.add(scheme.parameter.lower())
    return Secrets(frozenset(headers), frozenset(queries))


def listing(
    host: Host, journal: Journal, query: Mapping[str, str], secrets: Secrets, limit: int | None = None
) -> Json:
    """
    Return the journal, the newest first.

    Args:
        host: Whose contracts say where a rule stands.
        journal: Of one session.
        query: `since` (RFC 3339 or epoch milliseconds), `unmatched` ("true"), `matchingStub` (a stub's id).
        secrets: Names of what is not shown.
        limit: How many are wanted at the most; None: all.

    Raises:
        ValueError: `since` is not what it should be; the text says so.
    """
    kept = list(journal)
    entries = kept[::-1]
    if "since" in query:
        since = _moment(query["since"])
        entries = [entry for entry in entries if entry.at >= since]
    if query.get("unmatched", "").lower() == "true":
        entries = [entry for entry in entries if not matched(entry)]
    if "matchingStub" in query:
        wanted = query["matchingStub"]
        entries = [entry for entry in entries if entry.stub is not None and entry.stub["id"] == wanted]
    return {
        "requests": [rendered(entry, host, secrets) for entry in entries[:limit]],
        "meta": {"total": len(entries)},
        "requestJournalDisabled": not journal.entries,
    }


def rendered(entry: Entry, host: Host, secrets: Secrets) -> Json:
    """Return one entry: WireMock's "serve event", and under `mock` what we know beside."""
    response = entry.response
    headers = [(name, _shown(name.lower(), value, secrets)) for name, value in response.headers]
    event: dict[str, Json] = {
        "id": entry.id,
        "request": asked_for(entry, secrets),
        "responseDefinition": {
            **(entry.stub["response"] if entry.stub is not None else {"status": response.status}),
            "fromConfiguredStub": entry.stub is not None,
        },
        "response": {
            "status": response.status,
            "headers": _fields(headers),
            "bodyAsBase64": base64.b64encode(response.body).decode(),
            "body": response.body.decode("utf-8", "replace"),
        },
        "wasMatched": matched(entry),
        "timing": _timing(entry),
    }
    if entry.stub is not None:
        event["stubMapping"] = entry.stub
    event["mock"] = {
        "api": entry.api,
        "operation": entry.operation,
        "source": entry.source,
        "violations": [_violation(violation, entry, host) for violation in entry.violations],
        "notes": list(entry.notes),
        "bytesNotKept": entry.cut,
    }
    return event


def matched(entry: Entry) -> bool:
    """Whether somebody was there for a request: an operation of a contract, or a stub."""
    return bool(entry.operation) or entry.stub is not None


def asked_for(entry: Entry, secrets: Secrets) -> Json:
    """Return an entry's request: WireMock's "logged request"."""
    request = entry.request
    when = datetime.fromtimestamp(entry.at, UTC)
    target = shown_target(request, secrets)
    name = request.header("host", "localhost")
    before, _, port = name.rpartition(":")
    host, port = (before, port) if port.isdecimal() else (name, "80")  # "[::1]" has no port
    return {
        "url": target,
        "absoluteUrl": f"http://{name}{target}",
        "method": request.method,
        "clientIp": request.client.rpartition(":")[0],
        "headers": _fields([(key, _shown(key, value, secrets)) for key, value in request.headers]),
        "cookies": dict.fromkeys(_cookies(request), REDACTED),
        "browserProxyRequest": False,
        "loggedDate": int(entry.at * 1000),
        "loggedDateString": when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "bodyAsBase64": base64.b64encode(request.body).decode(),
        "body": request.body.decode("utf-8", "replace"),
        "protocol": "HTTP/1.1",
        "scheme": "http",
        "host": host,
        "port": int(port),
        "queryParams": _parameters(target.partition("?")[2]),
    }


def _parameters(query: str) -> Json:
    """Return query parameters as WireMock has them."""
    return {
        name: {"key": name, "values": values}
        for name, values in parse_qs(query, keep_blank_values=True, errors="replace").items()
    }


def _timing(entry: Entry) -> Json:
    delay = entry.response.wire.delay if entry.response.wire is not None else 0.0
    serve = entry.seconds * 1000
    return {
        "addedDelay": round(delay * 1000),
        "processTime": round(serve, 3),
        "serveTime": round(serve, 3),
        "totalTime": round(serve + delay * 1000, 3),
    }


def _violation(violation: Violation, entry: Entry, host: Host) -> Json:
    """Find the line now: nobody paid for it when the request was served."""
    contract = next((api.contract for api in host.apis if api.name == entry.api), None)
    if violation.place is not None and contract is not None:
        violation = replace(violation, place=contract.located(violation.place))
    return violation.json()


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return header fields as WireMock has them: a repeated one is a list."""
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = value
        elif isinstance(fields[name], list):
            fields[name].append(value)
        else:
            fields[name] = [fields[name], value]
    return fields


def _shown(name: str, value: str, secrets: Secrets) -> str:
    """Return a header's value, a secret one with no more of it than its scheme or its cookies' names."""
    if not secrets.in_header(name):
        return value
    if name.endswith("authorization"):
        scheme, space, _ = value.partition(" ")
        return f"{scheme} {REDACTED}" if space else REDACTED
    if name.endswith("cookie"):
        cookies = value.split(";") if name == "cookie" else value.split(";", 1)[:1]
        return "; ".join(f"{cookie.partition('=')[0].strip()}={REDACTED}" for cookie in cookies)
    return REDACTED


def shown_target(request: Request, secrets: Secrets) -> str:
    """Return path and query of *request* without secrets."""
    return f"{request.path}?{_query(request.query, secrets)}" if request.query else request.path


def shown_url(url: str, secrets: Secrets) -> str:
    """Return path and query, as they stand in *url*, without secrets."""
    path, mark, query = url.partition("?")
    return f"{path}?{_query(query, secrets)}" if mark else path


def _query(query: str, secrets: Secrets) -> str:
    """Return the raw query with the values of secret parameters taken out."""
    parts = []
    for part in query.split("&"):
        name, equals, _ = part.partition("=")
        parts.append(f"{name}={quote_plus(REDACTED)}" if equals and secrets.in_query(name) else part)
    return "&".join(parts)


def _cookies(request: Request) -> list[str]:
    try:
        return list(SimpleCookie(request.header("cookie")))
    except CookieError:
        return []


def _moment(text: str) -> float:
    try:
        if text.isdecimal():
            return int(text) / 1000
        when = datetime.fromisoformat(text)
        return when.replace(tzinfo=when.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        said = f"since: {text!r:.40} is no RFC 3339 time, and no number of milliseconds since 1970."
        raise ValueError(said) from None
