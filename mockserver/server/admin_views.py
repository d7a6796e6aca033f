"""
What groups of admin views are made of: the session that is meant, the JSON that came, answers and refusals.

A group is a class with `rules`; `Admin` registers them all. A view says no by
raising `Refusal`, from however deep: what is wrong is then told as a problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

import orjson
from flask import Response as Answer
from flask import request

from mockserver.errors import nearest
from mockserver.exchange import Json
from mockserver.server.admin_answers import as_problem, asked
from mockserver.server.host import Api, Host
from mockserver.server.session import Session

Rule = tuple[str, str, Callable[..., Answer]]
"""Path below /__admin, method, view."""


class Refusal(Exception):
    """The admin does not do what was asked; `status`, text and `members` become the problem."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.members = members

    @property
    def answer(self) -> Answer:
        """The problem."""
        return as_problem(self.status, str(self), **self.members)


class Views:
    """A group of views onto *host*."""

    def __init__(self, host: Host) -> None:
        self.host = host

    @property
    def rules(self) -> Iterable[Rule]:
        """What there is, in this order."""
        return ()

    @property
    def session(self) -> Session:
        """The session that the request names."""
        return self.host.session(asked())

    def api(self, name: str) -> Api:
        """Return the API called *name*. Raises Refusal."""
        found = next((api for api in self.host.apis if api.name == name), None)
        if found is None:
            near = nearest(name, [api.name for api in self.host.apis])
            raise Refusal(404, f"No API {name!r} is served.{near}")
        return found


def sent() -> Json:
    """Return the JSON that was sent, None where nothing was. Raises Refusal."""
    content = request.get_data()
    if not content.strip():
        return None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"The body is no JSON: {error}.") from None


def sent_object(*known: str) -> dict[str, Any]:
    """Return the JSON object that was sent, {} where nothing was, with no member but *known* ones."""
    body = sent()
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise Refusal(400, f"A JSON object is expected, found {shortened(body)}.")
    for name in body:
        if name not in known:
            raise Refusal(400, f"There is no {name!r} here.{nearest(name, known)} It has {', '.join(known)}.")
    return body


def member(body: dict[str, Any], name: str, kinds: type | tuple[type, ...], said: str, default: Any) -> Any:
    """Return a member of *body*; one of no type of *kinds* is refused: *said* names what is expected."""
    value = body.get(name, default)
    if value is default:
        return default
    number = isinstance(value, bool) and bool not in (kinds if isinstance(kinds, tuple) else (kinds,))
    if number or not isinstance(value, kinds):
        raise Refusal(400, f"{name}: {said} is expected, found {shortened(value)}.")
    return value


def whole(name: str, default: int) -> int:
    """Return the whole number that the query says under *name*; what is none is refused."""
    text = request.args.get(name)
    if text is None:
        return default
    if not _WHOLE.fullmatch(text):
        raise Refusal(400, f"{name}: a whole number of up to 9 digits is expected, found {text!r:.40}.")
    return int(text)


_WHOLE = re.compile("[0-9]{1,9}")


def one_of(value: str, known: Collection[str], what: str) -> str:
    """Return *value* if it is one of *known*; refuse it with the nearest."""
    if value not in known:
        raise Refusal(400, f"{what}: {value!r} is none of {', '.join(known)}.{nearest(value, known)}")
    return value


def shortened(value: Json) -> str:
    """Return *value* as JSON, cut where it is long."""
    text = orjson.dumps(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."
