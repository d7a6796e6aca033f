"""
Tracked chats, by hand: forms and JSON, dictionaries and ifs, and nothing of the mock's.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from mockserver.tests.judged.switches import Refusal, Switches
from mockserver.tests.judged.tracking_choices import BUGS, DIALECTS

BOTS = {7: "mytrackbot", 8: "otherbot"}
TEMPLATES = ("pb_wait", "pb_hold", "pb_approve", "pb_cancel", "pb_trash")
TEXTS = ("welcome", "button_text", "button_url", *TEMPLATES)
Row = dict[str, Any]


def make(bugs: Iterable[str] = (), dialect: str = "plain") -> Flask:
    """Return the application, with *bugs* in it, in one of the dialects."""
    return _Tracking(Switches(BUGS, bugs), dialect).app


class _Tracking:
    def __init__(self, bug: Switches, dialect: str) -> None:
        self.bug = bug
        self.way = DIALECTS[dialect]
        self.rows: dict[int, Row] = {}
        self.numbers = itertools.count(self.way.first, self.way.step)
        self.files = itertools.count(1)
        self.reads = itertools.count(1)
        self.app = app = Flask(__name__)
        app.logger.disabled = True  # what crashes is meant to
        for path, method, view in (
            ("camp/list", "GET", self.list),
            ("camp/get", "GET", self.read),
            ("camp/add", "POST", self.add),
            ("camp/edit", "POST", self.edit),
            ("camp/link", "GET", self.link),
            ("camp/pause", "POST", self.pause),
            ("camp/del", "POST", self.delete),
            ("media/upload", "POST", self.upload),
        ):
            app.add_url_rule(f"/api/{path}.json", view.__name__, view, methods=[method])
        app.register_error_handler(Refusal, self.refused)
        app.register_error_handler(HTTPException, self.unrouted)

    # ------------------------------------------------------------------ answers

    def answer(self, said: Row, status: int = 200) -> Response:
        """Return an answer in JSON."""
        return Response(json.dumps(said), status, dict(self.way.headers), content_type=self.way.media)

    def ok(self, data: Any = None, status: int = 200) -> Response:
        """Return a good answer."""
        return self.answer({"status": "ok"} if data is None else {"status": "ok", "data": data}, status)

    def refused(self, refusal: Refusal) -> Response:
        """Answer a refusal."""
        said = {"status": "error", "error": refusal.code}
        if self.way.words:
            said["message"] = refusal.message or refusal.code
        if self.bug("error_without_word"):
            del said["error"]
        return self.answer(said, refusal.status)

    def unrouted(self, error: HTTPException) -> Response:
        """Answer what Flask itself refuses."""
        answer = self.answer({"status": "error", "error": error.name.lower()}, error.code or 500)
        allow = error.get_response().headers.get("Allow")
        if allow:
            answer.headers["Allow"] = allow
        return answer

    def wrong(self, why: str) -> None:
        """Refuse."""
        raise Refusal(self.way.invalid, "invalid", why)

    # ----------------------------------------------------------------- requests

    def said(self) -> Row:
        """Return what was sent, of a form with its numbers read."""
        if request.method == "GET":
            return dict(request.args)
        if request.mimetype == "application/json":
            sent = request.get_json(silent=True)
            if not isinstance(sent, dict):
                self.wrong("send an object")
            return dict(sent)
        if request.mimetype != "application/x-www-form-urlencoded":
            self.wrong("send a form")
        return request.form.to_dict()

    def number(self, sent: Row, name: str, least: int | None = None, most: int | None = None) -> int:
        """Return a number that was sent."""
        value = sent.get(name)
        form = request.mimetype != "application/json"
        if form and isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,19}(\.0+)?", value, re.ASCII):
            value = int(value.partition(".")[0])
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(f"{name} must be a number")
        if (least is not None and value < least) or (most is not None and value > most):
            self.wrong(f"{name} is out of bounds")
        if abs(value) >= 2**63:
            self.wrong(f"{name} is out of bounds")
        return int(value)

    def mine(self, sent: Row, changing: bool = False) -> Row:
        """Return the campaign that is meant."""
        bug = self.bug
        if "id" not in sent and changing and bug("crash_on_no_id"):
            raise KeyError("id")
        if bug("crash_on_word_id") and isinstance(sent.get("id"), str) and sent["id"].isalpha():
            raise ValueError(sent["id"])
        row = self.rows.get(self.number(sent, "id", 1))
        if row is None:
            raise Refusal(self.way.missing, "notfound")
        if row["status"] == 2 and self.way.deleted == "gone":
            raise Refusal(self.way.missing, "notfound")
        if row["status"] == 2 and changing:
            raise Refusal(self.way.conflict, "deleted")
        return row

    def fields(self, sent: Row) -> Row:
        """Return the good fields that were sent."""
        bug = self.bug
        fields: Row = {}
        for name in TEXTS:
            if name in sent:
                if not isinstance(sent[name], str):
                    self.wrong(f"{name} must be text")
                fields[name] = sent[name]
        if "media" in sent:
            media = sent["media"]
            if not isinstance(media, str) or not re.fullmatch(
                r"((img|vid)_[A-Za-z0-9_-]+)?", media, re.ASCII
            ):
                if not bug("accepts_bad_media"):
                    self.wrong("media is no reference")
                media = ""
            fields["media"] = media
        if "unsub_window" in sent:
            least = None if bug("accepts_negative_window") else 0
            fields["unsub_window"] = max(0, self.number(sent, "unsub_window", least))
            if bug("window_in_minutes"):
                fields["unsub_window"] = fields["unsub_window"] // 60 * 60
        if "notify_level" in sent:
            most = None if bug("accepts_high_level") else 3
            fields["notify_level"] = min(3, self.number(sent, "notify_level", 0, most))
        if bug("template_lost"):
            fields.pop("pb_trash", None)
        if bug("welcome_trimmed") and "welcome" in fields:
            fields["welcome"] = fields["welcome"][:20]
        if bug("button_swapped") and {"button_text", "button_url"} <= fields.keys():
            fields.update(button_text=fields["button_url"], button_url=fields["button_text"])
        return fields

    # ---------------------------------------------------------------- campaigns

    def shown(self, row: Row, listed: bool = False) -> Row:
        """Return a campaign as it is answered."""
        bug = self.bug
        created = row["created"]
        shown: Row = {
            "id": row["id"],
            "code": row["code"],
            "bot": row["bot"],
            "bot_username": BOTS[row["bot"]],
            "chat": row["chat"],
            "chat_title": f"Chat {abs(row['chat']) % 1000}",
            "status": row["status"],
            "starts": 1 if bug("counts_at_birth") else 0,
            "confirms": 0,
            "unsubs": 0,
            "created": created.strftime(
                "%Y-%m-%dT%H:%M:%SZ" if bug("created_as_iso") else "%Y-%m-%d %H:%M:%S"
            ),
        }
        if listed:
            if bug("listed_without_title"):
                del shown["chat_title"]
            if bug("chat_off"):
                shown["chat"] = abs(shown["chat"])
            return shown
        shown.update({name: row[name] for name in (*TEXTS, "media", "unsub_window")})
        if self.way.level:
            shown["notify_level"] = row["notify_level"]
        if bug("null_media"):
            shown["media"] = shown["media"] or None
        if bug("window_as_text"):
            shown["unsub_window"] = str(shown["unsub_window"])
        if bug("owner_shown"):
            shown["owner"] = "owner@example.com"
        if bug("code_changes"):
            shown["code"] += str(next(self.reads))
        return shown

    def list(self) -> Response:
        """GET /api/camp/list.json."""
        bug = self.bug
        rows = [row for row in self.rows.values() if row["status"] != 2 or bug("deleted_listed")]
        if bug("paused_not_listed"):
            rows = [row for row in rows if row["status"] != 1]
        if self.way.newest_first:
            rows.reverse()
        said = [self.shown(row, listed=True) for row in rows]
        if bug("deleted_listed"):
            said = [{**one, "status": one["status"] % 2} for one in said]
        return self.ok({one["id"]: one for one in said} if bug("list_as_object") else said)

    def read(self) -> Response:
        """GET /api/camp/get.json."""
        shown = self.shown(self.mine(self.said()))
        return self.answer({"data": shown}) if self.bug("no_status_word") else self.ok(shown)

    def add(self) -> Response:
        """POST /api/camp/add.json."""
        bug = self.bug
        sent = self.said()
        if bug("accepts_bot_as_word") and isinstance(sent.get("bot"), str) and sent["bot"].isalpha():
            sent["bot"] = 7
        if "chat" not in sent and bug("accepts_no_chat"):
            sent["chat"] = -next(self.files) - 10**9
        bot = self.number(sent, "bot", 1) if "bot" in sent and sent["bot"] != 7 else sent.get("bot")
        bot = self.number(sent, "bot", 1) if bot is None else bot
        chat = self.number(sent, "chat")
        fields = self.fields(sent)
        tracked = any(row["chat"] == chat and row["status"] != 2 for row in self.rows.values())
        if tracked and not bug("same_chat_twice"):
            raise Refusal(self.way.conflict, "exists")
        if bot not in BOTS:
            raise Refusal(self.way.conflict, "nochat")
        number = next(self.numbers)
        window = 0 if bug("window_default_zero") else 2592000
        row: Row = {
            **dict.fromkeys((*TEXTS, "media"), ""),
            "unsub_window": window,
            "notify_level": 0,
            **fields,
            "id": number,
            "code": self.way.code(number),
            "bot": bot,
            "chat": chat,
            "status": 1 if bug("paused_at_birth") else 0,
            "created": datetime.now(UTC),
        }
        if not bug("lost_add"):
            self.rows[number] = row
        said: Row = {"id": str(number) if bug("id_as_text") else number, "code": row["code"]}
        if bug("no_code"):
            del said["code"]
        return self.ok(said, 201 if bug("added_is_201") else 200)

    def edit(self) -> Response:
        """POST /api/camp/edit.json."""
        bug = self.bug
        sent = self.said()
        fields = self.fields(sent)
        if bug("unknown_edit_ok"):
            self.number(sent, "id", 1)
            if self.rows.get(int(sent["id"])) is None:
                return self.ok()
        row = self.mine(sent, changing=True)
        if any(name in fields for name in TEMPLATES) and not bug("templates_merge"):
            fields = {**dict.fromkeys(TEMPLATES, ""), **fields}
        if bug("edit_resets"):
            fields = {"welcome": "", "button_text": "", **fields}
        if bug("media_stays") and not fields.get("media"):
            fields.pop("media", None)
        if bug("edit_changes_all") and "button_text" in fields:
            for other in self.rows.values():
                other["button_text"] = fields["button_text"]
        if bug("edit_changes_chat") and "welcome" in fields:
            row["chat"] -= 1
        if not bug("lost_edit"):
            row.update(fields)
        return self.ok()

    def link(self) -> Response:
        """GET /api/camp/link.json."""
        bug = self.bug
        sent = self.said()
        row = self.mine(sent)
        if bug("code_of_another"):
            row = list(self.rows.values())[-1]
        click = "{click}" if not sent.get("click") or bug("click_ignored") else quote(sent["click"], safe="")
        if bug("click_lowered") and click != "{click}":
            click = click.lower()
        scheme = "" if bug("link_without_scheme") else "https://"
        return self.ok({"link": f"{scheme}t.me/{BOTS[row['bot']]}?start={row['code']}-{click}"})

    def pause(self) -> Response:
        """POST /api/camp/pause.json."""
        bug = self.bug
        sent = self.said()
        if bug("accepts_no_pause"):
            sent.setdefault("pause", 1)
        pause = self.number(sent, "pause", 0, 2 if bug("accepts_pause_of_two") else 1)
        row = self.mine(sent, changing=True)
        if not bug("lost_pause") and not (pause == 0 and bug("resume_ignored")):
            row["status"] = min(pause, 1)
        return self.ok({"status": row["status"]}) if bug("paused_says_state") else self.ok()

    def delete(self) -> Response:
        """POST /api/camp/del.json."""
        bug = self.bug
        sent = self.said()
        number = self.number(sent, "id", 1)
        row = self.rows.get(number)
        if row is None and bug("unknown_delete_ok"):
            return self.ok()
        if row is None or (row["status"] == 2 and not self.way.again):
            raise Refusal(self.way.missing, "notfound")
        if bug("lost_delete"):
            return self.ok()
        row["status"] = 2
        if bug("delete_takes_neighbour"):
            for other in [one for one in self.rows.values() if one["status"] != 2][-1:]:
                other["status"] = 2
        return self.ok()

    def upload(self) -> Response:
        """POST /api/media/upload.json."""
        file = request.files.get("file")
        data = file.read() if file is not None else b""
        kind = (file.mimetype or "").partition("/")[0] if file is not None else ""
        name = (file.filename or "").lower() if file is not None else ""
        if kind not in ("image", "video"):
            kind = "image" if name.endswith((".gif", ".png", ".jpg", ".jpeg", ".webp")) else kind
            kind = "video" if name.endswith((".mp4", ".mov", ".webm")) else kind
        if not (data and kind in ("image", "video")):
            if not (file is None and self.bug("accepts_no_file")):
                self.wrong("send a picture or a video")
            kind = "image"
        prefix = "" if self.bug("media_without_kind") else "img_" if kind == "image" else "vid_"
        return self.ok({"media": f"{prefix}f{next(self.files)}x"})
