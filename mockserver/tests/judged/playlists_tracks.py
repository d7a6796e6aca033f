"""
The tracks of a playlist.
"""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any

from flask import Response

from mockserver.tests.judged.playlists_bodies import Bodies, Row
from mockserver.tests.judged.switches import Refusal


class Tracks(Bodies):
    """Answers what is asked about tracks; the playlists themselves are found by who inherits this."""

    rows: dict[str, Row]
    tracks: dict[str, Row]
    gone: dict[str, Row]
    numbers: itertools.count[int]

    def answer(self, value: Any, status: int = 200, **headers: str) -> Response:
        """Return *value* as JSON."""
        return Response(json.dumps(value), status, headers, content_type=self.way.media)

    def mine(self, key: str, lax: str = "", deleting: bool = False) -> Row:
        """Return the caller's playlist."""
        raise NotImplementedError

    def within(self, key: str) -> Row:
        """Return the playlist whose tracks are asked for."""
        if self.bug("tracks_survive") and key in self.gone:
            return self.gone[key]
        return self.mine(key)

    def list_tracks(self, key: str) -> Response:
        """GET /v2/playlists/{key}/tracks."""
        bug = self.bug
        row = self.within(key)
        stored = [*self.tracks.values(), *(self.gone.values() if bug("track_stays") else ())]
        found = [self.track(one) for one in stored if one.get("playlist_id") == row["id"]]
        if bug("positions_swapped"):
            found[:2] = found[1::-1]
        if bug("null_title"):
            found = [{**one, "title": None} for one in found]
        return self.answer({one["id"]: one for one in found} if bug("tracks_as_object") else found)

    def track(self, row: Row) -> Row:
        """Return a track as it is answered."""
        shown = {**row, "added_at": self.way.time(row["added_at"])}
        if self.bug("track_with_extra"):
            shown["rowid"] = 1
        if self.bug("track_of_another"):
            shown["playlist_id"] = "1"
        return {name: value for name, value in shown.items() if value is not None or self.way.nulls}

    def add_track(self, key: str) -> Response:
        """POST /v2/playlists/{key}/tracks."""
        bug = self.bug
        row = self.mine(key)
        sent = self.body()
        seconds = self.checked_track(sent)
        home = next(iter(self.rows)) if bug("track_elsewhere") else row["id"]
        there = [one for one in self.tracks.values() if one["playlist_id"] == home]
        made = {
            "id": self.way.number(next(self.numbers)),
            "playlist_id": home,
            "title": sent["title"],
            "seconds": seconds,
            "artist": sent.get("artist"),
            "position": 1 + max((one["position"] for one in there), default=0),
            "added_at": datetime.now(UTC),
        }
        self.tracks[made["id"]] = made
        row["_ever"] += 1
        return self.answer(self.track(made), 201)

    def found(self, key: str, track: str) -> Row:
        """Return a track of a playlist."""
        row = self.within(key)
        found = self.tracks.get(track)
        if found is None or found["playlist_id"] != row["id"]:
            raise Refusal(404, "not_found", "There is no such track.")
        return found

    def read_track(self, key: str, track: str) -> Response:
        """GET /v2/playlists/{key}/tracks/{track}."""
        return self.answer(self.track(self.found(key, track)))

    def remove_track(self, key: str, track: str) -> Response:
        """DELETE /v2/playlists/{key}/tracks/{track}."""
        found = self.found(key, track)
        self.gone[f"track {track}"] = self.tracks.pop(found["id"])
        return Response("", 204)
