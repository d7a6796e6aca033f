"""
The admin under /__admin: WireMock's nouns and shapes, so that its clients work, and a few nouns of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

import orjson
from flask import Blueprint, Flask, request
from flask import Response as Answer
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from mockserver import __version__
from mockserver.errors import nearest
from mockserver.server import wire
from mockserver.server.admin_answers import as_json, as_problem, asked
from mockserver.server.admin_cases import CaseViews
from mockserver.server.admin_clock import ClockViews
from mockserver.server.admin_faults import FaultViews
from mockserver.server.admin_gates import GateViews
from mockserver.server.admin_guard import Guard
from mockserver.server.admin_journal import JournalViews
from mockserver.server.admin_state import StateViews
from mockserver.server.admin_stubs import ScenarioViews, StubViews
from mockserver.server.admin_views import Refusal, Views
from mockserver.server.admin_worlds import SessionViews, SnapshotViews
from mockserver.server.bounds import Full
from mockserver.server.dashboard.entrance import looks, to_login
from mockserver.server.dashboard.views import Dashboard
from mockserver.server.health import Health
from mockserver.server.host import Api, Host
from mockserver.server.keeper import StateGone
from mockserver.server.problems import phrase
from mockserver.server.session import Session
from mockserver.server.sessions import BadSession
from mockserver.server.stubs.reading import Unfit
from mockserver.server.tally import exposed
from mockserver.server.webhooks.views import WebhookViews

GROUPS: tuple[type[Views], ...] = (
    *(SessionViews, SnapshotViews, ClockViews, StateViews, FaultViews, GateViews),
    *(JournalViews, StubViews, ScenarioViews, CaseViews),
)
"""Views that need nothing but the host."""


class Admin:
    """The views, and what they need."""

    def __init__(self, host: Host, guard: Guard, shutdown: Callable[[], None] | None) -> None:
        self._host = host
        self._guard = guard
        self._shutdown = shutdown
        self._health = Health(host, guard)
        self.paths: tuple[str, ...] = ()

    def register(self, app: Flask) -> None:
        """Give *app* the views, the guard before them, and problems for what goes wrong."""
        views = Blueprint("admin", __name__, url_prefix=wire.ADMIN)
        for rule, method, view in (
            ("/", "GET", self.index),
            ("/health", "GET", self.health),
            ("/version", "GET", self.version),
            ("/metrics", "GET", self.metrics),
            ("/reset", "POST", self.reset),
            ("/specs", "GET", self.specs),
            ("/specs/<path:name>", "GET", self.spec),
            ("/shutdown", "POST", self.shutdown),
        ):
            views.add_url_rule(rule, view_func=view, methods=[method], endpoint=f"{method} {rule}")
        for group in (each(self._host) for each in GROUPS):
            for rule, method, view in group.rules:
                views.add_url_rule(rule, view_func=view, methods=[method], endpoint=f"{method} {rule}")
        WebhookViews(lambda: self._host.office, lambda: self._session).register(views)
        self._dashboard = Dashboard(self._host, self._guard)
        for blueprint in (views, self._dashboard.blueprint()):
            blueprint.before_request(self._refuse_strangers)
            app.register_blueprint(blueprint)
        app.register_error_handler(HTTPException, self._trouble)
        app.register_error_handler(Refusal, lambda refusal: refusal.answer)
        app.register_error_handler(Unfit, lambda error: as_json(error.json(), 422))
        app.register_error_handler(StateGone, lambda error: as_problem(503, str(error)))
        app.register_error_handler(BadSession, lambda error: as_problem(error.status, str(error)))
        app.register_error_handler(Full, lambda error: as_problem(error.status, str(error)))
        self.paths = tuple(sorted({str(rule) for rule in app.url_map.iter_rules()}))

    # Views

    def index(self) -> Answer:
        """Show the dashboard; to who takes JSON and no page, say what there is."""
        accepted = request.accept_mimetypes
        if accepted["text/html"] >= accepted["application/json"]:
            return self._dashboard.front()
        return as_json(
            {"version": __version__, "apis": [api.name for api in self._host.apis], "paths": self.paths}
        )

    def health(self) -> Answer:
        """Say that requests are served (WireMock's shape)."""
        made = self._health(asked())
        return Answer(made.body, made.status, made.headers)

    def version(self) -> Answer:
        """Say the version."""
        return as_json({"version": __version__})

    def metrics(self) -> Answer:
        """Say what Prometheus asks."""
        said, kind = exposed(self._host.journal.tally, self._host.sessions, self._host.keeper.process)
        return Answer(said, content_type=kind)

    def reset(self) -> Answer:
        """Put the session's state, journal and all else back to the start."""
        self._host.reset(self._session)
        return as_json({})

    def specs(self) -> Answer:
        """List what is served, and where its contract is to be had."""
        apis = [
            {
                "name": api.name,
                "title": api.contract.title,
                "version": api.contract.version,
                "openapi": api.contract.openapi,
                "operations": len(api.contract.routes),
                "json": f"{wire.ADMIN}/specs/{api.name}.json",
                "yaml": f"{wire.ADMIN}/specs/{api.name}.yaml",
            }
            for api in self._host.apis
        ]
        return as_json({"specs": apis, "auth": self._host.options["auth"]})

    def spec(self, name: str) -> Answer:
        """Give out a contract as YAML (as its author wrote it, where it is one YAML file) or JSON."""
        api_name, dot, ending = name.rpartition(".")
        if not dot or ending not in ("json", "yaml"):
            return as_problem(404, f"{name!r}: a contract is to be had as NAME.json or NAME.yaml.")
        api = self._api(api_name)
        if api is None:
            return self._no_api(api_name)
        contract = api.contract
        if ending == "json":
            return Answer(orjson.dumps(contract.document, option=_LENIENT), mimetype="application/json")
        if contract.file.endswith((".yaml", ".yml")) and len(contract.files) == 1:
            return Answer(Path(contract.file).read_bytes(), mimetype="application/yaml")
        import yaml

        plain = orjson.loads(orjson.dumps(contract.document, option=_LENIENT))
        return Answer(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True), mimetype="application/yaml")

    def shutdown(self) -> Answer:
        """End the server, behind this answer."""
        if self._shutdown is None:
            return as_problem(501, "This server is ended by who started it.")
        self._shutdown()
        return as_json({})

    # What surrounds them

    @property
    def _session(self) -> Session:
        """The session that the request names."""
        return self._host.session(asked())

    def _refuse_strangers(self) -> Answer | None:
        """Say who may not come in; for the others, take over what other processes have done."""
        refusal = self._guard.refusal(request.method, request.path, asked().index)
        if refusal is None:
            self._host.keeper.fresh()
            return None
        if refusal[0] == 401 and looks():
            return to_login()
        answer = as_problem(*refusal)
        if refusal[0] == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="mockserver admin"'
        return answer

    def _trouble(self, error: HTTPException) -> Answer:
        """Answer what Flask refuses as a problem; an unknown path names the nearest."""
        refused = self._refuse_strangers()
        if refused is not None:
            return refused
        status = error.code or 500
        if status == 404:
            near = get_close_matches(request.path, self.paths, n=3, cutoff=0.5)
            hint = f" Did you mean {near[0]}?" if near else ""
            return as_problem(404, f"The admin has no {request.path!r}.{hint}", nearest=near)
        said = error.description or phrase(status)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            allowed = ", ".join(sorted(error.valid_methods))
            said = f"{request.path} has no {request.method}; it has {allowed}."
        answer = as_problem(status, said)
        for name, value in error.get_headers(request.environ):
            if name.lower() not in ("content-type", "content-length"):
                answer.headers[name] = value
        return answer

    def _api(self, name: str) -> Api | None:
        return next((api for api in self._host.apis if api.name == name), None)

    def _no_api(self, name: str) -> Answer:
        return as_problem(
            404, f"No API {name!r} is served.{nearest(name, [api.name for api in self._host.apis])}"
        )


_LENIENT = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_DATACLASS
