"""
Stubs at work, asked over HTTP: which one answers, what it sends, where it is kept.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.tests.client import Client, InProcess, Server
from mockserver.tests.stand_in import read_all

LINK = "/api/camp/link.json?id=12"
"""An operation that the contract has."""


@pytest.fixture
def mock(in_process: Callable[..., InProcess]) -> InProcess:
    return in_process("trackbot")


def stub(client: Client | InProcess, request: Any, response: Any, **members: Any) -> dict[str, Any]:
    """Add a stub, and return it as it was taken."""
    made = {"request": request, "response": response, **members}
    answer = client.post("/__admin/mappings", json=made)
    assert answer.status == 201, answer.text
    return answer.json()


def last(client: Client | InProcess) -> dict[str, Any]:
    """The newest entry of the journal."""
    (event,) = client.get("/__admin/requests?limit=1").json()["requests"]
    return event


SLOW = "(a|aa)+$"
"""Backtracks for ever on what `TEXT` is, and is given up after a tenth of a second."""
TEXT = "a" * 5_000 + "!"


class TestWhatTheyMayTake:
    """One server answers many clients: what one stub does is time that the others wait."""

    def test_a_template(self, mock: InProcess):
        """A loop around what is slow is stopped, and says so."""
        loop = "{{#each (range 1 300)}}{{regexExtract request.body 'SLOW' default='-'}}{{/each}}"
        loop = loop.replace("SLOW", SLOW)
        stub(mock, {"urlPath": "/slow"}, {"body": loop, "transformers": ["response-template"]})
        answer = mock.post("/slow", json=TEXT)
        assert answer.status == 500
        assert "more than 1 s" in answer.json()["detail"]

    def test_a_path(self, mock: InProcess):
        """A path that goes everywhere from everywhere is stopped in the middle."""
        path = "{{jsonPath request.body '$..*..*..*'}}"
        stub(mock, {"urlPath": "/far"}, {"body": path, "transformers": ["response-template"]})
        answer = mock.post("/far", json=[{"b": [1] * 10}] * 20_000)
        assert "more than 1 s" in answer.json()["detail"]

    def test_a_pattern_in_a_path(self, mock: InProcess):
        """The functions of JSONPath match within the same bounds as all patterns."""
        for function, pattern in (("match", "(a|aa)+b"), ("search", "^(a|aa)+$")):
            path = {"matchesJsonPath": f"$[?{function}(@, '{pattern}')]"}
            stub(mock, {"urlPath": "/path", "bodyPatterns": [path]}, {"status": 202})
        assert mock.post("/path", json=[TEXT]).status == 404
        assert mock.post("/path", json=["aab"]).status == 202
        assert mock.post("/path", json=["a"]).status == 202

    @pytest.mark.parametrize(
        "pattern", ["((a{1000}){1000}){1000}", "(" * 500 + "a" + ")" * 500, "a|" * 50_000]
    )
    def test_a_pattern_that_is_larger_than_it_looks(self, mock: InProcess, pattern: str):
        """Repetitions are written out where they are compiled: three of them fill all memory there is."""
        made = {"request": {"urlPathPattern": pattern}, "response": {}}
        answer = mock.post("/__admin/mappings", json=made)
        assert answer.status == 422
        assert "regular expression" in answer.text

    def test_a_search_in_the_journal(self, mock: InProcess):
        """What would hold a pattern against all requests for minutes says that it does not."""
        for _ in range(60):
            mock.get(f"/{'a' * 3_000}!")
        answer = mock.post("/__admin/requests/find", json={"urlPathPattern": "(/|a|aa)+$"})
        assert answer.status == 422
        assert "more than 1 s" in answer.text

    @pytest.mark.parametrize("status", [99, 100, 101, 199, 1000])
    def test_no_answer(self, mock: InProcess, status: int):
        """A client that is sent 100 waits for the answer, for ever."""
        made = {"request": {"urlPath": "/x"}, "response": {"status": status}}
        assert mock.post("/__admin/mappings", json=made).status == 422

    def test_many_patterns(self, mock: InProcess):
        """A hundred stubs that each take their tenth of a second do not take ten together."""
        for number in range(100):
            pattern = {"matches": f".{SLOW}|{number}"}
            stub(mock, {"urlPath": "/api/x", "bodyPatterns": [pattern]}, {"body": "slow"})
        assert mock.post("/api/x", json=TEXT).status == 404
        assert "more than 1 s" in str(last(mock))


class TestWhichOneAnswers:
    def test_it_wins_over_the_contract_and_moves_nothing(self, mock: InProcess):
        """A test puts an answer in the place of one operation's; what is remembered is as before."""
        stub(mock, {"method": "POST", "urlPath": "/api/camp/del.json"}, {"jsonBody": {"status": "ok"}})
        assert mock.post("/api/camp/del.json", form={"id": 12}).json() == {"status": "ok"}
        assert mock.get("/api/camp/get.json?id=12").json()["data"]["id"] == 12

    def test_priority_then_the_newest(self, mock: InProcess):
        """WireMock's order: 1 is looked at first, of those alike the one that was added last."""
        stub(mock, {"urlPathPattern": "/api/.*"}, {"body": "any"}, priority=5)
        stub(mock, {"urlPath": "/api/x"}, {"body": "first"}, priority=1)
        stub(mock, {"urlPath": "/api/y"}, {"body": "old"})
        newest = stub(mock, {"urlPath": "/api/y"}, {"body": "new"})
        stub(mock, {"urlPath": "/api/x"}, {"body": "last, but not first"})
        assert [mock.get(f"/api/{name}").text for name in "xyz"] == ["first", "new", "any"]
        mock.delete(f"/__admin/mappings/{newest['id']}")
        assert mock.get("/api/y").text == "old"

    def test_an_edit_keeps_its_place(self, mock: InProcess):
        """A stub that is changed must not come before those that were added after it."""
        first = stub(mock, {"urlPath": "/y"}, {"body": "old"})
        stub(mock, {"urlPath": "/y"}, {"body": "new"})
        edited = {"request": {"urlPath": "/y"}, "response": {"body": "edited"}}
        assert mock.put(f"/__admin/mappings/{first['id']}", json=edited).json()["id"] == first["id"]
        assert mock.get("/y").text == "new"
        assert mock.put("/__admin/mappings/nobody", json=edited).status == 404

    def test_each_session_has_its_own(self, mock: InProcess):
        """Tests that run side by side must not get each other's stubs; those of all come along."""
        stub(mock, {"urlPath": "/shared"}, {"body": "shared"})
        own = {"request": {"urlPath": "/own"}, "response": {"body": "own"}}
        mock.post("/__admin/mappings", json=own, headers={"Mock-Session": "a"})
        assert mock.get("/own", headers={"Mock-Session": "a"}).text == "own"
        assert mock.get("/shared", headers={"Mock-Session": "a"}).text == "shared"
        assert mock.get("/own").status == 404
        assert mock.get("/own", headers={"Mock-Session": "b"}).status == 404

    def test_an_answer_that_was_kept_gives_way(self, mock: InProcess):
        """The same request was answered by the contract before: that answer must not come back."""
        assert [mock.get(LINK).json()["status"] for _ in range(2)] == ["ok", "ok"]
        made = stub(mock, {"url": LINK}, {"status": 503})
        assert mock.get(LINK).status == 503
        mock.delete(f"/__admin/mappings/{made['id']}")
        assert mock.get(LINK).json()["status"] == "ok"

    def test_reset_takes_them_away(self, mock: InProcess):
        """The next test begins with a clean server."""
        stub(mock, {"url": LINK}, {"status": 503})
        mock.post("/__admin/reset")
        assert mock.get(LINK).status == 200
        assert mock.get("/__admin/mappings").json() == {"mappings": [], "meta": {"total": 0}}


