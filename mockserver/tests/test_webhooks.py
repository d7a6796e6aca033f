"""What an API sends by itself: who gets it, what it says, and what happens when it is not taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.server.webhooks import addresses
from mockserver.server.webhooks.attempts import key_of
from mockserver.server.webhooks.subscriptions import of_command_line
from mockserver.tests.catcher import Catcher, catching
from mockserver.tests.client import InProcess, Server

TELEGRAM = "telegram-campaigns"
HOOKS = "/__admin/webhooks"
QUICK = {"backoff": 0.01}


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with catching() as made:
        yield made


@pytest.fixture
def telegram(in_process: Callable[..., InProcess], catcher: Catcher) -> InProcess:
    """Campaigns whose events go to the catcher."""
    return in_process(TELEGRAM, webhooks=[(TELEGRAM, f"{catcher.url}/hook")])


@pytest.fixture
def trackbot(in_process: Callable[..., InProcess]) -> InProcess:
    return in_process("trackbot")


def settled(client: Any, **filters: str) -> list[dict[str, Any]]:
    """Return the deliveries, the oldest first, when nothing is on its way any more."""
    query = "&".join(f"{name}={value}" for name, value in {"settled": "20", **filters}.items())
    said = client.get(f"{HOOKS}/deliveries?{query}").json()
    assert said["meta"]["settled"], said
    return list(reversed(said["deliveries"]))


def draft(client: Any, name: str = "Autumn") -> str:
    made = client.post("/api/v1/campaigns", json={"name": name, "type": "message"})
    assert made.status == 201, made.text
    return str(made.json()["data"]["id"])


def subscribe(client: Any, **said: Any) -> dict[str, Any]:
    made = client.post(f"{HOOKS}/subscriptions", json=said)
    assert made.status == 201, made.text
    return dict(made.json())


def pull(client: Any, event: str, **said: Any) -> dict[str, Any]:
    made = client.post(f"{HOOKS}/trigger", json={"event": event, **said})
    assert made.status == 202, made.text
    return dict(made.json())


class TestEvents:
    def test_a_life_is_told_in_order(self, telegram: InProcess, catcher: Catcher):
        """A subscriber of the command line hears all that the rules emit, in the order of the requests."""
        ident = draft(telegram)
        for step in ("execute", "pause", "resume"):
            assert telegram.post(f"/api/v1/campaigns/{ident}/{step}").status == 200
        settled(telegram)
        bodies = [json.loads(one.body) for one in catcher.caught]
        names = ["campaign.created", "campaign.started", "campaign.paused", "campaign.resumed"]
        assert [one["event"] for one in bodies] == names
        assert {one["data"]["campaignId"] for one in bodies} == {ident}
        assert [one.target for one in catcher.caught] == ["/hook"] * 4

    def test_time_tells_by_itself(self, telegram: InProcess, catcher: Catcher):
        """A run that is through is told when its time has come, though no request asks."""
        ident = draft(telegram)
        telegram.post(f"/api/v1/campaigns/{ident}/execute")
        settled(telegram)
        telegram.app.host.sessions.default.worlds[TELEGRAM].clock.advance(86_400)
        while (body := json.loads(catcher.next().body))["event"] != "campaign.completed":
            assert body["event"] in ("campaign.created", "campaign.started")
        assert body["data"]["status"] == "completed"

    def test_what_was_refused_is_not_told(self, telegram: InProcess, catcher: Catcher):
        """An operation that did not happen has no event."""
        ident = draft(telegram)
        assert telegram.post(f"/api/v1/campaigns/{ident}/pause").status == 409
        assert [one["event"] for one in settled(telegram)] == ["campaign.created"]

    def test_the_journal_says_what_was_sent(self, telegram: InProcess):
        """Who reads the request sees which delivery it has caused, and the other way."""
        draft(telegram)
        delivery = settled(telegram)[0]
        entry = telegram.get(f"/__admin/requests/{delivery['cause']}").json()
        assert any(delivery["id"] in note for note in entry["mock"]["notes"])

    def test_each_session_has_its_own(self, in_process: Callable[..., InProcess], catcher: Catcher):
        """A subscriber of one session hears nothing of another, and its log has nothing of it."""
        client = in_process(TELEGRAM)
        mine = {"Mock-Session": "mine"}
        client.post(f"{HOOKS}/subscriptions", json={"url": catcher.url}, headers=mine)
        draft(client)
        client.post("/api/v1/campaigns", json={"name": "Mine", "type": "message"}, headers=mine)
        assert json.loads(catcher.next().body)["data"]["name"] == "Mine"
        assert settled(client) == []

    def test_a_reset_keeps_the_command_line(self, telegram: InProcess, catcher: Catcher):
        """Subscriptions of the admin go with a reset; those of the command line are how it was started."""
        subscribe(telegram, url=catcher.url, events=["campaign.*"])
        telegram.post("/__admin/reset")
        left = telegram.get(f"{HOOKS}/subscriptions").json()["subscriptions"]
        assert [one["id"] for one in left] == ["cli-1"]
        assert settled(telegram) == []


class TestSubscriptions:
    def test_a_filter_is_kept(self, telegram: InProcess, catcher: Catcher):
        """Who asks for some events is not told of others; `*` stands for any text."""
        subscribe(telegram, url=f"{catcher.url}/some", events=["*.paused", "campaign.started"])
        ident = draft(telegram)
        for step in ("execute", "pause"):
            telegram.post(f"/api/v1/campaigns/{ident}/{step}")
        rows = settled(telegram, subscription="sub_1")
        assert [one["event"] for one in rows] == ["campaign.started", "campaign.paused"]

    def test_the_signature_can_be_verified(self, in_process: Callable[..., InProcess], catcher: Catcher):
        """HMAC of id, time and body under the secret, as the libraries of Standard Webhooks verify it."""
        client = in_process(TELEGRAM)
        secret = "whsec_" + base64.b64encode(b"a key that both sides know").decode()
        subscribe(client, url=catcher.url, secret=secret)
        draft(client)
        caught = catcher.next()
        proof = [caught.headers[name].encode() for name in ("webhook-id", "webhook-timestamp")]
        signed = b".".join([*proof, caught.body])
        made = hmac.new(b"a key that both sides know", signed, hashlib.sha256).digest()
        assert caught.headers["webhook-signature"] == f"v1,{base64.b64encode(made).decode()}"
        assert key_of(secret) == b"a key that both sides know"

    def test_removed(self, telegram: InProcess, catcher: Catcher):
        """A subscription that was removed is told nothing; one of the command line can be removed too."""
        made = subscribe(telegram, url=catcher.url)
        assert telegram.get(f"{HOOKS}/subscriptions/{made['id']}").json()["url"] == catcher.url
        for ident in (made["id"], "cli-1"):
            assert telegram.request("DELETE", f"{HOOKS}/subscriptions/{ident}").status == 200
            assert telegram.get(f"{HOOKS}/subscriptions/{ident}").status == 404
        draft(telegram)
        assert settled(telegram) == []

    @pytest.mark.parametrize(
        ("said", "named"),
        [
            ({"url": "ftp://127.0.0.1/x"}, "http://HOST/PATH"),
            ({"url": "http://127.0.0.1/x", "events": ["campaign.creatd"]}, "campaign.created"),
            ({"url": "http://127.0.0.1/x", "evnts": []}, "events"),
            ({"url": "http://127.0.0.1/x", "attempts": 0}, "attempts"),
            ({"url": "http://127.0.0.1/x", "order": "mixed"}, "shuffled"),
            ({"url": "http://127.0.0.1/x", "api": "telegram"}, TELEGRAM),
            ({"url": "http://127.0.0.1/x", "headers": {"a b": "c"}}, "headers"),
            ({"url": "http://127.0.0.1/x", "api": ["a"]}, "no ['a'] is served"),
            ({"url": "http://[1/x"}, "http://HOST/PATH"),
            ([], "object"),
        ],
    )
    def test_what_cannot_be_is_refused(self, telegram: InProcess, said: Any, named: str):
        """A refusal names the member, what was found and what there is."""
        made = telegram.post(f"{HOOKS}/subscriptions", json=said)
        assert made.status == 400
        assert named in made.json()["detail"]

    def test_the_command_line(self):
        """`--webhook` says what it expected; one API needs no name."""
        assert of_command_line(["http://h/x?a=b"], ["one"]) == [("one", "http://h/x?a=b")]
        assert of_command_line(["two=http://h"], ["one", "two"]) == [("two", "http://h")]
        for text, served, said in (
            ("http://h", ["one", "two"], "API=URL"),
            ("onne=http://h", ["one", "two"], "'one'"),
            ("one=h:80", ["one", "two"], "no URL"),
        ):
            with pytest.raises(UsageError, match=said):
                of_command_line([text], served)


class TestTrouble:
    def test_again_until_it_is_taken(self, in_process: Callable[..., InProcess], catcher: Catcher):
        """What was not taken is sent again under the same id, and the next message waits for it."""
        client = in_process(TELEGRAM)
        subscribe(client, url=catcher.url, **QUICK)
        catcher.answers = [500, 503]
        draft(client, "First")
        draft(client, "Second")
        rows = settled(client)
        assert [[one.get("status") for one in row["attempts"]] for row in rows] == [[500, 503, 204], [204]]
        assert [json.loads(one.body)["data"]["name"] for one in catcher.caught] == [*["First"] * 3, "Second"]
        assert len({one.headers["webhook-id"] for one in catcher.caught[:3]}) == 1

    def test_given_up(self, in_process: Callable[..., InProcess], catcher: Catcher):
        """After its attempts a delivery has failed, and says so; "410 Gone" is not asked twice."""
        client = in_process(TELEGRAM)
        subscribe(client, url=catcher.url, attempts=2, **QUICK)
        catcher.answers = [500, 500, 410]
        draft(client)
        draft(client)
        first, second = settled(client)
        assert (first["state"], len(first["attempts"])) == ("failed", 2)
        assert first["why"] == "The receiver answered 500."
        assert (second["state"], len(second["attempts"])) == ("failed", 1)
        assert "2XX, 4XX" in first["violations"][0]["detail"]

    def test_nobody_there(self, in_process: Callable[..., InProcess]):
        """A receiver that cannot be reached costs the request nothing and is told in the log."""
        client = in_process(TELEGRAM)
        with catching() as gone:
            url = gone.url
        subscribe(client, url=url, attempts=2, **QUICK)
        draft(client)
        (row,) = settled(client)
        assert row["state"] == "failed"
        assert all("Connect" in one["error"] for one in row["attempts"])

    def test_pauses_grow_and_are_repeatable(self, telegram: InProcess):
        """Each pause is about twice the one before, and the same in every run."""
        draft(telegram)
        settled(telegram)
        courier = telegram.app.host.office._courier

        class Slow:
            class how:
                backoff = 1.0

            class letter:
                ident = "msg_1"

        pauses = [courier.pause(Slow, number) for number in range(1, 9)]
        assert pauses == [courier.pause(Slow, number) for number in range(1, 9)]
        for number, pause in enumerate(pauses[:6]):
            assert 0.75 * 2**number <= pause <= 1.25 * 2**number
        assert pauses[-1] == 60

    @pytest.mark.parametrize(
        "url",
        [
            "http://192.0.2.1/x", "http://example.com/", "http://[2001:db8::1]/", "http://127.0.0.1.example.com/",
            "http://169.254.169.254/latest", "http://0.0.0.0:1/", "file:///etc/passwd", "http://2130706433/x",
        ],
    )  # fmt: skip
    def test_other_machines_are_not_called(self, url: str):
        """An address that is not loopback by its text is refused: no name is resolved to find out."""
        assert addresses.refusal(url, anywhere=False)

    def test_a_refused_address_is_said(self, in_process: Callable[..., InProcess]):
        """In the log, and on the journal entry of the request that caused it."""
        client = in_process(TELEGRAM)
        subscribe(client, url="http://192.0.2.1/hook")
        draft(client)
        (row,) = settled(client)
        assert row["state"] == "refused"
        assert "--webhooks-anywhere" in row["why"]
        entry = client.get(f"/__admin/requests/{row['cause']}").json()
        assert any("192.0.2.1 is not this machine" in note for note in entry["mock"]["notes"])
        assert addresses.refusal("http://192.0.2.1/hook", anywhere=True) == ""

    def test_what_breaks_its_contract_does_not_leave(self, telegram: InProcess, catcher: Catcher):
        """A payload is validated before it leaves; `validate: warn` sends it and says what is wrong."""
        wrong = {"data": {"status": "flying"}}
        (row,) = pull(telegram, "campaign.paused", data=wrong)["deliveries"]
        assert row["state"] == "invalid"
        assert row["violations"][0]["pointer"] == "/data/status"
        assert row["violations"][0]["spec"]["line"] > 0
        assert catcher.caught == []
        pull(telegram, "campaign.paused", data=wrong, validate="warn")
        assert json.loads(catcher.next().body)["data"]["status"] == "flying"


class TestHow:
    def test_delayed_by_the_clock(self, telegram: InProcess, catcher: Catcher):
        """A delayed message leaves when the session's clock has come so far, and not before."""
        subscribe(telegram, url=f"{catcher.url}/late", delay=3_600)
        draft(telegram)
        held = settled(telegram, subscription="sub_1")
        assert [one["state"] for one in held] == ["held"]
        assert catcher.targets == ["/hook"]
        telegram.app.host.sessions.default.worlds[TELEGRAM].clock.advance(3_600)
        assert [one["state"] for one in settled(telegram, id=held[0]["id"])] == ["delivered"]
        assert "/late" in catcher.targets

    def test_twice(self, in_process: Callable[..., InProcess], catcher: Catcher):
        """A copy has the `webhook-id` of the first, by which a receiver tells it."""
        client = in_process(TELEGRAM)
        subscribe(client, url=catcher.url, copies=2)
        draft(client)
        first, second = settled(client)
        assert second["copyOf"] == first["id"]
        assert len({one.headers["webhook-id"] for one in catcher.caught}) == 1
        assert len(catcher.caught) == 2

    def test_out_of_order(self, telegram: InProcess, catcher: Catcher):
        """Events that are triggered together can arrive the other way round."""
        names = ["campaign.created", "campaign.started", "campaign.completed"]
        said = telegram.post(f"{HOOKS}/trigger", json={"events": names, "order": "reversed"})
        assert said.status == 202, said.text
        settled(telegram)
        assert [json.loads(one.body)["event"] for one in catcher.caught] == names[::-1]

    def test_again_by_hand(self, telegram: InProcess, catcher: Catcher):
        """A delivery can be sent again as it was, under its id."""
        draft(telegram)
        (row,) = settled(telegram)
        again = telegram.post(f"{HOOKS}/deliveries/{row['id']}/redeliver")
        assert again.status == 202
        assert again.json()["redeliveryOf"] == row["id"]
        settled(telegram)
        first, second = catcher.caught
        assert first.body == second.body
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert telegram.post(f"{HOOKS}/deliveries/dlv_99/redeliver").status == 404


