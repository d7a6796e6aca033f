"""
Requests as they come and one by one, the APIs, and their operations with what can be armed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import dropwhile
from typing import Any

from flask import Response as Answer
from flask import request, stream_with_context

from mockserver.contract.model import Operation
from mockserver.errors import MockserverError
from mockserver.server import wire
from mockserver.server.admin_requests import Secrets, secrets_of
from mockserver.server.dashboard import showing
from mockserver.server.dashboard.again import case_folder
from mockserver.server.dashboard.inside import segment
from mockserver.server.dashboard.page import Pages
from mockserver.server.dashboard.stream import stream
from mockserver.server.faults import FAULTS
from mockserver.server.host import Api, Host
from mockserver.server.journal import Entry

PAGE = 100
"""Requests that a page shows at first, and more of at a time."""


class RequestPages(Pages):
    """The journal of the session that is looked at."""

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """What there is."""
        return (
            ("/ui/requests", "GET", self.index),
            ("/ui/rows", "GET", self.rows),
            ("/ui/stream", "GET", self.stream),
            ("/ui/requests/<ident>", "GET", self.one),
            ("/ui/requests/<ident>/stub", "POST", self.stub),
        )

    def index(self) -> Answer:
        """Show the newest requests; new ones come by themselves."""
        rows, more = self._page()
        return self.page("requests.html", rows=rows, more=more, query=self._query, total=self._total)

    def rows(self) -> Answer:
        """Show older ones, as rows."""
        rows, more = self._page()
        return self.page("_rows.html", rows=rows, more=more, query=self._query)

    def stream(self) -> Answer:
        """Send rows as requests come."""
        wanted, secrets = _filter(self._query), self._secrets

        def show(entry: Entry) -> str:
            return self.text("_row.html", row=showing.row(entry, secrets), fresh=True)

        pieces = stream_with_context(stream(self.session, show, wanted))
        return Answer(pieces, mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    def one(self, ident: str) -> Answer:
        """Show one request: what was asked, answered, wrong, and why."""
        said = self.inside.get(f"/requests/{segment(ident)}")
        if not said.good:
            return self.missing(said.trouble)
        event = said.value
        asked, answered = event["request"], event["response"]
        api = next((one for one in self.host.apis if one.name == event["mock"]["api"]), None)
        files = list(api.contract.files) if api is not None else []
        violations = []
        for violation in event["mock"]["violations"]:
            spec = violation.get("spec") or {}
            lines = showing.excerpt(spec.get("file", ""), spec.get("line", 0), files)
            violations.append({**violation, "lines": lines, "spec": spec})
        near = []
        if not event["wasMatched"]:
            near = self.inside.call("POST", "/near-misses/request", asked).list("nearMisses")[:3]
        deliveries = self.inside.get("/webhooks/deliveries", cause=ident).list("deliveries")
        return self.page(
            "request.html",
            event=event,
            asked=asked,
            answered=answered,
            mock=event["mock"],
            kind=showing.kind(answered["status"]),
            asked_body=showing.pretty(asked["body"]),
            answered_body=showing.pretty(answered["body"]),
            violations=violations,
            near=near,
            deliveries=deliveries,
            curl=showing.curl(asked, request.host_url.rstrip("/") + asked["url"]),
            stub=showing.as_json(showing.stub_of(event)),
            case=showing.case_of(event),
            case_folder=case_folder(api),
        )

    def stub(self, ident: str) -> Answer:
        """Make a stub that answers such a request as it was answered."""
        said = self.inside.get(f"/requests/{segment(ident)}")
        if not said.good:
            return self.missing(said.trouble)
        made = self.inside.call("POST", "/mappings", showing.stub_of(said.value))
        return self.done(made, f"{wire.ADMIN}/ui/stubs", "stubbed")

    # What they show

    @property
    def _secrets(self) -> Secrets:
        return secrets_of(api.contract for api in self.host.apis)

    @property
    def _query(self) -> dict[str, str]:
        known = ("q", "status", "api", "wrong")
        return {name: request.args[name] for name in known if request.args.get(name)}

    @property
    def _total(self) -> int:
        return len(self.session.journal)

    def _page(self) -> tuple[list[dict[str, Any]], str]:
        """Return rows, the newest first, and where older ones are to be had, "" where there are none."""
        before = request.args.get("before", "")
        wanted = _filter(self._query)
        entries: Iterator[Entry] = reversed(list(self.session.journal))
        if before:
            entries = dropwhile(lambda entry: entry.id != before, entries)
            next(entries, None)
        found: list[Entry] = []
        for entry in entries:
            if wanted(entry):
                if len(found) == PAGE:
                    return [showing.row(one, self._secrets) for one in found], found[-1].id
                found.append(entry)
        return [showing.row(one, self._secrets) for one in found], ""


def _filter(query: Mapping[str, str]) -> Callable[[Entry], bool]:
    """Return what tells whether a request is one of those that are looked for."""
    text = query.get("q", "").lower()
    status, api, wrong = query.get("status", ""), query.get("api", ""), query.get("wrong", "")

    def wanted(entry: Entry) -> bool:
        if api and entry.api != api:
            return False
        if status and str(entry.response.status)[0] != status[0]:
            return False
        if wrong and not entry.violations:
            return False
        if not text:
            return True
        said = f"{entry.request.method} {entry.request.target} {entry.operation} {entry.source} {entry.id}"
        return text in said.lower()

    return wanted


class ApiPages(Pages):
    """What is served."""

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """What there is."""
        return (
            ("/ui/apis", "GET", self.apis),
            ("/ui/apis/<api>", "GET", self.operations),
            ("/ui/apis/<api>/operation", "GET", self.operation),
        )

    def apis(self) -> Answer:
        """List the APIs, with the addresses at which they stand."""
        return self.page("apis.html", apis=[self._summary(api) for api in self.host.apis])

    def operations(self, api: str) -> Answer:
        """List an API's operations."""
        found = self.api(api)
        if found is None:
            return self.missing(f"No API {api!r} is served.")
        rows = [
            {"id": route.id, "method": route.method, "template": route.template}
            for route in found.contract.routes
        ]
        armed = {row["which"].get("operationId") for row in self.armed() if row["which"].get("api") == api}
        cases = self.inside.get(f"/cases/{segment(api)}").list("cases")
        return self.page("api.html", api=self._summary(found), rows=rows, armed=armed, cases=cases)

    def operation(self, api: str) -> Answer:
        """Show an operation, and what its next answer can be."""
        found, ident = self.api(api), request.args.get("id", "")
        if found is None or ident not in found.contract.operations:
            near = get_close_matches(ident, found.contract.operations, n=1) if found is not None else []
            return self.missing(
                f"{api} has no operation {ident!r}.{f' Did you mean {near[0]!r}?' if near else ''}"
            )
        return self._operation(found, found.contract.operations[ident])

    def _operation(self, api: Api, operation: Operation) -> Answer:
        place = api.contract.located(operation.place)
        meant = {"api": api.name, "operationId": operation.id}
        armed = [row for row in self.armed() if row["which"] == meant]
        known = self.inside.get(f"/cases/{segment(api.name)}").list("cases")
        cases = [one for one in known if one["operation"] == operation.id]
        return self.page(
            "operation.html",
            api=self._summary(api),
            operation=operation,
            place=place,
            lines=showing.excerpt(place.file, place.line, api.contract.files),
            target=self._address(api) + _sampled(self.host, operation),
            examples=_examples(operation),
            variants=_variants(self.host, operation),
            cases=cases,
            statuses=list(operation.responses),
            faults=list(FAULTS),
            armed=armed,
        )

    def _summary(self, api: Api) -> dict[str, Any]:
        condition = self.host.conditions[api.name]
        return {
            "name": api.name,
            "title": api.contract.title,
            "version": api.contract.version,
            "openapi": api.contract.openapi,
            "count": len(api.contract.routes),
            "events": len(api.contract.webhooks),
            "address": self._address(api),
            "host": f"http://{api.name}.localhost:{request.host.rpartition(':')[2]}",
            "broken": condition.error,
            "faults": [str(fault) for fault in api.contract.faults[:20]],
        }

    def _address(self, api: Api) -> str:
        """Return where the paths of *api* begin: at the root when it is alone."""
        root = request.host_url.rstrip("/")
        return f"{root}/{segment(api.name)}" if len(self.host.apis) > 1 else root


def _sampled(host: Host, operation: Operation) -> str:
    try:
        return host.sample(operation)
    except MockserverError:
        return operation.route.template


def _examples(operation: Operation) -> list[dict[str, Any]]:
    """Return the documented examples of the answers, each with its status."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for status, promise in operation.responses.items():
        for media in promise.content.values():
            for name, example in media.examples.items():
                if name and (status, name) not in found:
                    asks = any(True for _ in operation.request_examples(name))
                    shown = {"name": name, "status": status, "summary": example.summary, "asks": asks}
                    found[status, name] = shown
    return list(found.values())


def _variants(host: Host, operation: Operation) -> tuple[str, ...]:
    try:
        return host.variants(operation)
    except MockserverError:
        return ()
