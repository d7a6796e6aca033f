"""
What the pages have in common: the session that is looked at, the frame around them, how a form ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Response as Answer
from flask import redirect, render_template, request

from mockserver import __version__
from mockserver.server.admin_guard import Guard
from mockserver.server.dashboard import showing
from mockserver.server.dashboard.entrance import fenced
from mockserver.server.dashboard.inside import Inside, Said
from mockserver.server.host import Api, Host
from mockserver.server.session import DEFAULT, Session
from mockserver.server.sessions import BadSession, checked

LOOKS_AT = "mockserver-session"
"""The cookie that says which session a browser looks at."""

NOTICES = {
    "armed": "Armed: the next request to this operation is answered so.",
    "case": "The case is written into the API's folder of cases:",
    "changed": "Done.",
    "cleared": "The journal is empty now.",
    "deleted": "Deleted.",
    "reset": "Everything in this session is back at its start.",
    "saved": "Saved.",
    "sent": "On its way.",
    "stubbed": "The stub is in place.",
}
"""What a page says after a form was carried out."""


class Pages:
    """A group of pages about *host*."""

    def __init__(self, host: Host, guard: Guard) -> None:
        self.host = host
        self.guard = guard

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """Path below /__admin, method and view of each."""
        return ()

    # What they are about

    @property
    def looked_at(self) -> str:
        """The name of the session that is looked at."""
        name = request.cookies.get(LOOKS_AT, DEFAULT)
        try:
            return checked(name)
        except BadSession:
            return DEFAULT

    @property
    def session(self) -> Session:
        """The session that is looked at."""
        return self.host.sessions.named(self.looked_at)[0]

    @property
    def inside(self) -> Inside:
        """The admin, asked for that session."""
        return Inside(self.looked_at, self.guard.token)

    def api(self, name: str) -> Api | None:
        """Return the API called *name*, None where none is."""
        return next((one for one in self.host.apis if one.name == name), None)

    def armed(self) -> list[Any]:
        """Return what is laid on requests to come."""
        return self.inside.get("/faults").list("faults")

    # How they are answered

    def text(self, template: str, **values: Any) -> str:
        """Return a template, filled."""
        return render_template(template, show=showing, **values)

    def page(self, template: str, status: int = 200, **values: Any) -> Answer:
        """Return a page, in its frame."""
        looked_at = self.looked_at
        names = [session.name for session in self.host.sessions]
        frame = {
            "apis_served": [one.name for one in self.host.apis],
            "sessions": names if looked_at in names else [*names, looked_at],
            "looked_at": looked_at,
            "version": __version__,
            "notice": NOTICES.get(request.args.get("done", ""), ""),
            "file": request.args.get("file", "") if request.args.get("done") == "case" else "",
            "secured": bool(self.guard.token),
            "path": request.path,
        }
        return fenced(Answer(self.text(template, **{**frame, **values}), status, mimetype="text/html"))

    def missing(self, detail: str, status: int = 404) -> Answer:
        """Say that there is no such thing, or that it cannot be done."""
        return self.page("trouble.html", status, detail=detail)

    def done(self, said: Said, target: str, notice: str) -> Answer:
        """Go on to *target* where that was done, else say why it was not."""
        if not said.good:
            return self.missing(said.trouble, said.status)
        joint = "&" if "?" in target else "?"
        return redirect(f"{target}{joint}done={notice}", 303)  # type: ignore[return-value]
