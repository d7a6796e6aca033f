"""trackbot over HTTP: what the document prints, what it says in prose, and what it lists as errors."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

API = "trackbot"
HEADERS: dict[str, str] = {}  # the document asks for no credentials

LISTED = {
    "id": 12,
    "code": "abc123",
    "bot": 7,
    "bot_username": "mytrackbot",
    "chat": -1001234567890,
    "chat_title": "My Channel",
    "status": 0,
    "starts": 120,
    "confirms": 98,
    "unsubs": 12,
    "created": "2026-05-10 09:00:00",
}
FULL = {
    **LISTED,
    "welcome": "Join *{title}* — exclusive content inside!",
    "media": "",
    "button_text": "Get access",
    "button_url": "https://example.com/lander?click={click}",
    "pb_wait": "",
    "pb_hold": "",
    "pb_approve": "",
    "pb_cancel": "",
    "pb_trash": "",
    "unsub_window": 2592000,
}
POSTBACKS = ("pb_wait", "pb_hold", "pb_approve", "pb_cancel", "pb_trash")
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
FREE_CHAT = -1009000000001
NOBODY = 4040404


def listed(api: Any) -> dict[int, dict[str, Any]]:
    """The list, by id."""
    return {row["id"]: row for row in api.get("/api/camp/list.json").json()["data"]}


def read(api: Any, campaign: int) -> dict[str, Any]:
    """The full record."""
    answer = api.get(f"/api/camp/get.json?id={campaign}")
    assert answer.status == 200, answer
    return dict(answer.json()["data"])


def add(api: Any, **fields: Any) -> int:
    """A new campaign of bot 7; its id."""
    answer = api.post("/api/camp/add.json", form={"bot": 7, "chat": FREE_CHAT, **fields})
    assert answer.status == 200, answer
    return int(answer.json()["data"]["id"])


def edit(api: Any, campaign: int, **fields: Any) -> dict[str, Any]:
    """The record after an edit."""
    answer = api.post("/api/camp/edit.json", form={"id": campaign, **fields})
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    return read(api, campaign)


def upload(api: Any, name: str, content: bytes, kind: str) -> str:
    """The reference of an uploaded file."""
    answer = api.post("/api/media/upload.json", files={"file": (name, content, kind)})
    assert answer.status == 200, answer
    return str(answer.json()["data"]["media"])


class TestPrinted:
    def test_list(self, api: Any) -> None:
        """The printed campaign stands first in the list, field for field."""
        answer = api.get("/api/camp/list.json")
        assert answer.status == 200
        assert answer.json()["status"] == "ok"
        assert answer.json()["data"][0] == LISTED

    def test_get(self, api: Any) -> None:
        """The printed record comes back field for field, and nothing besides."""
        assert api.get("/api/camp/get.json?id=12").json() == {"status": "ok", "data": FULL}

    @pytest.mark.parametrize("kind", ["form", "json"])
    def test_add(self, api: Any, kind: str) -> None:
        """Creating the printed campaign answers the printed id and code, and then it reads as printed."""
        wanted = {key: FULL[key] for key in ("bot", "chat", "welcome", "button_text", "button_url")}
        answer = api.post("/api/camp/add.json", **{kind: wanted})
        assert (answer.status, answer.json()) == (200, {"status": "ok", "data": {"id": 12, "code": "abc123"}})
        assert read(api, 12) == {**FULL, "starts": 0, "confirms": 0, "unsubs": 0, "notify_level": 0}

    def test_edit(self, api: Any) -> None:
        """An edit answers nothing but ok."""
        answer = api.post("/api/camp/edit.json", form={"id": 12, "welcome": "Hello"})
        assert (answer.status, answer.json()) == (200, {"status": "ok"})

    @pytest.mark.parametrize(("click", "end"), [("", "{click}"), ("&click=xyz789", "xyz789")])
    def test_link(self, api: Any, click: str, end: str) -> None:
        """The link carries the click id, or the placeholder when none was passed."""
        answer = api.get(f"/api/camp/link.json?id=12{click}")
        link = f"https://t.me/mytrackbot?start=abc123-{end}"
        assert (answer.status, answer.json()) == (200, {"status": "ok", "data": {"link": link}})

    @pytest.mark.parametrize("call", ["pause", "del"])
    def test_pause_and_delete(self, api: Any, call: str) -> None:
        """Both answer nothing but ok."""
        answer = api.post(f"/api/camp/{call}.json", form={"id": 12, "pause": 1})
        assert (answer.status, answer.json()) == (200, {"status": "ok"})

    def test_upload(self, api: Any) -> None:
        """A picture in the field `file` becomes a reference that begins with img_."""
        answer = api.post("/api/media/upload.json", files={"file": ("a.gif", GIF, "image/gif")})
        assert answer.status == 200
        assert answer.json()["status"] == "ok"
        assert answer.json()["data"]["media"].startswith("img_")


class TestList:
    def test_only_what_is_not_deleted(self, api: Any) -> None:
        """Active and paused campaigns are listed, deleted ones are not, although they can be read."""
        assert {row["status"] for row in listed(api).values()} == {0, 1}
        assert read(api, 9)["status"] == 2

    def test_items_equal_their_details(self, api: Any) -> None:
        """What the list says of a campaign, its record says too."""
        for campaign, row in listed(api).items():
            record = read(api, campaign)
            assert {key: record[key] for key in row} == row

    def test_counters_make_sense(self, api: Any) -> None:
        """Nobody confirms who did not start, and nobody leaves who did not join."""
        assert all(row["starts"] >= row["confirms"] >= row["unsubs"] for row in listed(api).values())


class TestAdd:
    def test_defaults(self, api: Any) -> None:
        """Bot and chat are enough; the rest is empty, off, or the printed 30 days."""
        campaign = read(api, add(api))
        for field in ("welcome", "media", "button_text", "button_url", *POSTBACKS):
            assert campaign[field] == ""
        assert (campaign["status"], campaign["notify_level"], campaign["unsub_window"]) == (0, 0, 2592000)
        assert (campaign["starts"], campaign["confirms"], campaign["unsubs"]) == (0, 0, 0)
        assert campaign["bot_username"] == "mytrackbot"

    def test_everything_given_is_kept(self, api: Any) -> None:
        """Every parameter of the table comes back in the record, form strings as the types they stand for."""
        given = {
            "welcome": "Hi *{title}*",
            "media": "vid_def456uvw",
            "button_text": "Go",
            "button_url": "https://example.com/?c={click}",
            **{name: f"https://tracker.example.com/{name}?c={{click}}" for name in POSTBACKS},
            "unsub_window": 0,
            "notify_level": 3,
        }
        campaign = read(api, add(api, **given))
        assert {key: campaign[key] for key in given} == given

    def test_new_campaign_is_listed_and_linked(self, api: Any) -> None:
        """A campaign that was created is in the list, and its link carries its own code."""
        campaign = add(api)
        code = listed(api)[campaign]["code"]
        link = api.get(f"/api/camp/link.json?id={campaign}").json()["data"]["link"]
        assert link == f"https://t.me/mytrackbot?start={code}-{{click}}"

    def test_known_chat_has_its_title(self, api: Any) -> None:
        """The title of a chat is known to the bot; the client does not send it."""
        assert read(api, add(api, chat=-1001987654323))["chat_title"] == "Home Barista Club"

    @pytest.mark.parametrize("missing", ["bot", "chat"])
    def test_bot_and_chat_are_required(self, api: Any, missing: str) -> None:
        """Without a bot or without a chat there is nothing to track."""
        form = {"bot": 7, "chat": FREE_CHAT}
        del form[missing]
        answer = api.post("/api/camp/add.json", form=form)
        assert (answer.status, answer.json()["status"], answer.json()["error"]) == (400, "error", "invalid")
        assert missing in str(answer.json()["errors"])

    def test_client_cannot_choose_what_is_the_servers(self, api: Any) -> None:
        """An id, a status or a counter that is sent along is not taken over."""
        campaign = add(api, id=999, status=2, starts=5, code="mine")
        assert campaign != 999
        record = read(api, campaign)
        assert (record["status"], record["starts"]) == (0, 0)
        assert record["code"] != "mine"

    @pytest.mark.parametrize(
        "bad",
        [
            {"unsub_window": -1},
            {"notify_level": 4},
            {"notify_level": "all"},
            {"media": "nonsense"},
            {"chat": "x"},
        ],
    )
    def test_out_of_bounds(self, api: Any, bad: dict[str, Any]) -> None:
        """A level above 3, a negative window, or what is no media reference, creates nothing."""
        before = listed(api)
        answer = api.post("/api/camp/add.json", form={"bot": 7, "chat": FREE_CHAT, **bad})
        assert (answer.status, answer.json()["error"]) == (400, "invalid")
        assert listed(api) == before


class TestErrors:
    def test_exists(self, api: Any) -> None:
        """A chat that an active or paused campaign tracks, by whichever bot, cannot be tracked again."""
        for chat in (-1001234567890, -1001100345015):
            for bot in (7, 2):
                answer = api.post("/api/camp/add.json", form={"bot": bot, "chat": chat})
                assert (answer.status, answer.json()) == (409, {"status": "error", "error": "exists"})

    def test_exists_after_add(self, api: Any) -> None:
        """The same create twice is refused the second time."""
        add(api)
        answer = api.post("/api/camp/add.json", form={"bot": 7, "chat": FREE_CHAT})
        assert answer.json()["error"] == "exists"

    def test_nochat(self, api: Any) -> None:
        """Bot 9 has no free chat left; a bot that nobody has, has none either."""
        for bot in (9, 4711):
            answer = api.post("/api/camp/add.json", form={"bot": bot, "chat": FREE_CHAT})
            assert (answer.status, answer.json()) == (409, {"status": "error", "error": "nochat"})

    def test_limit(self, api: Any) -> None:
        """The tariff's last campaign can be created; the next cannot, until one is deleted."""
        free = 100 - len(listed(api))
        for number in range(free):
            add(api, chat=FREE_CHAT - number)
        last = {"bot": 7, "chat": FREE_CHAT - 500}
        answer = api.post("/api/camp/add.json", form=last)
        assert (answer.status, answer.json()) == (409, {"status": "error", "error": "limit"})
        api.post("/api/camp/del.json", form={"id": 12})
        assert api.post("/api/camp/add.json", form=last).status == 200

    def test_deleting_frees_the_bots_slot(self, api: Any) -> None:
        """A campaign that is deleted no longer takes one of its bot's chats, nor its chat."""
        chat = read(api, 14)["chat"]
        api.post("/api/camp/del.json", form={"id": 14})
        assert api.post("/api/camp/add.json", form={"bot": 9, "chat": chat}).status == 200

    @pytest.mark.parametrize("code", ["exists", "nochat", "limit"])
    def test_on_demand(self, api: Any, code: str) -> None:
        """Each documented error can be asked for by its own code."""
        answer = api.post(
            "/api/camp/add.json", form={"bot": 7, "chat": FREE_CHAT}, headers={"Prefer": f"example={code}"}
        )
        assert (answer.status, answer.json()) == (409, {"status": "error", "error": code})

    def test_unknown_campaign(self, api: Any) -> None:
        """Every operation on a campaign that does not exist answers so."""
        answers = [
            api.get(f"/api/camp/get.json?id={NOBODY}"),
            api.get(f"/api/camp/link.json?id={NOBODY}"),
            api.post("/api/camp/edit.json", form={"id": NOBODY, "welcome": "x"}),
            api.post("/api/camp/pause.json", form={"id": NOBODY, "pause": 1}),
            api.post("/api/camp/del.json", form={"id": NOBODY}),
        ]
        for answer in answers:
            assert (answer.status, answer.json()) == (404, {"status": "error", "error": "notfound"})

    def test_missing_id(self, api: Any) -> None:
        """Without an id the request is malformed, in the API's own words."""
        for answer in (api.get("/api/camp/get.json"), api.post("/api/camp/del.json", form={"x": 1})):
            assert answer.status == 400
            assert (answer.json()["status"], answer.json()["error"]) == ("error", "invalid")


