"""
Sessions and snapshots, as the admin shows, makes, compares and drops them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from flask import Response as Answer
from flask import request

from mockserver.behavior.act import GONE
from mockserver.behavior.clock import Clock
from mockserver.behavior.editing import shown_rows
from mockserver.behavior.looks import visible
from mockserver.behavior.store import Row
from mockserver.errors import UsageError, nearest
from mockserver.exchange import Json
from mockserver.server.admin_answers import as_json
from mockserver.server.admin_views import Refusal, Rule, Views, member, sent_object, whole
from mockserver.server.session import DEFAULT, Session
from mockserver.server.sessions import checked


class SessionViews(Views):
    """`/sessions`: list, get, fork, drop."""

    @property
    def rules(self) -> Iterable[Rule]:
        """What there is."""
        return (
            ("/sessions", "GET", self.list),
            ("/sessions", "POST", self.fork),
            ("/sessions/<name>", "GET", self.get),
            ("/sessions/<name>", "POST", self.fork),
            ("/sessions/<name>", "DELETE", self.drop),
        )

    def list(self) -> Answer:
        """List all, the default one first, and what was dropped."""
        sessions = self.host.sessions
        return as_json(
            {
                "sessions": [_session(session) for session in sessions],
                "most": sessions.most,
                "idleSeconds": sessions.idle,
                "dropped": [{"name": name, "why": why} for name, why in sessions.dropped.items()],
            }
        )

    def get(self, name: str) -> Answer:
        """Show one."""
        return as_json(_session(self._named(name)))

    def fork(self, name: str = "") -> Answer:
        """Make one that begins as another session, or a snapshot, is now."""
        body = sent_object("name", "from", "snapshot", "pinned", "seed")
        name = name or member(body, "name", str, "a name", "")
        if not name:
            raise Refusal(400, "name: the new session's name is expected.")
        source = self._named(member(body, "from", str, "a session's name", DEFAULT))
        if snapshot := member(body, "snapshot", str, "a snapshot's name", ""):
            source = _snapshot(self, snapshot)
        pinned = member(body, "pinned", bool, "true or false", False)
        seed = member(body, "seed", (str, int), "a text or a whole number", None)
        made = self.host.sessions.fork(checked(name, "name"), source, pinned=pinned)
        if seed is not None:
            made.sow(str(seed))
        return as_json(_session(made), 201)

    def drop(self, name: str) -> Answer:
        """Forget one."""
        if name == DEFAULT:
            raise Refusal(409, "The default session stays; POST /__admin/reset puts it back to its start.")
        self.host.sessions.drop(self._named(name).name)
        return as_json({})

    def _named(self, name: str) -> Session:
        found = self.host.sessions.get(name)
        if found is None:
            why = self.host.sessions.dropped.get(name, "")
            known = [session.name for session in self.host.sessions]
            said = f" It was dropped: {why}" if why else nearest(name, known)
            raise Refusal(404, f"There is no session {name!r}.{said}")
        return found


def _session(session: Session) -> Json:
    idle = time.perf_counter() - session.used if session.used else None
    return {
        "name": session.name,
        "pinned": session.pinned,
        "idleSeconds": round(idle, 1) if idle is not None else None,
        "requests": len(session.journal),
        "apis": {
            name: {"writes": world.writes, "now": world.clock.now, "seed": world.seed}
            for name, world in session.worlds.items()
        },
        "rows": session.counts,
    }


class SnapshotViews(Views):
    """`/snapshots`: save, restore, compare, forget."""

    @property
    def rules(self) -> Iterable[Rule]:
        """What there is."""
        return (
            ("/snapshots", "GET", self.list),
            ("/snapshots/<name>", "GET", self.get),
            ("/snapshots/<name>", "PUT", self.save),
            ("/snapshots/<name>", "POST", self.restore),
            ("/snapshots/<name>", "DELETE", self.delete),
            ("/snapshots/<name>/diff", "GET", self.diff),
            ("/snapshots/<name>/export", "GET", self.export),
            ("/bundle", "GET", self.bundle),
        )

    def list(self) -> Answer:
        """List all."""
        return as_json({"snapshots": [_summary(one) for one in self.host.sessions.snapshots.values()]})

    def get(self, name: str) -> Answer:
        """Show one, with all its rows."""
        found = _snapshot(self, name)
        return as_json({**_summary(found), "state": {api: _shown(found, api) for api in found.worlds}})

    def save(self, name: str) -> Answer:
        """Save the session as it is now, or what was sent: an exported snapshot, a bundle."""
        before = name in self.host.sessions.snapshots
        content = request.get_data()
        if content.startswith(b"PK"):
            return as_json(_summary(self._imported(name, content)), 200 if before else 201)
        sent_object()
        return as_json(_summary(self.host.sessions.save(name, self.session)), 200 if before else 201)

    def restore(self, name: str) -> Answer:
        """Make the session as it was."""
        found = _snapshot(self, name)
        self.session.put_back(found)
        return as_json(_summary(found))

    def export(self, name: str) -> Answer:
        """Give out a snapshot as a bundle: `mockserver serve` opens it, another server takes it by PUT."""
        return self._packed(_snapshot(self, name), 0)

    def bundle(self) -> Answer:
        """Give out the session as a bundle, with `entries` of its last requests."""
        from mockserver.server.bundles import ENTRIES

        return self._packed(self.session, whole("entries", ENTRIES))

    def _packed(self, session: Session, entries: int) -> Answer:
        from mockserver.server.bundles import pack

        answer = Answer(pack(self.host, session, entries), mimetype="application/zip")
        answer.headers["Content-Disposition"] = f'attachment; filename="{session.name}.zip"'
        return answer

    def _imported(self, name: str, content: bytes) -> Session:
        from mockserver.server.bundles import fill, world_of

        try:
            said = world_of(content, "the body")
        except UsageError as error:
            raise Refusal(400, str(error)) from None
        made = self.host.sessions.save(name, self.session)
        fill(made, said)
        made.move(Clock.rest)
        return made

    def delete(self, name: str) -> Answer:
        """Forget one."""
        self.host.sessions.forget(_snapshot(self, name).name)
        return as_json({})

    def diff(self, name: str) -> Answer:
        """Say what has changed since, or between two: `?with=OTHER`."""
        before, other = _snapshot(self, name), request.args.get("with", "")
        after = _snapshot(self, other) if other else self.session
        apis = {}
        for api in before.worlds:
            clock = [side.worlds[api].clock.now for side in (before, after)]
            changed = _changed(_seen(before, api), _seen(after, api))
            if changed or clock[0] != clock[1]:
                apis[api] = {"clock": {"from": clock[0], "to": clock[1]}, "collections": changed}
        to = other or f"the session {after.name}, now"
        return as_json({"from": name, "to": to, "same": not apis, "apis": apis})


def _snapshot(views: Views, name: str) -> Session:
    snapshots = views.host.sessions.snapshots
    if name not in snapshots:
        raise Refusal(404, f"There is no snapshot {name!r}.{nearest(name, snapshots)}")
    return snapshots[name]


def _summary(snapshot: Session) -> dict[str, Json]:
    return {
        "name": snapshot.name,
        "apis": {
            name: {
                "now": world.clock.now,
                "collections": {table: len(rows) for table, rows in _shown(snapshot, name).items()},
            }
            for name, world in snapshot.worlds.items()
        },
        "rows": snapshot.counts,
    }


def _shown(session: Session, api: str) -> dict[str, dict[str, Row]]:
    return {name: shown_rows(rows) for name, rows in session.state(api).items()}


def _seen(session: Session, api: str) -> dict[str, Json]:
    """Return the rows without bookkeeping; of what was deleted that much is left."""
    return {
        name: {key: visible(row) if GONE not in row else {"deleted": True} for key, row in rows.items()}
        for name, rows in session.state(api).items()
    }


def _changed(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, Json]:
    """Return what differs, collection by collection; those that are the same are left out."""
    found = {}
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, {}), after.get(name, {})
        changed = {
            "added": {key: row for key, row in new.items() if key not in old},
            "removed": {key: row for key, row in old.items() if key not in new},
            "changed": {
                key: _fields(old[key], row) for key, row in new.items() if key in old and old[key] != row
            },
        }
        if any(changed.values()):
            found[name] = changed
    return found


def _fields(old: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields that differ, each with what it was and is; one that is not there has no such side."""
    return {
        name: {side: row[name] for side, row in (("from", old), ("to", new)) if name in row}
        for name in dict.fromkeys((*old, *new))
        if name not in old or name not in new or old[name] != new[name]
    }
