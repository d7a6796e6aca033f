"""
Requests that the contract itself says are wrong, and the answers that it leaves a server.

Each takes a documented call and changes one thing. What is not determined by
the contract is not asked: a path that another template might take, a refusal
that the operation does not document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mockserver.contract.model import Contract, Operation
from mockserver.contract.routes import Match, Miss, Routes
from mockserver.exchange import MISSING, Place, Request
from mockserver.generation import choose
from mockserver.validation.requests import RequestReader
from mockserver.validation.values import Validator
from mockserver.verify.calls import successful_call
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.requests import Key, Said, Unsayable, written
from mockserver.verify.verdicts import held, is_page

UNDECLARED = ("GET", "PATCH", "PUT", "POST", "DELETE")
"""Methods to try on a path that does not have them, the most harmless first."""

NOTHING = Said()

NOBODYS = "nobody-was-ever-given-this"
NOBODY = f"Bearer {NOBODYS}"
NOBODYS_PASSWORD = "Basic bm9ib2R5Om5vYm9keQ=="
_OTHER = "another scheme"
_STRANGERS = {
    "bearer": (("a token of nobody", NOBODY), (_OTHER, NOBODYS_PASSWORD)),
    "basic": (("a password of nobody", NOBODYS_PASSWORD), (_OTHER, NOBODY)),
}
"""What is shown in place of credentials, where those of one scheme are asked for."""


@dataclass(frozen=True, eq=False)
class Wrong:
    """
    One request that must be refused.

    Attributes:
        operation: Of which it is a wrong request; of an undeclared method, any of the path's.
        what: What is wrong with it, e.g. "no credentials".
        said: What it says.
        method: Where it is not the operation's own.
        credentials: Whether they are shown.
        stranger: What is shown in their place: nobody's; "" for the caller's own.
        field: Where it is shown.
        status: What must answer; "" leaves it to any documented 4xx.
        skip: Why the contract does not determine the answer, "" when it does.
        place: What asks for what is left out; None where nothing nearer than the operation does.
    """

    operation: Operation
    what: str
    said: Said = NOTHING
    method: str = ""
    credentials: bool = True
    stranger: str = ""
    field: str = "authorization"
    status: str = ""
    skip: str = ""
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.operation.id}-{self.what.replace(' ', '-')}"

    def request(self, contract: Contract, headers: Mapping[str, str]) -> Request:
        """Return the request, to be sent below the API's root."""
        request = written(
            contract,
            self.operation,
            self.said,
            headers=headers,
            method=self.method,
            credentials=self.credentials,
        )
        if not self.stranger:
            return request
        fields = tuple(
            (name, self.stranger if name == self.field else value) for name, value in request.headers
        )
        return Request(request.method, request.path, request.query, fields, request.body)


def wrong_requests(contract: Contract) -> Iterator[Wrong]:
    """Yield a wrong request for everything that the contract determines, operation by operation."""
    routes = Routes(contract.routes)
    templates: set[str] = set()
    for operation in contract.operations.values():
        try:
            said = successful_call(operation).said
        except Unsayable as error:
            yield Wrong(operation, "anything", skip=f"no request can be made up: {error}")
            continue
        if operation.security and all(operation.security):
            yield _unauthenticated(operation, said)
            if field := _by_key(contract, operation):
                wrong = replace(_unauthenticated(operation, said), credentials=True)
                yield replace(wrong, what="a key of nobody", stranger=NOBODYS, field=field)
            for what, stranger in _STRANGERS.get(_only_scheme(contract, operation), ()):
                nobody = _unauthenticated(operation, said)
                yield replace(nobody, what=what, credentials=True, stranger=stranger)
        yield from _incomplete(contract, routes, operation, said)
        if operation.route.template not in templates:
            templates.add(operation.route.template)
            yield from _undeclared(contract, routes, operation, said)


def refused(contract: Contract, wrong: Wrong, exchanged: Exchanged) -> list[Finding]:
    """Return what is wrong with the answer to a wrong request."""
    response = exchanged.response
    if response is None:
        return held(contract, wrong.operation, exchanged)
    if wrong.status == "405":
        # 405 is a SHOULD (RFC 9110, 9.1), and a page for whatever nothing else answers is none of the API.
        page = is_page(contract, wrong.operation, exchanged)
        good = 400 <= response.status < 500 or response.status == 501 or page
    elif wrong.status:
        good = str(response.status) == wrong.status or turned_away(wrong, response.status)
    else:
        good = 400 <= response.status < 500
    findings = [] if good else [_wrongly(contract, wrong, exchanged)]
    if wrong.status == "405":  # the server's own, which no operation documents
        return findings or _not_allowed(contract, wrong, exchanged)
    return findings + held(contract, wrong.operation, exchanged)


