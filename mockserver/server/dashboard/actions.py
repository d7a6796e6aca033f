"""
Carry a form out: each names a method and a path of the admin, and its fields are what is sent there.

    <form method="post" action="/__admin/ui/do">
      <input type="hidden" name="_do" value="PUT /armed/{api}/{operation}">
      <input name="times:int" value="1">

Fields say their kind behind a colon: `int`, `float`, `bool`, `list` (one a line or
between commas), `json`; text where they say none. A field that the path names is not
sent. `json` alone is all that is sent. An empty field is left out.

With htmx a refusal appears in the form, in the admin's own words; without it on a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from flask import Response as Answer
from flask import redirect, request

from mockserver.exchange import MISSING, Json
from mockserver.server.dashboard.entrance import inward
from mockserver.server.dashboard.inside import Said, segment
from mockserver.server.dashboard.page import LOOKS_AT, Pages
from mockserver.server.session import DEFAULT
from mockserver.server.sessions import BadSession, checked

_DO = re.compile(r"(GET|POST|PUT|DELETE|PATCH) (/[^\s?#]*)")
_NAMED = re.compile(r"\{(\w+)\}")


class Unreadable(Exception):
    """A field cannot be read as what it should be; the text says which."""


class Actions(Pages):
    """What forms do."""

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """What there is."""
        return (("/ui/do", "POST", self.do), ("/ui/look", "POST", self.look))

    def do(self) -> Answer:
        """Do what the form says."""
        form = request.form
        wanted = _DO.fullmatch(form.get("_do", ""))
        if wanted is None:
            return self.missing("The form says nothing that could be done.", 400)
        try:
            path, body = _read(wanted[2])
        except Unreadable as error:
            return self._refused(Said(400, {"detail": str(error)}))
        said = self.inside.call(wanted[1], path, None if body is MISSING else body)
        if not said.good:
            return self._refused(said)
        target = inward(form.get("_next", ""))
        return self._onward(f"{target}{'&' if '?' in target else '?'}done={form.get('_notice', 'changed')}")

    def look(self) -> Answer:
        """Look at another session from now on; it is made where there is none of that name."""
        name = request.form.get("session", "").strip() or DEFAULT
        try:
            self.host.sessions.named(checked(name))
        except BadSession as error:
            return self._refused(Said(error.status, {"detail": str(error)}))
        answer = self._onward(inward(request.form.get("_next", "")))
        answer.set_cookie(LOOKS_AT, name, httponly=True, samesite="Strict", path="/__admin")
        return answer

    @staticmethod
    def _onward(target: str) -> Answer:
        if "HX-Request" in request.headers:
            return Answer("", headers={"HX-Redirect": target})
        return redirect(target, 303)  # type: ignore[return-value]

    def _refused(self, said: Said) -> Answer:
        if "HX-Request" in request.headers:
            return self.page("_refused.html", said=said)
        return self.page("trouble.html", said.status, detail=said.trouble, errors=said.errors)


def _read(path: str) -> tuple[str, Json]:
    """Return the path with its fields filled in, and what is sent: `MISSING` for nothing."""
    used = set(_NAMED.findall(path))
    path = _NAMED.sub(lambda found: segment(request.form.get(found[1], "").strip()), path)
    if "json" in request.form:
        return path, _json("", request.form["json"])
    body: dict[str, Any] = {}
    for field, text in request.form.items():
        name, _, kind = field.partition(":")
        if name.startswith("_") or name in used:
            continue
        if not text.strip() and kind != "bool":
            continue
        body[name] = _KINDS[kind](name, text) if kind in _KINDS else text
    return path, body or MISSING


def _json(name: str, text: str) -> Json:
    if not text.strip():
        return MISSING
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"{f'{name}: ' if name else ''}this is no JSON ({where}): {error.msg}.") from None


def _number(kind: Callable[[str], Json]) -> Callable[[str, str], Json]:
    def read(name: str, text: str) -> Json:
        try:
            return kind(text.strip())
        except ValueError:
            raise Unreadable(f"{name}: a number is expected, found {text!r:.60}.") from None

    return read


_KINDS: dict[str, Callable[[str, str], Json]] = {
    "int": _number(int),
    "float": _number(float),
    "bool": lambda _, text: text not in ("", "false", "off"),
    "list": lambda _, text: [one.strip() for one in re.split(r"[,\n]", text) if one.strip()],
    "json": _json,
}