class TestEdit:
    def test_untouched_fields_stay(self, api: Any) -> None:
        """An edit changes what it names, and nothing else."""
        before = read(api, 13)
        after = edit(api, 13, welcome="New words", unsub_window=0)
        assert after == {**before, "welcome": "New words", "unsub_window": 0}

    def test_bot_and_chat_never_change(self, api: Any) -> None:
        """They are fixed after creation, whatever is sent."""
        after = edit(api, 12, bot=2, chat=FREE_CHAT, welcome="x")
        assert (after["bot"], after["bot_username"], after["chat"]) == (7, "mytrackbot", -1001234567890)
        assert after["welcome"] == "x"

    def test_one_postback_rewrites_all_five(self, api: Any) -> None:
        """Campaign 13 has all five; after an edit with one of them, the other four are empty."""
        url = "https://tracker.example.com/only?c={click}"
        after = edit(api, 13, pb_hold=url)
        assert {name: after[name] for name in POSTBACKS} == {**dict.fromkeys(POSTBACKS, ""), "pb_hold": url}

    def test_no_postback_leaves_them(self, api: Any) -> None:
        """An edit that names none of the five leaves them alone."""
        before = read(api, 13)
        after = edit(api, 13, button_text="x")
        assert [after[name] for name in POSTBACKS] == [before[name] for name in POSTBACKS]

    def test_all_empty_inherits_again(self, api: Any) -> None:
        """Five empty templates mean the global ones."""
        after = edit(api, 13, **dict.fromkeys(POSTBACKS, ""))
        assert all(after[name] == "" for name in POSTBACKS)

    def test_media_is_set_and_removed(self, api: Any) -> None:
        """An uploaded reference is taken over; an empty one takes the media away; leaving it out keeps it."""
        media = upload(api, "a.gif", GIF, "image/gif")
        assert edit(api, 12, media=media)["media"] == media
        assert edit(api, 12, welcome="x")["media"] == media
        assert edit(api, 12, media="")["media"] == ""

    def test_reference_of_another_make(self, api: Any) -> None:
        """Nobody documents the letters of a reference; one with a dash is no reason to refuse an edit."""
        assert edit(api, 12, media="vid_new-one_2")["media"] == "vid_new-one_2"

    @pytest.mark.parametrize("level", [0, 1, 2, 3])
    def test_notify_level(self, api: Any, level: int) -> None:
        """All four levels can be set."""
        assert edit(api, 12, notify_level=level)["notify_level"] == level

    @pytest.mark.parametrize("bad", [{"notify_level": 4}, {"notify_level": -1}, {"unsub_window": -1}])
    def test_out_of_bounds(self, api: Any, bad: dict[str, int]) -> None:
        """What is out of bounds is refused, and nothing of that edit is applied."""
        answer = api.post("/api/camp/edit.json", json={"id": 12, "welcome": "x", **bad})
        assert (answer.status, answer.json()["error"]) == (400, "invalid")
        assert read(api, 12) == FULL

    def test_json_works_too(self, api: Any) -> None:
        """The document does not say how parameters travel; JSON does as well as a form."""
        assert api.post("/api/camp/edit.json", json={"id": 12, "welcome": "x"}).status == 200
        assert read(api, 12)["welcome"] == "x"


