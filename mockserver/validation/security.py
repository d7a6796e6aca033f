"""
Who is asking: find the credentials of a request, and say which are missing.

OpenAPI's rules: the entries of `security` are alternatives, the schemes inside
one entry must all be met, and an empty entry lets anybody in (3.1.1, Security
Requirement Object). Whether a credential is anybody's is the caller's to say.

We answer 401 with a challenge for each way in (RFC 9110, 11.6.1), and 403 where
somebody is known but may not (RFC 6750, 3.1: insufficient_scope).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mockserver.contract.encoded import Misread, cookies, decoded_plus, fields
from mockserver.contract.model import Contract, Operation, Requirement, SecurityScheme
from mockserver.exchange import MISSING, Request, Violation

Known = Callable[[str, str], Any]
"""Given the kind and the value of a credential, returns whose account it is, None for nobody's."""
Scopes = Callable[[Any], Collection[str] | None]
"""Given an account, returns the scopes that it has; None when it may do everything."""

_TOKEN68 = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
_AUTHORIZATION = re.compile(r"[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]+(.*?))?[ \t]*")


class Credential(NamedTuple):
    """
    A credential that a request carries.

    Attributes:
        scheme: The contract's name of the security scheme.
        kind: "bearer", "basic", "apiKey", "mutualTLS", or the HTTP authentication scheme in lower case.
        value: The token; "user:password" of basic; the key.
        account: What the caller's `known` returned for it, None where nobody was asked.
    """

    scheme: str
    kind: str
    value: str
    account: Any = None


class Admission(NamedTuple):
    """
    Whether a request may come in.

    Attributes:
        status: 200, 401 or 403.
        credentials: Those of the alternative that was met; of a 403, those that do not suffice.
        violations: Why not; () when it may.
        challenges: Values of `WWW-Authenticate`, one for each way in.
    """

    status: int
    credentials: tuple[Credential, ...] = ()
    violations: tuple[Violation, ...] = ()
    challenges: tuple[str, ...] = ()

    @property
    def granted(self) -> bool:
        """Whether it may."""
        return self.status == 200


_ANYBODY = Admission(200)


class Refusal(ValueError):
    """A credential that is not there (`error` is "") or not well-formed. Never leaves this module."""

    def __init__(self, detail: str, error: str = "") -> None:
        super().__init__(detail)
        self.error = error


@dataclass(frozen=True, slots=True)
class _Way:
    """One security scheme, ready to be asked."""

    scheme: SecurityScheme
    kind: str
    find: Callable[[Request], str]
    where: str
    pointer: str


_Alternative = tuple[tuple[_Way, tuple[str, ...]], ...]
"""Schemes that must all be met, each with the scopes that it takes."""


