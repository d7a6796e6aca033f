"""
Stubs, scenarios, settings and body files under /__admin, JSON for JSON as WireMock has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Response as Answer
from flask import request

from mockserver.errors import UsageError, nearest
from mockserver.exchange import Json, dumps
from mockserver.server.admin_answers import as_json, as_problem
from mockserver.server.admin_views import Rule, Views, whole
from mockserver.server.session import Session
from mockserver.server.stubs.reading import Doc, Unfit, parsed
from mockserver.server.stubs.tables import SCENARIOS, SETTINGS, STUBS

if TYPE_CHECKING:
    from mockserver.server.stubs.bench import Bench
    from mockserver.server.stubs.matchers import Matcher

_NO_FOLDER = "There is no folder to write to: start with `mockserver serve --stubs DIR`."


class _Stubs(Views):
    @property
    def _bench(self) -> Bench:
        return self.host.stubs.bench


class StubViews(_Stubs):
    """Stub mappings, and the files that they answer with."""

    @property
    def rules(self) -> Iterable[Rule]:
        """Return where the views stand."""
        return (
            ("/mappings", "GET", self.listed),
            ("/mappings", "POST", self.create),
            ("/mappings", "DELETE", self.clear),
            ("/mappings/reset", "POST", self.reset),
            ("/mappings/save", "POST", self.save),
            ("/mappings/import", "POST", self.bring_in),
            ("/mappings/remove", "POST", self.remove_alike),
            ("/mappings/edit", "POST", self.edit_by_body),
            ("/mappings/find-by-metadata", "POST", self.find_by_metadata),
            ("/mappings/remove-by-metadata", "POST", self.remove_by_metadata),
            ("/mappings/unmatched", "GET", self.unmatched),
            ("/mappings/unmatched", "DELETE", self.remove_unmatched),
            ("/mappings/<ident>", "GET", self.one),
            ("/mappings/<ident>", "PUT", self.edit),
            ("/mappings/<ident>", "DELETE", self.remove),
            ("/files", "GET", self.files),
            ("/files/<path:name>", "GET", self.file),
            ("/files/<path:name>", "PUT", self.write_file),
            ("/files/<path:name>", "DELETE", self.remove_file),
        )

    def listed(self) -> Answer:
        """List the stubs, the newest first; `limit` and `offset`."""
        rows = _rows(self.session)
        offset, limit = whole("offset", 0), whole("limit", len(rows))
        return as_json({"mappings": rows[offset : offset + limit], "meta": {"total": len(rows)}})

    def create(self) -> Answer:
        """Add a stub."""
        return as_json(self._bench.add(self.session, parsed(request.get_data())), 201)

    def one(self, ident: str) -> Answer:
        """Show a stub."""
        row = self.session.row(STUBS, ident)
        return as_json(row) if row is not None else self._no_stub(ident)

    def edit(self, ident: str) -> Answer:
        """Put another stub in the place of one."""
        session = self.session
        if session.row(STUBS, ident) is None:
            return self._no_stub(ident)
        return as_json(self._bench.add(session, parsed(request.get_data()), ident=ident))

    def edit_by_body(self) -> Answer:
        """Put a stub in the place of the one that has its id (WireMock 1's way)."""
        value = parsed(request.get_data())
        doc = Doc(value)
        return self.edit(doc.text("id") or doc.text("uuid") or "")

    def remove(self, ident: str) -> Answer:
        """Take a stub away."""
        session = self.session
        if session.row(STUBS, ident) is None:
            return self._no_stub(ident)
        self._bench.remove(session, [ident])
        return as_json({})

    def remove_alike(self) -> Answer:
        """Take away the stub with the id of the one that is sent, or with its request."""
        session = self.session
        doc = Doc(parsed(request.get_data()))
        ident = doc.text("id") or doc.text("uuid")
        rows = _rows(session)
        found = [row["id"] for row in rows if row["id"] == ident]
        if not found:
            found = [row["id"] for row in rows if row["request"] == doc.value.get("request")][:1]
        self._bench.remove(session, found)
        return as_json({})

    def clear(self) -> Answer:
        """Take all stubs away."""
        session = self.session
        self._bench.remove(session, [row["id"] for row in _rows(session)])
        _restart(session)
        return as_json({})

    def reset(self) -> Answer:
        """Put the stubs back to those of the folder."""
        session = self.session
        try:
            self._bench.load(session)
        except UsageError as error:
            return as_problem(500, str(error))
        _restart(session)
        return as_json({})

    def save(self) -> Answer:
        """Write all stubs to the folder."""
        if self._bench.folder.root is None:
            return as_problem(409, _NO_FOLDER)
        self._bench.save_all(self.session)
        return as_json({})

    def bring_in(self) -> Answer:
        """Add several stubs at once; `importOptions` says what happens to those that are there."""
        session = self.session
        doc = Doc(parsed(request.get_data()))
        doc.only(("mappings", "importOptions", "meta"))
        options = doc.doc("importOptions") or Doc({}, doc.at("importOptions"))
        options.only(("duplicatePolicy", "deleteAllNotInImport"))
        policy = options.text("duplicatePolicy") or "OVERWRITE"
        if policy not in ("OVERWRITE", "IGNORE"):
            raise options.unfit("duplicatePolicy", f"{policy!r}: expected OVERWRITE or IGNORE")
        overwrite, alone = policy == "OVERWRITE", options.flag("deleteAllNotInImport")
        self._bench.bring_in(session, doc.list("mappings"), overwrite=overwrite, alone=alone)
        return as_json({})

    def find_by_metadata(self) -> Answer:
        """List the stubs whose metadata fit a matcher."""
        rows = self._by_metadata(self.session)
        return as_json({"mappings": rows, "meta": {"total": len(rows)}})

    def remove_by_metadata(self) -> Answer:
        """Take away the stubs whose metadata fit a matcher."""
        session = self.session
        rows = self._by_metadata(session)
        self._bench.remove(session, [row["id"] for row in rows])
        return as_json({"mappings": rows, "meta": {"total": len(rows)}})

    def unmatched(self) -> Answer:
        """List the stubs that have answered nothing the journal knows of."""
        rows = _unused(self.session)
        return as_json({"mappings": rows, "meta": {"total": len(rows)}})

    def remove_unmatched(self) -> Answer:
        """Take these away."""
        session = self.session
        self._bench.remove(session, [row["id"] for row in _unused(session)])
        return as_json({})

    # Files

    def files(self) -> Answer:
        """List the body files."""
        return as_json(self._bench.folder.bodies())

    def file(self, name: str) -> Answer:
        """Show a body file."""
        folder = self._bench.folder
        if folder.root is None or not folder.body(name).is_file():
            return as_problem(404, f"There is no body file {name!r}.{nearest(name, folder.bodies())}")
        return Answer(folder.read(name), mimetype="application/octet-stream")

    def write_file(self, name: str) -> Answer:
        """Write a body file."""
        folder = self._bench.folder
        if folder.root is None:
            return as_problem(409, _NO_FOLDER)
        folder.write(folder.body(name), request.get_data())
        return as_json({})

    def remove_file(self, name: str) -> Answer:
        """Delete a body file."""
        folder = self._bench.folder
        if folder.root is None or not folder.body(name).is_file():
            return as_problem(404, f"There is no body file {name!r}.{nearest(name, folder.bodies())}")
        folder.body(name).unlink()
        return as_json({})

    # What surrounds them

    def _by_metadata(self, session: Session) -> list[Json]:
        from mockserver.server.stubs.bench import clock_of

        wanted = _matcher()
        now = clock_of(session)
        return [
            row
            for row in _rows(session)
            if "metadata" in row and wanted.fits(dumps(row["metadata"]).decode(), now)
        ]

    def _no_stub(self, ident: str) -> Answer:
        known = [str(row["id"]) for row in _rows(self.session)]
        return as_problem(404, f"There is no stub {ident!r}.{nearest(ident, known)}")


class ScenarioViews(_Stubs):
    """Scenarios, and the settings of the whole session."""

    @property
    def rules(self) -> Iterable[Rule]:
        """Return where the views stand."""
        return (
            ("/scenarios", "GET", self.listed),
            ("/scenarios/reset", "POST", self.reset),
            ("/scenarios/<path:name>/state", "PUT", self.set_state),
            ("/settings", "GET", self.settings),
            ("/settings", "POST", self.set_settings),
            ("/settings", "PUT", self.set_settings),
        )

    def listed(self) -> Answer:
        """List the scenarios with their states."""
        session = self.session
        made = []
        for name, state in self._bench.states(session).items():
            rows = [row for row in reversed(_rows(session)) if row.get("scenarioName") == name]
            made.append(
                {
                    "id": name,
                    "name": name,
                    "state": state,
                    "possibleStates": _possible(rows),
                    "mappings": rows,
                }
            )
        return as_json({"scenarios": made})

    def reset(self) -> Answer:
        """Put all scenarios back to the state in which they began."""
        _restart(self.session)
        return as_json({})

    def set_state(self, name: str) -> Answer:
        """Put a scenario into a state; without one, back to its start."""
        session = self.session
        states = self._bench.states(session)
        if name not in states:
            return as_problem(404, f"Scenario {name} does not exist.{nearest(name, states)}")
        body = request.get_data()
        doc = Doc(parsed(body) if body.strip() else {})
        doc.only(("state",))
        state = doc.text("state")
        possible = _possible([row for row in _rows(session) if row.get("scenarioName") == name])
        if state is not None and state not in possible:
            said = f"Scenario {name} does not support state {state}; it has {', '.join(possible)}."
            raise Unfit("/state", said + nearest(state, possible))
        with session.changing() as transaction:
            if state is None:
                transaction.delete(SCENARIOS, name)
            else:
                transaction.put(SCENARIOS, name, {"state": state})
        return as_json({})

    def settings(self) -> Answer:
        """Show the delays of every answer."""
        return as_json({"settings": self.session.row(SETTINGS, "global") or {}})

    def set_settings(self) -> Answer:
        """Set the delays of every answer; what is not named is off."""
        from mockserver.server.stubs.delays import delays

        session = self.session
        doc = Doc(parsed(request.get_data()))
        doc.only(("fixedDelay", "delayDistribution", "extended", "proxyPassThrough"))
        delays(doc, "fixedDelay")
        kept = {key: value for key, value in doc.value.items() if value is not None}
        with session.changing() as transaction:
            transaction.put(SETTINGS, "global", kept)
        return as_json(kept)


def _rows(session: Session) -> list[Json]:
    """Return the stubs' rows, the newest first."""
    return [row for _, row in reversed(session.rows(STUBS))]


def _unused(session: Session) -> list[Json]:
    used = {entry.stub["id"] for entry in session.journal if entry.stub is not None}
    return [row for row in _rows(session) if row["id"] not in used]


def _possible(rows: list[Json]) -> list[str]:
    """Return the states that the stubs of a scenario name, and that in which it begins."""
    named = [row.get(key) for row in rows for key in ("requiredScenarioState", "newScenarioState")]
    return list(dict.fromkeys(["Started", *(str(name) for name in named if name)]))


def _restart(session: Session) -> None:
    with session.changing() as transaction:
        for name, _ in session.rows(SCENARIOS):
            transaction.delete(SCENARIOS, name)


def _matcher() -> Matcher:
    from mockserver.server.stubs.registry import matcher

    return matcher(parsed(request.get_data()), "")
