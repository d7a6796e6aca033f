"""
Word a refusal that was made up: the status it has, and what is wrong.

A contract that documents `{code, message}` for its errors and no example of them says
nothing of what is in there. Made up freely, a 401 would tell that a value is missing;
so such members are filled with the truth, where the schema takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver.contract.shapes import Shape
from mockserver.exchange import Json, Violation
from mockserver.server.itemizing import itemized
from mockserver.server.placing import bare
from mockserver.server.problems import phrase

SENTENCES = {
    400: "The request is not valid.",
    401: "These credentials are missing or not valid.",
    403: "This is not allowed with these credentials.",
    404: "There is no such resource.",
    405: "This method is not allowed here.",
    406: "The resource cannot be had in an accepted media type.",
    409: "The request conflicts with the present state of the resource.",
    410: "The resource is gone.",
    412: "The resource has changed in the meantime.",
    413: "The request is too large.",
    415: "This media type is not taken here.",
    422: "The request is not valid.",
    429: "There were too many requests; try again later.",
    500: "The server has failed; try again later.",
    503: "The service is not available for now; try again later.",
}
"""Status -> what is said where nothing else is known."""

TEXTS = frozenset(
    (
        *("message", "msg", "detail", "details", "error", "description", "reason", "errormessage"),
        *("errordescription", "errordetail", "usermessage", "developermessage"),
    )
)
CODES = frozenset(("code", "status", "statuscode", "httpstatus", "httpcode", "httpstatuscode", "errorcode"))
WORDS = frozenset(("code", "errorcode"))
TITLES = frozenset(("title", "statustext", "statusmessage"))
SHELLS = frozenset(("error", "fault", "problem", "meta"))
"""
Names of members, in lower case without anything between words; what is called as in `SHELLS` has such inside.
"""


LARGEST = 8
"""Properties of an object that may be a part of an error; what has more is a thing."""

SHOWING = frozenset(("example", "examples", "default"))
"""Keywords by which the contract itself says what stands in a member."""


def worded(
    value: Json,
    status: int,
    detail: str,
    shape: Shape,
    accepts: Callable[[Json], bool],
    violations: Sequence[Violation] = (),
) -> Json:
    """
    Return *value*, the made-up body of an answer of *status*, with its members filled in.

    Args:
        value: Left as it is where it is no object.
        status: An error's; the value of others is left as it is.
        detail: What is wrong, "" where nobody knows.
        shape: Of the body's schema. A member that it has examples of stays as it is.
        accepts: Tells whether a whole body is valid. A member that may not be changed is not.
        violations: What is wrong with the request, for lists of that.
    """
    if status < 400 or not isinstance(value, dict):
        return value
    said = detail or SENTENCES.get(status) or phrase(status)
    for path, new in _proposed(value, status, said, shape):
        changed = _with(value, path, new)
        if accepts(changed):
            value = changed
    shown = any(SHOWING & face.keys() for face in shape.faces)
    return itemized(value, status, shape, violations, accepts) if violations and not shown else value


def without_things(value: Json, shape: Shape, accepts: Callable[[Json], bool]) -> Json:
    """
    Return *value*, the made-up body of an error, without the large objects that it need not have.

    An error may name the payment that it is about; one that nobody made is about none.
    """
    for path in _things(value, shape):
        changed = _dropped(value, path)
        if accepts(changed):
            value = changed
    return value


def _things(value: Json, shape: Shape) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, part in value.items() if isinstance(value, dict) else ():
        inner = shape.named(name)
        if not isinstance(part, dict):
            continue
        if bare(name) in SHELLS:
            found += [(name, *path) for path in _things(part, inner)]
        elif len(inner.names) > LARGEST:
            found.append((name,))
    return found


def _dropped(value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    head, *rest = path
    if rest:
        return {**value, head: _dropped(value[head], tuple(rest))}
    return {name: part for name, part in value.items() if name != head}


def _proposed(
    value: dict[str, Any], status: int, said: str, shape: Shape
) -> list[tuple[tuple[str, ...], Json]]:
    found: list[tuple[tuple[str, ...], Json]] = []
    if any(SHOWING & face.keys() for face in shape.faces):
        return found
    for name, part in value.items():
        inner = shape.named(name)
        if any(SHOWING & face.keys() for face in inner.faces):
            continue
        word = bare(name)
        if isinstance(part, dict) and word in SHELLS:
            found += [((name, *path), new) for path, new in _proposed(part, status, said, inner)]
        elif isinstance(part, str) and word in TEXTS:
            found.append(((name,), said))
        elif isinstance(part, str) and word in TITLES:
            found.append(((name,), phrase(status)))
        elif word in CODES and isinstance(part, int) and not isinstance(part, bool):
            found.append(((name,), status))
        elif word in CODES and isinstance(part, str) and part.isdecimal():
            found.append(((name,), str(status)))
        elif word in WORDS and isinstance(part, str):
            word = phrase(status).lower().replace(" ", "_").replace("-", "_")
            found.append(((name,), word.upper() if part.isupper() else word))
    return found


def _with(value: dict[str, Any], path: tuple[str, ...], new: Json) -> dict[str, Any]:
    head, *rest = path
    return {**value, head: _with(value[head], tuple(rest), new) if rest else new}
