"""The dashboard's pages, as an HTTP client sees them; what needs a browser is in test_browser.py."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver.contract.locate import Located
from mockserver.server.admin_guard import Guard
from mockserver.server.app import MockApp
from mockserver.server.cases.load import load_case
from mockserver.server.cases.saving import folder_to_write
from mockserver.server.dashboard import showing
from mockserver.server.dashboard.stream import stream
from mockserver.tests.client import Client, InProcess, Server
from mockserver.tests.costs import cost
from mockserver.tests.lending import lending

HTML = {"Accept": "text/html", "Authorization": None}
FORM = {"HX-Request": "true", "Authorization": None}
PAGES = (
    "/__admin/", "/__admin/ui/apis", "/__admin/ui/apis/trackbot",
    "/__admin/ui/apis/trackbot/operation?id=addCampaign", "/__admin/ui/state",
    "/__admin/ui/state/rows?api=trackbot&collection=campaigns",
    "/__admin/ui/state/row?api=trackbot&collection=campaigns&key=12",
    "/__admin/ui/state/row?api=trackbot&collection=campaigns", "/__admin/ui/stubs", "/__admin/ui/bench",
    "/__admin/ui/webhooks", "/__admin/ui/webhooks?event=trackbot+wait", "/__admin/ui/sessions",
    "/__admin/ui/replay", "/__admin/docs", "/__admin/docs/trackbot",
)  # fmt: skip


@pytest.fixture
def trackbot(in_process: Callable[..., InProcess]) -> InProcess:
    return in_process("trackbot")


def do(client: Any, what: str, **fields: str) -> Any:
    """Send a form of the dashboard."""
    return client.post("/__admin/ui/do", form={"_do": what, **fields}, headers=FORM)


class TestPages:
    @pytest.mark.parametrize("path", PAGES)
    def test_each_is_fenced_in(self, trackbot: InProcess, path: str):
        """No page may run an inline script, load from elsewhere, or be framed."""
        answer = trackbot.get(path, headers=HTML)
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        page = answer.text
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", page)
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
        assert "<html lang=" in page
        assert "<title>" in page

    def test_the_front(self, trackbot: InProcess):
        """`/__admin` leads to the dashboard; who takes JSON alone is told what there is."""
        assert trackbot.get("/__admin", headers=HTML).status == 308
        assert "text/html" in trackbot.get("/__admin/", headers={"Accept": "*/*"}).headers["Content-Type"]
        listed = trackbot.get("/__admin/", headers={"Accept": "application/json"}).json()
        assert "/__admin/requests" in listed["paths"]

    def test_what_came_cannot_run(self, trackbot: InProcess):
        """Hostile paths, headers and bodies stand as text, in lists, pages and the stream."""
        evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
        trackbot.post(
            f"/api/camp/add.json?q={evil.replace(' ', '%20')}",
            json={"bot": evil, "chat": "'\"><svg onload=alert(3)>"},
            headers={"X-Evil": evil},
        )
        entry = next(iter(trackbot.app.host.journal))
        pages = [
            trackbot.get(path, headers=HTML).text
            for path in ("/__admin/", f"/__admin/ui/requests/{entry.id}")
        ]
        for page in pages:
            assert "<script>alert" not in page
            assert "<img" not in page
            assert "<svg onload" not in page
        assert "&lt;script&gt;alert(1)" in pages[1]

    def test_a_request_explains_itself(self, trackbot: InProcess):
        """Its page shows the broken rule in the contract's own lines, and a command to repeat it."""
        trackbot.get("/api/camp/link.json?id=twelve")
        entry = next(iter(trackbot.app.host.journal))
        page = trackbot.get(f"/__admin/ui/requests/{entry.id}", headers=HTML).text
        assert re.search(r'class="line meant"><span class="no">\d+</span>\s+type: integer', page)
        assert "curl -i" in page
        assert "operation: getCampaignLink" in page
        assert trackbot.get("/__admin/ui/requests/nope", headers=HTML).status == 404

    def test_a_thousand_requests(self, trackbot: InProcess):
        """A full journal is shown a page of it at a time, and costs what that page costs."""

        def fill(numbers: range) -> float:
            for number in numbers:
                trackbot.app.host.journal.add(*_exchange(f"/x/{number}"), time.perf_counter())
            return cost(lambda: trackbot.get("/__admin/", headers=HTML))

        few = fill(range(100))
        assert fill(range(100, 1_000)) < 4 * few
        page = trackbot.get("/__admin/", headers=HTML).text
        assert page.count('class="what"') == 100
        last = re.findall(r'data-id="([^"]+)"', page)[-1]
        older = trackbot.get(f"/__admin/ui/rows?before={last}", headers=HTML).text
        assert "/x/899" in older
        assert "/x/901" not in older
        found = trackbot.get("/__admin/?q=/x/77&status=4xx", headers=HTML).text
        assert found.count('class="what"') == 11

    def test_an_excerpt_shows_no_other_file(self, tmp_path: Any):
        """Only files of the contract are read, whatever a violation names."""
        secret = tmp_path / "secret.txt"
        secret.write_text("a\nb\n")
        assert showing.excerpt(str(secret), 1, []) == []
        assert [line.text for line in showing.excerpt(str(secret), 2, [str(secret)])] == ["a", "b"]