class TestWhatItSays:
    def test_what_breaks_the_contract_is_served_and_marked(self, mock: InProcess):
        """A wrong answer on purpose is what a tester wants; nobody must take it for the contract's."""
        stub(mock, {"url": LINK}, {"jsonBody": {"status": "ok", "data": {"link": 7}}}, name="broken link")
        answer = mock.get(LINK)
        assert (answer.status, answer.json()["data"]["link"]) == (200, 7)
        assert answer.headers["Mock-Source"] == "rule"
        assert answer.headers["Mock-Violations"] == "1"
        assert answer.headers["Matched-Stub-Name"] == "broken link"
        event = last(mock)
        (violation,) = event["mock"]["violations"]
        assert (violation["pointer"], violation["keyword"]) == ("/data/link", "type")
        assert violation["spec"]["line"] > 1
        assert event["stubMapping"]["name"] == "broken link"
        assert event["wasMatched"] is True
        assert any("breaks the contract" in note for note in event["mock"]["notes"])

    def test_what_holds_it_is_not(self, mock: InProcess):
        """A good answer carries no mark."""
        stub(mock, {"url": LINK}, {"jsonBody": mock.get(LINK).json()})
        assert "Mock-Violations" not in mock.get(LINK).headers

    def test_on_a_path_that_no_contract_has(self, mock: InProcess):
        """Another service of the page under test is stubbed here as well, and pages may read it."""
        stub(mock, {"urlPath": "/elsewhere/v2"}, {"status": 201, "headers": {"X-A": ["1", "2"]}, "body": "é"})
        answer = mock.get("/elsewhere/v2", headers={"Origin": "http://localhost:3000"})
        assert (answer.status, answer.text) == (201, "é")
        assert answer.headers.get_all("X-A") == ["1", "2"]
        assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert "X-A" in answer.headers["Access-Control-Expose-Headers"]

    @pytest.mark.parametrize(
        ("response", "body"),
        [
            ({"body": "text"}, b"text"),
            ({"jsonBody": {"a": [1, None]}}, b'{"a":[1,null]}'),
            ({"base64Body": "/wA="}, b"\xff\x00"),
            ({}, b""),
        ],
    )
    def test_bodies(self, mock: InProcess, response: Any, body: bytes):
        """Each way to write a body gives these bytes."""
        stub(mock, {"urlPath": "/b"}, response)
        assert mock.get("/b").body == body

    def test_templates(self, mock: InProcess):
        """Header fields and bodies are filled, and chance repeats after a reset."""
        template = "{{request.path.id}} {{jsonPath request.body '$.a'}} {{randomValue type='UUID'}} {{now}}"
        response = {
            "body": template,
            "headers": {"Location": "/things/{{request.query.n}}"},
            "transformers": ["response-template"],
        }
        said = []
        for _ in range(2):
            stub(mock, {"urlPathTemplate": "/t/{id}"}, response)
            answer = mock.post("/t/7?n=9", json={"a": "x"})
            said.append(answer.text)
            assert answer.headers["Location"] == "/things/9"
            mock.post("/__admin/reset")
        assert said[0] == said[1]
        assert said[0].startswith("7 x ")
        assert said[0].endswith("Z")

    def test_a_template_that_cannot_be_filled(self, mock: InProcess):
        """The mock says which stub, which line and why; it must not look like the API's own trouble."""
        stub(
            mock,
            {"urlPath": "/t"},
            {"body": "{{trimm 'x'}}", "transformers": ["response-template"]},
            name="T",
        )
        answer = mock.get("/t")
        assert answer.status == 500
        assert answer.headers["Mock-Source"] == "mock"
        assert "'T'" in answer.json()["detail"]
        assert "Did you mean 'trim'?" in answer.json()["detail"]

    def test_delays(self, mock: InProcess):
        """A stub's own delay, else that of all answers, which the contract's have as well."""
        mock.post("/__admin/settings", json={"fixedDelay": 4})
        stub(mock, {"urlPath": "/own"}, {"fixedDelayMilliseconds": 7})
        uniform = {"type": "uniform", "lower": 1, "upper": 3}
        stub(mock, {"urlPath": "/drawn"}, {"fixedDelayMilliseconds": 0, "delayDistribution": uniform})
        delays = []
        for target in ("/own", "/drawn", LINK):
            mock.get(target)
            delays.append(last(mock)["timing"]["addedDelay"])
        assert delays[0] == 7
        assert 1 <= delays[1] <= 3
        assert delays[2] == 4

    def test_a_delay_beyond_all_numbers(self, mock: InProcess):
        """A distribution so wide that a draw has no number takes as long as it may at the most."""
        wide = {"type": "lognormal", "median": 1, "sigma": 500_000, "maxValue": 3}
        stub(mock, {"urlPath": "/wide"}, {"delayDistribution": wide})
        for _ in range(10):
            assert mock.get("/wide").status == 200
            assert last(mock)["timing"]["addedDelay"] in (0, 3)

    def test_what_is_no_date(self, mock: InProcess):
        """A request that a condition cannot be held against does not fit; it does not fail."""
        last_of_all = {"before": "now +1 days", "truncateActual": "first day of next year"}
        stub(mock, {"urlPath": "/d", "queryParameters": {"x": last_of_all}}, {})
        assert mock.get("/d?x=9999-12-31T00:00:00Z").status == 404