def camp(client: InProcess, **templates: str) -> int:
    made = client.post("/api/camp/add.json", form={"bot": 7, "chat": -1001234500000, **templates})
    assert made.status == 200, made.text
    return int(made.json()["data"]["id"])


def templates(catcher: Catcher, *events: str) -> dict[str, str]:
    return {f"pb_{event}": f"{catcher.url}/{event}?c={{click}}" for event in events}


class TestPostbacks:
    def test_a_lead_in_order(self, trackbot: InProcess, catcher: Catcher):
        """The five postbacks of a campaign arrive as the lead's life goes, with the click id filled in."""
        events = ("wait", "hold", "approve", "cancel", "trash")
        ident = camp(trackbot, **templates(catcher, *events))
        for event in events:
            pull(trackbot, event, data={"campaign": ident, "click": "a b/1"})
        settled(trackbot)
        assert [(one.method, one.target) for one in catcher.caught] == [
            ("GET", f"/{event}?c=a%20b%2F1") for event in events
        ]
        campaign = trackbot.get(f"/api/camp/get.json?id={ident}").json()["data"]
        assert (campaign["starts"], campaign["confirms"], campaign["unsubs"]) == (1, 1, 1)

    def test_one_template_silences_the_others(self, trackbot: InProcess, catcher: Catcher):
        """The override rule: with one of its own a campaign uses its own five, and an empty one is off."""
        ident = camp(trackbot, **templates(catcher, "approve"))
        for event in ("wait", "approve"):
            pull(trackbot, event, campaign=ident)
        assert [one["state"] for one in settled(trackbot)] == ["off", "delivered"]
        assert catcher.targets == ["/approve?c=xyz789"]

    def test_none_means_the_global_ones(self, trackbot: InProcess):
        """Without a template of its own a campaign's postbacks go to the account's."""
        (row,) = pull(trackbot, "approve", campaign=camp(trackbot), click="q")["deliveries"]
        assert row["request"]["url"] == "https://tracker.example.com/global?click=q&status=approve"
        assert row["state"] == "refused"

    @pytest.mark.parametrize(("window", "told"), [(600, False), (3_600, True), (0, True)])
    def test_the_unsub_window(self, trackbot: InProcess, catcher: Catcher, window: int, told: bool):
        """A leave is told within so many seconds of the join; a window of 0 never closes."""
        ident = camp(trackbot, unsub_window=str(window), **templates(catcher, "cancel"))
        pull(trackbot, "approve", campaign=ident)
        trackbot.app.host.sessions.default.worlds["trackbot"].clock.advance(3_000)
        said = pull(trackbot, "cancel", campaign=ident)
        assert [one["event"] for one in said["deliveries"]] == (["cancel"] if told else [])
        assert told or "tells nobody of cancel" in said["note"]

    def test_who_may_not(self, trackbot: InProcess):
        """A deleted campaign tracks nobody, and one that is not there is not found."""
        for ident, status in ((9, 409), (4040404, 404)):
            refused = trackbot.post(f"{HOOKS}/trigger", json={"event": "wait", "data": {"campaign": ident}})
            assert refused.status == status
        wrong = trackbot.post(f"{HOOKS}/trigger", json={"event": "wait", "data": {"campain": 1}})
        assert (wrong.status, "'campaign'" in wrong.json()["detail"]) == (400, True)

    def test_a_subscriber_hears_of_postbacks(self, trackbot: InProcess, catcher: Catcher):
        """Who subscribes to what has no body gets it in the query, or in the macros of its own address."""
        subscribe(trackbot, url=f"{catcher.url}/plain", events=["approve"])
        subscribe(trackbot, url=f"{catcher.url}/{{event}}/{{click}}", events=["approve"])
        pull(trackbot, "approve", campaign=12, click="k1")
        settled(trackbot)
        assert sorted(catcher.targets)[0] == "/approve/k1"
        assert sorted(catcher.targets)[1].startswith("/plain?event=approve&click=k1&campaign=12")