class TestLink:
    def test_click_is_encoded(self, api: Any) -> None:
        """A click id with signs that mean something in a URL stays one value."""
        click = "a b&c=d"
        link = api.get(f"/api/camp/link.json?id=12&click={quote(click)}").json()["data"]["link"]
        assert link == "https://t.me/mytrackbot?start=abc123-a%20b%26c%3Dd"

    def test_empty_click_is_none(self, api: Any) -> None:
        """`click=` without a value leaves the placeholder."""
        assert api.get("/api/camp/link.json?id=12&click=").json()["data"]["link"].endswith("abc123-{click}")


class TestPause:
    def test_pause_and_resume(self, api: Any) -> None:
        """1 makes the status 1, 0 makes it 0, and saying so twice changes nothing."""
        for pause in (1, 1, 0, 0):
            answer = api.post("/api/camp/pause.json", form={"id": 12, "pause": pause})
            assert answer.json() == {"status": "ok"}
            assert read(api, 12)["status"] == listed(api)[12]["status"] == pause

    @pytest.mark.parametrize("bad", ["2", "yes", "-1"])
    def test_only_0_and_1(self, api: Any, bad: str) -> None:
        """Any other value is refused."""
        assert api.post("/api/camp/pause.json", form={"id": 12, "pause": bad}).status == 400


