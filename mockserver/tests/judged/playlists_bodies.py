"""
What is sent of playlists and tracks, held against the document by hand.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import request

from mockserver.tests.judged.playlists_choices import Dialect
from mockserver.tests.judged.switches import Refusal, Switches

MOODS = ("calm", "happy", "loud", "sad")
Row = dict[str, Any]


class Bodies:
    """Reads bodies, and refuses them."""

    bug: Switches
    way: Dialect

    def body(self) -> Row:
        """Return the object that was sent."""
        if not request.is_json and not (request.mimetype == "text/plain" and self.bug("accepts_text")):
            if self.bug("accepts_form") and request.form:
                return request.form.to_dict()
            raise Refusal(415, "unsupported_media_type", "Send application/json.")
        try:
            sent = json.loads(request.get_data(), parse_constant=self._nothing)
        except ValueError:
            if self.bug("crash_on_bad_json"):
                raise
            raise Refusal(self.way.unreadable, "malformed", "The body is no JSON.") from None
        if not isinstance(sent, dict):
            self.wrong("body", "must be an object")
        return sent

    @staticmethod
    def _nothing(name: str) -> None:
        raise ValueError(name)

    def wrong(self, name: str, why: str) -> None:
        """Refuse."""
        raise Refusal(self.way.invalid, "invalid", f"{name} {why}")

    def text(self, sent: Row, name: str, least: int, most: int, null: bool = False) -> None:
        """Hold a text."""
        value = sent.get(name)
        if name not in sent or (value is None and null):
            return
        if not isinstance(value, str):
            if self.bug("crash_on_wrong_type"):
                raise TypeError(name)
            self.wrong(name, "must be text")
            return
        if len(value) < least and not (name == "title" and self.bug("accepts_empty_title")):
            self.wrong(name, "is too short")
        if len(value) > most and not (name == "title" and self.bug("accepts_long_title")):
            self.wrong(name, "is too long")

    def checked(self, sent: Row, partly: bool = False) -> Row:
        """Return what was sent of a playlist, checked."""
        bug = self.bug
        if partly and bug("accepts_bad_patch"):
            good = {"title": str, "mood": str, "rating": int, "public": bool, "tags": list}
            return {key: value for key, value in sent.items() if isinstance(value, good.get(key, object))}
        if not partly:
            if "title" not in sent:
                if bug("accepts_no_title"):
                    sent["title"] = f"untitled {next(self.numbers)}"
                else:
                    self.wrong("title", "is required")
            if "mood" not in sent:
                self.wrong("mood", "is required")
        elif not sent and not bug("accepts_empty_patch"):
            self.wrong("body", "is empty")
        self.text(sent, "title", 1, 60)
        self.text(sent, "description", 0, 500, null=True)
        self.text(sent, "slug", 1, 40)
        self.text(sent, "contact", 0, 320)
        if "mood" in sent and sent["mood"] not in MOODS:
            if not bug("accepts_any_mood") or not isinstance(sent["mood"], str):
                self.wrong("mood", "is none of " + ", ".join(MOODS))
            sent["mood"] = "calm"
        self._numbers(sent)
        if "slug" in sent and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", sent["slug"]):
            if not bug("accepts_bad_slug"):
                self.wrong("slug", "has other characters")
            sent["slug"] = re.sub(r"[^a-z0-9]+", "-", sent["slug"].lower()).strip("-") or "x"
        if "contact" in sent and not re.fullmatch(r"[^@\s]+@[^@\s]+", sent["contact"]):
            if not bug("accepts_bad_contact"):
                self.wrong("contact", "is no email address")
            del sent["contact"]
        self._tags(sent)
        if bug("always_public") and not partly and "public" in sent:
            sent["public"] = True
        return sent

    def _numbers(self, sent: Row) -> None:
        rating = sent.get("rating", 3)
        if isinstance(rating, str) and rating.isdigit() and self.bug("accepts_rating_as_text"):
            rating = int(rating)
        if isinstance(rating, float) and rating.is_integer():
            rating = int(rating)  # JSON Schema: 4.0 is an integer
        if not isinstance(rating, int) or isinstance(rating, bool):
            self.wrong("rating", "must be a whole number")
        if rating > 5 and self.bug("accepts_rating_above"):
            rating = 5
        if rating < 1 and self.bug("accepts_rating_below"):
            rating = 1
        if not 1 <= rating <= 5:
            self.wrong("rating", "must be 1 to 5")
        if "rating" in sent:
            sent["rating"] = rating
        if not isinstance(sent.get("public", False), bool):
            self.wrong("public", "must be true or false")

    def _tags(self, sent: Row) -> None:
        tags = sent.get("tags", [])
        if isinstance(tags, list) and self.bug("accepts_long_tag"):
            tags = sent["tags"] = [one[:20] if isinstance(one, str) else one for one in tags]
        if not isinstance(tags, list) or len(tags) > 8:
            self.wrong("tags", "must be a list of at most 8")
        if not all(isinstance(one, str) and 1 <= len(one) <= 20 for one in tags) or len({*tags}) < len(tags):
            self.wrong("tags", "must be different texts of 1 to 20 characters")

    def checked_track(self, sent: Row) -> int:
        """Hold what was sent of a track, and return its seconds."""
        bug = self.bug
        if "seconds" not in sent and bug("accepts_no_seconds"):
            sent["seconds"] = 1
        for name in ("title", "seconds"):
            if name not in sent:
                self.wrong(name, "is required")
        self.text(sent, "title", 1, 100)
        self.text(sent, "artist", 0, 100, null=True)
        seconds = sent["seconds"]
        if isinstance(seconds, float) and seconds.is_integer():
            seconds = int(seconds)
        if not isinstance(seconds, int) or isinstance(seconds, bool):
            self.wrong("seconds", "must be a whole number")
        if seconds < 1 and bug("accepts_seconds_below"):
            seconds = 1
        if not 1 <= seconds <= 7200:
            self.wrong("seconds", "must be 1 to 7200")
        return seconds
