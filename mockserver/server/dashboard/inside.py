"""
Ask the admin from within: a page is a client of the admin API like any other.

So nothing is decided twice, a form is refused in the words in which curl would be,
and a page cannot do what the API cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import current_app
from werkzeug.test import EnvironBuilder, run_wsgi_app

from mockserver.exchange import Json
from mockserver.server import wire


@dataclass(frozen=True)
class Said:
    """An answer of the admin: `value` is its JSON, None where it has none."""

    status: int
    value: Json

    @property
    def good(self) -> bool:
        """Whether it was done."""
        return self.status < 400

    @property
    def trouble(self) -> str:
        """Why it was not, "" where it was."""
        if self.good:
            return ""
        if isinstance(self.value, dict):
            said = self.value.get("detail") or self.value.get("title")
            return (
                str(said)
                if said
                else "It cannot be read:"
                if self.errors
                else f"The admin answered {self.status}."
            )
        return f"The admin answered {self.status}."

    @property
    def errors(self) -> list[dict[str, Any]]:
        """What is wrong with what was sent, violation by violation."""
        found = self.value.get("errors") if isinstance(self.value, dict) and not self.good else None
        return found if isinstance(found, list) else []

    def list(self, name: str) -> list[Any]:
        """Return the member *name*, [] where there is none."""
        found = self.value.get(name) if self.good and isinstance(self.value, dict) else None
        return found if isinstance(found, list) else []


class Inside:
    """
    Args:
        session: The name of the session that is looked at.
        token: What the admin asks for.
    """

    def __init__(self, session: str, token: str) -> None:
        self.session = session
        self._token = token

    def get(self, path: str, **query: str) -> Said:
        """Ask for *path* below /__admin."""
        return self.call("GET", path, query=query)

    def call(
        self, method: str, path: str, value: Json = None, *, query: dict[str, str] | None = None
    ) -> Said:
        """Send *value*, where there is one, as JSON to *path* below /__admin."""
        headers = {"Mock-Session": self.session}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        builder = EnvironBuilder(
            path=f"{wire.ADMIN}{path}",
            method=method,
            query_string=urlencode(query or {}),
            headers=list(headers.items()),
            data=orjson.dumps(value) if value is not None else None,
            content_type="application/json" if value is not None else None,
        )
        pieces, status, fields = run_wsgi_app(current_app.wsgi_app, builder.get_environ(), buffered=True)
        content = b"".join(pieces)
        if "json" not in fields.get("content-type", ""):
            return Said(int(status[:3]), None)
        try:
            return Said(int(status[:3]), orjson.loads(content))
        except orjson.JSONDecodeError:
            return Said(int(status[:3]), None)


def segment(text: object) -> str:
    """Return *text* as one segment of a path."""
    return quote(str(text), safe="")