@pytest.mark.parametrize(
    ("made", "pointer", "said"),
    [
        ({"requst": {}}, "/requst", "Did you mean 'request'?"),
        ({"response": {"stat": 200}}, "/response/stat", "Did you mean 'status'?"),
        ({"response": {"status": "200"}}, "/response/status", "whole number"),
        ({"response": {"status": 99}}, "/response/status", "from 200 to 999"),
        ({"response": {"body": "x", "jsonBody": {}}}, "/response/jsonBody", "Only one of"),
        ({"response": {"base64Body": "?"}}, "/response/base64Body", "base64"),
        ({"response": {"fault": "RESET"}}, "/response/fault", "CONNECTION_RESET_BY_PEER"),
        ({"response": {"transformers": ["mine"]}}, "/response/transformers", "no transformer 'mine'"),
        (
            {"response": {"delayDistribution": {"type": "normal"}}},
            "/response/delayDistribution/type",
            "lognormal",
        ),
        ({"response": {"fixedDelayMilliseconds": -1}}, "/response/fixedDelayMilliseconds", "expected 0 to"),
        (
            {"response": {"body": "{{#if x}}", "transformers": ["response-template"]}},
            "/response/body",
            "never closed",
        ),
        ({"response": {"proxyBaseUrl": "http://example.com"}}, "/response/proxyBaseUrl", "this machine only"),
        (
            {"response": {"proxyBaseUrl": "http://169.254.169.254"}},
            "/response/proxyBaseUrl",
            "this machine only",
        ),
        ({"requiredScenarioState": "x"}, "/requiredScenarioState", "Scenario name must be specified"),
        ({"priority": 0}, "/priority", "1 (looked at first)"),
        ({"id": "mine"}, "/id", "no UUID"),
        (
            {"request": {"bodyPatterns": [{"matchesXPath": "//a", "xPathNamespaces": ["x"]}]}},
            "/request/bodyPatterns/0/xPathNamespaces",
            "expected an object",
        ),
        (
            {"request": {"headers": {"x": {"before": "now +999999999 days"}}}},
            "/request/headers/x/before",
            "the years are 1 to 9999",
        ),
        ([], "", "expected an object"),
    ],
)
def test_what_cannot_be_read(mock: InProcess, made: Any, pointer: str, said: str):
    """A stub with a mistake in it is refused as WireMock refuses it, and nothing is added."""
    answer = mock.post("/__admin/mappings", json=made)
    assert answer.status == 422
    (error,) = answer.json()["errors"]
    assert error.get("source", {}).get("pointer", "") == pointer
    assert said in error["detail"]
    assert mock.get("/__admin/mappings").json()["meta"]["total"] == 0