class Security:
    """Admits requests to the operations of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._realm = re.sub(r'["\\\x00-\x1f\x7f-\U0010ffff]', "", contract.title or contract.name) or "api"
        self._ways = {name: _way(scheme) for name, scheme in contract.security_schemes.items()}
        self._compiled: dict[Operation, tuple[_Alternative, ...]] = {}
        self._sources: dict[Operation, tuple[str, ...]] = {}

    def shown(self, operation: Operation, request: Request) -> tuple[str | None, ...]:
        """Return all of *request* that it depends on who may call *operation*: header fields, the query."""
        sources = self._sources.get(operation)
        if sources is None:
            ways = [way for alternative in self._alternatives(operation) for way, _ in alternative]
            sources = self._sources[operation] = tuple(dict.fromkeys(map(_source, ways)))
        index = request.index
        return tuple([index.get(name) if name else request.query for name in sources])

    def admit(
        self,
        operation: Operation,
        request: Request,
        known: Known | None = None,
        scopes: Scopes | None = None,
    ) -> Admission:
        """
        Say whether *request* may call *operation*.

        Without *known* every well-formed credential that is not empty counts. Without *scopes* one who
        has a "scopes" list may do what is in it, any other everything. Of several alternatives that
        are met the one with the most credentials counts: whoever shows who they are is not taken for anybody.
        """
        if not operation.security:
            return _ANYBODY
        alternatives = self._alternatives(operation)
        ask = scopes or _own_scopes
        best = self._try(alternatives[0], request, known, ask)
        for alternative in alternatives[1:]:
            outcome = self._try(alternative, request, known, ask)
            if _rank(outcome) > _rank(best):
                best = outcome
        return best if best.status == 200 else self._refused(alternatives, best)

    def _alternatives(self, operation: Operation) -> tuple[_Alternative, ...]:
        found = self._compiled.get(operation)
        if found is None:
            found = self._compiled[operation] = self._compile(operation.security)
        return found

    def _compile(self, security: tuple[Requirement, ...]) -> tuple[_Alternative, ...]:
        # A scheme that the contract does not define could be met by nobody: `check` says so, we let it pass.
        return tuple(
            tuple(
                (self._ways[name], tuple(scopes))
                for name, scopes in requirement.items()
                if name in self._ways
            )
            for requirement in security
        )

    def _try(
        self, alternative: _Alternative, request: Request, known: Known | None, scopes: Scopes
    ) -> Admission:
        """Return what one alternative says; its `challenges` are error codes or scopes for now."""
        found: list[Credential] = []
        missing: list[Violation] = []
        errors: list[str] = []
        lacking: list[Violation] = []
        lacked: list[str] = []
        for way, wanted in alternative:
            try:
                value = way.find(request)
                account = _account(way, value, known)
            except Refusal as refusal:
                missing.append(_violation(way, "security", str(refusal), way.scheme.name))
                errors.append(refusal.error)
                continue
            found.append(Credential(way.scheme.name, way.kind, value, account))
            held = scopes(account) if wanted else None
            short = [scope for scope in wanted if scope not in held] if held is not None else []
            if short:
                lacked.extend(wanted)
                detail = f"{way.scheme.name!r} needs the scope {' and '.join(short)}."
                lacking.append(_violation(way, "scope", detail, list(wanted), list(held or ())))
        if missing:
            return Admission(401, tuple(found), tuple(missing), tuple(error for error in errors if error))
        if lacking:
            return Admission(403, tuple(found), tuple(lacking), tuple(lacked))
        return Admission(200, tuple(found))

    def _refused(self, alternatives: tuple[_Alternative, ...], best: Admission) -> Admission:
        """Put the challenges of every way in where the codes stood."""
        made = [self._challenge(way, best) for alternative in alternatives for way, _ in alternative]
        return best._replace(challenges=tuple(dict.fromkeys(filter(None, made))))

    def _challenge(self, way: _Way, outcome: Admission) -> str:
        realm = f'realm="{self._realm}"'
        if way.kind == "bearer":
            if outcome.status == 403:
                return f'Bearer {realm}, error="insufficient_scope", scope="{" ".join(outcome.challenges)}"'
            error = outcome.challenges[0] if outcome.challenges else ""
            return f'Bearer {realm}, error="{error}"' if error else f"Bearer {realm}"
        if outcome.status == 403:
            return ""
        if way.kind == "basic":
            return f'Basic {realm}, charset="UTF-8"'  # RFC 7617, 2.1
        if way.kind == "digest":
            return f'Digest {realm}, nonce="{_NONCE}", qop="auth"'  # RFC 7616, 3.3
        if way.kind == "mutualTLS":
            return ""
        if way.kind == "apiKey":
            return f'ApiKey {realm}, in="{way.where}", name="{way.pointer}"'
        return f"{way.scheme.scheme.capitalize()} {realm}"


def _source(way: _Way) -> str:
    """Return the header field in which *way* looks for credentials, "" for the query."""
    return {"header": way.pointer.lower(), "cookie": "cookie"}.get(way.where, "")


_NONCE = base64.b64encode(b"a mock knows no replays").decode()
_NAMES = {"bearer": "token", "basic": "user and password", "apiKey": "key"}


def _account(way: _Way, value: str, known: Known | None) -> Any:
    if known is None or way.kind == "mutualTLS":
        return None
    account = known(way.kind, value)
    if account is None:
        what = _NAMES.get(way.kind, way.kind)
        raise Refusal(f"The {what} of {way.scheme.name!r} is not known.", "invalid_token")
    return account


def _own_scopes(account: Any) -> Collection[str] | None:
    held = account.get("scopes") if isinstance(account, Mapping) else None
    return held if isinstance(held, (list, tuple, set, frozenset)) else None


def _rank(outcome: Admission) -> tuple[int, int]:
    """Granted before forbidden before unknown; then by what was found."""
    return {200: 2, 403: 1}.get(outcome.status, 0), len(outcome.credentials) * 2 - len(outcome.violations)


def _violation(way: _Way, keyword: str, detail: str, expected: Any, found: Any = MISSING) -> Violation:
    return Violation(way.where, way.pointer, keyword, detail, expected, found, way.scheme.place)


# ------------------------------------------------------------------------------------------------ ways in


def _way(scheme: SecurityScheme) -> _Way:
    if scheme.kind == "apiKey":
        return _Way(scheme, "apiKey", _api_key(scheme), scheme.location, scheme.parameter)
    if scheme.kind == "mutualTLS":
        return _Way(
            scheme, "mutualTLS", lambda _: "", "header", ""
        )  # the handshake is over when a request is read
    kind = "bearer" if scheme.kind in ("oauth2", "openIdConnect") else scheme.scheme
    read = {"bearer": _bearer, "basic": _basic}.get(kind, _other)

    def find(request: Request) -> str:
        header = request.header("authorization")
        said = _AUTHORIZATION.fullmatch(header) if header else None
        wanted = kind.capitalize()
        if not header.strip():
            raise Refusal(f"An Authorization header is required: '{wanted} ...'.")
        if said is None or said[1].lower() != kind:
            raise Refusal(f"The Authorization header must begin with '{wanted} ', for {scheme.name!r}.")
        return read(said[2] or "")

    return _Way(scheme, kind, find, "header", "Authorization")


def _bearer(text: str) -> str:
    """RFC 6750, 2.1."""
    if not _TOKEN68.fullmatch(text):
        raise Refusal("There is no bearer token in the Authorization header.", "invalid_request")
    return text


def _basic(text: str) -> str:
    """RFC 7617, 2: base64 of user-id ":" password."""
    try:
        pair = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("The Basic credentials are not base64.") from None
    try:
        decoded = pair.decode("utf-8")
    except UnicodeDecodeError:
        decoded = pair.decode("latin-1")
    if ":" not in decoded or decoded == ":":
        raise Refusal("The Basic credentials are not 'user:password' in base64.")
    return decoded


def _other(text: str) -> str:
    if not text:
        raise Refusal("There are no credentials in the Authorization header.")
    return text


def _api_key(scheme: SecurityScheme) -> Callable[[Request], str]:
    name, place = (
        scheme.parameter,
        {"header": "header", "cookie": "cookie"}.get(scheme.location, "query parameter"),
    )
    lower = name.lower()

    def find(request: Request) -> str:
        value = ""
        if scheme.location == "header":
            value = request.header(lower)
        elif scheme.location == "cookie":
            value = next(iter(cookies(request.header("cookie")).get(name, ())), "")
        else:
            raw = next(iter(fields(request.query).get(name, ())), "")
            try:
                value = decoded_plus(raw)
            except Misread as error:
                raise Refusal(str(error)) from None
        if not value.strip():
            raise Refusal(f"The {place} {name!r} is required.")
        return value

    return find
