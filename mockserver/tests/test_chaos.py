from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.server.app import create_app
from mockserver.server.faults import FAULTS, GARBAGE
from mockserver.tests.client import InProcess, Server
from mockserver.tests.lending import lending
from mockserver.tests.stand_in import read_all, read_answer
from mockserver.tests.test_admin_worlds import ACCOUNT, A, detail
from mockserver.tests.test_cli import run
from mockserver.tests.things import things

THING = "/things/things/7"


@pytest.fixture
def client(tmp_path: Path) -> InProcess:
    """The lending API, which has rules, and things, of which everything is inferred."""
    lending(tmp_path)
    return InProcess(create_app(str(tmp_path / "lending"), things(tmp_path)), ACCOUNT)


class TestArmed:
    def test_for_the_next_request(self, client: InProcess) -> None:
        """The client under test cannot send Prefer: somebody else says it, once."""
        made = client.post("/__admin/faults", json={"operationId": "readThing", "code": "404", "times": 1})
        assert made.status == 201
        assert client.get("/things/things").status == 200
        assert client.get(THING).status == 404
        assert client.get(THING).status == 200
        assert client.get("/__admin/faults").json() == {"faults": []}

    def test_for_some_and_for_all(self, client: InProcess) -> None:
        """By pattern, method, API or path; in the order in which they were armed, the first counts."""
        client.post("/__admin/faults", json={"operationId": "read*", "fault": "503", "times": 2})
        ident = client.post("/__admin/faults", json={"path": "/things/*", "fault": "429"}).json()["id"]
        client.post("/__admin/faults", json={"api": "lending", "method": "GET", "fault": "503"})
        assert [client.get(THING).status for _ in range(4)] == [503, 503, 429, 429]
        assert client.get("/lending/books/bk_dune").status == 503
        assert client.get(f"/__admin/faults/{ident}").json()["used"] == 2
        assert client.delete(f"/__admin/faults/{ident}").status == 200
        assert client.get(THING).status == 200
        client.post("/__admin/reset")
        assert client.get("/lending/books/bk_dune").status == 200

    def test_in_one_session_and_not_in_its_forks(self, client: InProcess) -> None:
        """What is armed for the next request must not go off in somebody else's test."""
        client.post("/__admin/faults", json={"fault": "503"}, **A)
        assert client.get(THING).status == 200
        assert client.get(THING, **A).status == 503
        client.post("/__admin/faults", json={"fault": "503"})
        assert client.get(THING, headers={"Mock-Session": "b"}).status == 200

    def test_where_no_contract_is(self, client: InProcess) -> None:
        """A path that nobody documents can be slow and broken as well; nothing has happened there."""
        client.post("/__admin/faults", json={"path": "/elsewhere", "fault": "503"})
        assert client.get("/elsewhere").status == 503

    def test_the_request_itself_wins(self, client: InProcess) -> None:
        """Who does say what they prefer gets it; the rest of what is armed comes with it."""
        client.post("/__admin/faults", json={"operationId": "readThing", "code": "404"})
        assert client.get(THING, headers={"Prefer": "code=200"}).status == 200

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"operationId": "readThin", "fault": "reset"}, "Did you mean 'readThing'?"),
            ({"path": "/things/{thing}", "fault": "reset"}, "Did you mean '/things/{thingId}'?"),
            ({"api": "lendin", "fault": "reset"}, "Did you mean 'lending'?"),
            ({"fualt": "reset"}, "Did you mean 'fault'?"),
            ({"fault": "rset"}, "expected one of reset, empty"),
            ({"fault": "rset"}, "Did you mean 'reset'?"),
            ({"fault": None}, "fault: a text or a whole number is expected, found null"),
            ({"prefer": 1}, "prefer: a text as of the Prefer field is expected, found 1"),
            ({"method": "GTE", "fault": "reset"}, "Did you mean 'GET'?"),
            ({"prefer": "fautl=reset"}, "Did you mean 'fault'?"),
            ({"fault": "reset", "times": 0}, "1 or more"),
            ({"fault": "reset", "times": True}, "found true"),
            ({"path": "things", "fault": "reset"}, "does not begin with '/'"),
            ({"operationId": "readThing"}, "What to do is expected"),
            ({"rateLimit": {"requests": 0}}, "1 request or more"),
            ({"rateLimit": {"request": 5}}, "Did you mean 'requests'?"),
        ],
    )
    def test_what_cannot_be_armed(self, client: InProcess, body: Any, said: str) -> None:
        """A fault that never goes off makes a green test worth nothing."""
        assert said in detail(client.post("/__admin/faults", json=body), 400)

    def test_a_name_with_a_comma(self, client: InProcess) -> None:
        """What is armed is one preference, and not the first half of one and another."""
        made = client.post("/__admin/faults", json={"example": 'a, fault=reset; "b"'}).json()
        assert made["prefer"] == 'example="a, fault=reset; \\"b\\""'
        assert "no example 'a, fault=reset; \"b\"'" in detail(client.get(THING), 404)