def _exchange(path: str) -> tuple[Any, Any]:
    from mockserver.exchange import Request, Response

    return Request("GET", path), Response(404, [], b"{}")


class TestForms:
    def test_done_goes_on(self, trackbot: InProcess):
        """A form that was carried out leads on; the admin is what has carried it out."""
        said = do(trackbot, "DELETE /requests", _next="/__admin/", _notice="cleared")
        assert said.headers["HX-Redirect"] == "/__admin/?done=cleared"
        plain = trackbot.post(
            "/__admin/ui/do", form={"_do": "DELETE /requests"}, headers={"Authorization": None}
        )
        assert (plain.status, plain.headers["Location"]) == (303, "/__admin/?done=changed")

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "//evil.example", "/elsewhere", "/__admin/\\x"]
    )
    def test_nowhere_else(self, trackbot: InProcess, target: str):
        """A form leads nowhere but into the dashboard."""
        said = do(trackbot, "DELETE /requests", _next=target)
        assert said.headers["HX-Redirect"].startswith("/__admin/?")

    def test_what_is_refused_is_said_in_place(self, trackbot: InProcess):
        """A row that breaks its contract is not saved, and each rule is named where it was edited."""
        path = "/__admin/state/trackbot/campaigns/12"
        row = trackbot.get(path).json()
        said = do(trackbot, "PUT /state/trackbot/campaigns/12", json=json.dumps({**row, "status": 9}))
        assert said.status == 200
        assert "HX-Redirect" not in said.headers
        assert "/status" in said.text
        assert 'role="alert"' in said.text
        assert trackbot.get(path).json()["status"] == row["status"]
        broken = do(trackbot, "PUT /state/trackbot/campaigns/12", json='{\n "id": 12,}')
        assert "line 2, column" in broken.text
        good = do(trackbot, "PUT /state/trackbot/campaigns/12", json=json.dumps({**row, "status": 1}))
        assert "HX-Redirect" in good.headers
        assert trackbot.get(path).json()["status"] == 1

    def test_only_the_admin_is_done(self, trackbot: InProcess):
        """A form can do what the admin can, and nothing else."""
        for what in ("POST http://evil.example/", "CONNECT /x", ""):
            assert trackbot.post("/__admin/ui/do", form={"_do": what}, headers=HTML).status == 400
        assert "has no" in do(trackbot, "POST /nothing/{name}", name="../x").text

    def test_another_session(self, trackbot: InProcess):
        """Which session is looked at is a matter of the browser, and decides what forms act on."""
        chosen = trackbot.post("/__admin/ui/look", form={"session": "mine"}, headers={"Authorization": None})
        cookie = chosen.headers["Set-Cookie"]
        assert "SameSite=Strict" in cookie
        looks = {**FORM, "Cookie": cookie.partition(";")[0]}
        form = {"_do": "POST /faults", "prefer": "code=200"}
        trackbot.post("/__admin/ui/do", form=form, headers=looks)
        assert trackbot.get("/__admin/faults", headers={"Mock-Session": "mine"}).json()["faults"]
        assert trackbot.get("/__admin/faults").json()["faults"] == []
        assert (
            trackbot.post("/__admin/ui/look", form={"session": "a b"}, headers=FORM).text.count("alert") == 1
        )


