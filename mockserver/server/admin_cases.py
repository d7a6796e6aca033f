"""
Cases under /__admin/cases: list, look, arm for the next request, set their state, run.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from flask import Response as Answer
from flask import request as asked_of

from mockserver.errors import FixtureError, Unreadable, nearest
from mockserver.exchange import Json, Request, Response
from mockserver.server.admin_answers import as_json
from mockserver.server.admin_views import Refusal, Rule, Views, member, sent_object
from mockserver.server.api import Api
from mockserver.server.cases.model import Case
from mockserver.server.session import ARMED_CASES

MOST = 10_000
"""Requests for which a case can be armed."""


class CaseViews(Views):
    """What QA has written down of an API."""

    @property
    def rules(self) -> Iterable[Rule]:
        """Where the views stand."""
        return (
            ("/cases", "GET", self.listed),
            ("/cases/<api>", "GET", self.of_api),
            ("/cases/<api>/<name>", "GET", self.one),
            ("/cases/<api>/<name>/arm", "POST", self.arm),
            ("/cases/<api>/<name>/arm", "DELETE", self.disarm),
            ("/cases/<api>/<name>/set", "POST", self.set),
            ("/cases/<api>/<name>/run", "POST", self.run),
        )

    def listed(self) -> Answer:
        """List the cases of all APIs."""
        return as_json({"cases": [self._shown(api, case) for api in self._apis for case in self._all(api)]})

    def of_api(self, api: str) -> Answer:
        """List the cases of one API."""
        found = self._api(api)
        return as_json({"cases": [self._shown(found, case) for case in self._all(found)]})

    def one(self, api: str, name: str) -> Answer:
        """Show one, with the request that shows it."""
        found, case = self._case(api, name)
        from mockserver.server.cases.acting import request_of

        request = request_of(found, case)
        return as_json({**self._shown(found, case), "request": _request(request)})

    def arm(self, api: str, name: str) -> Answer:
        """Have the next request to its operation (`times`: the next ones) answered as the case says."""
        found, case = self._case(api, name)
        times = member(sent_object("times"), "times", int, "a number of requests", 1)
        if not 1 <= times <= MOST:
            raise Refusal(400, f"times: 1 to {MOST} requests are expected, found {times}.")
        with self.session.changing() as transaction:
            key = f"{found.name}/{case.operation}"
            transaction.put(ARMED_CASES, key, {"case": case.name, "times": times})
        return as_json({**self._shown(found, case)})

    def disarm(self, api: str, name: str) -> Answer:
        """Let the contract answer again."""
        found, case = self._case(api, name)
        key = f"{found.name}/{case.operation}"
        with self.session.changing() as transaction:
            armed = transaction.get(ARMED_CASES, key)
            if armed is not None and armed["case"] == case.name:  # not another one that was armed since
                transaction.delete(ARMED_CASES, key)
        return as_json({**self._shown(found, case)})

    def set(self, api: str, name: str) -> Answer:
        """Put the state of a case into the session, for all requests from now on."""
        from mockserver.server.cases.acting import set_state

        found, case = self._case(api, name)
        try:
            set_state(self.session, found, case)
        except FixtureError as error:
            raise Refusal(500, str(error)) from error
        return as_json({**self._shown(found, case)})

    def run(self, api: str, name: str) -> Answer:
        """Send the request of a case in a session aside, and say whether all is as the case says."""
        from mockserver.server.cases.acting import answered, findings, request_of

        found, case = self._case(api, name)
        session = self.session
        request = request_of(found, case)
        try:
            with session.lock:
                answer = answered(self.host, session, found, case, request)
        except FixtureError as error:
            raise Refusal(500, str(error)) from error
        wrong = findings(case, answer)
        return as_json(
            {
                **self._shown(found, case),
                "request": _request(request),
                "response": _response(answer.response or Response(500)),
                "violations": [answer.located(one) for one in answer.violations],
                "notes": list(answer.notes),
                "asItSays": not wrong,
                "findings": wrong,
            }
        )

    # What surrounds them

    @property
    def _apis(self) -> list[Api]:
        return [self._api(api.name) for api in self.host.apis]

    def _api(self, name: str) -> Api:
        found = self.api(name)
        assert isinstance(found, Api)
        return found

    def _all(self, api: Api) -> list[Case]:
        try:
            return list(api.cases.values())
        except (FixtureError, Unreadable) as error:
            raise Refusal(500, str(error)) from error

    def _case(self, api: str, name: str) -> tuple[Api, Case]:
        found = self._api(api)
        names = [case.name for case in self._all(found)]
        if name not in names:
            raise Refusal(404, f"{api} has no case {name!r}.{nearest(name, names)}")
        return found, found.cases[name]

    def _shown(self, api: Api, case: Case) -> dict[str, Json]:
        row = self.session.row(ARMED_CASES, f"{api.name}/{case.operation}")
        armed = row["times"] if row is not None and row["case"] == case.name else 0
        return {"api": api.name, **case.json(), "armed": armed}


def _request(request: Request) -> Json:
    parts = ["curl", "-i", "-X", request.method]
    for name, value in request.headers:
        if name != "host":
            parts += ["-H", shlex.quote(f"{name}: {value}")]
    if request.body:
        parts += ["--data-binary", shlex.quote(request.body.decode("utf-8", "replace"))]
    return {
        "method": request.method,
        "url": request.target,
        "headers": dict(request.headers),
        "body": request.body.decode("utf-8", "replace"),
        "curl": " ".join([*parts, shlex.quote(asked_of.host_url.rstrip("/") + request.target)]),
    }


def _response(response: Response) -> Json:
    return {
        "status": response.status,
        "headers": [[name, value] for name, value in response.headers],
        "body": response.body.decode("utf-8", "replace"),
        "fault": response.wire.fault if response.wire is not None else "",
    }
