"""
Who asks: the account behind a request's credentials.

The fixtures list credentials. `--auth any` takes any credential of the right
kind, one that nobody lists counting as the first account's; `--auth listed`
takes only those.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from mockserver.contract.model import Operation
from mockserver.exchange import Request, Violation
from mockserver.server.api import Api


class Caller(NamedTuple):
    """
    Who asks. `account` is None where the request is not let in: `violations` and `challenges` say why, and
    `known` whether the credentials were good but do not suffice (403).
    """

    account: str | None
    violations: tuple[Violation, ...] = ()
    challenges: tuple[str, ...] = ()
    known: bool = False


_MOST = 1_000
_SHORT = 1_000
"""Characters of what is remembered; clients may show us whatever they like."""


class Callers:
    """The callers of one API."""

    def __init__(self, api: Api, *, listed: bool) -> None:
        self._api = api
        self._listed = listed
        self._first = next(iter(api.fixture.accounts), "first")
        self._accounts: dict[tuple[str, str], str] = {}
        for name, said in api.fixture.accounts.items():
            for kind, value in _credentials(said):
                self._accounts.setdefault((kind, value), name)
        if not any(kind == "bearer" for kind, _ in self._accounts):
            self._accounts.update(_DEFAULTS)
        self._security: Any = None
        self._admitted: dict[tuple[str | None, ...], Caller] = {}
        """Who was let in, by operation and credentials; at most `_MOST`."""
        self._free = Caller(self._first)

    def of(self, operation: Operation, request: Request) -> Caller:
        """Return the caller of *operation*."""
        if not operation.security:
            return self._free
        if self._security is None:
            from mockserver.validation.security import Security

            self._security = Security(self._api.contract)
        shown = (operation.id, *self._security.shown(operation, request))
        known = self._admitted.get(shown)
        if known is not None:
            return known
        verdict = self._security.admit(operation, request, self._known, self._scopes)
        if not verdict.granted:
            return Caller(None, verdict.violations, verdict.challenges, verdict.status == 403)
        accounts = [
            credential.account for credential in verdict.credentials if credential.account is not None
        ]
        caller = Caller(accounts[0] if accounts else self._first)
        if len(self._admitted) < _MOST and sum(len(one or "") for one in shown) <= _SHORT:
            self._admitted[shown] = caller
        return caller

    def _scopes(self, account: str) -> Collection[str] | None:
        """The scopes that data.yaml lists for an account (`scopes: [...]`); None: all."""
        said = self._api.fixture.accounts.get(account, {}).get("scopes")
        return tuple(map(str, said)) if isinstance(said, list) else None

    def _known(self, kind: str, value: str) -> str | None:
        found = self._accounts.get((kind, value))
        return found if found is not None or self._listed else self._first


_DEFAULTS = {
    ("bearer", "test-token"): "first",
    ("bearer", "other-token"): "other",
    ("basic", "client-id:client-secret"): "first",
    ("apiKey", "test-token"): "first",
    ("apiKey", "other-token"): "other",
}


def _credentials(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for kind, key in (("bearer", "bearer"), ("basic", "basic"), ("apiKey", "api-key")):
        value = said.get(key)
        found += [
            (kind, str(one)) for one in (value if isinstance(value, list) else [value]) if one is not None
        ]
        if kind == "bearer" and "api-key" not in said:
            found += [("apiKey", secret) for name, secret in found if name == "bearer"]
    return found