def turned_away(wrong: Wrong, status: int) -> bool:
    """
    Return whether nobody is turned away with another documented status than 401, which a server may choose.

    403 refuses whatever is shown, and 404 hides what is there (RFC 9110, 15.5.4); 400 is said of credentials
    that are none of the kind that is asked for (RFC 6750, 3.1).
    """
    operation = wrong.operation
    chosen = {403, 404} if "{" in operation.route.template else {403}
    chosen |= {400} if wrong.what == _OTHER else set()
    return wrong.status == "401" and status in chosen and str(status) in operation.responses


def _not_allowed(contract: Contract, wrong: Wrong, exchanged: Exchanged) -> list[Finding]:
    assert exchanged.response is not None
    if exchanged.response.status != 405 or exchanged.response.header("allow"):
        return []
    detail = f"The 405 to {wrong.method} does not name the methods that are allowed (RFC 9110, 15.5.6)."
    template = wrong.operation.route.template
    return [
        Finding(
            "refusals/allow",
            wrong.operation.id,
            detail,
            contract.located(wrong.operation.place),
            "Allow",
            expected="Allow: " + ", ".join(one.method for one in contract.routes if one.template == template),
            calls=(exchanged,),
            kin="Allow",
        )
    ]


def _wrongly(contract: Contract, wrong: Wrong, exchanged: Exchanged) -> Finding:
    response = exchanged.response
    assert response is not None
    expected = wrong.status or "a documented 4xx"
    return Finding(
        rule=f"refusals/{wrong.status or 'invalid'}",
        operation=wrong.operation.id,
        detail=f"A request with {wrong.what} is answered {response.status}, not {expected}.",
        place=contract.located(wrong.place or wrong.operation.place),
        expected=expected,
        found=response.status,
        calls=(exchanged,),
        kin=f"{wrong.what} {response.status}" if wrong.status else "",
    )


def _unauthenticated(operation: Operation, said: Said) -> Wrong:
    documented = choose.fitting(operation, "unauthenticated") is not None
    skip = "" if documented else f"{operation.id} documents no 401"
    return Wrong(operation, "no credentials", said, credentials=False, status="401", skip=skip)


def _only_scheme(contract: Contract, operation: Operation) -> str:
    """Return the scheme of HTTP (RFC 9110, 11.1) that is the only way in; "" where there are others."""
    ways = {contract.security_schemes.get(name) for requirement in operation.security for name in requirement}
    found = {one.scheme if one is not None and one.kind == "http" else "" for one in ways}
    return found.pop() if len(found) == 1 else ""


def _by_key(contract: Contract, operation: Operation) -> str:
    """Return the header field of the key that is the only way in, "" where there are others."""
    ways = {contract.security_schemes.get(name) for requirement in operation.security for name in requirement}
    keys = [one for one in ways if one is not None and (one.kind, one.location) == ("apiKey", "header")]
    return keys[0].parameter.lower() if len(ways) == len(keys) == 1 else ""


def _incomplete(contract: Contract, routes: Routes, operation: Operation, said: Said) -> Iterator[Wrong]:
    """Leave out each required parameter and property in turn."""
    reader = RequestReader(operation)
    documented = choose.fitting(operation, "invalid") is not None
    skip = "" if documented else f"{operation.id} documents no refusal of an invalid request"
    for key in _required(operation, said):
        what = f"no {key[1]} in the {key[0]}"
        wrong = Wrong(operation, what, said.without(key), skip=skip)
        request = wrong.request(contract, {})
        match = routes.match(request.method, request.path, request.query, request.index)
        excluded = reader.read(match.captured, request)[1] if isinstance(match, Match) else ()
        yield replace(wrong, place=excluded[0].place if excluded else None)


def _required(operation: Operation, said: Said) -> Iterator[Key]:
    """Yield what cannot be left out: parameters (without one of its path's it were another), properties."""
    for parameter in operation.parameters:
        key = (parameter.location, parameter.name)
        if parameter.required and parameter.location != "path" and key in said.parameters:
            yield key
    if said.media is None or said.media.schema is None or not isinstance(said.body, dict):
        return
    fits = Validator(said.media.schema, "request").is_valid
    if fits(said.body):
        yield from (("body", name) for name in said.body if not fits(said.without(("body", name)).body))


def _undeclared(contract: Contract, routes: Routes, operation: Operation, said: Said) -> Iterator[Wrong]:
    """Ask with a method that no template has for this path."""
    plain = replace(said, body=MISSING, media=None)
    path = written(contract, operation, plain).path.partition("?")[0].partition("#")[0]
    for method in UNDECLARED:
        if isinstance(routes.match(method, path), Miss):
            yield Wrong(operation, f"undeclared {method}", plain, method, status="405")
            return