class TestTurning:
    def test_into_a_stub(self, trackbot: InProcess):
        """A request becomes a stub that gives its answer again, whatever happens to the state."""
        first = trackbot.get("/api/camp/link.json?id=12&click=a%20b")
        entry = next(iter(trackbot.app.host.journal))
        made = trackbot.post(f"/__admin/ui/requests/{entry.id}/stub", headers=HTML)
        assert (made.status, made.headers["Location"]) == (303, "/__admin/ui/stubs?done=stubbed")
        again = trackbot.get("/api/camp/link.json?id=12&click=a%20b")
        assert "Matched-Stub-Id" in again.headers
        assert again.body == first.body
        assert "Matched-Stub-Id" not in trackbot.get("/api/camp/link.json?id=13").headers
        assert "link.json" in trackbot.get("/__admin/ui/stubs", headers=HTML).text

    def test_near_misses_are_shown(self, trackbot: InProcess):
        """A request that nothing was there for shows the stub that nearly fitted, and how it differs."""
        stub = {
            "name": "Later",
            "request": {"method": "GET", "urlPath": "/later"},
            "response": {"status": 200},
        }
        trackbot.post("/__admin/mappings", json=stub)
        trackbot.get("/latter")
        entry = next(iter(trackbot.app.host.journal))
        page = trackbot.get(f"/__admin/ui/requests/{entry.id}", headers=HTML).text
        assert "Near misses" in page
        assert "URL does not match" in page

    def test_into_a_case(self, trackbot: InProcess, tmp_path: Path):
        """A request becomes a file for the API's cases: what is sent, what comes, and what it breaks."""
        trackbot.post("/api/camp/pause.json", form={"id": 12, "pause": 5})
        entry = next(iter(trackbot.app.host.journal))
        made = trackbot.get(f"/__admin/ui/requests/{entry.id}/case", headers=HTML)
        assert 'filename="pauseCampaign-400.yaml"' in made.headers["Content-Disposition"]
        file = tmp_path / "paused-five-times.yaml"
        file.write_text(made.text)
        case = load_case(file, trackbot.app.host.apis[0].contract)
        assert (case.send.target, case.send.body) == ("/api/camp/pause.json", b"id=12&pause=5")
        assert case.status == 400
        assert [one.json() for one in case.breaks] == [{"in": "body", "pointer": "/pause", "keyword": "enum"}]

    def test_a_case_is_written_where_it_belongs(self, in_process: Callable[..., InProcess], tmp_path: Path):
        """The file stands beside the other cases, and is there to be asked for; none is overwritten."""
        client = in_process(str(lending(tmp_path).file.parent))
        client.get("/books/bk_nowhere")
        entry = next(iter(client.app.host.journal))
        page = client.get(f"/__admin/ui/requests/{entry.id}", headers=HTML).text
        assert f'action="/__admin/ui/requests/{entry.id}/case"' in page
        names = []
        for _ in range(2):
            made = client.post(f"/__admin/ui/requests/{entry.id}/case", headers=HTML)
            assert made.status == 303
            names.append(re.search(r"file=([^&]+)", made.headers["Location"])[1])
            assert names[-1] in client.get(made.headers["Location"], headers=HTML).text
        assert names == ["getBook-404.yaml", "getBook-404-2.yaml"]
        listed = client.get("/__admin/cases/lending").json()["cases"]
        assert {"getBook-404", "getBook-404-2"} <= {one["name"] for one in listed}

    def test_nor_into_what_is_installed(self, tmp_path: Path):
        """A package's own folder, and that of a bundle, are nobody's to write: there it is a download."""
        for name in ("site-packages/x", "x"):
            (tmp_path / name).mkdir(parents=True)
            located = Located("x", tmp_path / "x.yaml", fixtures_dir=tmp_path / name)
            assert (folder_to_write(located) is None) is (name != "x")
        with TemporaryDirectory(prefix="mockserver-") as folder:
            assert folder_to_write(Located("x", tmp_path / "x.yaml", fixtures_dir=Path(folder))) is None
        assert folder_to_write(Located("x", tmp_path / "x.yaml")) is None

    def test_an_answer_again(self, trackbot: InProcess):
        """By its id, as it was sent; its body as a file, byte for byte; what is gone is said."""
        seen = trackbot.get("/api/camp/link.json?id=12")
        ident = seen.headers["Mock-Id"]
        page = trackbot.get(f"/__admin/ui/replay?id={ident}", headers=HTML)
        assert page.status == 200
        assert f"Mock-Id: {ident}" in page.text
        assert "https://t.me/mytrackbot" in page.text
        assert trackbot.get(f"/__admin/ui/replay/{ident}/body", headers=HTML).body == seen.body
        assert (
            f"/__admin/ui/replay?id={ident}"
            in trackbot.get(f"/__admin/ui/requests/{ident}", headers=HTML).text
        )
        gone = trackbot.get("/__admin/ui/replay?id=nothing", headers=HTML)
        assert gone.status == 200  # the page is there; a browser would complain of it
        assert "No journal has an answer" in gone.text
        bundle = trackbot.get("/__admin/ui/bundle", headers=HTML)
        assert bundle.body.startswith(b"PK")
        assert 'filename="default.zip"' in bundle.headers["Content-Disposition"]

    def test_cases_are_there_to_arm(self, trackbot: InProcess):
        """An operation lists its cases; one that is armed answers the next request, and says so before."""
        target = "/__admin/ui/apis/trackbot/operation?id=listCampaigns"
        assert "cut-off" in trackbot.get(target, headers=HTML).text
        assert do(trackbot, "POST /cases/trackbot/cut-off/arm").headers["HX-Redirect"]
        page = trackbot.get(target, headers=HTML).text
        assert "DELETE /cases/trackbot/cut-off/arm" in page
        assert "cut-off" in trackbot.get("/__admin/ui/apis/trackbot", headers=HTML).text


