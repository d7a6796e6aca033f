"""
What the admin's views have in common: who asks, and how they answer.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response as Answer
from flask import request

from mockserver.exchange import Json, Request
from mockserver.server.problems import problem


def asked() -> Request:
    """Return Flask's current request as one of ours, without its body."""
    headers = tuple((name.lower(), value) for name, value in request.headers)
    return Request(request.method, request.path, headers=headers)


def as_json(value: Json, status: int = 200) -> Answer:
    """Return an answer that says *value*, for people to read too."""
    return Answer(orjson.dumps(value, option=orjson.OPT_INDENT_2), status, mimetype="application/json")


def as_problem(status: int, detail: str, **members: Any) -> Answer:
    """Return a refusal (RFC 9457)."""
    made = problem(status, detail, **members)
    return Answer(made.body, status, made.headers)
