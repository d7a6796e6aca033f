"""
The playlists of `playlists.yaml`, by hand: dictionaries, ifs, and nothing of the mock's.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Flask, Response, request

from mockserver.tests.judged.playlists_choices import BUGS, DIALECTS
from mockserver.tests.judged.playlists_tracks import Row, Tracks
from mockserver.tests.judged.switches import Refusal, Switches

ACCOUNTS = {"test-token": "first", "other-token": "second"}
OPTIONAL = ("description", "slug", "contact")


def make(bugs: Iterable[str] = (), dialect: str = "flask") -> Flask:
    """Return the application, with *bugs* in it, in one of the dialects."""
    return _Playlists(Switches(BUGS, bugs), dialect).app


class _Playlists(Tracks):
    def __init__(self, bug: Switches, dialect: str) -> None:
        self.bug = bug
        self.way = DIALECTS[dialect]
        self.rows: dict[str, Row] = {}
        self.tracks: dict[str, Row] = {}
        self.gone: dict[str, Row] = {}
        self.before: dict[str, Row] = {}
        self.numbers = itertools.count(1)
        self.app = app = Flask(__name__)
        app.url_map.strict_slashes = False
        for rule, method, view in (
            ("/v2/playlists", "GET", self.list),
            ("/v2/playlists", "POST", self.create),
            ("/v2/playlists/<key>", "GET", self.read),
            ("/v2/playlists/<key>", "PUT", self.replace),
            ("/v2/playlists/<key>", "PATCH", self.change),
            ("/v2/playlists/<key>", "DELETE", self.delete),
            ("/v2/playlists/<key>/tracks", "GET", self.list_tracks),
            ("/v2/playlists/<key>/tracks", "POST", self.add_track),
            ("/v2/playlists/<key>/tracks/<track>", "GET", self.read_track),
            ("/v2/playlists/<key>/tracks/<track>", "DELETE", self.remove_track),
        ):
            app.add_url_rule(rule, view.__name__, view, methods=[method])
        app.register_error_handler(Refusal, self.refused)
        app.after_request(self.dressed)

    # ------------------------------------------------------------------ answers

    def refused(self, refusal: Refusal) -> Response:
        """Answer a refusal."""
        if refusal.status == 204:
            return Response("", 204)
        if self.bug("error_as_text"):
            return Response(refusal.code, refusal.status, content_type="text/plain")
        said = (
            {"error": refusal.code, "message": refusal.message}
            if refusal.message
            else {"error": refusal.code}
        )
        answer = self.answer(said, refusal.status)
        if refusal.status == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer realm="playlists"'
        return answer

    def dressed(self, answer: Response) -> Response:
        """Add what this dialect adds to everything."""
        answer.headers.extend(self.way.headers)
        return answer

    def shown(self, row: Row, listed: bool = False) -> Row:
        """Return a playlist as it is answered."""
        bug = self.bug
        tracks = [one for one in self.tracks.values() if one["playlist_id"] == row["id"]]
        count = len(tracks) if not bug("count_keeps") else row["_ever"]
        seconds = sum(one["seconds"] for one in tracks)
        shown: Row = {key: value for key, value in row.items() if not key.startswith("_")}
        shown["track_count"] = max(0, count - 1) if bug("count_stands") else count
        shown["total_seconds"] = seconds // 60 * 60 if bug("sum_wrong") else seconds
        for name in ("created_at", "updated_at"):
            shown[name] = self.way.time(row[name])
        if bug("time_without_zone"):
            shown["created_at"] = row["created_at"].strftime("%Y-%m-%d %H:%M:%S")
        if bug("no_rating"):
            del shown["rating"]
        if bug("count_as_text"):
            shown["track_count"] = str(shown["track_count"])
        if listed and bug("list_differs"):
            shown["rating"] = row["_rating"]
        if listed and bug("rating_zero"):
            shown["rating"] = row["rating"] - 1 if row["rating"] == 1 else 0
        if self.way.extra:
            shown["links"] = {"self": f"/v2/playlists/{row['id']}"}
        if not self.way.nulls:
            shown = {key: value for key, value in shown.items() if value is not None}
        return shown

    # ------------------------------------------------------------------ callers

    def account(self, reading: bool = False) -> str:
        """Return whose token was sent."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = ACCOUNTS.get(token.strip()) if scheme.lower() == "bearer" else None
        if known is not None:
            return known
        if self.bug("accepts_none") or (reading and self.bug("reads_open")):
            return "first"
        if token and self.bug("accepts_any_token"):
            return "first"
        raise Refusal(401, "unauthorized", "A bearer token is needed.")

    def mine(self, key: str, lax: str = "", deleting: bool = False) -> Row:
        """Return the caller's playlist."""
        account = self.account(request.method == "GET")
        row = self.rows.get(key)
        if row is None and self.bug("reads_any") and request.method == "GET":
            row = next((one for one in self.rows.values() if one["_account"] == account), None)
        if row is None and self.bug("deleted_readable") and request.method == "GET":
            row = self.gone.get(key)
        if row is None and deleting and key in self.gone:
            if self.bug("second_delete_500"):
                raise RuntimeError("no such row")
            if self.way.again == 204 and self.gone[key]["_account"] == account:
                raise Refusal(204, "")
        if row is None or (row["_account"] != account and not (lax and self.bug(lax))):
            raise Refusal(404, "not_found", "There is no such playlist.")
        return row

    def unique(self, title: str, account: str, other_than: str = "") -> None:
        """Refuse a title that is taken."""
        fold = str.lower if self.way.folded else str
        for row in self.rows.values():
            if row["_account"] == account and row["id"] != other_than and fold(row["title"]) == fold(title):
                raise Refusal(409, "title_taken", "There is a playlist of this title.")

    # ---------------------------------------------------------------- playlists

    def fields(self, sent: Row) -> Row:
        """Return the fields that a new playlist of *sent* has."""
        bug = self.bug
        row: Row = {
            "title": sent["title"],
            "mood": sent["mood"],
            "description": None if bug("description_lost") else sent.get("description"),
            "rating": sent.get("rating", 1 if bug("no_default") else 3),
            "public": sent.get("public", bug("public_by_default")),
            "slug": sent.get("slug"),
            "contact": sent.get("contact"),
            "tags": sent.get("tags", [])[: 1 if bug("tags_lost") else 8],
        }
        if self.way.slugs and row["slug"] is None:
            row["slug"] = re.sub(r"[^a-z0-9]+", "-", row["title"].lower()).strip("-")[:40].strip("-") or None
        if bug("title_trimmed") and len(row["title"]) > 20:
            row["title"] = row["title"][:-1]
        if bug("title_lowered"):
            row["title"] = row["title"].lower()
        if self.way.open:
            row.update({key: value for key, value in sent.items() if key not in row and self.foreign(key)})
        return row

    @staticmethod
    def foreign(name: str) -> bool:
        """Return whether *name* is nothing that the server says itself."""
        own = ("id", "track_count", "total_seconds", "created_at", "updated_at")
        return name not in own and not name.startswith("_")

    def create(self) -> Response:
        """POST /v2/playlists."""
        bug = self.bug
        account = self.account()
        sent = self.checked(self.body())
        row = self.fields(sent)
        now = datetime.now(UTC)
        row = {"id": self.way.number(next(self.numbers)), **row, "created_at": now, "updated_at": now}
        row.update(_account=account, _rating=row["rating"], _ever=0)
        if not bug("same_title_twice"):
            try:
                self.unique(row["title"], account)
            except Refusal:
                if bug("conflict_makes_it"):
                    self.rows[row["id"]] = row
                raise
        if not bug("lost_create"):
            self.rows[row["id"]] = row
        shown = self.shown(row)
        if bug("mood_of_nowhere"):
            shown["mood"] = shown["mood"].upper()
        key = "0" if bug("location_of_another") else row["id"]
        place = {} if bug("no_location") else {"Location": self.way.location.format(id=key)}
        return self.answer(shown, 202 if bug("created_is_202") else 201, **place)

    def list(self) -> Response:
        """GET /v2/playlists."""
        from mockserver.tests.judged.playlists_list import page_of

        return page_of(self)

    def read(self, key: str) -> Response:
        """GET /v2/playlists/{key}."""
        row = self.mine(key, "other_reads")
        if self.bug("empty_detail"):
            return Response("", 200, content_type=self.way.media)
        return self.answer(self.shown(self.before.get(key, row) if self.bug("stale_read") else row))

    def replace(self, key: str) -> Response:
        """PUT /v2/playlists/{key}."""
        if self.way.before:
            self.account()
            sent = self.checked(self.body())
            row = self.mine(key, "other_changes")
        else:
            row = self.mine(key, "other_changes")
            sent = self.checked(self.body())
        fields = self.fields(sent)
        if self.bug("put_keeps"):
            fields = {name: value for name, value in fields.items() if name in sent}
        self.unique(fields["title"], row["_account"], key)
        known = {name: value for name, value in row.items() if name.startswith("_") or not self.foreign(name)}
        fresh = {**(row if self.bug("put_keeps") else known), **fields}
        if self.bug("put_makes_another"):
            fresh["id"] = self.way.number(next(self.numbers))
        return self.kept(key, fresh, self.bug("lost_put"))

    def change(self, key: str) -> Response:
        """PATCH /v2/playlists/{key}."""
        bug = self.bug
        if self.way.before:
            self.account()
            sent = self.checked(self.body(), partly=True)
            row = self.mine(key, "other_changes")
        else:
            row = self.mine(key, "other_changes")
            sent = self.checked(self.body(), partly=True)
        known = {name: value for name, value in sent.items() if name in row or self.way.open}
        known = {name: value for name, value in known.items() if self.foreign(name)}
        if "title" in known and not bug("same_title_by_patch"):
            self.unique(known["title"], row["_account"], key)
        if bug("patch_changes_all") and "mood" in known:
            for other in self.rows.values():
                other["mood"] = known["mood"]
        fresh = {**row, **known}
        if bug("patch_loses_tracks"):
            self.tracks = {id: one for id, one in self.tracks.items() if one.get("playlist_id") != row["id"]}
        if bug("patch_resets"):
            fresh.update({name: None for name in OPTIONAL if name not in known})
            fresh.update({} if "tags" in known else {"tags": []})
        return self.kept(key, fresh, bug("lost_patch"))

    def kept(self, key: str, fresh: Row, lost: bool) -> Response:
        """Store a changed playlist, and answer it."""
        if not self.bug("updated_stands"):
            fresh["updated_at"] = datetime.now(UTC)
        if self.bug("created_moves"):
            fresh["created_at"] = fresh["updated_at"]
        if not lost:
            self.before[key] = self.rows[key]
            self.rows[fresh["id"]] = fresh
        return self.answer(self.shown(fresh))

    def delete(self, key: str) -> Response:
        """DELETE /v2/playlists/{key}."""
        row = self.mine(key, "other_deletes", deleting=True)
        self.gone[key] = self.rows.pop(key)
        if not self.bug("tracks_survive"):
            for track in [one for one in self.tracks.values() if one["playlist_id"] == key]:
                del self.tracks[track["id"]]
        if self.bug("delete_takes_all_tracks"):
            self.tracks.clear()
        if self.bug("delete_takes_neighbour"):
            own = [one for one in self.rows.values() if one["_account"] == row["_account"]]
            for other in own[-1:]:
                self.gone[other["id"]] = self.rows.pop(other["id"])
        return Response("", 204)
