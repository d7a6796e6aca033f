"""
Who may look: the login where the admin asks for a token, and the fields that fence a page in.

The cookie is made of the token and is not the token: who reads a browser's cookies
cannot use the API elsewhere with it. It is sent to nobody else (SameSite=Strict) and
no script reads it (HttpOnly). Pages run no script but our own, and cannot be framed.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Response as Answer
from flask import redirect, request

from mockserver.server import wire
from mockserver.server.admin_guard import COOKIE, Guard

LOGIN = f"{wire.ADMIN}/login"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def fenced(answer: Answer, policy: str = POLICY) -> Answer:
    """Return *answer* with the fields that keep a page to itself."""
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def welcome(guard: Guard, token: str, following: str) -> Answer | None:
    """Return the way in for who knows the token, None for others."""
    if not guard.knows(token):
        return None
    answer = redirect(inward(following), 303)
    answer.set_cookie(COOKIE, guard.proof, httponly=True, samesite="Strict", path=wire.ADMIN)
    return answer  # type: ignore[return-value]


def inward(target: str) -> str:
    """Return *target* where it leads into the dashboard, else its first page: a login leads nowhere else."""
    known = target.startswith(f"{wire.ADMIN}/") and "\\" not in target and not target.startswith("//")
    return target if known else f"{wire.ADMIN}/"


def to_login() -> Answer:
    """Send who looks with a browser to the login."""
    return redirect(f"{LOGIN}?next={quote(request.full_path.rstrip('?'), safe='')}", 303)  # type: ignore[return-value]


def looks() -> bool:
    """Return whether a browser asks for a page."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "")