class TestArming:
    def test_the_next_request(self, trackbot: InProcess):
        """The next answer is as it was armed, the one after it as usual; the page says what waits."""
        fields = {
            "api": "trackbot",
            "operationId": "addCampaign",
            "prefer": "example=nochat",
            "times:int": "1",
        }
        assert do(trackbot, "POST /faults", **fields).headers["HX-Redirect"]
        target = "/__admin/ui/apis/trackbot/operation?id=addCampaign"
        assert "the next request: <code>example=nochat</code>" in _joined(
            trackbot.get(target, headers=HTML).text
        )
        form = {"bot": 7, "chat": -1001234567999}
        assert trackbot.post("/api/camp/add.json", form=form).json() == {"status": "error", "error": "nochat"}
        assert trackbot.post("/api/camp/add.json", form=form).status == 200
        assert "Armed" not in trackbot.get(target, headers=HTML).text


def _joined(text: str) -> str:
    return " ".join(re.sub(r"</?strong>", "", text).split())


def test_gates(trackbot: InProcess):
    """A gate is put up by a form, and the page says what it holds."""
    made = do(trackbot, "POST /gates", name="second", operationId="listCampaigns", path="")
    assert made.headers["HX-Redirect"], made.text
    page = trackbot.get("/__admin/ui/bench", headers=HTML).text
    assert "POST /gates/second/release" in page
    assert "nobody" in page
    assert "no operation is called" in do(trackbot, "POST /gates", name="x", operationId="listCampains").text


