"""
What the mock itself has to say: RFC 9457 problems that can never pass as the API's answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from mockserver.exchange import Response, dumps

MEDIA_TYPE = "application/problem+json"


def phrase(status: int) -> str:
    """Return the reason phrase of *status*, "" for one that nobody registered."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def members(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """Return the members of a problem (RFC 9457, 3.1) of no registered type: its title is the phrase."""
    return {"type": "about:blank", "title": phrase(status), "status": status, "detail": detail, **more}


def problem(status: int, detail: str, headers: Iterable[tuple[str, str]] = (), **more: Any) -> Response:
    """
    Return a problem of the mock's own.

    Args:
        status: The status code; its phrase is the title, as RFC 9457, 4.2.1 asks of "about:blank".
        detail: One sentence that helps.
        headers: Beside Content-Type and Mock-Source.
        more: Extension members, e.g. `errors` or `nearest`.
    """
    body = dumps(members(status, detail, **more))
    return Response(status, [("Content-Type", MEDIA_TYPE), ("Mock-Source", "mock"), *headers], body)