JOBS = """
openapi: 3.1.0
info: {title: Jobs, version: "1"}
paths:
  /jobs:
    post:
      operationId: startJob
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties: {name: {type: string}, callbackUrl: {type: string, format: uri}}
      responses:
        "201":
          description: Started.
          content: {application/json: {schema: {$ref: "#/components/schemas/Job"}}}
      callbacks:
        done:
          "{$request.body#/callbackUrl}?job={$response.body#/id}":
            post:
              requestBody:
                required: true
                content:
                  application/json:
                    schema:
                      type: object
                      additionalProperties: false
                      required: [id, state, name]
                      properties:
                        id: {type: integer}
                        name: {type: string}
                        state: {enum: [succeeded, failed]}
              responses: {"200": {description: Noted.}}
components:
  schemas:
    Job:
      type: object
      required: [id, name]
      properties: {id: {type: integer, minimum: 1}, name: {type: string}}
"""


@pytest.fixture
def jobs(tmp_path: Path, in_process: Callable[..., InProcess]) -> InProcess:
    file = tmp_path / "jobs.yaml"
    file.write_text(JOBS)
    return in_process(str(file))


class TestCallbacks:
    def test_sent_after_the_success(self, jobs: InProcess, catcher: Catcher):
        """The address comes from the request and the answer; the body is the contract's, about that job."""
        made = jobs.post("/jobs", json={"name": "tidy up", "callbackUrl": f"{catcher.url}/done"})
        assert made.status == 201
        caught = catcher.next()
        assert caught.target == f"/done?job={made.json()['id']}"
        body = json.loads(caught.body)
        assert (body["id"], body["name"]) == (made.json()["id"], made.json()["name"])
        assert body["state"] in ("succeeded", "failed")
        (row,) = settled(jobs)
        assert (row["event"], row["state"]) == ("done", "delivered")
        assert row["violations"][0]["detail"] == "The receiver answered 204; the contract expects 200."

    def test_sent_each_time(self, jobs: InProcess, catcher: Catcher):
        """An answer that may be given again from memory still calls back."""
        for _ in range(3):
            jobs.post("/jobs", json={"name": "x", "callbackUrl": catcher.url}, headers={"Prefer": "code=201"})
        assert len(settled(jobs)) == 3

    def test_no_address_no_callback(self, jobs: InProcess):
        """What was not asked to call back does not, and neither does a refusal."""
        assert jobs.post("/jobs", json={"name": "x"}).status == 201
        assert jobs.post("/jobs", json={"callbackUrl": "http://127.0.0.1:1/"}).status == 422
        assert settled(jobs) == []

    def test_by_hand(self, jobs: InProcess, catcher: Catcher):
        """A callback can be triggered for somebody, with what it should say."""
        pull(jobs, "done", to=f"{catcher.url}/x", data={"id": 5})
        assert json.loads(catcher.next().body)["id"] == 5
        assert "Nobody is told" in pull(jobs, "done")["note"]
        for said in ({}, {"data": {"state": "failed"}}):  # who knows what it has seen by its id wants each
            numbers = set()
            for _ in range(3):
                pull(jobs, "done", to=catcher.url, **said)
                numbers.add(json.loads(catcher.next().body)["id"])
            assert len(numbers) == 3
        assert jobs.post(f"{HOOKS}/trigger", json={"event": "dnoe"}).status == 400
        for said, named in (
            ({"api": ["a"]}, "no ['a'] is served"),
            ({"account": "frist"}, "Did you mean 'first'?"),
        ):
            wrong = jobs.post(f"{HOOKS}/trigger", json={"event": "done", **said})
            assert (wrong.status, named in wrong.json()["detail"]) == (400, True)