class TestDelete:
    def test_soft(self, api: Any) -> None:
        """The campaign leaves the list and takes status 2; its record and its counters stay."""
        api.post("/api/camp/del.json", form={"id": 12})
        assert 12 not in listed(api)
        assert read(api, 12) == {**FULL, "status": 2}

    def test_twice(self, api: Any) -> None:
        """Deleting again changes nothing."""
        for _ in range(2):
            assert api.post("/api/camp/del.json", json={"id": 12}).json() == {"status": "ok"}

    def test_deleted_stays_deleted(self, api: Any) -> None:
        """Neither a resume nor an edit brings a deleted campaign back."""
        for answer in (
            api.post("/api/camp/pause.json", form={"id": 9, "pause": 0}),
            api.post("/api/camp/edit.json", form={"id": 9, "welcome": "x"}),
        ):
            assert (answer.status, answer.json()) == (409, {"status": "error", "error": "deleted"})
        assert read(api, 9)["status"] == 2


class TestUpload:
    @pytest.mark.parametrize(
        ("name", "kind", "prefix"),
        [("a.png", "image/png", "img_"), ("a.mp4", "video/mp4", "vid_"), ("a.webm", "video/webm", "vid_")],
    )
    def test_reference_tells_the_kind(self, api: Any, name: str, kind: str, prefix: str) -> None:
        """Pictures and videos get references that can be told apart and used at once."""
        media = upload(api, name, b"\x00\xff", kind)
        assert media.startswith(prefix)
        assert read(api, add(api, media=media))["media"] == media

    def test_two_uploads_are_two(self, api: Any) -> None:
        """Every upload has its own reference."""
        assert upload(api, "a.png", b"\x89PNG", "image/png") != upload(api, "a.png", b"\x89PNG", "image/png")

    @pytest.mark.parametrize(("name", "prefix"), [("holiday.JPG", "img_"), ("teaser.mov", "vid_")])
    def test_part_of_no_particular_type(self, api: Any, name: str, prefix: str) -> None:
        """Clients that do not know a type send application/octet-stream; the name tells it then."""
        assert upload(api, name, b"\xff", "application/octet-stream").startswith(prefix)

    @pytest.mark.parametrize(
        ("name", "prefix"), [("holiday.JPG", "img_"), ("teaser.mov", "vid_"), ("file", "img_")]
    )
    def test_untyped_part(self, api: Any, name: str, prefix: str) -> None:
        """python-requests sends a file without its type unless told; the name tells it then."""
        part = f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()
        body = b"--x\r\n" + part + b"\r\n\r\n\xff\xd8\r\n--x--\r\n"
        answer = api.post(
            "/api/media/upload.json", body=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
        )
        assert answer.status == 200, answer
        assert answer.json()["data"]["media"].startswith(prefix)

    @pytest.mark.parametrize(
        "sent",
        [
            {"file": ("a.txt", b"hello", "text/plain")},
            {"file": ("a.bin", b"hello", "application/octet-stream")},
            {"file": "hello"},
            {"file": ("a.png", b"", "image/png")},
            {"other": ("a.png", b"\x89PNG", "image/png")},
        ],
    )
    def test_neither_picture_nor_video(self, api: Any, sent: dict[str, Any]) -> None:
        """A text, or no `file` at all, is refused in the API's shape."""
        answer = api.post("/api/media/upload.json", files=sent)
        assert (answer.status, answer.json()["status"], answer.json()["error"]) == (400, "error", "invalid")
        assert answer.json()["message"]


class TestDeterminism:
    def test_fresh_servers_agree(self, serve: Any) -> None:
        """The same calls on two fresh servers give the same bytes, made-up codes among them."""

        def play(server: Any) -> list[bytes]:
            return [
                server.get("/api/camp/list.json").body,
                server.post("/api/camp/add.json", form={"bot": 7, "chat": FREE_CHAT}).body,
                server.get("/api/camp/list.json").body,
                upload(server, "a.png", b"\x89PNG", "image/png").encode(),
            ]

        assert play(serve(API, headers={})) == play(serve(API, headers={}))