class TestOfAnswers:
    def test_statuses(self, client: InProcess) -> None:
        """503 and 429 come with Retry-After, as documented where they are; nothing has happened."""
        for status in (503, 429):
            answer = client.post("/things/things", json={"name": "x"}, headers={"Prefer": f"fault={status}"})
            assert (answer.status, answer.headers["Retry-After"]) == (status, "1")
            assert answer.headers["Preference-Applied"] == f"fault={status}"
        assert client.get("/__admin/state/things").json() == {"/things": 0}

    def test_the_wrong_media_type(self, client: InProcess) -> None:
        """The body is what it was; only its name is wrong, once."""
        right = client.get(THING)
        wrong = client.get(THING, headers={"Prefer": "fault=media"})
        assert wrong.body == right.body
        assert wrong.headers["Content-Type"].startswith("text/html")
        assert client.get(THING).headers["Content-Type"] == "application/json"

    def test_a_fault_that_wsgi_cannot_show(self, client: InProcess) -> None:
        """It is said, and not answered as if nothing were wrong."""
        for fault in sorted(FAULTS.keys() - {"drip"}):
            answer = client.get(THING, headers={"Prefer": f"fault={fault}"})
            assert answer.status == 501
            assert fault in answer.json()["detail"]


class TestRateLimit:
    def test_a_token_bucket_on_the_sessions_clock(self, client: InProcess) -> None:
        """As many at once as the bucket holds; then Retry-After is true to the second."""
        client.post("/__admin/clock/freeze")
        client.post("/__admin/faults", json={"api": "things", "rateLimit": {"requests": 2, "seconds": 60}})
        assert [client.get(THING).status for _ in range(2)] == [200, 200]
        refused = client.get(THING)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "30")
        client.post("/__admin/clock/advance", json=29)
        assert client.get(THING).headers["Retry-After"] == "1"
        client.post("/__admin/clock/advance", json=1)
        assert client.get(THING).status == 200
        client.post("/__admin/clock/advance", json="1h")
        assert [client.get(THING).status for _ in range(3)] == [200, 200, 429]
        assert client.get(THING, **A).status == 200


def statuses(client: InProcess, count: int, **options: Any) -> list[int]:
    return [client.get(THING, **options).status for _ in range(count)]


PROFILE = {"seed": 7, "rules": [{"operations": ["read*"], "errors": [{"rate": 0.3, "status": 503}]}]}