def test_a_state_in_a_file(serve: Callable[..., Server], catcher: Catcher, tmp_path: Path):
    """Events, time and deliveries work on a state that is kept, and shared, as on one in memory."""
    server = serve("trackbot", TELEGRAM, "--state", f"sqlite:///{tmp_path}/state.db")
    subscribe(server, api=TELEGRAM, url=f"{catcher.url}/hook", events=["campaign.completed"])
    made = server.post(f"/{TELEGRAM}/api/v1/campaigns", json={"name": "x", "type": "message"}).json()
    server.post(f"/{TELEGRAM}/api/v1/campaigns/{made['data']['id']}/execute")
    server.post("/__admin/clock", json={"advance": "1d"})
    assert {one["state"] for one in settled(server)} == {"delivered"}
    ident = server.post(
        "/trackbot/api/camp/add.json",
        form={"bot": 7, "chat": -1001234500000, **templates(catcher, "approve")},
    ).json()["data"]["id"]
    pull(server, "approve", api="trackbot", campaign=ident)
    settled(server)
    assert catcher.targets[-1] == "/approve?c=xyz789"


def test_the_start_says_what_is_not_sent(serve: Callable[..., Server]):
    """An address of another machine on the command line is told at the start, not found out in a log."""
    server = serve("trackbot", "--webhook", "trackbot=http://192.0.2.1/x")
    assert "192.0.2.1 is not this machine" in server.log()
    assert any(line.strip() == f"dashboard: {server.url}/__admin/" for line in server.lines)


