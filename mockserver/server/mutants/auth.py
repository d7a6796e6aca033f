"""
Who is let in that should not be, and sees or changes what is not theirs.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.contract.model import Operation
from mockserver.exchange import Request, Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import Role, operations, role
from mockserver.server.mutants.call import Call, with_fields
from mockserver.server.mutants.kinds import Act, Kind, Spot

TOKEN = "test-token"
BASIC = "client-id:client-secret"
"""The first account's credentials, which every fixture lists."""


def _guarded(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    def spots(api: Api) -> Iterator[Spot]:
        for operation in operations(api, *roles):
            if operation.security and all(operation.security):
                yield Spot(operation.id)

    return spots


def _reading(api: Api) -> Iterator[Spot]:
    yield from (spot for spot in _guarded()(api) if api.contract.operations[spot.operation].method == "GET")


def _of_accounts(*roles: Role) -> Callable[[Api], Iterator[Spot]]:
    """Yield the operations of these roles on what belongs to an account, where there are two."""

    def spots(api: Api) -> Iterator[Spot]:
        if len(api.fixture.accounts) < 2:
            return
        private = {name for name, one in api.behavior.collections.items() if one.per_account}
        for operation in operations(api, *roles):
            rule = api.behavior.rules.get(operation.id)
            if rule is None:
                continue
            item = {rule.item.collection} if rule.item is not None else set()
            listing = {rule.listing.collection} if rule.listing is not None else set()
            if (item | listing) & private:
                yield Spot(operation.id)

    return spots


def as_first(call: Call) -> Request:
    """Return the request with the first account's credentials in place of those it has."""
    made = call.request
    for requirement in call.contracted.security:
        for name in requirement:
            scheme = call.api.contract.security_schemes.get(name)
            if scheme is None or scheme.kind == "mutualTLS":
                continue
            if scheme.kind == "apiKey" and scheme.location == "query":
                return call.with_query(scheme.parameter, TOKEN)
            if scheme.kind == "apiKey" and scheme.location == "header":
                return call.with_headers(**{scheme.parameter.lower(): TOKEN})
            if scheme.kind == "apiKey":
                return call.with_headers(cookie=f"{scheme.parameter}={TOKEN}")
            if scheme.kind == "http" and scheme.scheme == "basic":
                return call.with_headers(authorization=f"Basic {base64.b64encode(BASIC.encode()).decode()}")
            return call.with_headers(authorization=f"Bearer {TOKEN}")
    return made


def _shows_some(call: Call, operation: Operation) -> bool:
    """Return whether a request has credentials of any kind."""
    for requirement in operation.security:
        for name in requirement:
            scheme = call.api.contract.security_schemes.get(name)
            if scheme is None:
                continue
            if scheme.kind == "apiKey" and scheme.location == "query" and call.asked(scheme.parameter):
                return True
            place = scheme.parameter.lower() if scheme.kind == "apiKey" else "authorization"
            place = "cookie" if scheme.location == "cookie" else place
            if call.request.header(place):
                return True
    return False


def _admitting(when: Callable[[Call, Operation], bool]) -> Callable[[Api, Spot], Act]:
    """Return what plants that who is refused is let in as the first account, where *when* says so."""

    def plant(api: Api, spot: Spot) -> Act:
        del api

        def act(call: Call) -> Response:
            response = call.proceed()
            if call.operation != spot.operation or response.status not in (401, 403):
                return response
            return call.proceed(as_first(call)) if when(call, call.contracted) else response

        return act

    return plant


def _as_somebody(api: Api, spot: Spot) -> Act:
    """Plant that what is not found as one account is looked for as the first."""
    listing = role(api, spot.operation) == "list"

    def act(call: Call) -> Response:
        if call.operation != spot.operation:
            return call.proceed()
        response = call.proceed()
        if listing and response.status == 200:
            return call.proceed(as_first(call))
        return call.proceed(as_first(call)) if response.status in (403, 404) else response

    return act


def _other_scheme(call: Call, operation: Operation) -> bool:
    """Let in who shows credentials in a scheme that the contract does not ask for."""
    schemes = call.api.contract.security_schemes
    asked = {schemes[name].scheme for one in operation.security for name in one if name in schemes}
    sent = call.request.header("authorization")
    return _shows_some(call, operation) and bool(sent) and sent.partition(" ")[0].lower() not in asked


def _not_found(api: Api, spot: Spot) -> Act:
    del api

    def act(call: Call) -> Response:
        response = call.proceed()
        if call.operation == spot.operation and response.status == 401:
            return Response(200, response.headers, response.body, response.wire)
        return response

    return act


def _unchallenged(api: Api, spot: Spot) -> Act:
    del api

    def act(call: Call) -> Response:
        response = call.proceed()
        mine = call.operation == spot.operation and response.status == 401
        return with_fields(response, WWW_Authenticate=None) if mine else response

    return act


def _challenging(api: Api) -> Iterator[Spot]:
    """Yield what documents that there is a challenge: HTTP asks for one, and many frameworks send none."""
    for spot in _guarded()(api):
        promise = api.contract.operations[spot.operation].promise(401)
        fields = promise.headers.items() if promise is not None else ()
        if any(name.lower() == "www-authenticate" and header.required for name, header in fields):
            yield spot


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "auth", about, spots, plant)


KINDS = (
    _kind("takes-no-credentials", "asks for no credentials", _guarded(), _admitting(lambda *_: True)),
    _kind("takes-any-credentials", "takes any credentials", _guarded(), _admitting(_shows_some)),
    _kind("reads-are-open", "lets anybody read", _reading, _admitting(lambda *_: True)),
    _kind("takes-other-scheme", "takes credentials of another scheme", _guarded(), _admitting(_other_scheme)),
    _kind("unauthorized-is-200", "answers the refusal of who is unknown with 200", _guarded(), _not_found),
    Kind(
        "no-challenge",
        "protocol",
        "answers 401 without WWW-Authenticate",
        _challenging,
        _unchallenged,
        "a documented WWW-Authenticate that is required",
    ),
    _kind("other-account-reads", "shows what is another account's", _of_accounts("read"), _as_somebody),
    _kind("other-account-lists", "lists what is another account's", _of_accounts("list"), _as_somebody),
    _kind(
        "other-account-changes",
        "changes what is another account's",
        _of_accounts("update", "replace"),
        _as_somebody,
    ),
    _kind("other-account-deletes", "deletes what is another account's", _of_accounts("delete"), _as_somebody),
)