class TestProfile:
    def test_the_same_from_the_same_seed(self, client: InProcess) -> None:
        """A run that went wrong goes wrong again, in another session too, but not by another seed."""
        client.put("/__admin/chaos", json=PROFILE)
        first = statuses(client, 60)
        assert 6 < first.count(503) < 36
        assert statuses(client, 60, **A) == first
        client.post("/__admin/reset")
        assert statuses(client, 60) == [200] * 60
        client.put("/__admin/chaos", json={**PROFILE, "seed": 8})
        client.delete("/__admin/requests")
        assert statuses(client, 60) != first

    def test_the_journal_says_what_was_drawn(self, client: InProcess) -> None:
        """Else a ticket would say "sometimes"."""
        client.put("/__admin/chaos", json={"rules": [{"errors": [{"rate": 1, "status": 500}]}]})
        assert client.get(THING).status == 500
        notes = client.get("/__admin/requests").json()["requests"][0]["mock"]["notes"]
        assert "chaos: rule 1, seed 1, request 1: status 500" in notes

    def test_the_first_rule_that_fits(self, client: InProcess) -> None:
        """Exceptions stand above the rule; an operation without one is left alone."""
        always = [{"rate": 1, "status": 500}]
        rules = [{"paths": ["/things/{thingId}"]}, {"methods": ["GET"], "errors": always}]
        client.put("/__admin/chaos", json={"rules": rules})
        assert client.get(THING).status == 200
        assert client.get("/things/things").status == 500
        client.delete("/__admin/chaos")
        assert client.get("/things/things").status == 200

    @pytest.mark.parametrize(
        ("latency", "least", "most"),
        [
            ({"fixed": 120}, 120, 120),
            ({"uniform": {"from": 50, "to": 90}}, 50, 90),
            ({"lognormal": {"median": 80, "sigma": 0.4, "at-most": 200}}, 1, 200),
        ],
    )
    def test_latencies(
        self,
        client: InProcess,
        monkeypatch: pytest.MonkeyPatch,
        latency: Any,
        least: int,
        most: int,
    ) -> None:
        """Drawn from the distribution that is named, within its bounds; the wire waits so long."""
        waited: list[float] = []
        monkeypatch.setattr(time, "sleep", waited.append)
        client.put("/__admin/chaos", json={"rules": [{"latency": latency}]})
        statuses(client, 40)
        assert len(waited) == 40
        assert all(least <= round(seconds * 1000, 3) <= most for seconds in waited)
        assert (len(set(waited)) == 1) is (least == most)
        if "lognormal" in latency:
            assert 60 < sorted(waited)[20] * 1000 < 110

    @pytest.mark.parametrize(
        ("profile", "said"),
        [
            ({"ruels": []}, "rules"),
            ({"rules": [{"operation": ["a"]}]}, "Did you mean 'operations'?"),
            ({"rules": [{"operations": ["raedThing"]}]}, "Did you mean 'readThing'?"),
            ({"rules": [{"errors": [{"rate": 2, "status": 500}]}]}, "2"),
            (
                {"rules": [{"errors": [{"rate": 0.6, "status": 500}, {"rate": 0.6, "fault": "reset"}]}]},
                "more than 1",
            ),
            ({"rules": [{"latency": {"uniform": {"from": 9, "to": 1}}}]}, "below"),
            (None, "object"),
        ],
    )
    def test_what_is_no_profile(self, client: InProcess, profile: Any, said: str) -> None:
        """What is wrong is named with its place, and the profile that held goes on."""
        client.put("/__admin/chaos", json=PROFILE)
        assert said in detail(client.put("/__admin/chaos", json=profile), 400)
        assert client.get("/__admin/chaos").json() == PROFILE

    def test_a_file_that_cannot_be_used(self, tmp_path: Path) -> None:
        """Exit 2, one line, with the line of the file."""
        file = tmp_path / "chaos.yaml"
        file.write_text("seed: 1\nrules:\n  - operations: [readThin]\n")
        said = run("serve", things(tmp_path), "--port", "0", "--chaos", str(file))
        assert said.returncode == 2
        assert "chaos.yaml:3" in said.stderr
        assert "Did you mean 'readThing'?" in said.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a profile, in a process of its own."""
    folder = tmp_path_factory.mktemp("chaos")
    (folder / "chaos.yaml").write_text("rules: [{operations: [ping], errors: [{rate: 1, fault: reset}]}]\n")
    server = Server(things(folder), "--chaos", str(folder / "chaos.yaml"))
    yield server
    server.close()


class TestOnTheWire:
    def ask(self, server: Server, path: str = "/things/7") -> tuple[bytes, bytes]:
        """Head and body of an answer."""
        with self.connected(server, path) as raw:
            return read_answer(raw)

    def connected(self, server: Server, path: str = "/things/7") -> socket.socket:
        """A socket on which that was asked."""
        address = urlsplit(server.url)
        raw = socket.create_connection((address.hostname or "", address.port or 0), 10)
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        return raw

    def arm(self, server: Server, fault: str) -> None:
        """Arm *fault* for the next request."""
        body = {"operationId": "readThing", "fault": fault, "times": 1}
        assert server.post("/__admin/faults", json=body).status == 201

    def test_by_profile(self, server: Server) -> None:
        """A raw socket sees the RST that was drawn."""
        with self.connected(server, "/ping") as raw, pytest.raises(ConnectionResetError):
            read_all(raw)

    def test_reset(self, server: Server) -> None:
        """RST in place of an answer, for the one request that it was armed for."""
        self.arm(server, "reset")
        with self.connected(server) as raw, pytest.raises(ConnectionResetError):
            read_all(raw)
        assert self.ask(server)[0].startswith(b"HTTP/1.1 200")

    @pytest.mark.parametrize(
        ("fault", "begins"),
        [
            ("empty", b""),
            ("garbage", GARBAGE),
            ("malformed", b"HTTP/1.1 200"),
            ("truncated", b"HTTP/1.1 200"),
        ],
        ids=["empty", "garbage", "malformed", "truncated"],
    )
    def test_what_is_no_answer(self, server: Server, fault: str, begins: bytes) -> None:
        """Each of them ends the connection; what comes before is what a broken peer sends."""
        self.arm(server, fault)
        with self.connected(server) as raw:
            said = read_all(raw)
        assert said.startswith(begins)
        if fault in ("malformed", "truncated"):
            head, _, rest = said.partition(b"\r\n\r\n")
            whole = self.ask(server)[1]
            assert (b"chunked" in head) is (fault == "malformed")
            assert (whole in rest) is (fault == "malformed")

    def test_the_wrong_length(self, server: Server) -> None:
        """Half is announced, all is sent: what is left over spoils the connection."""
        self.arm(server, "length")
        whole = self.ask(server)[1]  # as much as is announced
        assert len(self.ask(server)[1]) // 2 == len(whole)

    def test_never_ending(self, server: Server) -> None:
        """After the body, more and more; the client has to give up."""
        self.arm(server, "endless")
        with self.connected(server) as raw:
            said = b""
            while said.count(b"1\r\n \r\n") < 3:
                piece = raw.recv(4096)
                assert piece
                said += piece
        assert self.ask(server)[0].startswith(b"HTTP/1.1 200")


def test_refused_by_name(client: InProcess) -> None:
    """A name of no fault is told with those that there are."""
    answer = client.get(THING, headers={"Prefer": "fault=rset"})
    assert answer.status == 400
    assert "media, 429, 503" in answer.json()["detail"]