class TestAdmin:
    def test_import(self, mock: InProcess):
        """Many at once, all or none; of two with one id the policy decides."""
        known = stub(mock, {"urlPath": "/a"}, {"body": "old"})
        stub(mock, {"urlPath": "/gone"}, {"body": "gone"})
        wanted = {
            "mappings": [
                {"id": known["id"], "request": {"urlPath": "/a"}, "response": {"body": "new"}},
                {"request": {"urlPath": "/b"}, "response": {"body": "b"}},
            ],
            "importOptions": {"duplicatePolicy": "IGNORE", "deleteAllNotInImport": True},
        }
        assert mock.post("/__admin/mappings/import", json=wanted).status == 200
        assert [mock.get(path).text for path in ("/a", "/b")] == ["old", "b"]
        assert mock.get("/gone").status == 404
        good, bad = {"request": {"urlPath": "/c"}}, {"request": {"urlPat": "/d"}}
        for both in ([good, bad], [bad, good]):
            wanted["mappings"] = both
            assert mock.post("/__admin/mappings/import", json=wanted).status == 422
            assert mock.get("/c").status == 404
        assert mock.get("/a").text == "old"

    def test_a_request_to_be_held_against_stubs(self, mock: InProcess):
        """Its client is the one that it names; a URL that is none is told where it stands."""
        stub(mock, {"urlPath": "/a", "clientIp": {"equalTo": "1.2.3.4"}}, {})
        asked = {"url": "/a", "method": "GET", "clientIp": "1.2.3.4"}
        (miss,) = mock.post("/__admin/near-misses/request", json=asked).json()["nearMisses"]
        assert miss["matchResult"]["distance"] == 0
        answer = mock.post("/__admin/near-misses/request", json={"url": "http://["})
        (error,) = answer.json()["errors"]
        assert (answer.status, error["source"]["pointer"]) == (422, "/url")

    def test_pages_and_unused(self, mock: InProcess):
        """A long list comes in pages; stubs that nobody asked for can be found."""
        for name in "abc":
            stub(mock, {"urlPath": f"/{name}"}, {}, name=name)
        mock.get("/b")
        page = mock.get("/__admin/mappings?limit=1&offset=1").json()
        assert ([each["name"] for each in page["mappings"]], page["meta"]) == (["b"], {"total": 3})
        unused = mock.get("/__admin/mappings/unmatched").json()["mappings"]
        assert [each["name"] for each in unused] == ["c", "a"]
        assert mock.get("/__admin/mappings?limit=x").status == 400

    def test_journal_by_stub_and_metadata(self, mock: InProcess):
        """A test finds, and forgets, what its own stubs have answered."""
        mine = stub(mock, {"urlPath": "/mine"}, {}, metadata={"tags": ["test-57"]})
        stub(mock, {"urlPath": "/other"}, {})
        mock.get("/mine")
        mock.get("/other")
        found = mock.get(f"/__admin/requests?matchingStub={mine['id']}").json()["requests"]
        assert [each["request"]["url"] for each in found] == ["/mine"]
        wanted = {"matchesJsonPath": {"expression": "$.tags[0]", "equalTo": "test-57"}}
        removed = mock.post("/__admin/requests/remove-by-metadata", json=wanted).json()["serveEvents"]
        assert [each["request"]["url"] for each in removed] == ["/mine"]
        left = mock.get("/__admin/requests").json()["requests"]
        assert [each["request"]["url"] for each in left] == ["/other"]
        removed = mock.post("/__admin/requests/remove", json={"urlPath": "/other"}).json()["serveEvents"]
        assert len(removed) == 1
        assert mock.post("/__admin/requests/count", json={}).json()["count"] == 0

    def test_a_state_that_a_scenario_has_not(self, mock: InProcess):
        """A typing error must not put a scenario where nothing answers any more."""
        stub(mock, {"urlPath": "/a"}, {}, scenarioName="s", requiredScenarioState="Paid")
        assert mock.put("/__admin/scenarios/s/state", json={"state": "Payd"}).status == 422
        assert mock.put("/__admin/scenarios/t/state", json={"state": "Paid"}).status == 404
        assert mock.get("/a").status == 404
        assert mock.put("/__admin/scenarios/s/state", json={"state": "Paid"}).status == 200
        assert mock.get("/a").status == 200
        mock.put("/__admin/scenarios/s/state")
        assert mock.get("/a").status == 404


