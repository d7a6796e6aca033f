"""
The dashboard's place in the application: its pages, static files, the login, and the stream for everybody.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, request, stream_with_context
from flask import Response as Answer

from mockserver.server import wire
from mockserver.server.admin_answers import asked
from mockserver.server.admin_guard import Guard
from mockserver.server.admin_requests import rendered, secrets_of
from mockserver.server.dashboard.actions import Actions
from mockserver.server.dashboard.again import AgainPages
from mockserver.server.dashboard.docs import DocsPages
from mockserver.server.dashboard.entrance import fenced, welcome
from mockserver.server.dashboard.outside import WebhookPages
from mockserver.server.dashboard.page import Pages
from mockserver.server.dashboard.pages import ApiPages, RequestPages
from mockserver.server.dashboard.stream import as_line, stream
from mockserver.server.dashboard.worlds import WorldPages
from mockserver.server.host import Host
from mockserver.server.journal import Entry

GROUPS: tuple[type[Pages], ...] = (ApiPages, WorldPages, WebhookPages, AgainPages, DocsPages, Actions)


class Dashboard:
    """
    Args:
        host: What is looked at.
        guard: Who may look.
    """

    def __init__(self, host: Host, guard: Guard) -> None:
        self._host = host
        self._guard = guard
        self._requests = RequestPages(host, guard)

    def blueprint(self) -> Blueprint:
        """Return all there is, below /__admin."""
        views = Blueprint(
            "dashboard",
            __name__,
            url_prefix=wire.ADMIN,
            template_folder="templates",
            static_folder="static",
            static_url_path="/static",
        )
        rules: list[tuple[str, str, Callable[..., Answer]]] = [
            ("/login", "GET", self.login),
            ("/login", "POST", self.enter),
            ("/events", "GET", self.events),
            *self._requests.rules,
        ]
        for group in GROUPS:
            rules.extend(group(self._host, self._guard).rules)
        for rule, method, view in rules:
            views.add_url_rule(rule, view_func=view, methods=[method], endpoint=f"{method} {rule}")
        return views

    def front(self) -> Answer:
        """Show the first page: requests as they come."""
        return self._requests.index()

    def login(self) -> Answer:
        """Ask for the token."""
        return self._login(request.args.get("next", ""))

    def enter(self) -> Answer:
        """Let in who knows the token."""
        following = request.form.get("next", "")
        answer = welcome(self._guard, request.form.get("token", "").strip(), following)
        return answer or self._login(following, "That is not the token.", 401)

    def _login(self, following: str, trouble: str = "", status: int = 200) -> Answer:
        page = self._requests.text("login.html", following=following, trouble=trouble)
        return fenced(Answer(page, status, mimetype="text/html"))

    def events(self) -> Answer:
        """Tell requests as they come, as the admin's JSON (`text/event-stream`)."""
        session = self._host.session(asked())
        secrets = secrets_of(api.contract for api in self._host.apis)

        def show(entry: Entry) -> str:
            return as_line(rendered(entry, self._host, secrets))

        pieces = stream_with_context(stream(session, show))
        return Answer(pieces, mimetype="text/event-stream", headers={"Cache-Control": "no-store"})