def test_a_server_ends_in_time(serve: Callable[..., Server], catcher: Catcher):
    """SIGTERM does not wait for a receiver that fails again and again."""
    server = serve("telegram-campaigns", "--webhook", f"telegram-campaigns={catcher.url}")
    catcher.answers = [500] * 50
    draft(server)
    catcher.next()
    assert server.stop() == 0


class TestOfAStub:
    """WireMock's webhooks: what a stub sends when it has answered."""

    def test_sent_as_it_says(self, telegram: InProcess, catcher: Catcher):
        """The receiver gets method, fields and body, filled from request and answer; the log has it."""
        webhook = {
            "method": "PUT",
            "url": f"{catcher.url}/done/{{{{jsonPath originalRequest.body '$.id'}}}}",
            "headers": {"X-Status": "{{originalResponse.status}}"},
            "body": "{{parameters.greeting}} {{originalRequest.path}}",
            "greeting": "Hello",
        }
        stub = {
            "request": {"urlPath": "/start"},
            "response": {"status": 202},
            "serveEventListeners": [{"name": "webhook", "parameters": webhook}],
        }
        assert telegram.post("/__admin/mappings", json=stub).status == 201
        assert telegram.post("/start", json={"id": "j7"}).status == 202
        (row,) = settled(telegram, event="stub")
        assert row["state"] == "delivered"
        assert (row["request"]["method"], row["request"]["url"]) == ("PUT", f"{catcher.url}/done/j7")
        (caught,) = catcher.caught
        assert caught.body == b"Hello /start"
        assert caught.headers["x-status"] == "202"
        notes = telegram.get("/__admin/requests?limit=1").json()["requests"][0]["mock"]["notes"]
        assert any(note.startswith("sends stub to") for note in notes)
        again = telegram.post(f"{HOOKS}/deliveries/{row['id']}/redeliver")
        assert (again.status, again.json()["redeliveryOf"]) == (202, row["id"])
        settled(telegram, event="stub")
        assert [one.body for one in catcher.caught] == [b"Hello /start"] * 2

    def test_not_to_other_machines(self, telegram: InProcess):
        """A stub comes over HTTP: it must not make the mock call into a network."""
        action = {"webhook": {"url": "http://192.0.2.1/"}}
        stub = {"request": {"urlPath": "/start"}, "postServeActions": action}
        assert telegram.post("/__admin/mappings", json=stub).status == 201
        telegram.get("/start")
        (row,) = settled(telegram, event="stub")
        assert row["state"] == "refused"

    def test_a_listener_that_is_none(self, telegram: InProcess):
        """What would never be sent is refused when the stub is made."""
        for stub in (
            {"serveEventListeners": [{"name": "webhok"}]},
            {"serveEventListeners": [{"name": "webhook", "parameters": {}}]},
            {"serveEventListeners": [{"name": "webhook", "parameters": {"url": "{{#if"}}]},
        ):
            assert telegram.post("/__admin/mappings", json=stub).status == 422