class TestFolder:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder in WireMock's layout."""
        (tmp_path / "mappings").mkdir()
        (tmp_path / "__files" / "sub").mkdir(parents=True)
        (tmp_path / "__files" / "sub" / "a.json").write_text('{"path":"{{request.path}}"}')
        (tmp_path / "secret.txt").write_text("secret")
        several = {
            "mappings": [
                {
                    "request": {"urlPathPattern": "/file/.*"},
                    "response": {
                        "bodyFileName": "sub/{{request.pathSegments.[1]}}.json",
                        "transformers": ["response-template"],
                    },
                },
                {"request": {"urlPath": "/climbs"}, "response": {"bodyFileName": "../secret.txt"}},
            ]
        }
        (tmp_path / "mappings" / "several.json").write_text(json.dumps(several))
        return tmp_path

    def test_load_save_reset(self, folder: Path, in_process: Callable[..., InProcess]):
        """WireMock's folder works as it is; what is saved is there after a restart, and after a reset."""
        mock = in_process("trackbot", stubs=folder)
        assert mock.get("/file/a").json() == {"path": "/file/a"}
        stub(mock, {"urlPath": "/kept"}, {"body": "kept"}, persistent=True, name="I am kept")
        stub(mock, {"urlPath": "/gone"}, {"body": "gone"})
        assert [path.name for path in (folder / "mappings").iterdir() if path.name.startswith("i-am-kept-")]
        mock.post("/__admin/reset")
        assert (mock.get("/kept").text, mock.get("/gone").status) == ("kept", 404)
        stub(mock, {"urlPath": "/later"}, {"body": "later"})
        mock.post("/__admin/mappings/save")
        again = in_process("trackbot", stubs=folder)
        assert again.get("/later").text == "later"
        (found,) = [each for each in again.get("/__admin/mappings").json()["mappings"] if each.get("name")]
        again.delete(f"/__admin/mappings/{found['id']}")
        assert again.post("/__admin/mappings/reset").status == 200
        assert again.get("/kept").status == 404

    def test_beside_what_was_kept(self, folder: Path, in_process: Callable[..., InProcess]):
        """A restart with a kept state finds the folder's stubs once, and those that were added."""
        mock = in_process("trackbot", stubs=folder)
        before = mock.get("/__admin/mappings").json()
        stub(mock, {"urlPath": "/added"}, {"body": "added"})
        host = mock.app.host
        host.stubs.begin(host.sessions.default)
        assert mock.get("/added").text == "added"
        after = mock.get("/__admin/mappings").json()
        assert after["mappings"][1:] == before["mappings"]
        assert after["meta"]["total"] == 3

    def test_no_name_leads_out(self, folder: Path, in_process: Callable[..., InProcess]):
        """A stub comes over HTTP: it must not read or write what is not its own."""
        mock = in_process("trackbot", stubs=folder)
        assert b"secret" not in mock.get("/climbs").body.replace(b"secret.txt", b"")
        assert mock.get("/climbs").status == 500
        assert mock.put("/__admin/files/..%2Fevil.txt", body=b"x").status in (404, 422)
        assert not (folder / "evil.txt").exists()
        assert mock.put("/__admin/files/new/b.txt", body=b"x").status == 200
        assert mock.get("/__admin/files").json() == ["new/b.txt", "sub/a.json"]
        assert mock.delete("/__admin/files/new/b.txt").status == 200

    def test_without_a_folder(self, mock: InProcess):
        """Who saves where nothing can be written is told what to start with."""
        answer = mock.post("/__admin/mappings/save")
        assert answer.status == 409
        assert "--stubs DIR" in answer.json()["detail"]

    def test_a_file_that_cannot_be_read(self, folder: Path, in_process: Callable[..., InProcess]):
        """The start says which file, where in it, and why."""
        (folder / "mappings" / "wrong.json").write_text('{"request": {"urlPat": "/x"}}')
        with pytest.raises(UsageError, match=r"wrong\.json: /request/urlPat: .*Did you mean 'urlPath'"):
            in_process("trackbot", stubs=folder)
        with pytest.raises(UsageError, match="there is no such folder"):
            in_process("trackbot", stubs=folder / "nowhere")