class TestStream:
    def test_what_comes_is_told(self, trackbot: InProcess):
        """An event for each request, as it comes; quiet ones are passed over, a dropped session ends it."""
        session, _ = trackbot.app.host.sessions.named("s")
        events = stream(
            session, lambda entry: f"{entry.request.path}\n{entry.number}", lambda e: "x" in e.request.path
        )
        assert "event: open" in next(events)
        session.journal.add(*_exchange("/quiet"), time.perf_counter())
        session.journal.add(*_exchange("/x"), time.perf_counter())
        assert next(events).endswith("event: request\ndata: /x\ndata: 2\n\n")
        trackbot.app.host.sessions.drop("s")
        session.journal.add(*_exchange("/x"), time.perf_counter())
        events.close()
        assert session.journal.watchers == ()

    def test_over_http(self, serve: Callable[..., Server]):
        """`/__admin/events` is a stream of server-sent events, and does not keep the server from ending."""
        import http.client

        server = serve("trackbot", "--quiet")
        host = server.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.request("GET", "/__admin/events")
        answer = connection.getresponse()
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        while b"event: open" not in answer.readline():
            pass
        Client(server.url).get("/api/camp/list.json")
        line = b""
        while not line.startswith(b'data: {"id"'):
            line = answer.readline()
        assert json.loads(line.removeprefix(b"data: "))["request"]["url"] == "/api/camp/list.json"
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 3.5
        answer.close()
        connection.close()


@pytest.fixture
def guarded(in_process: Callable[..., InProcess]) -> Client:
    made = in_process("trackbot")
    return InProcess(MockApp(made.app.host, guard=Guard("s3cret")), {})


class TestLogin:
    def test_a_browser_is_led_to_it(self, guarded: Client):
        """Who looks without the token finds the login, and comes back to where it wanted to go."""
        first = guarded.get("/__admin/ui/state", headers={"Accept": "text/html"})
        assert first.status == 303
        assert first.headers["Location"] == "/__admin/login?" + urlencode({"next": "/__admin/ui/state"})
        assert guarded.get("/__admin/requests").status == 401
        assert guarded.get("/__admin/login").status == 200
        assert guarded.get("/__admin/static/dashboard.css").status == 200
        entered = guarded.post("/__admin/login", form={"token": "s3cret", "next": "/__admin/ui/state"})
        cookie = entered.headers["Set-Cookie"]
        assert entered.headers["Location"] == "/__admin/ui/state"
        assert {"HttpOnly", "SameSite=Strict", "Path=/__admin"} <= set(cookie.split("; "))
        assert "s3cret" not in cookie
        inside = {"Cookie": cookie.partition(";")[0], "Accept": "text/html"}
        assert guarded.get("/__admin/ui/state", headers=inside).status == 200

    def test_a_wrong_token(self, guarded: Client):
        """Is not let in, nor is a cookie that was made up; a login leads nowhere else."""
        assert guarded.post("/__admin/login", form={"token": "s3cre"}).status == 401
        made_up = {"Cookie": "mockserver-admin=s3cret"}
        assert guarded.get("/__admin/requests", headers=made_up).status == 401
        away = guarded.post("/__admin/login", form={"token": "s3cret", "next": "https://evil.example/"})
        assert away.headers["Location"] == "/__admin/"

    def test_other_sites_stay_out(self, guarded: Client):
        """A page of another origin cannot send a form, whatever cookies the browser has."""
        cookie = {"Cookie": f"mockserver-admin={Guard('s3cret').proof}"}
        cross = {**cookie, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        assert guarded.post("/__admin/ui/do", form={"_do": "POST /reset"}, headers=cross).status == 403
        assert guarded.post("/__admin/login", form={"token": "s3cret"}, headers=cross).status == 403