class TestOnTheWire:
    """What only a socket shows."""

    @pytest.fixture
    def server(self, serve: Callable[..., Server]) -> Server:
        """A process of its own."""
        return serve("trackbot")

    def test_faults_dribble_and_reason(self, server: Server):
        """A raw socket sees WireMock's four faults, the pieces of a dribble, and the reason as it was put."""
        for fault in (
            *("EMPTY_RESPONSE", "MALFORMED_RESPONSE_CHUNK"),
            *("RANDOM_DATA_THEN_CLOSE", "CONNECTION_RESET_BY_PEER"),
        ):
            stub(server, {"urlPath": f"/{fault}"}, {"fault": fault, "body": "hello"})
        dribble = {"numberOfChunks": 5, "totalDuration": 50}
        stub(server, {"urlPath": "/dribble"}, {"body": "Hello world!", "chunkedDribbleDelay": dribble})
        stub(server, {"urlPath": "/reason"}, {"status": 200, "statusMessage": "Just fine\r\nX: 1"})

        assert ask(server, "/EMPTY_RESPONSE") == b""
        malformed = ask(server, "/MALFORMED_RESPONSE_CHUNK")
        assert malformed.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"not-a-chunk" in malformed
        garbage = ask(server, "/RANDOM_DATA_THEN_CLOSE")
        assert garbage
        assert not garbage.startswith(b"HTTP/")
        with connect(server) as client:
            client.sendall(b"GET /CONNECTION_RESET_BY_PEER HTTP/1.1\r\nHost: x\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        assert ask(server, "/dribble").endswith(b"Hello world!")
        head = ask(server, "/reason").split(b"\r\n")
        assert head[0] == b"HTTP/1.1 200 Just fine X: 1"
        assert b"X: 1" not in head[1:]

    def test_another_server_answers(self, server: Server, other: str):
        """A stub passes a request on to a server on this machine; the contract is held there as well."""
        stub(
            server,
            {"urlPathPattern": "/api/.*"},
            {
                "proxyBaseUrl": other,
                "additionalProxyRequestHeaders": {"X-Added": "{{request.method}}"},
                "transformers": ["response-template"],
                "proxyUrlPrefixToRemove": "/api",
            },
        )
        answer = server.get(LINK, headers={"X-Mine": "1"})
        assert answer.json() == {"path": "/camp/link.json?id=12", "added": "GET", "mine": "1"}
        assert answer.headers["Mock-Source"] == "proxy"
        assert int(answer.headers["Mock-Violations"]) > 0
        assert last(server)["id"] == answer.headers["Mock-Id"]

    def test_a_name_below_localhost_is_this_machine(self, server: Server, other: str):
        """No name server is asked what it is, so none can send the request elsewhere (RFC 6761, 6.3)."""
        there = other.replace("127.0.0.1", "no-such.name.localhost")
        stub(server, {"urlPath": "/camp/x"}, {"proxyBaseUrl": there})
        assert server.get("/camp/x").json()["path"] == "/camp/x"

    def test_a_circle_is_noticed(self, server: Server):
        """A stub that passes on to this very server would do so for ever; removing fields is no way out."""
        without = {"proxyBaseUrl": server.url, "removeProxyRequestHeaders": ["Via"]}
        for path, response in (("/c", {"proxyBaseUrl": server.url}), ("/d", without)):
            stub(server, {"urlPath": path}, response)
            answer = server.get(path)
            assert answer.status == 508
            assert server.url in answer.json()["detail"]

    def test_nobody_answers_there(self, server: Server):
        """The mock speaks for itself, and says which address."""
        stub(server, {"urlPath": "/p"}, {"proxyBaseUrl": "http://127.0.0.1:9"})
        answer = server.get("/p")
        assert answer.status == 502
        assert answer.headers["Mock-Source"] == "mock"
        assert "127.0.0.1:9" in answer.json()["detail"]


@pytest.fixture
def other() -> Iterator[str]:
    """A server that says what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with what came."""
            said = {"path": self.path, "added": self.headers["X-Added"], "mine": self.headers["X-Mine"]}
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def connect(server: Server) -> Any:
    import socket
    from urllib.parse import urlsplit

    return socket.create_connection(("127.0.0.1", urlsplit(server.url).port or 0), 10)


def ask(server: Server, target: str) -> bytes:
    """Return all that comes for one request until the server closes."""
    with connect(server) as client:
        client.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return read_all(client)
